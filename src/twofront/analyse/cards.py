"""First claim cards: the sentence, the evidence on both sides, and the model's numbers where the claim names some.

No verdict is given here; the rule that a verdict will follow is shown as it was written beforehand.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from twofront.analyse.estimates import Difference, Estimate, difference_of, estimate
from twofront.analyse.sample import Sample

if TYPE_CHECKING:
    from twofront.case import Claim, Evidence
    from twofront.ensemble import Run

__all__ = ["ClaimCard", "Computed", "claim_cards", "named_outcomes"]


@dataclass(frozen=True, slots=True)
class Computed:
    """A number of the run that a claim names: a level on the present course, or what a policy changes."""

    outcome: str
    policy: str
    level: Estimate
    change: Difference | None


@dataclass(frozen=True, slots=True)
class ClaimCard:
    """A claim with its evidence and the numbers it names."""

    claim: Claim
    supporting: tuple[Evidence, ...]
    against: tuple[Evidence, ...]
    computed: tuple[Computed, ...]


def claim_cards(run: Run | Sample) -> list[ClaimCard]:
    """One card for each claim of the run's case."""
    sample = run if isinstance(run, Sample) else Sample(run)
    case = sample.case
    return [
        ClaimCard(
            claim,
            tuple(case.evidence[id_] for id_ in claim.supporting if id_ in case.evidence),
            tuple(case.evidence[id_] for id_ in claim.against if id_ in case.evidence),
            _computed(sample, claim),
        )
        for claim in case.claims
    ]


def named_outcomes(claim: Claim, outcomes: tuple[str, ...]) -> list[str]:
    """Outcomes that a claim names, by their names, or by their words where they have two or more."""
    text = f"{claim.quantity} {claim.computed} {claim.supported_if} {claim.contradicted_if}"
    written = set(re.findall(r"[a-z_0-9.]+[a-z_0-9]", text))
    found: list[str] = []
    for name in outcomes:
        words = re.sub(r"_(chance|effect)$", "", name).replace("_", " ")
        if name in written or ("." not in name and words.count(" ") > 1 and words in text):
            found.append(name)
    return found


def _computed(sample: Sample, claim: Claim) -> tuple[Computed, ...]:
    names = named_outcomes(claim, sample.run.outcome_names)
    written = set(re.findall(r"\w+", claim.computed))
    policies = [policy for policy in sample.policies[1:] if policy in written]
    sample.load(names)
    found: list[Computed] = []
    for name in names:
        if not policies:
            found.append(Computed(name, sample.present, estimate(sample.of(sample.present, name)), None))
        for policy in policies:
            change = difference_of(sample.difference(policy, name))
            found.append(Computed(name, policy, estimate(sample.of(policy, name)), change))
    return tuple(found)
