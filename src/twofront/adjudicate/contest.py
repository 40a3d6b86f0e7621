"""Contest success: the default structure, closed form over the phases of a campaign."""

from __future__ import annotations

from twofront.adjudicate import laws
from twofront.adjudicate.contract import Engagement, WarResult
from twofront.engine.ops import Number, log, where

__all__ = ["contest"]


def contest(engagement: Engagement, form: Number = 0.0) -> WarResult:
    """Adjudicate by contest success in each phase.

    In each phase a share of the campaigns still open is decided, for the attacker with the chance that the
    contest success function gives to the forces then in action; what is left at the horizon is a stalemate.
    ``form``: 0 ratio, 1 difference. Scale invariant; mirrored when the sides are swapped.
    """
    is_open: Number = 1.0
    objective: Number = 0.0
    days: Number = 0.0
    attack_lost: Number = 0.0
    defence_lost: Number = 0.0
    attack_losses: Number = 0.0
    defence_losses: Number = 0.0
    for attack, defence, length, decided in zip(
        engagement.attack, engagement.defence, engagement.days, engagement.decided, strict=True
    ):
        ours, theirs = attack * (1 - attack_lost), defence * (1 - defence_lost)
        strong = laws.engaged_share(ours, theirs)
        score = where(
            form < 0.5,
            laws.ratio_score(engagement.log_skill, engagement.decisiveness, log(laws.force_ratio(ours, theirs))),
            laws.difference_score(engagement.log_skill, engagement.decisiveness, strong),
        )
        share = is_open * decided
        objective = objective + share * laws.success(score)
        days = days + length * (is_open - share / 2)
        is_open = is_open - share
        attack_lost = laws.attrition(attack_lost, engagement.attack_loss, length, 1 - strong)
        defence_lost = laws.attrition(defence_lost, engagement.defence_loss, length, strong)
        # A campaign that is decided ends its losses.
        attack_losses, defence_losses = attack_losses + share * attack_lost, defence_losses + share * defence_lost
    return WarResult(
        objective,
        is_open,
        days,
        attack_losses + is_open * attack_lost,
        defence_losses + is_open * defence_lost,
    )
