"""Readings by date: those of a policy, and from a switch on those of what it has turned to."""

from __future__ import annotations

from twofront.engine.ops import Number, number, where
from twofront.readings import Readings

__all__ = ["Dated"]


class Dated:
    """``reads(date)`` are the readings at the decision date of that number; ``switch``: the first date of ``later``."""

    def __init__(self, first: Readings, later: Readings | None = None, switch: Number = 0.0) -> None:
        self._first, self._later, self._switch = first, later, switch

    def __call__(self, date: int) -> Readings:
        if self._later is None:
            return self._first
        switched = number(date) >= self._switch
        changed = {key: where(switched, then, now) for key, now, then in self._first.changes(self._later)}
        return self._first.replaced(changed)
