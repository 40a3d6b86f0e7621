"""Policy effects against `campaign_m`, the exponent of the force ratio, about which battles say little."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from twofront.analyse.estimates import Difference, difference_of
from twofront.analyse.sample import Sample

if TYPE_CHECKING:
    from twofront.ensemble import Run

__all__ = ["CampaignEffect", "campaign_effects"]

BINS = 8


@dataclass(frozen=True, slots=True)
class CampaignEffect:
    """Effect of a policy in the futures whose `campaign_m` lies between two values; `centre` is its mean there."""

    policy: str
    outcome: str
    low: float
    high: float
    centre: float
    effect: Difference


def campaign_effects(run: Run | Sample, outcomes: Sequence[str], *, bins: int = BINS) -> list[CampaignEffect]:
    """Compute every policy's effect on each outcome in bins of equal count of `campaign_m`.

    Empty where the case holds that number fixed.
    """
    sample = run if isinstance(run, Sample) else Sample(run)
    name = sample.case.reading("campaign_m").get(())
    if name is None or not sample.case.parameter(name).uncertain:
        return []
    draws = sample.parameter(name)
    order = np.argsort(draws, kind="stable")
    groups = [group for group in np.array_split(order, min(bins, len(order))) if len(group)]
    found: list[CampaignEffect] = []
    for outcome in outcomes:
        if not sample.has(outcome):
            continue
        for policy in sample.policies[1:]:
            change = sample.difference(policy, outcome)
            found += [
                CampaignEffect(
                    policy,
                    outcome,
                    float(draws[group].min()),
                    float(draws[group].max()),
                    float(draws[group].mean()),
                    difference_of(change[group]),
                )
                for group in groups
            ]
    return found
