"""Tracer values and the scalar graph they build.

A `Graph` is a list of nodes over one future. A node is a tuple: an operation's name and the numbers of its
operands. Equal nodes are one node. Every node lives in a *region*: 0 holds what does not depend on the future,
1 what is computed once a future, and each counted loop has a region of its own. A node lives in the deepest
region among its operands, so work that does not change within a loop leaves it by itself.

Nothing is simplified here (no `x * 0`, no `x + 0`): the graph means exactly what the law's text says.
"""

from __future__ import annotations

import struct
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NoReturn

__all__ = [
    "Graph",
    "Index",
    "IndexTable",
    "Loop",
    "Series",
    "Table",
    "Traced",
    "TracedMask",
    "TracedSeries",
    "active_graph",
    "bits_of",
    "float_of",
    "tracing",
]

UNIFORM_REGION = 0
FUTURE_REGION = 1

_pack = struct.Struct("<d").pack
_unpack = struct.Struct("<d").unpack
_from_bytes = int.from_bytes


def bits_of(value: float) -> int:
    """The 64 bits of a float as an unsigned integer."""
    return _from_bytes(_pack(value), "little")


def float_of(bits: int) -> float:
    """The float whose 64 bits are `bits`."""
    return _unpack(bits.to_bytes(8, "little"))[0]


class _State(threading.local):
    graph: Graph | None = None


_state = _State()


def active_graph() -> Graph | None:
    """The graph now being traced in this thread, or None when laws run eagerly."""
    return _state.graph


