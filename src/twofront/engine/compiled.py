"""The compiled executor: a stage traced once, emitted as vector code, and run on columns of futures."""

from __future__ import annotations

import hashlib
import json
import struct
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache as memoise
from pathlib import Path
from typing import Any

import numpy as np

from twofront.engine import cache, control
from twofront.engine.emit import emit
from twofront.engine.graph import FUTURE_REGION, UNIFORM_REGION, Graph, Series, TracedSeries, tracing
from twofront.engine.lanes import Lanes
from twofront.engine.native import Machine, Native, assemble, link, machine
from twofront.engine.plan import Output, Plan, make_plan
from twofront.engine.primitives import number
from twofront.engine.stage import Buffer, Stage, Statistics, check_buffers, output_rows
from twofront.engine.walk import count_operations, weigh_outlined

__all__ = ["LIMIT", "CompiledKernel", "first_rows", "plan_graph", "trace"]

LIMIT = 3000.0
"""Operations in a function above which code is cut into several."""
_FACTS = struct.Struct("<qqd")
"""What a cache entry says before its object code: scratch slots, nodes, operations a future."""
INLINE_LIMIT = 25000.0
"""Operations in all above which exp, log and their like are called rather than copied."""


def trace(stage: Stage) -> tuple[Graph, list[Output], tuple[str, ...]]:
    """The graph of a stage, where its results go, and the names of its output rows."""
    graph = Graph()
    with tracing(graph):
        returned = stage.function(_arguments(stage, graph))
        rows = output_rows(stage, returned)
        outputs: list[Output] = []
        row = 0
        for name, value in returned.items():
            if isinstance(value, Series):
                outputs.extend(_series(stage, graph, name, value, row))
                row += len(value)
            else:
                node = graph.lift(number(value))
                graph.require_active(node)
                outputs.append(Output(row, node=node))
                row += 1
    return graph, outputs, rows


def _arguments(stage: Stage, graph: Graph) -> dict[str, Any]:
    arguments: dict[str, Any] = {}
    for name, length in stage.inputs.items():
        uniform = name in stage.uniform
        region = UNIFORM_REGION if uniform else FUTURE_REGION
        if length is None:
            arguments[name] = graph.number(("uniform" if uniform else "input", name), region)
        else:
            key = ("uniforms" if uniform else "inputs", name)
            arguments[name] = TracedSeries(graph, key, region, length)
    return arguments


def _series(stage: Stage, graph: Graph, name: str, series: Series, row: int) -> list[Output]:
    if isinstance(series, TracedSeries):
        if series.key[0] != "series":  # an input handed through
            series = control.for_each(len(series), lambda i: series[i])
            assert isinstance(series, TracedSeries)
        if series.region != FUTURE_REGION:
            raise TypeError(
                f"stage `{stage.name}`: output `{name}` is a series made inside the body of a loop; "
                "return its numbers from that body as rows"
            )
        return [Output(row, loop=series.key[1], place=series.key[2])]
    values: list[Any] = [series[i] for i in range(len(series))]
    return [Output(row + i, node=graph.lift(number(value))) for i, value in enumerate(values)]


@memoise
def _source_digest() -> str:
    """Digest of the engine's own source: any change to it makes old objects unfit."""
    digest = hashlib.sha256()
    folder = Path(__file__).parent
    for name in ("graph", "primitives", "elementary", "plan", "walk", "emit", "native", "compiled"):
        digest.update((folder / f"{name}.py").read_bytes())
    return digest.hexdigest()


def _key(
    graph: Graph, outputs: list[Output], rows: Mapping[str, Mapping[str, int]], host: Machine, options: object
) -> str:
    loops = [(p.region, p.parent, p.count, p.initial, p.updated, p.rows, p.position) for p in graph.loops.values()]
    parts: list[object] = [
        graph.nodes, graph.region, graph.index_nodes, loops, graph.tables, graph.index_tables, outputs, rows,
        host, options, _source_digest(),
    ]  # fmt: skip
    digest = hashlib.sha256()
    for part in parts:
        digest.update(repr(part).encode())
        digest.update(b"\0")
    return digest.hexdigest()


def first_rows(stage: Stage, uniform: bool) -> dict[str, int]:
    """The first row of each input, in the uniform array or in that of futures."""
    rows: dict[str, int] = {}
    place = 0
    for name, length in stage.inputs.items():
        if (name in stage.uniform) == uniform:
            rows[name] = place
            place += 1 if length is None else length
    return rows


