"""Contest success: the default structure, closed form over the phases of a campaign."""

from __future__ import annotations

from typing import NamedTuple

from twofront.adjudicate import laws
from twofront.adjudicate.contract import Engagement, Phase, Terms, WarResult
from twofront.engine.ops import Number, log, where

__all__ = ["ContestState", "contest", "finish", "start", "step"]


class ContestState(NamedTuple):
    """``is_open``: chance that the war goes on; ``…_lost``: share lost while it does; ``…_losses``: of wars decided."""

    is_open: Number
    objective: Number
    days: Number
    attack_lost: Number
    defence_lost: Number
    attack_losses: Number
    defence_losses: Number


def start(terms: Terms) -> ContestState:
    """Before the first phase."""
    del terms
    return ContestState(1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)


def step(terms: Terms, state: ContestState, phase: Phase, form: Number = 0.0) -> ContestState:
    """Adjudicate a phase by contest success.

    A share of the campaigns still open is decided, for the attacker with the chance that the contest success function
    gives to the forces then in action; what is left at the horizon is a stalemate. ``form``: 0 ratio, 1 difference.
    """
    ours = phase.attack * phase.attack_effect * (1 - state.attack_lost)
    theirs = phase.defence * phase.defence_effect * (1 - state.defence_lost)
    strong = laws.engaged_share(ours, theirs)
    score = where(
        form < 0.5,
        laws.ratio_score(terms.log_skill, terms.decisiveness, log(laws.force_ratio(ours, theirs))),
        laws.difference_score(terms.log_skill, terms.decisiveness, strong),
    )
    share = state.is_open * phase.decided
    attack_lost = laws.attrition(state.attack_lost, terms.attack_loss, phase.days, 1 - strong)
    defence_lost = laws.attrition(state.defence_lost, terms.defence_loss, phase.days, strong)
    return ContestState(
        state.is_open - share,
        state.objective + share * laws.success(score),
        state.days + phase.days * (state.is_open - share / 2),
        attack_lost,
        defence_lost,
        # A campaign that is decided ends its losses.
        state.attack_losses + share * attack_lost,
        state.defence_losses + share * defence_lost,
    )


def finish(terms: Terms, state: ContestState) -> WarResult:
    """Count what is still open as a stalemate."""
    del terms
    return WarResult(
        state.objective,
        state.is_open,
        state.days,
        state.attack_losses + state.is_open * state.attack_lost,
        state.defence_losses + state.is_open * state.defence_lost,
    )


def contest(engagement: Engagement, form: Number = 0.0) -> WarResult:
    """Adjudicate a whole war by contest success. Scale invariant; mirrored when the sides are swapped."""
    state = start(engagement.terms)
    for phase in engagement.phases:
        state = step(engagement.terms, state, phase, form)
    return finish(engagement.terms, state)
