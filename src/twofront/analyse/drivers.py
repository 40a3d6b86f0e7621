"""What moves an outcome: every uncertain parameter by itself, from the draws of the run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from twofront.analyse.sample import Floats, Sample

if TYPE_CHECKING:
    from twofront.ensemble import Run

__all__ = ["MOST_FUTURES", "TOP", "Driver", "Ranking", "tornado"]

TOP = 15
MOST_FUTURES = 20_000
"""The first so many futures are ranked; more change nothing that can be seen."""
BINS = 20


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


class Ranking:
    """The futures of a sample in the order of each uncertain parameter; made once, used for any outcome."""

    def __init__(self, sample: Sample) -> None:
        self.sample = sample
        held = set(sample.run.parameter_names)
        self.parameters = [p.name for p in sample.case.parameters if p.uncertain and p.name in held]
        self.n = min(sample.n, MOST_FUTURES)
        self._order = np.empty((len(self.parameters), self.n), dtype=np.int32)
        if self.parameters:
            for place, row in enumerate(sample.parameters(self.parameters)[:, : self.n]):
                self._order[place] = np.argsort(row)

    def drivers(self, label: str, values: Floats, *, top: int | None = TOP) -> list[Driver]:
        """Rank the parameters by the size of their swing in `values`, one value for each future of the sample.

        Futures in which it is undefined (NaN) are left out.
        """
        values = values[: self.n]
        defined = ~np.isnan(values)
        n = int(defined.sum())
        if n < 2:
            return []
        ranks = np.zeros(len(values))
        ranks[defined] = _ranks(values[defined])
        ranks[defined] -= ranks[defined].mean()
        places = np.arange(n) - (n - 1) / 2
        spread = float(np.sqrt((places**2).sum() * (ranks[defined] ** 2).sum()))
        overall, variance = float(values[defined].mean()), float(values[defined].var())
        fifth = max(1, n // 5)
        found: list[Driver] = []
        for name, row in zip(self.parameters, self._order, strict=True):
            order = row if n == len(values) else row[defined[row]]
            ranked = values[order]
            low, high = float(ranked[:fifth].mean()), float(ranked[-fifth:].mean())
            correlation = float(ranks[order] @ places) / spread if spread else 0.0
            found.append(Driver(name, label, n, overall, low, high, correlation, _first_order(ranked, variance)))
        found.sort(key=lambda d: (-abs(d.swing), d.parameter))
        return found if top is None else found[:top]


def tornado(
    run: Run | Sample | Ranking, outcomes: Sequence[str], policy: str | None = None, *, top: int | None = TOP
) -> dict[str, list[Driver]]:
    """Rank the uncertain parameters by the size of their swing, for each outcome under a policy.

    The present course by default.
    """
    ranking = run if isinstance(run, Ranking) else Ranking(run if isinstance(run, Sample) else Sample(run))
    sample = ranking.sample
    return {
        name: ranking.drivers(name, sample.of(policy or sample.present, name), top=top)
        for name in outcomes
        if sample.has(name)
    }


def _ranks(values: Floats) -> Floats:
    """Ranks from 0; equal values share the mean of theirs."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    ends: npt.NDArray[np.int64] = np.cumsum(counts)
    return (ends - (counts + 1) / 2)[inverse]


def _first_order(ranked: Floats, variance: float) -> float:
    """Variance of the means of equal bins against the whole variance, less its expectation without any effect."""
    n = len(ranked)
    bins = min(BINS, n // 5)
    if bins < 2 or variance <= 0:
        return 0.0
    size = n // bins
    means = ranked[: bins * size].reshape(bins, size).mean(axis=1)
    chance = (bins - 1) / (bins * size)
    return max(0.0, (float(means.var()) / variance - chance) / (1 - chance))
