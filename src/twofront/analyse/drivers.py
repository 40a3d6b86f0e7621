"""What moves an outcome: every uncertain parameter by itself, from the draws of the run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from twofront.analyse.sample import Floats, Sample

if TYPE_CHECKING:
    from twofront.ensemble import Run

__all__ = ["Driver", "tornado"]

TOP = 15
MOST_FUTURES = 20_000
"""The first so many futures are ranked; more change nothing that can be seen."""
BINS = 20
_TOGETHER = 64  # parameters ranked at once, to hold memory down


@dataclass(frozen=True, slots=True)
class Driver:
    """How an outcome moves with one parameter.

    `low` and `high`: mean outcome in the fifth of draws with the lowest and the highest values. `rank`: Spearman's
    rank correlation. `share`: first-order share of the outcome's variance, from the means of twenty bins of equal
    count, less what chance alone would give (never below zero).
    """

    parameter: str
    outcome: str
    n: int
    overall: float
    low: float
    high: float
    rank: float
    share: float

    @property
    def swing(self) -> float:
        """Difference between the two fifths."""
        return self.high - self.low


def tornado(
    run: Run | Sample,
    outcomes: Sequence[str],
    policy: str | None = None,
    *,
    top: int | None = TOP,
    versus: str | None = None,
) -> dict[str, list[Driver]]:
    """Rank the uncertain parameters by the size of their swing, for each outcome under a policy.

    The present course by default. With `versus`, the outcome is its paired difference against that policy. Futures in
    which an outcome is undefined are left out for that outcome.
    """
    sample = run if isinstance(run, Sample) else Sample(run)
    policy = policy or sample.present
    outcomes = [name for name in outcomes if sample.has(name)]
    sample.load(outcomes)
    count = min(sample.n, MOST_FUTURES)
    names = [p.name for p in sample.case.parameters if p.uncertain and p.name in sample.run.parameter_names]
    draws = sample.parameters(names)[:, :count] if names else np.empty((0, count))
    found: dict[str, list[Driver]] = {}
    targets: dict[str, Floats] = {}
    for name in outcomes:
        values = sample.of(policy, name) - (sample.of(versus, name) if versus else 0.0)
        targets[name] = values[:count]
        found[name] = []
    for lo in range(0, len(names), _TOGETHER):
        block, labels = draws[lo : lo + _TOGETHER], names[lo : lo + _TOGETHER]
        order = np.argsort(block, axis=1)
        for name, values in targets.items():
            found[name] += _drivers(name, labels, block, order, values)
    for name, drivers in found.items():
        drivers.sort(key=lambda d: (-abs(d.swing), d.parameter))
        found[name] = drivers if top is None else drivers[:top]
    return found


def _drivers(
    outcome: str,
    labels: Sequence[str],
    block: Floats,
    order: np.ndarray[tuple[int, int], np.dtype[np.int64]],
    values: Floats,
) -> list[Driver]:
    undefined = np.isnan(values)
    if undefined.any():
        kept = ~undefined
        values = values[kept]
        order = np.argsort(block[:, kept], axis=1)
    n = len(values)
    if n < 2:
        return []
    ranked = values[order]
    fifth = max(1, n // 5)
    low, high = ranked[:, :fifth].mean(axis=1), ranked[:, -fifth:].mean(axis=1)
    ranks = _ranks(values)
    places = np.arange(n) - (n - 1) / 2
    spread = float(np.sqrt((places**2).sum() * ((ranks - ranks.mean()) ** 2).sum()))
    correlation = (ranks - ranks.mean())[order] @ places / spread if spread else np.zeros(len(labels))
    shares = _first_order(ranked, float(values.var()))
    overall = float(values.mean())
    return [
        Driver(label, outcome, n, overall, float(low[i]), float(high[i]), float(correlation[i]), float(shares[i]))
        for i, label in enumerate(labels)
    ]


def _ranks(values: Floats) -> Floats:
    """Ranks from 0; equal values share the mean of theirs."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    return (ends - (counts + 1) / 2)[inverse]


def _first_order(ranked: Floats, variance: float) -> Floats:
    """Variance of the means of equal bins against the whole variance, less its expectation without any effect."""
    n = ranked.shape[1]
    bins = min(BINS, n // 5)
    if bins < 2 or variance <= 0:
        return np.zeros(len(ranked))
    size = n // bins
    means = ranked[:, : bins * size].reshape(len(ranked), bins, size).mean(axis=2)
    raw = means.var(axis=1) / variance
    chance = (bins - 1) / (bins * size)
    return np.maximum(0.0, (raw - chance) / (1 - chance))
