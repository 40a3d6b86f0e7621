"""The same plan through a C++ compiler: what native code for this model can reach, to measure our own against.

Not an executor: nobody who runs the model needs a compiler. Strict arithmetic is that of our kernels, bit for bit;
`fast` lets the compiler reorder sums and contract products, and shows what strictness costs.
"""

from __future__ import annotations

import ctypes
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

from twofront.engine.c_text import emit_source
from twofront.engine.compiled import INLINE_LIMIT, LIMIT, first_rows, plan_graph, trace
from twofront.engine.lanes import Lanes
from twofront.engine.native import machine
from twofront.engine.stage import Buffer, Stage, Statistics, check_buffers

__all__ = ["STRICT", "SourceKernel", "compiler"]

STRICT = ("-ffp-contract=off", "-fno-math-errno", "-fno-trapping-math")
"""Keeps every rounding; the last two only say that nobody asks for errno or floating-point traps."""
FAST = ("-ffast-math", "-ffp-contract=fast")
COMMON = ("-x", "c++", "-std=gnu++17", "-O3", "-march=native", "-fPIC", "-w")


def compiler() -> str | None:
    """The path of GNU C++, whose vectors the source is written in; None where there is none."""
    return shutil.which("g++")


def _build(text: str, flags: tuple[str, ...], folder: Path) -> Any:
    program = compiler()
    if program is None:
        raise FileNotFoundError("no g++ on the path")
    source, code, library = folder / "kernel.cpp", folder / "kernel.o", folder / "kernel.so"
    source.write_text(text)
    # Linked apart: with -ffast-math the linker would add start-up code that turns subnormals off for the process.
    for line in (
        [program, *COMMON, *flags, "-c", str(source), "-o", str(code)],
        [program, "-shared", str(code), "-o", str(library)],
    ):
        done = subprocess.run(line, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"{' '.join(line)}:\n{done.stderr[-2000:]}")
    function = ctypes.CDLL(str(library)).kernel
    integer, pointer = ctypes.c_int64, ctypes.c_void_p
    function.argtypes = (pointer, pointer, pointer, integer, integer, integer, integer, pointer)
    function.restype = None
    return function


class SourceKernel:
    """A stage as a C++ compiler makes it. Raises `FileNotFoundError` without one, `RuntimeError` if it fails."""

    def __init__(
        self,
        stage: Stage,
        *,
        fast: bool = False,
        width: int | None = None,
        limit: float = LIMIT,
        inline_limit: float = INLINE_LIMIT,
    ) -> None:
        self.stage = stage
        self.input_rows = stage.input_rows
        self.uniform_rows = stage.uniform_rows
        started = time.perf_counter()
        graph, outputs, self.output_rows = trace(stage)
        traced = time.perf_counter()
        plan, outlined = plan_graph(graph, outputs, limit, inline_limit)
        width = machine().width if width is None else width
        rows = first_rows(stage, False), first_rows(stage, True)
        with tempfile.TemporaryDirectory(prefix="twofront-") as folder:
            text = emit_source(plan, *rows, width, outlined, "c++")
            function = _build(text, FAST if fast else STRICT, Path(folder))
        self._lanes = Lanes(function, width, plan.slots * width * 8)
        self.statistics = Statistics(
            nodes=plan.nodes,
            operations=plan.operations,
            compile_seconds=time.perf_counter() - traced,
            trace_seconds=traced - started,
            scratch_bytes=self._lanes.scratch_bytes,
            width=width,
        )

    def run(self, inputs: Buffer, outputs: Buffer, lo: int, hi: int, uniform: Buffer | None = None) -> None:
        """Compute futures lo..hi - 1; see `Kernel.run`."""
        self._lanes.run(inputs, outputs, lo, hi, check_buffers(self, inputs, outputs, lo, hi, uniform))
