"""What a path is computed under, and the step in which it moves."""

from __future__ import annotations

import math
from dataclasses import dataclass

from twofront.engine.ops import Number, where
from twofront.readings import Readings
from twofront.world import World

__all__ = ["MONTHS", "STEP", "Conditions", "Step", "first_policy_step", "steps"]

MONTHS = 6
"""Months in a step of budgets, prices, lines and quality; stocks move by single months within it."""
STEP = float(MONTHS)


@dataclass(frozen=True, slots=True)
class Conditions:
    """What a path is computed under: readings before and after the policy takes effect, and rival laws.

    ``spending_path`` and ``deflator`` are option numbers of `twofront.quantities.STRUCTURES`.
    """

    before: Readings
    after: Readings
    spending_path: Number
    deflator: Number


def steps(world: World) -> int:
    """Number of steps of the clock."""
    return math.ceil(world.clock.months / MONTHS)


def first_policy_step(world: World) -> int:
    """Number of the first step in which a policy is in force: the first to begin at the cutoff or after."""
    return math.ceil(world.clock.cutoff / MONTHS)


class Step:
    """Readings within one step: those before or those after the policy took effect."""

    def __init__(self, conditions: Conditions, started: Number) -> None:
        self._before, self._after, self._started = conditions.before, conditions.after, started

    def __call__(self, name: str, *axes: str) -> Number:
        after = self._after(name, *axes)
        if not self._before.differs(self._after, name, *axes):
            return after
        return where(self._started > 0.0, after, self._before(name, *axes))
