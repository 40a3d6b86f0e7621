"""The responders' part of the game: what follows each pair of acts, once everybody who may help has chosen.

Payoffs add up over theatres given the outside responder's choice, so that each local responder's node is solved
by itself and the outside responder's node joins them; `twofront.choose.tree` checks that this equals backward
induction over the whole tree.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol, TypeAlias

from twofront.choose import laws
from twofront.choose.qre import expected, logit
from twofront.engine.ops import Number, Series, for_each, minimum
from twofront.readings import Readings
from twofront.world import Act, Responder, World

__all__ = [
    "CALL_STATES",
    "Prospect",
    "Prospects",
    "Rows",
    "Side",
    "Stance",
    "WarChances",
    "alerts",
    "forewarned",
    "prospects",
    "sides",
    "war_order",
]

CALL_STATES = ("quiet", "received", "known", "lost")
"""What became of a call: none (or lost unheard), received, received and intercepted, intercepted only."""
Consequence: TypeAlias = dict[str, Number]
"""What an act brings: ``objective``, and its value to the ``challenger`` and the ``outside`` responder."""
_WHAT = ("challenger", "outside", "objective")
_WARNED_ONLY = {"quiet": "quiet", "received": "quiet", "known": "lost", "lost": "lost"}
"""The state of the caller's own war: it gains no lead, but responders may be forewarned."""


class Rows(Protocol):
    """Numbers by place; a place may be a loop's index."""

    def __getitem__(self, place: int, /) -> Number: ...


@dataclass(frozen=True, slots=True)
class WarChances:
    """What the game needs to know of one act's war, by commitment (mode, level).

    ``objective``, ``stalemate``: rows by state of the call; ``later_…``: by commitment in which the outside responder
    fights and by the act of the other theatre's war that went before, in which it fights as well; rows by age of that
    war, in the order of the world's lags after 0.
    """

    objective: Mapping[tuple[int, int], Rows]
    stalemate: Mapping[tuple[int, int], Rows]
    later_objective: Mapping[tuple[int, int, str], Rows]
    later_stalemate: Mapping[tuple[int, int, str], Rows]


@dataclass(frozen=True, slots=True)
class Prospect:
    """What a pair of acts brings, before intercepts and waiting are added.

    ``lead``, ``follow``: gains to the two challengers [stake]; ``joins_lead``, ``joins_follow``: chances that the
    outside responder fights in the theatre; ``lead_objective``, ``follow_objective``: chance that the act wins.
    """

    lead: Number
    follow: Number
    joins_lead: Number
    joins_follow: Number
    lead_objective: Number
    follow_objective: Number


@dataclass(frozen=True, slots=True)
class Prospects:
    """All pairs of acts of one order of moves.

    ``now``: by (lead act, follow act, state of the call); ``later``: by (lead act, follow act, age), for a second war
    that begins while the first goes on with the outside responder in it: ``age`` numbers the world's lags, and 0
    stands for a first war, of any age, without the outside responder in it.
    """

    now: dict[tuple[str, str, str], Prospect]
    later: dict[tuple[str, str, int], Prospect]


def alerts(world: World, read: Readings) -> bool:
    """Whether some act short of war leads responders to deploy forward."""
    return any(read.has("act_alert", act.name) for c in world.challengers for act in c.menu)


def forewarned(solved: Prospects, share: Number) -> Prospects:
    """Prospects where responders are already deployed forward with a chance: the mean of both, payoff by payoff."""
    already = {"quiet": "lost", "received": "known"}

    def mixed(place: tuple[str, str, str], pair: Prospect) -> Prospect:
        act, answer, state = place
        other = solved.now.get((act, answer, already.get(state, state)), pair)
        return (
            pair
            if other is pair
            else replace(
                pair,
                lead=pair.lead + share * (other.lead - pair.lead),
                follow=pair.follow + share * (other.follow - pair.follow),
            )
        )

    return Prospects({place: mixed(place, pair) for place, pair in solved.now.items()}, solved.later)


def war_order(world: World, reverse: bool) -> tuple[int, int]:
    """Return the numbers of the leading and the following challenger."""
    return (1, 0) if reverse else (0, 1)


