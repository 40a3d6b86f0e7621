"""The closed form of the game against backward induction over the explicit tree, node by node."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import product
from typing import Any, ClassVar

import pytest

from twofront.adjudicate import MODES, STATES
from twofront.choose import (
    Choices,
    Prospects,
    Search,
    Stance,
    Standing,
    WarChances,
    forewarned,
    laws,
    play,
    prospects,
    sides,
)
from twofront.choose.tree import (
    RESOLVES,
    Chance,
    ClosedFormRefused,
    Decision,
    Leaf,
    Node,
    Option,
    Secrets,
    Solution,
    Term,
    Tree,
    later_trees,
    prove_closed_form,
    prove_world,
    secrets_of,
    solve,
    terms_of,
    two_theatre_tree,
)
from twofront.engine import ops
from twofront.quantities import QUANTITIES
from twofront.readings import Readings
from twofront.world import Act, Challenger, Clock, Responder, Theatre, World

CLOSE = 1e-12
"""Both are sums of the same few hundred products of numbers of order one, in another order: some 1e-15 each."""
DRAWS = 51
"""For each of two situations and both orders of moves."""


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


@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("second_local", [False, True])
def test_the_closed_form_equals_backward_induction(reverse: bool, second_local: bool) -> None:
    world = situation(second_local=second_local)
    tree, later = two_theatre_tree(world, reverse), later_trees(world, reverse)
    prove_closed_form(tree)
    source = random.Random(f"{reverse} {second_local}")
    worst = 0.0
    for _ in range(DRAWS):
        game = Game(world, reverse, source)
        explicit_now, (found, choices) = game.solved(tree), game.closed()
        explicit = explicit_now
        lead, follow = game.lead.actor, game.follow.actor
        pairs: list[tuple[object, float, float]] = [("value", choices.value, explicit.values[lead])]
        for act, chance in choices.acts[0].items():
            pairs.append((act, chance, explicit.chances[lead, ("act",)][act]))
        for act, chance in called(choices).items():
            pairs.append((f"call {act}", chance, explicit.chances[lead, ("call", act)]["call"]))
        for (_, act, state), answers in choices.solved.answers.items():
            wanted = explicit.chances[follow, ("answer", act, state)]
            pairs += [((act, state), a, b) for a, b in zip(answers, wanted.values(), strict=True)]
        for (act, answer, state), pair in found.now.items():
            wanted = explicit.chances["far", ("help", act, answer, state)]
            helps = [sum(c for n, c in wanted.items() if n.split("+")[side] == "help") for side in (0, 1)]
            pairs += [((act, answer, state), pair.joins_lead, helps[0]), ((act, answer), pair.joins_follow, helps[1])]
        assert {age for _, _, age in choices.answers_later} == set(range(len(world.lags)))
        for (_, act, age), answers in choices.answers_later.items():
            explicit = game.solved(later[act, age])
            state = after(world.lags[age], act) if age else "quiet"
            wanted = explicit.chances[follow, ("answer later", act, state)]
            pairs += [((act, age), a, b) for a, b in zip(answers, wanted.values(), strict=True)]
            for answer in game.follow.menu:
                helps = explicit.chances["far", ("help later", act, answer.name, state)]
                joins = found.later[act, answer.name, age].joins_follow
                pairs.append(((act, answer.name, age), joins, helps.get("help", 0.0)))
        hazards = second_wars(game, explicit_now, {key: game.solved(one) for key, one in later.items()})
        pairs += [(("closed", place), a, b) for place, (a, b) in enumerate(zip(choices.closed, hazards, strict=True))]
        for name, closed, wanted in pairs:
            assert closed == pytest.approx(wanted, rel=0, abs=CLOSE), name
            worst = max(worst, abs(closed - wanted))
    assert worst > 0.0, "two ways of adding up never differ in the last bit: is one computed from the other?"


def called(choices: Choices, resolve: int = 0) -> dict[str, float]:
    """Chance of a call by act, given the act."""
    moves = choices.solved.moves[resolve]
    return {act: chance / (chance + moves[act, False]) for (act, loud), chance in moves.items() if loud}


def second_wars(game: Game, now: Solution, later: Mapping[tuple[str, int], Solution]) -> list[float]:
    """Chances of a second war within the windows, channel closed: months at each age of the first, one by one."""
    read, world = game.read, game.world
    lead, follow = game.lead, game.follow
    wars = [act.name for act in lead.menu if act.kind == "war"]
    attacks = [act.name for act in follow.menu if act.kind == "war"]
    chosen = now.chances[lead.actor, ("act",)]
    rate = read("opportunity_rate", follow.actor) * read("distraction_factor") / 12

    def at(first: str, month: int) -> float:
        age = sum(1 for lag in world.lags if lag <= month) - 1
        if age == 0:
            return sum(now.chances[follow.actor, ("answer", first, "quiet")][name] for name in attacks)
        helps = now.chances["far", ("help", first, follow.menu[0].name, "quiet")]
        joined = sum(chance for name, chance in helps.items() if name.split("+")[0] == "help")
        found = 0.0
        for number, weight in ((age, joined), (0, 1 - joined)):
            state = after(world.lags[number], first) if number else "quiet"
            answers = later[first, number].chances[follow.actor, ("answer later", first, state)]
            found += weight * sum(answers[name] for name in attacks)
        return found

    whole = math.fsum(chosen[name] for name in wars)
    return [
        math.fsum(
            chosen[first] / whole * (1 - math.exp(-rate * math.fsum(at(first, month) for month in range(window))))
            for first in wars
        )
        for window in (12, 3, 24)
    ]


def test_every_information_set_is_compared() -> None:
    world = situation()
    proofs = prove_world(world)
    tree = two_theatre_tree(world, False)
    game = Game(world, False, random.Random(1))
    assert proofs[0].information_sets == len(game.solved(tree).chances)
    assert proofs[0].shared_sets > 0
    # A quiet act, and a call that nobody heard: one information set of the follower with two nodes.
    caller = tree.root
    assert isinstance(caller, Decision)
    sets = [n for n in nodes(caller) if isinstance(n, Decision) and n.information == ("answer", "invade", "quiet")]
    assert len(sets) == 2


def nodes(start: Node) -> list[Node]:
    """All nodes from one on."""
    found: list[Node] = [start]
    for node in found:
        if isinstance(node, Decision):
            found += [option.then for option in node.options]
        elif isinstance(node, Chance):
            found += [then for _, then in node.branches]
    return found


# ---- duplicates --------------------------------------------------------------------------------------------------


def flat(values: Mapping[str, float]) -> tuple[Tree, dict[Term, float]]:
    """One player's choice among options of the given values."""
    terms = {name: Term("act", "up", "north", (name,)) for name in values}
    root = Decision("up", ("act",), tuple(Option(name, Leaf((term,))) for name, term in terms.items()))
    return Tree(root, ("up", "down"), "far", (), ("north", "south")), {terms[n]: v for n, v in values.items()}


