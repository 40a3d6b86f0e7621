"""Speed of the solvers on games drawn from fixed seeds, with Gambit on some of the same games in the same run.

Two families: a crisis of 50 ends in which everybody sees everything, and two theatres with private types of three
players, 120 ends. Their payoffs are invented; only their shape and spread matter here.
"""

from __future__ import annotations

import os
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any, Final

import numpy as np

from twofront.games.efg import write_efg
from twofront.games.game import Chance, Decision, Game, Node, Terminal
from twofront.games.kernels import Floats
from twofront.games.layout import lay_out
from twofront.games.solve import Method, Solution, prepare, solve

__all__ = ["PEER", "Timed", "complete_game", "measure", "typed_game"]

FOLLOWER: Final = ("nothing", "intensify", "coerce", "seize", "attack")
MEANS: Final[dict[tuple[str, ...], tuple[float, float, float]]] = {
    ("wait", "no"): (0.0, 0.0, 0.0),
    ("wait", "open", "p0e0"): (0.0, 1.0, -1.2),
    ("wait", "open", "p0e1"): (0.0, -1.2, -0.6),
    ("act", "no", "p0e0"): (1.2, -0.1, -1.5),
    ("act", "no", "p1e0"): (-1.4, -0.1, -0.7),
    ("act", "open", "p0e0"): (1.8, 1.2, -3.0),
    ("act", "open", "p0e1"): (1.6, -1.2, -2.2),
    ("act", "open", "p1e0"): (-0.9, 1.6, -1.9),
    ("act", "open", "p1e1"): (-0.6, -0.8, -2.0),
}
"""Mean payoffs of first mover, second mover, alliance, by what is played; each game's stray about them."""
SPREAD: Final = 0.6
SEED: Final = 20251122
AGAIN: Final = 400
PEER: Final = "pygambit"


@dataclass(frozen=True, slots=True)
class Timed:
    """One measurement: which games, solved how, games a second, and what else there is to say."""

    family: str
    how: str
    rate: float
    note: str = ""


def complete_game(count: int, seed: int = SEED) -> tuple[Game, dict[str, Floats]]:
    """A game of 50 ends without anything hidden, and normal payoffs for ``count`` such games."""
    source = np.random.default_rng(seed)
    values: dict[str, Floats] = {}

    def end() -> Terminal:
        names = tuple(f"{player}{len(values) // 3}" for player in ("lead", "follow", "alliance"))
        values.update({name: source.normal(size=count) for name in names})
        return Terminal(names)

    def follow(history: str) -> Node:
        options = tuple(
            (act, Decision("alliance", f"{history} {act}", (("hold", end()), ("fight", end())))) for act in FOLLOWER
        )
        return Decision("follow", history, options)

    def call(history: str) -> Node:
        return Decision("lead", f"call {history}", (("quiet", follow(history)), ("call", follow(f"{history} called"))))

    root = Decision(
        "lead", "first", (("wait", follow("wait")), ("blockade", call("blockade")), ("invade", call("invade")))
    )
    return Game("complete information, 50 ends", ("lead", "follow", "alliance"), root), values


def typed_game(count: int, seed: int = SEED) -> tuple[Game, dict[str, Floats]]:
    """Two theatres, two private types of each of three players, 120 ends; and payoffs for ``count`` such games."""
    source = np.random.default_rng(seed)
    values: dict[str, Floats] = {}

    def end(*history: str) -> Terminal:
        number = len(values) // 3
        names = tuple(f"{player}{number}" for player in ("lead", "follow", "alliance"))
        mean = MEANS[(history[0].replace("quiet", "act").replace("call", "act"), *history[1:])]
        values.update({n: m + SPREAD * source.normal(size=count) for n, m in zip(names, mean, strict=True)})
        return Terminal(names)

    def respond(kind: str, options: tuple[str, ...], *history: str) -> Node:
        label = " ".join((kind, *history))
        return Decision("alliance", label, tuple((option, end(*history, option)) for option in options))

    def follow(kinds: tuple[str, str, str], act: str) -> Node:
        seen = "wait" if act == "wait" else act
        no = end("wait", "no") if act == "wait" else respond(kinds[2], ("p0e0", "p1e0"), act, "no")
        answers = ("p0e0", "p0e1") if act == "wait" else ("p0e0", "p0e1", "p1e0", "p1e1")
        opened = respond(kinds[2], answers, act, "open")
        return Decision("follow", f"{kinds[1]} {seen}", (("no", no), ("open", opened)))

    def lead(kinds: tuple[str, str, str]) -> Node:
        return Decision("lead", kinds[0], tuple((act, follow(kinds, act)) for act in ("wait", "quiet", "call")))

    def types(drawn: tuple[str, ...]) -> Node:
        if len(drawn) == 3:
            return lead(drawn)
        chances = ((0.7, 0.3), (0.6, 0.4), (0.5, 0.5))[len(drawn)]
        letter = "lfa"[len(drawn)]
        return Chance(
            tuple((f"{letter}{k}", chance, types((*drawn, f"{letter}{k}"))) for k, chance in enumerate(chances))
        )

    return Game("two theatres, private types, 120 ends", ("lead", "follow", "alliance"), types(())), values


