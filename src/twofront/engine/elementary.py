"""exp, log, the normal distribution and its inverse, written once on the basic operations.

Each body runs on floats, arrays and tracer values alike and so gives the same bits on every machine. Bodies take
one number (no unit) and give one number; NaN in, NaN out; they never raise.

Sources of the coefficients: exp and log, fdlibm (Sun Microsystems 1993; below one unit in the last place);
normal distribution, Cody 1969 (Math. Comp. 23, 631-637), as arranged in R's `pnorm`; its inverse, Wichura 1988
(Applied Statistics 37, 477-484, algorithm AS 241, PPND16).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from twofront.engine.primitives import (
    LOW_PLACES,
    Mask,
    Number,
    absolute,
    composite,
    is_nan,
    log_exponent,
    log_mantissa,
    shift_exponent,
    sqrt,
    where,
)

__all__ = ["BODIES", "exp", "exponential_parts", "log", "normal_cdf", "normal_quantile"]

_INFINITY = math.inf
_NAN = math.nan

_LN2_HIGH = 6.93147180369123816490e-01
_LN2_LOW = 1.90821492927058770002e-10
_LOG2_E = 1.44269504088896338700e00
_EXP_OVERFLOW = 7.09782712893383973096e02
_EXP_UNDERFLOW = -690.7755278982137
_EXP_TERMS = (
    4.13813679705723846039e-08,
    -1.65339022054652515390e-06,
    6.61375632143793436117e-05,
    -2.77777777770155933842e-03,
    1.66666666666666019037e-01,
)

_SMALLEST_NORMAL = 2.2250738585072014e-308
_TWO_TO_54 = 18014398509481984.0
_LOG_TERMS = (
    1.479819860511658591e-01,
    1.531383769920937332e-01,
    1.818357216161805012e-01,
    2.222219843214978396e-01,
    2.857142874366239149e-01,
    3.999999999940941908e-01,
    6.666666666666735130e-01,
)


def polynomial(x: Number, terms: Sequence[float]) -> Number:
    """Value at `x` of the polynomial whose coefficients are `terms`, highest power first."""
    total: Number = terms[0]
    for term in terms[1:]:
        total = total * x + term
    return total


def exponential_parts(x: Number) -> tuple[Number, Number]:
    """`exp(x)` as a number near 1 and the turns that `shift_exponent` shifts it by (fdlibm, Sun Microsystems 1993)."""
    turns = x * _LOG2_E + LOW_PLACES
    n = turns - LOW_PLACES
    high = x - n * _LN2_HIGH
    low = n * _LN2_LOW
    r = high - low
    t = r * r
    c = r - t * polynomial(t, _EXP_TERMS)
    return 1.0 - ((low - (r * c) / (2.0 - c)) - high), turns


def _exp(x: Number) -> Number:
    y, turns = exponential_parts(x)
    result = shift_exponent(y * 0.5, turns) * 2.0
    result = where(x > _EXP_OVERFLOW, _INFINITY, where(x < _EXP_UNDERFLOW, 0.0, result))
    return where(is_nan(x), x, result)


def _log(x: Number) -> Number:
    tiny = x < _SMALLEST_NORMAL
    scaled = where(tiny, x * _TWO_TO_54, x)
    k = log_exponent(scaled) - where(tiny, 54.0, 0.0)
    f = log_mantissa(scaled) - 1.0
    s = f / (2.0 + f)
    z = s * s
    r = polynomial(z, _LOG_TERMS) * z
    half = 0.5 * f * f
    result = k * _LN2_HIGH - ((half - (s * (half + r) + k * _LN2_LOW)) - f)
    result = where(x < _INFINITY, result, x)
    return where(x > 0.0, result, where(x < 0.0, _NAN, where(is_nan(x), x, -_INFINITY)))


_CENTRE = 0.67448975
_ROOT_32 = 5.656854249492380195
_INVERSE_ROOT_TWO_PI = 0.398942280401432677939946059934
_CENTRE_TOP = (
    0.065682337918207449113,
    2.2352520354606839287,
    161.02823106855587881,
    1067.6894854603709582,
    18154.981253343561249,
)
_CENTRE_BOTTOM = (
    1.0,
    47.20258190468824187,
    976.09855173777669322,
    10260.932208618978205,
    45507.789335026729956,
)
_MIDDLE_TOP = (
    1.0765576773720192317e-8,
    0.39894151208813466764,
    8.8831497943883759412,
    93.506656132177855979,
    597.27027639480026226,
    2494.5375852903726711,
    6848.1904505362823326,
    11602.651437647350124,
    9842.7148383839780218,
)
_MIDDLE_BOTTOM = (
    1.0,
    22.266688044328115691,
    235.38790178262499861,
    1519.377599407554805,
    6485.558298266760755,
    18615.571640885098091,
    34900.952721145977266,
    38912.003286093271411,
    19685.429676859990727,
)
_TAIL_TOP = (
    0.02307344176494017303,
    0.21589853405795699,
    0.1274011611602473639,
    0.022235277870649807,
    0.001421619193227893466,
    2.9112874951168792e-5,
)
_TAIL_BOTTOM = (
    1.0,
    1.28426009614491121,
    0.468238212480865118,
    0.0659881378689285515,
    0.00378239633202758244,
    7.29751555083966205e-5,
)


def _normal_cdf(x: Number) -> Number:
    size = absolute(x)
    inner = size <= _CENTRE
    square = x * x
    centre = 0.5 + x * (polynomial(square, _CENTRE_TOP) / polynomial(square, _CENTRE_BOTTOM))

    middle = polynomial(size, _MIDDLE_TOP) / polynomial(size, _MIDDLE_BOTTOM)
    inverse = 1.0 / square
    tail = inverse * (polynomial(inverse, _TAIL_TOP) / polynomial(inverse, _TAIL_BOTTOM))
    tail = (_INVERSE_ROOT_TWO_PI - tail) / size
    scaled = where(size <= _ROOT_32, middle, tail)

    # exp(-size**2 / 2) in two factors, the first of an argument held exactly
    bounded = where(size < 64.0, size, 64.0)
    step = (bounded * 16.0 + LOW_PLACES - LOW_PLACES) * 0.0625
    rest = (bounded - step) * (bounded + step)
    outer = exp(-(step * step) * 0.5) * exp(-rest * 0.5) * scaled

    result = where(inner, centre, where(x < 0.0, outer, 1.0 - outer))
    result = where(x < -38.0, 0.0, where(x > 38.0, 1.0, result))
    return where(is_nan(x), x, result)


_QUANTILE_CENTRE_TOP = (
    2.5090809287301226727e3,
    3.3430575583588128105e4,
    6.7265770927008700853e4,
    4.5921953931549871457e4,
    1.3731693765509461125e4,
    1.9715909503065514427e3,
    1.3314166789178437745e2,
    3.3871328727963666080e0,
)
_QUANTILE_CENTRE_BOTTOM = (
    5.2264952788528545610e3,
    2.8729085735721942674e4,
    3.9307895800092710610e4,
    2.1213794301586595867e4,
    5.3941960214247511077e3,
    6.8718700749205790830e2,
    4.2313330701600911252e1,
    1.0,
)
_QUANTILE_MIDDLE_TOP = (
    7.74545014278341407640e-4,
    2.27238449892691845833e-2,
    2.41780725177450611770e-1,
    1.27045825245236838258e0,
    3.64784832476320460504e0,
    5.76949722146069140550e0,
    4.63033784615654529590e0,
    1.42343711074968357734e0,
)
_QUANTILE_MIDDLE_BOTTOM = (
    1.05075007164441684324e-9,
    5.47593808499534494600e-4,
    1.51986665636164571966e-2,
    1.48103976427480074590e-1,
    6.89767334985100004550e-1,
    1.67638483018380384940e0,
    2.05319162663775882187e0,
    1.0,
)
_QUANTILE_TAIL_TOP = (
    2.01033439929228813265e-7,
    2.71155556874348757815e-5,
    1.24266094738807843860e-3,
    2.65321895265761230930e-2,
    2.96560571828504891230e-1,
    1.78482653991729133580e0,
    5.46378491116411436990e0,
    6.65790464350110377720e0,
)
_QUANTILE_TAIL_BOTTOM = (
    2.04426310338993978564e-15,
    1.42151175831644588870e-7,
    1.84631831751005468180e-5,
    7.86869131145613259100e-4,
    1.48753612908506148525e-2,
    1.36929880922735805310e-1,
    5.99832206555887937690e-1,
    1.0,
)


def _ratio(r: Number, top: Sequence[float], bottom: Sequence[float]) -> Number:
    return polynomial(r, top) / polynomial(r, bottom)


def _normal_quantile(p: Number) -> Number:
    q = p - 0.5
    inner: Mask = absolute(q) <= 0.425
    centre = q * _ratio(0.180625 - q * q, _QUANTILE_CENTRE_TOP, _QUANTILE_CENTRE_BOTTOM)

    below = q < 0.0
    r = sqrt(-log(where(below, p, 1.0 - p)))
    middle = _ratio(r - 1.6, _QUANTILE_MIDDLE_TOP, _QUANTILE_MIDDLE_BOTTOM)
    tail = _ratio(r - 5.0, _QUANTILE_TAIL_TOP, _QUANTILE_TAIL_BOTTOM)
    outer = where(r <= 5.0, middle, tail)

    result = where(inner, centre, where(below, -outer, outer))
    result = where(p <= 0.0, where(p < 0.0, _NAN, -_INFINITY), result)
    result = where(p >= 1.0, where(p > 1.0, _NAN, _INFINITY), result)
    return where(is_nan(p), p, result)


def exp(x: Number) -> Number:
    """e to the x, below one unit in the last place; 0 under 1e-300, infinity above 1.797e308."""
    return composite("exp", _exp, x)


def log(x: Number) -> Number:
    """Natural logarithm, below one unit in the last place; -infinity at zero, NaN below it."""
    return composite("log", _log, x)


def normal_cdf(x: Number) -> Number:
    """Chance that a standard normal quantity is at most `x`; relative error below 1e-14 also in the tail."""
    return composite("normal_cdf", _normal_cdf, x)


def normal_quantile(p: Number) -> Number:
    """The x with `normal_cdf(x) = p`; infinite at 0 and 1, NaN outside; relative error below 1e-14."""
    return composite("normal_quantile", _normal_quantile, p)


BODIES = {"exp": _exp, "log": _log, "normal_cdf": _normal_cdf, "normal_quantile": _normal_quantile}
"""The operations that a graph holds as one node, each with the body that says what it means."""
