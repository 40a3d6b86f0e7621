"""A case's game over its futures: what each player does, how far that is sure, and the game of the median future.

Every quantity of the form is read from the future's own draws and outcomes, and all games are solved in one batch. A
future in which a quantity is no number or leaves its range, or whose game has no solution, is counted by its status and
enters nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final, Protocol

import numpy as np
import numpy.typing as npt

from twofront.analyse.estimates import Estimate, estimate
from twofront.analyse.sample import USABLE, Floats
from twofront.faults import UserError, listed, nearest
from twofront.games.equilibria import equilibria
from twofront.games.game import Chance, Decision, Game, Node
from twofront.games.layout import lay_out
from twofront.games.numbers import numbers
from twofront.games.solve import Solution, solve

if TYPE_CHECKING:
    from twofront.case import Case
    from twofront.case.game import CaseGame, GameValue
    from twofront.future import FutureModel
    from twofront.games.picture import Picture

__all__ = ["Drawn", "Median", "MoveShares", "PlayedGame", "SeveralEquilibria", "Source", "play_game", "played"]

NO_NUMBER: Final = "no_number"
OUT_OF_RANGE: Final = "out_of_range"
"""Statuses of futures whose quantities make no game."""
SOLVED: Final = ("ok", "several")
"""Statuses of solutions that count."""
SEARCHED: Final = 64
"""Futures in which other equilibria are looked for, where beliefs can make for several."""
_BLOCK: Final = 192
"""Futures in one piece of work."""


class Source(Protocol):
    """Where draws and outcomes come from: a run's sample, or futures that were made for the game (`Drawn`)."""

    @property
    def n(self) -> int:
        """Number of futures."""
        ...

    def has(self, name: str, /) -> bool:
        """Whether there is an outcome of this name."""
        ...

    def of(self, policy: str, name: str, /) -> Floats:
        """An outcome under a policy, one number a future."""
        ...

    def parameters(self, names: Sequence[str], /) -> Floats:
        """Draws of parameters, one row each."""
        ...


@dataclass(frozen=True)
class MoveShares:
    """What a player does in one move, one number a future.

    ``reached``: chance that the move comes; ``chances``: of each option, given that it comes (NaN where it never
    does); ``after``: the same given that what is asked about has been done before, ``otherwise``: that it has not.
    """

    player: str
    move: str
    reached: Floats
    chances: Mapping[str, Floats]
    after: Mapping[str, Floats]
    otherwise: Mapping[str, Floats]


@dataclass(frozen=True)
class Median:
    """The game of the future whose main chance is the median."""

    number: int
    """Of the future, in the order of the draws."""
    chance: float
    values: Mapping[str, float]
    precision: Mapping[str, float]
    solution: Solution
    game: Game
    asked: tuple[str, ...]

    def picture(self, most_ends: int = 24) -> Picture:
        """The tree with chances and payoffs on it, opened first where what is asked about leads."""
        return self.game.picture(self.solution, self.values, most_ends=most_ends, toward=self.asked)


@dataclass(frozen=True)
class SeveralEquilibria:
    """Other equilibria, as far as they were looked for, and what they do to the main chance.

    ``searched``: futures; ``share``: of those with more than one; ``least``, ``most``: means over futures of the
    smallest and greatest main chance; ``widest``: largest difference in any future.
    """

    searched: int
    share: float
    least: float
    most: float
    widest: float
    complete: bool


