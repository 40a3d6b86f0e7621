"""All equilibria that can be found, not only the one that the branch leads to, and what they mean for an outcome.

Where play hangs on one number (a signal that enters through one belief, answered yes or no), every root of one
equation is bracketed on a grid of log-odds: even steps there are logarithmic steps of the chance near 0 and near 1.
Otherwise Newton's method starts from pooling and separating corners, from play at random and from the end of the
principal branch, and from each equilibrium found the branch through it is followed down to where it turns and comes
back with another; that finds many, and promises no completeness. Which was done is said, and nothing is selected:
every result has a smallest and a greatest value over the equilibria found.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from twofront.faults import UserError, listed
from twofront.games.block import Block
from twofront.games.game import Game
from twofront.games.kernels import Floats
from twofront.games.layout import Layout
from twofront.games.solve import RESIDUAL, Batch, in_blocks, prepare
from twofront.games.tracking import along_branch, scale_of

__all__ = ["Equilibria", "Outcome", "equilibria", "roots"]

Outcome: TypeAlias = "tuple[str, int, str] | str | Callable[[Mapping[tuple[str, int, str], Floats]], Floats]"
"""What is looked at: the chance of an option, a player's value, or a function of all chances."""
MOST: Final = 15
"""Most equilibria of a game that are kept."""
STARTS: Final = 64
"""Most corners that Newton's method starts from."""
ATTEMPTS: Final = 12
"""Calls of Newton corrections for each start."""
STEP: Final = 0.05
"""Width of a bracket, in log-odds, as far as `DENSE`; beyond, brackets widen in proportion."""
DENSE: Final = 60.0
ROWS: Final = 32
"""Places of the grid tried together."""
APART: Final = 1e-6
"""Largest difference of a chance at which two solutions are one equilibrium."""


@dataclass(frozen=True)
class Equilibria:
    """What was found, by game: ``count`` equilibria, the first the principal branch's where that was reached.

    ``probabilities`` (by option) and ``values`` (by player): arrays (`MOST`, games), NaN beyond a game's count.
    ``residual``: largest of a game's equilibria. ``principal``: whether the first is the end of the principal branch.
    ``complete``: whether every root was bracketed (to within the width of a bracket), rather than started for; without
    it, an even count says that at least one was missed, since all but exceptional games have an odd number.
    """

    game: Game
    count: NDArray[np.int64]
    probabilities: Mapping[tuple[str, int, str], Floats]
    values: Mapping[str, Floats]
    residual: Floats
    principal: NDArray[np.bool_]
    complete: bool

    @property
    def share_of_several(self) -> float:
        """Share of games with more than one equilibrium, among those with any."""
        found = self.count > 0
        return float((self.count[found] > 1).mean()) if found.any() else float("nan")

    def of(self, outcome: Outcome) -> Floats:
        """An outcome in every equilibrium: an array (`MOST`, games), NaN beyond a game's count."""
        if callable(outcome):
            return np.asarray(outcome(self.probabilities))
        table: Mapping[Any, Floats] = self.probabilities if isinstance(outcome, tuple) else self.values
        if outcome not in table:
            raise UserError(f"no outcome {outcome!r}: the game has {listed(map(str, table))}")
        return table[outcome]

    def least(self, outcome: Outcome) -> Floats:
        """Smallest value over a game's equilibria; NaN for a game without any."""
        return _over(np.fmin, self.of(outcome))

    def most(self, outcome: Outcome) -> Floats:
        """Greatest value over a game's equilibria; NaN for a game without any."""
        return _over(np.fmax, self.of(outcome))


def _over(which: Any, found: Floats) -> Floats:
    return which.reduce(found, axis=0)


@dataclass
class _Found:
    count: NDArray[np.int64]
    odds: Floats
    chances: Floats
    values: Floats
    residual: Floats
    principal: NDArray[np.bool_]


