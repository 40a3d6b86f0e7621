"""What a path is computed under, and the step in which it moves."""

from __future__ import annotations

import math
from dataclasses import dataclass

from twofront.engine.ops import Number, maximum, number, where
from twofront.readings import Readings
from twofront.world import World

__all__ = ["MONTHS", "STEP", "Conditions", "Step", "first_policy_step", "steps"]

MONTHS = 6
"""Months in a step of budgets, prices, lines and quality; stocks move by single months within it."""
STEP = float(MONTHS)


@dataclass(frozen=True, slots=True)
class Conditions:
    """What a path is computed under: readings before and after the policy takes effect, and rival laws.

    ``spending_path`` and ``deflator`` are option numbers of `twofront.quantities.STRUCTURES`. A policy that turns to
    something else has readings for ``later``, from the step number ``switch`` on.
    """

    before: Readings
    after: Readings
    spending_path: Number
    deflator: Number
    later: Readings | None = None
    switch: Number = 0.0


def steps(world: World) -> int:
    """Number of steps of the clock."""
    return math.ceil(world.clock.months / MONTHS)


def first_policy_step(world: World) -> int:
    """Number of the first step in which a policy is in force: the first to begin at the cutoff or after."""
    return math.ceil(world.clock.cutoff / MONTHS)


class Step:
    """Readings within one step: those before or those after the policy took effect, or what it has turned to."""

    def __init__(self, conditions: Conditions, step: int, started: Number) -> None:
        self._before, self._after, self._started = conditions.before, conditions.after, started
        self._later, self._switch, self._step = conditions.later, conditions.switch, step

    def __call__(self, name: str, *axes: str) -> Number:
        now = self._after(name, *axes)
        if self._before.differs(self._after, name, *axes):
            now = where(self._started > 0.0, now, self._before(name, *axes))
        if self._later is None or not self._after.differs(self._later, name, *axes):
            return now
        return where(number(self._step) >= self._switch, self._later(name, *axes), now)

    def years_of(self, years: Number, name: str, *axes: str) -> Number:
        """Years for which a quantity has been as it is: ``years`` of the policy, or those since it was changed."""
        if self._later is None or not self._after.differs(self._later, name, *axes):
            return years
        first, then = self._after(name, *axes), self._later(name, *axes)
        since = (number(self._step) - self._switch + 0.5) * (STEP / 12)
        changed = (then < first) | (then > first)
        return where((since > 0.0) & changed, maximum(since, 0.0), years)
