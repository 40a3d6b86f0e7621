"""Designs for sensitivity: Morris' screening, and Sobol indices, first-order and total, after Saltelli and Jansen.

A design is evaluated on any function of independent numbers that are even over (0, 1), one row for each; `factors` are
sets of rows that move together. All outcomes are analysed at once. Base points are those of SALib: its Sobol' sequence
row for row, its trajectories for Morris.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from twofront.analyse.sample import Floats
from twofront.faults import UserError

__all__ = ["LEAST_TRAJECTORIES", "Evaluate", "Screening", "SobolIndices", "cost", "morris", "sobol"]

Evaluate = Callable[[Floats], Floats]
"""From numbers (rows, n) to outcomes (outcomes, n), NaN where undefined or failed."""

RESAMPLED: Final = 200
"""Bootstrap samples of the base points."""
LEVELS: Final = 4
"""Levels of Morris' grid; a step goes over two of the three gaps between them."""
LOWEST: Final = 0.05
"""Where the grid begins and, from the other end, stops: extremes that hardly ever come up decide nothing."""
STEP: Final = (1.0 - 2.0 * LOWEST) * 2.0 / 3.0
LEAST_TRAJECTORIES: Final = 4
LEAST_POINTS: Final = 16
_CLEAR_OF_ENDS: Final = 2.0**-40
"""A normal distribution has no value at 0 or 1."""
_AT_ONCE: Final = 8192
"""Points evaluated between two reports of progress."""


@dataclass(frozen=True, slots=True)
class SobolIndices:
    """Indices, arrays of (factors, outcomes), with standard errors by bootstrap over the base points.

    ``n``: base points, per outcome, in which both ends are defined. ``mean`` and ``variance`` of the outcomes.
    """

    first: Floats
    first_error: Floats
    total: Floats
    total_error: Floats
    mean: Floats
    variance: Floats
    n: npt.NDArray[np.int64]
    evaluations: int


@dataclass(frozen=True, slots=True)
class Screening:
    """Elementary effects, arrays of (factors, outcomes): how far an outcome moves over the whole range of a factor.

    ``mu``: mean, ``mu_star``: mean size, ``sigma``: standard deviation (interaction, or a bent curve); ``mu`` and
    ``sigma`` are NaN for factors of several rows, whose steps have no one direction. ``n``: effects per factor.
    """

    mu: Floats
    mu_star: Floats
    mu_star_error: Floats
    sigma: Floats
    n: npt.NDArray[np.int64]
    evaluations: int


def cost(design: str, factors: int, n: int) -> int:
    """Evaluations of a design."""
    return n * (factors + 2) if design == "sobol" else n * (factors + 1)


def sobol(
    evaluate: Evaluate,
    rows: int,
    factors: Sequence[Sequence[int]],
    n: int,
    *,
    seed: int = 1,
    told: Callable[[float], None] = lambda _: None,
) -> SobolIndices:
    """First-order and total indices from ``n`` base points, a power of 2: ``n`` × (factors + 2) evaluations.

    First order after Saltelli et al. (2010, eq. b of table 2), total after Jansen (1999), as SALib has them. Factors
    may overlap. A base point whose outcome is NaN anywhere that a factor needs is left out for that factor and outcome.
    """
    if n < LEAST_POINTS or n & (n - 1):
        raise UserError(f"{n} base points: a Sobol' sequence is even for powers of 2; give one from {LEAST_POINTS} on")
    from scipy.stats import qmc

    base = qmc.Sobol(d=2 * rows, scramble=True, seed=seed).random(n)  # pyright: ignore[reportCallIssue]
    base = np.clip(base, _CLEAR_OF_ENDS, 1.0 - _CLEAR_OF_ENDS)
    first_points, second_points = np.ascontiguousarray(base[:, :rows].T), np.ascontiguousarray(base[:, rows:].T)
    whole = cost("sobol", len(factors), n)

    def mixed(factor: Sequence[int]) -> Floats:
        points = first_points.copy()
        points[list(factor)] = second_points[list(factor)]
        return points

    parts = [lambda: first_points, lambda: second_points, *(partial(mixed, factor) for factor in factors)]
    found = _evaluated(evaluate, parts, n, told)
    return _indices(found[0], found[1], found[2:], seed, whole)


