"""Salvoes at sea, in the air and across a strait: missiles against interceptors, both from finite magazines.

In each phase either side fires what its surviving strength can fire and its magazines hold; the other side's
interceptors stop what they can; what leaks through and hits puts strength out of action, on both sides at once.
`salvo_hughes` is the deterministic exchange (Hughes 1995), with its known flaw, the threshold: a defence that can stop
every missile loses nothing. `salvo_stochastic` follows Armstrong (2005): every missile hits or not by itself, losses
are means of what the target can lose, and the luck of the draw widens what is left open (`race.wider_spread`).

Who wins: without a crossing, the side whose opponent's strike strength breaks first. With one (`Terms.crossing`), land
forces cross in the lift that is left, a share of those at sea going down with it, and fight ashore; the attacker holds
its objective once the force landed, times its effect, is `hold_ratio` times the land force that holds the shore, times
its effect; it fails where its strike strength or its lift breaks first.

A phase is one exchange: in finer phases losses tell on the next salvo, which is another war and no numerical error.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from twofront.adjudicate import laws, race
from twofront.adjudicate.contract import Phase, Terms, WarResult, part_of
from twofront.engine.dimension import Count, Ratio, Round, Share
from twofront.engine.law import law
from twofront.engine.ops import Number, absolute, exp, log, maximum, minimum, power, sqrt

__all__ = [
    "SalvoState",
    "exact_hits",
    "expected_hits",
    "finish",
    "hits_variance",
    "hughes_leakers",
    "leak_chance",
    "missile_chance",
    "start",
    "step",
    "variance_share",
]


@law(
    id="war.salvo.leakers",
    form="Max(S - k*i, 0)",
    symbols={"salvo": "S", "kill": "k", "interceptors": "i"},
    source="hughes1995: offensive power less defensive power, never below nothing",
    holds=("between 0 and the salvo", "none where the defence can stop them all"),
    fails="the threshold itself: real defences leak before they are saturated",
)
def hughes_leakers(salvo: Round, kill: Share, interceptors: Round) -> Round:
    """Return how many missiles of a salvo get through a defence that stops ``kill`` each."""
    return maximum(salvo - kill * interceptors, 0.0)


@law(
    id="war.salvo.leak",
    form="(1 - k)**x",
    symbols={"kill": "k", "each": "x"},
    source="armstrong2005: every missile by itself; independent shots by each interceptor",
    holds=("between 0 and 1", "one without interceptors", "two shots leak the square of one"),
    fails="shots that fail for a common reason",
)
def leak_chance(kill: Share, each: Ratio) -> Share:
    """Return the chance that a missile gets through ``each`` interceptors."""
    return power(1 - kill, each)


@law(
    id="war.salvo.missile",
    form="l*(1 - k)**x*(1 - t)*(1 - m)",
    symbols={"launched": "l", "kill": "k", "interceptors": "x", "terminal": "t", "miss": "m"},
    source="chain of independent chances (Cancian, Cancian & Heginbotham 2023)",
    holds=("between 0 and 1", ".020655 for .85, two of .7, .7 and .1"),
    fails="links that fail together",
)
def missile_chance(launched: Share, kill: Share, interceptors: Count, terminal: Share, miss: Share) -> Share:
    """Return the chance that a missile is launched, gets through every layer and hits."""
    return launched * leak_chance(kill, interceptors) * (1 - terminal) * (1 - miss)


@law(
    id="war.salvo.variance",
    form="n*p*(1 - p)",
    symbols={"salvo": "n", "chance": "p"},
    source="armstrong2005: binomial number of hits",
    holds=("never negative", "nothing where every missile hits"),
    fails="missiles that share their fate",
)
def hits_variance(salvo: Round, chance: Share) -> Number:
    """Return the variance of the number of hits."""
    return salvo * chance * (1 - chance)


@law(
    id="war.salvo.hits",
    form="Max(Min(h, c) - w*log(1 + exp(-Abs(h - c)/w)), 0)",
    symbols={"hits": "h", "capacity": "c", "width": "w"},
    source="mean of a logistic number of hits, cut off at what the target can take; armstrong2005 with a normal one",
    holds=("never above the hits, nor above what the target can take", "the smaller of both without luck"),
    fails="less than one hit expected",
)
def expected_hits(hits: Count, capacity: Count, width: Count) -> Count:
    """Return the mean of the hits that count, when hits beyond the target's capacity are wasted."""
    softened = minimum(hits, capacity) - width * log(1 + exp(-absolute(hits - capacity) / width))
    return maximum(softened, 0.0)


@law(
    id="war.salvo.luck",
    form="v/(h**2 + v)",
    symbols={"hits": "h", "variance": "v"},
    source="variance of the log of a number of hits, to first order, kept below one",
    holds=("between 0 and 1", "falls with the number of hits"),
    fails="less than one hit expected",
)
def variance_share(hits: Count, variance: Number) -> Ratio:
    """Return what the luck of the hits adds to the variance of the log of relative skill."""
    return variance / (hits * hits + variance)


