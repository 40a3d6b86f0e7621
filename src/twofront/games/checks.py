"""What is wrong with a game, all of it at once: `faults_of` lists it, `check` raises it.

A game is sound if every payoff and every option is there, chances are chances, and nobody can tell apart what stands
in one of their information sets: its nodes offer the same, none lies on the way to another, and by perfect recall
what the player knew and did before is the same at all of them. Chances and payoffs that are names are checked when
numbers are given (`twofront.games.numbers`).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from twofront.faults import Fault, Faults, UserError, listed, nearest
from twofront.games.expression import ExpressionError, parse
from twofront.games.game import Chance, Decision, Game, Node, Quantity, Terminal

__all__ = ["TOLERANCE", "BadGame", "Places", "check", "faults_of"]

TOLERANCE: Final = 1e-9
"""How far from one the chances of a move of nature may add up to: the rounding of what people write."""

Places = Mapping[int, tuple[int, int]]
"""Line and column of nodes in a file, by their identity."""


class BadGame(Faults, UserError):
    """A game, or a file or form of one, that cannot be used; says everything that is wrong with it."""


@dataclass(frozen=True, slots=True)
class _Step:
    """The way to a node, from its end: the branch taken, at which node, after which way.

    ``pasts``: for every player who has moved on the way, the number of what it knew and did.
    """

    node: Decision | Chance
    branch: str
    before: _Step | None
    pasts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class _Seen:
    """The first node met of an information set, the way there, and the number of its player's past."""

    node: Decision
    way: _Step | None
    past: int


def check(game: Game, *, file: str = "", places: Places | None = None) -> None:
    """Raise `BadGame` with all that is wrong; ``file`` and ``places`` say where the nodes stand, if they do."""
    found = faults_of(game, file=file, places=places)
    if found:
        raise BadGame(found)


def faults_of(game: Game, *, file: str = "", places: Places | None = None) -> list[Fault]:
    """Everything that is wrong with a game, in the order of the walk; each thing once, where it is met first."""
    return _Checker(game, file or f"game `{game.title}`", places or {}).run()


