"""Metrics of robustness: what one policy's results over many futures are worth, by rules that differ in temper.

Each takes losses as an array (policies, futures), less being better, and gives one number per policy; `better` says
which end of it is the good one. Definitions follow McPhail and others 2018, "Robustness metrics: how are they
calculated, when should they be used and why do they give different results?" (Earth's Future 6), which a table there
breaks into a transformation, a choice of futures and a summary. Weights say how much each future counts; worst and
best cases take no notice of them, except that a future without any weight does not count.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from twofront.analyse.estimates import TIE
from twofront.analyse.sample import Floats
from twofront.analyse.weighted import mean, quantiles, share, spread

__all__ = [
    "METRICS",
    "Metric",
    "best_case",
    "domain_shares",
    "hurwicz",
    "laplace",
    "mean_variance",
    "regrets_of",
    "satisficing",
    "undesirable_deviations",
    "worst_case",
]

HALF: Final = 0.5
"""Hurwicz's weight on the worst case: neither cheerful nor gloomy."""
MOST_MIXTURES: Final = 20_000
"""Weightings of rival worlds that are drawn for `domain_shares`."""


def laplace(losses: Floats, weights: Floats | None = None) -> Floats:
    """Mean: every future is as likely as its weight (Laplace's principle of insufficient reason without weights)."""
    return np.array([mean(row, weights) for row in losses])


def worst_case(losses: Floats, weights: Floats | None = None) -> Floats:
    """The greatest loss; choosing the least of these is Wald's maximin."""
    return _counted(losses, weights).max(axis=1)


def best_case(losses: Floats, weights: Floats | None = None) -> Floats:
    """The least loss (maximax)."""
    return _counted(losses, weights).min(axis=1)


def hurwicz(losses: Floats, weights: Floats | None = None, pessimism: float = HALF) -> Floats:
    """The worst and the best case, mixed by a degree of pessimism (Hurwicz 1951)."""
    return pessimism * worst_case(losses, weights) + (1 - pessimism) * best_case(losses, weights)


def regrets_of(losses: Floats) -> Floats:
    """Regret (Savage 1951): loss less that of the policy that does best in the same future; (policies, futures)."""
    return losses - losses.min(axis=0)


def satisficing(losses: Floats, threshold: float, weights: Floats | None = None) -> Floats:
    """Share of futures with a loss of at most `threshold`.

    The domain criterion of satisficing (Simon 1956; Herman and others 2015), which McPhail and others call Starr's.
    """
    return np.array([share(row <= threshold + TIE, weights) for row in losses])


def undesirable_deviations(losses: Floats, weights: Floats | None = None) -> Floats:
    """Mean distance from the median in the worse half of the futures (Kwakkel and others 2016, after Takriti and
    Ahmed 2004)."""
    n = losses.shape[1]
    found: list[float] = []
    for row in losses:
        middle = quantiles(row, [0.5], weights)[0]
        beyond = np.maximum(row - middle, 0.0)
        half = float(-(-n // 2)) if weights is None else float(weights.sum()) / 2
        found.append(float(beyond.sum() if weights is None else np.dot(weights, beyond)) / half)
    return np.array(found)


def mean_variance(losses: Floats, weights: Floats | None = None) -> Floats:
    """(1 − mean)/(1 + standard deviation) of losses, more being better (Kwakkel and others 2016).

    NaN for all policies where the mean of one exceeds 1: the ratio would then reward spread.
    """
    tops = np.array([1.0 - mean(row, weights) for row in losses])
    if (tops <= 0).any():
        return np.full(len(losses), np.nan)
    return tops / np.array([1.0 + spread(row, weights) for row in losses])


def domain_shares(worlds: Floats, rng: np.random.Generator, mixtures: int = MOST_MIXTURES) -> tuple[Floats, Floats]:
    """Starr's domain criterion: in what share of all weightings of rival worlds is each policy best?

    `worlds` holds each policy's mean loss in each world, (policies, worlds). Weightings are even over the simplex
    (Starr 1963; Schneller and Sphicas 1983), drawn at random. Shared first places are divided. Returns the shares and
    their standard errors from drawing.
    """
    drawn = rng.dirichlet(np.ones(worlds.shape[1]), size=mixtures)
    losses = drawn @ worlds.T
    best = losses <= losses.min(axis=1, keepdims=True) + TIE
    parts = best / best.sum(axis=1, keepdims=True)
    return parts.mean(axis=0), parts.std(axis=0) / np.sqrt(mixtures)


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric that needs nothing but losses. `better` is `less` or `more`; `of_regret`: it is taken of regrets."""

    name: str
    words: str
    rule: Callable[[Floats, Floats | None], Floats]
    better: str = "less"
    of_regret: bool = False


def _ninth(regrets: Floats, weights: Floats | None) -> Floats:
    return np.array([quantiles(row, [0.9], weights)[0] for row in regrets])


METRICS: Final[Mapping[str, Metric]] = {
    item.name: item
    for item in (
        Metric("mean", "Mean (Laplace)", laplace),
        Metric("worst_case", "Worst future (Wald's maximin)", worst_case),
        Metric("best_case", "Best future (maximax)", best_case),
        Metric("hurwicz", "Halfway between worst and best (Hurwicz)", hurwicz),
        Metric("regret_mean", "Mean regret", laplace, of_regret=True),
        Metric("regret_p90", "90th percentile of regret", _ninth, of_regret=True),
        Metric("regret_max", "Greatest regret (Savage's minimax)", worst_case, of_regret=True),
        Metric("undesirable_deviations", "Undesirable deviations", undesirable_deviations),
        Metric("mean_variance", "Mean–variance", mean_variance, "more"),
    )
}
"""In the order in which they are shown."""


def _counted(losses: Floats, weights: Floats | None) -> Floats:
    return losses if weights is None or (weights > 0).all() else losses[:, weights > 0]