def exact_hits(salvo: int, chance: float, capacity: float) -> float:
    """Mean of min(hits, ``capacity``) for a binomial number of hits: the oracle for `expected_hits`."""
    missed = 1 - chance
    weights = [1.0]
    for _ in range(salvo):
        weights = [
            (weights[n] * missed if n < len(weights) else 0.0) + (weights[n - 1] * chance if n else 0.0)
            for n in range(len(weights) + 1)
        ]
    return sum(weight * min(float(n), capacity) for n, weight in enumerate(weights))


_WIDTH = 0.55132889542179204
"""sqrt(3)/pi: scale of a logistic distribution of standard deviation one."""
_PER_MISSILE = 2.0
"""Interceptors fired at one missile at most, where each missile counts by itself (shoot, shoot)."""


class SalvoState(NamedTuple):
    """Strike strength, magazines [round], hits with their variance, and the landing.

    ``…_level``, ``…_lost``, ``…_worn`` as elsewhere, of the strength that is not land force; ``sent``: land force that
    has embarked; ``ashore``: what of it stands; ``shore_lost``: share lost of the land force that holds the shore;
    ``lift_worn``: hits on lift against what puts it out of action.
    """

    attack_level: Number
    defence_level: Number
    attack_lost: Number
    defence_lost: Number
    attack_worn: Number
    defence_worn: Number
    attack_missiles: Number
    defence_missiles: Number
    attack_interceptors: Number
    defence_interceptors: Number
    attack_hits: Number
    defence_hits: Number
    attack_variance: Number
    defence_variance: Number
    ground_level: Number
    shore_level: Number
    sent: Number
    ashore: Number
    shore_lost: Number
    lift_worn: Number
    race: race.Race


def start(stochastic: bool, terms: Terms) -> SalvoState:
    """Before the first phase; ``stochastic``: missile by missile."""
    name = "salvo_stochastic" if stochastic else "salvo_hughes"
    part_of(terms, "breaking", name)
    part_of(terms, "salvo", name)
    return SalvoState(*[0.0] * 20, race=race.begun())


class _Volley(NamedTuple):
    """``hits`` expected, their ``variance``, interceptors ``used``."""

    hits: Number
    variance: Number
    used: Number


def _volley(stochastic: bool, fired: Number, hit: Number, kill: Number, interceptors: Number) -> _Volley:
    """Fire a salvo into a defence."""
    if not stochastic:
        used = minimum(interceptors, fired / (kill + race.NOTHING))
        return _Volley(hit * hughes_leakers(fired, kill, interceptors), 0.0, used)
    used = minimum(interceptors, _PER_MISSILE * fired)
    chance = hit * leak_chance(kill, used / (fired + race.NOTHING))
    return _Volley(fired * chance, hits_variance(fired, chance), used)


def _share_hit(stochastic: bool, volley: _Volley, hits: Number, capacity: Number) -> Number:
    """Share of a target's strength that hits put out of action."""
    if not stochastic:
        counted = minimum(hits, capacity)
    else:
        counted = expected_hits(hits, capacity, sqrt(volley.variance) * _WIDTH + race.NOTHING)
    return minimum(counted / (capacity + race.NOTHING), 1.0)