def _evaluated(
    evaluate: Evaluate, parts: Sequence[Callable[[], Floats]], n: int, told: Callable[[float], None]
) -> Floats:
    """Outcomes of several sets of ``n`` points, (sets, outcomes, n), some sets at once so that blocks are filled."""
    together = max(1, _AT_ONCE // n)
    results: list[Floats] = []
    for lo in range(0, len(parts), together):
        points = np.concatenate([part() for part in parts[lo : lo + together]], axis=1)
        outcomes = evaluate(points)
        results.append(outcomes.reshape(len(outcomes), -1, n).swapaxes(0, 1))
        told(min(1.0, (lo + together) / len(parts)))
    return np.concatenate(results)


def _indices(a: Floats, b: Floats, mixed: Floats, seed: int, whole: int) -> SobolIndices:
    """Indices from outcomes (outcomes, n) at both ends and (factors, outcomes, n) between them."""
    count, n = a.shape
    with np.errstate(invalid="ignore"):
        every = np.concatenate([a[None], b[None], mixed])
        middle = np.nansum(every, axis=(0, 2)) / (~np.isnan(every)).sum(axis=(0, 2))
    a, b = a - middle[:, None], b - middle[:, None]
    both = ~(np.isnan(a) | np.isnan(b))
    rng = np.random.default_rng(seed)
    # Row 0 is the sample itself, the others are drawn from it with replacement.
    weights = np.vstack([np.ones(n), rng.multinomial(n, np.full(n, 1.0 / n), size=RESAMPLED)])
    a0, b0 = np.where(both, a, 0.0), np.where(both, b, 0.0)
    count_ab = 2.0 * (weights @ both.T)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = (weights @ (a0 + b0).T) / count_ab
        variance = (weights @ (a0**2 + b0**2).T) / count_ab - mean**2
        # An outcome that does not vary is owed to nothing.
        variance[~(variance > 1e-14 * np.abs(mean) ** 2)] = np.inf
    first, total = np.empty((2, len(mixed), RESAMPLED + 1, count))
    for place, outcome in enumerate(mixed):
        ab = outcome - middle[:, None]
        there = both & ~np.isnan(ab)
        moved = np.where(there, ab - a, 0.0)
        held = weights @ there.T
        with np.errstate(invalid="ignore", divide="ignore"):
            first[place] = (weights @ (b0 * moved).T) / held / variance
            total[place] = 0.5 * (weights @ (moved**2).T) / held / variance
    return SobolIndices(
        first[:, 0],
        first[:, 1:].std(axis=1, ddof=1),
        total[:, 0],
        total[:, 1:].std(axis=1, ddof=1),
        mean[0] + middle,
        np.where(np.isfinite(variance[0]), variance[0], 0.0),
        both.sum(axis=1),
        whole,
    )


def morris(
    evaluate: Evaluate,
    rows: int,
    factors: Sequence[Sequence[int]],
    n: int,
    *,
    seed: int = 1,
    told: Callable[[float], None] = lambda _: None,
) -> Screening:
    """Elementary effects along ``n`` trajectories (Morris 1991; groups after Campolongo et al. 2007).

    ``factors`` hold every row once. ``n`` × (factors + 1) evaluations. A step between NaNs is left out.
    """
    if n < LEAST_TRAJECTORIES:
        raise UserError(f"{n} trajectories: Morris' screening needs at least {LEAST_TRAJECTORIES}")
    if sorted(row for factor in factors for row in factor) != list(range(rows)):
        raise ValueError("every row belongs to one factor")
    levels = _trajectories(rows, factors, n, seed)
    points = np.ascontiguousarray((LOWEST + (1.0 - 2.0 * LOWEST) * levels).T)
    steps = len(factors) + 1

    def along(trajectory: int) -> Floats:
        return points[:, trajectory * steps : (trajectory + 1) * steps]

    outcomes = _evaluated(evaluate, [partial(along, trajectory) for trajectory in range(n)], steps, told)
    moved = np.diff(outcomes, axis=2)
    owner = np.empty(rows, dtype=np.int64)
    for place, factor in enumerate(factors):
        owner[list(factor)] = place
    count = outcomes.shape[1]
    effects = np.full((len(factors), n, count), np.nan)
    for t in range(n):
        difference = np.diff(along(t), axis=1)
        changed = np.abs(difference).argmax(axis=0)
        signs = np.sign(difference[changed, np.arange(steps - 1)])
        effects[owner[changed], t] = (moved[t] * signs / STEP).T
    single = np.array([len(factor) == 1 for factor in factors])
    there = (~np.isnan(effects)).sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        mu = np.where(single[:, None], _mean(effects), np.nan)
        sigma = np.where(single[:, None], _spread(effects), np.nan)
        star, star_spread = _mean(np.abs(effects)), _spread(np.abs(effects))
        return Screening(mu, star, star_spread / np.sqrt(there), sigma, there, n * steps)


def _mean(effects: Floats) -> Floats:
    there = ~np.isnan(effects)
    return np.where(there, effects, 0.0).sum(axis=1) / there.sum(axis=1)


def _spread(effects: Floats) -> Floats:
    there = ~np.isnan(effects)
    squares = np.where(there, (effects - _mean(effects)[:, None]) ** 2, 0.0).sum(axis=1)
    return np.sqrt(squares / (there.sum(axis=1) - 1))


def _trajectories(rows: int, factors: Sequence[Sequence[int]], n: int, seed: int) -> Floats:
    """SALib's trajectories: (n × (factors + 1), rows), on levels from 0 to 1."""
    from SALib.sample.morris import sample

    groups = [""] * rows
    for place, factor in enumerate(factors):
        for row in factor:
            groups[row] = f"g{place:05d}"
    problem: dict[str, Any] = {
        "num_vars": rows,
        "names": [f"x{row}" for row in range(rows)],
        "bounds": [[0.0, 1.0]] * rows,
        "groups": groups,
    }
    return sample(problem, n, num_levels=LEVELS, seed=seed)
