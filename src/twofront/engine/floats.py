"""The reference executor: Python floats, one future at a time. Slow, readable, easy to debug."""

from __future__ import annotations

import math

from twofront.engine.eager import arrange, flat_outputs, probe
from twofront.engine.primitives import number
from twofront.engine.real import Real
from twofront.engine.stage import Buffer, Stage, Statistics, check_buffers

__all__ = ["FloatKernel"]


class FloatKernel:
    """A stage run on floats with IEEE division."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.input_rows = stage.input_rows
        self.uniform_rows = stage.uniform_rows
        self.output_rows = probe(stage)
        self.statistics = Statistics()

    def run(self, inputs: Buffer, outputs: Buffer, lo: int, hi: int, uniform: Buffer | None = None) -> None:
        """Compute futures lo..hi - 1; see `Kernel.run`."""
        levers = [Real(x) for x in check_buffers(self, inputs, outputs, lo, hi, uniform).tolist()]
        for column in range(lo, hi):
            values = [Real(x) for x in inputs[:, column].tolist()]
            results = flat_outputs(self.stage.function(arrange(self.stage, values, levers)))
            for row, result in enumerate(results):
                value = float(number(result))
                outputs[row, column] = value if value == value else math.nan
