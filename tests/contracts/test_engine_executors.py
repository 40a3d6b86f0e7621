"""The contract of executors: floats, arrays and compiled code give the same bits, whatever the width or the cut.

So does WebAssembly, which is run in Node.
"""

from __future__ import annotations

import itertools
import json
import math
import random
import shutil
import subprocess
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import hypothesis
import numpy as np
import pytest
from hypothesis import strategies

from twofront.engine import ops
from twofront.engine.arrays import ArrayKernel
from twofront.engine.compiled import LIMIT, CompiledKernel
from twofront.engine.executor import EXECUTORS, Kernel, Stage, compile_stage
from twofront.engine.floats import FloatKernel
from twofront.engine.webassembly import WIDTH, write_module

Inputs = Mapping[str, Any]

EDGES = (
    0.0, -0.0, 1.0, -1.0, 0.5, 2.0, math.inf, -math.inf, math.nan, 5e-324, -5e-324, 2.2250738585072014e-308,
    1.1e-308, 1e-300, 1e300, -1e300, 1.7976931348623157e308, 709.7827128933840, 709.78271289338409, 710.0,
    -690.7755278982137, -690.7755278982138, -745.2, 1e-17, 0.075, 0.925, 0.67448975, 5.656854249492380,
    -37.5, 38.5, 1.3877787807814457e-11, 4503599627370496.5, 6755399441055744.0, 1e19,
)  # fmt: skip

OPERATIONS: dict[str, Callable[[Any, Any, Any], Any]] = {
    "add": lambda a, b, c: a + b,
    "subtract": lambda a, b, c: a - b,
    "multiply": lambda a, b, c: a * b,
    "divide": lambda a, b, c: a / b,
    "reciprocal": lambda a, b, c: 1.0 / a,
    "negate": lambda a, b, c: -a,
    "muladd": lambda a, b, c: a * b + c,
    "mulsub": lambda a, b, c: c - a * b,
    "constants": lambda a, b, c: (2 * a - 3) + (1 - b) / 7,
    "minimum": lambda a, b, c: ops.minimum(a, b),
    "maximum": lambda a, b, c: ops.maximum(a, b),
    "clip": ops.clip,
    "absolute": lambda a, b, c: ops.absolute(a),
    "sqrt": lambda a, b, c: ops.sqrt(a),
    "exp": lambda a, b, c: ops.exp(a),
    "log": lambda a, b, c: ops.log(a),
    "power": lambda a, b, c: ops.power(a, b),
    "normal_cdf": lambda a, b, c: ops.normal_cdf(a),
    "normal_quantile": lambda a, b, c: ops.normal_quantile(a),
    "less": lambda a, b, c: ops.where(a < b, a, c),
    "less_equal": lambda a, b, c: ops.where(a <= b, a, c),
    "greater": lambda a, b, c: ops.where(a > b, a, c),
    "greater_equal": lambda a, b, c: ops.where(a >= b, a, c),
    "masks": lambda a, b, c: ops.where(~((a < b) & (b < c)) | ops.is_nan(a), a, b),
    "opposite": lambda a, b, c: ops.where(ops.not_(a < b) & ops.not_(ops.is_nan(c)), a, b),
    "constant_masks": lambda a, b, c: ops.where(~(ops.number(1) < 2) | (a < b), a, c),
    "is_nan": lambda a, b, c: ops.where(ops.is_nan(a), 1.0, b),
}


def every_operation(i: Inputs) -> Mapping[str, Any]:
    return {name: apply(i["a"], i["b"], i["c"]) for name, apply in OPERATIONS.items()}


ALL = Stage("every operation", every_operation, {"a": None, "b": None, "c": None})


def results(kernel: Kernel, inputs: np.ndarray[Any, Any], uniform: Any = None) -> np.ndarray[Any, Any]:
    """Bits of all outputs of all columns."""
    columns = inputs.shape[1]
    outputs = np.full((len(kernel.output_rows), columns), 123.456)
    kernel.run(inputs, outputs, 0, columns, uniform)
    return outputs.view(np.uint64)