def measure(
    *, rounds: int = 3, threads: int = 2, games: int = 8192, told: Callable[[str], None] = lambda _: None
) -> list[list[Timed]]:
    """Each round's measurements, in one order. Games of the complete family are 16 times as many."""
    many = 16 * games
    complete, complete_values = complete_game(many)
    typed, typed_values = typed_game(games)
    peer = _Gambit()
    found: list[list[Timed]] = []
    for number in range(rounds + 1):
        told(f"games: round {number} of {rounds}" if number else "games: compiling, then a round that is not counted")
        row = list(_round(complete, complete_values, typed, typed_values, threads))
        if number:
            found.append([*row, *peer.measure(complete, complete_values, typed, typed_values)])
    return found


def _round(
    complete: Game, complete_values: dict[str, Floats], typed: Game, typed_values: dict[str, Floats], threads: int
) -> Iterator[Timed]:
    count = len(next(iter(complete_values.values())))
    ends = lay_out(complete).leaves
    words = "1 thread" if threads == 1 else f"{threads} threads"
    rate = _at_hand(complete, complete_values, threads)
    family = f"complete, {ends} ends"
    yield Timed(family, f"closed form, at hand, {words}", rate, "payoffs and results in the block they are solved in")
    began = time.perf_counter()
    solution = solve(complete, 2.0, complete_values, threads=threads)
    rate = count / (time.perf_counter() - began)
    yield Timed(family, f"closed form, arrays, {words}", rate, _outcome(solution))
    del solution
    methods: tuple[tuple[Method, tuple[float, ...]], ...] = (
        ("fixed_point", (1.0, 2.0)),
        ("tracking", (1.0, 2.0, 5.0, 20.0)),
    )
    replies: dict[float, Solution] = {}
    for method, precisions in methods:
        for lam in precisions:
            began = time.perf_counter()
            solution = solve(typed, lam, typed_values, method=method, threads=threads)
            rate = len(solution.residual) / (time.perf_counter() - began)
            family = f"typed, {lay_out(typed).leaves} ends, λ = {lam:g}"
            note = _outcome(solution)
            if method == "fixed_point":
                replies[lam] = solution
            elif lam in replies:
                note += f"; replies led elsewhere in {_apart(solution, replies[lam])}"
            yield Timed(family, f"{method.replace('_', ' ')}, {words}", rate, note)


def _at_hand(game: Game, values: dict[str, Floats], threads: int) -> float:
    """Games a second where each thread solves one block again and again: the solver without the memory."""
    batch = prepare(game, 2.0, values)
    report = batch.equations.report
    width = min(batch.width, batch.count)
    ready = threading.Barrier(threads + 1)

    def work(_: int) -> None:
        block = batch.block(0, width)
        ready.wait()
        for _again in range(AGAIN):
            block.run(report)

    with ThreadPoolExecutor(threads) as pool:
        jobs = [pool.submit(work, number) for number in range(threads)]
        ready.wait()
        began = time.perf_counter()
        for job in jobs:
            job.result()
        return AGAIN * width * threads / (time.perf_counter() - began)


def _outcome(solution: Solution) -> str:
    good = solution.status == "ok"
    worst = float(solution.residual[good].max()) if good.any() else float("nan")
    counts = ", ".join(f"{number:,} {name}" for name, number in solution.counts.items())
    return f"{counts}; residual at most {worst:.1g}"


def _apart(one: Solution, other: Solution) -> int:
    """Number of games solved by both in which some chance differs."""
    both = (one.status == "ok") & (other.status == "ok")
    gaps = [np.abs(chance - other.probabilities[key]) for key, chance in one.probabilities.items()]
    return int((np.max(gaps, axis=0)[both] > 1e-6).sum())


class _Gambit:
    """pygambit, if it is installed, on the first games of each family."""

    def __init__(self) -> None:
        try:
            import pygambit  # pyright: ignore
        except ImportError:
            self.peer: Any = None
        else:
            self.peer = pygambit

    def measure(
        self, complete: Game, complete_values: dict[str, Floats], typed: Game, typed_values: dict[str, Floats]
    ) -> Iterator[Timed]:
        """Games a second of Gambit's tracing, with the largest difference of a chance from ours."""
        if self.peer is None:
            yield Timed("", PEER, float("nan"), "not installed: pip install 'pygambit>=16.7' to measure it here")
            return
        for game, values, lam in (
            (complete, complete_values, 2.0),
            *((typed, typed_values, lam) for lam in (1.0, 2.0, 5.0, 20.0)),
        ):
            first = {name: float(value[0]) for name, value in values.items()}
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder) / "game.efg"
                write_efg(game, path, first)
                theirs = self.peer.read_efg(os.fspath(path))
            began = time.perf_counter()
            profile = self.peer.qre.logit_solve_lambda(theirs, lam=lam)[0]
            seconds = time.perf_counter() - began
            ours = solve(game, lam, first, method="tracking" if game is typed else "auto")
            chances = [profile[place] for place in range(len(profile))]
            gap = max(abs(a - b) for a, b in zip(chances, ours.probabilities.values(), strict=True))
            kind = f"typed, {lay_out(typed).leaves} ends, λ = {lam:g}"
            kind = kind if game is typed else f"complete, {lay_out(complete).leaves} ends"
            yield Timed(kind, PEER, 1.0 / seconds, f"{metadata.version('pygambit')}; {gap:.0e} from ours")
