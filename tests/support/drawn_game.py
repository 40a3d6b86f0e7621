"""A situation drawn at random with its game: the closed form, and the explicit tree with its numbers."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import replace
from itertools import product
from typing import ClassVar

from twofront.adjudicate import MODES, STATES
from twofront.choose import (
    Choices,
    Prospects,
    Search,
    Stance,
    Standing,
    WarChances,
    play,
    prospects,
    sides,
)
from twofront.choose.tree import (
    RESOLVES,
    Chance,
    Decision,
    Node,
    Solution,
    Term,
    Tree,
    solve,
    terms_of,
)
from twofront.engine import ops
from twofront.quantities import QUANTITIES
from twofront.readings import Readings
from twofront.world import Act, Challenger, Clock, Responder, Theatre, World


def situation(*, second_local: bool = True) -> World:
    """Two theatres with every kind of act on both menus, so that either challenger can lead."""
    north = ("wait", "coerce", "blockade", "seize", "invade")
    kinds = {"wait": "wait", "coerce": "pressure", "blockade": "blockade", "seize": "war", "invade": "war"}
    south = ("rest", "harass", "close", "grab", "attack")
    menus = (
        tuple(Act(name, name, kinds[name]) for name in north),
        tuple(Act(name, name, kinds[model]) for name, model in zip(south, north, strict=True)),
    )
    responders = (
        Responder("far", "far", ("far",), ("north", "south")),
        Responder(
            "near", "near", ("near",), ("south",), (("aside", "none"), ("bases", "basing"), ("fight", "combat")), "far"
        ),
        Responder("home", "home", ("home",), ("north",), (("aside", "none"), ("fight", "combat"))),
    )
    return World(
        clock=Clock("2030-01", 24, 0, 12),
        actors=("up", "down", "far", "near", "home", "host"),
        groups=(),
        capabilities=("land", "air"),
        munitions=(),
        strikers=(),
        interceptors=(),
        theatres=(Theatre("north", "north", "up", ("host",), ""), Theatre("south", "south", "down", ("host",), "")),
        challengers=(Challenger("up", "north", menus[0]), Challenger("down", "south", menus[1])),
        responders=responders if second_local else responders[:2],
        flows=(),
        client=None,
        partners=(),
        rivals=(),
        phases=(30.0,),
        lags=(0, 3, 6, 12),
        war_window=12.0,
    )


SECRET = ("bluff_cost", "attack_seen", "resolve_spread", "resolve_loading", "reputation_worth", "act_alert")
"""Quantities without which nobody has secrets."""
AXES = {"act", "actor", "theatre"}


def drawn(world: World, source: random.Random) -> Readings:
    """A number for every quantity of choice, of the size that cases give."""
    who = ("up", "down", "far", "near", "home")
    acts = tuple(act.name for challenger in world.challengers for act in challenger.menu)
    entries = {"act": acts, "actor": who, "theatre": ("north", "south")}
    values: dict[tuple[str, ...], float] = {}
    for item in QUANTITIES:
        if (item.part == "choice" and item.name not in SECRET) or item.name in ("war_months",):
            for entry in product(*(entries[axis] for axis in item.axes if axis in AXES)):
                values[item.name, *entry] = source.uniform(0.02, 0.98)
    for actor in who:
        values["precision", actor] = math.exp(source.uniform(-1.0, 3.0))
    for theatre in ("north", "south"):
        values["war_months", theatre] = source.uniform(1.0, 20.0)
        values["escalation_chance", theatre] = source.uniform(0.0, 0.1)
    for c in world.capabilities:
        values["contention", c] = source.uniform(0.0, 1.0)
        values["strength", c, "far"] = source.uniform(1.0, 9.0)
        for theatre in ("north", "south"):
            values["combat_value", c, theatre] = source.uniform(0.5, 2.0)
            values["reach", c, "far", theatre] = source.uniform(0.1, 1.0)
    values["escalation_loss",] = source.uniform(1.0, 8.0)
    return Readings(values)


def series(values: Sequence[float]) -> ops.Series:
    """The values as the rows of a war."""
    return ops.for_each(len(values), lambda place: ops.number(ops.table(values)[place]))


def by_commitment(
    found: dict[tuple[str, str, int], tuple[float, float]], which: int
) -> dict[tuple[int, int], ops.Series]:
    """One of the two numbers of a war, by mode and level, rows by state."""
    levels = {level for _, _, level in found}
    return {
        (number, level): series([found[state, mode, level][which] for state in STATES])
        for number, mode in enumerate(MODES)
        for level in levels
    }


def by_age(
    found: dict[tuple[str, str, int], tuple[float, float]], firsts: Sequence[str], lags: Sequence[int], which: int
) -> dict[tuple[int, int, str], ops.Series]:
    """The same for wars that follow on another, by mode, level and the other's act, rows by its age."""
    levels = {level for _, _, level in found}
    return {
        (number, level, first): series([found[after(lag, first), mode, level][which] for lag in lags])
        for number, mode in enumerate(MODES)
        if mode != "none" and len(lags)
        for level in levels
        for first in firsts
    }