def agree(stage: Stage, inputs: np.ndarray[Any, Any], uniform: Any = None, **options: Any) -> None:
    """Raise unless all executors, widths and cuts give the float executor's bits."""
    reference = FloatKernel(stage)
    wanted = results(reference, inputs, uniform)
    kernels: dict[str, Kernel] = {
        "arrays": ArrayKernel(stage),
        "compiled": CompiledKernel(stage, cached=False, **options),
        "width 2": CompiledKernel(stage, width=2, cached=False, **options),
        "width 8": CompiledKernel(stage, width=8, cached=False, **options),
        "in small pieces": CompiledKernel(stage, limit=6, cached=False, **options),
        "outlined": CompiledKernel(stage, width=4, limit=30, inline_limit=0, cached=False, **options),
    }
    for name, kernel in kernels.items():
        assert kernel.output_rows == reference.output_rows
        found = results(kernel, inputs, uniform)
        for row, label in enumerate(kernel.output_rows):
            wrong = np.nonzero(found[row] != wanted[row])[0]
            assert not wrong.size, (
                f"{name}: {label} at {inputs[:, wrong[0]].tolist()}: "
                f"{found[row].view(np.float64)[wrong[0]]!r}, floats give {wanted[row].view(np.float64)[wrong[0]]!r}"
            )


@pytest.fixture(scope="module")
def three() -> tuple[Kernel, Kernel, Kernel]:
    return FloatKernel(ALL), ArrayKernel(ALL), CompiledKernel(ALL, cached=False)


def test_every_operation_on_every_pair_of_edges() -> None:
    grid = np.array([(a, b, EDGES[(i + 3 * j) % len(EDGES)]) for i, a in enumerate(EDGES) for j, b in enumerate(EDGES)])
    agree(ALL, np.ascontiguousarray(grid.T))


numbers = strategies.floats(width=64, allow_nan=True, allow_infinity=True, allow_subnormal=True) | (
    strategies.floats(-40.0, 40.0) | strategies.floats(0.0, 1.0) | strategies.sampled_from(EDGES)
)


@hypothesis.settings(max_examples=150, suppress_health_check=[hypothesis.HealthCheck.function_scoped_fixture])
@hypothesis.given(strategies.lists(strategies.tuples(numbers, numbers, numbers), min_size=1, max_size=11))
def test_every_operation_on_any_numbers(three: tuple[Kernel, Kernel, Kernel], rows: list[tuple[float, ...]]) -> None:
    inputs = np.ascontiguousarray(np.array(rows).T)
    wanted, *others = (results(kernel, inputs) for kernel in three)
    for found in others:
        assert np.array_equal(found, wanted)


def random_stage(seed: int) -> Stage:
    """A stage made of random operations, loops within loops, series and tables."""

    def grow(source: random.Random, values: list[Any], steps: int) -> None:
        for _ in range(steps):
            a, b, c = (source.choice(values[-12:]) for _ in range(3))
            apply = OPERATIONS[source.choice(sorted(OPERATIONS))]
            value = apply(a, b, c)
            values.append(ops.clip(value, -1e6, 1e6) if source.random() < 0.7 else value)

    def function(i: Inputs) -> Mapping[str, Any]:
        source = random.Random(seed)
        table = ops.table([[source.uniform(-2, 2) for _ in range(3)] for _ in range(4)])
        order = ops.index_table([source.randrange(4) for _ in range(5)])
        lever = i["lever"] * 0.5 + ops.exp(i["lever"])
        values: list[Any] = [i["a"], i["b"], i["c"], lever]
        grow(source, values, 8)

        def outer(k: Any, carry: Any) -> Any:
            own_source = random.Random(f"{seed} outer")
            inside: list[Any] = [*carry["stock"], i["a"], lever, i["path"][k], ops.number(k), table[order[k]][1]]
            grow(own_source, inside, 6)

            def inner(n: Any, flow: Any) -> Any:
                own: list[Any] = [*flow, table[n, 2], inside[-1], ops.number(n + k * 2)]
                grow(random.Random(f"{seed} inner"), own, 4)
                return (own[-1], flow[0]), {"flow": own[-2], "old": flow[1]}

            last, rows = ops.scan(inner, (inside[-1], inside[-2]), 4)
            again = ops.for_each(3, lambda n: rows["flow"][3 - n] + rows["old"][n + 1] * i["b"])
            inside += [last[0], last[1], again[2], again[0], rows["flow"][order[k]]]
            grow(own_source, inside, 5)
            stock = (inside[-1], carry["stock"][0], inside[-3])
            return {"stock": stock, "kept": carry["kept"], "swap": carry["swap"][::-1]}, (inside[-2], carry["kept"])

        start = {"stock": tuple(values[-3:]), "kept": values[-1], "swap": (i["b"], 1)}
        end: Any
        end, (history, kept) = ops.scan(outer, start, 5)
        backwards = ops.for_each(5, lambda k: history[4 - k] - kept[k])
        return {
            "stock": end["stock"][0], "second": end["stock"][1], "third": end["stock"][2], "swap": end["swap"][0],
            "kept": end["kept"], "history": history, "backwards": backwards, "path": i["path"],
            "lever": lever, "constant": 3, "first": history[0], "copy": i["a"],
        }  # fmt: skip

    inputs = {"a": None, "b": None, "c": None, "path": 5, "lever": None}
    return Stage(f"random {seed}", function, inputs, frozenset({"lever"}))


