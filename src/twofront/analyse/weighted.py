"""Means, spreads and quantiles of futures that weigh differently; without weights they all weigh the same."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from twofront.analyse.estimates import INTERVAL, TIE, Difference
from twofront.analyse.sample import Floats

__all__ = ["Bools", "mean", "mean_error", "quantiles", "share", "spread", "summary"]

Bools = npt.NDArray[np.bool_]

BINS: Final = 4096
"""Bins of the first, coarse pass over the values, whose one bin is then sorted."""


def mean(values: Floats, weights: Floats | None = None) -> float:
    """Weighted mean."""
    return float(values.mean()) if weights is None else float(np.dot(weights, values) / weights.sum())


def spread(values: Floats, weights: Floats | None = None) -> float:
    """Standard deviation of the sample (one degree of freedom less)."""
    if len(values) < 2:
        return float("nan")
    if weights is None:
        return float(values.std(ddof=1))
    whole = float(weights.sum())
    off = values - mean(values, weights)
    n = whole**2 / float(np.dot(weights, weights))
    return float(np.sqrt(np.dot(weights, off**2) / whole * n / (n - 1))) if n > 1 else float("nan")


def mean_error(values: Floats, weights: Floats | None = None) -> float:
    """Standard error of the mean; with weights that of a ratio estimate, √Σw²(x−m)²/Σw."""
    if len(values) < 2:
        return float("nan")
    if weights is None:
        return spread(values) / float(np.sqrt(len(values)))
    off = weights * (values - mean(values, weights))
    return float(np.sqrt(np.dot(off, off)) / weights.sum())


def share(hit: Bools, weights: Floats | None = None) -> float:
    """Share of the futures that are hit."""
    return float(hit.mean()) if weights is None else float(weights[hit].sum() / weights.sum())


def quantiles(values: Floats, levels: Sequence[float], weights: Floats | None = None) -> list[float]:
    """Quantiles: between neighbours without weights, else the least value with at least so much weight up to it."""
    if not len(values):
        return [float("nan")] * len(levels)
    if weights is None:
        return [float(x) for x in np.quantile(values, levels)]
    low, high = float(values.min()), float(values.max())
    if not high > low:
        return [low] * len(levels)
    place = np.minimum(((values - low) * (BINS / (high - low))).astype(np.int64), BINS - 1)
    reached = np.cumsum(np.bincount(place, weights=weights, minlength=BINS))
    whole = reached[-1]
    found: list[float] = []
    for level in levels:
        bin_ = min(int(np.searchsorted(reached, level * whole - 1e-12 * whole)), BINS - 1)
        inside = np.flatnonzero(place == bin_)
        order = inside[np.argsort(values[inside], kind="stable")]
        before = reached[bin_ - 1] if bin_ else 0.0
        rank = int(np.searchsorted(before + np.cumsum(weights[order]), level * whole - 1e-12 * whole))
        found.append(float(values[order[min(rank, len(order) - 1)]]))
    return found


def summary(values: Floats, weights: Floats | None = None) -> Difference:
    """Summarise an outcome or a difference; NaN stands for undefined and is left out. `n` counts futures."""
    known = ~np.isnan(values)
    if not known.all():
        values, weights = values[known], None if weights is None else weights[known]
    if not len(values):
        return Difference(0, *(float("nan"),) * 5, lower=float("nan"), higher=float("nan"))
    low, median, high = quantiles(values, [INTERVAL[0], 0.5, INTERVAL[1]], weights)
    return Difference(
        len(values),
        mean(values, weights),
        mean_error(values, weights),
        low,
        median,
        high,
        lower=share(values < -TIE, weights),
        higher=share(values > TIE, weights),
    )
