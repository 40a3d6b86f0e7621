"""Second opinions on scenario discovery: a classification tree and a logistic regression on the same codes.

PRIM peels one box; a tree (CART: Breiman et al. 1984) splits the whole space and sees boxes side by side, a regression
sees what raises the odds without any box. Where all three name the same inputs, the method is not what found them. Both
are judged on half of the futures that the fit has not seen.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numba as nb
import numpy as np
import numpy.typing as npt
from scipy.special import ndtr
from scipy.stats import rankdata

from twofront.analyse.codes import Codes
from twofront.analyse.prim import Bools, Limit, within
from twofront.analyse.sample import Floats

__all__ = ["Leaf", "Logistic", "Term", "Tree", "grow", "logistic"]

DEPTH = 4
"""Splits between the root and a leaf: as many inputs as a box may limit."""
LEAST_LEAF = 0.01
"""Share of the futures that a leaf holds at least."""
LEAST_IN_LEAF = 20
SCREENED = 30
"""Inputs that enter the regression: those whose mean score differs most between the two kinds of futures."""
FITTED = 50_000
"""Futures that the regression is fitted to; more change little."""
RIDGE = 1.0
"""Penalty on the square of coefficients; it only keeps separable data finite."""
WIDTH = 256


@dataclass(frozen=True, slots=True)
class Leaf:
    """A leaf of a tree as a box: its limits, futures, and futures of interest."""

    limits: tuple[Limit, ...]
    inside: int
    hits: int

    @property
    def density(self) -> float:
        """Share of its futures that are of interest."""
        return self.hits / self.inside


@dataclass(frozen=True, slots=True)
class Tree:
    """What a tree says: the leaves in which futures of interest gather, densest first.

    Leaves are taken while that raises the harmonic mean of coverage and excess density. `held_out_*`: the same, grown
    on one half of the futures and measured in the other.
    """

    leaves: tuple[Leaf, ...]
    inputs: tuple[str, ...]
    density: float
    coverage: float
    held_out_density: float
    held_out_coverage: float


@dataclass(frozen=True, slots=True)
class Term:
    """An input of the regression: change of the log odds per standard deviation of its rank (or for an option of a
    choice, against the other options), with its standard error; `p` is two-sided, times the number of inputs searched
    (Bonferroni)."""

    name: str
    option: str
    weight: float
    error: float
    p: float


@dataclass(frozen=True, slots=True)
class Logistic:
    """What a regression says: terms by size, and the chance that it ranks a future of interest above another (area
    under the curve) in futures that it was not fitted to."""

    terms: tuple[Term, ...]
    area: float
    n: int


def grow(codes: Codes, hits: Bools, rows: npt.NDArray[Any], *, seed: int = 1, depth: int = DEPTH) -> Tree:
    """Grow a tree on these futures, and once more on a random half to measure it in the other."""
    leaves = _chosen(_leaves(codes, hits, rows, depth), len(rows), int(hits[rows].sum()))
    half, other = _halves(rows, seed)
    tried = _chosen(_leaves(codes, hits, half, depth), len(half), int(hits[half].sum()))
    inside = np.zeros(codes.n, dtype=bool)
    for leaf in tried:
        inside |= within(codes, list(leaf.limits))
    held, hit = int(inside[other].sum()), int((inside & hits)[other].sum())
    count, found = sum(leaf.inside for leaf in leaves), sum(leaf.hits for leaf in leaves)
    names = dict.fromkeys(codes.names[limit.place] for leaf in leaves for limit in leaf.limits)
    return Tree(
        leaves,
        tuple(names),
        found / count if count else float("nan"),
        found / max(1, int(hits[rows].sum())),
        hit / held if held else float("nan"),
        hit / max(1, int(hits[other].sum())),
    )


def logistic(codes: Codes, hits: Bools, rows: npt.NDArray[Any], *, seed: int = 1) -> Logistic:
    """Fit a logistic regression on the inputs that differ most, and once more on a half to measure it in the other."""
    half, other = _halves(rows[:FITTED] if len(rows) > FITTED else rows, seed)
    both = np.sort(np.concatenate((half, other)))
    columns = _screened(codes, hits, half)
    design = _design(codes, columns, half)
    weights, _ = _fit(design, hits[half])
    area = _area((_design(codes, columns, other) * weights).sum(axis=1), hits[other])
    columns = _screened(codes, hits, both)
    weights, errors = _fit(_design(codes, columns, both), hits[both])
    terms: list[Term] = []
    for (place, option), weight, error in zip(columns, weights[1:], errors[1:], strict=True):
        factor = codes.factors[place]
        chance = 2 * float(ndtr(-abs(weight) / error)) * len(codes.factors)
        name = factor.options[option] if option >= 0 else ""
        terms.append(Term(factor.name, name, float(weight), float(error), min(1.0, chance)))
    terms.sort(key=lambda term: (-abs(term.weight), term.name, term.option))
    return Logistic(tuple(terms), area, len(both))


def _halves(rows: npt.NDArray[Any], seed: int) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    shuffled = np.random.default_rng(seed).permutation(rows)
    middle = len(rows) // 2
    return np.sort(shuffled[:middle]), np.sort(shuffled[middle:])


# ---- the tree -----------------------------------------------------------------------------------------------


def _leaves(codes: Codes, hits: Bools, rows: npt.NDArray[Any], depth: int) -> list[Leaf]:
    y = hits.astype(np.uint8)
    is_choice = codes.choices.astype(np.uint8)
    least = max(LEAST_IN_LEAF, int(LEAST_LEAF * len(rows)))
    found: list[Leaf] = []
    waiting: list[tuple[npt.NDArray[Any], dict[tuple[int, str], Limit], int]] = [(rows.astype(np.int32), {}, depth)]
    while waiting:
        part, limits, left = waiting.pop()
        split = _split(codes.codes, y, part, is_choice, codes.sizes, least) if left else None
        if split is None or split[0] < 0:
            ordered = sorted(limits.values(), key=lambda limit: (limit.place, limit.side))
            found.append(Leaf(tuple(ordered), len(part), int(y[part].sum())))
            continue
        row, code, first = int(split[0]), int(split[1]), split[2]
        column = codes.codes[row][part]
        if codes.choices[row]:
            goes = np.isin(column, first)
            stay = _narrowed(limits, row, tuple(int(c) for c in first), codes)
            rest = tuple(c for c in range(int(codes.sizes[row])) if c not in first)
            away = _narrowed(limits, row, rest, codes)
        else:
            goes = column <= code
            stay = limits | {(row, "high"): Limit(row, "high", code)}
            away = limits | {(row, "low"): Limit(row, "low", code + 1)}
        waiting.append((part[~goes], away, left - 1))
        waiting.append((part[goes], stay, left - 1))
    return found


def _narrowed(
    limits: dict[tuple[int, str], Limit], row: int, options: tuple[int, ...], codes: Codes
) -> dict[tuple[int, str], Limit]:
    before = limits.get((row, "options"))
    allowed = tuple(c for c in options if before is None or c in before.options)
    return limits | {(row, "options"): Limit(row, "options", options=allowed)}


def _chosen(leaves: list[Leaf], n: int, interest: int) -> tuple[Leaf, ...]:
    """The densest leaves, as many as give the highest harmonic mean of coverage and excess density."""
    base = interest / n
    ordered = sorted(leaves, key=lambda leaf: (-leaf.density, -leaf.inside))
    best, taken, inside, hits = 0.0, 0, 0, 0
    for count, leaf in enumerate(ordered, 1):
        inside, hits = inside + leaf.inside, hits + leaf.hits
        coverage, excess = hits / interest, (hits / inside - base) / (1 - base)
        mean = 2 * coverage * excess / (coverage + excess) if coverage > 0 and excess > 0 else 0.0
        if mean > best:
            best, taken = mean, count
    return tuple(ordered[:taken])


@nb.njit(cache=True, nogil=True)
def _split(codes: Any, y: Any, rows: Any, is_choice: Any, sizes: Any, least: int) -> tuple[int, int, Any]:
    """The split that lowers Gini impurity most: input (−1 if none), code of the last value to the left, and for a
    choice the options to the left (in the order of their share of hits, which is enough for two classes)."""
    total, hits = len(rows), 0
    for at in rows:
        hits += y[at]
    best, best_row, best_code = 1e-12, -1, 0
    best_left = np.empty(0, np.int64)
    counts = np.zeros((2, WIDTH), np.int64)
    before = hits * (total - hits) / total
    for row in range(codes.shape[0]):
        counts[:] = 0
        column = codes[row]
        for at in rows:
            counts[y[at], column[at]] += 1
        size = sizes[row]
        order = np.arange(size)
        if is_choice[row]:
            share = np.empty(size)
            for code in range(size):
                here = counts[0, code] + counts[1, code]
                share[code] = counts[1, code] / here if here else -1.0
            order = np.argsort(share)
        left, left_hits = 0, 0
        for place in range(size - 1):
            code = order[place]
            here = counts[0, code] + counts[1, code]
            left += here
            left_hits += counts[1, code]
            right, right_hits = total - left, hits - left_hits
            if here == 0 or left < least or right < least:
                continue
            after = left_hits * (left - left_hits) / left + right_hits * (right - right_hits) / right
            if before - after > best:
                best, best_row, best_code = before - after, row, code
                best_left = order[: place + 1].copy()
    return best_row, best_code, best_left


# ---- the regression -----------------------------------------------------------------------------------------


def _screened(codes: Codes, hits: Bools, rows: npt.NDArray[Any]) -> list[tuple[int, int]]:
    """Columns of the regression: (input, −1) for a number, (input, option) for each option but the first."""
    y = hits[rows]
    n = len(rows)
    share = y.mean()
    strength = np.empty(len(codes.factors))
    for place, factor in enumerate(codes.factors):
        column = codes.codes[place][rows]
        counts = np.bincount(column, minlength=int(codes.sizes[place]))
        found = np.bincount(column[y], minlength=int(codes.sizes[place]))
        if factor.is_choice:
            # Chi-square, to the scale of a squared standard score.
            seen = counts > 0
            expected = counts[seen] * share
            spread = ((found[seen] - expected) ** 2 / (expected * (1 - share))).sum()
            strength[place] = spread / max(1, seen.sum() - 1)
            continue
        values = np.arange(len(counts))
        mean = (counts * values).sum() / n
        variance = (counts * (values - mean) ** 2).sum() / n
        mean_hit = (found * values).sum() / max(1, found.sum())
        strength[place] = (mean_hit - mean) ** 2 * found.sum() / variance if variance else 0.0
    chosen = np.sort(np.argsort(-strength, kind="stable")[:SCREENED])
    columns: list[tuple[int, int]] = []
    for place in chosen:
        if codes.factors[place].is_choice:
            drawn = np.unique(codes.codes[place][rows])
            columns += [(int(place), int(option)) for option in drawn[1:]]
        else:
            columns.append((int(place), -1))
    return columns


def _design(codes: Codes, columns: list[tuple[int, int]], rows: npt.NDArray[Any]) -> Floats:
    """A one, and the columns: scores of even spread (standard deviation 1) or whether an option was drawn."""
    matrix = np.ones((len(rows), 1 + len(columns)))
    for at, (place, option) in enumerate(columns, 1):
        column = codes.codes[place][rows]
        if option >= 0:
            matrix[:, at] = column == option
            continue
        # Codes are quantiles already, so they are even but for ties.
        size = int(codes.sizes[place])
        matrix[:, at] = (column - (size - 1) / 2) / max(1.0, np.sqrt((size**2 - 1) / 12))
    return matrix


def _fit(design: Floats, hits: Bools) -> tuple[Floats, Floats]:
    """Weights and standard errors of a ridge logistic regression, by Newton's method."""
    weights = np.zeros(design.shape[1])
    weights[0] = np.log(hits.mean() / (1 - hits.mean())) if 0 < hits.mean() < 1 else 0.0
    penalty = np.full(design.shape[1], RIDGE)
    penalty[0] = 1e-9
    hessian = np.eye(design.shape[1])
    ones = hits.astype(np.float64)
    for _ in range(50):
        gradient, hessian = _slopes(design, weights, ones)
        gradient -= penalty * weights
        hessian += np.diag(penalty)
        move = np.linalg.solve(hessian, gradient)
        # A step of more than a few units overshoots where the odds are steep.
        weights = weights + move * min(1.0, 4.0 / max(1e-12, float(np.abs(move).max())))
        if np.abs(move).max() < 1e-8:
            break
    return weights, np.sqrt(np.diag(np.linalg.inv(hessian)))