def equilibria(
    game: Game, lam: Any, values: Mapping[str, Any] | None = None, *, threads: int | None = None
) -> Equilibria:
    """Quantal response equilibria of a game for every entry of the arrays in ``values``; see `solve` for ``lam``."""
    batch = prepare(game, lam, values)
    layout = batch.layout
    options = sum(seen.options for seen in layout.sets)
    found = _Found(
        np.zeros(batch.count, np.int64),
        np.full((MOST, layout.size, batch.count), np.nan),
        np.full((MOST, options, batch.count), np.nan),
        np.full((MOST, len(layout.players), batch.count), np.nan),
        np.zeros(batch.count),
        np.zeros(batch.count, dtype=bool),
    )
    in_blocks(batch, lambda lo, hi: _search(batch, lo, hi, found), threads)
    names = [
        (seen.information.player, seen.information.number, option)
        for seen in layout.sets
        for option in seen.information.options
    ]
    return Equilibria(
        game,
        found.count,
        {name: found.chances[:, place] for place, name in enumerate(names)},
        {player: found.values[:, place] for place, player in enumerate(layout.players)},
        found.residual,
        found.principal,
        layout.size <= 1,
    )


def _search(batch: Batch, lo: int, hi: int, found: _Found) -> None:
    layout = batch.layout
    games = np.arange(lo, hi)
    every = np.ones(hi - lo, dtype=bool)
    block = batch.block(lo, hi)
    if not layout.size:
        _add(batch, block, every, games, found)
        found.principal[lo:hi] = found.count[lo:hi] > 0
        return
    spare = batch.spare()
    spare.take(block, every)
    tracked = along_branch(spare)
    block.odds[:] = np.where(tracked.done, tracked.odds, 0.0)
    last = block.polish()
    _add(batch, block, tracked.done & (last <= RESIDUAL**0.5), games, found)
    found.principal[lo:hi] = found.count[lo:hi] > 0
    reach = scale_of(layout, block.numbers, block.precisions)
    for odds, which in _bracketed(block, reach) if layout.size == 1 else _corners(layout, reach):
        block.odds[:] = odds
        _add(batch, block, _newton(block, which), games, found)
    if layout.size > 1:
        for number in range(1, MOST):
            several = found.count[lo:hi] > number
            if not several.any():
                break
            spare.take(block, several)
            back = along_branch(spare, back_from=found.odds[number][:, games[several]])
            spare.take(block, several)
            spare.odds[:] = np.where(back.done, back.odds, 0.0)
            _add(batch, spare, back.done & (spare.polish() <= RESIDUAL**0.5), games[several], found)


