"""Inverse distribution functions, written on the operations module: from a number in (0, 1) to a drawn value.

Each takes `u` (open interval from 0 to 1, no unit) and the figures of a parameter, all in the parameter's unit, and
gives a value in that unit; the same bits on every executor. Ranges of zero width give that one value. Figures in
the wrong order give NaN, never a plausible number; a case's check finds them before any draw.
"""

from __future__ import annotations

import math

from twofront.engine.ops import Number, clip, exp, log, normal_quantile, sqrt, where

__all__ = ["fixed", "log_triangular", "log_uniform", "normal", "triangular", "uniform"]

NORMAL_95 = 1.6448536269514722
"""The 95th percentile of the standard normal distribution."""


def fixed(u: Number, value: Number) -> Number:
    """`value` whatever the draw."""
    return value


def uniform(u: Number, low: Number, high: Number) -> Number:
    """Evenly spread from `low` to `high`."""
    value = clip(low + u * (high - low), low, high)
    return where(low <= high, value, math.nan)


def triangular(u: Number, low: Number, mode: Number, high: Number) -> Number:
    """Density rising straight from `low` to `mode` and falling straight to `high`."""
    width = high - low
    rise = mode - low
    fall = high - mode
    left = low + sqrt(u * width * rise)
    right = high - sqrt((1.0 - u) * width * fall)
    value = clip(where(u * width < rise, left, right), low, high)
    return where((low <= mode) & (mode <= high), value, math.nan)


def log_uniform(u: Number, low: Number, high: Number) -> Number:
    """The logarithm evenly spread; `low` above zero."""
    value = clip(exp(uniform(u, log(low), log(high))), low, high)
    return where(low > 0.0, value, math.nan)


def log_triangular(u: Number, low: Number, mode: Number, high: Number) -> Number:
    """The logarithm triangular, with its mode at log(mode); `low` above zero."""
    value = clip(exp(triangular(u, log(low), log(mode), log(high))), low, high)
    return where(low > 0.0, value, math.nan)


def normal(u: Number, low: Number, mode: Number, high: Number) -> Number:
    """Normal on each side of `mode` (its median), with `low` and `high` as 5th and 95th percentiles.

    Where they lie evenly about `mode` this is the normal distribution with that mean; if not, two half-normals that
    meet at `mode` (each with probability one half), so that both percentiles hold. Not truncated: one draw in ten
    lies outside low..high.
    """
    score = normal_quantile(u)
    side = where(score < 0.0, mode - low, high - mode)
    value = mode + score * (side / NORMAL_95)
    return where((low <= mode) & (mode <= high), value, math.nan)
