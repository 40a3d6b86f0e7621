"""Exponentials within 1e-300 to 1e300: the weights of options and of histories against one another.

The body is fdlibm's `exp` (Sun Microsystems 1993) without the ends that cannot occur here, a quarter fewer operations
where nearly all work is exponentials. Below one unit in the last place, checked against `twofront.engine.ops.exp`.
"""

from __future__ import annotations

from twofront.engine.elementary import polynomial
from twofront.engine.primitives import LOW_PLACES, Number, shift_exponent, where

__all__ = ["CEILING", "FLOOR", "odds_weight", "weight"]

CEILING = 690.0
FLOOR = -690.0
"""Arguments beyond count as these: a weight is never less than 1e-300, and so never 0, nor infinite."""
_LN2_HIGH = 6.93147180369123816490e-01
_LN2_LOW = 1.90821492927058770002e-10
_LOG2_E = 1.44269504088896338700e00
_TERMS = (
    4.13813679705723846039e-08,
    -1.65339022054652515390e-06,
    6.61375632143793436117e-05,
    -2.77777777770155933842e-03,
    1.66666666666666019037e-01,
)


def weight(x: Number) -> Number:
    """e to the x for x up to 0, at least 1e-300; NaN for NaN."""
    return _exponential(where(x < FLOOR, FLOOR, x))


def odds_weight(x: Number) -> Number:
    """e to the x, at least 1e-300 and at most 1e300; NaN for NaN."""
    x = where(x < FLOOR, FLOOR, x)
    return _exponential(where(x > CEILING, CEILING, x))


def _exponential(x: Number) -> Number:
    turns = x * _LOG2_E + LOW_PLACES
    n = turns - LOW_PLACES
    high = x - n * _LN2_HIGH
    low = n * _LN2_LOW
    r = high - low
    t = r * r
    c = r - t * polynomial(t, _TERMS)
    y = 1.0 - ((low - (r * c) / (2.0 - c)) - high)
    return shift_exponent(y, turns)
