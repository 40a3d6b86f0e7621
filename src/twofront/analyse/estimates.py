"""Summaries over futures: intervals over the draws, and how exactly the sample fixes a mean."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from twofront.analyse.sample import Floats

__all__ = [
    "INTERVAL",
    "NORMAL_95",
    "TIE",
    "Difference",
    "Estimate",
    "difference_of",
    "estimate",
    "rounded_up",
    "too_few",
]

INTERVAL = (0.05, 0.95)
"""Quantiles between which nine of ten futures lie."""
NORMAL_95 = 1.959963984540054
"""Half width of a 95% interval in standard errors."""
TIE = 1e-12
"""Differences that are no larger count as none: the same number computed along two paths."""

WIDE = 0.8
"""Width of the 95% interval of a share from which it says nothing."""
ENOUGH = 0.4
"""Width that would say something: 20 points to either side."""


def too_few(low: float, high: float, n: int) -> str:
    """Of the 95% interval of a share that says nothing: that it rests on too few futures, and how many would do; empty
    for any other. Its width falls with the root of their number `n`."""
    if min(high, 1.0) - max(low, 0.0) < WIDE:
        return ""
    return f"too few futures; about {rounded_up(n * ((high - low) / ENOUGH) ** 2):,} would give ±20 points"


def rounded_up(count: float) -> int:
    """A number of futures, up to the next round one of one digit."""
    step = 10 ** max(2, len(f"{int(count)}") - 1)
    return int(-(-count // step) * step)


@dataclass(frozen=True, slots=True)
class Estimate:
    """An outcome over futures.

    `low` and `high` hold nine of ten futures: that spread is uncertainty about the world. `error` is the standard
    error of `mean`: that is how much the sample's size leaves open, and it shrinks with more futures. `n` counts the
    futures in which the outcome is defined.
    """

    n: int
    mean: float
    error: float
    low: float
    median: float
    high: float

    @property
    def mean_low(self) -> float:
        """Lower end of the 95% interval of the mean."""
        return self.mean - NORMAL_95 * self.error

    @property
    def mean_high(self) -> float:
        """Upper end of the 95% interval of the mean."""
        return self.mean + NORMAL_95 * self.error


@dataclass(frozen=True, slots=True)
class Difference(Estimate):
    """A paired difference, with the shares of futures in which it is below and above zero."""

    lower: float
    higher: float

    @property
    def same(self) -> float:
        """Share of futures in which nothing changes."""
        return max(0.0, 1.0 - self.lower - self.higher)


def estimate(values: Floats) -> Estimate:
    """Summarise one outcome; NaN stands for undefined and is left out."""
    found = _defined(values)
    return Estimate(*_summary(found))


def difference_of(values: Floats) -> Difference:
    """Summarise paired differences; NaN stands for undefined and is left out."""
    found = _defined(values)
    lower = float(np.mean(found < -TIE)) if len(found) else float("nan")
    higher = float(np.mean(found > TIE)) if len(found) else float("nan")
    return Difference(*_summary(found), lower=lower, higher=higher)


def _defined(values: Floats) -> Floats:
    undefined = np.isnan(values)
    return values[~undefined] if undefined.any() else values


def _summary(found: Floats) -> tuple[int, float, float, float, float, float]:
    n = len(found)
    if not n:
        return 0, *(float("nan"),) * 5  # pyright: ignore[reportReturnType]
    low, median, high = (float(x) for x in np.quantile(found, [INTERVAL[0], 0.5, INTERVAL[1]]))
    error = float(found.std(ddof=1) / np.sqrt(n)) if n > 1 else float("nan")
    return n, float(found.mean()), error, low, median, high