@pytest.mark.parametrize("seed", range(8))
def test_random_graphs_with_loops_series_and_tables(seed: int) -> None:
    inputs = np.random.default_rng(seed).normal(size=(8, 21))
    inputs[0, :5] = (0.0, -0.0, math.inf, math.nan, 5e-324)
    agree(random_stage(seed), inputs, np.array([0.3]))


def stock_and_flow(i: Inputs) -> Mapping[str, Any]:
    """Two actors' munitions over ten years: orders, an Erlang pipeline, production, use in a war, price."""
    actors = 2

    def month(t: Any, state: Any) -> Any:
        new: list[Any] = []
        made: list[Any] = []
        for actor in range(actors):
            line, stages, stock = state[actor]
            fraction = 1.0 - ops.exp(-3.0 / i["lag"])
            flow = i["funded"] * (1.0 + i["growth"] * ops.number(t) * (0.5 if actor else 1.0))
            moved: list[Any] = []
            for level in stages:
                level = level + (flow - level) * fraction
                moved.append(level)
                flow = level
            line = ops.maximum(line, flow)
            output = ops.minimum(line * i["surge"], ops.power(line, 0.9) * 1.7)
            used = ops.where((ops.number(t) > i["start"]) & (stock > 0.0), i["rate"], 0.0)
            stock = ops.maximum(stock + output - ops.minimum(used, stock), 0.0) * 0.998
            new.append((line, moved, stock))
            made.append(output)
        return new, {"made": made, "stock": [actor[2] for actor in new]}

    start = [(i["funded"] * 0.3, [i["funded"] * 0.3] * 3, i["stock"]) for _ in range(actors)]
    end: Any
    end, rows = ops.scan(month, start, 120)
    empty, _ = ops.scan(
        lambda t, first: (ops.where((rows["stock"][0][t] < 40.0) & (first >= 120.0), ops.number(t), first), None),
        120.0,
        120,
    )
    return {"stock": rows["stock"][0], "made": rows["made"][1], "end": end[1][2], "empty": empty}


STOCKS = Stage("stocks", stock_and_flow, dict.fromkeys(("funded", "growth", "lag", "surge", "start", "rate", "stock")))


def stock_inputs(columns: int) -> np.ndarray[Any, Any]:
    low = np.array([1.0, 0.0, 6.0, 1.0, 10.0, 5.0, 10.0])[:, None]
    high = np.array([40.0, 0.02, 40.0, 1.5, 110.0, 90.0, 800.0])[:, None]
    return low + (high - low) * np.random.default_rng(9).uniform(size=(7, columns))


def test_a_small_stock_and_flow_model_over_ten_years() -> None:
    inputs = stock_inputs(37)
    agree(STOCKS, inputs)
    outputs = results(CompiledKernel(STOCKS), inputs).view(np.float64)
    empty = outputs[-1]
    assert 3 < np.sum(empty < 120.0) < 35, "the threshold should be crossed in some futures and not in others"


