"""The second front by mechanism, over the ensemble.

Cells are draw × decision date. Of each future the run holds the sum of f over its dates and the means of a, c and b
with weights proportional to f (and of b with weights proportional to 1 − f), so the means over all cells of the
ensemble follow exactly: a future weighs as much as its sum of f (or of 1 − f).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from twofront.analyse.estimates import Estimate, estimate
from twofront.analyse.sample import Floats, Sample

if TYPE_CHECKING:
    from twofront.case import Case
    from twofront.ensemble import Run

__all__ = ["Mechanisms", "decision_dates", "mechanisms"]

PARTS = ("opportunism_effect", "coordination_effect", "common_cause_effect")


@dataclass(frozen=True, slots=True)
class Mechanisms:
    """The second front under one policy and one order of moves.

    `opened` is Σ w·a, `closed` Σ w·c, `alone` Σ w·b, `at_rest` Σ v·b. Opportunism, coordination and common cause add up
    to `opened` − `at_rest`; `residual` is what is left of that identity. `futures` holds the same parts future by
    future.
    """

    policy: str
    order: str
    n: int
    opened: float
    closed: float
    alone: float
    at_rest: float
    opportunism: float
    coordination: float
    common_cause: float
    residual: float
    futures: dict[str, Estimate]


def decision_dates(case: Case) -> int:
    """Number of decision dates of a case."""
    clock = case.world.clock
    return -(-(clock.months - clock.cutoff) // clock.spacing)


def mechanisms(run: Run | Sample, policy: str | None = None, order: str | None = None) -> Mechanisms:
    """Split the chance of a second front, given the first war, over the cells of the whole ensemble.

    `order` names the theatre of the first war; the first mover's by default.
    """
    sample = run if isinstance(run, Sample) else Sample(run)
    policy = policy or sample.present
    order = order or sample.case.world.challengers[0].theatre
    suffix = f".{order}_first"
    names = {
        key: f"{key}{suffix}" for key in ("second_front_chance", "second_front_alone", "second_front_at_rest", *PARTS)
    }
    sample.load([*names.values(), f"first_war_chance{suffix}"])
    rows = {key: sample.of(policy, name) for key, name in names.items()}
    first = sample.of(policy, f"first_war_chance{suffix}")
    opened, alone, at_rest = (rows[f"second_front_{key}"] for key in ("chance", "alone", "at_rest"))
    closed = opened - rows["coordination_effect"]
    rest = decision_dates(sample.case) - first
    a, c, b, v = _weighed(opened, first), _weighed(closed, first), _weighed(alone, first), _weighed(at_rest, rest)
    # The parts are pooled from the rows' own parts, so that the identity is a check and no tautology.
    by_first = {key: _weighed(rows[key], first) for key in PARTS[:2]}
    common = b - v
    return Mechanisms(
        policy,
        order,
        int(np.sum(~np.isnan(opened))),
        a,
        c,
        b,
        v,
        by_first["opportunism_effect"],
        by_first["coordination_effect"],
        common,
        (a - v) - (by_first["opportunism_effect"] + by_first["coordination_effect"] + common),
        {key: estimate(value) for key, value in rows.items()},
    )


def _weighed(values: Floats, weights: Floats) -> float:
    used = ~np.isnan(values) & (weights > 0)
    whole = float(weights[used].sum())
    return float((values[used] * weights[used]).sum() / whole) if whole > 0 else float("nan")