class _Local:
    """A local responder's nodes: expected consequences of an act's war by mode and what preceded it."""

    def __init__(
        self, world: World, read: Readings, theatre: str, act: Act, war: WarChances, states: int, modes: int
    ) -> None:
        local = next((r for r in world.responders if r.theatres == (theatre,)), None)
        outside = next(r for r in world.responders if len(r.theatres) > 1)
        challenger = world.theatre(theatre).challenger
        levels = 1 if local is None else len(local.options)
        prize, force = read("act_prize", act.name), read("act_force", act.name)
        part = read("stalemate_value")
        escalates = read("escalation_switch") * read("escalation_chance", theatre) * read("escalation_loss") * force

        def of_mode(mode: int, objective: Callable[[int], Number], stalemate: Callable[[int], Number]) -> Consequence:
            # Who needs the outside responder has nothing to decide without it.
            stands_out = local is not None and local.needs is not None and mode == 0
            open_levels = range(1 if stands_out else levels)
            objectives = [objective(level) for level in open_levels]
            stalemates = [stalemate(level) for level in open_levels]
            taken = [won + part * stalemate for won, stalemate in zip(objectives, stalemates, strict=True)]
            beaten = [1 - won - stalemate for won, stalemate in zip(objectives, stalemates, strict=True)]
            chances: list[Number] = [1.0]
            if local is not None and len(open_levels) > 1:
                values = [
                    _local_value(read, local, theatre, level, prize, force, taken[level], escalates, mode)
                    for level in open_levels
                ]
                chances = logit(values, read("precision", local.name))
            held = expected(chances, objectives)
            won, lost = expected(chances, taken), expected(chances, beaten)
            nuclear = escalates if mode else 0.0
            return {
                "objective": held,
                "challenger": laws.attack_value(
                    prize,
                    won,
                    read("act_cost", act.name),
                    read("war_cost", challenger),
                    force,
                    read("loss_cost", challenger),
                    lost,
                    nuclear,
                ),
                "outside": -read("responder_stake", outside.name, theatre) * prize * won
                - ((read("responder_cost", outside.name, theatre) * force + nuclear) if mode else 0.0)
                - (0.0 if mode else read("honour", outside.name, theatre) * prize),
            }

        def of_state(state: int) -> list[Consequence]:
            return [
                of_mode(
                    mode,
                    lambda level, mode=mode: war.objective[mode, level][state],
                    lambda level, mode=mode: war.stalemate[mode, level][state],
                )
                for mode in range(modes)
            ]

        first_acts = list(dict.fromkeys(name for _, _, name in war.later_objective))

        def of_age(age: int) -> dict[str, list[Consequence]]:
            return {
                name: [
                    of_mode(
                        mode,
                        lambda level, mode=mode, name=name: war.later_objective[mode, level, name][age],
                        lambda level, mode=mode, name=name: war.later_stalemate[mode, level, name][age],
                    )
                    for mode in range(1, modes)
                ]
                for name in first_acts
            }

        self._now: list[dict[str, Series]] = for_each(states, of_state)
        ages = len(world.lags) - 1
        self._later: dict[str, list[dict[str, Series]]] = for_each(ages, of_age) if ages else {}

    def now(self, what: str, state: int, mode: int) -> Number:
        """What the war brings that no other war precedes."""
        return self._now[mode][what][state]

    def later(self, what: str, first: str, age: int, mode: int) -> Number:
        """What it brings ``age`` lags after the other theatre's war, the outside responder fighting in both."""
        return self._later[first][mode - 1][what][age - 1]


def _local_value(
    read: Readings,
    local: Responder,
    theatre: str,
    level: int,
    prize: Number,
    force: Number,
    taken: Number,
    escalates: Number,
    mode: int,
) -> Number:
    """Value of one option to a local responder."""
    who, how = local.name, local.options[level][1]
    cost = read("responder_cost", who, theatre) * force
    value = -read("responder_stake", who, theatre) * prize * taken
    if how == "none":
        return value - read("honour", who, theatre) * prize
    if how == "basing":
        return value - cost * read("basing_cost")
    return value - cost - (escalates if mode else 0.0)


def _swing(world: World, read: Readings, theatre: str, outside: Responder) -> Number:
    """Share of the outside responder's force in a theatre that both theatres claim, by combat value."""
    (other,) = (each.name for each in world.theatres if each.name != theatre)
    claimed: Number = 0.0
    whole: Number = 0.0
    for actor in outside.members:
        for c in world.capabilities:
            if read.has("strength", c, actor) and read.has("reach", c, actor, theatre):
                reach, there = read("reach", c, actor, theatre), read("reach", c, actor, other)
                value = read("strength", c, actor) * read("combat_value", c, theatre)
                # Both claim a share of the smaller reach (law forces.overlap).
                claimed = claimed + value * read("contention", c) * minimum(reach, there)
                whole = whole + value * reach
    return claimed / (whole + 1e-300)


