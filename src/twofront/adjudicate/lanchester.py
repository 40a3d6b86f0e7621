"""Lanchester's laws: each side's losses go with powers of the enemy's and of its own numbers.

The rates of loss are those of the terms at parity of what stands in the theatre; time runs with the geometric mean
of the two levels, so that only ratios matter whatever the exponents. Within a phase the survivors follow the law by the
midpoint rule, and stop where the first side breaks; which side that is for another skill follows from the state law,
exactly (see `twofront.adjudicate.race`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from twofront.adjudicate import race
from twofront.adjudicate.contract import Phase, Terms, WarResult, part_of
from twofront.engine.dimension import Count, Day, PerDay, Ratio, Share
from twofront.engine.law import law
from twofront.engine.ops import Number, absolute, exp, log, maximum, minimum, normal_cdf, number, power, sqrt, where

__all__ = [
    "FORMS",
    "Form",
    "LanchesterState",
    "exact_chance",
    "exponent_loss",
    "exponent_toll",
    "fight_duration",
    "fighting_strength",
    "finish",
    "linear_loss",
    "linear_toll",
    "logarithmic_loss",
    "logarithmic_toll",
    "luck",
    "square_chance",
    "square_loss",
    "square_survivors",
    "square_toll",
    "start",
    "step",
    "survivors",
]


# ---- the laws as they were published ------------------------------------------------------------------------------


@law(
    id="war.lanchester.strength",
    form="b*A**2",
    symbols={"rate": "b", "force": "A"},
    source="lanchester1916: fighting strength is quality times the square of numbers",
    holds=("twice the numbers are worth four times the quality",),
    fails="forces that cannot all reach the enemy",
)
def fighting_strength(rate: PerDay, force: Count) -> Number:
    """Return the fighting strength of a force under the square law."""
    return rate * force * force


@law(
    id="war.lanchester.survivors",
    form="sqrt(Max(A**2 - a*D**2/b, 0))",
    symbols={"force": "A", "enemy": "D", "loss": "a", "kill": "b"},
    source="lanchester1916, state law of the square law: b A^2 - a D^2 does not change",
    holds=("all of the force where there is no enemy", "none at equal fighting strength"),
    fails="fights that end before one side is gone",
)
def survivors(force: Count, enemy: Count, loss: PerDay, kill: PerDay) -> Count:
    """Return what is left of a force that has fought its enemy to the end; 0 where it lost."""
    return sqrt(maximum(force * force - loss * enemy * enemy / kill, 0.0))


@law(
    id="war.lanchester.square",
    form=(
        "A*cosh(sqrt(a*b)*t) - sqrt(a/b)*D*sinh(sqrt(a*b)*t)",
        "D*cosh(sqrt(a*b)*t) - sqrt(b/a)*A*sinh(sqrt(a*b)*t)",
    ),
    symbols={"attack": "A", "defence": "D", "loss": "a", "kill": "b", "days": "t"},
    source="lanchester1916: dA/dt = -a D, dD/dt = -b A, solved",
    holds=("two half steps equal one", "fighting strengths keep their difference"),
    fails="beyond the day on which one side is gone",
)
def square_survivors(attack: Count, defence: Count, loss: PerDay, kill: PerDay, days: Day) -> tuple[Count, Count]:
    """Return both sides after some days of aimed fire, while both have forces left."""
    grown = exp(sqrt(loss * kill) * days)
    cosh, sinh = (grown + 1 / grown) / 2, (grown - 1 / grown) / 2
    edge = sqrt(loss / kill)
    return attack * cosh - edge * defence * sinh, defence * cosh - attack * sinh / edge


@law(
    id="war.lanchester.duration",
    form="log((1 + sqrt(a/b)*D/A)/(1 - sqrt(a/b)*D/A))/(2*sqrt(a*b))",
    symbols={"attack": "A", "defence": "D", "loss": "a", "kill": "b"},
    source="lanchester1916, square law: the day on which a weaker defence is gone",
    holds=("the defence is gone by then",),
    fails="an attacker of less fighting strength (not a number)",
)
def fight_duration(attack: Count, defence: Count, loss: PerDay, kill: PerDay) -> Day:
    """Return the days in which the stronger attacker wears its enemy down to nothing."""
    odds = sqrt(loss / kill) * defence / attack
    return log((1 + odds) / (1 - odds)) / (2 * sqrt(loss * kill))


@law(
    id="war.lanchester.chance",
    form="normal_cdf(log(b*A**2/(a*D**2))/sqrt(Rational(4, 3)*(1/A + 1/D)))",
    symbols={"attack": "A", "defence": "D", "loss": "a", "kill": "b"},
    source="central limit of the stochastic square law (variance along the deterministic path: 4/3 of both cubes)",
    holds=("between 0 and 1", "one half at equal fighting strength", "what both sides have adds up to one"),
    fails="handfuls of elements at great odds (within .035 of the exact chain from 4 elements a side, .02 from 12)",
)
def square_chance(attack: Count, defence: Count, loss: PerDay, kill: PerDay) -> Share:
    """Return the chance that the attacker is left when elements die one by one under the square law."""
    edge = log(kill * attack * attack / (loss * defence * defence))
    return normal_cdf(edge / sqrt((1 / attack + 1 / defence) * 4 / 3))


def exact_chance(
    attack: int, defence: int, loss: Number, kill: Number, attack_left: int = 0, defence_left: int = 0
) -> Number:
    """Chance that the attacker wins under the stochastic square law, by its exact chain.

    A side breaks when no more than ``…_left`` elements are left. The next to fall is the attacker's with chance
    a D / (a D + b A): a sum over all states, so for small whole numbers only; the oracle for `square_chance`.
    """
    row: list[Number] = [number(0.0)] * (attack_left + 1) + [number(1.0)] * (attack - attack_left)
    for theirs in range(defence_left + 1, defence + 1):
        new: list[Number] = [number(0.0)] * (attack_left + 1)
        for ours in range(attack_left + 1, attack + 1):
            falls = loss * theirs / (loss * theirs + kill * ours)
            new.append(falls * new[ours - 1] + (1 - falls) * row[ours])
        row = new
    return row[attack]


# ---- rates of loss and the state law, in shares of what was committed ----------------------------------------------


@law(
    id="war.lanchester.loss.square",
    form="c*e",
    symbols={"rate": "c", "enemy": "e", "own": "o"},
    source="lanchester1916: aimed fire, exponents 1 of the enemy and 0 of one's own",
    holds=("the rate at full strength", "in proportion to the enemy"),
    fails="fire at areas, crowded ground",
)
def square_loss(rate: PerDay, enemy: Share, own: Share) -> PerDay:
    """Return the rate of loss of a side of which ``own`` is left, by an enemy of which ``enemy`` is left."""
    del own
    return rate * enemy


@law(
    id="war.lanchester.loss.linear",
    form="c*e*o",
    symbols={"rate": "c", "enemy": "e", "own": "o"},
    source="lanchester1916: unaimed fire into the ground a side holds, or single combats; exponents 1 and 1",
    holds=("the rate at full strength", "in proportion to the enemy"),
    fails="aimed fire in the open",
)
def linear_loss(rate: PerDay, enemy: Share, own: Share) -> PerDay:
    """Return the rate of loss of a side under fire at areas."""
    return rate * enemy * own


@law(
    id="war.lanchester.loss.logarithmic",
    form="c*o",
    symbols={"rate": "c", "enemy": "e", "own": "o"},
    source="peterson1967: losses that do not depend on the enemy's numbers; exponents 0 and 1",
    holds=("the rate at full strength", "whatever the enemy"),
    fails="an enemy who is nearly gone",
)
def logarithmic_loss(rate: PerDay, enemy: Share, own: Share) -> PerDay:
    """Return the rate of loss of a side that wears itself out."""
    del enemy
    return rate * own


@law(
    id="war.lanchester.loss.mixed",
    form="c*e**p*o**q",
    symbols={"rate": "c", "enemy": "e", "own": "o", "enemy_exponent": "p", "own_exponent": "q"},
    source="bracken1995: exponents fitted between the named laws; fits to different battles conflict",
    holds=("the rate at full strength", "between the named laws"),
    fails="the named laws' limits; exponents are hardly identified by data",
)
def exponent_loss(rate: PerDay, enemy: Share, own: Share, enemy_exponent: Ratio, own_exponent: Ratio) -> PerDay:
    """Return the rate of loss under a law with any exponents."""
    return rate * exp(enemy_exponent * log(enemy) + own_exponent * log(own))


@law(
    id="war.lanchester.toll.square",
    form="(1 - u**2)/2",
    symbols={"left": "u"},
    source="state law of the square law: both sides' tolls rise in a fixed proportion",
    holds=("never rises with what is left", "0 where nobody was lost"),
    fails="rates that change during the fight",
)
def square_toll(left: Share) -> Ratio:
    """Return the toll taken of a side under the square law."""
    return (1 - left * left) / 2


@law(
    id="war.lanchester.toll.linear",
    form="1 - u",
    symbols={"left": "u"},
    source="state law of the linear law: both sides' tolls rise in a fixed proportion",
    holds=("never rises with what is left", "0 where nobody was lost"),
    fails="rates that change during the fight",
)
def linear_toll(left: Share) -> Ratio:
    """Return the toll taken of a side under the linear law."""
    return 1 - left


@law(
    id="war.lanchester.toll.logarithmic",
    form="-log(u)",
    symbols={"left": "u"},
    source="state law of the logarithmic law: both sides' tolls rise in a fixed proportion",
    holds=("never rises with what is left", "0 where nobody was lost"),
    fails="rates that change during the fight",
)
def logarithmic_toll(left: Share) -> Ratio:
    """Return the toll taken of a side under the logarithmic law."""
    return -log(left)


@law(
    id="war.lanchester.toll.mixed",
    form="(1 - u**(1 + p - q))/(1 + p - q)",
    symbols={"left": "u", "enemy_exponent": "p", "own_exponent": "q"},
    source="state law of any exponents: both sides' tolls rise in a fixed proportion",
    holds=("never rises with what is left", "0 where nobody was lost"),
    fails="rates that change during the fight",
)
def exponent_toll(left: Share, enemy_exponent: Ratio, own_exponent: Ratio) -> Ratio:
    """Return the toll taken of a side under a law with any exponents; -log(u) where 1 + p - q is 0."""
    n = 1 + enemy_exponent - own_exponent
    curved = absolute(n) > _FLAT
    return where(curved, (1 - power(left, n)) / where(curved, n, 1.0), -log(left))


_FLAT = 1e-7
"""Exponents below which the toll is its logarithmic limit: both differ by less than 1e-6 of it there."""


@law(
    id="war.lanchester.luck",
    form="Rational(4, 3)*(1 - (1 - b)**3)/((1 - (1 - b)**2)**2*n)",
    symbols={"breaking": "b", "elements": "n"},
    source="central limit of the stochastic square law, up to the breaking points",
    holds=("4/3 over the number of elements where they fight to the last", "falls with the number of elements"),
    fails="elements that fall together",
)
def luck(breaking: Share, elements: Count) -> Ratio:
    """Return what a side's elements add to the variance of the log of relative skill."""
    left = 1 - breaking
    square = 1 - left * left
    return (1 - left * left * left) * 4 / 3 / (square * square * elements)


