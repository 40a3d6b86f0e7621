"""Private resolve: the fixed point of an occasion against the explicit game of beliefs."""

from __future__ import annotations

import math
import random
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from drawn_game import Game, called, nodes, small

from twofront.choose.tree import (
    RESOLVES,
    Chance,
    Decision,
    Leaf,
    Node,
    Secrets,
    Term,
    Tree,
    secrets_of,
    terms_of,
    two_theatre_tree,
)
from twofront.world import World

CLOSE = 1e-12
"""Both are sums of the same few hundred products of numbers of order one, in another order: some 1e-15 each."""


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
