"""A row of evidence: one sourced figure, in the unit of its source."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

__all__ = ["GRADES", "At", "Evidence", "at", "central_of"]

At = Literal["low", "central", "high"]

GRADES: Final = ("A", "B", "C", "D")
"""A counted, B reported, C inferred, D guessed or found in a weak carrier only."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """One sourced figure, in the unit of its source."""

    id: str
    entity: str
    quantity: str
    low: float | None
    central: float | None
    high: float | None
    unit: str
    period: str
    source: str
    url: str
    published: str
    grade: str
    note: str
    line: int
    """Line of ``evidence.csv``."""


def central_of(row: Evidence) -> float | None:
    """Return what a row says in one number: its central value, else the middle of its ends, else its only end.

    ``None`` for a row without numbers.
    """
    if row.central is not None:
        return row.central
    ends = [end for end in (row.low, row.high) if end is not None]
    return sum(ends) / len(ends) if ends else None


def at(row: Evidence, where: At) -> float | None:
    """Return a row's low or high end, or what it says in one number where it has no such end."""
    end = row.low if where == "low" else row.high if where == "high" else None
    return central_of(row) if end is None else end
