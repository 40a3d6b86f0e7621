"""The challengers' part of the game, date by date, and the hazards and effects that follow from it.

An opportunity to act is a node of the game; hazards are opportunities times the chance that one is taken, constant
between dates. Waiting is worth this period's status quo and the discounted value of the next date.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from twofront.choose import laws
from twofront.choose.qre import expected, logit
from twofront.choose.respond import CALL_STATES, Prospects, war_order
from twofront.engine.ops import Number, maximum, where
from twofront.readings import Readings
from twofront.world import Act, Challenger, World

__all__ = ["Choices", "Order", "Standing", "play", "status_quo", "waiting_value"]

FORCE = ("blockade", "war")
"""Kinds of act to which a challenger's intercept applies."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What a challenger brings to a date.

    ``waiting``: value of waiting [stake]; ``intercept``: what using all its force gains or costs beyond what the
    model holds [stake], in proportion to the force that an act commits.
    """

    waiting: Number
    intercept: Number


@dataclass(frozen=True, slots=True)
class Choices:
    """Play of one order of moves at one date.

    ``acts``: chance of each of the leader's acts at an opportunity; ``value``: what an opportunity is worth to it.
    ``call``: chance of a call given the act. For a second war within a window W (months) of the first, given
    do(lead attacks): ``open`` with the channel of the call, ``closed`` without, ``alone`` given do(lead waits).
    ``open_called``: joint chance of a call and an attack. ``diverts``: chance of anything but nothing.
    ``double``: chance that the second war begins while the first goes on. ``margin``: value of waiting less that
    of the best attack, without choice error, with the other at peace, and ``margin_after`` with it at war.
    ``joins``: chance that the outside responder fights in the leader's theatre, given its war alone.
    ``pinned``: share of the outside responder's contested forces that the follower's act claims for its own
    theatre, at an occasion after a quiet first war: keeping somebody busy need not be conquest.
    ``second_objective``: chance that the follower wins, given that it attacks in answer to a quiet first war.
    """

    acts: dict[str, Number]
    value: Number
    call: Number
    open: tuple[Number, ...]
    closed: tuple[Number, ...]
    alone: tuple[Number, ...]
    open_called: Number
    diverts: Number
    double: Number
    margin: Number
    margin_after: Number
    joins: Number
    pinned: Number
    second_objective: Number
    calls: dict[str, Number]
    answers: dict[tuple[str, str], list[Number]]
    answers_later: dict[tuple[str, int], list[Number]]


@dataclass(frozen=True, slots=True)
class Order:
    """An order of moves: who leads and who follows."""

    lead: Challenger
    follow: Challenger


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


class _Follower:
    """The follower's node after one act of the leader and one fate of its call."""

    def __init__(self, read: Readings, menu: Sequence[Act], values: Sequence[Number], precision: Number) -> None:
        self.chances = logit(values, precision)
        self.attack: Number = 0.0
        for act, chance in zip(menu, self.chances, strict=True):
            if act.kind == "war":
                self.attack = self.attack + chance
        self.diverts = 1 - self.chances[0]


