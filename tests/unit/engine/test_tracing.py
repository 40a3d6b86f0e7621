"""What a law may not do, said clearly while it is traced; and what the graph keeps."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest

from twofront.engine import ops
from twofront.engine.compiled import CompiledKernel, trace
from twofront.engine.executor import EXECUTORS, Executor, Stage, compile_stage
from twofront.engine.plan import make_plan

Inputs = Mapping[str, Any]


def stage(function: Callable[[Inputs], Mapping[str, Any]], **inputs: int | None) -> Stage:
    return Stage("test", function, inputs or {"x": None, "y": None})


@pytest.mark.parametrize(
    ("forbidden", "says"),
    [
        (lambda x, y: 1.0 if x < y else 2.0, "ops.where"),
        (lambda x, y: min(x, y), "minimum"),
        (lambda x, y: max(x, y), "maximum"),
        (lambda x, y: x if (x < y and y < 1.0) else y, "& | ~"),
        (lambda x, y: x or y, "ops.where"),
        (lambda x, y: x**2.0, "ops.power"),
        (lambda x, y: 2.0**y, "ops.power"),
        (lambda x, y: x // y, "may not use //"),
        (lambda x, y: x % y, "may not use //"),
        (lambda x, y: float(x), "no value yet"),
        (lambda x, y: math.exp(x), "no value yet"),
        (lambda x, y: int(x), "no value yet"),
        (lambda x, y: round(x), "no value yet"),
        (lambda x, y: abs(x), "ops.absolute"),
        (lambda x, y: x == y, "equality"),
        (lambda x, y: (x < y) * 2.0, "mask is not a number"),
        (lambda x, y: x + (x < y), "mask is not a number"),
        (lambda x, y: x + "1", "expected a number"),
        (lambda x, y: ops.where(x, 1.0, y), "needs a mask"),
        (lambda x, y: list(x), "cannot be iterated"),
    ],
)
def test_a_tracer_refuses_and_says_what_to_write(forbidden: Callable[..., Any], says: str) -> None:
    with pytest.raises(TypeError, match=says):
        trace(stage(lambda i: {"z": forbidden(i["x"], i["y"])}))


def test_an_index_refuses_comparison_and_the_law_may_use_its_number() -> None:
    with pytest.raises(TypeError, match="number"):
        trace(stage(lambda i: {"z": ops.for_each(3, lambda k: ops.where(k < 2, i["x"], 0.0))}))
    with pytest.raises(TypeError, match="not a number"):
        trace(stage(lambda i: {"z": ops.for_each(3, lambda k: i["x"] * k)}))


def test_a_value_of_a_loops_body_cannot_be_smuggled_out() -> None:
    def leaking(i: Inputs) -> Mapping[str, Any]:
        kept: list[Any] = []

        def body(k: int, carry: Any) -> Any:
            kept.append(carry * 2.0)
            return carry + i["x"], None

        ops.scan(body, i["y"], 3)
        return {"z": kept[0] + 1.0}

    with pytest.raises(TypeError, match="return it from the body"):
        trace(stage(leaking))


@pytest.mark.parametrize("executor", EXECUTORS)
@pytest.mark.parametrize("shift", [-1, 1])
def test_reading_outside_a_series_is_an_error_in_every_executor(executor: Executor, shift: int) -> None:
    def outside(i: Inputs) -> Mapping[str, Any]:
        rows = ops.for_each(4, lambda k: i["x"] * ops.number(k))
        return {"z": ops.for_each(4, lambda k: rows[k + shift])}

    with pytest.raises(IndexError, match=r"rows 0\.\.3"):
        compile_stage(stage(outside), executor)


@pytest.mark.parametrize("executor", EXECUTORS)
@pytest.mark.parametrize(
    ("body", "says"),
    [
        (lambda k, c: (c, c, c), "returns .carry, row."),
        (lambda k, c: ((c, c), c), "keep its structure"),
        (lambda k, c: (c < 1.0, c), "mask"),
    ],
)
def test_a_loops_body_must_keep_its_promises(executor: Executor, body: Any, says: str) -> None:
    with pytest.raises(TypeError, match=says):
        compile_stage(stage(lambda i: {"z": ops.scan(body, i["x"], 3)[0]}), executor)


@pytest.mark.parametrize("executor", EXECUTORS)
@pytest.mark.parametrize(("count", "fault"), [(0, ValueError), (2.0, TypeError), (True, TypeError)])
def test_a_loops_count_is_a_positive_integer(executor: Executor, count: Any, fault: type[Exception]) -> None:
    with pytest.raises(fault):
        compile_stage(stage(lambda i: {"z": ops.scan(lambda k, c: (c, c), i["x"], count)[0]}), executor)


def test_equal_work_is_done_once_and_unused_work_not_at_all() -> None:
    def wasteful(i: Inputs) -> Mapping[str, Any]:
        ops.exp(i["x"] + 3.0)
        ops.for_each(5, lambda k: ops.exp(i["x"] * ops.number(k)))
        return {"a": ops.exp(i["x"] * i["y"]), "b": ops.exp(i["x"] * i["y"]) + 1.0}

    graph, outputs, _ = trace(stage(wasteful))
    plan = make_plan(graph, outputs, lambda _: 1.0, lambda _: 1.0, 1e9)
    assert plan.nodes == 3  # one product, one exp, one sum


def test_nothing_is_simplified_that_would_change_a_nan_or_a_sign() -> None:
    kernel = CompiledKernel(stage(lambda i: {"a": i["x"] * 0.0, "b": i["y"] + 0.0, "c": i["x"] - i["x"]}))
    assert kernel.statistics.nodes == 3
    inputs, outputs = np.array([[math.inf], [-0.0]]), np.empty((3, 1))
    kernel.run(inputs, outputs, 0, 1)
    assert np.isnan(outputs[0, 0])
    assert math.copysign(1.0, outputs[1, 0]) == 1.0
    assert np.isnan(outputs[2, 0])


def test_work_that_does_not_change_in_a_loop_leaves_it() -> None:
    def hoistable(i: Inputs) -> Mapping[str, Any]:
        def body(k: int, c: Any) -> Any:
            return (c[0] + ops.exp(i["x"]), c[1]), None

        carry, _ = ops.scan(body, (0.0, i["y"]), 1000)
        return {"a": carry[0], "b": carry[1]}

    statistics = CompiledKernel(stage(hoistable)).statistics
    assert 1000 < statistics.operations < 1100  # 1000 sums and one exp


def test_tracing_forty_thousand_operations_compiles_in_time() -> None:
    source = random.Random(7)

    def long(i: Inputs) -> Mapping[str, Any]:
        values: list[Any] = [i["x"], i["y"]]
        for _ in range(12000):
            a, b = source.choice(values[-30:]), source.choice(values[-30:])
            values.append(ops.minimum(a * 0.5 + b * 0.25, ops.where(a < b, a, b * 0.9)))
        return {"z": values[-1]}

    statistics = CompiledKernel(stage(long), cached=False).statistics
    assert statistics.nodes > 30000
    # 3 to 5 s as built, a minute and more if one function held it all: the bound is wide for a busy machine
    assert statistics.compile_seconds < 40.0
