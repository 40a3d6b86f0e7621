"""Epstein's adaptive model of war on land: who suffers too much gives ground or presses less.

The defender withdraws when its losses pass what it will bear, trading ground for blood; the attacker presses as hard as
its own losses allow. The daily recursions are those of Epstein (1985) as recalled, with ground combat only (no close
air support), compounded over longer spans as if losses stayed at the span's rate: at spans of one day they are the
original's. Exchange ratio: the loss rates of the terms at parity, divided by relative skill and by effects.
The attacker has its objective once it has taken the depth of the front or the defence has broken.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from twofront.adjudicate import race
from twofront.adjudicate.contract import Phase, Terms, WarResult, part_of
from twofront.engine.dimension import Day, PerDay, Ratio, Share
from twofront.engine.law import law
from twofront.engine.ops import Number, exp, log, maximum, minimum, sqrt, where

__all__ = [
    "EpsteinState",
    "finish",
    "prosecution_rate",
    "remaining",
    "start",
    "step",
    "tempered_rate",
    "withdrawal_rate",
]


@law(
    id="war.epstein.withdrawal",
    form="Piecewise((V - (V - W)*((1 - a)/(1 - T))**h, a > T), (0, True))",
    symbols={"withdrawal": "W", "fastest": "V", "loss": "a", "threshold": "T", "step": "h"},
    source="epstein1985, from memory: W + (V - W)/(1 - T) (a - T) by day where a > T, else 0; compounded over h days",
    holds=("between 0 and the fastest", "nothing at losses below the threshold", "the daily recursion at one day"),
    fails="armies that hold at any cost, and those that cannot get away",
)
def withdrawal_rate(withdrawal: Number, fastest: Number, loss: PerDay, threshold: PerDay, step: Day) -> Number:
    """Return the defender's next rate of withdrawal [km/day] from its rate of loss."""
    kept = exp(step * log((1 - loss) / (1 - threshold)))
    return where(loss > threshold, fastest - (fastest - withdrawal) * kept, 0.0)


@law(
    id="war.epstein.prosecution",
    form="T - (T - g)*(a/T)**h",
    symbols={"pressing": "g", "threshold": "T", "loss": "a", "step": "h"},
    source="epstein1985, from memory: g - (T - g)/T (a - T) by day; compounded over h days",
    holds=("never above the threshold from below", "unchanged at the threshold", "the daily recursion at one day"),
    fails="attackers who do not count their losses",
)
def prosecution_rate(pressing: PerDay, threshold: PerDay, loss: PerDay, step: Day) -> PerDay:
    """Return the rate of loss at which the attacker will press on, from the rate it has suffered."""
    return threshold - (threshold - pressing) * exp(step * log(loss / threshold))


@law(
    id="war.epstein.tempered",
    form="g*(1 - W/V)",
    symbols={"pressing": "g", "withdrawal": "W", "fastest": "V"},
    source="epstein1985, from memory: contact loosens as the defender withdraws",
    holds=("between 0 and the pressing rate", "nothing at the fastest withdrawal"),
    fails="pursuit",
)
def tempered_rate(pressing: PerDay, withdrawal: Number, fastest: Number) -> PerDay:
    """Return the attacker's rate of loss while the defender withdraws."""
    return pressing * (1 - withdrawal / fastest)


@law(
    id="war.epstein.remaining",
    form="(1 - a)**h",
    symbols={"loss": "a", "step": "h"},
    source="a daily share of losses, compounded over h days",
    holds=("between 0 and 1", "two half steps equal one"),
    fails="rates that change within the span",
)
def remaining(loss: PerDay, step: Day) -> Share:
    """Return what is left after a span at a daily share of losses."""
    return exp(step * log(1 - loss))


@law(
    id="war.epstein.exchange",
    form="m/l*a*exp(k)/d",
    symbols={"attack_loss": "l", "defence_loss": "m", "attack_effect": "a", "defence_effect": "d", "log_skill": "k"},
    source="epstein1985, inverse of its exchange ratio; here from loss rates at parity, effects and skill",
    holds=("the loss rates' ratio between equals", "inverted when the sides are swapped"),
    fails="exchange ratios that depend on numbers",
)
def exchange_ratio(
    attack_loss: PerDay, defence_loss: PerDay, attack_effect: Ratio, defence_effect: Ratio, log_skill: Ratio
) -> Ratio:
    """Return how many defenders are lost for each attacker, between forces of one size."""
    return defence_loss / attack_loss * attack_effect * exp(log_skill) / defence_effect