def _outlined(graph: Graph, inline_limit: float) -> bool:
    return sum(count_operations(node[0]) for node in graph.nodes) > inline_limit


def plan_graph(graph: Graph, outputs: list[Output], limit: float, inline_limit: float) -> tuple[Plan, bool]:
    """The plan of a traced stage, and whether exp, log and their like are called in it, not copied."""
    outlined = _outlined(graph, inline_limit)
    weigh = weigh_outlined if outlined else count_operations
    return make_plan(graph, outputs, weigh, count_operations, limit), outlined


@dataclass(frozen=True, slots=True)
class _Made:
    """Code ready to run and what is known of it."""

    native: Native
    output_rows: tuple[str, ...]
    slots: int
    nodes: int
    operations: float


def _kept(key: str, rows: tuple[str, ...], host: Machine) -> _Made | None:
    """What the cache holds under `key`, ready to run; None if that is nothing or damaged."""
    entry = cache.load(key)
    if entry is None or len(entry) < _FACTS.size:
        return None
    try:
        return _Made(link(entry[_FACTS.size :], host), rows, *_FACTS.unpack_from(entry))
    except (RuntimeError, ValueError):
        return None


def _name(identity: str, stage: Stage, host: Machine, options: object) -> str:
    """Under which the cache knows a stage that need not be traced again."""
    shape = (stage.name, list(stage.inputs.items()), sorted(stage.uniform), stage.vectors)
    parts = repr((identity, shape, host, options, sys.version, np.__version__, _source_digest()))
    return hashlib.sha256(parts.encode()).hexdigest()


def _recalled(name: str, host: Machine) -> _Made | None:
    """A stage that was traced before, ready to run; None if its record or its code is gone or damaged."""
    entry = cache.load(name, "stage")
    if entry is None:
        return None
    try:
        record = json.loads(entry)
        return _kept(record["code"], tuple(record["rows"]), host)
    except (ValueError, KeyError, TypeError):
        return None


class CompiledKernel:
    """A stage as native code. The keywords are for tests and measurements, and move no bit of a result; but for
    `identity` (see `twofront.engine.executor.compile_stage`)."""

    def __init__(
        self,
        stage: Stage,
        *,
        width: int | None = None,
        limit: float = LIMIT,
        inline_limit: float = INLINE_LIMIT,
        cached: bool = True,
        identity: str = "",
    ) -> None:
        self.stage = stage
        self.input_rows = stage.input_rows
        self.uniform_rows = stage.uniform_rows
        started = traced = time.perf_counter()
        host = machine()
        self.width = host.width * stage.vectors if width is None else width
        name = _name(identity, stage, host, (self.width, limit, inline_limit)) if identity and cached else ""
        made = _recalled(name, host) if name else None
        hit = made is not None
        if made is None:
            graph, outputs, output_names = trace(stage)
            traced = time.perf_counter()
            rows = {"in": first_rows(stage, False), "uniform": first_rows(stage, True)}
            outlined = _outlined(graph, inline_limit)
            key = _key(graph, outputs, rows, host, (self.width, limit, outlined)) if cached else ""
            made = _kept(key, output_names, host) if cached else None
            hit = made is not None
            if made is None:
                plan, _ = plan_graph(graph, outputs, limit, inline_limit)
                code = assemble(emit(plan, rows["in"], rows["uniform"], self.width, outlined), host)
                facts = (plan.slots, plan.nodes, plan.operations)
                if cached:
                    cache.save(key, _FACTS.pack(*facts) + code)
                made = _Made(link(code, host), output_names, *facts)
            if name:
                cache.save(name, json.dumps({"code": key, "rows": output_names}).encode(), "stage")
        self.output_rows = made.output_rows
        self._native = made.native
        self._lanes = Lanes(made.native.function, self.width, made.slots * self.width * 8)
        self.statistics = Statistics(
            nodes=made.nodes,
            operations=made.operations,
            compile_seconds=time.perf_counter() - traced,
            trace_seconds=traced - started,
            cache_hit=hit,
            scratch_bytes=self._lanes.scratch_bytes,
            width=self.width,
        )

    def run(self, inputs: Buffer, outputs: Buffer, lo: int, hi: int, uniform: Buffer | None = None) -> None:
        """Compute futures lo..hi - 1; see `Kernel.run`. The interpreter lock is free meanwhile."""
        self._lanes.run(inputs, outputs, lo, hi, check_buffers(self, inputs, outputs, lo, hi, uniform))