# ---- the structures ------------------------------------------------------------------------------------------------

Loss = Callable[[Number, Number, Number], Number]


@dataclass(frozen=True, slots=True)
class Form:
    """One of the family.

    ``loss``: rate of loss from rate, enemy and own shares left; ``toll``: from the share left; ``scaled``: the force
    ratio as it enters the rate of loss at full strength, ratio^((1 + p - q)/2); ``left``: the share left once the toll
    is a part (0 to 1) of what breaks a side at the share ``floor``. All are given the terms first.
    """

    name: str
    loss: Callable[[Terms, Number, Number, Number], Number]
    toll: Callable[[Terms, Number], Number]
    scaled: Callable[[Terms, Number], Number]
    left: Callable[[Terms, Number, Number], Number]
    by_element: bool = False


def _mixed_exponents(terms: Terms) -> tuple[Number, Number]:
    exponents = part_of(terms, "exponents", "lanchester_mixed")
    return exponents.enemy, exponents.own


def _mixed_ratio(terms: Terms, ratio: Number) -> Number:
    p, q = _mixed_exponents(terms)
    return power(ratio, (1 + p - q) / 2)


def _mixed_left(terms: Terms, part: Number, floor: Number) -> Number:
    p, q = _mixed_exponents(terms)
    n = 1 + p - q
    curved = absolute(n) > _FLAT
    return where(curved, power(1 - part * (1 - power(floor, n)), 1 / where(curved, n, 1.0)), exp(part * log(floor)))