def play(
    world: World, read: Readings, prospects: Prospects, reverse: bool, lead: Standing, follow: Standing
) -> Choices:
    """Solve the challengers' nodes of one order of moves at one date, by backward induction with logit error."""
    leader, follower = (world.challengers[number] for number in war_order(world, reverse))
    lead_precision, follow_precision = read("precision", leader.actor), read("precision", follower.actor)
    received, caught = read("call_received"), read("call_intercepted")

    def own(act: Act, gain: Number, standing: Standing) -> Number:
        if act.kind == "wait":
            return standing.waiting
        if act.kind == "pressure":
            return standing.waiting + gain
        # What force does not put at stake of the status quo goes on: all but the prize of a war, and of a blockade
        # its prize where it succeeds.
        staked = read("act_prize", act.name) * (1.0 if act.kind == "war" else read("act_success", act.name))
        return laws.force_value(gain, standing.intercept, read("act_force", act.name), staked, standing.waiting)

    nodes: dict[tuple[str, str], _Follower] = {}
    worth: dict[tuple[str, str], Number] = {}
    for act in leader.menu:
        for state in CALL_STATES:
            if (act.name, follower.menu[0].name, state) not in prospects.now:
                continue
            pairs = [prospects.now[act.name, answer.name, state] for answer in follower.menu]
            paid = read("call_payment") if state in ("received", "known") else 0.0
            values = [
                own(answer, pair.follow, follow) + (paid if answer.kind == "war" else 0.0)
                for answer, pair in zip(follower.menu, pairs, strict=True)
            ]
            node = _Follower(read, follower.menu, values, follow_precision)
            nodes[act.name, state] = node
            worth[act.name, state] = expected(node.chances, [own(act, pair.lead, lead) for pair in pairs])
    aged = {
        (act.name, age): _Follower(
            read,
            follower.menu,
            [own(answer, prospects.later[act.name, answer.name, age].follow, follow) for answer in follower.menu],
            follow_precision,
        )
        for act in leader.menu
        if act.kind == "war" and len(world.lags) > 1
        for age in range(len(world.lags))
    }
    fate = {
        "received": received * (1 - caught),
        "known": received * caught,
        "lost": (1 - received) * caught,
        "quiet": (1 - received) * (1 - caught),
    }
    calls: dict[str, Number] = {}
    values: list[Number] = []
    for act in leader.menu:
        quiet = worth[act.name, "quiet"]
        if act.kind not in FORCE:
            values.append(quiet)
            continue
        called = expected(list(fate.values()), [worth[act.name, state] for state in fate]) - read("call_cost")
        chances = logit([quiet, called], lead_precision)
        calls[act.name] = chances[1]
        values.append(expected(chances, [quiet, called]))
    chances = logit(values, lead_precision)
    wars = [number for number, act in enumerate(leader.menu) if act.kind == "war"]
    all_war = sum((chances[n] for n in wars), start=0.0)
    # do(war): which war, by the chances of choice; a floor keeps the division defined where all vanish.
    weights = [(chances[n] + 1e-300) / (all_war + 1e-300 * len(wars)) for n in wars]
    names = [leader.menu[n].name for n in wars]

    rate, distracted = read("opportunity_rate", follower.actor), read("distraction_factor")
    # A second war is as one that begins at the greatest lag that the first has reached.
    spans = list(zip(world.lags, (*world.lags[1:], math.inf), strict=True))
    duration = read("war_months", leader.theatre)
    windows = (world.war_window, 3.0, 24.0)

    def within(window: float) -> list[Number]:
        """Months of a window in which the first war has each of the ages."""
        return [max(min(window, end) - begin, 0.0) for begin, end in spans]

    # Expected months in which the first war has each of the ages and goes on.
    left = [laws.still_at_war(float(lag), duration) for lag in world.lags] + [0.0]
    lasting = [duration * (before - after) for before, after in itertools.pairwise(left)]

    def second(act: str, state: str, months: Sequence[Number]) -> Number:
        """Chance of a second war within so many months of each age of the first."""
        engaged = prospects.now[act, follower.menu[0].name, "quiet"].joins_lead
        exposure = nodes[act, state].attack * months[0]
        for age in range(1, len(spans)):
            taken = engaged * aged[act, age].attack + (1 - engaged) * aged[act, 0].attack
            exposure = exposure + taken * months[age]
        return laws.window_chance(rate * distracted, exposure)

    def over_wars(of_act: Mapping[str, Number]) -> Number:
        return expected(weights, [of_act[name] for name in names])

    def over_fates(act: str, months: Sequence[Number]) -> Number:
        return expected(list(fate.values()), [second(act, state, months) for state in fate])

    opened: list[Number] = []
    closed: list[Number] = []
    alone: list[Number] = []
    for window in windows:
        months = within(window)
        shut = {name: second(name, "quiet", months) for name in names}
        heard = {name: shut[name] + calls[name] * (over_fates(name, months) - shut[name]) for name in names}
        closed.append(over_wars(shut))
        opened.append(over_wars(heard))
        alone.append(laws.window_chance(rate, nodes[leader.menu[0].name, "quiet"].attack * window))
    months = within(world.war_window)
    joint = {name: calls[name] * over_fates(name, months) for name in names}
    both = {
        name: second(name, "quiet", lasting)
        + calls[name] * (over_fates(name, lasting) - second(name, "quiet", lasting))
        for name in names
    }
    diverts = {
        name: laws.window_chance(rate * distracted, nodes[name, "quiet"].diverts * world.war_window) for name in names
    }
    # Margins are the players' own: without the intercept, which restates a prior.
    lead_plain, follow_plain = Standing(lead.waiting, 0.0), Standing(follow.waiting, 0.0)
    best_alone = [
        own(act, prospects.now[act.name, follower.menu[0].name, "quiet"].lead, lead_plain)
        for act in leader.menu
        if act.kind == "war"
    ]
    best_after = [
        own(answer, prospects.now[name, answer.name, "quiet"].follow, follow_plain)
        for name in names
        for answer in follower.menu
        if answer.kind == "war"
    ]
    pinned: dict[str, Number] = {}
    for name in names:
        claims: list[Number] = []
        for answer in follower.menu:
            joined = prospects.now[name, answer.name, "quiet"].joins_follow
            if answer.kind == "war":
                claims.append(joined)
            elif answer.kind == "blockade":
                claims.append(joined * read("act_pin", answer.name))
            else:
                claims.append(read("act_pin", answer.name) if answer.kind == "pressure" else 0.0)
        pinned[name] = expected(nodes[name, "quiet"].chances, claims)
    attacks = [answer for answer in follower.menu if answer.kind == "war"]
    answered = nodes[names[-1], "quiet"]
    shares = [answered.chances[follower.menu.index(act)] + 1e-300 for act in attacks]
    whole = sum(shares, start=0.0)
    return Choices(
        acts={act.name: chance for act, chance in zip(leader.menu, chances, strict=True)},
        value=expected(chances, values),
        call=over_wars(calls),
        open=tuple(opened),
        closed=tuple(closed),
        alone=tuple(alone),
        open_called=over_wars(joint),
        diverts=over_wars(diverts),
        double=over_wars(both),
        margin=lead.waiting - _largest(best_alone),
        margin_after=follow.waiting - _largest(best_after),
        joins=over_wars({name: prospects.now[name, follower.menu[0].name, "quiet"].joins_lead for name in names}),
        pinned=over_wars(pinned),
        second_objective=expected(
            [share / whole for share in shares],
            [prospects.now[names[-1], act.name, "quiet"].follow_objective for act in attacks],
        ),
        calls=calls,
        answers={place: node.chances for place, node in nodes.items()},
        answers_later={place: node.chances for place, node in aged.items()},
    )


def _largest(values: Sequence[Number]) -> Number:
    best = values[0]
    for value in values[1:]:
        best = maximum(best, value)
    return best
