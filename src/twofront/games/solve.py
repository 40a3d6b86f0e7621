"""Solve a game once, or as many parametrisations of it as there are numbers given.

A ladder of methods, each step taken only where the one before does not do: where nobody has to infer anything,
backward induction in closed form; else, at low precision, where there is one equilibrium, simultaneous replies from
play at random, accepted by their residual; else the principal branch, followed from play at random
(`twofront.games.tracking`). No result is given without its residual and status, and which method gave it. Replies
asked for at higher precision end in some equilibrium or none, not always in the principal branch's.
"""

from __future__ import annotations

import functools
import os
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from twofront.engine.stage import Kernel
from twofront.faults import UserError, listed, nearest
from twofront.games.block import BLOCK, CLOSED_BLOCK, Block
from twofront.games.checks import TOLERANCE
from twofront.games.errors import kernel
from twofront.games.expression import parse
from twofront.games.game import Game
from twofront.games.kernels import Equations, Floats, equations
from twofront.games.layout import Layout, lay_out
from twofront.games.numbers import numbers
from twofront.games.tracking import along_branch, scale_of

__all__ = ["METHODS", "STATUSES", "Batch", "Concept", "Method", "Solution", "payoff_numbers", "prepare", "solve"]

Concept: TypeAlias = Literal["qre", "subgame_perfect", "sequential"]
Method: TypeAlias = Literal["auto", "closed_form", "fixed_point", "tracking"]
Numbers: TypeAlias = "float | ArrayLike"
CONCEPTS: Final[tuple[Concept, ...]] = ("qre", "subgame_perfect", "sequential")
METHODS: Final = ("closed form", "fixed point", "tracked", "none")
"""What gave a solution."""
STATUSES: Final = ("ok", "several", "unsettled", "unsolved", "undefined")
"""ok · several: more than one best reply somewhere, mixed alike · unsettled: play at the largest precision is not yet
its limit · unsolved: no equilibrium found within the steps allowed · undefined: payoffs overflow."""
MOST_UNKNOWNS: Final = 48
"""Log-odds found together: the code that solves for them grows with their cube, to minutes of compilation beyond."""
RESIDUAL: Final = 1e-9
"""Largest error of a solution's log-odds, absolute up to 1 and relative above, at which it is accepted."""
GENTLE: Final = 2.0
"""Precision times span of payoffs up to which `auto` tries replies before tracking. Up to here two players with two
options each have one equilibrium, since replies contract; of 240,000 drawn games, also with types and more options,
none ended off the principal branch. At 8, up to 4% did, without any sign of it in the residual."""
ROUNDS: Final = 4
"""Calls of `SWEEPS` replies before a game goes to tracking."""
SHRINKING: Final = 1e-2
"""Error at which Newton corrections take over from replies."""
SETTLED: Final = 1e-4
"""Last Newton correction under which the next would be below what numbers resolve."""
LIMIT_CHANGE: Final = 1e-6
"""Change of a chance, as the largest precision doubles, below which play counts as its limit."""


@dataclass(frozen=True)
class Solution:
    """Play, beliefs, values and how far to trust them; floats for one game, arrays for several.

    ``probabilities``: by (player, number of information set, option); ``beliefs``: by (player, number of information
    set), over its nodes in the order of the walk; ``values``: by player, before the first move. ``residual``: how far
    log-odds are from the replies that they call for (absolute up to 1, relative above); 0 where the form is closed.
    ``precision``: λ by player.
    """

    game: Game
    probabilities: Mapping[tuple[str, int, str], Any]
    beliefs: Mapping[tuple[str, int], Any]
    values: Mapping[str, Any]
    residual: Any
    precision: Mapping[str, Any]
    status_codes: NDArray[np.uint8]
    method_codes: NDArray[np.uint8]
    folds: Any
    single: bool

    @property
    def status(self) -> Any:
        """What became of each game: one of `STATUSES`."""
        return _named(STATUSES, self.status_codes, self.single)

    @property
    def method(self) -> Any:
        """What gave each game's solution: one of `METHODS`."""
        return _named(METHODS, self.method_codes, self.single)

    @property
    def counts(self) -> dict[str, int]:
        """Number of games by status, for those that occur."""
        numbers = np.bincount(self.status_codes, minlength=len(STATUSES)).tolist()
        return {name: number for name, number in zip(STATUSES, numbers, strict=True) if number}


