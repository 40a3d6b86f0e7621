"""From a plan to text, in any language: which line comes when, and which values are at hand where.

A target (LLVM, C) says how each line is spelt; the order of work, the scopes of values and the places in memory are
the same for all of them.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from functools import cache
from typing import Any, cast

from twofront.engine.elementary import BODIES
from twofront.engine.graph import FUTURE_REGION, UNIFORM_REGION, Graph, Loop
from twofront.engine.plan import Block, Piece, Plan, Store

__all__ = ["MASKS", "Target", "Writer", "body", "count_operations", "weigh_outlined"]

CALL_COST = 3.0
MASKS = frozenset({"lt", "le", "nan", "and", "or", "not"})
"""Operations whose result is a mask."""


@cache
def body(name: str) -> tuple[Graph, int, int]:
    """Graph, argument node and result node of one of the elementary functions."""
    graph = Graph()
    argument = graph.number(("argument",), FUTURE_REGION)
    return graph, argument.node, graph.lift(BODIES[name](cast("Any", argument)))


@cache
def count_operations(operation: str) -> float:
    """Basic operations that one node of this kind stands for."""
    if operation not in BODIES:
        return 1.0
    graph = body(operation)[0]
    return float(sum(count_operations(key[0]) for key in graph.nodes if key[0] not in ("const", "argument")))


def weigh_outlined(operation: str) -> float:
    """Size in code of one node of this kind where exp, log and their like are called, not copied."""
    return CALL_COST if operation in BODIES else 1.0


class Target:
    """What all functions of one module share."""

    def __init__(
        self, plan: Plan, input_rows: Mapping[str, int], uniform_rows: Mapping[str, int], width: int, outlined: bool
    ) -> None:
        self.plan = plan
        self.graph = plan.graph
        self.input_rows = input_rows
        self.uniform_rows = uniform_rows
        self.width = width
        self.outlined = outlined
        self.used_bodies: set[str] = set()


class Writer(ABC):
    """One function being written: its lines, and which values are at hand where.

    Values, masks and indices are named by text of the target's language. `base` is a region of memory: "s", or the
    carried values of a loop as they were ("c5") and as they become ("n5").
    """

    def __init__(self, target: Target, piece: Piece | None) -> None:
        self.target = target
        self.plan = target.plan
        self.graph = target.graph
        self.piece = piece
        self.lines: list[str] = []
        self.scopes: list[dict[object, str]] = [{}]
        self.counter = 0
        self.in_futures = piece is not None and piece.number > 0

    # -- what a language says ------------------------------------------------------------------------------

    @abstractmethod
    def constant(self, bits: int) -> str: ...
    @abstractmethod
    def truth(self, value: bool) -> str: ...
    @abstractmethod
    def compute(self, operation: str, a: list[str]) -> str:
        """A new value: a basic operation (not exp and its like) on values."""
        ...

    @abstractmethod
    def call_body(self, name: str, argument: str) -> str: ...
    @abstractmethod
    def index_number(self, value: int) -> str: ...
    @abstractmethod
    def index_counter(self, region: int) -> str: ...
    @abstractmethod
    def index_sum(self, a: str, b: str) -> str: ...
    @abstractmethod
    def index_product(self, a: str, factor: int) -> str: ...
    @abstractmethod
    def index_table(self, number: int, index: str) -> str: ...
    @abstractmethod
    def load_slot(self, base: str, slot: int, index: str | None = None) -> str: ...
    @abstractmethod
    def store_slot(self, value: str, base: str, slot: int, index: str | None = None) -> None: ...
    @abstractmethod
    def mask_to_slot(self, mask: str) -> str:
        """A mask as a value that can be kept in memory."""
        ...

    @abstractmethod
    def mask_from_slot(self, value: str) -> str: ...
    @abstractmethod
    def load_input(self, row: int, index: str | None) -> str: ...
    @abstractmethod
    def load_uniform(self, row: int, index: str | None) -> str: ...
    @abstractmethod
    def load_table(self, number: int, index: str) -> str: ...
    @abstractmethod
    def spread(self, index: str) -> str:
        """An index as a number."""
        ...

    @abstractmethod
    def store_output(self, value: str, row: int, index: str | None) -> None: ...
    @abstractmethod
    def call_piece(self, number: int, loops: tuple[Loop, ...]) -> None: ...
    @abstractmethod
    def begin_futures(self) -> object:
        """Open the loop over futures; what it gives is handed to `end_futures`."""
        ...

    @abstractmethod
    def end_futures(self, opened: Any) -> None: ...
    @abstractmethod
    def begin_loop(self, region: int, count: int, first: int, other: int) -> object:
        """Open a counted loop whose carried values start in slot `first` and alternate with slot `other`."""
        ...

    @abstractmethod
    def end_loop(self, region: int, count: int, opened: Any) -> None: ...

    # -- items -----------------------------------------------------------------------------------------------

    def walk(self, items: list[int | Store | Block | Piece], loops: tuple[Loop, ...]) -> None:
        """Write these items, which stand within `loops`."""
        for item in items:
            if isinstance(item, int):
                self._node(item)
            elif isinstance(item, Store):
                self._store(item)
            elif isinstance(item, Piece):
                self.call_piece(item.number, loops)
            elif item.region == UNIFORM_REGION:
                self.walk(item.items, loops)
            elif item.region == FUTURE_REGION:
                self._futures(item)
            else:
                assert item.loop is not None
                self._loop(item, item.loop, loops)

    def _futures(self, block: Block) -> None:
        opened = self.begin_futures()
        self.scopes.append({})
        self.in_futures = True
        self.walk(block.items, ())
        self.in_futures = False
        self.scopes.pop()
        self.end_futures(opened)

    def _loop(self, block: Block, loop: Loop, loops: tuple[Loop, ...]) -> None:
        first, _, number = self.plan.carry_slots.get(loop.region, (0, {}, 0))
        opened = self.begin_loop(loop.region, loop.count, first, first + number)
        self.scopes.append({})
        self.walk(block.items, (*loops, loop))
        self.scopes.pop()
        self.end_loop(loop.region, loop.count, opened)

    def _store(self, store: Store) -> None:
        value = self.value(store.node)
        if store.kind == "output":
            self.store_output(value, store.row, None)
        elif store.kind == "row":
            index = self.index_counter(store.loop)
            if store.output:
                self.store_output(value, store.row, index)
            else:
                self.store_slot(value, "s", self.plan.series_slots[(store.loop, store.place)], index)
        else:
            first, places, _ = self.plan.carry_slots[store.loop]
            place = places[store.place]
            if store.kind == "initial":
                self.store_slot(value, "s", first + place)
            else:
                self.store_slot(value, f"n{store.loop}", place)

    def _node(self, node: int) -> None:
        key = self.graph.nodes[node]
        operands = [self.value(operand) for operand in key[1:]]
        name = self._apply(key[0], operands)
        self.scopes[-1][node] = name
        slot = self.plan.spilled.get(node)
        if slot is not None:
            self.store_slot(self.mask_to_slot(name) if key[0] in MASKS else name, "s", slot)

    # -- values ----------------------------------------------------------------------------------------------

    def _find(self, key: object) -> str | None:
        for scope in reversed(self.scopes):
            name = scope.get(key)
            if name is not None:
                return name
        return None

    def _index(self, node: int) -> str:
        key = self.graph.index_nodes[node]
        operation = key[0]
        if operation == "const":
            return self.index_number(key[1])
        if operation == "loop":
            return self.index_counter(key[1])
        found = self._find(("index", node))
        if found is not None:
            return found
        if operation == "add":
            name = self.index_sum(self._index(key[1]), self._index(key[2]))
        elif operation == "mul":
            name = self.index_product(self._index(key[1]), key[2])
        else:
            name = self.index_table(key[1], self._index(key[2]))
        self.scopes[-1][("index", node)] = name
        return name

    def value(self, node: int) -> str:
        """The name of a node's value: as made, read afresh, or read back from where another function kept it."""
        node = self.plan.resolve(node)
        key = self.graph.nodes[node]
        if key[0] == "const":
            return self.constant(key[1])
        if key[0] == "truth":
            return self.truth(key[1])
        found = self._find(node)
        if found is not None:
            return found
        slot = self.plan.spilled.get(node)
        if slot is None:
            name = self._remake(key)
        else:
            name = self.load_slot("s", slot)
            if key[0] in MASKS:
                name = self.mask_from_slot(name)
        self.scopes[-1][node] = name
        return name

    def _remake(self, key: tuple[Any, ...]) -> str:
        operation = key[0]
        if operation == "carry":
            return self.load_slot(f"c{key[1]}", self.plan.carry_slots[key[1]][1][key[2]])
        if operation == "final":
            first, places, number = self.plan.carry_slots[key[1]]
            turned = self.graph.loops[key[1]].count % 2
            return self.load_slot("s", first + number * turned + places[key[2]])
        if operation == "series":
            return self.load_slot("s", self.plan.series_slots[(key[1], key[2])], self._index(key[3]))
        if operation == "input":
            return self.load_input(self.target.input_rows[key[1]], None)
        if operation == "inputs":
            return self.load_input(self.target.input_rows[key[1]], self._index(key[2]))
        if operation == "uniform":
            return self.load_uniform(self.target.uniform_rows[key[1]], None)
        if operation == "uniforms":
            return self.load_uniform(self.target.uniform_rows[key[1]], self._index(key[2]))
        if operation == "table":
            return self.load_table(key[1], self._index(key[2]))
        if operation == "number":
            return self.spread(self._index(key[1]))
        raise AssertionError(f"operation {operation} is used before it is made")

    def _apply(self, operation: str, a: list[str]) -> str:
        if operation not in BODIES:
            return self.compute(operation, a)
        if not self.target.outlined:
            return self.expand(operation, a[0])
        self.target.used_bodies.add(operation)
        return self.call_body(operation, a[0])

    def expand(self, name: str, argument: str) -> str:
        """The body of an elementary function, applied to the value named `argument`."""
        graph, start, end = body(name)
        names: dict[int, str] = {start: argument}
        for node, key in enumerate(graph.nodes):
            if key[0] == "const":
                names[node] = self.constant(key[1])
            elif key[0] == "truth":
                names[node] = self.truth(key[1])
            elif node != start:
                names[node] = self._apply(key[0], [names[operand] for operand in key[1:]])
        return names[end]
