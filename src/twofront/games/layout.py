"""A game's tree laid out for solving: who sees what, what each move weighs, and which choices must be found together.

Each player gets a view of the tree in which only its own payoffs count, so that parts that are alike for it are one
part. Information sets whose nodes all lead on alike need no belief. Of the rest as many as possible are *eliminated*,
last movers first: their choice is a formula of the others'. What remains are the *unknowns* of a system of equations.
"""

from __future__ import annotations

import itertools
import threading
from collections import Counter, OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from twofront.games.checks import check
from twofront.games.game import Chance, Decision, Game, InformationSet, Node, Terminal

__all__ = ["End", "History", "Layout", "Lot", "Move", "Seen", "lay_out"]

KEPT = 32
EXACT_SEARCH = 10
"""Up to so many sets in one knot of mutual dependence, every choice of unknowns is tried."""


@dataclass(frozen=True, slots=True)
class End:
    """An end, as one player sees it: the place of its payoff among the game's numbers."""

    number: int


@dataclass(frozen=True, slots=True)
class Lot:
    """Nature's move: (place of the chance among the game's numbers, part of the view) for each branch."""

    branches: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Move:
    """A move at information set ``place``; ``options``: the part of the view that follows each."""

    place: int
    options: tuple[int, ...]


Part: TypeAlias = "End | Lot | Move"


@dataclass(frozen=True, slots=True)
class History:
    """What led to one node of an information set, apart from what led to all of them.

    ``chances``: places among the game's numbers; ``choices``: (information set, option).
    """

    chances: tuple[int, ...]
    choices: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Seen:
    """An information set: whose, its options, its nodes in the mover's view and the histories that tell them apart."""

    player: int
    information: InformationSet
    options: int
    nodes: tuple[int, ...]
    histories: tuple[History, ...]
    needs_belief: bool


@dataclass(frozen=True)
class Layout:
    """A tree laid out.

    ``quantities``: numbers, and texts of expressions, that payoffs and chances are; ``chances``: for every move of
    nature, the places of its chances. ``views``: for each player the parts of its view, ``roots`` where they begin.
    ``unknown``: sets whose log-odds are to be found, in the order of the players' moves; all others follow from them.
    """

    players: tuple[str, ...]
    quantities: tuple[float | str, ...]
    chances: tuple[tuple[int, ...], ...]
    payoffs: tuple[tuple[int, ...], ...]
    views: tuple[tuple[Part, ...], ...]
    roots: tuple[int, ...]
    sets: tuple[Seen, ...]
    unknown: tuple[int, ...]
    leaves: int
    offsets: Mapping[int, int] = field(default_factory=dict[int, int])
    """Place of an unknown set's first log-odds among the unknowns; it has one fewer than it has options."""
    ends: Mapping[int, tuple[int, ...]] = field(default_factory=dict[int, tuple[int, ...]])
    """Places of an end's payoffs, by the identity of its node."""
    lots: Mapping[int, tuple[int, ...]] = field(default_factory=dict[int, tuple[int, ...]])
    """Places of the chances of a move of nature, by the identity of its node."""
    places: Mapping[tuple[str, str], int] = field(default_factory=dict[tuple[str, str], int])
    """Place of an information set, by player and label."""

    @property
    def size(self) -> int:
        """Number of unknown log-odds."""
        return sum(self.sets[place].options - 1 for place in self.unknown)

    @property
    def needs_beliefs(self) -> bool:
        """Whether some player must infer what it does not see; if not, backward induction is exact."""
        return any(seen.needs_belief for seen in self.sets)

    @property
    def shape(self) -> tuple[object, ...]:
        """All that the equations depend on: games of one shape differ in their numbers alone."""
        sets = tuple((s.player, s.options, s.nodes, s.histories, s.needs_belief) for s in self.sets)
        return len(self.players), len(self.quantities), self.payoffs, self.views, self.roots, sets, self.unknown


