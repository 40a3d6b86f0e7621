"""A stage as CUDA C: the text that a graphics processor would be given, one future a thread.

There is no executor behind it yet: what is checked is the text, whose bits are those of the other kernels when it
runs on a processor, and what NVIDIA's compiler makes of it. See `docs/decisions/0013`.
"""

from __future__ import annotations

from dataclasses import dataclass

from twofront.engine.c_text import emit_source
from twofront.engine.compiled import INLINE_LIMIT, LIMIT, first_rows, plan_graph, trace
from twofront.engine.stage import Stage

__all__ = ["CudaText", "cuda_text"]


@dataclass(frozen=True, slots=True)
class CudaText:
    """Source of a module with one entry, `kernel(in, out, uniform, in_stride, out_stride, lo, hi, scratch)`."""

    source: str
    output_rows: tuple[str, ...]
    slots: int
    """Doubles of scratch memory for each thread of a launch; neighbouring threads' stand side by side."""


def cuda_text(stage: Stage, *, limit: float = LIMIT, inline_limit: float = INLINE_LIMIT) -> CudaText:
    """Trace a stage and write it out."""
    graph, outputs, output_rows = trace(stage)
    plan, outlined = plan_graph(graph, outputs, limit, inline_limit)
    source = emit_source(plan, first_rows(stage, False), first_rows(stage, True), 1, outlined, "cuda")
    return CudaText(source, output_rows, plan.slots)
