"""The kernels of a case's stages, made ready together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from twofront.engine.executor import Executor, Kernel, Stage, compile_stage
from twofront.future.stages import Stages

__all__ = ["UNANCHORED", "Floats", "Kernels", "Preparation", "Runner", "compile_stages"]

Floats = npt.NDArray[np.float64]

UNANCHORED = (
    "second_front_chance",
    "opportunism_effect",
    "coordination_effect",
    "common_cause_effect",
    "any_war_chance",
    "double_war_chance",
)
"""Outcomes that are also given without the anchor."""


class Runner:
    """A kernel with the places of its rows."""

    def __init__(self, kernel: Kernel) -> None:
        self.kernel = kernel
        self.inputs = {name: place for place, name in enumerate(kernel.input_rows)}
        self.outputs = {name: place for place, name in enumerate(kernel.output_rows)}

    def run(self, inputs: Floats, outputs: Floats, levers: Floats) -> None:
        """Compute all columns."""
        self.kernel.run(inputs, outputs, 0, inputs.shape[1], levers)


@dataclass(frozen=True)
class Preparation:
    """What making the model ready took. ``operations``: basic operations per stage and run of it."""

    compile_seconds: float
    trace_seconds: float
    cache_hit: bool
    operations: dict[str, float]
    expanded_operations: float
    """Operations per future and policy, the anchor's shared among all policies."""


@dataclass(frozen=True)
class Kernels:
    """One kernel for each stage (see `Stages`); ``series`` only where the case declares some."""

    arsenals: Runner
    forces: Runner
    closures: Runner
    wars: Runner
    anchor: Runner
    plain: Runner
    choices: Runner
    series: Runner | None

    @property
    def levers(self) -> tuple[str, ...]:
        """Names of the uniform inputs, the same for every stage."""
        return self.forces.kernel.uniform_rows

    def preparation(self, dates: int, policies: int) -> Preparation:
        """Say what it took, for a case with so many decision dates and policies."""
        named = {
            "arsenals": self.arsenals,
            "forces": self.forces,
            "closures": self.closures,
            "wars": self.wars,
            "anchor": self.anchor,
            "plain": self.plain,
            "choices": self.choices,
        }
        operations = {name: runner.kernel.statistics.operations for name, runner in named.items()}
        often = {"wars": float(dates), "anchor": 1 / policies}
        everything = [runner.kernel.statistics for runner in named.values()]
        everything += [] if self.series is None else [self.series.kernel.statistics]
        return Preparation(
            compile_seconds=sum(each.compile_seconds for each in everything),
            trace_seconds=sum(each.trace_seconds for each in everything),
            cache_hit=all(each.cache_hit for each in everything),
            operations=operations,
            expanded_operations=sum(count * often.get(name, 1.0) for name, count in operations.items()),
        )


def _series(runner: Runner, prefix: str) -> tuple[str, ...]:
    """Names of the series among a kernel's outputs."""
    return tuple(name[:-3] for name in runner.outputs if name.startswith(prefix) and name.endswith("[0]"))


def compile_stages(stages: Stages, executor: Executor) -> Kernels:
    """Trace and compile all stages (or load them); each is told what those before it give."""

    def ready(stage: Stage) -> Runner:
        return Runner(compile_stage(stage, executor))

    arsenals, forces = ready(stages.path("arsenals")), ready(stages.path("forces"))
    closures = ready(stages.closures())
    now = (*_series(arsenals, "now."), *_series(forces, "now."))
    wars = ready(stages.wars(now, _series(closures, "closure.")))
    rows = wars.kernel.output_rows
    return Kernels(
        arsenals=arsenals,
        forces=forces,
        closures=closures,
        wars=wars,
        anchor=ready(stages.anchor(rows)),
        plain=ready(stages.choices(rows, UNANCHORED)),
        choices=ready(stages.choices(rows)),
        series=ready(stages.path("series")) if stages.paths else None,
    )
