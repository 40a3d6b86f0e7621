"""Stages and kernels: what an executor is given, and what it gives back.

A *stage* is a Python function from named numbers to named numbers. A *kernel* is a stage made ready by one of the
executors; all kernels of a stage give the same bits.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeAlias, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from twofront.engine.graph import Series

__all__ = ["Buffer", "Kernel", "Stage", "Statistics", "check_buffers", "output_rows", "row_names"]

Buffer: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True)
class Stage:
    """A function from inputs by name to outputs by name, and the shape of its inputs.

    `inputs` maps each input to None (one number) or a length (it arrives as a `Series`). Inputs named in `uniform`
    are the same for every future of a call (a policy's levers): kernels read them from an array of their own, and
    the compiled one computes what depends on nothing else once a call. Outputs are numbers or series.

    `vectors`: how many vectors of futures the compiled kernel computes side by side. Two hide the latency of long
    chains of dependent operations, at twice the code; the bits are the same.
    """

    name: str
    function: Callable[[Mapping[str, Any]], Mapping[str, Any]]
    inputs: Mapping[str, int | None]
    uniform: frozenset[str] = field(default_factory=frozenset)
    vectors: int = 1

    def __post_init__(self) -> None:
        object.__setattr__(self, "uniform", frozenset(self.uniform))
        unknown = sorted(self.uniform - set(self.inputs))
        if unknown:
            raise ValueError(f"stage `{self.name}`: uniform names no input: {', '.join(unknown)}")
        for name, length in self.inputs.items():
            if length is not None and length < 1:
                raise ValueError(f"stage `{self.name}`: input `{name}` has length {length}, not above zero")

    @property
    def input_rows(self) -> tuple[str, ...]:
        """Names of the rows of a kernel's input array."""
        return _rows({name: n for name, n in self.inputs.items() if name not in self.uniform})

    @property
    def uniform_rows(self) -> tuple[str, ...]:
        """Names of the entries of a kernel's uniform array."""
        return _rows({name: n for name, n in self.inputs.items() if name in self.uniform})


@dataclass(frozen=True)
class Statistics:
    """What a kernel is made of. Counts are zero for executors that build no graph."""

    nodes: int = 0
    """Operations in the graph, each once."""
    operations: float = 0.0
    """Basic operations a future, each counted as often as its loops run it."""
    compile_seconds: float = 0.0
    trace_seconds: float = 0.0
    cache_hit: bool = False
    scratch_bytes: int = 0
    """Working memory of a thread (one lane group)."""
    width: int = 1
    """Futures computed side by side."""


@runtime_checkable
class Kernel(Protocol):
    """A stage made ready to run."""

    @property
    def stage(self) -> Stage: ...
    @property
    def input_rows(self) -> tuple[str, ...]: ...
    @property
    def uniform_rows(self) -> tuple[str, ...]: ...
    @property
    def output_rows(self) -> tuple[str, ...]: ...
    @property
    def statistics(self) -> Statistics: ...

    def run(self, inputs: Buffer, outputs: Buffer, lo: int, hi: int, uniform: Buffer | None = None) -> None:
        """Compute futures lo..hi - 1.

        `inputs` is (len(input_rows), N), `outputs` (len(output_rows), N), both C-contiguous float64; `uniform` is
        (len(uniform_rows),). Every NaN stored is the one canonical NaN. Threads may run the same kernel at once on
        ranges that do not overlap. Arrays of a few thousand columns or fewer suit the processor's caches best.
        """
        ...


def row_names(name: str, length: int | None) -> tuple[str, ...]:
    """Names of the rows of one input or output: itself, or `name[0]`, `name[1]`, ..."""
    return (name,) if length is None else tuple(f"{name}[{i}]" for i in range(length))


def _rows(lengths: Mapping[str, int | None]) -> tuple[str, ...]:
    return tuple(row for name, length in lengths.items() for row in row_names(name, length))


def output_rows(stage: Stage, outputs: Mapping[str, Any]) -> tuple[str, ...]:
    """Names of the output rows of a stage that returned `outputs`."""
    if not isinstance(outputs, Mapping):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise TypeError(f"stage `{stage.name}` returned {type(outputs).__name__}, not a mapping of names to numbers")
    return _rows({n: len(v) if isinstance(v, Series) else None for n, v in outputs.items()})


def check_buffers(kernel: Kernel, inputs: Buffer, outputs: Buffer, lo: int, hi: int, uniform: Buffer | None) -> Buffer:
    """Raise unless the arrays fit the kernel; give the uniform array, empty if there is none."""
    name = kernel.stage.name
    if not isinstance(outputs, np.ndarray) or not outputs.flags.writeable:  # pyright: ignore[reportUnnecessaryIsInstance]
        raise ValueError(f"stage `{name}`: outputs must be a writeable array")
    for what, array, rows in (("inputs", inputs, kernel.input_rows), ("outputs", outputs, kernel.output_rows)):
        if array.dtype != np.float64 or array.ndim != 2 or not array.flags.c_contiguous:
            raise ValueError(f"stage `{name}`: {what} must be a C-contiguous float64 array of two dimensions")
        if array.shape[0] != len(rows):
            raise ValueError(f"stage `{name}`: {what} has {array.shape[0]} rows, the kernel {len(rows)}")
        if not 0 <= lo <= hi or (rows and hi > array.shape[1]):
            raise ValueError(f"stage `{name}`: futures {lo}..{hi} are not within {what} of {array.shape[1]} columns")
    if uniform is None:
        uniform = np.empty(0)
    if uniform.dtype != np.float64 or uniform.shape != (len(kernel.uniform_rows),) or not uniform.flags.c_contiguous:
        raise ValueError(
            f"stage `{name}`: uniform must be a float64 array of {len(kernel.uniform_rows)} entries "
            f"({', '.join(kernel.uniform_rows) or 'none'}), found shape {uniform.shape}"
        )
    return uniform