class Side:
    """One challenger's acts as the outside responder sees them."""

    def __init__(
        self,
        world: World,
        read: Readings,
        number: int,
        wars: Mapping[str, WarChances],
        states: tuple[str, ...],
        modes: int,
        keeps: Number,
    ) -> None:
        challenger = world.challengers[number]
        self.keeps = keeps
        self.world, self.read = world, read
        self.actor, self.theatre, self.menu = challenger.actor, challenger.theatre, challenger.menu
        outside = next(r for r in world.responders if len(r.theatres) > 1)
        self.outside = outside.name
        self.swing = _swing(world, read, self.theatre, outside)
        self.states = states
        self.locals = {
            act.name: _Local(world, read, self.theatre, act, wars[act.name], len(states), modes)
            for act in self.menu
            if act.kind == "war"
        }

    def takes_part(self, act: Act) -> bool:
        """Whether the act asks the outside responder for a decision."""
        return act.kind in ("war", "blockade")

    def consequence(self, act: Act, state: str, joined: bool, busy: Number) -> Consequence:
        """Value to the challenger and the outside responder, and the act's chance of success.

        ``busy``: 0 if the outside responder is free, 1 if the other theatre claims all that is contested.
        """
        if act.kind != "war":
            return self._short_of_war(act, joined, busy)
        local, number = self.locals[act.name], self.states.index(state)
        if not joined:
            return {what: local.now(what, number, 0) for what in _WHAT}
        result: Consequence = {}
        for what in _WHAT:
            full = local.now(what, number, 1)
            result[what] = full + busy * (local.now(what, number, 2) - full)
        return result

    def consequence_later(self, act: Act, first: Act, age: int, joined: bool, busy: Number) -> Consequence:
        """The same ``age`` lags after the other challenger's ``first`` act began a war with the outside responder."""
        if act.kind != "war" or not joined:
            return self.consequence(act, self.states[0], joined, busy)
        local = self.locals[act.name]
        result: Consequence = {}
        for what in _WHAT:
            full = local.later(what, first.name, age, 1)
            result[what] = full + busy * (local.later(what, first.name, age, 2) - full)
        return result

    def _short_of_war(self, act: Act, joined: bool, busy: Number) -> Consequence:
        read = self.read
        if act.kind == "wait":
            return {"challenger": 0.0, "outside": 0.0, "objective": 0.0}
        alone, opposed = read("act_success_alone", act.name), read("act_success", act.name)
        here = 1.0 if joined or act.kind == "pressure" else 0.0
        success = alone + here * (1 - busy * self.swing / 2) * (opposed - alone)
        prize, force = read("act_prize", act.name), read("act_force", act.name)
        gain = prize * success - read("act_cost", act.name)
        outside = -read("responder_stake", self.outside, self.theatre) * prize * success
        if act.kind == "blockade":
            if joined:
                nuclear = (
                    read("escalation_switch")
                    * read("escalation_chance", self.theatre)
                    * read("escalation_loss")
                    * force
                )
                gain = gain - read("war_cost", self.actor) * force - nuclear
                outside = outside - read("responder_cost", self.outside, self.theatre) * force - nuclear
            else:
                outside = outside - read("honour", self.outside, self.theatre) * prize
        return {"challenger": gain, "outside": outside, "objective": success}


@dataclass(frozen=True, slots=True)
class Stance:
    """How the outside responder looks at standing aside, beside what it costs there and then.

    ``firmness``: what its private resolve adds to the worth of fighting over a full stake [stake]; ``name``: what
    standing aside costs it elsewhere, of its stake there: above 0 if its name for standing firm suffers, below 0 if
    what it keeps back serves elsewhere.
    """

    firmness: Number = 0.0
    name: Number = 0.0

    def adds(self, side: Side, other: Side, act: Act, joined: bool) -> Number:
        """What it adds to the value of helping or standing aside against an act."""
        prize = side.read("act_prize", act.name)
        if joined:
            return self.firmness * prize
        return -self.name * side.read("responder_stake", side.outside, other.theatre) * prize


def _worth(stance: Stance | None, side: Side, other: Side, act: Act, joined: bool, value: Number) -> Number:
    if stance is None or not side.takes_part(act):
        return value
    return value + stance.adds(side, other, act, joined)


