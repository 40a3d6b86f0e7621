"""Speed of the analyses on made-up futures, with their peers on what those can handle, in one sitting.

Seconds belong to the machine and its moment; ratios between rows measured side by side travel better. To add an
analysis, write a function that returns a `Task` and name it in `TASKS`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import metadata
from importlib.util import find_spec
from typing import Any

import numpy as np

from twofront.analyse.study import Study
from twofront.ensemble.benchmark import Measurement
from twofront.ensemble.runner import peak_bytes

__all__ = ["TASKS", "Peer", "Task", "made_up", "measure_analyses"]

SMALL = 10_000
"""Futures of an ordinary run."""
OUTCOMES = 20
"""Outcomes whose sensitivity is measured."""
POLICIES = ("present_course", "first", "second")


@dataclass(frozen=True, slots=True)
class Peer:
    """Another program's way to the same answer.

    `package` is what it is installed as; `futures` and `inputs` are what it handles in a time that anybody would wait;
    `same` is ours on the same data for the same answer.
    """

    name: str
    package: str
    futures: int
    inputs: int
    run: Callable[[Study], Any]
    same: Callable[[Study], Any]


@dataclass(frozen=True, slots=True)
class Task:
    """An analysis as it is measured: from a study whose inputs are columns in memory to its answer. `needs`: a package
    of an extra, without which it is not measured."""

    name: str
    ours: Callable[[Study], Any]
    peers: tuple[Peer, ...] = ()
    needs: str = ""


def made_up(futures: int, inputs: int, seed: int = 1) -> Study:
    """Futures with a known answer: `harm` is likely where x0 > 0.7, x1 < 0.5 and c0 is not `c`, and rare elsewhere.

    Every tenth input is a choice among four (`c0`, `c1` …), the others are even between 0 and 1 (`x0`, `x1` …).
    `harm` lies between 0 and 1 and is lower under the policy `first`; `cost` is what x2 says, times the policy's place.
    """
    rng = np.random.default_rng(seed)
    choices = max(1, inputs // 10)
    columns: dict[str, Any] = {f"x{place}": rng.random(futures) for place in range(inputs - choices)}
    letters = np.array(list("abcd"))
    columns |= {f"c{place}": letters[rng.integers(0, 4, futures)] for place in range(choices)}
    inside = (columns["x0"] > 0.7) & (columns["x1"] < 0.5) & (columns["c0"] != "c")
    harm = np.where(inside, 0.6, 0.1) + 0.3 * rng.random(futures)
    cost = 10.0 * columns["x2"]
    return Study.of_arrays(
        columns,
        {
            "harm": {"present_course": harm, "first": 0.8 * harm, "second": harm + 0.1 * columns["x3"]},
            "cost": {policy: place * cost for place, policy in enumerate(POLICIES)},
        },
        label="made-up futures",
    )


def measure_analyses(
    futures: int = 1_000_000,
    inputs: int = 100,
    *,
    rounds: int = 1,
    only: Sequence[str] = (),
    peers: bool = True,
    told: Callable[[str], None] = lambda _: None,
) -> list[Measurement]:
    """Measure every analysis (or those whose name begins with one of `only`) on many futures and on an ordinary run.

    Each is warmed up on the ordinary run first, so that compiling is not counted. A peer that is not installed is a
    row without a number that says so.
    """
    rows: list[Measurement] = []
    tasks = [make() for make in TASKS]
    tasks = [task for task in tasks if not only or task.name.startswith(tuple(only))]
    for task in [task for task in tasks if task.needs and find_spec(task.needs) is None]:
        rows.append(Measurement(task.name, "s", [], f"not installed: pip install {task.needs}"))
        tasks.remove(task)
    small = made_up(SMALL, inputs)
    for task in tasks:
        told(f"{task.name}: warming up")
        task.ours(small)
    for count in dict.fromkeys((SMALL, futures)):
        study = small if count == SMALL else made_up(count, inputs)
        for _ in range(rounds):
            for task in tasks:
                told(f"{task.name}: {count:,} futures")
                _add(rows, f"{task.name}, {count:,} × {inputs}", lambda task=task, study=study: task.ours(study))
        del study
    if peers:
        for task in tasks:
            for peer in task.peers:
                _compare(rows, peer, rounds, told)
    rows.append(Measurement("most memory", "MB", [peak_bytes() / 1e6], "of this process, all of the above"))
    return rows


def _compare(rows: list[Measurement], peer: Peer, rounds: int, told: Callable[[str], None]) -> None:
    what = f"{peer.name}, {peer.futures:,} × {peer.inputs}"
    if find_spec(peer.package) is None:
        rows.append(Measurement(what, "s", [], f"not installed: pip install {peer.package.replace('_', '-')}"))
        return
    study = made_up(peer.futures, peer.inputs)
    peer.same(study)
    for _ in range(rounds):
        told(what)
        version = metadata.version(peer.package)
        _add(rows, what, lambda: peer.run(study), f"version {version}")
        _add(
            rows, f"  ours for the same, {peer.futures:,} × {peer.inputs}", lambda: peer.same(study), f"as {peer.name}"
        )


def _add(rows: list[Measurement], name: str, work: Callable[[], Any], note: str = "") -> None:
    began, worked = time.perf_counter(), time.process_time()
    work()
    taken, spent = time.perf_counter() - began, time.process_time() - worked
    # Seconds of the clock are also those of whatever else the machine does; those of the processor are the work's own.
    for row, value in ((name, taken), (f"{name}: processor", spent)):
        known = next((each for each in rows if (each.name, each.note) == (row, note)), None)
        if known is None:
            rows.append(Measurement(row, "s", [value], note))
        else:
            known.values.append(value)


# ---- the analyses -------------------------------------------------------------------------------------------


def _discovery() -> Task:
    from twofront.analyse.codes import encode
    from twofront.analyse.discovery import discover
    from twofront.analyse.prim import peel

    def peer(study: Study) -> Any:
        import pandas  # pyright: ignore
        from ema_workbench.analysis import prim  # pyright: ignore

        frames: Any = pandas
        workbench: Any = prim
        columns = {f.name: _shown(study, f.name) for f in study.factors}
        return workbench.Prim(frames.DataFrame(columns), study.outcome("harm") > 0.6, threshold=0.1).find_box()

    def same(study: Study) -> Any:
        return peel(encode(study), study.outcome("harm") > 0.6)

    return Task(
        "discovery, one box and 10 repeats",
        lambda study: discover(study, "harm > 0.6"),
        (Peer("EMA workbench's PRIM, one box, no repeats", "ema_workbench", 10_000, 10, peer, same),),
    )


def _sensitivity() -> Task:
    from twofront.analyse.codes import encode
    from twofront.analyse.indices import distances, first_order

    def indices(study: Study, outcomes: list[Any]) -> Any:
        coded = encode(study)
        levels, ordered = coded.sizes.tolist(), (~coded.choices).tolist()
        values = np.stack(outcomes)
        return (
            first_order(coded.codes, levels, ordered, values, threads=2),
            distances(coded.codes, levels, ordered, values, threads=2),
        )

    def ours(study: Study) -> Any:
        every = [study.outcome(name, policy) for name in ("harm", "cost") for policy in POLICIES]
        return indices(study, [every[place % len(every)] + place * every[0] for place in range(OUTCOMES)])

    def problem(study: Study) -> dict[str, Any]:
        sizes = [max(1, len(factor.options) - 1) for factor in study.factors]
        return {"num_vars": len(sizes), "names": list(study.inputs), "bounds": [[0, size] for size in sizes]}

    def pawn(study: Study) -> Any:
        from SALib.analyze import pawn  # pyright: ignore

        analysis: Any = pawn
        return analysis.analyze(problem(study), study.matrix().T, study.outcome("harm"), S=10, seed=1)

    def delta(study: Study) -> Any:
        from SALib.analyze import delta  # pyright: ignore

        analysis: Any = delta
        return analysis.analyze(problem(study), study.matrix().T, study.outcome("harm"), num_resamples=10, seed=1)

    def one(study: Study) -> Any:
        return indices(study, [study.outcome("harm")])

    return Task(
        f"sensitivity, {OUTCOMES} outcomes, shares, delta, PAWN",
        ours,
        (
            Peer("SALib's PAWN, one outcome", "SALib", 10_000, 10, pawn, one),
            Peer("SALib's delta and first order, one outcome, 10 resamples", "SALib", 1_000, 10, delta, one),
        ),
    )


def _shown(study: Study, name: str) -> Any:
    """A column as a peer takes it: a choice as text."""
    factor = study.factor(name)
    values = study.values(name)
    return np.array(factor.options)[values] if factor.is_choice else values


def _comparison() -> Task:
    from twofront.analyse.robustness import compare

    return Task("compare, two outcomes, every metric and slice", lambda study: compare(study, ["harm", "cost"]))


def _flip() -> Task:
    from twofront.analyse.codes import encode
    from twofront.analyse.tilting import Search

    def ours(study: Study) -> Any:
        # A lead that some inputs and some laws can turn.
        lead = study.change("harm", "second") + 0.2 * study.outcome("harm", "first") - 0.06
        return Search(encode(study), lead).flips()

    return Task("flip, up to three changes, not confirmed", ours)


LEVERS, SEARCHED = 10, 1000
GENERATIONS, POPULATION = 20, 100


def _search() -> Task:
    from twofront.analyse.evolution import Problem, evolve

    def measured(study: Study) -> Any:
        """Mean harm and mean cost of settings of ten levers, each of which takes harm off where one input is high, over
        the first thousand futures: a search looks at a sample, however large the run."""
        harm = study.outcome("harm")[:SEARCHED]
        works = np.stack([harm * study.values(f"x{lever % 9}")[:SEARCHED] for lever in range(LEVERS)])
        curbed, whole = works.mean(axis=1) / LEVERS, float(harm.mean())

        def evaluate(settings: Any) -> tuple[Any, Any]:
            # Every setting is measured over all of these futures, as a model would be.
            left = np.stack([(harm - (setting / LEVERS) @ works).mean() for setting in settings])
            cost = (settings**1.5) @ (1 + np.arange(LEVERS)) + 0.1 * whole * (settings @ curbed)
            return np.stack([left, cost], axis=1), np.empty((len(settings), 0))

        return evaluate

    def ours(study: Study) -> Any:
        problem = Problem(np.zeros(LEVERS), np.ones(LEVERS), 2, 0, measured(study))
        start = np.empty((0, LEVERS))
        *_, last = evolve(
            problem, start, population=POPULATION, generations=GENERATIONS, epsilon=np.array([1e-3, 0.1]), seed=1
        )
        return last

    def peer(study: Study) -> Any:
        from pymoo.algorithms.moo.nsga2 import NSGA2  # pyright: ignore
        from pymoo.core.problem import Problem as PymooProblem  # pyright: ignore
        from pymoo.optimize import minimize  # pyright: ignore

        evaluate, base = measured(study), PymooProblem

        class Levers(base):  # pyright: ignore
            def _evaluate(self, x: Any, out: Any, *_: Any, **__: Any) -> None:
                out["F"] = evaluate(x)[0]

        problem: Any = Levers(n_var=LEVERS, n_obj=2, xl=0.0, xu=1.0)
        method: Any = NSGA2(pop_size=POPULATION)
        return minimize(problem, method, ("n_gen", GENERATIONS), seed=1)

    return Task(
        f"search, {GENERATIONS * POPULATION:,} settings of {LEVERS} levers",
        ours,
        (Peer("pymoo's NSGA-II, as many settings, no archive", "pymoo", SMALL, 10, peer, ours),),
        "pymoo",
    )


TASKS: tuple[Callable[[], Task], ...] = (_discovery, _sensitivity, _comparison, _flip, _search)