def _newton(block: Block, which: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Newton corrections until nothing moves; says where that came about. Odds that run away are given up."""
    done = np.zeros(block.count, dtype=bool)
    for _ in range(ATTEMPTS):
        last = block.polish()
        block.odds[:] = np.where(np.isfinite(block.odds), block.odds, 0.0)
        done = which & (last <= 1e-7)
        if done[which].all():
            break
    return done


def _corners(layout: Layout, reach: Floats) -> Iterator[tuple[Floats, NDArray[np.bool_]]]:
    """Starts: at random; every player alike at all its sets (pooling); by turns (separating); then others, counted."""
    every = np.ones(len(reach), dtype=bool)
    sets = [layout.sets[place] for place in layout.unknown]
    players = sorted({seen.player for seen in sets})
    most = {player: max(seen.options for seen in sets if seen.player == player) for player in players}
    plays: list[tuple[int, ...]] = []
    for turn in (0, 1):
        for options in itertools.product(*(range(most[player]) for player in players)):
            chosen = dict(zip(players, options, strict=True))
            rank: dict[int, int] = dict.fromkeys(players, 0)
            corner: list[int] = []
            for seen in sets:
                corner.append((chosen[seen.player] + turn * rank[seen.player]) % seen.options)
                rank[seen.player] += 1
            plays.append(tuple(corner))
    plays.extend(itertools.islice(itertools.product(*(range(seen.options) for seen in sets)), STARTS))
    yield np.zeros((layout.size, len(reach))), every
    for play in itertools.islice(dict.fromkeys(plays), STARTS):
        for share in (0.1, 0.5):
            odds: list[Floats] = []
            for seen, option in zip(sets, play, strict=True):
                level = np.minimum(share * reach, 30.0)
                odds += [
                    level if other == option else -level if option == 0 else 0.0 * level
                    for other in range(1, seen.options)
                ]
            yield np.stack(odds), every


def _bracketed(block: Block, reach: Floats) -> Iterator[tuple[Floats, NDArray[np.bool_]]]:
    """Starts in every bracket in which the one equation changes sign, closed in by halving."""

    def error(odds: Floats) -> Floats:
        found = np.empty_like(odds)
        for row, line in enumerate(odds):
            block.odds[:] = line
            found[row] = block.run(block.equations.errors)[0]
        return found

    yield from ((odds[None], which) for odds, which in roots(error, reach))


def roots(error: Callable[[Floats], Floats], reach: Floats, most: int = MOST) -> list[tuple[Floats, NDArray[np.bool_]]]:
    """Roots of an equation in log-odds, for many games at once: (root, games that have it), lowest roots first.

    ``error`` takes and gives arrays (rows, games); it is below 0 at ``-reach`` and above 0 at ``reach`` or beyond.
    Two roots within one bracket are missed.
    """
    edge = float(np.max(reach)) + STEP
    inner = min(edge, DENSE)
    steps = max(2, round(2 * inner / STEP))
    grid = list(np.linspace(-inner, inner, steps + 1))
    if edge > DENSE:
        outer = np.geomspace(DENSE, edge, max(2, round(np.log(edge / DENSE) * DENSE / STEP / 8)))[1:]
        grid = [*(-outer[::-1]), *grid, *outer]
    shape = reach.shape
    lower: list[Floats] = [np.full(shape, np.nan) for _ in range(most)]
    upper: list[Floats] = [np.full(shape, np.nan) for _ in range(most)]
    number = np.zeros(shape, np.int64)
    before, here = error(np.full((1, *shape), grid[0]))[0], grid[0]
    for first in range(1, len(grid), ROWS):
        stretch = grid[first : first + ROWS]
        for place, after in zip(stretch, error(np.repeat(np.array(stretch)[:, None], shape[0], axis=1)), strict=True):
            changed = ((before <= 0.0) != (after <= 0.0)) & (number < most)
            for game in np.flatnonzero(changed):
                lower[number[game]][game], upper[number[game]][game] = here, place
                number[game] += 1
            before, here = after, place
    found: list[tuple[Floats, NDArray[np.bool_]]] = []
    for place in range(int(number.max(initial=0))):
        which = number > place
        low, high = (np.where(which, side[place], 0.0) for side in (lower, upper))
        sign = error(low[None])[0] <= 0.0
        for _ in range(60):
            middle = 0.5 * (low + high)
            same = (error(middle[None])[0] <= 0.0) == sign
            low, high = np.where(same, middle, low), np.where(same, high, middle)
        found.append((0.5 * (low + high), which))
    return found


def _add(batch: Batch, block: Block, which: NDArray[np.bool_], games: NDArray[np.int64], found: _Found) -> None:
    """Keep the solutions in a block that are ones and are new; ``games``: which games the block holds."""
    report = block.run(block.equations.report)
    options, players = found.chances.shape[1], found.values.shape[1]
    chances = report[:options]
    wide = sum(len(seen.histories) for seen in batch.layout.sets if len(seen.histories) > 1)
    values = report[options + wide : options + wide + players]
    error = report[-1] if batch.layout.size else np.zeros(block.count)
    new = which & (error <= RESIDUAL) & np.isfinite(values).all(axis=0) & (found.count[games] < MOST)
    for known in range(int(found.count[games].max())):
        # A difference to NaN is none that is small, and so no sameness.
        new &= ~(np.abs(found.chances[known][:, games] - chances).max(axis=0) <= APART)
    columns = np.flatnonzero(new)
    rows, places = games[columns], found.count[games[columns]]
    found.odds[places, :, rows] = block.odds[:, columns].T
    found.chances[places, :, rows] = chances[:, columns].T
    found.values[places, :, rows] = values[:, columns].T
    found.residual[rows] = np.maximum(found.residual[rows], error[columns])
    found.count[rows] += 1
