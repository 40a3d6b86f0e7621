"""A closure race: does reinforcement close the front before the attacker is through?

Different in kind from laws of attrition: what decides is room. A front of some length takes so much strength to hold
and to press, and no more fits in. Where the attacker presses more of it than the defender holds, it gains depth through
the gap; where the defender holds more than is pressed, it takes depth back. Beyond a full front numbers do not count,
so that an early gap is worth more than later mass (force-to-space; Liddell Hart 1960, Mearsheimer 1983).
"""

from __future__ import annotations

from typing import Any, NamedTuple

from twofront.adjudicate import laws, race
from twofront.adjudicate.contract import Phase, Terms, WarResult, part_of
from twofront.engine.dimension import Day, Share
from twofront.engine.law import law
from twofront.engine.ops import Number, exp, maximum, minimum

__all__ = ["ClosureState", "covered_front", "depth_gained", "finish", "start", "step"]


@law(
    id="war.closure.covered",
    form="Min(F/(r*L), 1)",
    symbols={"strength": "F", "density": "r", "length": "L"},
    source="force-to-space: liddellhart1960; mearsheimer1983",
    holds=("between 0 and 1", "a full front takes no more"),
    fails="ground that holds itself, and reserves that can be in two places",
)
def covered_front(strength: Number, density: Number, length: Number) -> Share:
    """Return the share of a front that a force can hold, or press."""
    return minimum(strength / (density * length), 1.0)


@law(
    id="war.closure.depth",
    form="g + v*h*Max(p - c, 0)",
    symbols={"depth": "g", "speed": "v", "step": "h", "pressed": "p", "covered": "c"},
    source="judgement: the rate of advance goes with the share of the front that is pressed and not held",
    holds=("never falls", "unchanged where the front is held", "two half steps equal one"),
    fails="breakthroughs on a narrow front, and their envelopment",
)
def depth_gained(depth: Number, speed: Number, step: Day, pressed: Share, covered: Share) -> Number:
    """Return the depth gained [km] after a span with a gap in the front."""
    return depth + speed * step * maximum(pressed - covered, 0.0)


class ClosureState(NamedTuple):
    """``ground``, ``retaken``: depth gained by the attacker and by the defender [km]."""

    attack_level: Number
    defence_level: Number
    attack_lost: Number
    defence_lost: Number
    ground: Number
    retaken: Number
    race: race.Race


def start(terms: Terms) -> ClosureState:
    """Before the first phase."""
    part_of(terms, "breaking", "closure_race")
    part_of(terms, "front", "closure_race")
    return ClosureState(0.0, 0.0, 0.0, 0.0, 0.0, 0.0, race.begun())


def step(terms: Terms, state: ClosureState, phase: Phase) -> ClosureState:
    """Press, hold and lose through a phase."""
    breaking: Any = terms.breaking
    front: Any = terms.front
    attack_lost = race.settled(state.attack_lost, state.attack_level, phase.attack)
    defence_lost = race.settled(state.defence_lost, state.defence_level, phase.defence)
    skill = exp(terms.log_skill / 2)
    ours = phase.attack * phase.attack_effect * skill * (1 - attack_lost)
    theirs = phase.defence * phase.defence_effect / skill * (1 - defence_lost)
    pressed = covered_front(ours, front.density, front.length)
    covered = covered_front(theirs, front.density, front.length)
    ground = depth_gained(state.ground, front.speed, phase.days, pressed, covered)
    retaken = depth_gained(state.retaken, front.speed, phase.days, covered, pressed)
    # Only what fits into the front fights.
    strong = laws.engaged_share(pressed, covered)
    ahead, behind = ground / front.depth, retaken / front.depth
    return ClosureState(
        phase.attack,
        phase.defence,
        laws.attrition(attack_lost, terms.attack_loss, phase.days, 1 - strong),
        laws.attrition(defence_lost, terms.defence_loss, phase.days, strong),
        ground,
        retaken,
        race.advanced(state.race, ahead, behind, phase.days, breaking.spread, race.first(ahead, behind)),
    )


def finish(terms: Terms, state: ClosureState) -> WarResult:
    """Read the thresholds at the horizon; losses and ground are those at the skill drawn."""
    breaking: Any = terms.breaking
    front: Any = terms.front
    objective, stalemate = race.outcome(state.race, breaking.spread)
    ground = minimum(maximum(state.ground - state.retaken, 0.0), front.depth)
    return WarResult(objective, stalemate, state.race.days, state.attack_lost, state.defence_lost, ground)
