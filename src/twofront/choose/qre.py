"""Agent logit quantal response: how players choose with error.

Source: McKelvey & Palfrey (1995, 1998). With complete information every node is solved in closed form.
"""

from __future__ import annotations

from collections.abc import Sequence

from twofront.engine.ops import Number, maximum
from twofront.games.weights import odds_weight, weight

__all__ = ["expected", "logit"]


def logit(values: Sequence[Number], precision: Number) -> list[Number]:
    """Return the chance of each option: proportional to ``exp(precision * value)``.

    ``values`` in stakes, ``precision`` per stake (above 0). Chances are positive, at least 1e-300, and sum to one.
    """
    if len(values) == 1:
        return [1.0]
    if len(values) == 2:
        # One exponential is enough where there is one pair of odds.
        odds = odds_weight(precision * (values[0] - values[1]))
        part = 1 / (1 + odds)
        return [odds * part, part]
    best = values[0]
    for value in values[1:]:
        best = maximum(best, value)
    weights = [weight(precision * (value - best)) for value in values]
    part = 1 / sum(weights[1:], start=weights[0])
    return [each * part for each in weights]


def expected(chances: Sequence[Number], values: Sequence[Number]) -> Number:
    """Return the mean of ``values`` under ``chances``."""
    result = chances[0] * values[0]
    for chance, value in zip(chances[1:], values[1:], strict=True):
        result = result + chance * value
    return result