class _Checker:
    def __init__(self, game: Game, file: str, places: Places) -> None:
        self.game = game
        self.file = file
        self.places = places
        self.faults: list[Fault] = []
        self.seen: dict[tuple[str, str], _Seen] = {}
        self.told: set[tuple[object, ...]] = set()
        self.pasts: dict[tuple[int, str, str], int] = {}

    def run(self) -> list[Fault]:
        players = self.game.players
        if not players:
            self._whole("the game has no players", remedy="name them, in the order of the payoffs")
        for name in dict.fromkeys(name for name in players if players.count(name) > 1):
            self._whole(f"the player `{name}` is named twice", remedy="give every player a name of its own")
        for name, low, high in self.game.ranges:
            if not low <= high:
                self._whole(f"the range of `{name}` runs from {low} to {high}", allowed="the lower end first")
        for node, way in self.walk():
            if isinstance(node, Terminal):
                self._terminal(node, way)
            elif isinstance(node, Chance):
                self._chance(node, way)
            elif isinstance(node, Decision):  # pyright: ignore[reportUnnecessaryIsInstance]
                self._decision(node, way)
            else:
                what = f"{_after(way)} stands {type(node).__name__}, which is no node"
                self._whole(what, allowed="Decision, Chance, Terminal")
        return self.faults

    def walk(self) -> Iterator[tuple[Node, _Step | None]]:
        """Every node with the way to it, first branch first."""
        waiting: list[tuple[Node, _Step | None]] = [(self.game.root, None)]
        while waiting:
            node, way = waiting.pop()
            yield node, way
            pasts = way.pasts if way else {}
            if isinstance(node, Decision):
                before, information = pasts.get(node.player, 0), node.information
                for name, then in reversed(node.options):
                    past = self.pasts.setdefault((before, information, name), len(self.pasts) + 1)
                    waiting.append((then, _Step(node, name, way, {**pasts, node.player: past})))
            elif isinstance(node, Chance):
                waiting.extend((then, _Step(node, name, way, pasts)) for name, _, then in reversed(node.branches))

    # -- kinds of node

    def _terminal(self, node: Terminal, way: _Step | None) -> None:
        wanted = len(self.game.players)
        if len(node.payoffs) != wanted:
            message = f"the end {_after(way)} has {len(node.payoffs)} payoffs for {wanted} players"
            self._at(node, (id(node), "payoffs"), message, allowed=f"one for each of {listed(self.game.players)}")
        for player, payoff in zip(self.game.players, node.payoffs, strict=False):
            self._quantity(node, player, payoff, f"the payoff of {player} at the end", way)

    def _chance(self, node: Chance, way: _Step | None) -> None:
        names = [name for name, _, _ in node.branches]
        if not names:
            remedy = "give it one, or put what follows in its place"
            self._at(node, (id(node), "empty"), f"the move of chance {_after(way)} has no branches", remedy=remedy)
            return
        self._names_once(node, names, "the move of chance", "branch", way)
        for name, chance, _ in node.branches:
            self._quantity(node, name, chance, f"the chance of `{name}` at the move of chance", way)
            if not isinstance(chance, str) and chance < 0:
                message = f"the chance of `{name}` at the move of chance {_after(way)} is {chance:g}"
                self._at(node, (id(node), "negative", name), message, allowed="0 to 1")
        numbers = [chance for _, chance, _ in node.branches if not isinstance(chance, str)]
        if not all(map(math.isfinite, numbers)):
            return
        total = math.fsum(numbers)
        if len(numbers) == len(names) and abs(total - 1) > TOLERANCE:
            shown = " + ".join(f"{chance:g}" for chance in numbers)
            message = f"the chances at the move of chance {_after(way)} add up to {total:.12g} ({shown})"
            self._at(node, (id(node), "sum"), message, allowed="1")
        elif total > 1 + TOLERANCE:
            message = f"those chances at the move of chance {_after(way)} that are numbers add up to {total:.12g}"
            self._at(node, (id(node), "sum"), message, allowed="1 at most")

    def _decision(self, node: Decision, way: _Step | None) -> None:
        names = [name for name, _ in node.options]
        if node.player not in self.game.players:
            close = nearest(node.player, self.game.players)
            message = f"`{node.player}` moves {_after(way)} and is no player of the game"
            self._at(node, (id(node), "player"), message, allowed=listed(self.game.players), close=close)
        if not names:
            message = f"the node of {node.player} {_after(way)} has no options"
            self._at(node, (id(node), "empty"), message, remedy="give it some, or put an end in its place")
        self._names_once(node, names, f"the node of {node.player}", "option", way)
        past = way.pasts.get(node.player, 0) if way else 0
        first = self.seen.setdefault(_key(node), _Seen(node, way, past))
        if first.way is not way:
            self._same_set(node, way, past, first)

    def _same_set(self, node: Decision, way: _Step | None, past: int, first: _Seen) -> None:
        """Hold a node against the first one of its information set."""
        ours, theirs = ([name for name, _ in each.options] for each in (node, first.node))
        if ours == theirs and past == first.past:
            return
        set_ = f"the information set `{node.information}` of {node.player}"
        both = f"the nodes {_after(first.way)} and {_after(way)}"
        remedy = "give what its player can tell apart information of its own"
        if ours != theirs:
            message = f"{set_} offers different options: {both} have {listed(theirs)} and {listed(ours)}"
            allowed = "the same options in the same order"
            self._at(node, (_key(node), "options"), message, allowed=allowed, remedy=remedy)
        if past != first.past and any(_in_set(step.node, node) for step in _steps(way)):
            message = f"{set_} holds a node on the way to another of its nodes: {both}"
            self._at(node, (_key(node), "past"), message, remedy="a player who has moved knows it; " + remedy)
        elif past != first.past:
            difference = _difference(_past(first.way, node.player), _past(way, node.player))
            message = f"{set_} holds nodes that {node.player} can tell apart: at {both} {difference}"
            allowed = "nodes with the same past of their player"
            self._at(node, (_key(node), "past"), message, allowed=allowed, remedy=remedy)

    # -- parts

    def _names_once(self, node: Node, names: list[str], where: str, what: str, way: _Step | None) -> None:
        for name in dict.fromkeys(names):
            if names.count(name) > 1:
                message = f"{where} {_after(way)} has {names.count(name)} {what}s `{name}`"
                self._at(node, (id(node), "names", name), message, remedy="rename all but one")
            if not name:
                message = f"one {what} of {where} {_after(way)} has no name"
                self._at(node, (id(node), "no name"), message, remedy="name it")

    def _quantity(self, node: Node, part: str, quantity: Quantity, what: str, way: _Step | None) -> None:
        if isinstance(quantity, str):
            try:
                parse(quantity)
            except ExpressionError as error:
                message = f"{what} {_after(way)} is `{quantity}`: {error} (column {error.column})"
                self._at(node, (id(node), "quantity", part), message, allowed=error.allowed, close=error.nearest)
        elif not math.isfinite(quantity):
            allowed = "a finite number, or an expression over names"
            self._at(node, (id(node), "quantity", part), f"{what} {_after(way)} is {quantity}", allowed=allowed)

    def _whole(self, message: str, *, allowed: str = "", close: str = "", remedy: str = "") -> None:
        self.faults.append(Fault(self.file, 0, 0, message, "", allowed, close, remedy))

    def _at(
        self,
        node: Node,
        about: tuple[object, ...],
        message: str,
        *,
        allowed: str = "",
        close: str = "",
        remedy: str = "",
    ) -> None:
        """Note a fault at a node, unless it has been: information sets and parts of the tree come more than once."""
        if about in self.told:
            return
        self.told.add(about)
        line, column = self.places.get(id(node), (0, 0))
        self.faults.append(Fault(self.file, line, column, message, "", allowed, close, remedy))


def _key(node: Decision) -> tuple[str, str]:
    """What names an information set."""
    return node.player, node.information


def _in_set(node: Node, of: Decision) -> bool:
    return isinstance(node, Decision) and _key(node) == _key(of)


def _steps(way: _Step | None) -> Iterator[_Step]:
    """The steps of a way, last first."""
    while way is not None:
        yield way
        way = way.before


def _past(way: _Step | None, player: str) -> list[tuple[str, str]]:
    """What a player knew and did on a way: its information sets and choices, first to last."""
    own = [
        (step.node.information, step.branch)
        for step in _steps(way)
        if isinstance(step.node, Decision) and step.node.player == player
    ]
    return own[::-1]


def _difference(one: list[tuple[str, str]], other: list[tuple[str, str]]) -> str:
    """Where two pasts of a player part, in words."""
    for (set_, choice), (other_set, other_choice) in zip(one, other, strict=False):
        if set_ != other_set:
            return f"it had moved before in `{set_}` and in `{other_set}`"
        if choice != other_choice:
            return f"it had chosen `{choice}` and `{other_choice}` in `{set_}`"
    return f"it had moved {len(one)} and {len(other)} times before"


def _after(way: _Step | None) -> str:
    """The way to a node in words."""
    branches = [f"`{step.branch}`" for step in _steps(way)][::-1]
    if len(branches) > 8:
        branches = [*branches[:4], "…", *branches[-3:]]
    return "after " + ", ".join(branches) if branches else "at the start"
