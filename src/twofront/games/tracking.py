"""The principal branch of quantal response equilibria, followed from play at random to the precision asked for.

At precision 0 everybody plays at random, the one equilibrium. The branch of equilibria that begins there is the
published selection (McKelvey & Palfrey 1995, 1998; Turocy 2005, 2010). It can turn back: it is followed by
arc length (Keller 1977; Allgower & Georg 1990), with steps along its tangent and Newton corrections across it, and
ends where it first reaches the precision asked for. All players' precisions grow in proportion.

Games of a block are followed side by side, each with steps of its own size. The number of steps is bounded:
unfinished tracking is a status.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from twofront.games.block import Block
from twofront.games.kernels import Floats
from twofront.games.layout import Layout

__all__ = ["Tracked", "along_branch", "scale_of"]

STEPS = 4000
FIRST_STEP = 0.5
GROWTH = 3.0
AIM = 0.05
"""Size of the first correction that steps aim at, in log-odds."""
MOST = 0.3
"""Size of the first correction above which a step is taken again with half its length."""
SETTLED = 1e-3
"""Size of the last correction under which the next would change nothing that matters: its square."""
SHRINKING = 0.25
TINY = 1e-9
"""The last correction must be this much smaller than the first, or this small: else Newton's method has not yet hold of
the branch, and a point that is off it would stop the steps that follow."""
TURN = 0.8
"""Cosine between two tangents below which a step is taken again with half its length."""
SMALLEST = 1e-10
KEPT_SHARE = 0.75
"""Share of games still under way at which the others are left out."""


@dataclass(frozen=True, slots=True)
class Tracked:
    """``odds`` (unknowns, games) where the branch ended; ``done``; ``steps`` taken; ``folds``: turns met on the way."""

    odds: Floats
    done: NDArray[np.bool_]
    steps: NDArray[np.int64]
    folds: NDArray[np.int64]


def scale_of(layout: Layout, numbers: Floats, precisions: Floats) -> Floats:
    """Precision times the span of payoffs, the larger over players: how far the branch is followed, by game."""
    found = np.zeros(numbers.shape[1])
    for player, places in enumerate(layout.payoffs):
        high, low = numbers[places[0]].copy(), numbers[places[0]].copy()
        for place in places[1:]:
            np.maximum(high, numbers[place], out=high)
            np.minimum(low, numbers[place], out=low)
        found = np.maximum(found, precisions[player] * (high - low))
    return np.where(found > 0.0, found, 1.0)


def along_branch(block: Block, steps: int = STEPS, back_from: Floats | None = None) -> Tracked:
    """Follow the principal branch of every game of a block up to its precisions; the block is used up.

    ``back_from``: log-odds of equilibria at those precisions, from which to follow the branch through them downwards
    instead, to where it turns and comes up to the precisions again; one that reaches precision 0 is not ``done``.
    """
    size, count = block.equations.layout.size, block.count
    found = Tracked(
        np.full((size, count), np.nan), np.zeros(count, bool), np.zeros(count, np.int64), np.zeros(count, np.int64)
    )
    goal = scale_of(block.equations.layout, block.numbers, block.precisions)
    block.precisions[:] /= goal
    block.point[:] = 0.0
    if back_from is not None:
        block.point[:-1] = back_from
        block.point[-1] = goal
    block.level()
    point = block.point.copy()
    tangent = block.correct()[1] * (1.0 if back_from is None else -1.0)
    step = np.full(count, FIRST_STEP)
    closing = np.zeros(count, dtype=bool)
    going = np.asarray(np.isfinite(tangent).all(axis=0))
    who = np.arange(count)
    for _ in range(steps):
        left = int(going.sum())
        if not left:
            break
        if left <= KEPT_SHARE * len(going):
            block.take(block, going)
            point, tangent = point[:, going], tangent[:, going]
            step, closing, goal, who = step[going], closing[going], goal[going], who[going]
            going = np.ones(left, dtype=bool)
        ahead = point + step * tangent
        last_stretch = closing | (ahead[-1] >= goal)
        # The last stretch ends at the goal: its step is cut there, and corrections leave the precision as it is.
        rising = tangent[-1] > 0.0
        rise = np.where(rising, tangent[-1], 1.0)
        cut = np.where(last_stretch & rising, np.minimum((goal - point[-1]) / rise, step), step)
        np.multiply(tangent, cut, out=ahead)
        ahead += point
        ahead[-1] = np.where(last_stretch, goal, ahead[-1])
        block.point[:] = ahead
        block.row[:-1] = np.where(last_stretch, 0.0, tangent[:-1])
        block.row[-1] = np.where(last_stretch, 1.0, tangent[-1])
        after, new, first, last = block.correct()
        turn = new[0] * tangent[0]
        for place in range(1, size + 1):
            turn = turn + new[place] * tangent[place]
        fine = (first <= MOST) & (last <= SETTLED) & (last <= np.maximum(SHRINKING * first, TINY)) & (turn >= TURN)
        crossed = fine & ~last_stretch & (after[-1] >= goal)
        good = fine & ~crossed & going
        ended = good & last_stretch
        found.steps[who[going]] += 1
        found.folds[who[good & (new[-1] * tangent[-1] < 0.0)]] += 1
        if ended.any():
            found.odds[:, who[ended]] = after[:-1, ended]
            found.done[who[ended]] = True
        growth = np.maximum(np.sqrt(AIM / np.maximum(first, AIM / GROWTH**2)), 0.5)
        step = np.where(good, cut * growth, np.where(crossed, step, 0.5 * cut))
        closing = crossed
        np.copyto(point, after, where=good)
        np.copyto(tangent, new, where=good)
        np.logical_and(going, ~ended & (step >= SMALLEST) & (point[-1] >= 0.0), out=going)
    return found
