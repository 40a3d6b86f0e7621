"""Numbers as the report writes them."""

from __future__ import annotations

import math

from twofront.analyse.estimates import Difference, Estimate
from twofront.analyse.outcomes import CHANCE, DAYS, MONEY, MONTHS, STAKES
from twofront.audit.words import share

__all__ = [
    "NONE",
    "amount",
    "change_span",
    "form",
    "level_span",
    "mean_span",
    "money",
    "percent",
    "plain",
    "points",
    "share",
    "span",
]

NONE = "–"
MINUS = "−"


def significant(value: float, digits: int = 2) -> str:
    """A number to so many significant digits, never in scientific notation."""
    if not math.isfinite(value):
        return NONE
    if value == 0:
        return "0"
    places = max(0, digits - 1 - math.floor(math.log10(abs(value))))
    text = f"{value:,.{min(places, 6)}f}"
    if "." in text and places > 6:
        text = text.rstrip("0").rstrip(".")
    return text.replace("-", MINUS)


def percent(value: float) -> str:
    """A chance or share as a percentage with one or two digits."""
    if not math.isfinite(value):
        return NONE
    size = 100 * abs(value)
    if 0 < size < 0.001:
        return "below 0.001%"
    return significant(100 * value, 3 if size >= 99.5 and size < 100 else 2) + "%"


def points(value: float) -> str:
    """A difference of chances in percentage points, with its sign."""
    if not math.isfinite(value):
        return NONE
    size = 100 * value
    if abs(size) < 0.0005:
        return "0"
    return ("+" if size > 0 else "") + significant(size, 2)


def money(value: float) -> str:
    """Billions of dollars a year, with a sign."""
    if not math.isfinite(value):
        return NONE
    return "0" if abs(value) < 0.05 else ("+" if value > 0 else "") + significant(value, 2)


def plain(value: float) -> str:
    """Any other number."""
    if not math.isfinite(value):
        return NONE
    if value == int(value) and abs(value) < 1e15:
        # No separator in what may be a calendar year.
        return f"{int(value):,}".replace("-", MINUS) if not 1900 <= value <= 2100 else f"{int(value)}"
    return significant(value, 3)


def stakes(value: float) -> str:
    """Stakes, to hundredths."""
    # Adding zero turns a rounded minus nothing into nothing.
    return f"{round(value, 2) + 0.0:.2f}".replace("-", MINUS) if math.isfinite(value) else NONE


def days(value: float) -> str:
    """Days or months."""
    if not math.isfinite(value):
        return NONE
    return significant(value, 2) if abs(value) < 10 else f"{value:.0f}"


def amount(value: float, kind: str, *, change: bool = False) -> str:
    """A number of a kind (`twofront.analyse.outcomes`), or a change of it."""
    if kind in (CHANCE, "rate"):
        return points(value) if change else percent(value)
    if kind == MONEY:
        return money(value)
    text = stakes(value) if kind == STAKES else days(value) if kind in (DAYS, MONTHS) else plain(value)
    return f"+{text}" if change and value > 0 and any(c in "123456789" for c in text) else text


def span(low: float, high: float, kind: str, *, change: bool = False) -> str:
    """A range with an en dash, the unit once; changes with `to`, for signs and dashes do not mix."""
    a, b = amount(low, kind, change=change), amount(high, kind, change=change)
    if change or kind == MONEY or MINUS in a + b:
        return a if a == b else f"{a} to {b}"
    if a.endswith("%") and b.endswith("%") and not a.startswith("below"):
        a = a[:-1]
    return b if a == b.removesuffix("%") else f"{a}–{b}"


def level_span(found: Estimate, kind: str) -> str:
    """Median and nine of ten futures."""
    return f"{amount(found.median, kind)} ({span(found.low, found.high, kind)})"


def change_span(found: Difference, kind: str) -> str:
    """Median change and nine of ten futures."""
    middle, around = amount(found.median, kind, change=True), span(found.low, found.high, kind, change=True)
    return middle if middle == around else f"{middle} ({around})"


def mean_span(found: Estimate, kind: str, *, change: bool = False) -> str:
    """Mean with its 95% interval from the sample's size."""
    around = span(found.mean_low, found.mean_high, kind, change=change)
    return f"{amount(found.mean, kind, change=change)} [{around}]"


def form(kind: str) -> str:
    """The number format of a chart's axis."""
    return {CHANCE: "~%", "rate": "~%", MONEY: "~f", STAKES: ".1~f"}.get(kind, "~f")