def test_a_flat_list_of_options_would_nearly_double_the_chance_of_attack() -> None:
    # 2% becomes 3.9% when "attack and call" stands beside "attack" though it brings the same.
    alone = math.log(0.02 / 0.98)
    tree, numbers = flat({"wait": 0.0, "attack": alone})
    assert solve(tree, numbers, {"up": 1.0}, {}).chances["up", ("act",)]["attack"] == pytest.approx(0.02, abs=1e-15)
    tree, numbers = flat({"wait": 0.0, "attack": alone, "attack and call": alone})
    chances = solve(tree, numbers, {"up": 1.0}, {}).chances["up", ("act",)]
    # 0.04/1.02 to the digits that follow; published as 3.9%.
    assert 1 - chances["wait"] == pytest.approx(0.04 / 1.02, abs=1e-15)


@pytest.mark.parametrize("reverse", [False, True])
def test_a_call_that_changes_nothing_moves_no_chance(reverse: bool) -> None:
    """The call is a node of its own, so that a second way to do the same leaves the chances of acts alone."""
    world = situation()
    source = random.Random(7)
    for _ in range(20):
        game = Game(world, reverse, source)
        game.read = game.read.replaced({("call_cost",): 0.0, ("call_payment",): 0.0})
        game.payment = 0.0
        for acts in game.wars.values():
            for act, found in acts.items():
                acts[act] = {
                    (state, mode, level): found["quiet" if state in STATES else state, mode, level]
                    for state, mode, level in found
                }
        _, choices = game.closed()
        silent = drop_calls(two_theatre_tree(world, reverse))
        explicit = game.solved(silent)
        for act, chance in choices.acts[0].items():
            wanted = explicit.chances[game.lead.actor, ("act",)][act]
            assert chance == pytest.approx(wanted, rel=0, abs=CLOSE)
        for chance in called(choices).values():
            assert chance == pytest.approx(0.5, rel=0, abs=CLOSE)
        for opened, closed in zip(choices.open, choices.closed, strict=True):
            assert opened == pytest.approx(closed, rel=0, abs=CLOSE)


