"""C++ built from the same plan gives the compiled executor's bits: on made-up graphs, and on stages of a case."""

from __future__ import annotations

import numpy as np
import pytest
from executors_contract import CONTRACT

from twofront.case import load_case
from twofront.engine.compiled import CompiledKernel
from twofront.engine.cplusplus import SourceKernel, compiler
from twofront.engine.stage import Kernel
from twofront.future import FutureModel
from twofront.future.stage_calls import StageCalls, stage_calls
from twofront.parameters.sampling import Sampler

pytestmark = pytest.mark.skipif(
    compiler() is None, reason="no g++ on the path: install GNU C++ to compare its kernels with ours"
)
STAGES = ("closures", "forces", "war.north_strait.contest_ratio", "later.south_strait.contest_ratio")
"""Of the small case: some that build in a second or two, with loops, series, pieces and every kind of input."""


def bits(kernel: Kernel, inputs: np.ndarray, uniform: np.ndarray | None) -> np.ndarray:
    found = np.full((len(kernel.output_rows), inputs.shape[1]), 123.456)
    kernel.run(inputs, found, 0, inputs.shape[1], uniform)
    return found.view(np.uint64)


def test_every_operation_on_every_pair_of_edges() -> None:
    edges = CONTRACT.EDGES
    grid = [(a, b, edges[(i + 3 * j) % len(edges)]) for i, a in enumerate(edges) for j, b in enumerate(edges)]
    inputs = np.ascontiguousarray(np.array(grid).T)
    wanted = bits(CompiledKernel(CONTRACT.ALL, cached=False), inputs, None)
    for inline_limit in (0, 1e9):
        found = bits(SourceKernel(CONTRACT.ALL, inline_limit=inline_limit), inputs, None)
        assert np.array_equal(found, wanted)


@pytest.mark.parametrize("seed", range(3))
def test_graphs_with_loops_series_and_tables_in_small_pieces(seed: int) -> None:
    stage = CONTRACT.random_stage(seed)
    inputs = np.random.default_rng(seed).normal(size=(8, 21))
    inputs[0, :5] = (0.0, -0.0, np.inf, np.nan, 5e-324)
    levers = np.array([0.3])
    wanted = bits(CompiledKernel(stage, cached=False), inputs, levers)
    assert np.array_equal(bits(SourceKernel(stage, limit=6, inline_limit=0), inputs, levers), wanted)


@pytest.fixture(scope="module")
def calls() -> dict[str, StageCalls]:
    case = load_case("two-straits")
    draws = Sampler(case, 5).draw(0, 61)
    return stage_calls(FutureModel(case, policies=[]), draws.values, draws.structures)


@pytest.mark.parametrize("name", STAGES)
def test_stages_of_a_case(calls: dict[str, StageCalls], name: str) -> None:
    recorded = calls[name]
    ours, theirs = (np.zeros((len(recorded.kernel.output_rows), 61)) for _ in range(2))
    recorded.replay(recorded.kernel, ours)
    recorded.replay(SourceKernel(recorded.kernel.stage), theirs)
    assert np.array_equal(theirs.view(np.uint64), ours.view(np.uint64))
    assert np.unique(ours).size > 61