class _Surveyor:
    """Walks the tree once for its numbers and histories, and once a player for its view."""

    def __init__(self, game: Game) -> None:
        self.game = game
        self.information = game.information_sets
        self.places = {(s.player, s.label): place for place, s in enumerate(self.information)}
        self.quantities: list[float | str] = []
        self.named: dict[object, int] = {}
        self.terminals: dict[int, tuple[int, ...]] = {}
        self.terminal_values: dict[tuple[float | str, ...], tuple[int, ...]] = {}
        self.lots: dict[tuple[int, ...], None] = {}
        self.branches: dict[int, tuple[int, ...]] = {}
        self.occurrences: list[list[tuple[Decision, tuple[int, ...], tuple[tuple[int, int], ...]]]] = [
            [] for _ in self.information
        ]
        self.leaves = 0

    def number(self, quantity: float | str, key: object) -> int:
        found = self.named.get(key)
        if found is None:
            found = self.named[key] = len(self.quantities)
            self.quantities.append(quantity if isinstance(quantity, str) else float(quantity))
        return found

    def survey(self) -> None:
        """Number payoffs and chances and note the history of every decision node.

        A chance that is a number is known by its value, so that equal chances cancel in a belief; a payoff that is a
        number has a place of its own at each end, so that a tree's shape does not turn on coincidences of its numbers.
        """
        waiting: list[tuple[Node, tuple[int, ...], tuple[tuple[int, int], ...]]] = [(self.game.root, (), ())]
        while waiting:
            node, chances, choices = waiting.pop()
            if isinstance(node, Terminal):
                self.leaves += 1
                if id(node) not in self.terminals:
                    ends = self.terminal_values.get(node.payoffs)
                    if ends is None:
                        end = len(self.terminal_values)
                        ends = tuple(
                            self.number(each, each if isinstance(each, str) else ("payoff", end, player))
                            for player, each in enumerate(node.payoffs)
                        )
                        self.terminal_values[node.payoffs] = ends
                    self.terminals[id(node)] = ends
            elif isinstance(node, Chance):
                places = self.branches.get(id(node))
                if places is None:
                    places = tuple(
                        self.number(chance, chance if isinstance(chance, str) else ("chance", float(chance)))
                        for _, chance, _ in node.branches
                    )
                    self.branches[id(node)] = places
                    self.lots[places] = None
                following = zip(reversed(places), reversed(node.branches), strict=True)
                waiting.extend((then, (*chances, place), choices) for place, (_, _, then) in following)
            else:
                place = self.places[node.player, node.information]
                self.occurrences[place].append((node, chances, choices))
                count = len(node.options)
                waiting.extend(
                    (node.options[option][1], chances, (*choices, (place, option))) for option in reversed(range(count))
                )

    def view(self, player: int, *, by_value: bool) -> tuple[list[Part], dict[int, int]]:
        """Parts of a player's view, and the part that each node of the tree (by its `id`) is.

        ``by_value``: payoffs that are equal numbers are alike, wherever they stand.
        """
        parts: dict[Part, int] = {}
        known: dict[int, int] = {}

        def part(node: Node) -> int:
            found = known.get(id(node))
            if found is not None:
                return found
            made: Part
            if isinstance(node, Terminal):
                number = self.terminals[id(node)][player]
                if by_value:
                    number = values.setdefault(self.quantities[number], number)
                made = End(number)
            elif isinstance(node, Chance):
                made = Lot(tuple(zip(self.branches[id(node)], map(part, (b[2] for b in node.branches)), strict=True)))
            else:
                made = Move(self.places[node.player, node.information], tuple(part(then) for _, then in node.options))
            known[id(node)] = parts.setdefault(made, len(parts))
            return known[id(node)]

        values: dict[float | str, int] = {}
        part(self.game.root)
        return list(parts), known


_kept: OrderedDict[int, tuple[Game, Layout]] = OrderedDict()
_kept_lock = threading.Lock()


def lay_out(game: Game) -> Layout:
    """Check a game and lay it out; the latest `KEPT` are remembered. Raises `BadGame` with all that is wrong."""
    with _kept_lock:
        known = _kept.get(id(game))
        if known is not None and known[0] is game:
            return known[1]
    check(game)
    layout = _lay_out(game)
    with _kept_lock:
        _kept[id(game)] = game, layout
        while len(_kept) > KEPT:
            _kept.popitem(last=False)
    return layout


def _lay_out(game: Game) -> Layout:
    surveyor = _Surveyor(game)
    surveyor.survey()
    alike = [surveyor.view(player, by_value=True)[1] for player in range(len(game.players))]
    views = [surveyor.view(player, by_value=False) for player in range(len(game.players))]
    order = {name: place for place, name in enumerate(game.players)}
    sets: list[Seen] = []
    for information, found in zip(surveyor.information, surveyor.occurrences, strict=True):
        player = order[information.player]
        needs = len({alike[player][id(node)] for node, _, _ in found}) > 1
        sets.append(
            Seen(
                player,
                information,
                len(information.options),
                tuple(views[player][1][id(node)] for node, _, _ in found),
                _apart([History(chances, choices) for _, chances, choices in found]),
                needs,
            )
        )
    parts = tuple(tuple(view) for view, _ in views)
    unknown = _unknowns(sets, parts)
    offsets: dict[int, int] = {}
    place = 0
    for number in unknown:
        offsets[number] = place
        place += sets[number].options - 1
    return Layout(
        game.players,
        tuple(surveyor.quantities),
        tuple(surveyor.lots),
        tuple(tuple(ends[player] for ends in surveyor.terminal_values.values()) for player in range(len(order))),
        parts,
        tuple(known[id(game.root)] for _, known in views),
        tuple(sets),
        unknown,
        surveyor.leaves,
        offsets,
        surveyor.terminals,
        surveyor.branches,
        surveyor.places,
    )


