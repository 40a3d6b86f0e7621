"""From a traced graph to a plan of emission: what is needed, in which order, in how many functions.

Dead work is dropped, carried values that never change are replaced by what they start from, and the rest becomes a
tree of blocks. Compilers slow down on very long functions, so a block above `limit` operations is cut into pieces
of about that size, each a function of its own; values that cross from one function to another go through memory.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from twofront.engine.graph import FUTURE_REGION, UNIFORM_REGION, Graph, Loop

__all__ = ["Block", "Output", "Piece", "Plan", "Store", "make_plan"]

REMADE = frozenset(
    {"const", "truth", "input", "uniform", "carry", "final", "series", "inputs", "uniforms", "table", "number"}
)
"""Operations that are read afresh wherever they are needed, rather than kept."""


@dataclass(frozen=True)
class Output:
    """Where a stage's result goes: a node to one row, or a loop's recorded series to `length` rows from `row` on."""

    row: int
    node: int = -1
    loop: int = -1
    place: int = -1


@dataclass(frozen=True)
class Store:
    """Writing a node's value to memory. `kind`: initial, updated, row (loop, place) or output (row)."""

    kind: str
    node: int
    loop: int = -1
    place: int = -1
    row: int = -1
    output: bool = False
    """For a row: whether it goes to the outputs (at `row` + index) as well as, or instead of, memory."""
    kept: bool = True
    """For a row: whether it is read again, and so kept in memory."""


@dataclass
class Block:
    """The work of one region: nodes, stores and inner blocks in order. `loop` is None in regions 0 and 1."""

    region: int
    loop: Loop | None
    items: list[int | Store | Block | Piece] = field(default_factory=list)
    cost: float = 0.0


@dataclass
class Piece:
    """A run of items that becomes a function; `number` 0 is the entry function that calls the others."""

    number: int
    items: list[int | Store | Block | Piece]
    loops: tuple[Loop, ...] = ()


@dataclass
class Plan:
    """All that the emitter needs. Slots count lane groups of scratch memory."""

    graph: Graph
    root: Block
    pieces: list[Piece]
    alias: Mapping[int, int]
    spilled: dict[int, int]
    carry_slots: dict[int, tuple[int, dict[int, int], int]]
    """By loop region: first slot, place of each carried value within, number carried."""
    series_slots: dict[tuple[int, int], int]
    slots: int
    nodes: int
    operations: float

    def resolve(self, node: int) -> int:
        """The node that stands for `node`."""
        alias = self.alias
        while node in alias:
            node = alias[node]
        return node


def operands(key: tuple[Any, ...]) -> tuple[int, ...]:
    """Node numbers that a computed node reads."""
    return key[1:]


def _aliases(graph: Graph) -> dict[int, int]:
    """Carried values that no turn of their loop changes, with what they start from."""
    alias: dict[int, int] = {}

    def resolve(node: int) -> int:
        while node in alias:
            node = alias[node]
        return node

    for loop in sorted(graph.loops.values(), key=lambda item: item.position):
        for place, updated in enumerate(loop.updated):
            inside = graph.lookup[("carry", loop.region, place)]
            if resolve(updated) == inside:
                alias[inside] = loop.initial[place]
                alias[graph.lookup[("final", loop.region, place)]] = loop.initial[place]
    return alias