def drop_calls(tree: Tree) -> Tree:
    """The same game without the node of calling."""
    root = tree.root
    assert isinstance(root, Decision)
    options: list[Option] = []
    for option in root.options:
        then = option.then
        if isinstance(then, Decision) and then.information[0] == "call":
            then = then.options[0].then
        options.append(Option(option.name, then))
    return replace(tree, root=replace(root, options=tuple(options)))


# ---- refusals ----------------------------------------------------------------------------------------------------


def local(name: str, theatre: str, needs: str | None = None) -> Responder:
    return Responder(name, name, (name,), (theatre,), (("aside", "none"), ("fight", "combat")), needs)


FAR = Responder("far", "far", ("far",), ("north", "south"))
BROKEN: dict[str, tuple[dict[str, object], str]] = {
    "lags that fall": ({"lags": (0, 6, 3)}, "lags are 0, 6, 3"),
    "no lag of nothing": ({"lags": (3, 6)}, "lags are 3, 6"),
    "two locals in a theatre": (
        {"responders": (FAR, local("one", "south"), local("two", "south"))},
        "2 local responders",
    ),
    "nobody outside": ({"responders": (local("near", "south"),)}, "exactly one responder .* found none"),
    "two outside": ({"responders": (FAR, replace(FAR, name="other"))}, "found far, other"),
    "needs another local": (
        {"responders": (FAR, local("near", "south", "home"), local("home", "north"))},
        "needs `home`",
    ),
    "one theatre": ({"theatres": situation().theatres[:1]}, "found 1 and 2"),
    "one challenger": ({"challengers": situation().challengers[:1]}, "found 2 and 1"),
    "both in one theatre": (
        {"challengers": (situation().challengers[0], replace(situation().challengers[1], theatre="north"))},
        "challenger of its own",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_situation_of_another_shape_is_refused_with_a_remedy(name: str) -> None:
    change, message = BROKEN[name]
    with pytest.raises(ClosedFormRefused, match=message):
        prove_world(replace(situation(), **change))  # pyright: ignore[reportArgumentType]


def test_one_lag_is_enough() -> None:
    assert prove_world(replace(situation(), lags=(0,)))


def changed(node: Node, where: Callable[[Node], bool], to: Callable[[Any], Node]) -> Node:
    """A copy of a tree in which the first node that fits is another one."""
    state = {"left": 1}

    def walk(node: Node) -> Node:
        if state["left"] and where(node):
            state["left"] = 0
            return to(node)
        if isinstance(node, Decision):
            return replace(node, options=tuple(replace(option, then=walk(option.then)) for option in node.options))
        if isinstance(node, Chance):
            return replace(node, branches=tuple((name, walk(then)) for name, then in node.branches))
        return node

    return walk(node)


def extra(node: Node, term: Term) -> Node:
    """A copy of a tree in which every end pays one more term."""
    if isinstance(node, Leaf):
        return Leaf((*node.terms, term))
    if isinstance(node, Decision):
        return replace(node, options=tuple(replace(o, then=extra(o.then, term)) for o in node.options))
    return replace(node, branches=tuple((name, extra(then, term)) for name, then in node.branches))


def at(*information: str) -> Callable[[Node], bool]:
    return lambda node: isinstance(node, Decision) and node.information == information


SURPRISE = Term("war", "down", "south", ("attack", "quiet", "full", "surprise"))
TREES: dict[str, tuple[Callable[[Node], bool], Callable[[Any], Node], str]] = {
    "an unheard call that still does something": (
        at("answer", "invade", "quiet"),
        lambda node: extra(node, SURPRISE),
        r"information set of `down` at \(answer, invade, quiet\) .*game of beliefs",
    ),
    "an outsider who cannot tell acts apart": (
        at("help", "invade", "attack", "known"),
        lambda node: replace(node, information=("help", "invade", "grab", "known")),
        r"information set of `far` at \(help, invade, grab, known\) .*game of beliefs",
    ),
    "a local who cannot tell modes apart": (
        lambda node: isinstance(node, Decision) and node.information == ("war", "attack", "quiet", "full"),
        lambda node: replace(node, information=("war", "attack", "quiet", "shared")),
        r"information set of `near` at \(war, attack, quiet, shared\) .*game of beliefs",
    ),
    "a local with a stake elsewhere": (
        lambda node: isinstance(node, Leaf),
        lambda node: Leaf((*node.terms, Term("war", "home", "south", ("attack",)))),
        "`home` decides in `north` and has a stake in `south`",
    ),
    "a stake in no theatre": (
        lambda node: isinstance(node, Leaf),
        lambda node: Leaf((*node.terms, Term("war", "far", "everywhere"))),
        "belongs to no theatre",
    ),
    "a war that hangs on the other theatre's local": (
        lambda node: isinstance(node, Decision) and node.player == "home",
        lambda node: replace(
            node,
            options=(
                node.options[0],
                replace(node.options[1], then=extra(node.options[1].then, SURPRISE)),
            ),
        ),
        r"what happens in `south` depends on the information set of `home`.*do not add",
    ),
    "a challenger who moves after the responders": (
        lambda node: isinstance(node, Decision) and node.player == "near",
        lambda node: Decision("up", ("again",), (Option("on", node),)),
        r"`up` at \(again\) comes after",
    ),
    "nodes with different options": (
        at("answer", "invade", "quiet"),
        lambda node: replace(node, options=node.options[:-1]),
        "offers different options",
    ),
}


@pytest.mark.parametrize("name", TREES)
def test_a_tree_without_a_closed_form_is_refused_by_its_information_set(name: str) -> None:
    where, to, message = TREES[name]
    tree = two_theatre_tree(situation(), False)
    broken = replace(tree, root=changed(tree.root, where, to))
    assert broken != tree
    with pytest.raises(ClosedFormRefused, match=message):
        prove_closed_form(broken)


def test_the_solver_says_where_nodes_of_one_set_call_for_different_choices() -> None:
    world = situation()
    game = Game(world, False, random.Random(3))
    tree = two_theatre_tree(world, False)

    def richer(node: Node) -> Node:
        assert isinstance(node, Decision)
        last = node.options[-1]
        return replace(node, options=(*node.options[:-1], replace(last, paid=(Term("payment", "down", "south"),))))

    broken = replace(tree, root=changed(tree.root, at("answer", "invade", "quiet"), richer))
    with pytest.raises(ValueError, match=r"`down` at \(answer, invade, quiet\)"):
        game.solved(broken)


# ---- private resolve ---------------------------------------------------------------------------------------------


def secretive(world: World, source: random.Random, game: Game) -> None:
    """Give a game's players private resolve, a common factor, bluffs and acts that may not show."""
    more: dict[tuple[str, ...], float] = {("bluff_cost",): source.uniform(0.0, 0.5), ("attack_seen",): source.random()}
    for player in ("up", "down", "far"):
        more["resolve_spread", player] = source.uniform(0.0, 0.4)
        more["resolve_loading", player] = source.uniform(0.0, 1.0)
    more["reputation_worth",] = source.uniform(-0.3, 0.3)
    game.read = game.read.replaced({**more, **{("precision", p): source.uniform(0.5, 6.0) for p in world.actors}})


def agent_qre(
    tree: Tree,
    numbers: Mapping[Term, float],
    precision: Mapping[str, float],
    chances: Mapping[Any, Mapping[str, float]],
) -> dict[tuple[str, tuple[str, ...]], dict[str, float]]:
    """Play of a game of beliefs, from its explicit tree alone: every set replies to the play of all others, in turn,
    with the beliefs that Bayes' rule gives, until nothing moves."""
    play: dict[tuple[str, tuple[str, ...]], dict[str, float]] = {}
    for node in nodes(tree.root):
        if isinstance(node, Decision):
            even = 1 / len(node.options)
            play.setdefault((node.player, node.information), {option.name: even for option in node.options})
    worth: dict[tuple[str, tuple[str, ...]], dict[str, float]] = {}
    weight: dict[tuple[str, tuple[str, ...]], float] = {}

    def value(node: Node, reach: float) -> dict[str, float]:
        """Everybody's value at a node; on the way, what each option brings at each set, by reach."""
        if isinstance(node, Leaf):
            found: dict[str, float] = {}
            for term in node.terms:
                found[term.player] = found.get(term.player, 0.0) + numbers[term]
            return found
        if isinstance(node, Chance):
            given = chances[node.key]
            return total([(given[name], value(then, reach * given[name])) for name, then in node.branches])
        key = node.player, node.information
        weight[key] += reach
        parts: list[tuple[float, dict[str, float]]] = []
        for option in node.options:
            chance = play[key][option.name]
            below = value(option.then, reach * chance)
            for term in option.paid:
                below[term.player] = below.get(term.player, 0.0) + numbers[term]
            worth[key][option.name] += reach * below.get(node.player, 0.0)
            parts.append((chance, below))
        return total(parts)

    change = 1.0
    for _ in range(200):
        for key, options in play.items():
            worth[key], weight[key] = dict.fromkeys(options, 0.0), 0.0
        value(tree.root, 1.0)
        change = 0.0
        for key, options in worth.items():
            values = {name: precision[key[0]] * each / weight[key] for name, each in options.items()}
            best = max(values.values())
            raised = {name: math.exp(each - best) for name, each in values.items()}
            whole = math.fsum(raised.values())
            for name, each in raised.items():
                change = max(change, abs(each / whole - play[key][name]))
                play[key][name] = each / whole
        if change < 1e-15:
            break
    assert change < 1e-13, change
    return play


def total(parts: Sequence[tuple[float, dict[str, float]]]) -> dict[str, float]:
    found: dict[str, float] = {}
    for chance, below in parts:
        for player, each in below.items():
            found[player] = found.get(player, 0.0) + chance * each
    return found


def small() -> World:
    """The situation with three acts a side, so that the tree of eight profiles stays small."""
    world = situation(second_local=False)
    kept = {"wait", "blockade", "invade", "rest", "harass", "attack"}
    challengers = tuple(replace(c, menu=tuple(a for a in c.menu if a.name in kept)) for c in world.challengers)
    return replace(world, challengers=challengers)


@pytest.mark.parametrize("reverse", [False, True])
def test_private_resolve_equals_the_explicit_game_of_beliefs(reverse: bool) -> None:
    """Fixed point against fixed point: both found to 1e-13, in other orders of adding up."""
    world, source = small(), random.Random(f"secrets {reverse}")
    for _ in range(4):
        game = Game(world, reverse, source)
        secretive(world, source, game)
        secrets = secrets_of(world, game.read, reverse)
        assert secrets == Secrets(True, True, True, True, True, True)
        _, choices = game.closed()
        tree = two_theatre_tree(world, reverse, secrets)
        numbers = {term: game.utility(term) for term in terms_of(tree)}
        precision = {player: game.read("precision", player) for player in world.actors}
        wanted = agent_qre(tree, numbers, precision, {**game.chances(), **game.secrets()})
        lead, follow = game.lead.actor, game.follow.actor
        pairs: list[tuple[object, float, float]] = []
        for number, resolve in enumerate(RESOLVES):
            for act, chance in choices.acts[number].items():
                pairs.append((act, chance, wanted[lead, ("act", resolve)][act]))
            for act, chance in called(choices, number).items():
                pairs.append((f"call {act}", chance, wanted[lead, ("call", act, resolve)]["call"]))
        for (number, act, state), answers in choices.solved.seen.items():
            row = wanted[follow, ("answer", act, state, RESOLVES[number])].values()
            pairs += [((act, state), a, b) for a, b in zip(answers, row, strict=True)]
        for (number, state), answers in choices.solved.unseen.items():
            row = wanted[follow, ("heard", state, RESOLVES[number])].values()
            pairs += [(("heard", state), a, b) for a, b in zip(answers, row, strict=True)]
        assert len(choices.solved.unseen) == 4
        for name, closed, explicit in pairs:
            assert closed == pytest.approx(explicit, rel=0, abs=1e-12), name


# ---- acts short of war that move later dates -----------------------------------------------------------------------

YEARS = 1.0
"""Between the three decision dates below."""
DATES = 3


class Linked:
    """Three dates of one order of moves, linked by forward deployments that acts short of war bring about."""

    def __init__(self, source: random.Random) -> None:
        world = small()
        self.game = Game(world, False, source)
        read = self.game.read
        # Of the size that the bundled cases have: few occasions, alerts of half a year, war costly.
        sizes = {("opportunity_rate", "up"): 0.3, ("alert_months",): 6.0, ("patience", "up"): 0.8}
        sizes |= {("precision", player): 5.0 for player in world.actors}
        sizes |= {("act_alert", act.name): 0.4 for act in world.challengers[0].menu if act.kind == "blockade"}
        sizes |= {("war_cost", "up"): 0.6, ("act_cost", "invade"): 0.2, ("act_cost", "blockade"): 0.1}
        self.game.read = read.replaced(sizes)
        self.solved = self.game.closed()[0]
        self.quiet = 0.6

    def play(self, waiting: float, share: float) -> Choices:
        """The occasion with responders deployed forward with a chance."""
        lead, follow = Standing(waiting, 0.0), self.game.standings["down"]
        return play(self.game.world, self.game.read, [forewarned(self.solved, share)], False, lead, follow)

    def rate(self, found: Choices) -> float:
        """Alerts a year."""
        acts = found.acts[0]
        heard = sum(acts[a.name] * self.game.read("act_alert", a.name) for a in self.game.lead.menu)
        return self.game.read("opportunity_rate", "up") * heard

    def hazard(self, found: Choices) -> float:
        """Wars a year."""
        wars = sum(found.acts[0][a.name] for a in self.game.lead.menu if a.kind == "war")
        return self.game.read("opportunity_rate", "up") * wars

    def on(self, share: float, found: Choices, years: float) -> float:
        return laws.alerted(share, self.rate(found), self.game.read("alert_months") / 12, years)

    def worth(self, found: Choices) -> float:
        """What a date is worth before anybody knows whether an occasion comes."""
        taken = 1 - math.exp(-self.game.read("opportunity_rate", "up") * YEARS)
        return found.waiting + taken * (found.value - found.waiting)

    def wait(self, ahead: float) -> float:
        return laws.waiting_value(self.quiet, ahead, self.game.read("patience", "up"), YEARS)

    def expected(self) -> tuple[float, float]:
        """Chance of a first war over all dates, and of a second within W of it: by the expected value of alerts."""
        share = [0.0] * DATES
        plays: list[Choices] = []
        for _ in range(6):
            ahead, plays = self.quiet, []
            for date in reversed(range(DATES)):
                plays.insert(0, self.play(self.wait(ahead), share[date]))
                ahead = self.worth(plays[0])
            now = 0.0
            for date, found in enumerate(plays):
                share[date] = self.on(now, found, YEARS / 2)
                now = self.on(share[date], found, YEARS / 2)
        return self.outcome([(1.0, plays)])

    def enumerated(self) -> tuple[float, float]:
        """The same over every history of deployments, each seen by all: at a date they are forward or they are not."""

        def waiting(date: int, state: int) -> tuple[Choices, float]:
            """Play at a date in a state, and what it is worth: what follows is worth its mean over the next states."""
            ahead = self.quiet
            if date + 1 < DATES:
                later = [waiting(date + 1, each)[1] for each in (0, 1)]
                guess = self.play(self.quiet, float(state))
                forward = self.on(float(state), guess, YEARS)
                ahead = later[0] + forward * (later[1] - later[0])
            found = self.play(self.wait(ahead), float(state))
            return found, self.worth(found)

        table = {(date, state): waiting(date, state)[0] for date in range(DATES) for state in (0, 1)}
        histories: list[tuple[float, list[Choices]]] = []
        for states in product((0, 1), repeat=DATES):
            chance, before = 1.0, 0.0
            for date, state in enumerate(states):
                # From the middle of one date's interval to that of the next; half of the first one's from its start.
                earlier = table[date - 1, states[date - 1]] if date else table[0, 0]
                forward = self.on(before, earlier, YEARS if date else YEARS / 2)
                chance *= forward if state else 1 - forward
                before = float(state)
            histories.append((chance, [table[date, state] for date, state in enumerate(states)]))
        assert math.fsum(chance for chance, _ in histories) == pytest.approx(1.0)
        return self.outcome(histories)

    def outcome(self, histories: Sequence[tuple[float, list[Choices]]]) -> tuple[float, float]:
        first = second = 0.0
        for chance, plays in histories:
            alive = 1.0
            for found in plays:
                begins = alive * (1 - math.exp(-self.hazard(found) * YEARS))
                first += chance * begins
                second += chance * begins * found.open[0]
                alive -= begins
        return first, second / first


def test_alerts_by_their_expected_value_come_close_to_every_history_on_three_dates() -> None:
    """An approximation: payoffs are mixed where play would be. Two per cent of the chances is what it costs at most in
    games of the size of the bundled cases, a fifth of what leaving alerts out would."""
    source = random.Random("alerts")
    worst, moved = 0.0, 0.0
    for _ in range(6):
        linked = Linked(source)
        found, wanted = linked.expected(), linked.enumerated()
        without = [linked.play(linked.wait(linked.quiet), 0.0)] * DATES
        for a, b, c in zip(found, wanted, linked.outcome([(1.0, without)]), strict=True):
            worst, moved = max(worst, abs(a / b - 1)), max(moved, abs(c / b - 1))
    assert worst < 0.02, worst
    assert moved > 5 * worst, (moved, worst)
