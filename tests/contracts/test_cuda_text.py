"""The CUDA text of a plan, checked without a graphics processor.

Its bits, run on a processor thread after thread behind a header that stands in for CUDA; and, where NVIDIA's compiler
is installed, that what it makes holds no operation that rounds otherwise.
"""

from __future__ import annotations

import ctypes
import re
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from executors_contract import CONTRACT

from twofront.case import load_case
from twofront.engine.compiled import CompiledKernel
from twofront.engine.cplusplus import compiler
from twofront.engine.cuda import CudaText, cuda_text
from twofront.future import FutureModel
from twofront.future.stage_calls import StageCalls, stage_calls
from twofront.parameters.sampling import Sampler

BLOCKS, THREADS = 3, 4
HEADER = Path(__file__).with_name("cuda_on_host.h")
STAGES = ("closures", "forces", "later.south_strait.contest_ratio")
needs_compiler = pytest.mark.skipif(compiler() is None, reason="no g++ on the path: install GNU C++ to run CUDA's text")


def on_host(made: CudaText, inputs: np.ndarray, uniform: np.ndarray, folder: Path) -> np.ndarray:
    """Bits of all outputs, from a grid of fewer threads than futures."""
    (folder / "kernel.cu").write_text(made.source)
    library = folder / "kernel.so"
    program = compiler()
    assert program is not None
    switches = ["-x", "c++", "-std=gnu++17", "-O1", "-ffp-contract=off", "-w", "-include", str(HEADER)]
    subprocess.run([program, *switches, "-shared", "-fPIC", str(folder / "kernel.cu"), "-o", str(library)], check=True)
    function = ctypes.CDLL(str(library)).grid
    integer, pointer = ctypes.c_int64, ctypes.c_void_p
    function.argtypes = (ctypes.c_uint, ctypes.c_uint, *[pointer] * 3, *[integer] * 4, pointer)
    futures = inputs.shape[1]
    found = np.full((len(made.output_rows), futures), 123.456)
    scratch = np.zeros(max(1, made.slots) * BLOCKS * THREADS)
    places = (inputs.ctypes.data, found.ctypes.data, uniform.ctypes.data)
    function(BLOCKS, THREADS, *places, futures, futures, 0, futures, scratch.ctypes.data)
    return found.view(np.uint64)


@needs_compiler
@pytest.mark.parametrize("inline_limit", [0.0, 1e9])
def test_every_operation_on_every_pair_of_edges(inline_limit: float, tmp_path: Path) -> None:
    edges = CONTRACT.EDGES
    grid = [(a, b, edges[(i + 3 * j) % len(edges)]) for i, a in enumerate(edges) for j, b in enumerate(edges)]
    inputs = np.ascontiguousarray(np.array(grid).T)
    wanted = np.empty((len(CONTRACT.OPERATIONS), inputs.shape[1]))
    CompiledKernel(CONTRACT.ALL, cached=False).run(inputs, wanted, 0, inputs.shape[1])
    found = on_host(cuda_text(CONTRACT.ALL, inline_limit=inline_limit), inputs, np.empty(0), tmp_path)
    assert np.array_equal(found, wanted.view(np.uint64))


@needs_compiler
@pytest.mark.parametrize("seed", range(2))
def test_graphs_with_loops_series_and_tables_in_small_pieces(seed: int, tmp_path: Path) -> None:
    stage = CONTRACT.random_stage(seed)
    inputs = np.random.default_rng(seed).normal(size=(8, 29))
    inputs[0, :5] = (0.0, -0.0, np.inf, np.nan, 5e-324)
    levers = np.array([0.3])
    kernel = CompiledKernel(stage, cached=False)
    wanted = np.empty((len(kernel.output_rows), 29))
    kernel.run(inputs, wanted, 0, 29, levers)
    found = on_host(cuda_text(stage, limit=6, inline_limit=0), inputs, levers, tmp_path)
    assert np.array_equal(found, wanted.view(np.uint64))


@pytest.fixture(scope="module")
def calls() -> dict[str, StageCalls]:
    case = load_case("two-straits")
    draws = Sampler(case, 5).draw(0, 29)
    return stage_calls(FutureModel(case, policies=[]), draws.values, draws.structures)


@needs_compiler
@pytest.mark.parametrize("name", STAGES)
def test_stages_of_a_case(calls: dict[str, StageCalls], name: str, tmp_path: Path) -> None:
    recorded = calls[name]
    wanted = np.empty((len(recorded.kernel.output_rows), 29))
    recorded.kernel.run(recorded.inputs, wanted, 0, 29, recorded.uniform)
    found = on_host(cuda_text(recorded.kernel.stage), recorded.inputs, recorded.uniform, tmp_path)
    assert np.array_equal(found, wanted.view(np.uint64))
    assert np.unique(wanted).size > 29


@pytest.mark.parametrize("name", STAGES)
def test_nothing_that_the_compiler_makes_rounds_otherwise(calls: dict[str, StageCalls], name: str) -> None:
    """PTX: no fused operation, and every division, root, sum and product says that it rounds to nearest."""
    text = ptx(cuda_text(calls[name].kernel.stage).source)
    doubles = re.findall(r"\b((?:fma|mad|add|sub|mul|div|sqrt|rcp|rsqrt|ex2|lg2)[.\w]*\.f(?:64|32))\b", text)
    assert len(doubles) > 1000 if name == "forces" else len(doubles) > 100
    assert set(doubles) <= {f"{name}.rn.f64" for name in ("add", "sub", "mul", "div", "rcp", "sqrt")}


def ptx(source: str) -> str:
    """What NVRTC makes of CUDA C.

    It turns divisions by powers of two into products, which it leaves free to be fused unless told otherwise.
    """
    remedy = "no NVRTC: pip install 'twofront[cuda]' to check what it makes of the text"
    nvrtc: Any = pytest.importorskip("cuda.bindings.nvrtc", reason=remedy)
    try:
        nvrtc.nvrtcVersion()
    except RuntimeError as error:  # the bindings without the library
        pytest.skip(f"{remedy} ({type(error).__name__})")

    def done(answer: tuple[Any, ...]) -> Any:
        assert answer[0] == nvrtc.nvrtcResult.NVRTC_SUCCESS, answer
        return answer[1] if len(answer) > 1 else None

    program = done(nvrtc.nvrtcCreateProgram(source.encode(), b"kernel.cu", 0, [], []))
    options = [b"--gpu-architecture=compute_80", b"--std=c++17", b"--fmad=false"]
    (result,) = nvrtc.nvrtcCompileProgram(program, len(options), options)
    if result != nvrtc.nvrtcResult.NVRTC_SUCCESS:
        log = b" " * done(nvrtc.nvrtcGetProgramLogSize(program))
        nvrtc.nvrtcGetProgramLog(program, log)
        raise AssertionError(log.decode()[:2000])
    text = b" " * done(nvrtc.nvrtcGetPTXSize(program))
    done(nvrtc.nvrtcGetPTX(program, text))
    return text.decode()