_SQUARE = Form(
    "lanchester_square",
    lambda terms, rate, enemy, own: square_loss(rate, enemy, own),
    lambda terms, left: square_toll(left),
    lambda terms, ratio: ratio,
    lambda terms, part, floor: sqrt(1 - part * (1 - floor * floor)),
)
FORMS = {
    form.name: form
    for form in (
        _SQUARE,
        Form(
            "lanchester_linear",
            lambda terms, rate, enemy, own: linear_loss(rate, enemy, own),
            lambda terms, left: linear_toll(left),
            lambda terms, ratio: sqrt(ratio),
            lambda terms, part, floor: 1 - part * (1 - floor),
        ),
        Form(
            "lanchester_log",
            lambda terms, rate, enemy, own: logarithmic_loss(rate, enemy, own),
            lambda terms, left: logarithmic_toll(left),
            # Nobody is worn down by an enemy who is not there, and who is not there is gone.
            lambda terms, ratio: where(ratio < race.OVERWHELMING, where(ratio > 0.0, 1.0, 0.0), ratio),
            lambda terms, part, floor: exp(part * log(floor)),
        ),
        Form(
            "lanchester_mixed",
            lambda terms, rate, enemy, own: exponent_loss(rate, enemy, own, *_mixed_exponents(terms)),
            lambda terms, left: exponent_toll(left, *_mixed_exponents(terms)),
            _mixed_ratio,
            _mixed_left,
        ),
        Form("lanchester_stochastic", _SQUARE.loss, _SQUARE.toll, _SQUARE.scaled, _SQUARE.left, by_element=True),
    )
}


