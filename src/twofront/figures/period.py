"""When a figure holds: the grammar of the ``period`` of evidence, and days of publication.

``2024`` · ``2025-07`` · ``2025-07-05`` · ``FY2026`` · two of them with ``/`` between: ``2023/2025``,
``2025-04/2026-03`` · nothing: the figure holds at no time in particular.
"""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from typing import Final

__all__ = ["PERIODS", "Period", "UnknownPeriod", "day_of", "period_of"]

PERIODS: Final = "2024, 2025-07, 2025-07-05, FY2026 (October 2025 to September 2026), or two of them as 2023/2025"
"""What a period may be, in words for messages."""

_DAY: Final = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?\Z")
_FISCAL: Final = re.compile(r"FY(\d{4})\Z")
FISCAL_START: Final = 10
"""Month in which the United States' financial year begins, in the calendar year before. Other countries' financial
years differ, and are written as months."""


class UnknownPeriod(ValueError):
    """A text that is no period of the grammar."""

    def __init__(self, found: str) -> None:
        self.found = found
        super().__init__(f"`{found}` is not a period")


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """A stretch of time, its first and its last day included."""

    start: date
    end: date

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.end - self.start).days + 1

    def shared(self, other: Period) -> int:
        """How many days two periods have in common."""
        return max(0, (min(self.end, other.end) - max(self.start, other.start)).days + 1)

    def __str__(self) -> str:
        return f"{self.start} to {self.end}"


def period_of(text: str) -> Period | None:
    """Read a period; ``None`` for an empty text. Raises `UnknownPeriod`.

    >>> str(period_of("2024"))
    '2024-01-01 to 2024-12-31'
    >>> str(period_of("2024-11/2025-02"))
    '2024-11-01 to 2025-02-28'
    >>> str(period_of("FY2026"))
    '2025-10-01 to 2026-09-30'
    """
    if not text:
        return None
    first, slash, last = text.partition("/")
    start, end = _part(first, text), _part(last if slash else first, text)
    if end.end < start.start:
        raise UnknownPeriod(text)
    return Period(start.start, end.end)


def day_of(published: str) -> date:
    """Return the day by which something dated ``YYYY``, ``YYYY-MM`` or ``YYYY-MM-DD`` was public: the last it can be.

    Raises `UnknownPeriod`.
    """
    return _part(published, published).end


def _part(text: str, whole: str) -> Period:
    fiscal = _FISCAL.match(text)
    try:
        if fiscal:
            year = int(fiscal[1])
            return Period(date(year - 1, FISCAL_START, 1), date(year, FISCAL_START - 1, 30))
        match = _DAY.match(text)
        if match:
            year, month, day = (int(part) if part else 0 for part in match.groups())
            if not month:
                return Period(date(year, 1, 1), date(year, 12, 31))
            if not day:
                return Period(date(year, month, 1), date(year, month, monthrange(year, month)[1]))
            return Period(date(year, month, day), date(year, month, day))
    except ValueError:
        pass
    raise UnknownPeriod(whole)