def _named(names: tuple[str, ...], codes: NDArray[np.uint8], single: bool) -> Any:
    return names[codes[0]] if single else np.array(names)[codes]


@dataclass(frozen=True)
class Batch:
    """Games of one tree ready to be solved: the tree, its equations, and every game's numbers, block by block."""

    game: Game
    layout: Layout
    equations: Equations
    count: int
    single: bool
    values: Mapping[str, Floats]
    precision: Floats
    """(players, games); one column if it is the same for all games."""

    def block(self, lo: int, hi: int) -> Block:
        """Games lo..hi - 1, in memory that this thread's next block uses again; the odds are all 0."""
        block = getattr(self.memory, "block", None)
        if block is None:
            block = self.memory.block = Block(self.equations, min(self.width, self.count))
            for place, quantity in enumerate(self.layout.quantities):
                if isinstance(quantity, float):
                    block.numbers[place] = quantity
        block.count = hi - lo
        part = {name: value[lo:hi] if value.ndim else value for name, value in self.values.items()}
        found = block.numbers
        for place, text in self.texts:
            plain = part.get(text)
            found[place] = parse(text).value(part) if plain is None else plain
        if self.texts and not _sound(self, found, part):
            numbers(self.game, self.values)  # raises all that is wrong, with places
        block.precisions[:] = self.precision if self.precision.shape[1] == 1 else self.precision[:, lo:hi]
        block.odds[:] = 0.0
        return block

    def spare(self) -> Block:
        """A second block of this thread."""
        block = getattr(self.memory, "spare", None)
        if block is None:
            block = self.memory.spare = Block(self.equations, min(self.width, self.count))
        return block

    def blocks(self) -> Iterator[tuple[int, int]]:
        """First game and end of every block."""
        return ((lo, min(lo + self.width, self.count)) for lo in range(0, self.count, self.width))

    @property
    def width(self) -> int:
        """Games of a block."""
        return BLOCK if self.layout.size else CLOSED_BLOCK

    @functools.cached_property
    def texts(self) -> list[tuple[int, str]]:
        """Places of the numbers that are given by name or expression."""
        return [(place, each) for place, each in enumerate(self.layout.quantities) if isinstance(each, str)]

    @functools.cached_property
    def memory(self) -> threading.local:
        """What each thread works in."""
        return threading.local()


def payoff_numbers(game: Game, values: Mapping[str, Numbers] | None) -> tuple[int, bool, dict[str, Floats]]:
    """How many games ``values`` give, whether it is one game given by plain numbers, and the values as arrays.

    Names and shapes are checked here (`twofront.games.numbers`), the numbers of many games block by block.
    """
    given: dict[str, Any] = dict(values or {})
    lengths = {len(value) for value in given.values() if np.ndim(value) == 1}
    if len(lengths) == 1 and 0 not in lengths:
        numbers(game, {name: value[:1] if np.ndim(value) == 1 else value for name, value in given.items()})
    else:
        numbers(game, given)
    return max(lengths, default=1), not lengths, {n: np.asarray(value, dtype=np.float64) for n, value in given.items()}


def _sound(batch: Batch, found: Floats, part: Mapping[str, Floats]) -> bool:
    """Whether a block's chances are chances and its names within their ranges."""
    for places in batch.layout.chances:
        if any(isinstance(batch.layout.quantities[place], str) for place in places):
            chances = found[list(places)]
            if (chances < -TOLERANCE).any() or (np.abs(chances.sum(axis=0) - 1.0) > TOLERANCE).any():
                return False
    return all(((part[n] >= low) & (part[n] <= high)).all() for n, low, high in batch.game.ranges if n in part)


