"""Time in claims: what a row of evidence is about, and how far two dates lie apart."""

from __future__ import annotations

from typing import Final

from twofront.figures.period import Period, UnknownPeriod, period_of

__all__ = ["overlap", "span_of", "years_between"]

DAYS_PER_YEAR: Final = 365.25


def span_of(text: str) -> Period | None:
    """Return the period that a text names; None where it names none (a row's own fault is told elsewhere)."""
    try:
        return period_of(text)
    except UnknownPeriod:
        return None


def overlap(a: Period | None, b: Period | None) -> bool:
    """Whether two periods share a day; what names no time is taken to."""
    return a is None or b is None or a.shared(b) > 0


def years_between(start: str, end: str) -> float:
    """Return the years between the middles of two dates, 0 where one is none."""
    first, last = span_of(start), span_of(end)
    if first is None or last is None:
        return 0.0
    return (last.start.toordinal() + last.end.toordinal() - first.start.toordinal() - first.end.toordinal()) / (
        2 * DAYS_PER_YEAR
    )
