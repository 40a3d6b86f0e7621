"""Where every outcome and every kept series comes from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from twofront.case import Case
from twofront.future.kernels import Kernels, chosen
from twofront.future.stages import Stages

__all__ = ["Layout", "lay_out"]

Places = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Layout:
    """Rows of the kernels' outputs behind the outcomes, in the order of ``outcomes``, and behind kept series.

    ``choices``: rows of ``choices`` that are outcomes; ``means``: rows of ``forces`` behind the costs.
    """

    outcomes: tuple[str, ...]
    choices: Places
    means: Places
    paths: tuple[str, ...]
    by_date: tuple[str, ...]
    by_war: tuple[str, ...]
    interval: Places
    """Decision date in whose interval each kept month lies; the run-in takes the first."""


def lay_out(case: Case, stages: Stages, kernels: Kernels) -> Layout:
    """Decide the names and the order of outcomes and kept series."""
    wars, choices = kernels.pairs, kernels.choices
    by_date = tuple(n[: -len(".0")] for n in choices.outputs if n.startswith("date.") and n.endswith(".0"))
    by_war = tuple(n for n in wars.outputs if n.startswith(("war.objective_chance.", "war.exhaustion_day.")))
    edges = np.cumsum([case.world.clock.cutoff, *stages.dates.spans])
    last = len(stages.dates.spans) - 1
    months = np.array(stages.path_months)
    return Layout(
        outcomes=kernels.outcomes,
        choices=np.array([choices.outputs[n] for n in chosen(choices)]),
        means=np.array([kernels.forces.outputs[n] for n in kernels.costs.inputs if not n.startswith("present.")]),
        paths=(
            *case.paths,
            *(n.removeprefix("date.") for n in by_date),
            *(n.removeprefix("war.") for n in by_war),
        ),
        by_date=by_date,
        by_war=by_war,
        interval=np.clip(np.searchsorted(edges, months, side="right") - 1, 0, last),
    )
