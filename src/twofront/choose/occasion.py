"""One occasion to act, solved: what the leader and the follower do, given what each knows and believes.

The leader knows its own resolve and chooses an act, then whether to call. The follower knows its own resolve and
whether it was called; it sees the act, or, with some chance, must answer a call before the act shows. What it sees
tells it something of the leader's resolve and, through the common factor, of everybody else's. Agent logit quantal
response (McKelvey & Palfrey 1998): the leader's play gives the follower's beliefs, these its answers, and these the
leader's play; a fixed number of sweeps finds the fixed point and the last change is the residual.

Without private resolve and unseen acts beliefs do not matter and one sweep is backward induction.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from twofront.choose import laws
from twofront.choose.qre import expected, logit
from twofront.choose.resolve import Factor, resolve_of
from twofront.choose.respond import CALL_STATES, Prospects, war_order
from twofront.engine.ops import Number, absolute, maximum, minimum, number, scan
from twofront.readings import Readings
from twofront.world import Act, Challenger, World

__all__ = [
    "CLOSE",
    "FORCE",
    "PATIENT",
    "QUICK",
    "ROUGH",
    "SOLVED",
    "STARTS",
    "TRACED",
    "Moves",
    "Occasion",
    "Played",
    "Search",
    "Standing",
    "mix",
]

FORCE = ("blockade", "war")
"""Kinds of act to which a challenger's intercept and its resolve apply, and that a true call goes with."""
HEARD = ("received", "known")
CLOSE = 0.01
"""How close, relatively, for a start to count as leading to the same solution."""
SOLVED = 1e-9
"""Largest residual of a solution."""
STARTS = ("principal", "credible", "babbling")
"""Where a solution sets out from: indifference; calls that only firm attackers make; calls that tell nothing."""


@dataclass(frozen=True, slots=True)
class Search:
    """How hard an equilibrium is searched for.

    ``sweeps``: from indifference, before the one that gives the solution and its residual; ``probes``: sweeps from each
    other start, after which it must have come close; ``traced``: half steps instead, the precision rising over the
    first two thirds of them, from every start to its end.
    """

    sweeps: int
    probes: int = 0
    traced: bool = False


ROUGH = Search(1)
"""Where play is only a step on the way: to the anchor, and to how often responders are alerted."""
QUICK = Search(3, probes=1)
"""For all: in the bundled cases 99 of 100 futures are then solved."""
PATIENT = Search(16, probes=6)
"""For those that `QUICK` leaves unsettled."""
TRACED = Search(240, traced=True)
"""For those that `PATIENT` leaves unsettled, or that have more than one solution."""

Moves: TypeAlias = "dict[tuple[str, bool], Number]"
"""The leader's play under one resolve: joint chance of an act and of a call with it."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What a challenger brings to a date.

    ``waiting``: value of waiting [stake]; ``intercept``: what using all its force gains or costs beyond what the
    model holds [stake], in proportion to the force that an act commits.
    """

    waiting: Number
    intercept: Number


@dataclass(frozen=True)
class Played:
    """A solution of one occasion.

    ``moves``: by the leader's resolve; ``answers``: chances of the follower's options by its resolve, the act and the
    state of the call, over whether it saw the act; ``seen``, ``unseen``: the same where it did, and where it only heard
    a call; ``values``: what an opportunity is worth to the leader, by its resolve; ``worth``: what each act is worth
    to it (act, called); ``residual``: largest change of a chance in the last sweep.
    """

    moves: tuple[Moves, ...]
    answers: Mapping[tuple[int, str, str], list[Number]]
    seen: Mapping[tuple[int, str, str], list[Number]]
    unseen: Mapping[tuple[int, str], list[Number]]
    values: tuple[Number, ...]
    worth: tuple[Mapping[tuple[str, bool], Number], ...]
    believed: Mapping[tuple[int, str], Number]
    """What the follower, called but not seeing the act, believes: chance that force comes, by (resolve, state)."""
    residual: Number
    apart: Number
    """How far, relatively, other starts have stayed from this solution after a few sweeps."""


