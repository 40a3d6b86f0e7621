"""How far an outcome moves across a parameter's range: its median where the parameter was drawn lowest and highest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from twofront.analyse.sample import Sample

__all__ = ["HEADLINE", "Tenths", "tenths"]

HEADLINE: Final = ("second_front_chance", "any_war_chance")
"""Outcomes that answer the question in two numbers."""
PARTS: Final = 10


@dataclass(frozen=True, slots=True)
class Tenths:
    """An outcome in the tenth of futures with the lowest and the highest draws of a parameter.

    ``low`` and ``high``: medians of the outcome, of ``n_low`` and ``n_high`` futures in which it is defined;
    ``below`` and ``above``: in canonical units, the draws at which the lowest tenth ends and the highest begins.
    """

    parameter: str
    outcome: str
    policy: str
    low: float
    high: float
    n_low: int
    n_high: int
    below: float
    above: float

    @property
    def swing(self) -> float:
        """How far the median moves from the lowest to the highest tenth."""
        return self.high - self.low


def tenths(
    sample: Sample, parameters: Sequence[str], outcomes: Sequence[str] = HEADLINE, policy: str | None = None
) -> list[Tenths]:
    """Compare the tenths of each parameter for each outcome, under the present course unless another is named.

    Parameters that the run does not hold, or drew as one value, and outcomes that it does not hold are left out, as is
    everything where a tenth has no future.
    """
    policy = policy or sample.present
    held = set(sample.run.parameter_names)
    found: list[Tenths] = []
    count = sample.n // PARTS
    for name in parameters:
        if name not in held or not count:
            continue
        drawn = sample.parameter(name)
        if drawn.min() == drawn.max():
            continue
        order = np.argsort(drawn, kind="stable")
        first, last = order[:count], order[-count:]
        for outcome in outcomes:
            if not sample.has(outcome):
                continue
            values = sample.of(policy, outcome)
            low, high = (part[~np.isnan(part)] for part in (values[first], values[last]))
            if len(low) and len(high):
                found.append(
                    Tenths(
                        name,
                        outcome,
                        policy,
                        float(np.median(low)),
                        float(np.median(high)),
                        len(low),
                        len(high),
                        float(drawn[first[-1]]),
                        float(drawn[last[0]]),
                    )
                )
    return found
