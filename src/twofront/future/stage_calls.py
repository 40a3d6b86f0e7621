"""What each stage is given while a block of futures is evaluated: for measuring and comparing single kernels."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from twofront.engine.executor import Kernel, Stage, compile_stage
from twofront.engine.stage import Buffer, Statistics
from twofront.future.block import Block
from twofront.future.kernels import Floats, make_ready
from twofront.future.layout import lay_out
from twofront.future.model import FutureModel

__all__ = ["StageCalls", "stage_calls"]


@dataclass
class StageCalls:
    """One stage's calls in one evaluation. Only the first call's numbers are kept: the others differ in value alone."""

    kernel: Kernel
    inputs: Floats = field(default_factory=lambda: np.empty((0, 0)))
    uniform: Floats = field(default_factory=lambda: np.empty(0))
    ranges: list[tuple[int, int]] = field(default_factory=list)
    """First and last + 1 future of every call."""

    @property
    def futures(self) -> int:
        """Futures computed in all calls together."""
        return sum(hi - lo for lo, hi in self.ranges)

    def replay(self, kernel: Kernel, outputs: Floats) -> None:
        """Make the same calls of another kernel of the stage (or of this one)."""
        for lo, hi in self.ranges:
            kernel.run(self.inputs, outputs, lo, hi, self.uniform)


class _Recorder:
    """A kernel that notes what it is asked."""

    def __init__(self, kernel: Kernel, found: dict[str, StageCalls]) -> None:
        self._kernel = kernel
        self._found = found

    @property
    def stage(self) -> Stage:
        return self._kernel.stage

    @property
    def input_rows(self) -> tuple[str, ...]:
        return self._kernel.input_rows

    @property
    def uniform_rows(self) -> tuple[str, ...]:
        return self._kernel.uniform_rows

    @property
    def output_rows(self) -> tuple[str, ...]:
        return self._kernel.output_rows

    @property
    def statistics(self) -> Statistics:
        return self._kernel.statistics

    def run(self, inputs: Buffer, outputs: Buffer, lo: int, hi: int, uniform: Buffer | None = None) -> None:
        calls = self._found.get(self.stage.name)
        if calls is None:
            levers = np.empty(0) if uniform is None else uniform.copy()
            calls = self._found[self.stage.name] = StageCalls(self._kernel, inputs.copy(), levers)
        calls.ranges.append((lo, hi))
        self._kernel.run(inputs, outputs, lo, hi, uniform)


def stage_calls(model: FutureModel, values: Floats, structures: Floats) -> dict[str, StageCalls]:
    """Every stage's calls while these futures pass through all stages under the present course, in one block.

    ``values`` (parameters, n), ``structures`` (structures, n), as for `FutureModel.evaluate`.
    """
    found: dict[str, StageCalls] = {}
    kernels = make_ready(model.stages, lambda stage: _Recorder(compile_stage(stage, model.executor), found))
    block = Block(model.stages, kernels, lay_out(model.case, model.stages, kernels), None, values.shape[1], False)
    order = model.order(structures)
    block.load(values[:, order], structures[:, order])
    block.policy(0, model.setting(model.case.policies[0].levers))
    return found