class LanchesterState(NamedTuple):
    """``…_level``: what would stand there unharmed; ``…_lost``: share lost; ``…_worn``: rates of loss added up."""

    attack_level: Number
    defence_level: Number
    attack_lost: Number
    defence_lost: Number
    attack_worn: Number
    defence_worn: Number
    race: race.Race


def start(form: Form, terms: Terms) -> LanchesterState:
    """Before the first phase."""
    part_of(terms, "breaking", form.name)
    if form.by_element:
        part_of(terms, "elements", form.name)
    if form.name == "lanchester_mixed":
        part_of(terms, "exponents", form.name)
    return LanchesterState(0.0, 0.0, 0.0, 0.0, 0.0, 0.0, race.begun())


def step(form: Form, terms: Terms, state: LanchesterState, phase: Phase) -> LanchesterState:
    """Fight through a phase."""
    breaking: Any = terms.breaking
    attack_floor, defence_floor = 1 - breaking.attack, 1 - breaking.defence
    attack = 1 - race.settled(state.attack_lost, state.attack_level, phase.attack)
    defence = 1 - race.settled(state.defence_lost, state.defence_level, phase.defence)
    attack_worn = race.settled(state.attack_worn, state.attack_level, phase.attack)
    defence_worn = race.settled(state.defence_worn, state.defence_level, phase.defence)

    # Relative skill counts for as much in what a side does as in what it is spared.
    skill = exp(terms.log_skill / 2)
    attack_rate = terms.attack_loss * phase.defence_effect / skill
    attack_rate = attack_rate * form.scaled(terms, race.ratio_of(phase.defence, phase.attack))
    defence_rate = terms.defence_loss * phase.attack_effect * skill
    defence_rate = defence_rate * form.scaled(terms, race.ratio_of(phase.attack, phase.defence))

    half = phase.days / 2
    attack_middle = maximum(attack - half * form.loss(terms, attack_rate, defence, attack), attack_floor)
    defence_middle = maximum(defence - half * form.loss(terms, defence_rate, attack, defence), defence_floor)
    attack_loss = phase.days * form.loss(terms, attack_rate, defence_middle, attack_middle)
    defence_loss = phase.days * form.loss(terms, defence_rate, attack_middle, defence_middle)
    # The fight stops where the first side breaks; at another skill it would go on at these rates.
    share = minimum((attack - attack_floor) / (attack_loss + race.NOTHING), 1.0)
    share = maximum(minimum((defence - defence_floor) / (defence_loss + race.NOTHING), share), 0.0)
    attack = maximum(attack - share * attack_loss, attack_floor)
    defence = maximum(defence - share * defence_loss, defence_floor)
    attack_worn = attack_worn + attack_loss / attack_middle
    defence_worn = defence_worn + defence_loss / defence_middle

    crossing = _crossing(form, terms, attack, defence)
    state = LanchesterState(phase.attack, phase.defence, 1 - attack, 1 - defence, attack_worn, defence_worn, state.race)
    moved = race.advanced(
        state.race,
        defence_worn / race.breaking_point(breaking.defence),
        attack_worn / race.breaking_point(breaking.attack),
        phase.days,
        _spread(form, terms, state),
        crossing,
    )
    return state._replace(race=moved)