def _pair(lead: Side, follow: Side, act: Act, answer: Act, states: tuple[str, str], stance: Stance | None) -> Prospect:
    """Solve the outside responder's node after both challengers have acted at the same time."""
    read = lead.read
    options = [
        (first, second)
        for first in ((False, True) if lead.takes_part(act) else (False,))
        for second in ((False, True) if follow.takes_part(answer) else (False,))
    ]

    def claim(other: Act, joined: bool) -> Number:
        if other.kind == "war":
            return 1.0 if joined else 0.0
        if other.kind == "pressure" or (other.kind == "blockade" and joined):
            return read("act_pin", other.name)
        return 0.0

    gives = 1 - lead.keeps
    firsts = [lead.consequence(act, states[0], a, gives * claim(answer, b)) for a, b in options]
    seconds = [follow.consequence(answer, states[1], b, claim(act, a)) for a, b in options]
    values = [
        _worth(stance, follow, lead, answer, b, _worth(stance, lead, follow, act, a, one["outside"] + two["outside"]))
        for (a, b), one, two in zip(options, firsts, seconds, strict=True)
    ]
    chances = logit(values, read("precision", lead.outside))
    joins = [[1.0 if option[side] else 0.0 for option in options] for side in (0, 1)]
    return Prospect(
        lead=expected(chances, [one["challenger"] for one in firsts]),
        follow=expected(chances, [two["challenger"] for two in seconds]),
        joins_lead=expected(chances, joins[0]),
        joins_follow=expected(chances, joins[1]),
        lead_objective=expected(chances, [one["objective"] for one in firsts]),
        follow_objective=expected(chances, [two["objective"] for two in seconds]),
    )


def _later(lead: Side, follow: Side, act: Act, answer: Act, age: int, still: Number, stance: Stance | None) -> Prospect:
    """Solve the outside responder's node when the second war begins while the first goes on.

    ``age``: number of the first war's age among the world's lags, 0 if the outside responder is not in it; ``still``:
    chance that the first war goes on.
    """
    read = lead.read
    options = (False, True) if follow.takes_part(answer) else (False,)
    if age:
        found = [follow.consequence_later(answer, act, age, joined, still) for joined in options]
    else:
        found = [follow.consequence(answer, follow.states[0], joined, 0.0) for joined in options]
    values = [
        _worth(stance, follow, lead, answer, joined, each["outside"])
        for joined, each in zip(options, found, strict=True)
    ]
    chances = logit(values, read("precision", lead.outside))
    return Prospect(
        lead=0.0,
        follow=expected(chances, [each["challenger"] for each in found]),
        joins_lead=1.0 if age else 0.0,
        joins_follow=expected(chances, [1.0 if joined else 0.0 for joined in options]),
        lead_objective=0.0,
        follow_objective=expected(chances, [each["objective"] for each in found]),
    )


def sides(
    world: World,
    read: Readings,
    wars: Mapping[str, Mapping[str, WarChances]],
    states: tuple[str, ...],
    modes: int,
    keeps: Number = 0.0,
) -> tuple[Side, ...]:
    """Solve the local responders' nodes; one side for each challenger, in the order of the world.

    ``wars``: by theatre and war act; ``states`` and ``modes`` number their rows and commitments; ``keeps``: the part of
    what the other theatre claims that the first to be at war does not give up.
    """
    count = len(world.challengers)
    return tuple(Side(world, read, n, wars[world.challengers[n].theatre], states, modes, keeps) for n in range(count))


def prospects(
    world: World, read: Readings, both: Sequence[Side], reverse: bool, stance: Stance | None = None
) -> Prospects:
    """Solve the outside responder's nodes for one order of moves.

    ``both``: what `sides` gives; ``reverse``: the second challenger of the world leads; ``stance``: private resolve
    and reputation, where the case has any.
    """
    first, second = war_order(world, reverse)
    lead, follow = both[first], both[second]
    now: dict[tuple[str, str, str], Prospect] = {}
    later: dict[tuple[str, str, int], Prospect] = {}
    ages = range(len(world.lags)) if len(world.lags) > 1 else ()
    still = [laws.still_at_war(float(lag), read("war_months", lead.theatre)) for lag in world.lags]
    # Responders may be forewarned in peace: by a call that no act follows, or by an act short of war.
    forward = read.has("bluff_cost") or alerts(world, read)
    for act in lead.menu:
        for state in CALL_STATES if lead.takes_part(act) or (act.kind == "wait" and forward) else CALL_STATES[:1]:
            for answer in follow.menu:
                each = (_WARNED_ONLY[state], state)
                now[act.name, answer.name, state] = _pair(lead, follow, act, answer, each, stance)
        if act.kind == "war":
            for answer in follow.menu:
                for age in ages:
                    later[act.name, answer.name, age] = _later(lead, follow, act, answer, age, still[age], stance)
    return Prospects(now, later)