def step(stochastic: bool, terms: Terms, state: SalvoState, phase: Phase) -> SalvoState:
    """Exchange the salvoes of a phase, and cross."""
    breaking: Any = terms.breaking
    salvo: Any = terms.salvo
    attack_floor, defence_floor = 1 - breaking.attack, 1 - breaking.defence
    attack_level = maximum(phase.attack - phase.attack_ground, 0.0)
    defence_level = maximum(phase.defence - phase.defence_ground, 0.0)
    attack_lost = race.settled(state.attack_lost, state.attack_level, attack_level)
    defence_lost = race.settled(state.defence_lost, state.defence_level, defence_level)
    attack_worn = race.settled(state.attack_worn, state.attack_level, attack_level)
    defence_worn = race.settled(state.defence_worn, state.defence_level, defence_level)
    attack, defence = attack_level * (1 - attack_lost), defence_level * (1 - defence_lost)

    attack_stock = state.attack_missiles + phase.attack_missiles
    defence_stock = state.defence_missiles + phase.defence_missiles
    attack_guard = state.attack_interceptors + phase.attack_interceptors
    defence_guard = state.defence_interceptors + phase.defence_interceptors
    attack_fired = minimum(salvo.attack_shots * attack * phase.days, attack_stock)
    defence_fired = minimum(salvo.defence_shots * defence * phase.days, defence_stock)
    skill = exp(terms.log_skill / 2)
    ours = _volley(
        stochastic,
        attack_fired,
        minimum(salvo.attack_hit * phase.attack_effect * skill, 1.0),
        salvo.defence_kill,
        minimum(salvo.defence_intercepts * defence * phase.days, defence_guard),
    )
    theirs = _volley(
        stochastic,
        defence_fired,
        minimum(salvo.defence_hit * phase.defence_effect / skill, 1.0),
        salvo.attack_kill,
        minimum(salvo.attack_intercepts * attack * phase.days, attack_guard),
    )
    exposure = 0.0 if terms.crossing is None else terms.crossing.exposure
    on_strike = theirs.hits * (1 - exposure)
    attack_capacity, defence_capacity = attack * salvo.attack_staying, defence * salvo.defence_staying
    attack_left = (1 - attack_lost) * (1 - _share_hit(stochastic, theirs, on_strike, attack_capacity))
    defence_left = (1 - defence_lost) * (1 - _share_hit(stochastic, ours, ours.hits, defence_capacity))
    attack_worn = attack_worn + race.ratio_of(on_strike, attack_capacity)
    defence_worn = defence_worn + race.ratio_of(ours.hits, defence_capacity)

    state = state._replace(
        attack_level=attack_level,
        defence_level=defence_level,
        # A side that breaks leaves with what it then has.
        attack_lost=1 - maximum(attack_left, attack_floor),
        defence_lost=1 - maximum(defence_left, defence_floor),
        attack_worn=attack_worn,
        defence_worn=defence_worn,
        attack_missiles=attack_stock - attack_fired,
        defence_missiles=defence_stock - defence_fired,
        attack_interceptors=attack_guard - theirs.used,
        defence_interceptors=defence_guard - ours.used,
        attack_hits=state.attack_hits + ours.hits,
        defence_hits=state.defence_hits + theirs.hits,
        attack_variance=state.attack_variance + ours.variance,
        defence_variance=state.defence_variance + theirs.variance,
    )
    behind = attack_worn / race.breaking_point(breaking.attack)
    ahead = defence_worn / race.breaking_point(breaking.defence)
    if terms.crossing is not None:
        state, ahead, drowned = _cross(terms, state, phase, theirs.hits * exposure, skill)
        behind = maximum(behind, drowned)
    moved = race.advanced(
        state.race, ahead, behind, phase.days, _spread(stochastic, terms, state), race.first(ahead, behind)
    )
    return state._replace(race=moved)


def _cross(
    terms: Terms, state: SalvoState, phase: Phase, on_lift: Number, skill: Number
) -> tuple[SalvoState, Number, Number]:
    """Land what the lift carries, fight ashore; how far the landing has come, and how far lift is from breaking."""
    breaking: Any = terms.breaking
    crossing: Any = terms.crossing
    before = exp(-state.lift_worn)
    lift_worn = state.lift_worn + on_lift / crossing.lift_staying
    survived = exp(-on_lift / crossing.lift_staying)
    embarked = minimum(crossing.lift * phase.days * before, maximum(phase.attack_ground - state.sent, 0.0))
    shore_lost = race.settled(state.shore_lost, state.shore_level, phase.defence_ground)
    ours = state.ashore * phase.attack_effect * skill
    theirs = phase.defence_ground * (1 - shore_lost) * phase.defence_effect / skill
    ashore_lost = laws.attrition(0.0, terms.attack_loss, phase.days, laws.engaged_share(theirs, ours))
    ashore = state.ashore * (1 - ashore_lost) + embarked * survived
    shore_lost = laws.attrition(shore_lost, terms.defence_loss, phase.days, laws.engaged_share(ours, theirs))
    holding = phase.defence_ground * (1 - shore_lost) * phase.defence_effect / skill
    # Relative skill counts in full where two forces stand against each other: a root, for the race squares it again.
    ahead = sqrt(race.ratio_of(ashore * phase.attack_effect * skill, crossing.hold_ratio * holding))
    state = state._replace(
        ground_level=maximum(state.ground_level, phase.attack_ground),
        shore_level=phase.defence_ground,
        sent=state.sent + embarked,
        ashore=ashore,
        shore_lost=shore_lost,
        lift_worn=lift_worn,
    )
    return state, ahead, lift_worn / race.breaking_point(breaking.attack)


def _spread(stochastic: bool, terms: Terms, state: SalvoState) -> Number:
    """Scale of what is left open: skill, and missile by missile the luck of the hits."""
    breaking: Any = terms.breaking
    if not stochastic:
        return breaking.spread
    luck = variance_share(state.attack_hits, state.attack_variance + race.NOTHING)
    luck = luck + variance_share(state.defence_hits, state.defence_variance + race.NOTHING)
    return race.wider_spread(breaking.spread, luck)


def finish(stochastic: bool, terms: Terms, state: SalvoState) -> WarResult:
    """Read the thresholds at the horizon; losses are those at the skill drawn, of all strength that was committed."""
    objective, stalemate = race.outcome(state.race, _spread(stochastic, terms, state))
    attack_lost, defence_lost = state.attack_lost, state.defence_lost
    if terms.crossing is not None:
        attack_lost = (attack_lost * state.attack_level + (state.sent - state.ashore)) / (
            state.attack_level + state.ground_level + race.NOTHING
        )
        defence_lost = (defence_lost * state.defence_level + state.shore_lost * state.shore_level) / (
            state.defence_level + state.shore_level + race.NOTHING
        )
    return WarResult(objective, stalemate, state.race.days, attack_lost, defence_lost)
