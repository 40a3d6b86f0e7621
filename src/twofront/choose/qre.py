"""Agent logit quantal response: how players choose with error.

Source: McKelvey & Palfrey (1995, 1998). With complete information every node is solved in closed form.
"""

from __future__ import annotations

from collections.abc import Sequence

from twofront.engine.ops import Number, exp, maximum

__all__ = ["expected", "logit"]


def logit(values: Sequence[Number], precision: Number) -> list[Number]:
    """Return the chance of each option: proportional to ``exp(precision * value)``.

    ``values`` in stakes, ``precision`` per stake (above 0). Chances are positive and sum to one.
    """
    if len(values) == 1:
        return [1.0]
    best = values[0]
    for value in values[1:]:
        best = maximum(best, value)
    weights = [exp(precision * (value - best)) for value in values]
    whole = weights[0]
    for weight in weights[1:]:
        whole = whole + weight
    return [weight / whole for weight in weights]


def expected(chances: Sequence[Number], values: Sequence[Number]) -> Number:
    """Return the mean of ``values`` under ``chances``."""
    result = chances[0] * values[0]
    for chance, value in zip(chances[1:], values[1:], strict=True):
        result = result + chance * value
    return result