class EpsteinState(NamedTuple):
    """``pressing``: loss the attacker accepts [1/day]; ``withdrawal`` [km/day]; ``ground`` [km]; rest as elsewhere."""

    attack_level: Number
    defence_level: Number
    attack_lost: Number
    defence_lost: Number
    attack_worn: Number
    defence_worn: Number
    pressing: Number
    withdrawal: Number
    ground: Number
    race: race.Race


def start(terms: Terms) -> EpsteinState:
    """Before the first phase: nobody withdraws, and the attacker presses at the loss rate of parity."""
    part_of(terms, "breaking", "epstein")
    front = part_of(terms, "front", "epstein")
    pressing = minimum(terms.attack_loss, front.attack_threshold)
    return EpsteinState(0.0, 0.0, 0.0, 0.0, 0.0, 0.0, pressing, 0.0, 0.0, race.begun())


_ALL = 0.999
"""Largest daily share of losses that the recursions are fed: at 1 nothing would be left to compound."""


def step(terms: Terms, state: EpsteinState, phase: Phase) -> EpsteinState:
    """Fight through a phase."""
    breaking: Any = terms.breaking
    front: Any = terms.front
    attack_floor, defence_floor = 1 - breaking.attack, 1 - breaking.defence
    days = phase.days
    attack = 1 - race.settled(state.attack_lost, state.attack_level, phase.attack)
    defence = 1 - race.settled(state.defence_lost, state.defence_level, phase.defence)
    attack_worn = race.settled(state.attack_worn, state.attack_level, phase.attack)
    defence_worn = race.settled(state.defence_worn, state.defence_level, phase.defence)

    exchange = exchange_ratio(
        terms.attack_loss,
        terms.defence_loss,
        phase.attack_effect,
        phase.defence_effect + race.NOTHING,
        terms.log_skill,
    )
    suffered = minimum(tempered_rate(state.pressing, state.withdrawal, front.speed), _ALL)
    attack_loss = attack * (1 - remaining(suffered, days))
    defence_loss = attack_loss * minimum(race.ratio_of(phase.attack, phase.defence) * exchange, race.OVERWHELMING)
    defence_rate = minimum(defence_loss / (defence * days), _ALL)
    ground = state.ground + state.withdrawal * days
    share = minimum((attack - attack_floor) / (attack_loss + race.NOTHING), 1.0)
    share = maximum(minimum((defence - defence_floor) / (defence_loss + race.NOTHING), share), 0.0)
    attack_worn = attack_worn + attack_loss / attack
    defence_worn = defence_worn + defence_loss / defence
    attack = maximum(attack - share * attack_loss, attack_floor)
    defence = maximum(defence - share * defence_loss, defence_floor)

    # The attacker sets its own losses, and skill tells in the defender's alone: what the attacker has achieved goes
    # with skill itself (a root, for the race squares it), and its failing hardly with skill at all (a high power).
    ahead = maximum(ground / front.depth, defence_worn / race.breaking_point(breaking.defence))
    behind = attack_worn / race.breaking_point(breaking.attack)
    crossing = race.first(ahead, behind)
    squared = behind * behind
    return EpsteinState(
        phase.attack,
        phase.defence,
        1 - attack,
        1 - defence,
        attack_worn,
        defence_worn,
        prosecution_rate(state.pressing, front.attack_threshold, suffered, days),
        withdrawal_rate(state.withdrawal, front.speed, defence_rate, front.defence_threshold, days),
        ground,
        race.advanced(state.race, sqrt(ahead), squared * squared, days, breaking.spread, crossing),
    )


def finish(terms: Terms, state: EpsteinState) -> WarResult:
    """Read the thresholds at the horizon; the ground is that at the skill drawn, up to the depth sought."""
    breaking: Any = terms.breaking
    front: Any = terms.front
    objective, stalemate = race.outcome(state.race, breaking.spread)
    behind = state.attack_worn / race.breaking_point(breaking.attack)
    worn = state.defence_worn / race.breaking_point(breaking.defence)
    losses = race.typical_losses(
        state.race,
        breaking.spread,
        race.first(worn, behind),
        (behind, worn),
        (race.exponential_loss(breaking.attack), race.exponential_loss(breaking.defence)),
    )
    return WarResult(objective, stalemate, state.race.days, *losses, ground=minimum(state.ground, front.depth))