def prepare(game: Game, lam: Any, values: Mapping[str, Numbers] | None = None) -> Batch:
    """Lay a game out and check its numbers and λ: one number, or by player, each a number or an array."""
    layout = lay_out(game)
    if layout.size > MOST_UNKNOWNS:
        hidden = sum(seen.needs_belief for seen in layout.sets)
        raise UserError(
            f"{hidden} information sets hang on beliefs about one another, with {layout.size} log-odds to be found "
            f"together; at most {MOST_UNKNOWNS} are solved: use fewer types or options"
        )
    count, single, found = payoff_numbers(game, values)
    precision: list[Floats] = []
    by_player = lam if isinstance(lam, Mapping) else dict.fromkeys(game.players, lam)
    for name in by_player:
        if name not in game.players:
            close = nearest(str(name), game.players)
            raise UserError(
                f"λ is given for `{name}`, who is no player of the game"
                + (f"; did you mean `{close}`?" if close else f": {listed(game.players)}")
            )
    for player in game.players:
        if player not in by_player:
            raise UserError(f"no λ for {player}: give one number for all players, or one for each")
        try:
            array = np.asarray(by_player[player], dtype=np.float64)
        except (TypeError, ValueError):
            raise UserError(f"λ of {player} is {by_player[player]!r}: give a number above 0") from None
        if array.ndim > 1:
            raise UserError(f"λ of {player} has {array.ndim} dimensions: give a number or one entry a game")
        if not (np.isfinite(array) & (array > 0.0)).all():
            wrong = array[~(np.isfinite(array) & (array > 0.0))].flat[0] if array.ndim else float(array)
            raise UserError(f"λ of {player} is {wrong:g}: it must be a number above 0 (0 would be play at random)")
        precision.append(array)
    lengths = {array.shape[0] for array in precision if array.ndim}
    if single and len(lengths) == 1:
        count, single = lengths.pop(), False
        lengths.add(count)
    if lengths - {count}:
        raise UserError(f"λ has {listed(str(n) for n in sorted(lengths))} entries, the payoffs {count}")
    rows = np.stack([np.broadcast_to(array, (count if lengths else 1,)) for array in precision])
    return Batch(game, layout, equations(layout), count, single, found, np.ascontiguousarray(rows))


@dataclass
class _Results:
    """Where blocks put what they find."""

    chances: Floats
    beliefs: Floats
    values: Floats
    residual: Floats
    status: NDArray[np.uint8]
    method: NDArray[np.uint8]
    folds: NDArray[np.int64]


def solve(
    game: Game,
    lam: Any = None,
    values: Mapping[str, Numbers] | None = None,
    *,
    concept: Concept = "qre",
    errors: str = "agent",
    link: str = "logit",
    method: Method = "auto",
    threads: int | None = None,
) -> Solution:
    """Solve a game for every entry of the arrays in ``values``.

    ``lam``: λ, precision of choice per unit of payoff, above 0: one number, or by player; each a number or an array.
    ``concept``: quantal response equilibrium; subgame perfection (no λ); or sequential play as the limit of the
    traced branch, with ``lam`` the largest precision. ``errors``: whose the errors are, `agent` (each move's own),
    `private` or `regressor` (see `twofront.games.errors`), with ``link`` logit or probit. ``method``: a step of the
    ladder, or `auto`. ``threads``: as many as there are processors; the results do not depend on it.
    """
    if concept not in CONCEPTS:
        raise UserError(f"no concept `{concept}`: {_choices(concept, CONCEPTS)}")
    if lam is None:
        if concept != "subgame_perfect":
            raise UserError("no λ: give the precision of choice, for all players or for each")
        lam = 1.0
    batch = prepare(game, lam, values)
    layout = batch.layout
    if errors != "agent" or link != "logit":
        if concept != "qre":
            raise UserError(f"errors `{errors}` with link `{link}` go with concept `qre`, not with `{concept}`")
        worker = _under(batch, kernel(game, layout, errors, link))
    else:
        worker = _worker(batch, concept, method)
    wide = sum(len(seen.histories) for seen in layout.sets if len(seen.histories) > 1)
    results = _Results(
        np.empty((sum(seen.options for seen in layout.sets), batch.count)),
        np.empty((wide, batch.count)),
        np.empty((len(layout.players), batch.count)),
        np.zeros(batch.count),
        np.zeros(batch.count, np.uint8),
        np.zeros(batch.count, np.uint8),
        np.zeros(batch.count, np.int64),
    )
    in_blocks(batch, lambda lo, hi: worker(lo, hi, results), threads)
    return _solution(batch, results)


