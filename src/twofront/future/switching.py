"""Policies that turn to something else once a signpost has been read: their kernels, and their settings.

The branches of such a policy share everything up to the switch, so that a branch is a policy with two settings of the
levers and a date between them. Each is evaluated for a whole block of futures, and each future keeps the one that its
own signpost chose: two evaluations, exact.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt

from twofront.case import Adaptive
from twofront.case.signpost import watched_end
from twofront.engine.executor import Executor, Stage, compile_stage
from twofront.future.kernels import HARDER, Floats, Kernels, Reserve, Runner, unanchored
from twofront.future.shape import identity_of
from twofront.future.stages import Stages
from twofront.simulate import MONTHS

__all__ = ["Course", "Switching", "compile_switching", "course_of"]

_HOLDS = {"<": np.less, "<=": np.less_equal, ">": np.greater, ">=": np.greater_equal}


@dataclass(frozen=True)
class Switching:
    """Kernels of the stages that see more than one date, for two settings of the levers and the switch between them.

    They give the rows of those of `Kernels`, in the same order. ``signposts``: the watched series at ``months``, under
    one setting.
    """

    arsenals: Runner
    forces: Runner
    plain: Runner
    choices: Runner
    harder: tuple[Reserve, ...]
    series: Runner | None
    signposts: Runner
    months: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Course:
    """An adaptive policy as the kernels read it.

    ``first``, ``then``, ``otherwise``: settings of the levers; ``watched``: row of the signposts' kernel; ``step``,
    ``date``: the first ones under what the policy turns to.
    """

    first: Floats
    then: Floats
    otherwise: Floats
    watched: int
    comparison: str
    limit: float
    step: int
    date: int

    def holds(self, shown: Floats) -> npt.NDArray[np.bool_]:
        """Where the comparison holds; it never does for NaN."""
        return _HOLDS[self.comparison](shown, self.limit)

    def uniform(self, later: Floats) -> Floats:
        """What the kernels of `Switching` read for a branch."""
        return np.concatenate([self.first, later, [float(self.step), float(self.date)]])


def compile_switching(stages: Stages, kernels: Kernels, adaptives: Sequence[Adaptive], executor: Executor) -> Switching:
    """Make the kernels ready that adaptive policies need beside `Kernels`."""
    months = tuple(sorted({watched_end(item.month) for item in adaptives}))
    watching = Stages(stages.case, tuple(dict.fromkeys(item.series for item in adaptives)), months)
    switching = Stages(stages.case, stages.paths, stages.path_months, switching=True)
    ready = partial(compile_stage, executor=executor, identity=identity_of(switching))

    def run(stage: Stage, like: Runner) -> Runner:
        found = Runner(ready(stage))
        assert found.outputs == like.outputs, f"`{stage.name}` gives the rows of its plain kernel"
        return found

    rows = kernels.pairs.kernel.output_rows
    return Switching(
        arsenals=run(switching.path("arsenals"), kernels.arsenals),
        forces=run(switching.path("forces"), kernels.forces),
        plain=run(switching.choices(rows, unanchored(stages.case)), kernels.plain),
        choices=run(switching.choices(rows), kernels.choices),
        harder=tuple(
            Reserve(lambda search=search: run(switching.choices(rows, search=search), kernels.choices))
            for search in HARDER
        ),
        series=None if kernels.series is None else run(switching.path("series"), kernels.series),
        signposts=Runner(compile_stage(watching.path("series"), executor, identity=identity_of(watching))),
        months=months,
    )


def course_of(
    adaptive: Adaptive, first: Floats, then: Floats, otherwise: Floats, stages: Stages, switching: Switching
) -> Course:
    """Say to the kernels what an adaptive policy does, with its settings as they read them."""
    step = -(-adaptive.month // MONTHS)
    dates = [number for number, month in enumerate(stages.dates.months) if month >= step * MONTHS]
    place = switching.months.index(watched_end(adaptive.month))
    return Course(
        first=first,
        then=then,
        otherwise=otherwise,
        watched=switching.signposts.outputs[f"path.{adaptive.series}[{place}]"],
        comparison=adaptive.comparison,
        limit=adaptive.limit,
        step=step,
        date=dates[0] if dates else len(stages.dates.months),
    )
