"""Where every outcome and every kept series comes from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from twofront.case import Case
from twofront.future.kernels import Kernels, unanchored
from twofront.future.rows import FORCE_DAYS, PARTIES
from twofront.future.stages import Stages

__all__ = ["Layout", "lay_out"]

Places = npt.NDArray[np.int64]

POSSIBLY_UNDEFINED = ("second_front", "opportunism", "coordination", "common_cause", "call_", "diversion", "pinned")
"""Beginnings of the names of outcomes that are shares of first wars, undefined where there is none."""


@dataclass(frozen=True)
class Layout:
    """Rows of the kernels' outputs behind the outcomes, in the order of ``outcomes``, and behind kept series.

    ``choices``: rows of ``choices``; then the unanchored ones; ``reported``, ``strengths``: rows of ``pairs``, counted
    from ``first_reported``, whose mean over time is an outcome; ``exhaustion``: which outcomes have a ``.censored``
    beside them; then anchors and intercepts; ``means``: rows of ``forces`` behind the costs, which come last.
    """

    outcomes: tuple[str, ...]
    may_be_undefined: npt.NDArray[np.bool_]
    choices: Places
    first_reported: int
    reported: Places
    exhaustion: Places
    strengths: Places
    means: Places
    paths: tuple[str, ...]
    by_date: tuple[str, ...]
    by_war: tuple[str, ...]
    interval: Places
    """Decision date in whose interval each kept month lies; the run-in takes the first."""


def lay_out(case: Case, stages: Stages, kernels: Kernels) -> Layout:
    """Decide the names and the order of outcomes and kept series."""
    wars, choices = kernels.pairs, kernels.choices
    chosen = [name for name in choices.outputs if not name.startswith(("date.", "weight.", "check."))]
    shown = [name for name in wars.outputs if name.startswith("war.")]
    reported = [name for name in shown if not name.startswith("war.strength.")]
    names = [*chosen, *(f"unanchored.{name}" for name in unanchored(case)), *(n.removeprefix("war.") for n in reported)]
    exhaustion = [name for name in names if name.startswith("exhaustion_day.")]
    names += [f"{name}.censored" for name in exhaustion]
    strengths = _strengths(case, kernels)
    names += list(strengths)
    names += [f"yearly_anchor.{c.actor}" for c in case.world.challengers]
    names += [f"intercept.{c.actor}" for c in case.world.challengers]
    payers = stages.payers
    names += ["policy_cost", "policy_cost.core", "policy_cost.related", "policy_cost.sanctions"]
    names += ["policy_cost.ppp", "policy_cost.discounted", *(f"policy_cost.by.{a}" for a in payers)]
    means = [f"mean.{kind}.{a}" for kind in ("core", "related", "burden") for a in payers]
    undefined = [n.removeprefix("unanchored.").startswith(POSSIBLY_UNDEFINED) for n in names]
    by_date = tuple(n[: -len(".0")] for n in choices.outputs if n.startswith("date.") and n.endswith(".0"))
    by_war = tuple(n for n in reported if n.startswith(("war.objective_chance.", "war.exhaustion_day.")))
    first = min(wars.outputs[n] for n in shown)
    edges = np.cumsum([case.world.clock.cutoff, *stages.dates.spans])
    last = len(stages.dates.spans) - 1
    months = np.array(stages.path_months)
    return Layout(
        outcomes=tuple(names),
        may_be_undefined=np.array(undefined),
        choices=np.array([choices.outputs[n] for n in chosen]),
        first_reported=first,
        reported=np.array([wars.outputs[n] - first for n in reported]),
        exhaustion=np.array([names.index(n) for n in exhaustion]),
        strengths=np.array(list(strengths.values())) - first,
        means=np.array([kernels.forces.outputs[n] for n in (*means, "mean.ppp", "mean.discounted")]),
        paths=(
            *case.paths,
            *(n.removeprefix("date.") for n in by_date),
            *(n.removeprefix("war.") for n in by_war),
        ),
        by_date=by_date,
        by_war=by_war,
        interval=np.clip(np.searchsorted(edges, months, side="right") - 1, 0, last),
    )


def _strengths(case: Case, kernels: Kernels) -> dict[str, int]:
    """Rows of combat strength by theatre, party and day."""
    return {
        f"forces.{theatre.name}.{party}.day{day:.0f}": kernels.pairs.outputs[
            f"war.strength.{theatre.name}.{party}.day{day:.0f}"
        ]
        for theatre in case.world.theatres
        for day in FORCE_DAYS
        for party in PARTIES
    }