def _apart(histories: Sequence[History]) -> tuple[History, ...]:
    """The histories without the chances and choices that all of them share: those cancel in a belief."""
    chances = _shared([Counter(history.chances) for history in histories])
    choices = _shared([Counter(history.choices) for history in histories])
    return tuple(
        History(_without(history.chances, chances), _without(history.choices, choices)) for history in histories
    )


def _shared(counts: Sequence[Counter[object]]) -> Counter[object]:
    common = counts[0].copy()
    for count in counts[1:]:
        common &= count
    return common


def _without(items: tuple, shared: Counter) -> tuple:  # pyright: ignore
    left = Counter(items) - shared
    return tuple(sorted(left.elements()))


def _unknowns(sets: Sequence[Seen], views: Sequence[Sequence[Part]]) -> tuple[int, ...]:
    """A small choice of sets on which all others can be made to depend in order: the unknowns.

    Found knot by knot (strongly connected sets); in small knots the fewest unknown log-odds, in others by removing
    the earliest movers that keep a circle closed.
    """
    below: dict[tuple[int, int], frozenset[int]] = {}

    def following(player: int, part: int) -> frozenset[int]:
        key = player, part
        if key not in below:
            found: set[int] = set()
            node = views[player][part]
            if isinstance(node, Lot):
                for _, then in node.branches:
                    found |= following(player, then)
            elif isinstance(node, Move):
                found.add(node.place)
                for then in node.options:
                    found |= following(player, then)
            below[key] = frozenset(found)
        return below[key]

    needs: list[frozenset[int]] = []
    for place, seen in enumerate(sets):
        found = set[int]()
        for node in seen.nodes if seen.needs_belief else seen.nodes[:1]:
            found |= following(seen.player, node)
        found.discard(place)
        if seen.needs_belief:
            for history in seen.histories:
                found.update(who for who, _ in history.choices)
        needs.append(frozenset(found))
    unknown: list[int] = []
    for knot in _knots(needs):
        unknown.extend(_break(knot, needs, sets))
    return tuple(sorted(unknown))


def _knots(needs: Sequence[frozenset[int]]) -> list[list[int]]:
    """Strongly connected groups of sets that need each other (Tarjan 1972), without groups of one."""
    index: dict[int, int] = {}
    low: dict[int, int] = {}
    stack: list[int] = []
    on_stack: set[int] = set()
    groups: list[list[int]] = []
    for start in range(len(needs)):
        if start in index:
            continue
        work = [(start, iter(sorted(needs[start])))]
        index[start] = low[start] = len(index)
        stack.append(start)
        on_stack.add(start)
        while work:
            node, rest = work[-1]
            for other in rest:
                if other not in index:
                    index[other] = low[other] = len(index)
                    stack.append(other)
                    on_stack.add(other)
                    work.append((other, iter(sorted(needs[other]))))
                    break
                if other in on_stack:
                    low[node] = min(low[node], index[other])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == index[node]:
                    group: list[int] = []
                    while True:
                        other = stack.pop()
                        on_stack.discard(other)
                        group.append(other)
                        if other == node:
                            break
                    if len(group) > 1 or node in needs[node]:
                        groups.append(sorted(group))
    return groups


def _acyclic(kept: Iterable[int], needs: Sequence[frozenset[int]]) -> bool:
    left = set(kept)
    while left:
        free = [place for place in left if not needs[place] & left]
        if not free:
            return False
        left.difference_update(free)
    return True


def _break(knot: Sequence[int], needs: Sequence[frozenset[int]], sets: Sequence[Seen]) -> list[int]:
    weight = {place: sets[place].options - 1 for place in knot}
    candidates: list[list[int]] = []
    # Keep (eliminate) sets greedily, the last movers first, then those with the most options first.
    depth = {place: max(len(h.choices) + len(h.chances) for h in sets[place].histories) for place in knot}
    follows = {place: len(needs[place]) for place in knot}
    for order in (
        sorted(knot, key=lambda p: (follows[p], -depth[p], p)),
        sorted(knot, key=lambda p: (-weight[p], -depth[p], p)),
        sorted(knot, key=lambda p: (-depth[p], p)),
        sorted(knot, key=lambda p: (depth[p], p)),
    ):
        kept: list[int] = []
        for place in order:
            if _acyclic([*kept, place], needs):
                kept.append(place)
        candidates.append(sorted(set(knot) - set(kept)))
    if len(knot) <= EXACT_SEARCH:
        for count in range(1, len(knot)):
            candidates.extend(
                list(chosen)
                for chosen in itertools.combinations(knot, count)
                if _acyclic(set(knot) - set(chosen), needs)
            )
    return min(candidates, key=lambda chosen: (sum(weight[p] for p in chosen), len(chosen), chosen))
