"""The array executor: NumPy over futures. An oracle for the compiled one, and a fallback where LLVM is missing."""

from __future__ import annotations

import math

import numpy as np

from twofront.engine.eager import arrange, flat_outputs, probe
from twofront.engine.primitives import number
from twofront.engine.real import Real
from twofront.engine.stage import Buffer, Stage, Statistics, check_buffers

__all__ = ["ArrayKernel"]

CHUNK = 4096
"""Futures computed at once: small enough that temporaries stay in cache."""


class ArrayKernel:
    """A stage run on NumPy arrays of up to `CHUNK` futures."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.input_rows = stage.input_rows
        self.uniform_rows = stage.uniform_rows
        self.output_rows = probe(stage)
        self.statistics = Statistics(width=CHUNK)

    def run(self, inputs: Buffer, outputs: Buffer, lo: int, hi: int, uniform: Buffer | None = None) -> None:
        """Compute futures lo..hi - 1; see `Kernel.run`."""
        levers = [Real(x) for x in check_buffers(self, inputs, outputs, lo, hi, uniform).tolist()]
        with np.errstate(all="ignore"):
            for start in range(lo, hi, CHUNK):
                stop = min(start + CHUNK, hi)
                values = [np.ascontiguousarray(row) for row in inputs[:, start:stop]]
                results = flat_outputs(self.stage.function(arrange(self.stage, values, levers)))
                for row, result in enumerate(results):
                    target = outputs[row, start:stop]
                    target[:] = number(result)
                    target[np.isnan(target)] = math.nan
