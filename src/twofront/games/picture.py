"""A picture of a game's tree as a Vega-Lite specification, with its text in case pictures cannot be shown.

Time runs to the right, one row an end. Circles are players' nodes in the players' colours, diamonds nature's moves;
dashed lines join the nodes of an information set. Given a solution, branches carry their chances, and their width
follows them. A tree with more ends than are readable is opened where play is likeliest first; what stays closed is
drawn as a triangle with the number of its ends, and the note below says how much is left out.
"""

from __future__ import annotations

import heapq
import itertools
import math
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np

from twofront.faults import UserError
from twofront.games.game import Chance, Decision, Game, Node, Quantity, Terminal
from twofront.games.numbers import numbers

if TYPE_CHECKING:
    from twofront.games.solve import Solution

__all__ = ["Picture", "picture"]

Spec: TypeAlias = "dict[str, Any]"

COLOURS: Final = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#8c510a", "#6a6a6a", "#b8a600")
"""For players in their order; told apart with any colour vision (Okabe and Ito 2008)."""
NATURE: Final = "#555555"
_ROW, _LETTER, _ELBOW, _LANE = 22, 6.4, 16, 5
"""Height of a row, width of a letter, length of a branch's slope, distance between lines of sets [px]."""
_LONGEST: Final = 26
"""Letters of a payoff, a chance or a branch before it is cut."""


@dataclass(frozen=True)
class Picture:
    """A tree drawn: ``spec`` is Vega-Lite (a plain dictionary), ``text`` the same tree in letters."""

    spec: Spec
    text: str

    def __str__(self) -> str:
        return self.text

    @property
    def bundle(self) -> dict[str, Any]:
        """Both, by their media type."""
        return {"application/vnd.vegalite.v5+json": self.spec, "text/plain": self.text}

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        """What a notebook shows."""
        del include, exclude
        return self.bundle


@dataclass
class _Shown:
    """A node as it is drawn: where its branches lead, how likely it is, and how many ends stay closed in it."""

    node: Node
    reach: float
    rank: float = 1.0
    """How soon it is opened: how likely it is, if what is to be shown is taken for sure."""
    branches: list[tuple[str, str, float | None, _Shown]] = field(
        default_factory=list["tuple[str, str, float | None, _Shown]"]
    )
    """(name, chance in words, chance if known, where it leads)."""
    is_open: bool = False
    ends: int = 1
    row: float = 0.0
    depth: int = 0


def picture(
    game: Game,
    solution: Solution | None = None,
    values: Mapping[str, float] | None = None,
    *,
    most_ends: int = 60,
    toward: Collection[str] = (),
) -> Picture:
    """Draw a game; ``solution``: the play to show on it; ``values``: numbers for its names, to show payoffs.

    ``most_ends``: rows at most (at least 2). ``toward``: options that are opened as if they were sure to be taken.
    """
    return _Artist(game, solution, values, max(2, most_ends), frozenset(toward)).picture()