def after(lag: int, first: str) -> str:
    """How the tree calls what precedes a war."""
    return f"{lag} after {first}"


class Game:
    """One random game: its numbers, its closed form, and its tree."""

    terms: ClassVar[dict[int, tuple[Tree, tuple[Term, ...]]]] = {}

    def __init__(self, world: World, reverse: bool, source: random.Random) -> None:
        self.world, self.reverse = world, reverse
        self.read = drawn(world, source)
        self.learns = 0.0
        self.lead, self.follow = world.challengers[::-1] if reverse else world.challengers
        # Whether the first to be at war keeps what both theatres claim.
        self.first_come = source.random() < 0.5
        self.standings = {c.actor: Standing(source.uniform(0, 1), source.uniform(-1, 1)) for c in world.challengers}
        self.locals = {r.theatres[0]: r for r in world.responders if len(r.theatres) == 1}
        self.wars: dict[str, dict[str, dict[tuple[str, str, int], tuple[float, float]]]] = {}
        for challenger in world.challengers:
            local = self.locals.get(challenger.theatre)
            levels = 1 if local is None else len(local.options)
            (other,) = (c for c in world.challengers if c is not challenger)
            firsts = [act.name for act in other.menu if act.kind == "war"]
            ages = [after(lag, first) for lag in world.lags[1:] for first in firsts]
            places = list(product((*STATES, *ages), MODES, range(levels)))
            self.wars[challenger.theatre] = {}
            for act in challenger.menu:
                if act.kind == "war":
                    found: dict[tuple[str, str, int], tuple[float, float]] = {}
                    for place in places:
                        objective = source.uniform(0.0, 1.0)
                        found[place] = objective, source.uniform(0.0, 1.0 - objective)
                    self.wars[challenger.theatre][act.name] = found
        self.payment, self.kinds = (
            self.read("call_payment"),
            {a.name: a.kind for c in world.challengers for a in c.menu},
        )

    def closed(self) -> tuple[Prospects, Choices]:
        """The closed form."""
        rows = {
            theatre: {
                act: WarChances(
                    by_commitment(found, 0),
                    by_commitment(found, 1),
                    by_age(found, self.firsts(theatre), self.world.lags[1:], 0),
                    by_age(found, self.firsts(theatre), self.world.lags[1:], 1),
                )
                for act, found in acts.items()
            }
            for theatre, acts in self.wars.items()
        }
        both = sides(self.world, self.read, rows, STATES, len(MODES), float(self.first_come))
        stances: list[Stance | None] = [None]
        if self.read.has("resolve_spread", "far"):
            spread, name = self.read("resolve_spread", "far"), self.read("reputation_worth")
            stances = [Stance(sign * spread, name) for sign in (-1.0, 1.0)]
        solved = [prospects(self.world, self.read, both, self.reverse, stance) for stance in stances]
        lead, follow = self.standings[self.lead.actor], self.standings[self.follow.actor]
        return solved[0], play(self.world, self.read, solved, self.reverse, lead, follow, self.learns, Search(80))

    def firsts(self, theatre: str) -> list[str]:
        """Acts of war in the other theatre."""
        (other,) = (c for c in self.world.challengers if c.theatre != theatre)
        return [act.name for act in other.menu if act.kind == "war"]

    # -- numbers for the tree, written from the meaning of each quantity

    def utility(self, term: Term) -> float:
        """The number of a payoff term."""
        kinds = {
            "standing": self.standing,
            "war": self.war,
            "act": self.act,
            "resolve": self.resolve,
            "name": self.name,
        }
        return float(kinds.get(term.what, self.call)(term))

    def call(self, term: Term) -> float:
        if term.what == "payment":
            return self.payment
        return -self.read("call_cost") - (self.read("bluff_cost") if term.key else 0.0)

    def resolve(self, term: Term) -> float:
        act, resolve = term.key
        size = self.read("act_prize" if term.player == "far" else "act_force", act)
        return (1 if resolve == "firm" else -1) * self.read("resolve_spread", term.player) * size

    def name(self, term: Term) -> float:
        (other,) = {"north", "south"} - {term.theatre}
        stake = self.read("responder_stake", "far", other)
        return -self.read("reputation_worth") * stake * self.read("act_prize", *term.key)

    def standing(self, term: Term) -> float:
        (act,), own = term.key, self.standings[term.player]
        kind = self.kinds[act]
        bias = own.intercept * self.read("act_force", act) if kind in ("blockade", "war") else 0.0
        # What force does not put at stake goes on: all but a war's prize, and a blockade's prize where it succeeds.
        staked = {"wait": 0.0, "pressure": 0.0, "war": 1.0}.get(kind, self.read("act_success", act))
        kept = 1 - staked * self.read("act_prize", act)
        return own.waiting * kept + bias

    def nuclear(self, theatre: str, act: str) -> float:
        read = self.read
        risk = read("escalation_switch") * read("escalation_chance", theatre) * read("escalation_loss")
        return risk * read("act_force", act)

    def war(self, term: Term) -> float:
        act, state, mode, level = term.key
        read, theatre, player = self.read, term.theatre, term.player
        if mode == "shared" and self.first_come and theatre == self.lead.theatre:
            mode = "full"
        local = self.locals.get(theatre)
        number = 0 if local is None else [name for name, _ in local.options].index(level)
        objective, stalemate = self.wars[theatre][act][state, mode, number]
        taken = objective + read("stalemate_value") * stalemate
        prize, force = read("act_prize", act), read("act_force", act)
        helped = mode != "none"
        nuclear = self.nuclear(theatre, act) if helped else 0.0
        if player == self.world.theatre(theatre).challenger:
            beaten = 1 - objective - stalemate
            cost = read("war_cost", player) * force + read("loss_cost", player) * force * beaten
            return prize * taken - read("act_cost", act) - cost - nuclear
        loss = -read("responder_stake", player, theatre) * prize * taken
        honour, cost = read("honour", player, theatre) * prize, read("responder_cost", player, theatre) * force
        if player == "far":
            return loss - cost - nuclear if helped else loss - honour
        assert local is not None
        how = dict(local.options)[level]
        paid = {"none": honour, "basing": cost * read("basing_cost"), "combat": cost + nuclear}
        return loss - paid[how]

    def act(self, term: Term) -> float:
        act, joined, claim = term.key
        read, theatre, player = self.read, term.theatre, term.player
        if claim == "free":
            busy = 0.0
        elif claim.endswith(" into the first war"):
            busy = self.still(int(claim.split()[0]))
        elif claim.startswith("pin "):
            busy = read("act_pin", claim.removeprefix("pin "))
        else:
            busy = 1.0
        if self.first_come and theatre == self.lead.theatre:
            busy = 0.0
        pressed = self.kinds[act] == "pressure"
        here = 1.0 if pressed or joined == "joined" else 0.0
        alone = read("act_success_alone", act)
        weights = {
            c: read("strength", c, "far") * read("reach", c, "far", theatre) * read("combat_value", c, theatre)
            for c in self.world.capabilities
        }
        (other,) = {"north", "south"} - {theatre}
        smaller = {c: min(1.0, read("reach", c, "far", other) / read("reach", c, "far", theatre)) for c in weights}
        swing = sum(weights[c] * read("contention", c) * smaller[c] for c in weights) / sum(weights.values())
        success = alone + here * (1 - busy * swing / 2) * (read("act_success", act) - alone)
        prize, force = read("act_prize", act), read("act_force", act)
        nuclear = self.nuclear(theatre, act)
        if player != "far":
            cost = read("war_cost", player) * force + nuclear if joined == "joined" else 0.0
            return prize * success - read("act_cost", act) - cost
        loss = -read("responder_stake", "far", theatre) * prize * success
        if pressed:
            return loss
        if joined == "joined":
            return loss - read("responder_cost", "far", theatre) * force - nuclear
        return loss - read("honour", "far", theatre) * prize

    def still(self, lag: int) -> float:
        """Chance that the first war goes on at an age."""
        return math.exp(-lag / self.read("war_months", self.lead.theatre))

    def chances(self) -> dict[tuple[str, ...], dict[str, float]]:
        received, caught = self.read("call_received"), self.read("call_intercepted")
        found: dict[tuple[str, ...], dict[str, float]] = {
            ("call",): {
                "received": received * (1 - caught),
                "known": received * caught,
                "lost": (1 - received) * caught,
                "quiet": (1 - received) * (1 - caught),
            },
            **{
                ("still", str(lag)): {"pinned": self.still(lag), "free": 1 - self.still(lag)} for lag in self.world.lags
            },
        }
        for challenger in self.world.challengers:
            for act in challenger.menu:
                pin = self.read("act_pin", act.name)
                found["pin", f"pin {act.name}"] = {"pinned": pin, "free": 1 - pin}
        return found

    def secrets(self) -> dict[tuple[str, ...], dict[str, float]]:
        """Chances of everybody's resolve together, and of seeing the act."""
        players = {"lead": self.lead.actor, "follow": self.follow.actor, "outside": "far"}
        joint: dict[str, float] = {}
        for profile in product(RESOLVES, repeat=3):
            chance = 0.0
            for factor in (-1, 1):
                each = 0.5
                for player, resolve in zip(players.values(), profile, strict=True):
                    agree = factor * (1 if resolve == "firm" else -1)
                    each *= (1 + self.read("resolve_loading", player) * agree) / 2
                chance += each
            joint[" ".join(profile)] = chance
        seen = self.read("attack_seen")
        return {("resolve", *players): joint, ("seen",): {"seen": seen, "unseen": 1 - seen}}

    def solved(self, tree: Tree) -> Solution:
        """Backward induction over a tree of this game."""
        if id(tree) not in self.terms:
            self.terms[id(tree)] = tree, terms_of(tree)
        numbers = {term: self.utility(term) for term in self.terms[id(tree)][1]}
        precision = {player: self.read("precision", player) for player in ("up", "down", "far", "near", "home")}
        return solve(tree, numbers, precision, self.chances())


def called(choices: Choices, resolve: int = 0) -> dict[str, float]:
    """Chance of a call by act, given the act."""
    moves = choices.solved.moves[resolve]
    return {act: chance / (chance + moves[act, False]) for (act, loud), chance in moves.items() if loud}


def small() -> World:
    """The situation with three acts a side, so that the tree of eight profiles stays small."""
    world = situation(second_local=False)
    kept = {"wait", "blockade", "invade", "rest", "harass", "attack"}
    challengers = tuple(replace(c, menu=tuple(a for a in c.menu if a.name in kept)) for c in world.challengers)
    return replace(world, challengers=challengers)


def nodes(start: Node) -> list[Node]:
    """All nodes from one on."""
    found: list[Node] = [start]
    for node in found:
        if isinstance(node, Decision):
            found += [option.then for option in node.options]
        elif isinstance(node, Chance):
            found += [then for _, then in node.branches]
    return found
