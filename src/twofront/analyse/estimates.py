"""Summaries over futures: intervals over the draws, and how exactly the sample fixes a mean."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from twofront.analyse.sample import Floats
from twofront.ensemble.convergence import NORMAL_95

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
    error of `mean`: that is how much the sample's size leaves open, and it shrinks with more futures; `reach` is how
    many of them a 95% interval reaches to either side (more than 1.96 where few replicates tell the error), and
    `median_error` half the width of the median's 95% interval. `n` counts the futures in which the outcome is defined.
    """

    n: int
    mean: float
    error: float
    low: float
    median: float
    high: float
    reach: float = NORMAL_95
    median_error: float = math.nan

    @property
    def mean_low(self) -> float:
        """Lower end of the 95% interval of the mean."""
        return self.mean - self.reach * self.error

    @property
    def mean_high(self) -> float:
        """Upper end of the 95% interval of the mean."""
        return self.mean + self.reach * self.error


@dataclass(frozen=True, slots=True)
class Difference(Estimate):
    """A paired difference, with the shares of futures in which it is below and above zero."""

    lower: float = math.nan
    higher: float = math.nan

    @property
    def same(self) -> float:
        """Share of futures in which nothing changes."""
        return max(0.0, 1.0 - self.lower - self.higher)


Replicates = npt.NDArray[np.int64]


def estimate(values: Floats, replicates: Replicates | None = None) -> Estimate:
    """Summarise one outcome; NaN stands for undefined and is left out.

    `replicates` says which futures were drawn together, for samples that are not plain random: their spread tells the
    errors (`twofront.ensemble.convergence`).
    """
    found, replicates = _defined(values, replicates)
    return Estimate(*_summary(found, replicates))


def difference_of(values: Floats, replicates: Replicates | None = None) -> Difference:
    """Summarise paired differences; NaN stands for undefined and is left out."""
    found, replicates = _defined(values, replicates)
    lower = float(np.mean(found < -TIE)) if len(found) else float("nan")
    higher = float(np.mean(found > TIE)) if len(found) else float("nan")
    return Difference(*_summary(found, replicates), lower=lower, higher=higher)


def _defined(values: Floats, replicates: Replicates | None) -> tuple[Floats, Replicates | None]:
    undefined = np.isnan(values)
    if not undefined.any():
        return values, replicates
    return values[~undefined], None if replicates is None else replicates[~undefined]


def _summary(
    found: Floats, replicates: Replicates | None
) -> tuple[int, float, float, float, float, float, float, float]:
    n = len(found)
    if not n:
        return 0, *(float("nan"),) * 5, NORMAL_95, float("nan")  # pyright: ignore[reportReturnType]
    beside = NORMAL_95 / 2 / np.sqrt(n)
    levels = [INTERVAL[0], max(0.0, 0.5 - beside), 0.5, min(1.0, 0.5 + beside), INTERVAL[1]]
    low, below, median, above, high = (float(x) for x in np.quantile(found, levels))
    mean = float(found.mean())
    if replicates is None:
        error = float(found.std(ddof=1) / np.sqrt(n)) if n > 1 else float("nan")
        return n, mean, error, low, median, high, NORMAL_95, (above - below) / 2
    error, median_error, reach = _errors_of_replicates(found, mean, replicates)
    return n, mean, error, low, median, high, reach, reach * median_error


def _errors_of_replicates(found: Floats, mean: float, replicates: Replicates) -> tuple[float, float, float]:
    """Standard errors of mean and median, and how many of them a 95% interval reaches."""
    _, places, counts = np.unique(replicates, return_inverse=True, return_counts=True)
    number = len(counts)
    if number < 2:
        return float("nan"), float("nan"), NORMAL_95
    from scipy.special import stdtrit

    off = np.bincount(places, weights=found) - mean * counts
    error = float(np.sqrt(np.dot(off, off) * number / (number - 1))) / len(found)
    groups = np.split(found[np.argsort(places, kind="stable")], np.cumsum(counts)[:-1])
    medians = np.array([np.median(group) for group in groups])
    weights = counts / counts.sum()
    spread = np.dot(weights**2, (medians - np.dot(weights, medians)) ** 2) * number / (number - 1)
    return error, float(np.sqrt(spread)), float(stdtrit(number - 1, 0.975))
