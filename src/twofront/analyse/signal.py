"""What a call does as a signal: outcomes as the chances that it arrives and that it is overheard are moved."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from twofront.analyse.estimates import Difference, Estimate, difference_of, estimate
from twofront.analyse.sample import Floats
from twofront.ensemble.engines import workers_here
from twofront.future import FutureModel
from twofront.future.model import BLOCK

if TYPE_CHECKING:
    from twofront.ensemble import Run

__all__ = ["CHANNEL", "GRID", "OUTCOMES", "Moved", "move_channel"]

CHANNEL = ("call_intercepted", "call_received")
"""Parameters of the channel; the game alone reads them, so that wars and intercepts stay as they are."""
GRID = (0.0, 0.25, 0.5, 0.75, 1.0)
OUTCOMES = ("first_war_chance", "second_front_chance", "coordination_effect", "call_chance", "double_war_chance")
FUTURES = 400


@dataclass(frozen=True, slots=True)
class Moved:
    """An outcome with a parameter of the channel put at a value in every future; ``against``: less than at 0."""

    parameter: str
    value: float
    outcome: str
    level: Estimate
    against: Difference


def move_channel(run: Run, *, futures: int = FUTURES, grid: Sequence[float] = GRID) -> list[Moved]:
    """Solve the game again with the channel of the call changed, in the first futures of a run, present course.

    What anchors levels is held, so that the change is the players' own answer. Empty for a case in which a call
    reaches the game by other names.
    """
    case = run.case
    names = {p.name for p in case.parameters}
    if not set(CHANNEL) <= names:
        return []
    model = FutureModel(case, policies=[])
    drawn = run.sampler().draw(0, min(futures, run.futures))
    order = model.order(drawn.structures)
    levers = model.setting(case.policy(model.policy_names[0]).levers)
    rows = {name: model.outcome_names.index(name) for name in OUTCOMES}
    changes = [{parameter: value} for parameter in CHANNEL for value in grid]

    def solved(part: npt.NDArray[np.intp]) -> Floats:
        """By change, the rows that are asked for; only of futures that are sound."""
        block = model.block(len(part), paths=False)
        block.load(drawn.values[:, part], drawn.structures[:, part])
        block.policy(0, levers)
        sound = block.status == 0
        return np.stack([block.choose_again(each, levers)[list(rows.values())][:, sound] for each in changes])

    parts = [order[lo : lo + BLOCK] for lo in range(0, len(order), BLOCK)]
    model.ready()
    with ThreadPoolExecutor(workers_here()) as pool:
        levels = np.concatenate(list(pool.map(solved, parts)), axis=2)
    found: list[Moved] = []
    for first, parameter in enumerate(CHANNEL):
        by_value = levels[first * len(grid) : (first + 1) * len(grid)]
        for place, outcome in enumerate(rows):
            none = by_value[0, place]
            for value, now in zip(grid, by_value[:, place], strict=True):
                found.append(Moved(parameter, value, outcome, estimate(now), difference_of(now - none)))
    return found