class Occasion:
    """The leader's and the follower's part of the game of one order of moves at one date."""

    def __init__(
        self,
        world: World,
        read: Readings,
        prospects: Sequence[Prospects],
        reverse: bool,
        lead: Standing,
        follow: Standing,
        learns: Number = 0.0,
    ) -> None:
        """Lay out the occasion; ``prospects`` by the outside responder's resolve, ``learns`` as in `play`."""
        self.learns = learns
        first, second = war_order(world, reverse)
        self.world, self.read, self.prospects = world, read, prospects
        self.leader: Challenger = world.challengers[first]
        self.follower: Challenger = world.challengers[second]
        self.standing = {self.leader.actor: lead, self.follower.actor: follow}
        outside = next(r for r in world.responders if len(r.theatres) > 1)
        self.lead, self.follow = resolve_of(read, self.leader.actor), resolve_of(read, self.follower.actor)
        self.outside = resolve_of(read, outside.name)
        self.factor = Factor.of(self.lead, self.follow, self.outside)
        bluffs = read.has("bluff_cost")
        self.callers = tuple(a for a in self.leader.menu if a.kind in FORCE or (a.kind == "wait" and bluffs))
        # Whether some set of the follower holds nodes that it would answer differently, so that beliefs matter.
        self.unseen = bluffs and read.has("attack_seen")
        self.of_beliefs = len(self.factor.numbers) > 1 or self.unseen
        received, caught = read("call_received"), read("call_intercepted")
        self.fate: dict[str, Number] = {
            "received": received * (1 - caught),
            "known": received * caught,
            "lost": (1 - received) * caught,
            "quiet": (1 - received) * (1 - caught),
        }
        self._gains = {
            place: (self._by_factor(place, lambda p: p.lead), self._by_factor(place, lambda p: p.follow))
            for place in prospects[0].now
        }

    def _by_factor(self, place: tuple[str, str, str], part: Callable[..., Number]) -> list[Number]:
        values = [part(each.now[place]) for each in self.prospects]
        return [self.outside.mean(z, values) for z in self.factor.numbers]

    # ---- payoffs ---------------------------------------------------------------------------------------------

    def own(self, challenger: Challenger, resolve: int | None, act: Act, gain: Number) -> Number:
        """What an act is worth to its challenger (of middling resolve: None), given what it gains by it."""
        standing, read = self.standing[challenger.actor], self.read
        if act.kind == "wait":
            return standing.waiting + gain
        if act.kind == "pressure":
            return standing.waiting + gain
        # What force does not put at stake of the status quo goes on: all but the prize of a war, and of a blockade
        # its prize where it succeeds.
        staked = read("act_prize", act.name) * (1.0 if act.kind == "war" else read("act_success", act.name))
        own = self.lead if challenger is self.leader else self.follow
        bias = standing.intercept if resolve is None else standing.intercept + own.shift(resolve)
        return laws.force_value(gain, bias, read("act_force", act.name), staked, standing.waiting)

    def costs(self, act: Act) -> Number:
        """What a call costs with an act: one that no force follows costs its sender trust as well."""
        cost = self.read("call_cost")
        return cost + self.read("bluff_cost") if act.kind == "wait" else cost

    # ---- the follower ----------------------------------------------------------------------------------------

    def belief(self, moves: Sequence[Moves], act: str, called: bool, resolve: int) -> list[Number]:
        """What the follower believes of the factor, having seen an act and whether a call went with it."""
        return self.factor.posterior([self._weight(moves, act, called, resolve, z) for z in self.factor.numbers])

    def _weight(self, moves: Sequence[Moves], act: str, called: bool, resolve: int, z: int) -> Number:
        """Chance of the follower's resolve and of what it noticed of a move, given the factor."""

        def noticed(each: Moves) -> Number:
            if called or (act, True) not in each:
                return each[act, called]
            return each[act, False] + self.fate["quiet"] * each[act, True]  # a call that was lost and unheard

        return self.follow.given(resolve, z) * self.lead.mean(z, [noticed(each) for each in moves])

    def answer(self, resolve: int, gains: Sequence[Number], paid: Number) -> list[Number]:
        """The follower's choice, given what each of its options brings and what it is paid for a war."""
        values = [
            self.own(self.follower, resolve, act, gain) + (paid if act.kind == "war" else 0.0)
            for act, gain in zip(self.follower.menu, gains, strict=True)
        ]
        return logit(values, self.read("precision", self.follower.actor))

    def respond(self, moves: Sequence[Moves], callers: Sequence[Act]) -> _Responses:
        """The follower's answers to what the leader is known to do."""
        seen: dict[tuple[int, str, str], list[Number]] = {}
        unseen: dict[tuple[int, str], list[Number]] = {}
        believed: dict[tuple[int, str], Number] = {}
        menu, payment = self.follower.menu, self.read("call_payment")
        for resolve in self.follow.numbers:
            for act in self.leader.menu:
                states = CALL_STATES if act in callers else CALL_STATES[:1]
                for state in states:
                    held = self.belief(moves, act.name, state != "quiet", resolve)
                    gains = [expected(held, self._gains[act.name, answer.name, state][1]) for answer in menu]
                    paid = payment if state in HEARD and act.kind in FORCE else 0.0
                    seen[resolve, act.name, state] = self.answer(resolve, gains, paid)
            if self.unseen and callers:
                for state in HEARD:
                    unseen[resolve, state], believed[resolve, state] = self._heard_only(moves, callers, resolve, state)
        return _Responses(seen, unseen, believed, self.read("attack_seen") if self.unseen else 1.0)

    def _heard_only(
        self, moves: Sequence[Moves], callers: Sequence[Act], resolve: int, state: str
    ) -> tuple[list[Number], Number]:
        """The answer to a call before the act shows: one belief about act and factor together."""
        places = [(act, n, z) for act in callers for n, z in enumerate(self.factor.numbers)]
        weights = [self._weight(moves, act.name, True, resolve, z) + 1e-280 for act, _, z in places]
        whole = sum(weights, start=0.0)
        held = [weight / whole for weight in weights]
        comes = sum((w for w, (act, _, _) in zip(held, places, strict=True) if act.kind in FORCE), start=0.0)
        gains = [
            expected(held, [self._gains[act.name, answer.name, state][1][n] for act, n, _ in places])
            for answer in self.follower.menu
        ]
        return self.answer(resolve, gains, comes * self.read("call_payment")), comes

    # ---- the leader ------------------------------------------------------------------------------------------

    def move(self, answers: _Responses, callers: Sequence[Act], precision: Number) -> _Led:
        """The leader's play against the follower's answers, by its resolve."""
        gains = {
            (act.name, state): [self._gain(answers, act, state, n, z) for n, z in enumerate(self.factor.numbers)]
            for act in self.leader.menu
            for state in (CALL_STATES if act in callers else CALL_STATES[:1])
        }
        part = len(self.lead.numbers) / len(self.factor.numbers)
        moves: list[Moves] = []
        values: list[Number] = []
        worth: list[dict[tuple[str, bool], Number]] = []
        for resolve in self.lead.numbers:
            known = [part * self.lead.given(resolve, z) for z in self.factor.numbers]
            now: Moves = {}
            of_acts: list[Number] = []
            called: list[Number | None] = []
            found: dict[tuple[str, bool], Number] = {}
            for act in self.leader.menu:
                brought = {
                    s: self.own(self.leader, resolve, act, expected(known, g))
                    for (a, s), g in gains.items()
                    if a == act.name
                }
                quiet = found[act.name, False] = brought["quiet"]
                if act not in callers:
                    of_acts.append(quiet)
                    called.append(None)
                    continue
                loud = expected(list(self.fate.values()), [brought[s] for s in self.fate]) - self.costs(act)
                found[act.name, True] = loud
                chances = logit([quiet, loud], precision)
                called.append(chances[1])
                of_acts.append(expected(chances, [quiet, loud]))
            chances = logit(of_acts, precision)
            for act, chance, call in zip(self.leader.menu, chances, called, strict=True):
                if call is None:
                    now[act.name, False] = chance
                else:
                    now[act.name, False], now[act.name, True] = chance * (1 - call), chance * call
            moves.append(now)
            values.append(expected(chances, of_acts))
            worth.append(found)
        return _Led(tuple(moves), tuple(values), tuple(worth))

    def _gain(self, answers: _Responses, act: Act, state: str, place: int, z: int) -> Number:
        """What an act gains the leader, over the follower's resolve and answers, given the factor."""
        each = [answers.mixed(resolve, act.name, state) for resolve in self.follow.numbers]
        chances = [self.follow.mean(z, [row[n] for row in each]) for n in range(len(self.follower.menu))]
        return expected(chances, [self._gains[act.name, a.name, state][0][place] for a in self.follower.menu])

    # ---- the fixed point -------------------------------------------------------------------------------------

    def solve(self, channel: bool = True, start: str = STARTS[0], search: Search = QUICK) -> Played:
        """Find an equilibrium, with or without the channel of the call; `Played.residual` says how well.

        Traced from indifference, play follows the principal branch as far as it goes without turning back.
        """
        callers = self.callers if channel else ()
        precision = self.read("precision", self.leader.actor)
        begin = self._start(start, callers)
        moves, residual, apart = begin, number(0.0), number(0.0)
        if self.of_beliefs:
            moves = self._swept(begin, callers, search.sweeps, search.traced, start)
            if search.probes:
                for other in STARTS[1:]:
                    found = self._swept(self._start(other, callers), callers, search.probes)
                    apart = maximum(apart, _distance(found, moves))
        answers = self.respond(moves, callers)
        led = self.move(answers, callers, precision)
        if self.of_beliefs:
            residual = _change(led.moves, moves)
        return Played(
            led.moves,
            {place: answers.mixed(*place) for place in answers.seen},
            answers.seen,
            answers.unseen,
            led.values,
            led.worth,
            answers.believed,
            residual,
            apart,
        )

    def _swept(
        self, begin: tuple[Moves, ...], callers: Sequence[Act], sweeps: int, traced: bool = False, start: str = ""
    ) -> tuple[Moves, ...]:
        """Sweep a number of times; give the leader's play."""
        precision = self.read("precision", self.leader.actor)
        rising = traced and start == STARTS[0]

        def sweep(turn: int, held: list[list[Number]]) -> tuple[list[list[Number]], None]:
            level = minimum(1.0, (number(turn) + 1.0) * (1.5 / sweeps)) if rising else number(1.0)
            before = self._unpacked(held, begin)
            after = self.move(self.respond(before, callers), callers, precision * level).moves
            if traced:
                after = tuple(
                    {p: (new + old[p]) / 2 for p, new in now.items()} for now, old in zip(after, before, strict=True)
                )
            return self._packed(after), None

        packed, _ = scan(sweep, self._packed(begin), sweeps)
        return self._unpacked(packed, begin)

    def _start(self, start: str, callers: Sequence[Act]) -> tuple[Moves, ...]:
        moves: list[Moves] = []
        for resolve in self.lead.numbers:
            firm = 1.0 if resolve == self.lead.numbers[-1] else 0.01
            now: Moves = {}
            for act in self.leader.menu:
                force = act.kind in FORCE
                if start == "credible":
                    # Only the firm use force, and nobody calls without.
                    now[act.name, False] = firm if force else 1.0
                    now[act.name, True] = firm if force else 0.01
                elif start == "babbling":
                    # Only the soft use force, and everybody calls.
                    now[act.name, False] = 0.01 / firm if force else 1.0
                    now[act.name, True] = 0.01 / firm if force else 1.0
                else:
                    now[act.name, False] = now[act.name, True] = 1.0
                if act not in callers:
                    del now[act.name, True]
            moves.append({place: weight / sum(now.values()) for place, weight in now.items()})
        return tuple(moves)

    def _packed(self, moves: Sequence[Moves]) -> list[list[Number]]:
        return [list(each.values()) for each in moves]

    def _unpacked(self, packed: Sequence[Sequence[Number]], like: Sequence[Moves]) -> tuple[Moves, ...]:
        return tuple(dict(zip(names, row, strict=True)) for names, row in zip(like, packed, strict=True))