@dataclass(frozen=True)
class PlayedGame:
    """A game of a case, played in many futures."""

    case: Case
    declared: CaseGame
    policy: str
    seed: int | None
    asked_for: int
    """Futures that were asked for."""
    futures: npt.NDArray[np.int64]
    """Places of those that count, in the order of the draws."""
    counts: Mapping[str, int]
    """Futures by status."""
    troubles: tuple[str, ...]
    """Which quantities made no game, in words."""
    values: Mapping[str, Floats]
    precision: Mapping[str, Floats]
    solution: Solution
    moves: tuple[MoveShares, ...]

    @property
    def n(self) -> int:
        """Futures that count."""
        return len(self.futures)

    @property
    def game(self) -> Game:
        """The tree."""
        return self.declared.game

    @cached_property
    def main(self) -> Floats:
        """The chance of what is asked about, one number a future; 0 where its move never comes."""
        found = next(each for each in self.moves if each.move == self.declared.move)
        chance = np.zeros(self.n)
        for option in self.declared.options:
            chance = chance + found.chances[option]
        return found.reached * np.where(found.reached > 0, chance, 0.0)

    @cached_property
    def worth(self) -> dict[str, Estimate]:
        """What the game is worth to each player before the first move."""
        return {player: estimate(np.asarray(self.solution.values[player])) for player in self.game.players}

    @cached_property
    def median(self) -> Median:
        """The future whose main chance is the median, solved by itself."""
        place = int(np.argsort(self.main, kind="stable")[(self.n - 1) // 2])
        return self.at(place)

    def at(self, place: int) -> Median:
        """The game of one of the futures that count."""
        values = {name: float(each[place]) for name, each in self.values.items()}
        precision = {player: float(each[place]) for player, each in self.precision.items()}
        solution = solve(self.game, precision, values)
        number, chance = int(self.futures[place]), float(self.main[place])
        return Median(number, chance, values, precision, solution, self.game, self.declared.options)

    @cached_property
    def several(self) -> SeveralEquilibria:
        """Whether others than the principal equilibrium exist, in the first futures that count."""
        if not lay_out(self.game).size:
            # Everybody knows where they stand: logit replies from the ends backwards leave one equilibrium.
            mean = float(self.main.mean())
            return SeveralEquilibria(self.n, 0.0, mean, mean, 0.0, True)
        some = slice(0, min(SEARCHED, self.n))
        values = {name: each[some] for name, each in self.values.items()}
        found = equilibria(self.game, {player: each[some] for player, each in self.precision.items()}, values)
        rows = [
            np.where(
                found.count > row, _main_of(self, {k: v[row] for k, v in found.probabilities.items()}, values), np.nan
            )
            for row in range(int(found.count.max(initial=1)))
        ]
        table = np.stack(rows)
        least, most = np.fmin.reduce(table, axis=0), np.fmax.reduce(table, axis=0)
        return SeveralEquilibria(
            len(found.count),
            found.share_of_several,
            float(np.nanmean(least)),
            float(np.nanmean(most)),
            float(np.nanmax(most - least)),
            found.complete,
        )


def play_game(
    case: Case | str, name: str | None = None, *, futures: int = 1000, seed: int = 1, policy: str | None = None
) -> PlayedGame:
    """Play one of a case's games (the first unless named) in futures made for it.

    ``policy``: under which outcomes are read, if not as the case says. Raises `UserError` for a name that the case
    does not have, and where no future makes a game.
    """
    from twofront.case import load_case

    found = load_case(case) if isinstance(case, str) else case
    declared = _chosen(found, name)
    under = policy or declared.policy or found.policies[0].name
    known = [item.name for item in found.policies]
    if under not in known:
        raise UserError(f"{found.name} has no policy `{under}`; it has {listed(known)}{_hint(under, known)}")
    if futures < 1:
        raise UserError(f"{futures} futures are too few: give 1 or more")
    return played(found, declared, Drawn(found, futures, seed, under), under, seed=seed)


def _hint(name: str, known: Sequence[str]) -> str:
    close = nearest(name, known)
    return f"; did you mean `{close}`?" if close else ""


def _chosen(case: Case, name: str | None) -> CaseGame:
    names = [each.name for each in case.games]
    if not names:
        raise UserError(f"{case.name} declares no game; add a section `game` to its case.yaml (docs/case-format.md)")
    if name is None:
        return case.games[0]
    if name not in names:
        raise UserError(f"{case.name} has no game `{name}`; it has {listed(names)}{_hint(name, names)}")
    return case.game(name)


def played(case: Case, declared: CaseGame, source: Source, policy: str, *, seed: int | None = None) -> PlayedGame:
    """Play a game in the futures of a source, with outcomes as under a policy."""
    read = _readings(case, declared, source, policy)
    values = {name: _number(part, read, source.n) for name, part in declared.values.items()}
    precision = {player: _number(part, read, source.n) for player, part in declared.precision.items()}
    status = np.array(["ok"] * source.n, dtype=object)
    troubles: list[str] = []
    for name, value in [*values.items(), *((f"precision of {p}", v) for p, v in precision.items())]:
        wrong = ~np.isfinite(value) & (status == "ok")
        if wrong.any():
            status[wrong] = NO_NUMBER
            troubles.append(f"`{name}` is no number in {int(wrong.sum()):,} futures")
    ranges = [*declared.game.ranges, *((f"precision of {p}", np.nextafter(0, 1), np.inf) for p in precision)]
    every = {**values, **{f"precision of {p}": v for p, v in precision.items()}}
    for name, low, high in ranges:
        wrong = ((every[name] < low) | (every[name] > high)) & (status == "ok")
        if wrong.any():
            status[wrong] = OUT_OF_RANGE
            troubles.append(f"`{name}` leaves {low:g} to {high:g} in {int(wrong.sum()):,} futures")
    kept = np.flatnonzero(status == "ok")
    solution: Solution | None = None
    if len(kept):
        solution = solve(declared.game, _at(precision, kept), _at(values, kept))
        status[kept] = solution.status
        solved = np.isin(np.asarray(solution.status, dtype=str), SOLVED)
        if not solved.all():
            kept = kept[solved]
            solution = solve(declared.game, _at(precision, kept), _at(values, kept)) if len(kept) else None
    if solution is None:
        why = "; ".join(troubles) or "no equilibrium was found"
        raise UserError(
            f"{case.name}: the game `{declared.name}` cannot be played in any of {source.n:,} futures: {why}"
        )
    names, numbers_ = np.unique(status.astype(str), return_counts=True)
    values, precision = _at(values, kept), _at(precision, kept)
    left_out = getattr(source, "left_out", 0)
    counts = dict(zip(names.tolist(), numbers_.tolist(), strict=True)) | (
        {"not_modelled": left_out} if left_out else {}
    )
    return PlayedGame(
        case,
        declared,
        policy,
        seed,
        source.n + left_out,
        kept,
        counts,
        tuple(troubles),
        values,
        precision,
        solution,
        _moves(declared, solution.probabilities, values),
    )


def _at(each: Mapping[str, Floats], kept: npt.NDArray[np.int64]) -> dict[str, Floats]:
    return {name: value[kept] for name, value in each.items()}


def _readings(case: Case, declared: CaseGame, source: Source, policy: str) -> dict[str, Floats]:
    """Everything that the game's expressions name, one number a future."""
    parameters = {item.name: item for item in case.parameters}
    read = [name for name in declared.reads if name in parameters]
    drawn = [name for name in read if parameters[name].uncertain]
    # A run holds no columns of what has no range.
    found = {name: np.full(source.n, parameters[name].mode) for name in read if name not in drawn}
    if drawn:
        found |= dict(zip(drawn, source.parameters(drawn), strict=True))
    missing = [name for name in declared.reads if name not in parameters and not source.has(name)]
    if missing:
        raise UserError(
            f"{declared.place}: the game `{declared.name}` reads {listed(missing)}, which no future of {case.name} "
            "has; docs/outcomes.md says which contingencies and responders are adjudicated"
        )
    return found | {name: source.of(policy, name) for name in declared.reads if name not in parameters}


def _number(part: GameValue, read: Mapping[str, Floats], n: int) -> Floats:
    return np.array(np.broadcast_to(np.asarray(part.expression.value(read), dtype=np.float64), (n,)))


# ---- what is done in each move -----------------------------------------------------------------------------------


def _moves(
    declared: CaseGame, chances: Mapping[tuple[str, int, str], Floats], values: Mapping[str, Floats]
) -> tuple[MoveShares, ...]:
    """Follow all play through the tree, with and without what is asked about."""
    game = declared.game
    sets = {(each.player, each.label): each.number for each in game.information_sets}
    lots = numbers(game, dict(values))
    n = next((len(each) for each in chances.values()), 1)
    whole: dict[tuple[str, str], Floats] = {}
    taken: dict[tuple[str, str, str, bool], Floats] = {}

    def add(table: dict[tuple[str, ...], Floats], key: tuple[str, ...], reach: Floats) -> None:
        table[key] = table[key] + reach if key in table else reach

    def follow(node: Node, reach: Floats, done: bool) -> None:
        if isinstance(node, Chance):
            for _, chance, then in node.branches:
                follow(then, reach * (lots[chance] if isinstance(chance, str) else chance), done)
        elif isinstance(node, Decision):
            move = node.information.partition(":")[0]
            add(whole, (node.player, move), reach)  # pyright: ignore[reportArgumentType]
            number = sets[node.player, node.information]
            for option, then in node.options:
                part = reach * chances[node.player, number, option]
                add(taken, (node.player, move, option, done), part)  # pyright: ignore[reportArgumentType]
                asked = move == declared.move and option in declared.options
                follow(then, part, done or asked)

    follow(game.root, np.ones(n), False)
    made: list[MoveShares] = []
    order = [move.name for move in declared.form.played]
    for player, move in sorted(whole, key=lambda key: order.index(key[1])):
        options = list(dict.fromkeys(o for p, m, o, _ in taken if (p, m) == (player, move)))
        nothing = np.zeros(n)
        plain = {o: taken.get((player, move, o, False), nothing) for o in options}
        after = {o: taken.get((player, move, o, True), nothing) for o in options}
        reached_after = _whole(after)
        both = {o: plain[o] + after[o] for o in options}
        made.append(
            MoveShares(
                player,
                move,
                whole[player, move],
                {o: _share(part, whole[player, move]) for o, part in both.items()},
                {o: _share(part, reached_after) for o, part in after.items()} if reached_after.any() else {},
                {o: _share(part, reached) for o, part in plain.items()} if (reached := _whole(plain)).any() else {},
            )
        )
    return tuple(made)


def _whole(parts: Mapping[str, Floats]) -> Floats:
    return np.sum(list(parts.values()), axis=0)


def _share(part: Floats, whole: Floats) -> Floats:
    return np.divide(part, whole, out=np.full(len(part), np.nan), where=whole > 0)


def _main_of(found: PlayedGame, chances: Mapping[tuple[str, int, str], Floats], values: Mapping[str, Floats]) -> Floats:
    each = next(m for m in _moves(found.declared, chances, values) if m.move == found.declared.move)
    chance = sum((each.chances[option] for option in found.declared.options), start=np.zeros(len(each.reached)))
    return each.reached * np.where(each.reached > 0, chance, 0.0)


# ---- futures made for the game --------------------------------------------------------------------------------------


class Drawn:
    """Futures of a case evaluated in process under one policy, the present course beside it."""

    def __init__(self, case: Case, futures: int, seed: int, policy: str) -> None:
        from twofront.future import FutureModel
        from twofront.parameters.sampling import Sampler

        self.policies = list(dict.fromkeys([case.policies[0].name, policy]))
        model = FutureModel(case, policies=self.policies)
        model.prepare()
        sampler = Sampler(case, seed)
        drawn = sampler.draw(0, futures)
        outcomes, kept = _evaluated(model, drawn.values, drawn.structures)
        self._rows = {name: row for row, name in enumerate(sampler.parameter_names)}
        self._names = {name: row for row, name in enumerate(model.outcome_names)}
        self._outcomes, self._values = outcomes[:, :, kept], drawn.values[:, kept]
        self.left_out = int(futures - kept.sum())

    @property
    def n(self) -> int:
        """Number of futures."""
        return self._outcomes.shape[2]

    def has(self, name: str) -> bool:
        """Whether there is an outcome of this name."""
        return name in self._names

    def of(self, policy: str, name: str) -> Floats:
        """An outcome under a policy, one number a future."""
        return self._outcomes[self.policies.index(policy), self._names[name]]

    def parameters(self, names: Sequence[str]) -> Floats:
        """Draws of parameters, one row each."""
        return self._values[[self._rows[name] for name in names]]


def _evaluated(model: FutureModel, values: Floats, structures: Floats) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """Outcomes (policies, outcomes, futures), and which futures are usable under every policy."""
    from twofront.ensemble.engines import workers_here

    n = values.shape[1]
    pieces = [slice(lo, min(lo + _BLOCK, n)) for lo in range(0, n, _BLOCK)]

    def evaluate(piece: slice) -> tuple[Floats, npt.NDArray[np.int8]]:
        inputs = np.ascontiguousarray(values[:, piece]), np.ascontiguousarray(structures[:, piece])
        found = model.evaluate(*inputs, paths=False)
        return found.outcomes, found.status

    with ThreadPoolExecutor(min(workers_here(), len(pieces))) as pool:
        parts = list(pool.map(evaluate, pieces))
    usable = [place for place, name in enumerate(model.status_names) if name in USABLE]
    status = np.concatenate([part[1] for part in parts], axis=1)
    return np.concatenate([part[0] for part in parts], axis=2), np.logical_and.reduce(np.isin(status, usable), axis=0)
