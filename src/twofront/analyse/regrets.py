"""Regret: how much worse a policy does in a future than the best of those compared would have done there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from twofront.analyse.sample import Sample

if TYPE_CHECKING:
    from twofront.ensemble import Run

__all__ = ["REGRET_OUTCOMES", "Regret", "regret"]

REGRET_OUTCOMES = ("double_war_chance", "any_war_chance", "second_front_chance.fixed", "policy_cost")
"""Outcomes of which less is better."""


@dataclass(frozen=True, slots=True)
class Regret:
    """Regret of one policy in one outcome, over the futures; `best_share`: of futures in which none does better."""

    policy: str
    outcome: str
    n: int
    mean: float
    high: float
    """90th percentile."""
    greatest: float
    best_share: float


def regret(run: Run | Sample, outcomes: Sequence[str] = REGRET_OUTCOMES) -> list[Regret]:
    """Compute the regret of every policy. Futures in which an outcome is undefined under any policy are left out."""
    sample = run if isinstance(run, Sample) else Sample(run)
    sample.load(outcomes)
    found: list[Regret] = []
    for name in outcomes:
        if not sample.has(name):
            continue
        values = sample.outcome(name)
        values = values[:, ~np.isnan(values).any(axis=0)]
        losses = values - values.min(axis=0) if values.shape[1] else values
        for policy, loss in zip(sample.policies, losses, strict=True):
            if not len(loss):
                found.append(Regret(policy, name, 0, *(float("nan"),) * 4))
                continue
            found.append(
                Regret(
                    policy,
                    name,
                    len(loss),
                    float(loss.mean()),
                    float(np.quantile(loss, 0.9)),
                    float(loss.max()),
                    float(np.mean(loss <= 1e-12)),
                )
            )
    return found
