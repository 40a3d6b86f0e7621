"""What the model reads: a number for every quantity, for everybody it concerns.

Numbers are of any kind (see `twofront.engine.ops`): floats, arrays over futures, or tracer values. The model
packages know only this and the shape of the `World`; where the numbers came from is the business of others.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from twofront.engine.ops import Number
from twofront.quantities import quantity

__all__ = ["Readings"]


class Readings:
    """Numbers by quantity and axes; ``readings("shelf_life", "shell")``.

    A quantity that a case leaves out stands for the absence of a thing and reads as its ``absent`` value.
    """

    __slots__ = ("_values",)

    def __init__(self, values: Mapping[tuple[str, ...], Number]) -> None:
        self._values = dict(values)

    def __call__(self, name: str, *axes: str) -> Number:
        """Return the number; ``KeyError`` if the case must give it and does not."""
        value = self._values.get((name, *axes))
        if value is not None:
            return value
        absent = quantity(name).absent
        if absent is None:
            raise KeyError((name, *axes))
        return absent

    def has(self, name: str, *axes: str) -> bool:
        """Whether the case gives a number, so that the thing exists at all."""
        return (name, *axes) in self._values

    def replaced(self, values: Mapping[tuple[str, ...], Number]) -> Readings:
        """Return readings in which ``values`` take the place of what stood there."""
        return Readings({**self._values, **values})

    def changes(self, other: Readings) -> Iterator[tuple[tuple[str, ...], Number, Number]]:
        """Name what both hold and what differs between them, with both numbers."""
        for key, value in self._values.items():
            then = other._values.get(key)
            if then is not None and then is not value:
                yield key, value, then

    def differs(self, other: Readings, name: str, *axes: str) -> bool:
        """Whether the two readings hold different numbers (different objects, not different values)."""
        key = (name, *axes)
        return self._values.get(key) is not other._values.get(key)
