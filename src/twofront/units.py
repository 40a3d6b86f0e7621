"""The closed table of units, and conversion between units of one dimension.

A case may write any unit of the table; a quantity of the model (`twofront.quantities`) has one canonical unit, into
which values are converted when a case is read. A library for units would cost more time at start than reading a
case, and would accept far more than a case can mean.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from twofront.faults import nearest

__all__ = ["FORCE_UNITS", "ROUND_UNITS", "UNITS", "Unit", "UnitMismatch", "convert", "factor", "nearest_unit", "unit"]

DAYS_PER_YEAR: Final = 365.25
HOURS_PER_DAY: Final = 24.0
MONTHS_PER_YEAR: Final = 12.0
DAYS_PER_MONTH: Final = DAYS_PER_YEAR / MONTHS_PER_YEAR


_FORCES: Final = (
    ("brigade", "brigades"),
    ("battalion", "battalions"),
    ("division", "divisions"),
    ("squadron", "squadrons"),
    ("aircraft", "aircraft"),
    ("ship", "ships"),
    ("submarine", "submarines"),
    ("battery", "batteries"),
    ("launcher", "launchers"),
    ("index", "points of an index"),
)
"""Units in which forces are counted, and their words: each counts only itself."""

_COUNTED: Final = (
    ("person", "persons"),
    ("tank", "tanks"),
    ("flotilla", "flotillas"),
    ("ton", "tons"),
    ("m2", "square metres"),
    ("calendar_year", "year of the calendar (a date, not a duration)"),
    ("count", "number of what the quantity names"),
)
"""What evidence counts and no class of a case does."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit: how a case spells it, what it measures, its size, and its name in words."""

    name: str
    dimension: str
    factor: float
    """Size in the dimension's base unit (the first unit of that dimension in the table)."""
    words: str


class UnitMismatch(ValueError):
    """Two units that measure different things."""


def _table() -> tuple[Unit, ...]:
    u, year, month, day = Unit, 1.0, 1 / MONTHS_PER_YEAR, 1 / DAYS_PER_YEAR
    return (
        # numbers
        u("ratio", "ratio", 1, "ratio"),
        u("share", "share", 1, "share from 0 to 1"),
        u("percent", "share", 0.01, "per cent"),
        # money
        u("bn_usd", "money", 1, "billion US dollars of 2025"),
        u("mn_usd", "money", 1e-3, "million US dollars of 2025"),
        u("tn_usd", "money", 1e3, "trillion US dollars of 2025"),
        u("usd", "money", 1e-9, "US dollars of 2025"),
        # time
        u("year", "time", year, "years"),
        u("month", "time", month, "months"),
        u("week", "time", 7 * day, "weeks"),
        u("day", "time", day, "days"),
        u("hour", "time", day / HOURS_PER_DAY, "hours"),
        # rates
        u("1/year", "1/time", 1 / year, "a year"),
        u("1/month", "1/time", 1 / month, "a month"),
        u("1/day", "1/time", 1 / day, "a day"),
        u("percent/year", "1/time", 0.01 / year, "per cent a year"),
        u("percent/month", "1/time", 0.01 / month, "per cent a month"),
        u("percent/day", "1/time", 0.01 / day, "per cent a day"),
        u("share/day", "share/time", 1 / day, "share a day"),
        u("share/week", "share/time", 1 / (7 * day), "share a week"),
        # munitions
        u("round", "round", 1, "rounds"),
        u("missile", "round", 1, "missiles"),
        u("drone", "round", 1, "drones"),
        u("round/year", "round/time", 1 / year, "rounds a year"),
        u("round/month", "round/time", 1 / month, "rounds a month"),
        u("round/week", "round/time", 1 / (7 * day), "rounds a week"),
        u("round/day", "round/time", 1 / day, "rounds a day"),
        u("missile/year", "round/time", 1 / year, "missiles a year"),
        u("missile/month", "round/time", 1 / month, "missiles a month"),
        u("missile/day", "round/time", 1 / day, "missiles a day"),
        u("drone/year", "round/time", 1 / year, "drones a year"),
        u("drone/month", "round/time", 1 / month, "drones a month"),
        u("drone/day", "round/time", 1 / day, "drones a day"),
        u("usd/round", "money/round", 1e-9, "US dollars of 2025 a round"),
        u("mn_usd/round", "money/round", 1e-3, "million US dollars of 2025 a round"),
        # ground, and rates by combat strength (the measure in which a case's combat values add up)
        u("km", "length", 1, "kilometres"),
        u("km/day", "length/time", 1 / day, "kilometres a day"),
        u("strength/km", "strength/length", 1, "units of combat strength a kilometre"),
        u("strength/day", "strength/time", 1 / day, "units of combat strength a day"),
        u("1/strength", "1/strength", 1, "per unit of combat strength"),
        u("round/strength", "round/strength", 1, "rounds per unit of combat strength"),
        u("missile/strength", "round/strength", 1, "missiles per unit of combat strength"),
        u("round/strength/day", "round/strength/time", 1 / day, "rounds a day per unit of combat strength"),
        u("missile/strength/day", "round/strength/time", 1 / day, "missiles a day per unit of combat strength"),
        # stakes
        u("stake", "stake", 1, "stakes (1 = winning against losing outright)"),
        u("1/stake", "1/stake", 1, "per stake"),
        # forces
        *(u(name, name, 1, words) for name, words in _FORCES),
        u("battery/year", "battery/time", 1 / year, "batteries a year"),
        u("tank/year", "tank/time", 1 / year, "tanks a year"),
        # what evidence counts
        *(u(name, name, 1, words) for name, words in _COUNTED),
    )


UNITS: Final = {item.name: item for item in _table()}
"""Every unit that a case may write, by name."""

FORCE_UNITS: Final = tuple(name for name, _ in _FORCES)
"""Units in which forces are counted."""

ROUND_UNITS: Final = ("round", "missile", "drone")
"""Units in which munitions are counted: words for one and the same."""


def unit(name: str) -> Unit:
    """Return the unit called ``name``; ``KeyError`` if there is none."""
    return UNITS[name]


def factor(found: str, wanted: str) -> float:
    """Return what a value in unit ``found`` is multiplied by to be in ``wanted``."""
    a, b = UNITS[found], UNITS[wanted]
    if a is b:
        return 1.0
    if a.dimension != b.dimension:
        raise UnitMismatch(f"`{found}` measures {a.dimension}, `{wanted}` measures {b.dimension}")
    return a.factor / b.factor


def convert(value: float, found: str, wanted: str) -> float:
    """Return ``value`` in unit ``found`` as a value in unit ``wanted``."""
    by = factor(found, wanted)
    return value if by == 1.0 else value * by


def nearest_unit(found: str, wanted: str) -> str:
    """Return the unit that ``found`` was probably meant to be, among those that measure what ``wanted`` does."""
    same = [item.name for item in UNITS.values() if item.dimension == UNITS[wanted].dimension]
    return nearest(found, same, cutoff=0.7) or wanted