@nb.njit(cache=True, nogil=True)
def _slopes(design: Any, weights: Any, hits: Any) -> tuple[Any, Any]:
    """Gradient of the log likelihood and its negative second derivatives.

    Summed row by row in one order: a threaded library gives other bits on other machines, and stalls on a busy one.
    """
    n, columns = design.shape
    gradient, hessian = np.zeros(columns), np.zeros((columns, columns))
    for row in range(n):
        own = design[row]
        score = 0.0
        for column in range(columns):
            score += own[column] * weights[column]
        chance = 1.0 / (1.0 + np.exp(-score))
        miss, weight = hits[row] - chance, chance * (1.0 - chance)
        for column in range(columns):
            gradient[column] += miss * own[column]
            scaled = weight * own[column]
            for other in range(column + 1):
                hessian[column, other] += scaled * own[other]
    for column in range(columns):
        for other in range(column):
            hessian[other, column] = hessian[column, other]
    return gradient, hessian


def _area(scores: Floats, hits: Bools) -> float:
    """Area under the receiver operating curve (Mann and Whitney)."""
    ones, zeros = int(hits.sum()), int((~hits).sum())
    if not ones or not zeros:
        return float("nan")
    ranks = rankdata(scores)
    return float((ranks[hits].sum() - ones * (ones + 1) / 2) / (ones * zeros))