@pytest.mark.parametrize("executor", EXECUTORS)
@pytest.mark.parametrize("columns", [1, 2, 3, 5, 8, 13])
def test_any_number_of_futures_in_any_split(executor: Any, columns: int) -> None:
    inputs = stock_inputs(13)[:, :columns].copy()
    kernel = compile_stage(STOCKS, executor)
    whole = results(kernel, inputs)
    reference = results(kernel, stock_inputs(13))[:, :columns]
    assert np.array_equal(whole, reference)
    parts = np.full(whole.shape, 123.456)
    lo = 0
    for hi in sorted({1, 4, columns // 2, columns}):
        if lo < hi <= columns:
            kernel.run(inputs, parts, lo, hi)
            lo = hi
    assert np.array_equal(parts.view(np.uint64), whole)


def test_nothing_outside_the_range_is_written() -> None:
    kernel = CompiledKernel(STOCKS)
    outputs = np.full((len(kernel.output_rows), 24), -7.0)
    kernel.run(stock_inputs(24), outputs, 5, 18)
    assert np.all(outputs[:, :5] == -7.0)
    assert np.all(outputs[:, 18:] == -7.0)
    assert not np.any(outputs[:, 5:18] == -7.0)


def test_threads_share_a_kernel() -> None:
    kernel = CompiledKernel(STOCKS)
    inputs = stock_inputs(4001)
    wanted = results(kernel, inputs)
    outputs = np.empty(wanted.shape)
    edges = [0, 999, 2003, 3001, 4001]
    pairs = list(itertools.pairwise(edges))
    threads = [threading.Thread(target=kernel.run, args=(inputs, outputs, lo, hi)) for lo, hi in pairs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert np.array_equal(outputs.view(np.uint64), wanted)


def test_every_nan_stored_is_the_canonical_one() -> None:
    odd = np.array([0x7FF8000000000001, 0xFFF8000000000000, 0x7FF0000000000001], dtype=np.uint64).view(np.float64)
    stage = Stage("nan", lambda i: {"x": i["x"], "s": ops.for_each(2, lambda _: -i["x"])}, {"x": None})
    for executor in EXECUTORS:
        found = results(compile_stage(stage, executor), odd.reshape(1, 3).copy())
        assert np.all(found == 0x7FF8000000000000), executor


@pytest.mark.parametrize("executor", EXECUTORS)
def test_arrays_that_do_not_fit_are_refused(executor: Any) -> None:
    kernel = compile_stage(
        Stage("fit", lambda i: {"z": i["x"] * i["u"]}, {"x": None, "u": None}, frozenset("u")), executor
    )
    good, lever = np.ones((1, 4)), np.ones(1)
    kernel.run(good, np.empty((1, 4)), 0, 4, lever)
    cases: list[tuple[Any, Any, int, int, Any]] = [
        (np.ones((2, 4)), np.empty((1, 4)), 0, 4, lever),
        (good, np.empty((2, 4)), 0, 4, lever),
        (good, np.empty((1, 3)), 0, 4, lever),
        (good, np.empty((1, 4)), 0, 5, lever),
        (good, np.empty((1, 4)), 3, 2, lever),
        (good, np.empty((1, 4)), -1, 2, lever),
        (good, np.empty((1, 8))[:, ::2], 0, 4, lever),
        (good.astype(np.float32), np.empty((1, 4)), 0, 4, lever),
        (good, np.empty((1, 4)), 0, 4, None),
        (good, np.empty((1, 4)), 0, 4, np.ones(2)),
    ]
    for inputs, outputs, lo, hi, uniform in cases:
        with pytest.raises(ValueError, match="stage `fit`"):
            kernel.run(inputs, outputs, lo, hi, uniform)


def test_kernels_name_their_rows() -> None:
    stage = random_stage(0)
    for executor in EXECUTORS:
        kernel = compile_stage(stage, executor)
        assert isinstance(kernel, Kernel)
        assert kernel.input_rows == ("a", "b", "c", *(f"path[{k}]" for k in range(5)))
        assert kernel.uniform_rows == ("lever",)
        assert kernel.output_rows[5:7] == ("history[0]", "history[1]")
    with pytest.raises(ValueError, match="choose one of"):
        compile_stage(stage, "fortran")  # pyright: ignore[reportArgumentType]


NODE = shutil.which("node")
in_node = pytest.mark.skipif(NODE is None, reason="WebAssembly runs in Node here: install Node 18 or later")


def agree_in_node(
    folder: Path, stage: Stage, inputs: np.ndarray[Any, Any], uniform: Any = (), limit: float = LIMIT
) -> None:
    """Raise unless a module with this stage gives the native kernel's bits."""
    kernel = CompiledKernel(stage, cached=False)
    columns = inputs.shape[1] // WIDTH * WIDTH
    inputs = np.ascontiguousarray(inputs[:, :columns])
    lever = np.array(uniform, dtype=float)
    wanted = np.empty((len(kernel.output_rows), columns))
    kernel.run(inputs, wanted, 0, columns, lever)
    other = Stage("beside it", lambda i: {"x": ops.exp(i["x"]) + ops.table([1.0, 2.0])[0]}, {"x": None})
    module = write_module({"beside it": other, stage.name: stage}, limit)
    (folder / "module.wasm").write_bytes(module.code)
    (folder / "inputs.bin").write_bytes(inputs.tobytes() + lever.tobytes())
    job = {"name": stage.name, "rows": len(inputs), "columns": columns, "outputs": len(wanted)}
    job |= {"constants": module.constants, "scratch": module.scratch}
    (folder / "job.json").write_text(json.dumps(job))
    assert NODE is not None
    script = Path(__file__).with_name("run_in_node.mjs")
    done = subprocess.run([NODE, str(script), str(folder)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found = np.frombuffer((folder / "outputs.bin").read_bytes()).reshape(wanted.shape)
    for row, label in enumerate(kernel.output_rows):
        wrong = np.nonzero(found[row].view(np.uint64) != wanted[row].view(np.uint64))[0]
        assert not wrong.size, (
            f"{label} at {inputs[:, wrong[0]].tolist()}: {found[row, wrong[0]]!r}, native {wanted[row, wrong[0]]!r}"
        )


@in_node
@pytest.mark.parametrize("limit", [LIMIT, 6])
def test_every_operation_on_every_pair_of_edges_in_webassembly(tmp_path: Path, limit: float) -> None:
    grid = [(a, b, EDGES[(i + 3 * j) % len(EDGES)]) for i, a in enumerate(EDGES) for j, b in enumerate(EDGES)]
    agree_in_node(tmp_path, ALL, np.array(grid).T, limit=limit)


@in_node
def test_every_operation_on_numbers_of_every_size_in_webassembly(tmp_path: Path) -> None:
    """Any bits at all: subnormal numbers and numbers that are none of either sign and payload among them."""
    bits = np.random.default_rng(3).integers(0, 2**64, size=(3, 4096), dtype=np.uint64)
    bits[:, ::5] &= np.uint64(0x800FFFFFFFFFFFFF)
    bits[:, 1::7] |= np.uint64(0x7FF0000000000000)
    agree_in_node(tmp_path, ALL, bits.view(np.float64))


@in_node
@pytest.mark.parametrize("seed", range(8))
def test_random_graphs_in_webassembly(tmp_path: Path, seed: int) -> None:
    inputs = np.random.default_rng(seed).normal(size=(8, 22))
    inputs[0, :5] = (0.0, -0.0, math.inf, math.nan, 5e-324)
    agree_in_node(tmp_path, random_stage(seed), inputs, (0.3,), LIMIT if seed % 2 else 30)


@in_node
def test_the_stock_and_flow_model_in_webassembly(tmp_path: Path) -> None:
    agree_in_node(tmp_path, STOCKS, stock_inputs(64))


@in_node
def test_a_module_needs_nothing_but_memory(tmp_path: Path) -> None:
    """What a page must bring: a function asked for by name, or one that the machine lacks, would be listed here."""
    path = tmp_path / "module.wasm"
    path.write_bytes(write_module({"stocks": STOCKS, "all": ALL}).code)
    script = (
        "const m = new WebAssembly.Module(require('fs').readFileSync(process.argv[1]));"
        "console.log(JSON.stringify([WebAssembly.Module.imports(m), WebAssembly.Module.exports(m)]))"
    )
    assert NODE is not None
    shown = subprocess.run([NODE, "-e", script, str(path)], capture_output=True, text=True, check=True).stdout
    imports, exports = json.loads(shown)
    assert imports == [{"module": "env", "name": "__linear_memory", "kind": "memory"}]
    assert exports == [{"name": name, "kind": "function"} for name in ("stocks", "all")]


def test_an_elementary_functions_name_is_no_name_for_a_stage() -> None:
    with pytest.raises(ValueError, match="cannot be called `exp`"):
        write_module({"exp": STOCKS})