def _change(after: Sequence[Moves], before: Sequence[Moves]) -> Number:
    """Largest absolute difference of a chance."""
    most: Number = 0.0
    for now, old in zip(after, before, strict=True):
        for place, chance in now.items():
            most = maximum(most, absolute(chance - old[place]))
    return most


def _distance(one: Sequence[Moves], other: Sequence[Moves]) -> Number:
    """Largest relative difference of a chance."""
    most: Number = 0.0
    for found, held in zip(one, other, strict=True):
        for place, chance in found.items():
            most = maximum(most, absolute(chance - held[place]) / (chance + held[place] + 1e-12))
    return most


@dataclass(frozen=True, slots=True)
class _Responses:
    seen: dict[tuple[int, str, str], list[Number]]
    unseen: dict[tuple[int, str], list[Number]]
    believed: dict[tuple[int, str], Number]
    sees: Number

    def mixed(self, resolve: int, act: str, state: str) -> list[Number]:
        """Chances of the follower's options over whether it sees the act."""
        seen = self.seen[resolve, act, state]
        if (resolve, state) not in self.unseen:
            return seen
        return mix(self.sees, seen, self.unseen[resolve, state])


@dataclass(frozen=True, slots=True)
class _Led:
    moves: tuple[Moves, ...]
    values: tuple[Number, ...]
    worth: tuple[Mapping[tuple[str, bool], Number], ...]


def mix(weight: Number, one: Sequence[Number], other: Sequence[Number]) -> list[Number]:
    """Two sets of chances, the first with a weight."""
    return [b + weight * (a - b) for a, b in zip(one, other, strict=True)]