class _Planner:
    def __init__(self, graph: Graph, outputs: list[Output], weigh: Callable[[str], float]) -> None:
        self.graph = graph
        self.outputs = outputs
        self.weigh = weigh
        self.alias = _aliases(graph)
        self.live: set[int] = set()
        self.live_loops: set[int] = set()
        self.carried: set[tuple[int, int]] = set()
        self.kept: set[tuple[int, int]] = set()
        self.recorded: dict[tuple[int, int], list[Output]] = {}

    def resolve(self, node: int) -> int:
        alias = self.alias
        while node in alias:
            node = alias[node]
        return node

    def mark(self) -> None:
        """Find everything the outputs need."""
        graph = self.graph
        pending: list[int] = []
        for output in self.outputs:
            if output.loop < 0:
                pending.append(output.node)
            else:
                self.recorded.setdefault((output.loop, output.place), []).append(output)
                self._need_loop(output.loop)
                pending.append(graph.loops[output.loop].rows[output.place])
        live = self.live
        while pending:
            node = self.resolve(pending.pop())
            if node in live:
                continue
            live.add(node)
            self._need_loop(graph.region[node])
            key = graph.nodes[node]
            operation = key[0]
            if operation in ("carry", "final"):
                loop = graph.loops[key[1]]
                self._need_loop(loop.region)
                if (loop.region, key[2]) not in self.carried:
                    self.carried.add((loop.region, key[2]))
                    pending += (loop.initial[key[2]], loop.updated[key[2]])
            elif operation == "series":
                self._need_loop(key[1])
                self.kept.add((key[1], key[2]))
                pending.append(graph.loops[key[1]].rows[key[2]])
            elif operation not in REMADE:
                pending.extend(key[1:])

    def _need_loop(self, region: int) -> None:
        while region > FUTURE_REGION and region not in self.live_loops:
            self.live_loops.add(region)
            region = self.graph.loops[region].parent

    def block(self) -> Block:
        """The tree of blocks, with every store as early as its value is known."""
        graph = self.graph
        by_region: dict[int, list[int]] = {}
        for node in sorted(self.live):
            if graph.nodes[node][0] not in REMADE:
                by_region.setdefault(graph.region[node], []).append(node)
        children: dict[int, list[Loop]] = {}
        for region in sorted(self.live_loops):
            children.setdefault(graph.loops[region].parent, []).append(graph.loops[region])
        stores: dict[int, list[Store]] = {}
        for loop_region, place in sorted(self.carried):
            loop = graph.loops[loop_region]
            first = Store("initial", self.resolve(loop.initial[place]), loop_region, place)
            stores.setdefault(loop.parent, []).append(first)
            after = Store("updated", self.resolve(loop.updated[place]), loop_region, place)
            stores.setdefault(loop_region, []).append(after)
        for key in sorted(self.kept | set(self.recorded)):
            node = self.resolve(graph.loops[key[0]].rows[key[1]])
            kept = key in self.kept
            found = self.recorded.get(key, [])
            if kept or not found:
                stores.setdefault(key[0], []).append(Store("row", node, *key))
            for output in found:
                store = Store("row", node, *key, row=output.row, output=True, kept=False)
                stores.setdefault(key[0], []).append(store)
        for output in self.outputs:
            if output.loop < 0:
                store = Store("output", self.resolve(output.node), row=output.row)
                stores.setdefault(FUTURE_REGION, []).append(store)
        root = self._region(UNIFORM_REGION, None, by_region, {}, stores)
        root.items.append(self._region(FUTURE_REGION, None, by_region, children, stores))
        root.cost = sum(self._cost(item) for item in root.items)
        return root

    def _region(
        self,
        region: int,
        loop: Loop | None,
        nodes: Mapping[int, list[int]],
        children: Mapping[int, list[Loop]],
        stores: Mapping[int, list[Store]],
    ) -> Block:
        graph = self.graph
        block = Block(region, loop)
        soon: dict[int, list[Store]] = {}
        late: list[Store] = []
        before: dict[int, list[Store]] = {}
        for store in stores.get(region, []):
            made_here = graph.region[store.node] == region and graph.nodes[store.node][0] not in REMADE
            if made_here:
                soon.setdefault(store.node, []).append(store)
            elif store.kind == "initial":
                before.setdefault(store.loop, []).append(store)
            else:
                late.append(store)
        entries: list[tuple[int, int, int | Loop]] = [(n, 1, n) for n in nodes.get(region, ())]
        entries += [(inner.position, 0, inner) for inner in children.get(region, ())]
        for _, _, entry in sorted(entries, key=lambda item: item[:2]):
            if isinstance(entry, int):
                block.items.append(entry)
                block.items.extend(soon.get(entry, ()))
            else:
                block.items.extend(before.get(entry.region, ()))
                block.items.append(self._region(entry.region, entry, nodes, children, stores))
        block.items.extend(late)
        block.cost = sum(self._cost(item) for item in block.items)
        return block

    def _cost(self, item: int | Store | Block | Piece) -> float:
        if isinstance(item, int):
            return self.weigh(self.graph.nodes[item][0])
        return item.cost if isinstance(item, Block) else 1.0