def _spread(form: Form, terms: Terms, state: LanchesterState) -> Number:
    """Scale of what is left open: skill, and for elements that fall one by one their luck."""
    breaking: Any = terms.breaking
    if not form.by_element:
        return breaking.spread
    elements: Any = terms.elements
    # Less than one element is one that is not sure to be there.
    ours = maximum(elements.attack * state.attack_level, 1.0)
    theirs = maximum(elements.defence * state.defence_level, 1.0)
    return race.wider_spread(breaking.spread, luck(breaking.attack, ours) + luck(breaking.defence, theirs))


def finish(form: Form, terms: Terms, state: LanchesterState) -> WarResult:
    """Read the thresholds at the horizon."""
    breaking: Any = terms.breaking
    spread = _spread(form, terms, state)
    objective, stalemate = race.outcome(state.race, spread)
    floors = 1 - breaking.attack, 1 - breaking.defence
    losses = race.typical_losses(
        state.race,
        spread,
        _crossing(form, terms, 1 - state.attack_lost, 1 - state.defence_lost),
        (
            state.attack_worn / race.breaking_point(breaking.attack),
            state.defence_worn / race.breaking_point(breaking.defence),
        ),
        (
            lambda part: 1 - form.left(terms, part, floors[0]),
            lambda part: 1 - form.left(terms, part, floors[1]),
        ),
    )
    return WarResult(objective, stalemate, state.race.days, *losses)


def _crossing(form: Form, terms: Terms, attack: Number, defence: Number) -> Number:
    """Factor of skill at which both would break together, from the shares left: exact by the state law."""
    breaking: Any = terms.breaking
    return race.first(
        form.toll(terms, defence) / form.toll(terms, 1 - breaking.defence),
        form.toll(terms, attack) / form.toll(terms, 1 - breaking.attack),
    )
