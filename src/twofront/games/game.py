"""Finite extensive-form games as data: who moves, what they know, what chance does, what each end is worth.

Payoffs and chances are numbers, or expressions over names whose numbers come when the game is solved: one tree, a
million parametrisations. Nothing here solves or checks; see `twofront.games.checks` and `twofront.games.solve`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from twofront.games.expression import parse

if TYPE_CHECKING:
    from twofront.games.equilibria import Equilibria
    from twofront.games.picture import Picture
    from twofront.games.solve import Concept, Method, Solution

__all__ = ["Chance", "Decision", "Game", "InformationSet", "Node", "Quantity", "Terminal", "walk"]

Quantity: TypeAlias = "float | str"
"""A number, or a name or an expression over names that are given when the game is solved."""


@dataclass(frozen=True, slots=True)
class Terminal:
    """An end of the game; ``payoffs`` in the order of the game's players."""

    payoffs: tuple[Quantity, ...]
    label: str = ""


@dataclass(frozen=True, slots=True)
class Chance:
    """A move of nature: ``branches`` of (name, chance, what follows)."""

    branches: tuple[tuple[str, Quantity, Node], ...]
    label: str = ""


@dataclass(frozen=True, slots=True)
class Decision:
    """A player's node. Nodes of the same player and ``information`` cannot be told apart by that player."""

    player: str
    information: str
    options: tuple[tuple[str, Node], ...]


Node: TypeAlias = "Decision | Chance | Terminal"


@dataclass(frozen=True, slots=True)
class InformationSet:
    """All nodes at which a player knows the same; ``number`` counts a player's sets from 0 in the order of the walk."""

    player: str
    number: int
    label: str
    options: tuple[str, ...]
    nodes: int


@dataclass(frozen=True)
class Game:
    """A game: its players, in the order of every payoff, and its first node.

    ``comment``: what else there is to say. ``ranges``: (name, low, high) between which the number that a name is given
    must lie.
    """

    title: str
    players: tuple[str, ...]
    root: Node
    comment: str = ""
    ranges: tuple[tuple[str, float, float], ...] = ()

    @property
    def information_sets(self) -> tuple[InformationSet, ...]:
        """Players in their order, and each one's information sets in the order of the walk."""
        found: dict[tuple[str, str], tuple[tuple[str, ...], int]] = {}
        for node in walk(self.root):
            if isinstance(node, Decision):
                key = node.player, node.information
                options, nodes = found.get(key, (tuple(name for name, _ in node.options), 0))
                found[key] = options, nodes + 1
        sets: list[InformationSet] = []
        for player in self.players:
            mine = [(label, *rest) for (who, label), rest in found.items() if who == player]
            sets.extend(
                InformationSet(player, number, label, options, nodes)
                for number, (label, options, nodes) in enumerate(mine)
            )
        return tuple(sets)

    @property
    def parameters(self) -> tuple[str, ...]:
        """Names that payoffs and chances read and whose numbers are not in the tree, in the order of the walk."""
        return tuple(dict.fromkeys(name for text in self.expressions for name in parse(text).names))

    @property
    def expressions(self) -> tuple[str, ...]:
        """Payoffs and chances that are no numbers, each once, in the order of the walk."""
        found: dict[str, None] = {}
        for node in walk(self.root):
            if isinstance(node, Terminal):
                found.update(dict.fromkeys(each for each in node.payoffs if isinstance(each, str)))
            elif isinstance(node, Chance):
                found.update(dict.fromkeys(chance for _, chance, _ in node.branches if isinstance(chance, str)))
        return tuple(found)

    def solve(
        self,
        lam: Any = None,
        values: Mapping[str, Any] | None = None,
        *,
        concept: Concept = "qre",
        errors: str = "agent",
        link: str = "logit",
        method: Method = "auto",
        threads: int | None = None,
    ) -> Solution:
        """Solve the game, which is checked first; see `twofront.games.solve.solve` for what it takes."""
        from twofront.games.solve import solve

        return solve(self, lam, values, concept=concept, errors=errors, link=link, method=method, threads=threads)

    def equilibria(
        self, lam: Any, values: Mapping[str, Any] | None = None, *, threads: int | None = None
    ) -> Equilibria:
        """Return all quantal response equilibria that are found; see `twofront.games.equilibria`."""
        from twofront.games.equilibria import equilibria

        return equilibria(self, lam, values, threads=threads)

    def picture(
        self,
        solution: Solution | None = None,
        values: Mapping[str, float] | None = None,
        *,
        most_ends: int = 60,
        toward: Collection[str] = (),
    ) -> Picture:
        """Return a picture of the tree, with the play of a solution on it; it shows itself in a notebook."""
        from twofront.games.picture import picture

        return picture(self, solution, values, most_ends=most_ends, toward=toward)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        """What a notebook shows."""
        del include, exclude
        return self.picture().bundle


def walk(node: Node) -> Iterator[Node]:
    """Every node from ``node`` down, first branch first; a part of the tree that is used twice comes twice."""
    waiting = [node]
    while waiting:
        found = waiting.pop()
        yield found
        if isinstance(found, Decision):
            waiting.extend(then for _, then in reversed(found.options))
        elif isinstance(found, Chance):
            waiting.extend(then for _, _, then in reversed(found.branches))
