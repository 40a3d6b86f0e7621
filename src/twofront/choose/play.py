"""The challengers' part of the game, date by date, and the hazards and effects that follow from it.

An opportunity to act is a node of the game; hazards are opportunities times the chance that one is taken, constant
between dates. Waiting is worth this period's status quo and the discounted value of the next date.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from twofront.choose import laws
from twofront.choose.occasion import QUICK, STARTS, Moves, Occasion, Played, Search, Standing, mix
from twofront.choose.qre import expected
from twofront.choose.respond import Prospects
from twofront.engine.ops import Number, maximum, where
from twofront.readings import Readings
from twofront.world import Act, Challenger, World

__all__ = ["Choices", "play", "status_quo", "waiting_value"]

TINY = 1e-300
"""Keeps shares defined where all weights vanish."""


@dataclass(frozen=True, slots=True)
class Choices:
    """Play of one order of moves at one date.

    ``acts``: chance of each of the leader's acts at an opportunity, by its private resolve; ``value``: what an
    opportunity is worth to it; ``waiting``: what waiting is. ``call``: chance of a call given its war; ``bluff``:
    chance of a call that nothing follows; ``credence``: what a follower that was called, and sees no act yet,
    believes the chance of force to be. For a second war within windows W (months) of the first, given do(leader
    attacks): ``open`` with the channel of the call, ``closed`` without; ``alone`` given do(leader waits) with the
    resolve of leaders who attack, and ``at_rest`` with that of any. ``solutions``: the four for the case's own
    window, for each start of the search. ``residual``: the largest of all solutions; ``apart``: how far other
    starts stayed from the one that counts, where they were only probed. ``open_called``: joint chance of a call and
    an attack. ``diverts``: chance of anything but nothing. ``double``: chance that the second war begins while the
    first goes on. ``margin``: value of waiting less that of the best attack, without choice error, with the other
    at peace, and ``margin_after`` with it at war. ``joins``: chance that the outside responder fights in the
    leader's theatre, given its war alone. ``pinned``: share of the outside responder's contested forces that the
    follower's act claims for its own theatre, at an occasion after a quiet first war: keeping somebody busy need
    not be conquest.
    ``second_objective``: chance that the follower wins, given that it attacks in answer to a quiet first war.
    """

    acts: tuple[dict[str, Number], ...]
    value: Number
    waiting: Number
    call: Number
    bluff: Number
    credence: Number
    open: tuple[Number, ...]
    closed: tuple[Number, ...]
    alone: tuple[Number, ...]
    at_rest: tuple[Number, ...]
    solutions: tuple[tuple[Number, Number, Number, Number], ...]
    residual: Number
    apart: Number
    open_called: Number
    diverts: Number
    double: Number
    margin: Number
    margin_after: Number
    joins: Number
    pinned: Number
    second_objective: Number
    occasion: Occasion
    solved: Played
    answers_later: Mapping[tuple[int, str, int], list[Number]]


def status_quo(read: Readings, challenger: Challenger) -> Number:
    """Return the value of the status quo: worse under hostile posture, better under reassurance."""
    actor, theatre = challenger.actor, challenger.theatre
    return laws.status_quo_value(
        read("status_quo", actor),
        read("provocation", actor),
        read("posture", theatre),
        read("goodwill", actor),
        read("reassurance", theatre),
    )


def waiting_value(read: Readings, challenger: Challenger, following: Number, years: Number, myopic: Number) -> Number:
    """Return the value of waiting: this period's status quo and the discounted value of what follows.

    ``following``: value at the next date [stake]; ``years``: until then; ``myopic``: 1 for players who take the
    status quo to last. Equal to the status quo where nothing changes.
    """
    now = status_quo(read, challenger)
    return where(myopic > 0.5, now, laws.waiting_value(now, following, read("patience", challenger.actor), years))


def play(
    world: World,
    read: Readings,
    by_resolve: Sequence[Prospects],
    reverse: bool,
    lead: Standing,
    follow: Standing,
    learns: Number = 0.0,
    search: Search = QUICK,
) -> Choices:
    """Solve one order of moves at one date, and say what follows from it.

    ``by_resolve``: what pairs of acts bring, by the outside responder's private resolve, one or two; ``learns``: 1 if
    what that responder does in one theatre tells of its resolve in the other. `Choices.residual` and
    `Choices.apart` say whether a harder ``search`` is needed.
    """
    occasion = Occasion(world, read, by_resolve, reverse, lead, follow, learns)
    # Without beliefs to differ over there is one solution, and the channel moves nothing but who is called.
    starts = STARTS if search.traced and occasion.of_beliefs else STARTS[:1]
    found = [
        _After(occasion, occasion.solve(True, start, search), occasion.solve(False, start, search)) for start in starts
    ]
    return found[0].choices(found)


class _After:
    """What follows one solution of an occasion: chances of a second war within windows of the first."""

    def __init__(self, occasion: Occasion, opened: Played, closed: Played) -> None:
        self.occasion, self.opened = occasion, opened
        self.closed = closed if occasion.of_beliefs else opened
        world, read = occasion.world, occasion.read
        leader, follower = occasion.leader, occasion.follower
        self.wars = [act.name for act in leader.menu if act.kind == "war"]
        self.still, self.nothing = leader.menu[0].name, follower.menu[0].name
        self.rate = read("opportunity_rate", follower.actor)
        self.distracted = self.rate * read("distraction_factor")
        # A second war is as one that begins at the greatest lag that the first has reached.
        self.spans = list(zip(world.lags, (*world.lags[1:], math.inf), strict=True))
        duration = read("war_months", leader.theatre)
        # Expected months in which the first war has each of the ages and goes on.
        left = [laws.still_at_war(float(lag), duration) for lag in world.lags] + [0.0]
        self.lasting = [duration * (before - after) for before, after in itertools.pairwise(left)]
        # do(war): which war, by the chances of choice.
        self.weights = [_shares([_taken(moves, name) for name in self.wars]) for moves in opened.moves]
        self.heard = [
            {name: moves.get((name, True), 0.0) / (_taken(moves, name) + TINY) for name in self.wars}
            for moves in opened.moves
        ]
        self.engaged = {
            (name, one, two): self._joins(name, one, two)
            for name in self.wars
            for one in occasion.lead.numbers
            for two in occasion.follow.numbers
        }
        self.aged = {
            (two, name, age): self._later(two, name, age)
            for name in self.wars
            if len(world.lags) > 1
            for age in range(len(world.lags))
            for two in occasion.follow.numbers
        }
        self.of_first = self._of_first()

    # ---- who is there ------------------------------------------------------------------------------------------

    def _of_first(self) -> list[Number]:
        """Chance of each of the leader's resolves, given that its war begins, by intent or accident."""
        occasion = self.occasion
        read, leader = occasion.read, occasion.leader
        rate, accidents = read("opportunity_rate", leader.actor), read("accident_rate", leader.theatre)
        return _shares(
            [
                rate * sum((_taken(moves, name) for name in self.wars), start=0.0) + accidents
                for moves in self.opened.moves
            ]
        )

    def over_leader(self, weights: Sequence[Number], of: Callable[[int], Number]) -> Number:
        """Mean over the leader's resolve."""
        return expected(weights, [of(one) for one in self.occasion.lead.numbers])

    def over_follower(self, one: int, of: Callable[[int], Number]) -> Number:
        """Mean over the follower's resolve, given the leader's: the common factor ties them."""
        occasion = self.occasion
        chances = occasion.factor.between(occasion.lead, one, occasion.follow)
        return expected(chances, [of(two) for two in occasion.follow.numbers])

    def _resolve_of_outside(self, factor: Sequence[Number]) -> list[Number]:
        occasion = self.occasion
        return [
            expected(factor, [occasion.outside.given(number, z) for z in occasion.factor.numbers])
            for number in occasion.outside.numbers
        ]

    def _joins(self, war: str, one: int, two: int) -> Number:
        """Chance that the outside responder fights in the first war, given both challengers' resolve."""
        occasion = self.occasion
        factor = occasion.factor.posterior(
            [occasion.lead.given(one, z) * occasion.follow.given(two, z) for z in occasion.factor.numbers]
        )
        joined = [each.now[war, self.nothing, "quiet"].joins_lead for each in occasion.prospects]
        return expected(self._resolve_of_outside(factor), joined)

    def _later(self, two: int, war: str, age: int) -> list[Number]:
        """The follower's choice while the first war goes on, knowing whether the outside responder fights in it."""
        occasion = self.occasion
        held = self._resolve_of_outside(occasion.belief(self.closed.moves, war, False, two))
        if len(held) > 1:
            joined = [each.now[war, self.nothing, "quiet"].joins_lead for each in occasion.prospects]
            done = joined if age else [1 - chance for chance in joined]
            # What it did there tells of its resolve here, unless each theatre is weighed by itself.
            told = _shares([belief * chance for belief, chance in zip(held, done, strict=True)])
            held = mix(occasion.learns, told, held)
        gains = [
            expected(held, [each.later[war, answer.name, age].follow for each in occasion.prospects])
            for answer in occasion.follower.menu
        ]
        return occasion.answer(two, gains, 0.0)

    # ---- a second war ------------------------------------------------------------------------------------------

    def within(self, window: float) -> list[Number]:
        """Months of a window in which the first war has each of the ages."""
        return [max(min(window, end) - begin, 0.0) for begin, end in self.spans]

    def attack(self, chances: Sequence[Number]) -> Number:
        """Chance that the follower goes to war, of its chances of all options."""
        menu = self.occasion.follower.menu
        return sum((c for act, c in zip(menu, chances, strict=True) if act.kind == "war"), start=0.0)

    def second(self, play: Played, one: int, two: int, war: str, state: str, months: Sequence[Number]) -> Number:
        """Chance of a second war within so many months of each age of the first."""
        engaged = self.engaged[war, one, two]
        exposure = self.attack(play.answers[two, war, state]) * months[0]
        for age in range(1, len(self.spans)):
            fought, stood = self.attack(self.aged[two, war, age]), self.attack(self.aged[two, war, 0])
            exposure = exposure + (engaged * fought + (1 - engaged) * stood) * months[age]
        return laws.window_chance(self.distracted, exposure)

    def over_fates(self, one: int, two: int, war: str, months: Sequence[Number]) -> Number:
        """The same after a call, over what became of it."""
        fate = self.occasion.fate
        return expected(list(fate.values()), [self.second(self.opened, one, two, war, state, months) for state in fate])

    def with_channel(self, one: int, months: Sequence[Number]) -> Number:
        """Chance of a second war, given do(war) under a resolve of the leader, with the channel open."""

        def of(two: int) -> Number:
            values: list[Number] = []
            for name in self.wars:
                shut = self.second(self.opened, one, two, name, "quiet", months)
                values.append(shut + self.heard[one][name] * (self.over_fates(one, two, name, months) - shut))
            return expected(self.weights[one], values)

        return self.over_follower(one, of)

    def without_channel(self, one: int, months: Sequence[Number]) -> Number:
        """The same with the channel closed: the game without a call, solved by itself."""

        def of(two: int) -> Number:
            values = [self.second(self.closed, one, two, name, "quiet", months) for name in self.wars]
            return expected(self.weights[one], values)

        return self.over_follower(one, of)

    def alone(self, one: int, window: float) -> Number:
        """Chance that the follower attacks within a window, given do(the leader waits), channel closed."""
        chances = self.closed.answers
        return self.over_follower(
            one,
            lambda two: laws.window_chance(self.rate, self.attack(chances[two, self.still, "quiet"]) * window),
        )

    def windows(self, place: int) -> tuple[Number, Number, Number, Number]:
        """Second war with the channel open, closed, without a first war under w, and at rest."""
        window = (self.occasion.world.war_window, 3.0, 24.0)[place]
        months = self.within(window)
        even = [self.occasion.lead.prior()] * len(self.occasion.lead.numbers)
        return (
            self.over_leader(self.of_first, lambda one: self.with_channel(one, months)),
            self.over_leader(self.of_first, lambda one: self.without_channel(one, months)),
            self.over_leader(self.of_first, lambda one: self.alone(one, window)),
            self.over_leader(even, lambda one: self.alone(one, window)),
        )

    # ---- all of it ---------------------------------------------------------------------------------------------

    def over_wars(self, of: Callable[[int, int, str], Number]) -> Number:
        """Mean over both challengers' resolve and the leader's wars, given that one begins."""

        def by_leader(one: int) -> Number:
            return self.over_follower(
                one, lambda two: expected(self.weights[one], [of(one, two, name) for name in self.wars])
            )

        return self.over_leader(self.of_first, by_leader)

    def choices(self, all_found: Sequence[_After]) -> Choices:
        """Everything that is said of this solution, with the range over all that were found."""
        occasion, opened = self.occasion, self.opened
        leader = occasion.leader
        months = self.within(occasion.world.war_window)
        windows = [self.windows(place) for place in range(3)]
        ranges = [windows[0], *(each.windows(0) for each in all_found[1:])]
        even = occasion.lead.prior()
        acts = [{act.name: _taken(moves, act.name) for act in leader.menu} for moves in opened.moves]
        calls = [moves.get((self.still, True), 0.0) for moves in opened.moves]
        believed = list(opened.believed.values())
        double = self.over_leader(self.of_first, lambda one: self.with_channel(one, self.lasting))
        joint = self.over_wars(lambda one, two, war: self.heard[one][war] * self.over_fates(one, two, war, months))
        return Choices(
            acts=tuple(acts),
            value=expected([even] * len(opened.values), opened.values),
            waiting=occasion.standing[leader.actor].waiting,
            call=self.over_wars(lambda one, _, war: self.heard[one][war]),
            bluff=sum((even * chance for chance in calls), start=0.0),
            credence=expected([1 / len(believed)] * len(believed), believed) if believed else 1.0,
            open=tuple(each[0] for each in windows),
            closed=tuple(each[1] for each in windows),
            alone=tuple(each[2] for each in windows),
            at_rest=tuple(each[3] for each in windows),
            solutions=tuple(ranges),
            residual=_largest([each.residual for found in all_found for each in (found.opened, found.closed)]),
            apart=maximum(opened.apart, self.closed.apart),
            open_called=joint,
            diverts=self.over_wars(self._diverts),
            double=double,
            **self._margins(),
            joins=self.over_wars(lambda one, two, war: self.engaged[war, one, two]),
            pinned=self.over_wars(lambda _, two, war: self._pinned(two, war)),
            second_objective=self._second_objective(),
            occasion=occasion,
            solved=opened,
            answers_later=self.aged,
        )

    def _diverts(self, one: int, two: int, war: str) -> Number:
        chance = 1 - self.opened.answers[two, war, "quiet"][0]
        return laws.window_chance(self.distracted, chance * self.occasion.world.war_window)

    def _margins(self) -> dict[str, Number]:
        """Margins are the players' own: without the intercept, which restates a prior, and of middling resolve."""
        occasion = self.occasion
        standing = occasion.standing
        middling = Occasion(
            occasion.world,
            occasion.read,
            occasion.prospects,
            occasion.leader is not occasion.world.challengers[0],
            Standing(standing[occasion.leader.actor].waiting, 0.0),
            Standing(standing[occasion.follower.actor].waiting, 0.0),
        )

        def best(challenger: Challenger, gains: Mapping[str, Number]) -> Number:
            values = [middling.own(challenger, None, act, gains[act.name]) for act in _wars(challenger)]
            return _largest(values)

        leader, follower = occasion.leader, occasion.follower
        alone = {act.name: self._mean((act.name, self.nothing), "lead") for act in _wars(leader)}
        after = [
            best(follower, {act.name: self._mean((name, act.name), "follow") for act in _wars(follower)})
            for name in self.wars
        ]
        return {
            "margin": standing[leader.actor].waiting - best(leader, alone),
            "margin_after": standing[follower.actor].waiting - _largest(after),
        }

    def _mean(self, acts: tuple[str, str], what: str) -> Number:
        """What a quiet pair of acts brings, over the outside responder's resolve."""
        values = [getattr(each.now[(*acts, "quiet")], what) for each in self.occasion.prospects]
        return expected([1 / len(values)] * len(values), values)

    def _pinned(self, two: int, war: str) -> Number:
        occasion = self.occasion
        claims: list[Number] = []
        for answer in occasion.follower.menu:
            joined = self._mean((war, answer.name), "joins_follow")
            if answer.kind == "war":
                claims.append(joined)
            elif answer.kind == "blockade":
                claims.append(joined * occasion.read("act_pin", answer.name))
            else:
                claims.append(occasion.read("act_pin", answer.name) if answer.kind == "pressure" else 0.0)
        return expected(self.opened.answers[two, war, "quiet"], claims)

    def _second_objective(self) -> Number:
        """Chance that the follower wins, given that it attacks in answer to a quiet first war."""
        occasion, war = self.occasion, self.wars[-1]
        attacks = _wars(occasion.follower)
        places = [occasion.follower.menu.index(act) for act in attacks]
        chances = [
            self.over_leader(
                self.of_first,
                lambda one, place=place: self.over_follower(
                    one, lambda two: self.opened.answers[two, war, "quiet"][place]
                ),
            )
            for place in places
        ]
        return expected(_shares(chances), [self._mean((war, act.name), "follow_objective") for act in attacks])


def _wars(challenger: Challenger) -> list[Act]:
    return [act for act in challenger.menu if act.kind == "war"]


def _taken(moves: Moves, act: str) -> Number:
    """Chance of an act, with a call or without."""
    quiet = moves[act, False]
    return quiet + moves[act, True] if (act, True) in moves else quiet


def _shares(weights: Sequence[Number]) -> list[Number]:
    """Weights as shares of their sum; a floor keeps the division defined where all vanish."""
    whole = sum(weights, start=0.0) + TINY * len(weights)
    return [(weight + TINY) / whole for weight in weights]


def _largest(values: Sequence[Number]) -> Number:
    best = values[0]
    for value in values[1:]:
        best = maximum(best, value)
    return best
