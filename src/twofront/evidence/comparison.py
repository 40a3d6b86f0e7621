"""Where two figures contradict each other, by rule.

Two rows *conflict* if they speak of the same entity and quantity by the same definition, their periods share a day (a
row without a period holds at any time), they measure the same in the same prices, and their intervals lie apart by more
than rounding. Where the definition or the price basis differs, they are *not comparable*: that is listed apart, and is
no conflict.

*Interval.* From ``low`` to ``high``; a central value alone is a point; ``low`` alone means "at least", ``high`` alone
"at most".

*Rounding.* A figure may be off by half a unit of the last digit that is written: 7.5 stands for 7.45 to 7.55, 954000
for 953500 to 954500. Zeros at the end of a whole number count as rounding, but two digits are always taken as meant:
3000000 stands for 2950000 to 3050000, and 2 for 1.95 to 2.05. Intervals that touch do not conflict.
"""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from twofront.figures import Amount, Evidence, ExpressionError, amount_of, central_of, words_of
from twofront.figures.period import Period, period_of

__all__ = ["Conflict", "Measured", "NotComparable", "compare", "half_digit", "measured", "subject_of"]

LEAST_DIGITS: Final = 2
"""Digits of a figure that are always taken as meant."""
_DEFINITION: Final = re.compile(r",\s*(?:SIPRI|NATO 2014|NATO 2026|IISS|national) definition\s*\Z")


def subject_of(quantity: str) -> str:
    """Return a quantity without whose definition it follows: what two sources may both speak of.

    >>> subject_of("defence spending, share of GDP, SIPRI definition")
    'defence spending, share of GDP'
    """
    return _DEFINITION.sub("", quantity)


def half_digit(value: float) -> float:
    """Return half a unit of the last digit that a figure is written with, by the rule above.

    >>> half_digit(7.5), half_digit(954000), half_digit(3_000_000), half_digit(2)
    (0.05, 500.0, 50000.0, 0.05)
    """
    if not value or not math.isfinite(value):
        return 0.0
    number = Decimal(repr(value)).normalize()
    place = int(number.as_tuple().exponent)
    place = min(place, number.adjusted() + 1 - LEAST_DIGITS)
    return float(Decimal(5).scaleb(place - 1))


@dataclass(frozen=True, slots=True)
class Measured:
    """A row with a number, ready to be compared: what it measures, and from where to where.

    ``low``, ``value`` and ``high`` are in base units; ``reach`` is its interval with rounding and open ends.
    """

    row: Evidence
    subject: str
    definition: str
    family: str
    """What it measures, whatever the prices: ``money``, ``round / time``, …"""
    basis: str
    """Of money: currency and prices, such as ``usd current``, ``ppp 2021``, ``usd 2025``; else nothing."""
    period: Period | None
    low: float
    value: float
    high: float
    reach: tuple[float, float]


def measured(row: Evidence) -> Measured | None:
    """Return a row ready to be compared; ``None`` if it has no number."""
    try:
        low, value, high = (amount_of(row, end) for end in ("low", "central", "high"))
    except ExpressionError:
        return None
    factor = _factor(value, row)
    bases = [name for name in value.dimension if name.startswith("money")]
    basis = "" if not bases else bases[0].partition(":")[2] or "usd 2025"
    plain = {name.partition(":")[0] if name in bases else name: power for name, power in value.dimension.items()}
    ends = sorted((low.value, high.value))
    return Measured(
        row=row,
        subject=subject_of(row.quantity),
        definition=value.definition,
        family=words_of(plain) if "money" not in plain else words_of(plain).replace(words_of({"money": 1}), "money"),
        basis=basis,
        period=period_of(row.period),
        low=ends[0],
        value=value.value,
        high=ends[1],
        reach=_reach(row, factor),
    )


def _factor(value: Amount, row: Evidence) -> float:
    """What the row's own numbers are multiplied by to be in base units."""
    central = central_of(row)
    if central:
        return value.value / central
    return 1.0  # zero is zero in every unit, and so is its rounding


def _reach(row: Evidence, factor: float) -> tuple[float, float]:
    ends = [end for end in (row.low, row.central, row.high) if end is not None]
    first, last = ends[0], ends[-1]
    low, high = (first - half_digit(first)) * factor, (last + half_digit(last)) * factor
    alone = len(ends) == 1
    if alone and row.low is not None:
        high = math.inf
    if alone and row.high is not None:
        low = -math.inf
    return low, high


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two rows that contradict each other."""

    first: Evidence
    second: Evidence
    """The one that says more."""
    shared: Period | None
    """When both hold; ``None`` if one of them has no period."""
    ratio: float | None
    """What the second says over what the first says, each in one number; ``None`` unless both are above zero."""
    gap: float
    """Distance between the two intervals, in the first row's unit."""

    @property
    def ids(self) -> tuple[str, str]:
        """Both ids."""
        return self.first.id, self.second.id


@dataclass(frozen=True, slots=True)
class NotComparable:
    """Two rows about the same thing at the same time that count it differently."""

    first: Evidence
    second: Evidence
    why: str

    @property
    def ids(self) -> tuple[str, str]:
        """Both ids."""
        return self.first.id, self.second.id


def compare(rows: Iterable[Evidence]) -> tuple[tuple[Conflict, ...], tuple[NotComparable, ...]]:
    """Return all conflicts among rows, the widest first, and all pairs that are not comparable."""
    groups: dict[tuple[str, str], list[Measured]] = {}
    for row in rows:
        found = measured(row)
        if found is not None:
            groups.setdefault((row.entity, found.subject), []).append(found)
    conflicts: list[Conflict] = []
    apart: list[NotComparable] = []
    for a, b in _pairs(groups.values()):
        why = _why_not(a, b)
        if why:
            apart.append(NotComparable(a.row, b.row, why))
            continue
        low, high = (a, b) if a.value <= b.value else (b, a)
        if _apart(a, b):
            conflicts.append(_conflict(low, high))
    conflicts.sort(key=lambda c: (-(c.ratio or math.inf), c.ids))
    return tuple(conflicts), tuple(sorted(apart, key=lambda pair: pair.ids))


def _pairs(groups: Iterable[list[Measured]]) -> Iterator[tuple[Measured, Measured]]:
    for group in groups:
        for a, b in itertools.combinations(group, 2):
            if a.period is None or b.period is None or a.period.shared(b.period):
                yield a, b


def _why_not(a: Measured, b: Measured) -> str:
    if a.family != b.family:
        return f"one is in {a.row.unit}, the other in {b.row.unit}"
    reasons: list[str] = []
    if a.definition != b.definition:
        reasons.append(f"definitions: {a.definition or 'none named'}, {b.definition or 'none named'}")
    if a.basis != b.basis:
        reasons.append(f"prices: {a.basis}, {b.basis}")
    return "; ".join(reasons)


def _apart(a: Measured, b: Measured) -> bool:
    """Whether two intervals lie apart, by more than the last bits of their conversion."""
    slack = 1e-12 * max(abs(a.value), abs(b.value))
    return a.reach[1] < b.reach[0] - slack or b.reach[1] < a.reach[0] - slack


def _conflict(low: Measured, high: Measured) -> Conflict:
    shared = None
    if low.period and high.period:
        shared = Period(max(low.period.start, high.period.start), min(low.period.end, high.period.end))
    ratio = high.value / low.value if low.value > 0 and high.value > 0 else None
    first = central_of(low.row)
    factor = low.value / first if first else 1.0
    return Conflict(low.row, high.row, shared, ratio, max(0.0, high.low - low.high) / factor)
