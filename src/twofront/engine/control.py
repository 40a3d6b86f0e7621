"""Counted loops, series and tables: the only control flow a law may use besides plain Python loops.

Run eagerly they are Python loops; while tracing, the body runs once and the loop becomes part of the graph.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from twofront.engine.graph import Graph, IndexTable, Series, Table, Traced, active_graph
from twofront.engine.primitives import number
from twofront.engine.real import Real
from twofront.engine.tree import flatten

__all__ = ["for_each", "index_table", "scan", "table"]

Carry = TypeVar("Carry")


def scan(body: Callable[[int, Carry], tuple[Carry, Any]], carry: Carry, count: int) -> tuple[Carry, Any]:
    """Run `carry, row = body(i, carry)` for i = 0 .. count - 1; give the last carry and the rows.

    `carry` and `row` are trees (nested tuples, lists, dictionaries, None) of numbers. The rows come back as a
    tree of the shape of one row, each leaf a `Series` of length `count`. `i` is a Python integer or, while
    tracing, an `Index`: use it to read series and tables, and `number(i)` for arithmetic.
    """
    if isinstance(count, bool) or not isinstance(count, int):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise TypeError(f"a loop's count must be a Python integer, found {type(count).__name__}")
    if count < 1:
        raise ValueError(f"a loop runs at least once, found count {count}")
    graph = active_graph()
    return _traced_scan(graph, body, carry, count) if graph is not None else _eager_scan(body, carry, count)


def for_each(count: int, body: Callable[[int], Any]) -> Any:
    """Rows of `body(i)` for i = 0 .. count - 1, as a tree of `Series`: a `scan` that carries nothing."""
    return scan(lambda i, carry: (carry, body(i)), None, count)[1]


def _same_shape(found: Any, wanted: Any, what: str) -> None:
    if found != wanted:
        raise TypeError(f"the {what} must keep its structure: it was {wanted}, the body returned {found}")


def _eager_scan(body: Callable[[int, Any], tuple[Any, Any]], carry: Any, count: int) -> tuple[Any, Any]:
    leaves, shape = flatten(carry)
    carry = shape.unflatten([number(leaf) for leaf in leaves])
    rows: list[list[Any]] = []
    row_shape = None
    for i in range(count):
        carry, row = _pair(body(i, carry))
        leaves, found = flatten(carry)
        _same_shape(found, shape, "carry")
        carry = shape.unflatten([number(leaf) for leaf in leaves])
        row_leaves, found = flatten(row)
        if row_shape is None:
            row_shape = found
            rows = [[] for _ in row_leaves]
        _same_shape(found, row_shape, "row")
        for values, leaf in zip(rows, row_leaves, strict=True):
            values.append(number(leaf))
    assert row_shape is not None
    return carry, row_shape.unflatten([Series(values) for values in rows])


def _traced_scan(graph: Graph, body: Callable[[Any, Any], tuple[Any, Any]], carry: Any, count: int) -> tuple[Any, Any]:
    leaves, shape = flatten(carry)
    loop, index = graph.begin_loop(count)
    try:
        loop.initial = [graph.lift(number(leaf)) for leaf in leaves]
        inside = shape.unflatten([graph.carried(loop, place) for place in range(len(leaves))])
        updated, row = _pair(body(index, inside))
        new_leaves, found = flatten(updated)
        _same_shape(found, shape, "carry")
        loop.updated = [_inside(graph, leaf) for leaf in new_leaves]
        row_leaves, row_shape = flatten(row)
        loop.rows = [_inside(graph, leaf) for leaf in row_leaves]
    finally:
        graph.end_loop(loop)
    final = shape.unflatten([graph.final(loop, place) for place in range(len(leaves))])
    return final, row_shape.unflatten([graph.recorded(loop, place) for place in range(len(loop.rows))])


def _inside(graph: Graph, leaf: Any) -> int:
    node = graph.lift(number(leaf))
    graph.require_active(node)
    return node


def _pair(result: Any) -> tuple[Any, Any]:
    if not isinstance(result, tuple) or len(result) != 2:  # pyright: ignore[reportUnknownArgumentType]
        raise TypeError(f"a loop's body returns (carry, row), found {type(result).__name__}")  # pyright: ignore[reportUnknownArgumentType]
    return result  # pyright: ignore[reportUnknownVariableType]


def table(values: Sequence[float] | Sequence[Sequence[float]]) -> Table:
    """Constant numbers, read as `t[i]`, or `t[i, j]` and `t[i][j]` when `values` is a list of lists."""
    rows = list(values)
    if not rows:
        raise ValueError("a table needs at least one row")
    if all(isinstance(row, (int, float)) for row in rows):
        return Table(tuple(_constant(value) for value in rows), len(rows), None)
    lines = [list(row) for row in rows]  # pyright: ignore[reportArgumentType, reportUnknownArgumentType, reportUnknownVariableType]
    widths = {len(line) for line in lines}  # pyright: ignore[reportUnknownArgumentType]
    if len(widths) != 1 or 0 in widths:
        raise ValueError(f"a table's rows must have one length above zero, found {sorted(widths)}")
    flat = tuple(_constant(value) for line in lines for value in line)  # pyright: ignore[reportUnknownVariableType]
    return Table(flat, len(lines), widths.pop())


def index_table(values: Sequence[int]) -> IndexTable:
    """Constant integers, read as `t[i]`, for reading series and tables in another order."""
    rows = tuple(values)
    if not rows:
        raise ValueError("an index table needs at least one row")
    for value in rows:
        if isinstance(value, bool) or not isinstance(value, int):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise TypeError(f"an index table holds Python integers, found {type(value).__name__}")
    return IndexTable(rows)


def _constant(value: Any) -> Real:
    if isinstance(value, Traced):
        raise TypeError("a table holds constants; for computed numbers use for_each, which gives a series")
    return number(value)