_Work: TypeAlias = "Callable[[int, int, _Results], None]"


def _choices(found: str, allowed: tuple[str, ...]) -> str:
    close = nearest(found, allowed)
    return f"choose one of {', '.join(allowed)}" + (f"; did you mean `{close}`?" if close else "")


def in_blocks(batch: Batch, work: Callable[[int, int], None], threads: int | None) -> None:
    """Do the work of every block; the first error ends it."""
    count = min(threads or os.cpu_count() or 1, -(-batch.count // batch.width))
    if count <= 1:
        for lo, hi in batch.blocks():
            work(lo, hi)
        return
    blocks = list(batch.blocks())
    first = blocks.pop(0)
    work(*first)  # compiles what is needed once
    with ThreadPoolExecutor(count) as pool:
        for _ in pool.map(lambda block: work(*block), blocks):
            pass


def _worker(batch: Batch, concept: Concept, method: Method) -> _Work:
    layout = batch.layout
    if method not in ("auto", "closed_form", "fixed_point", "tracking"):
        raise UserError(f"no method `{method}`: {_choices(method, ('auto', 'closed_form', 'fixed_point', 'tracking'))}")
    blind = [seen.information for seen in layout.sets if seen.needs_belief]
    if concept == "subgame_perfect":
        if blind:
            raise UserError(
                f"subgame perfection by backward induction needs players who know where they are; at "
                f"`{blind[0].label}` {blind[0].player} cannot: use concept `sequential`"
            )
        return lambda lo, hi, results: _reply(batch, lo, hi, results)
    if method == "closed_form" and layout.size:
        raise UserError(
            f"no closed form: at `{blind[0].label}` {blind[0].player} must infer what it does not see; "
            "use method `auto`, `fixed_point` or `tracking`"
        )
    if concept == "sequential":
        return lambda lo, hi, results: _limit(batch, lo, hi, results)
    return lambda lo, hi, results: _respond(batch, lo, hi, results, method)


def _under(batch: Batch, structure: Kernel) -> _Work:
    return lambda lo, hi, results: _report(batch, lo, hi, results, batch.block(lo, hi), structure)


def _reply(batch: Batch, lo: int, hi: int, results: _Results) -> None:
    block = batch.block(lo, hi)
    _report(batch, lo, hi, results, block, block.equations.reply)
    start = 0
    for seen in batch.layout.sets:
        chances = results.chances[start : start + seen.options, lo:hi]
        results.status[lo:hi][((chances > 0.0) & (chances < 1.0)).any(axis=0)] = STATUSES.index("several")
        start += seen.options


def _respond(batch: Batch, lo: int, hi: int, results: _Results, method: Method) -> None:
    block = batch.block(lo, hi)
    if batch.layout.size:
        left = np.ones(hi - lo, dtype=bool)
        how = results.method[lo:hi]
        how[:] = METHODS.index("none")
        if method != "tracking":
            gentle = left
            if method == "auto":
                gentle = scale_of(batch.layout, block.numbers, block.precisions) <= GENTLE
            good = _replies(batch, block, gentle)
            how[good] = METHODS.index("fixed point")
            left = ~good
        if method != "fixed_point" and left.any():
            _track(batch, lo, hi, results, block, left)
    _report(batch, lo, hi, results, block)


def _replies(batch: Batch, block: Block, which: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Set odds by simultaneous replies from play at random, finished by Newton corrections; say where it went well."""
    good = np.zeros(block.count, dtype=bool)
    if not which.any():
        return good
    some = block
    places = np.arange(block.count)
    if not which.all():
        some = batch.spare()
        some.take(block, which)
        places = places[which]
    kernel = block.equations.sweep
    for _ in range(ROUNDS):
        found = some.run(kernel)
        near = found[-1] <= SHRINKING
        block.odds[:, places] = found[:-1]
        good[places[near]] = True
        if near.all():
            break
        some.odds[:] = found[:-1]
        spare = batch.spare()
        spare.take(some, ~near)
        some, places = spare, places[~near]
    if not good.any():
        return good
    some = block
    if not good.all():
        some = batch.spare()
        some.take(block, good)
    last = some.polish()
    block.odds[:, good] = some.odds
    good[good] = last <= SETTLED
    return good


def _track(batch: Batch, lo: int, hi: int, results: _Results, block: Block, which: NDArray[np.bool_]) -> None:
    spare = batch.spare()
    spare.take(block, which)
    tracked = along_branch(spare)
    spare.take(block, which)
    spare.odds[:] = tracked.odds
    spare.polish()
    block.odds[:, which] = spare.odds
    results.method[lo:hi][which] = np.where(tracked.done, METHODS.index("tracked"), METHODS.index("none"))
    results.folds[lo:hi][which] = tracked.folds


def _report(batch: Batch, lo: int, hi: int, results: _Results, block: Block, closed: Kernel | None = None) -> None:
    found = block.run(closed or block.equations.report)
    many, wide, players = results.chances.shape[0], results.beliefs.shape[0], results.values.shape[0]
    results.chances[:, lo:hi] = found[:many]
    if wide:
        results.beliefs[:, lo:hi] = found[many : many + wide]
    results.values[:, lo:hi] = found[many + wide : many + wide + players]
    status = results.status[lo:hi]
    status[:] = 0
    if batch.layout.size and closed is None:
        results.residual[lo:hi] = found[-1]
        status[~(found[-1] <= RESIDUAL)] = STATUSES.index("unsolved")
    undefined = ~np.isfinite(results.values[:, lo:hi]).all(axis=0)
    if undefined.any():
        numbers(batch.game, batch.values)  # raises if the numbers given are to blame
        status[undefined & (status == 0)] = STATUSES.index("undefined")


def _limit(batch: Batch, lo: int, hi: int, results: _Results) -> None:
    """Play at the largest precision, called settled if halving that moves no chance."""
    halves: list[Floats] = []
    for share in (0.5, 1.0):
        block = batch.block(lo, hi)
        block.precisions[:] *= share
        if batch.layout.size:
            _track(batch, lo, hi, results, block, np.ones(hi - lo, dtype=bool))
        _report(batch, lo, hi, results, block)
        halves.append(results.chances[:, lo:hi].copy())
    moved = np.abs(halves[1] - halves[0]).max(axis=0)
    status = results.status[lo:hi]
    status[(status == 0) & ~(moved <= LIMIT_CHANGE)] = STATUSES.index("unsettled")


def _solution(batch: Batch, results: _Results) -> Solution:
    layout, single = batch.layout, batch.single

    def shown(row: Any) -> Any:
        return row[0].item() if single else row

    probabilities: dict[tuple[str, int, str], Any] = {}
    beliefs: dict[tuple[str, int], Any] = {}
    place = wide = 0
    for seen in layout.sets:
        information = seen.information
        for option in information.options:
            probabilities[information.player, information.number, option] = shown(results.chances[place])
            place += 1
        nodes = len(seen.histories)
        key = information.player, information.number
        if nodes > 1:
            beliefs[key] = tuple(shown(results.beliefs[wide + node]) for node in range(nodes))
            wide += nodes
        else:
            beliefs[key] = (1.0 if single else np.broadcast_to(1.0, batch.count),)
    precision = {
        player: shown(batch.precision[number] if single else np.broadcast_to(batch.precision[number], batch.count))
        for number, player in enumerate(layout.players)
    }
    return Solution(
        batch.game,
        probabilities,
        beliefs,
        {player: shown(results.values[number]) for number, player in enumerate(layout.players)},
        shown(results.residual),
        precision,
        results.status,
        results.method,
        shown(results.folds),
        single,
    )