class _Artist:
    def __init__(
        self,
        game: Game,
        solution: Solution | None,
        values: Mapping[str, float] | None,
        most_ends: int,
        toward: frozenset[str] = frozenset(),
    ) -> None:
        self.game = game
        self.toward = toward
        self.most_ends = most_ends
        self.numbers: dict[Quantity, Any] = {}
        if values is not None or not game.parameters:
            self.numbers = numbers(game, values or {})
        if any(np.ndim(value) for value in self.numbers.values()):
            raise UserError("a picture shows one game: give one number for every name, not arrays")
        self.play: dict[tuple[str, str], dict[str, float]] = {}
        self.worth: dict[str, float] = {}
        self.is_solved = solution is not None
        self.sizes: dict[int, int] = {}
        if solution is not None:
            self.read(solution)

    def read(self, solution: Solution) -> None:
        """Take chances of options by information set, and values, from a solution of one game."""
        if any(np.ndim(chance) for chance in solution.probabilities.values()):
            raise UserError("a picture shows one game, and the solution is of several: solve the one to be shown")
        for each in self.game.information_sets:
            chances = {name: float(solution.probabilities[each.player, each.number, name]) for name in each.options}
            self.play[each.player, each.label] = chances
        self.worth = {player: float(value) for player, value in solution.values.items()}

    # -- what is shown

    def picture(self) -> Picture:
        root = self.opened()
        ends = list(self.lay_out(root))
        left_out = [shown for shown in ends if not isinstance(shown.node, Terminal)]
        note = self.note(root, left_out)
        return Picture(self.spec(root, ends, note), self.text(root, note))

    def opened(self) -> _Shown:
        """The tree opened where play is likeliest until there are as many rows as are wanted."""
        root = _Shown(self.game.root, 1.0, ends=self.size(self.game.root))
        order = itertools.count()
        rows = 1
        waiting = [(-1.0, 0, next(order), root)]
        while waiting:
            _, _, _, shown = heapq.heappop(waiting)
            if isinstance(shown.node, Terminal):
                continue
            branches = list(self.branches(shown))
            if rows - 1 + len(branches) > self.most_ends and shown is not root:
                continue
            rows += len(branches) - 1
            shown.is_open = True
            shown.branches = branches
            for _, _, _, then in branches:
                then.depth = shown.depth + 1
                heapq.heappush(waiting, (-then.rank, then.depth, next(order), then))
        return root

    def branches(self, shown: _Shown) -> Iterator[tuple[str, str, float | None, _Shown]]:
        """The branches of a node; those that lead to one and the same part of the tree are drawn as one."""
        node = shown.node
        assert not isinstance(node, Terminal)
        together: dict[int, list[tuple[str, str, float | None]]] = {}
        leads: dict[int, Node] = {}
        for name, words, chance, then in self.plain(node):
            together.setdefault(id(then), []).append((name, words, chance))
            leads[id(then)] = then
        count = sum(len(group) for group in together.values())
        for key, group in together.items():
            name = " or ".join(name for name, _, _ in group)
            known = [chance for _, _, chance in group if chance is not None]
            chance = math.fsum(known) if len(known) == len(group) else None
            words = _percent(chance) if chance is not None else " + ".join(words for _, words, _ in group if words)
            share = chance if chance is not None else len(group) / count
            wanted = 1.0 if any(option in self.toward for option, _, _ in group) else share
            yield (
                name,
                words,
                chance,
                _Shown(leads[key], shown.reach * share, shown.rank * wanted, ends=self.size(leads[key])),
            )

    def plain(self, node: Decision | Chance) -> Iterator[tuple[str, str, float | None, Node]]:
        """Branch, chance in words, chance if it is known, and what follows."""
        if isinstance(node, Chance):
            for name, quantity, then in node.branches:
                chance = quantity if not isinstance(quantity, str) else self.numbers.get(quantity)
                yield name, "" if chance is not None else _cut(str(quantity)), chance, then
        else:
            play = self.play.get((node.player, node.information), {})
            for name, then in node.options:
                yield name, "", play.get(name), then

    def size(self, node: Node) -> int:
        """Number of ends below a node."""
        waiting = [(node, False)]
        while waiting:
            here, is_done = waiting.pop()
            if id(here) in self.sizes:
                continue
            if isinstance(here, Terminal):
                self.sizes[id(here)] = 1
                continue
            below = [branch[-1] for branch in (here.branches if isinstance(here, Chance) else here.options)]
            if is_done:
                self.sizes[id(here)] = sum(self.sizes[id(then)] for then in below)
            else:
                waiting.append((here, True))
                waiting.extend((then, False) for then in below)
        return self.sizes[id(node)]

    def lay_out(self, root: _Shown) -> Iterator[_Shown]:
        """Give every node its row, first branch on top; yields what ends a row, from the top down."""
        rows = itertools.count()
        ends: list[_Shown] = []

        def place(shown: _Shown) -> None:
            if not shown.branches:
                shown.row = float(next(rows))
                ends.append(shown)
                return
            for _, _, _, then in shown.branches:
                place(then)
            shown.row = (shown.branches[0][3].row + shown.branches[-1][3].row) / 2

        place(root)
        yield from ends

    def note(self, root: _Shown, left_out: list[_Shown]) -> str:
        total = self.size(root.node)
        if not left_out:
            return f"{total} ends" if total > 1 else ""
        closed = sum(shown.ends for shown in left_out)
        text = f"left out: {closed} of {total} ends, in {len(left_out)} branches that are not opened"
        if self.is_solved:
            text += f", reached with a chance of {_percent(math.fsum(shown.reach for shown in left_out))} in all"
        return text

    def payoff(self, quantity: Quantity) -> str:
        known = self.numbers.get(quantity) if isinstance(quantity, str) else quantity
        return str(quantity) if known is None else f"{float(known) + 0.0:.4g}"  # + 0.0: no minus before nothing

    # -- in letters

    def text(self, root: _Shown, note: str) -> str:
        lines = [f"{self.game.title}: {', '.join(self.game.players)}"]
        if self.worth:
            lines.append("worth " + ", ".join(f"{value:.4g} to {player}" for player, value in self.worth.items()))

        def add(shown: _Shown, margin: str) -> None:
            for place, (name, words, _, then) in enumerate(shown.branches):
                is_last = place == len(shown.branches) - 1
                line = f"{margin}{'└─' if is_last else '├─'} {name}" + (f" [{words}]" if words else "")
                lines.append(line + self.what(then))
                add(then, margin + ("   " if is_last else "│  "))

        lines.append(self.what(root).removeprefix(": "))
        add(root, "")
        return "\n".join([*lines, note] if note else lines)

    def what(self, shown: _Shown) -> str:
        """A node in words."""
        node = shown.node
        if isinstance(node, Terminal):
            return ": (" + ", ".join(map(self.payoff, node.payoffs)) + ")"
        if not shown.is_open:
            return f" ▸ {shown.ends} ends"
        return f": {node.label or 'chance'}" if isinstance(node, Chance) else f": {node.player} ({node.information})"

    # -- as a chart

    def spec(self, root: _Shown, ends: list[_Shown], note: str) -> Spec:
        tree = list(_all(root))
        sets = self.shared_sets(tree)
        lanes: dict[int, int] = {}
        for _, depth, lane in sets:
            lanes[depth] = max(lanes.get(depth, 0), lane)
        depths = self.columns(tree, lanes)
        width_of_tree = depths[-1]
        columns, width = self.payoff_columns(ends, width_of_tree)
        height = _ROW * len(ends)
        if not columns:
            note += f"{'; ' if note else ''}payoffs are expressions: give `values` to see numbers"
        colours = dict(zip(self.game.players, itertools.cycle(COLOURS), strict=False)) | {"chance": NATURE}

        def mover(shown: _Shown) -> str:
            return shown.node.player if isinstance(shown.node, Decision) else "chance"

        def y(shown: _Shown) -> float:
            return _ROW * (shown.row + 0.5)

        branches: list[Spec] = []
        names: list[Spec] = []
        for shown in tree:
            for name, words, chance, then in shown.branches:
                x0, x1 = depths[shown.depth], depths[then.depth]
                thick = 1.2 if chance is None else 0.6 + 3.4 * chance
                label = _label(name, words, chance)
                common = {"mover": mover(shown), "branch": name, "chance": words}
                points = ((x0, y(shown)), (x0 + _ELBOW, y(then)), (x1, y(then)))
                for (xa, ya), (xb, yb) in itertools.pairwise(points):
                    branches.append({**common, "x": xa, "y": ya, "x2": xb, "y2": yb, "width": thick})
                names.append({**common, "x": x0 + _ELBOW + 3, "y": y(then), "label": label})
        nodes = [
            {
                "x": depths[shown.depth],
                "y": y(shown),
                "mover": mover(shown),
                "kind": "chance" if isinstance(shown.node, Chance) else "choice",
                "knows": shown.node.information if isinstance(shown.node, Decision) else "",
                "reached": _percent(shown.reach) if self.is_solved else "",
            }
            for shown in tree
            if shown.is_open
        ]
        closed = [
            {"x": depths[shown.depth], "y": y(shown), "label": f"{shown.ends} ends"}
            for shown in ends
            if not isinstance(shown.node, Terminal)
        ]
        ticks, joins = self.set_lines(sets, depths)
        top, bottom = -34 if columns else -8, height + (24 if note else 4)
        x = {"field": "x", "type": "quantitative", "axis": None, "scale": {"domain": [-14, width], "nice": False}}
        scale = {"domain": [bottom, top], "nice": False, "zero": False}
        across = {"field": "y", "type": "quantitative", "axis": None, "scale": scale}
        seen = [name for name in (*self.game.players, "chance") if any(node["mover"] == name for node in nodes)]
        legend = {"title": None, "orient": "top", "values": seen, "symbolType": "circle", "symbolSize": 90}
        colour = {
            "field": "mover",
            "type": "nominal",
            "scale": {"domain": list(colours), "range": list(colours.values())},
            "legend": legend,
        }
        at = {"x": x, "y": across}
        to = {"x2": {"field": "x2"}, "y2": {"field": "y2"}}
        wide = {"field": "width", "type": "quantitative", "scale": None, "legend": None}
        hover = [{"field": each, "type": "nominal"} for each in ("mover", "knows", "reached")]
        layers: list[Spec] = [
            _layer(joins, {"type": "rule", "strokeDash": [4, 3], "opacity": 0.8}, {**at, **to, "color": colour}),
            _layer(ticks, {"type": "rule", "strokeDash": [2, 2], "opacity": 0.8}, {**at, **to, "color": colour}),
            _layer(
                branches,
                {"type": "rule", "strokeCap": "round", "opacity": 0.75},
                {**at, **to, "color": colour, "strokeWidth": wide},
            ),
            _layer(names, {"type": "text", "align": "left", "dy": -7, "fontSize": 11}, {**at, "text": _text("label")}),
            _layer(
                [node for node in nodes if node["kind"] == "choice"],
                {"type": "point", "shape": "circle", "filled": True, "size": 90, "opacity": 1},
                {**at, "color": colour, "tooltip": hover},
            ),
            _layer(
                [node for node in nodes if node["kind"] == "chance"],
                {"type": "point", "shape": "diamond", "filled": True, "size": 110, "opacity": 1},
                {**at, "color": colour, "tooltip": hover},
            ),
            _layer(
                closed,
                {"type": "point", "shape": "triangle-right", "filled": True, "size": 70, "color": NATURE, "opacity": 1},
                at,
            ),
            _layer(closed, _words(dx=8, color=NATURE, fontStyle="italic"), {**at, "text": _text("label")}),
            *self.payoff_layers(ends, columns, colours, at, y),
            _layer(
                [{"x": -10, "y": height + 12, "label": note}],
                _words(color=NATURE, fontStyle="italic"),
                {**at, "text": _text("label")},
            ),
        ]
        return {
            "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
            "title": {"text": self.game.title, "anchor": "start", "fontSize": 14},
            "description": f"Tree of the game `{self.game.title}`: {note}" if note else self.game.title,
            "background": "white",
            "width": round(width + 14),
            "height": round(bottom - top),
            "layer": [layer for layer in layers if layer["data"]["values"]],
            "config": {"view": {"stroke": None}, "text": {"font": "sans-serif"}},
        }

    def columns(self, tree: list[_Shown], lanes: Mapping[int, int]) -> list[float]:
        """Where each depth stands: as wide as the longest name on the branches to it, and the lines of its sets."""
        widths: dict[int, float] = {}
        for shown in tree:
            for name, words, chance, then in shown.branches:
                room = _ELBOW + 16 + _LETTER * len(_label(name, words, chance)) + _LANE * lanes.get(then.depth, 0)
                widths[then.depth] = max(widths.get(then.depth, 0.0), room)
        return list(itertools.accumulate((widths[depth] for depth in sorted(widths)), initial=0.0))

    def shared_sets(self, tree: list[_Shown]) -> list[tuple[list[_Shown], int, int]]:
        """Sets of several nodes, top down: the nodes, the depth where their line stands, and its lane there.

        Lines that would run into each other stand side by side.
        """
        members: dict[tuple[str, str], list[_Shown]] = {}
        for shown in tree:
            if isinstance(shown.node, Decision) and shown.is_open:
                members.setdefault((shown.node.player, shown.node.information), []).append(shown)
        taken: dict[int, list[list[tuple[float, float]]]] = {}
        found: list[tuple[list[_Shown], int, int]] = []
        for group in members.values():
            if len(group) < 2:
                continue
            depth = min(shown.depth for shown in group)
            ordered = sorted(group, key=lambda shown: shown.row)
            low, high = ordered[0].row, ordered[-1].row
            lanes = taken.setdefault(depth, [])
            free = (n for n, spans in enumerate(lanes) if all(high < a or b < low for a, b in spans))
            lane = next(free, len(lanes))
            if lane == len(lanes):
                lanes.append([])
            lanes[lane].append((low, high))
            found.append((ordered, depth, lane))
        return found

    def set_lines(
        self, sets: list[tuple[list[_Shown], int, int]], depths: list[float]
    ) -> tuple[list[Spec], list[Spec]]:
        """Lines along the nodes of information sets, left of them, and ticks from these to the nodes."""
        ticks: list[Spec] = []
        joins: list[Spec] = []
        for ordered, depth, lane in sets:
            node = ordered[0].node
            assert isinstance(node, Decision)
            x = depths[depth] - 9 - _LANE * lane
            common = {"mover": node.player, "branch": node.information}
            rows = [_ROW * (shown.row + 0.5) for shown in ordered]
            joins.extend({**common, "x": x, "x2": x, "y": a, "y2": b} for a, b in itertools.pairwise(rows))
            ticks.extend(
                {**common, "x": x, "x2": depths[shown.depth], "y": row, "y2": row}
                for shown, row in zip(ordered, rows, strict=True)
            )
        return ticks, joins

    def payoff_columns(self, ends: list[_Shown], start: float) -> tuple[list[float], float]:
        """Right edges of the columns of payoffs, and the width of all; none if payoffs are long expressions."""
        found = [shown.node for shown in ends if isinstance(shown.node, Terminal)]
        texts = [[self.payoff(each) for each in node.payoffs] for node in found]
        if not texts or any(len(text) > _LONGEST for row in texts for text in row):
            return [], start + 90
        widths: list[float] = []
        for place, player in enumerate(self.game.players):
            letters = max(len(player), 9 if self.worth else 0, *(len(row[place]) for row in texts))
            widths.append(_LETTER * letters + 18)
        edges = list(itertools.accumulate(widths, initial=start + 6))[1:]
        return edges, edges[-1] + 6

    def payoff_layers(
        self, ends: list[_Shown], columns: list[float], colours: Mapping[str, str], at: Spec, y: Any
    ) -> Iterator[Spec]:
        """Payoffs at the ends, by player in the player's colour, under the player's name and value."""
        if not columns:
            return
        for place, (player, edge) in enumerate(zip(self.game.players, columns, strict=True)):
            cells: list[Spec] = [{"x": edge, "y": -22, "label": player}]
            if player in self.worth:
                cells.append({"x": edge, "y": -8, "label": f"({self.worth[player]:.3g})"})
            rows = [
                {"x": edge, "y": y(shown), "label": self.payoff(shown.node.payoffs[place])}
                for shown in ends
                if isinstance(shown.node, Terminal)
            ]
            text = {**at, "text": _text("label")}
            yield _layer(cells, _words(align="right", color=colours[player], fontWeight="bold"), text)
            yield _layer(rows, _words(align="right", color=colours[player]), text)


def _all(shown: _Shown) -> Iterator[_Shown]:
    """A node and all below it that is drawn."""
    waiting = [shown]
    while waiting:
        found = waiting.pop()
        yield found
        waiting.extend(then for _, _, _, then in reversed(found.branches))


def _layer(data: list[Spec], mark: Spec, encoding: Spec) -> Spec:
    return {"data": {"values": data}, "mark": mark, "encoding": encoding}


def _words(**more: Any) -> Spec:
    return {"type": "text", "align": "left", "baseline": "middle", "fontSize": 11, **more}


def _text(name: str) -> Spec:
    return {"field": name, "type": "nominal"}


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def _label(name: str, words: str, chance: float | None) -> str:
    """A branch and its chance, or the expression of it."""
    if not words:
        return _cut(name)
    return f"{_cut(name)} {words}" if chance is not None else f"{_cut(name)} [{words}]"


def _percent(chance: float) -> str:
    """A chance in per cent, as exact as is of use near both ends."""
    percent = 100 * chance
    if 0 < percent < 0.1:
        return "<0.1%"
    if 99.9 < percent < 100:
        return ">99.9%"
    if percent < 10 or percent > 90:
        return f"{percent:.1f}%".replace(".0%", "%")
    return f"{percent:.0f}%"
