"""Exponentials within 1e-300 to 1e300: the weights of options and of histories against one another.

The body is fdlibm's `exp` (Sun Microsystems 1993) without the ends that cannot occur here, a quarter fewer operations
where nearly all work is exponentials. Below one unit in the last place, checked against `twofront.engine.ops.exp`.
"""

from __future__ import annotations

from twofront.engine.elementary import exponential_parts
from twofront.engine.primitives import Number, shift_exponent, where

__all__ = ["CEILING", "FLOOR", "odds_weight", "weight"]

CEILING = 690.0
FLOOR = -690.0
"""Arguments beyond count as these: a weight is never less than 1e-300, and so never 0, nor infinite."""


def weight(x: Number) -> Number:
    """e to the x for x up to 0, at least 1e-300; NaN for NaN."""
    return _exponential(where(x < FLOOR, FLOOR, x))


def odds_weight(x: Number) -> Number:
    """e to the x, at least 1e-300 and at most 1e300; NaN for NaN."""
    x = where(x < FLOOR, FLOOR, x)
    return _exponential(where(x > CEILING, CEILING, x))


def _exponential(x: Number) -> Number:
    y, turns = exponential_parts(x)
    return shift_exponent(y, turns)