class tracing:
    """Context in which structured control (`scan`, tables) records into `graph`."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.previous: Graph | None = None

    def __enter__(self) -> Graph:
        self.previous = _state.graph
        _state.graph = self.graph
        return self.graph

    def __exit__(self, *_: object) -> None:
        _state.graph = self.previous


@dataclass
class Loop:
    """One counted loop: its own region, the region around it, and what it carries and records.

    `initial` and `updated` are node numbers, one per carried value; `rows` are node numbers, one per recorded
    series. `position` is the number of nodes that existed when its body had been traced: it orders the loop
    among the nodes of its parent region.
    """

    region: int
    parent: int
    count: int
    initial: list[int] = field(default_factory=list)
    updated: list[int] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)
    position: int = -1


class Graph:
    """The scalar graph of one stage, grown by operating on `Traced` values."""

    def __init__(self) -> None:
        self.nodes: list[tuple[Any, ...]] = []
        self.region: list[int] = []
        self.values: list[Traced | TracedMask | None] = []
        self.lookup: dict[tuple[Any, ...], int] = {}
        self.index_nodes: list[tuple[Any, ...]] = []
        self.index_region: list[int] = []
        self.index_lookup: dict[tuple[Any, ...], int] = {}
        self.loops: dict[int, Loop] = {}
        self.active: list[bool] = [True, True]
        self.current: int = FUTURE_REGION
        self.series: list[tuple[int, int]] = []
        self.tables: dict[tuple[Any, ...], int] = {}
        self.index_tables: dict[tuple[int, ...], int] = {}

    # -- nodes ---------------------------------------------------------------------------------------------

    def number(self, key: tuple[Any, ...], region: int) -> Traced:
        """The number node `key`, made in `region` unless it exists."""
        found = self.lookup.get(key)
        if found is not None:
            if not self.active[self.region[found]]:
                _escaped()
            return self.values[found]  # pyright: ignore[reportReturnType]
        if not self.active[region]:
            _escaped()
        place = len(self.nodes)
        self.lookup[key] = place
        self.nodes.append(key)
        self.region.append(region)
        value = Traced(self, place)
        self.values.append(value)
        return value

    def mask(self, key: tuple[Any, ...], region: int) -> TracedMask:
        """The mask node `key`, made in `region` unless it exists."""
        found = self.lookup.get(key)
        if found is not None:
            if not self.active[self.region[found]]:
                _escaped()
            return self.values[found]  # pyright: ignore[reportReturnType]
        if not self.active[region]:
            _escaped()
        place = len(self.nodes)
        self.lookup[key] = place
        self.nodes.append(key)
        self.region.append(region)
        value = TracedMask(self, place)
        self.values.append(value)
        return value

    def lift(self, value: Any) -> int:
        """Node number of `value`: a tracer value of this graph, or a constant."""
        if type(value) is Traced:
            if value.graph is not self:
                raise TypeError("tracer values of two stages cannot be mixed")
            return value.node
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return self.number(("const", bits_of(float(value))), UNIFORM_REGION).node
        kind = getattr(getattr(value, "dtype", None), "kind", "")
        if kind in ("f", "i", "u") and getattr(value, "shape", None) == ():
            return self.number(("const", bits_of(float(value))), UNIFORM_REGION).node
        if isinstance(value, Index):
            raise TypeError("a loop index is not a number; write ops.number(i)")
        if isinstance(value, (bool, TracedMask)):
            raise TypeError("a mask is not a number; write ops.where(mask, 1.0, 0.0)")
        raise TypeError(f"expected a number, found {type(value).__name__}")

    def lift_mask(self, value: Any) -> int:
        """Node number of `value` as a mask; of an integer the lowest bit counts (`~True` is -2)."""
        if type(value) is TracedMask:
            return value.node
        if isinstance(value, int):
            return self.mask(("truth", value & 1), UNIFORM_REGION).node
        raise TypeError(f"expected a mask (a comparison of numbers), found {type(value).__name__}")

    def unary(self, operation: str, a: int) -> Traced:
        return self.number((operation, a), self.region[a])

    def binary(self, operation: str, a: int, b: int) -> Traced:
        region = self.region
        ra = region[a]
        rb = region[b]
        return self.number((operation, a, b), ra if ra > rb else rb)

    def compare(self, operation: str, a: int, b: int) -> TracedMask:
        region = self.region
        ra = region[a]
        rb = region[b]
        return self.mask((operation, a, b), ra if ra > rb else rb)

    def select(self, mask: int, a: int, b: int) -> Traced:
        region = self.region
        return self.number(("select", mask, a, b), max(region[mask], region[a], region[b]))

    # -- indices, tables, series -----------------------------------------------------------------------------

    def index(self, key: tuple[Any, ...], region: int, low: int, high: int) -> Index:
        """The index node `key` whose values lie within low..high (both inclusive)."""
        found = self.index_lookup.get(key)
        if found is None:
            found = len(self.index_nodes)
            self.index_lookup[key] = found
            self.index_nodes.append(key)
            self.index_region.append(region)
        if not self.active[self.index_region[found]]:
            _escaped()
        return Index(self, found, low, high)

    def lift_index(self, value: int | Index) -> Index:
        if isinstance(value, Index):
            return value
        if isinstance(value, bool) or not isinstance(value, int):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise TypeError(f"expected an integer or a loop index, found {type(value).__name__}")
        return self.index(("const", value), UNIFORM_REGION, value, value)

    def require_active(self, node: int) -> None:
        """Raise if `node` belongs to the body of a loop that has ended."""
        if not self.active[self.region[node]]:
            _escaped()

    def begin_loop(self, count: int) -> tuple[Loop, Index]:
        loop = Loop(len(self.active), self.current, count)
        self.loops[loop.region] = loop
        self.active.append(True)
        self.current = loop.region
        return loop, self.index(("loop", loop.region), loop.region, 0, count - 1)

    def end_loop(self, loop: Loop) -> None:
        loop.position = len(self.nodes)
        self.active[loop.region] = False
        self.current = loop.parent

    def carried(self, loop: Loop, place: int) -> Traced:
        return self.number(("carry", loop.region, place), loop.region)

    def final(self, loop: Loop, place: int) -> Traced:
        return self.number(("final", loop.region, place), loop.parent)

    def recorded(self, loop: Loop, place: int) -> TracedSeries:
        self.series.append((loop.region, place))
        return TracedSeries(self, ("series", loop.region, place), loop.parent, loop.count)

    def gather(self, key: tuple[Any, ...], region: int, index: Index) -> Traced:
        return self.number((*key, index.node), max(region, self.index_region[index.node]))


def _escaped() -> NoReturn:
    raise TypeError(
        "a value made inside the body of a loop is used outside it; "
        "return it from the body as carry or as a row, and read that"
    )


def _place(index: int | Index, length: int, what: str) -> int | Index:
    """`index` if it certainly lies in 0..length-1; an IndexError that says the range if not."""
    if isinstance(index, Index):
        low, high = index.low, index.high
    elif isinstance(index, bool) or not isinstance(index, int):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise TypeError(f"{what} is read with an integer or a loop index, found {type(index).__name__}")
    else:
        low = high = index
    if low < 0 or high >= length:
        found = str(low) if low == high else f"{low}..{high}"
        raise IndexError(f"{what} has rows 0..{length - 1}; the index can be {found} (negative is not allowed)")
    return index


class Traced:
    """A number that records what is done to it."""

    __slots__ = ("graph", "node")
    __array_ufunc__ = None
    __hash__ = object.__hash__

    def __init__(self, graph: Graph, node: int) -> None:
        self.graph = graph
        self.node = node

    def __add__(self, other: Any) -> Traced:
        graph = self.graph
        return graph.binary("add", self.node, other.node if type(other) is Traced else graph.lift(other))

    def __radd__(self, other: Any) -> Traced:
        return self.graph.binary("add", self.graph.lift(other), self.node)

    def __sub__(self, other: Any) -> Traced:
        graph = self.graph
        return graph.binary("sub", self.node, other.node if type(other) is Traced else graph.lift(other))

    def __rsub__(self, other: Any) -> Traced:
        return self.graph.binary("sub", self.graph.lift(other), self.node)

    def __mul__(self, other: Any) -> Traced:
        graph = self.graph
        return graph.binary("mul", self.node, other.node if type(other) is Traced else graph.lift(other))

    def __rmul__(self, other: Any) -> Traced:
        return self.graph.binary("mul", self.graph.lift(other), self.node)

    def __truediv__(self, other: Any) -> Traced:
        graph = self.graph
        return graph.binary("div", self.node, other.node if type(other) is Traced else graph.lift(other))

    def __rtruediv__(self, other: Any) -> Traced:
        return self.graph.binary("div", self.graph.lift(other), self.node)

    def __neg__(self) -> Traced:
        return self.graph.unary("neg", self.node)

    def __pos__(self) -> Traced:
        return self

    def __lt__(self, other: Any) -> TracedMask:
        return self.graph.compare("lt", self.node, self.graph.lift(other))

    def __le__(self, other: Any) -> TracedMask:
        return self.graph.compare("le", self.node, self.graph.lift(other))

    def __gt__(self, other: Any) -> TracedMask:
        return self.graph.compare("lt", self.graph.lift(other), self.node)

    def __ge__(self, other: Any) -> TracedMask:
        return self.graph.compare("le", self.graph.lift(other), self.node)

    def _no_equality(self, other: object) -> NoReturn:
        raise TypeError("laws may not test numbers for equality; write (a <= b) & (a >= b)")

    __eq__ = __ne__ = _no_equality  # pyright: ignore[reportAssignmentType]

    def __bool__(self) -> NoReturn:
        raise TypeError("the truth of a traced number is unknown: use ops.where, not if, and, or, not")

    def _no_power(self, *_: Any) -> NoReturn:
        raise TypeError("laws may not use **; use ops.power(base, exponent) or write the product out")

    __pow__ = __rpow__ = _no_power

    def _no_integer(self, *_: Any) -> NoReturn:
        raise TypeError("laws may not use // or % on numbers")

    __floordiv__ = __rfloordiv__ = __mod__ = __rmod__ = __divmod__ = _no_integer

    def _no_float(self, *_: Any) -> NoReturn:
        raise TypeError("a traced number has no value yet: float(), int(), round() and math.* cannot be used")

    __float__ = __int__ = __index__ = __round__ = __trunc__ = __floor__ = __ceil__ = _no_float

    def __abs__(self) -> NoReturn:
        raise TypeError("use ops.absolute(x), not abs(x)")

    def __iter__(self) -> NoReturn:
        raise TypeError("a traced number is one number and cannot be iterated over")

    def __repr__(self) -> str:
        return f"Traced({self.graph.nodes[self.node]})"


class TracedMask:
    """The outcome of a comparison of tracer values; combines with `&`, `|`, `~`."""

    __slots__ = ("graph", "node")
    __array_ufunc__ = None
    __hash__ = object.__hash__

    def __init__(self, graph: Graph, node: int) -> None:
        self.graph = graph
        self.node = node

    def __and__(self, other: Any) -> TracedMask:
        return self.graph.compare("and", self.node, self.graph.lift_mask(other))

    def __rand__(self, other: Any) -> TracedMask:
        return self.graph.compare("and", self.graph.lift_mask(other), self.node)

    def __or__(self, other: Any) -> TracedMask:
        return self.graph.compare("or", self.node, self.graph.lift_mask(other))

    def __ror__(self, other: Any) -> TracedMask:
        return self.graph.compare("or", self.graph.lift_mask(other), self.node)

    def __invert__(self) -> TracedMask:
        return self.graph.mask(("not", self.node), self.graph.region[self.node])

    def __bool__(self) -> NoReturn:
        raise TypeError(
            "the truth of a traced comparison is unknown: use ops.where(mask, a, b), ops.minimum and "
            "ops.maximum, and & | ~ instead of if, min, max, and, or, not"
        )

    def _no_number(self, *_: Any) -> NoReturn:
        raise TypeError("a mask is not a number; write ops.where(mask, 1.0, 0.0)")

    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = _no_number
    __truediv__ = __rtruediv__ = __neg__ = __lt__ = __le__ = __gt__ = __ge__ = _no_number
    __eq__ = __ne__ = _no_number  # pyright: ignore[reportAssignmentType]


class Index:
    """An integer known only inside a loop: its counter, or a sum, product or table of counters.

    `low` and `high` bound it, so that reading outside a series or table is found while tracing.
    """

    __slots__ = ("graph", "high", "low", "node")
    __hash__ = object.__hash__

    def __init__(self, graph: Graph, node: int, low: int, high: int) -> None:
        self.graph = graph
        self.node = node
        self.low = low
        self.high = high

    def __add__(self, other: int | Index) -> Index:
        graph = self.graph
        b = graph.lift_index(other)
        region = max(graph.index_region[self.node], graph.index_region[b.node])
        return graph.index(("add", self.node, b.node), region, self.low + b.low, self.high + b.high)

    __radd__ = __add__

    def __neg__(self) -> Index:
        return self * -1

    def __sub__(self, other: int | Index) -> Index:
        return self + (-other)

    def __rsub__(self, other: int) -> Index:
        return (-self) + other

    def __mul__(self, factor: int) -> Index:
        if isinstance(factor, bool) or not isinstance(factor, int):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise TypeError("a loop index can be multiplied by an integer only; use ops.number(i) for arithmetic")
        graph = self.graph
        low, high = sorted((self.low * factor, self.high * factor))
        return graph.index(("mul", self.node, factor), graph.index_region[self.node], low, high)

    __rmul__ = __mul__

    def _refuse(self, *_: Any) -> NoReturn:
        raise TypeError(
            "a loop index can be added, subtracted, multiplied by an integer and used to read a series or table; "
            "compare ops.number(i), and look conditions up in an ops.table"
        )

    __lt__ = __le__ = __gt__ = __ge__ = __bool__ = __index__ = __int__ = __float__ = _refuse
    __floordiv__ = __mod__ = __pow__ = __truediv__ = __rtruediv__ = _refuse
    __eq__ = __ne__ = _refuse  # pyright: ignore[reportAssignmentType]


class Series:
    """Numbers by row, read with `series[i]`; `len(series)` rows, none of them negative."""

    __slots__ = ("_values",)

    def __init__(self, values: Sequence[Any]) -> None:
        self._values = values

    def __len__(self) -> int:
        return len(self._values)

    def __getitem__(self, index: int | Index) -> Any:
        return self._values[_place(index, len(self), "the series")]  # pyright: ignore[reportArgumentType, reportCallIssue]


class TracedSeries(Series):
    """A series held by a graph: recorded by a loop, or an input of several rows."""

    __slots__ = ("graph", "key", "length", "region")

    def __init__(self, graph: Graph, key: tuple[Any, ...], region: int, length: int) -> None:
        super().__init__(())
        self.graph = graph
        self.key = key
        self.region = region
        self.length = length

    def __len__(self) -> int:
        return self.length

    def __getitem__(self, index: int | Index) -> Traced:
        graph = self.graph
        place = graph.lift_index(_place(index, self.length, "the series"))
        return graph.gather(self.key, self.region, place)


class Table:
    """Constant numbers, by row or by row and column: `table[i]`, or `table[i, j]` and `table[i][j]`."""

    __slots__ = ("_bits", "_values", "columns", "rows")

    def __init__(self, values: tuple[Any, ...], rows: int, columns: int | None) -> None:
        self._values = values
        self._bits: tuple[int, ...] = ()
        self.rows = rows
        self.columns = columns

    def __len__(self) -> int:
        return self.rows

    def __getitem__(self, index: Any) -> Any:
        if self.columns is None:
            return self._read(_place(index, self.rows, "the table"))
        if isinstance(index, tuple):
            i, j = index  # pyright: ignore[reportUnknownVariableType]
            return self.at(i, j)  # pyright: ignore[reportUnknownArgumentType]
        return _TableRow(self, _place(index, self.rows, "the table"))

    def at(self, row: int | Index, column: int | Index) -> Any:
        """The number at a row and column of a two-dimensional table."""
        if self.columns is None:
            raise TypeError("this table has one dimension; read it with table[i]")
        checked = _place(row, self.rows, "the table")
        return self._read(checked * self.columns + _place(column, self.columns, "the table's row"))

    def _read(self, place: int | Index) -> Any:
        if not isinstance(place, Index):
            return self._values[place]
        graph = place.graph
        if not self._bits:
            self._bits = tuple(bits_of(value) for value in self._values)
        number = graph.tables.setdefault(self._bits, len(graph.tables))
        return graph.gather(("table", number), UNIFORM_REGION, place)


class _TableRow:
    __slots__ = ("row", "table")

    def __init__(self, table: Table, row: int | Index) -> None:
        self.table = table
        self.row = row

    def __len__(self) -> int:
        return self.table.columns or 0

    def __getitem__(self, column: int | Index) -> Any:
        return self.table.at(self.row, column)


class IndexTable:
    """Constant integers by row; `table[i]` is an integer, or an `Index` where `i` is one."""

    __slots__ = ("_values",)

    def __init__(self, values: tuple[int, ...]) -> None:
        self._values = values

    def __len__(self) -> int:
        return len(self._values)

    def __getitem__(self, index: int | Index) -> Any:
        place = _place(index, len(self._values), "the index table")
        if not isinstance(place, Index):
            return self._values[place]
        graph = place.graph
        number = graph.index_tables.setdefault(self._values, len(graph.index_tables))
        used = self._values[place.low : place.high + 1]
        key = ("table", number, place.node)
        return graph.index(key, graph.index_region[place.node], min(used), max(used))
