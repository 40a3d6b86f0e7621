"""What a figure measures: the closed grammar of units in evidence, and the arithmetic of dimensions.

Money of different bases (market rates or purchasing power, current or constant prices, another currency) are
different dimensions here, so that no sum and no ratio mixes them in silence. So are definitions that share a unit:
spending by NATO's count and by SIPRI's.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from twofront.faults import nearest
from twofront.units import UNITS

__all__ = ["DEFINITIONS", "Dimension", "Measure", "UnknownUnit", "definition_of", "measure_of", "words_of"]

Dimension = Mapping[str, int]
"""Exponent by base dimension; nothing for a plain number."""

_SIZES: Final = {"": 1e-9, "mn_": 1e-3, "bn_": 1.0, "tn_": 1e3}
_MONEY: Final = re.compile(
    r"(?P<size>|mn_|bn_|tn_)(?P<currency>[a-z]{3})(?:/(?P<per>\w+))?"
    r"(?: (?P<basis>current|constant (?P<year>\d{4})))?\Z"
)
_CURRENCIES: Final = ("usd", "ppp", "eur", "gbp", "jpy", "krw", "cad", "rub", "cny", "twd", "pln", "aud", "sek")
"""``ppp``: international dollars."""

DEFINITIONS: Final = (
    ("SIPRI", re.compile(r"\bSIPRI\b")),
    ("NATO 2026", re.compile(r"\bNATO\b.*\b(2026|new) (definition|edition)|\bNATO 2026\b", re.IGNORECASE)),
    ("NATO 2014", re.compile(r"\bNATO\b.*\b(definition|edition)|\bNATO 2014\b", re.IGNORECASE)),
    ("IISS", re.compile(r"\bIISS\b")),
    ("national", re.compile(r"\bnational (definition|budget)\b", re.IGNORECASE)),
)
"""Whose count a figure follows, by words of its quantity; the first that fits."""


class UnknownUnit(ValueError):
    """A unit that the grammar of evidence does not hold."""

    def __init__(self, found: str, close: str = "") -> None:
        self.found = found
        self.nearest = close
        super().__init__(f"`{found}` is not a unit of evidence")


@dataclass(frozen=True, slots=True)
class Measure:
    """What a number measures, and its size.

    ``factor``: what a value is multiplied by to be in the dimension's base units (year, round, billions of money, …);
    ``definition``: whose count it follows, or nothing.
    """

    dimension: Dimension
    factor: float
    definition: str = ""

    @property
    def is_number(self) -> bool:
        """Whether the unit is one of figures, not of words."""
        return "text" not in self.dimension


@functools.lru_cache(maxsize=4096)
def measure_of(unit: str, quantity: str = "") -> Measure:
    """Return what a figure in ``unit`` measures; ``quantity`` tells whose definition it follows.

    ``UnknownUnit`` if the grammar does not hold ``unit``.
    """
    definition = definition_of(quantity)
    if unit == "text":
        return Measure({"text": 1}, 1.0, definition)
    if unit == "yes/no":
        return Measure({"answer": 1}, 1.0, definition)
    if unit == "percent of gdp":
        return Measure({}, 0.01, definition)
    if unit in UNITS:
        item = UNITS[unit]
        return Measure(_dimension(item.dimension), item.factor, definition)
    match = _MONEY.match(unit)
    if match is None or match["currency"] not in _CURRENCIES:
        raise UnknownUnit(unit, nearest(unit, [*UNITS, "text", "yes/no", "percent of gdp", *_examples()]))
    if match["basis"] is None:  # without a basis it is `UNITS` that know it: dollars of 2025 at market rates
        raise UnknownUnit(unit, f"{unit} current")
    basis = "current" if match["year"] is None else match["year"]
    dimension = {f"money:{match['currency']} {basis}": 1}
    if match["currency"] == "usd" and basis == "2025":
        dimension = {"money": 1}
    factor = _SIZES[match["size"]]
    if match["per"] is not None:
        if match["per"] not in UNITS:
            raise UnknownUnit(unit, nearest(match["per"], UNITS))
        per = UNITS[match["per"]]
        dimension = times(dimension, _dimension(per.dimension), -1)
        factor /= per.factor
    return Measure(dimension, factor, definition)


def definition_of(quantity: str) -> str:
    """Return whose count a quantity follows, by its words, or nothing."""
    return next((name for name, pattern in DEFINITIONS if pattern.search(quantity)), "")


def times(a: Dimension, b: Dimension, sign: int = 1) -> dict[str, int]:
    """Return the dimension of a product (``sign`` 1) or a quotient (-1)."""
    result = dict(a)
    for name, exponent in b.items():
        result[name] = result.get(name, 0) + sign * exponent
    return {name: exponent for name, exponent in result.items() if exponent}


def words_of(dimension: Dimension) -> str:
    """Return a dimension in words, for messages."""
    if not dimension:
        return "a plain number"
    upper = [_power(name, n) for name, n in sorted(dimension.items()) if n > 0]
    lower = [_power(name, -n) for name, n in sorted(dimension.items()) if n < 0]
    return (" × ".join(upper) or "1") + "".join(f" / {name}" for name in lower)


def _power(name: str, exponent: int) -> str:
    word = "money of 2025 at market rates" if name == "money" else name.replace("money:", "money in ")
    return word if exponent == 1 else f"{word}^{exponent}"


def _dimension(text: str) -> dict[str, int]:
    """Read a dimension of the table of units: ``round/time``, ``1/time``, ``share``."""
    upper, _, lower = text.partition("/")
    result = {} if upper in {"1", "ratio", "share"} else {upper: 1}
    return times(result, {lower: 1}, -1) if lower else result


def _examples() -> list[str]:
    return [f"{size}{currency} {basis}" for size in _SIZES for currency in _CURRENCIES for basis in _BASES]


_BASES: Final = ("current", "constant 2021", "constant 2023", "constant 2024")
