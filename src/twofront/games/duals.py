"""Numbers that carry their derivatives: value and partial derivatives by direction, over engine numbers.

Forward differentiation (Clifford 1873; Wengert 1964). Directions with no derivative are absent rather than zero, so
that the graph a tracer builds holds only the work that is needed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

__all__ = ["Dual", "constant", "parts_of", "value_of"]


@dataclass(frozen=True, slots=True)
class Dual:
    """A value and its partial derivatives."""

    value: Any
    parts: Mapping[int, Any]

    def __add__(self, other: Any) -> Dual:
        if not isinstance(other, Dual):
            return Dual(self.value + other, self.parts)
        parts = dict(self.parts)
        for place, part in other.parts.items():
            parts[place] = parts[place] + part if place in parts else part
        return Dual(self.value + other.value, parts)

    __radd__ = __add__

    def __neg__(self) -> Dual:
        return Dual(-self.value, {place: -part for place, part in self.parts.items()})

    def __sub__(self, other: Any) -> Dual:
        if not isinstance(other, Dual):
            return Dual(self.value - other, self.parts)
        parts = dict(self.parts)
        for place, part in other.parts.items():
            parts[place] = parts[place] - part if place in parts else -part
        return Dual(self.value - other.value, parts)

    def __mul__(self, other: Any) -> Dual:
        if not isinstance(other, Dual):
            return Dual(self.value * other, {place: part * other for place, part in self.parts.items()})
        parts = {place: part * other.value for place, part in self.parts.items()}
        for place, part in other.parts.items():
            scaled = self.value * part
            parts[place] = parts[place] + scaled if place in parts else scaled
        return Dual(self.value * other.value, parts)

    __rmul__ = __mul__


def constant(value: Any) -> Dual:
    """A value that nothing moves."""
    return Dual(value, {})


def value_of(number: Any) -> Any:
    """The value of a number, dual or not."""
    return number.value if isinstance(number, Dual) else number


def parts_of(number: Any) -> Mapping[int, Any]:
    """The derivatives of a number, dual or not."""
    return number.parts if isinstance(number, Dual) else {}
