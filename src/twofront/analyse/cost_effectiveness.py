"""What a percentage point of chance costs: money against risk removed, with an interval that may be unbounded."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from twofront.analyse.estimates import NORMAL_95, TIE
from twofront.analyse.sample import Floats
from twofront.analyse.weighted import mean

__all__ = ["BOTH_WORSE", "BUYS", "OPEN", "SAVES_BOTH", "SELLS", "UNPRICED", "PerPoint", "fieller", "per_point"]

BUYS = "buys less risk"
SAVES_BOTH = "saves money and risk"
SELLS = "saves money at more risk"
BOTH_WORSE = "costs money and adds risk"
UNPRICED = "no cost of its own"
OPEN = "open"


@dataclass(frozen=True, slots=True)
class PerPoint:
    """What a policy costs for each percentage point of chance that it removes, against the present course.

    `cost`: mean yearly cost in billion USD of 2025; `removed`: mean percentage points taken off the chance. `ratio` is
    their quotient, in billion USD a year per point, with its 95% interval (Fieller 1954) `low` to `high`; where
    `bounded` is false no finite interval exists, since the points removed cannot be told from none. `kind` says how
    the quotient is to be read: only `BUYS` (money paid for risk removed) and `SELLS` (money saved for risk taken on)
    have one.
    """

    policy: str
    outcome: str
    n: int
    cost: float
    cost_error: float
    removed: float
    removed_error: float
    kind: str
    ratio: float
    low: float
    high: float
    bounded: bool


def per_point(
    policy: str, outcome: str, costs: Floats, changes: Floats, weights: Floats | None = None, points: float = 100.0
) -> PerPoint:
    """Compare paired differences of cost (billion USD a year) and of an outcome, of which less is better.

    `points` makes percentage points of chances; 1 for outcomes in other units. Futures in which either is NaN are left
    out.
    """
    known = ~(np.isnan(costs) | np.isnan(changes))
    if not known.all():
        costs, changes, weights = costs[known], changes[known], None if weights is None else weights[known]
    n = len(costs)
    if n < 2:
        nan = float("nan")
        return PerPoint(policy, outcome, n, nan, nan, nan, nan, OPEN, nan, nan, nan, bounded=False)
    removed = -points * changes
    a, b = mean(costs, weights), mean(removed, weights)
    share = np.full(n, 1 / n) if weights is None else weights / weights.sum()
    off_a, off_b = share * (costs - a), share * (removed - b)
    variance_a, variance_b, covariance = (
        float(np.dot(x, y)) for x, y in ((off_a, off_a), (off_b, off_b), (off_a, off_b))
    )
    error_a, error_b = float(np.sqrt(variance_a)), float(np.sqrt(variance_b))
    paid, less = _way(a, error_a), _way(b, error_b)
    if float(np.abs(costs).max()) <= TIE:
        kind = UNPRICED
    elif paid * less == 0:
        kind = OPEN
    else:
        kind = {(1, 1): BUYS, (-1, 1): SAVES_BOTH, (-1, -1): SELLS, (1, -1): BOTH_WORSE}[paid, less]
    low, high, bounded = fieller(a, b, variance_a, variance_b, covariance)
    ratio = a / b if b else float("nan")
    return PerPoint(policy, outcome, n, a, error_a, b, error_b, kind, ratio, low, high, bounded)


def fieller(
    numerator: float,
    denominator: float,
    variance_of_numerator: float,
    variance_of_denominator: float,
    covariance: float,
) -> tuple[float, float, bool]:
    """95% interval of a ratio of two means, and whether it is bounded (Fieller 1954, J. R. Stat. Soc. B 16).

    Those ratios ρ for which `numerator − ρ·denominator` cannot be told from zero. Without a bounded interval, both ends
    are infinite: the ratios that remain are all numbers, or all but a middle piece.
    """
    t = NORMAL_95**2
    square = denominator**2 - t * variance_of_denominator
    if square <= 0:
        return -np.inf, np.inf, False
    half = numerator * denominator - t * covariance
    rest = numerator**2 - t * variance_of_numerator
    root = float(np.sqrt(max(0.0, half**2 - square * rest)))
    return (half - root) / square, (half + root) / square, True


def _way(value: float, error: float) -> int:
    """Sign of a mean that its sample can tell from zero, else 0."""
    return 0 if abs(value) <= max(NORMAL_95 * error, TIE) else int(np.sign(value))
