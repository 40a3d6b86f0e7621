"""The closed form of the game against backward induction over the explicit tree, node by node."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest
from drawn_game import Game, after, called, nodes, situation

from twofront.adjudicate import STATES
from twofront.choose.tree import (
    Chance,
    ClosedFormRefused,
    Decision,
    Leaf,
    Node,
    Option,
    Solution,
    Term,
    Tree,
    later_trees,
    prove_closed_form,
    prove_world,
    solve,
    two_theatre_tree,
)
from twofront.world import Responder

CLOSE = 1e-12
"""Both are sums of the same few hundred products of numbers of order one, in another order: some 1e-15 each."""
DRAWS = 51
"""For each of two situations and both orders of moves."""


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