def _cut(
    block: Block, limit: float, cost: Callable[[Any], float], pieces: list[Piece], loops: tuple[Loop, ...]
) -> None:
    """Replace the items of a large block by pieces of about `limit`, leaving large inner blocks as blocks."""
    items: list[int | Store | Block | Piece] = []
    run: list[int | Store | Block | Piece] = []
    weight = 0.0

    def close() -> None:
        nonlocal run, weight
        if run:
            piece = Piece(len(pieces), run, loops)
            pieces.append(piece)
            items.append(piece)
        run, weight = [], 0.0

    for item in block.items:
        size = cost(item)
        if isinstance(item, Block) and (size > limit or item.region == FUTURE_REGION):
            close()
            inside = loops if item.loop is None else (*loops, item.loop)
            _cut(item, limit, cost, pieces, inside)
            items.append(item)
            continue
        if weight + size > limit:
            close()
        run.append(item)
        weight += size
    close()
    block.items = items


def _walk(items: list[Any], piece: int) -> Iterator[tuple[int | Store, int]]:
    for item in items:
        if isinstance(item, Piece):
            yield from _walk(item.items, item.number)
        elif isinstance(item, Block):
            yield from _walk(item.items, piece)
        else:
            yield item, piece


def make_plan(
    graph: Graph,
    outputs: list[Output],
    weigh: Callable[[str], float],
    count: Callable[[str], float],
    limit: float,
) -> Plan:
    """Plan the emission of `outputs`.

    `weigh` gives an operation's size in instructions of code, `count` the basic operations it stands for.
    """
    planner = _Planner(graph, outputs, weigh)
    planner.mark()
    root = planner.block()
    pieces = [Piece(0, [])]
    if root.cost > limit:
        _cut(root, limit, planner._cost, pieces, ())  # pyright: ignore[reportPrivateUsage]
    pieces[0].items = [root]

    spilled: dict[int, int] = {}
    made: dict[int, int] = {}
    slots = 0
    for item, piece in _walk([root], 0):
        if isinstance(item, int):
            made[item] = piece
            reads: tuple[int, ...] = operands(graph.nodes[item])
        else:
            reads = (item.node,)
        for operand in reads:
            node = planner.resolve(operand)
            if node in made and made[node] != piece and node not in spilled:
                spilled[node] = slots
                slots += 1

    carry_slots: dict[int, tuple[int, dict[int, int], int]] = {}
    for region, place in sorted(planner.carried):
        places = carry_slots.setdefault(region, (0, {}, 0))[1]
        places[place] = len(places)
    for region, (_, places, _) in carry_slots.items():
        carry_slots[region] = (slots, places, len(places))
        slots += 2 * len(places)
    series_slots: dict[tuple[int, int], int] = {}
    for key in sorted(planner.kept):
        series_slots[key] = slots
        slots += graph.loops[key[0]].count

    trips = {UNIFORM_REGION: 0.0, FUTURE_REGION: 1.0}
    for loop in sorted(graph.loops.values(), key=lambda item: item.region):
        trips[loop.region] = trips[loop.parent] * loop.count
    live = [node for node in planner.live if graph.nodes[node][0] not in REMADE]
    operations = sum(trips[graph.region[node]] * count(graph.nodes[node][0]) for node in live)
    return Plan(graph, root, pieces, planner.alias, spilled, carry_slots, series_slots, slots, len(live), operations)
