"""Many-objective search by evolution; the one place that knows pymoo.

Epsilon-NSGA-II (Kollat and Reed 2006, "Comparing state-of-the-art evolutionary multi-objective algorithms for
long-term groundwater monitoring design"): NSGA-II with an archive of epsilon-boxes; when the archive makes no
progress, a new population is seeded from it. The same seed gives the same result.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from twofront.analyse.pareto import Archive, Floats, nondominated
from twofront.faults import UserError

__all__ = ["Evaluate", "Generation", "Problem", "evolve", "hypervolume"]

PATIENCE = 8
"""Generations without progress of the archive after which a new population is seeded from it."""
FROM_ARCHIVE = 0.5
"""Share of a new population that are members of the archive as they are; the others are members with inputs changed
at random."""

MISSING = "search needs pymoo, which is not installed; install it with: pip install 'twofront[search]'"


class Evaluate(Protocol):
    """Evaluates many points at once: inputs (points, inputs) to objectives and constraints (met where <= 0)."""

    def __call__(self, inputs: Floats, /) -> tuple[Floats, Floats]: ...


@dataclass(frozen=True)
class Problem:
    """What is searched: inputs between ``low`` and ``high``, objectives to be minimised, constraints met at <= 0.

    ``rounded`` puts inputs on the grid that they are written down with, so that what is saved is what was evaluated.
    """

    low: Floats
    high: Floats
    objectives: int
    constraints: int
    evaluate: Evaluate
    rounded: Callable[[Floats], Floats] = lambda inputs: inputs


@dataclass(frozen=True, slots=True)
class Generation:
    """How far a search has come: ``number`` of ``generations``; ``progress``: boxes of the archive won so far;
    ``hypervolume``: share of the box between the best and the worst of the first generation that the archive
    dominates, NaN for more than four objectives (too slow)."""

    number: int
    generations: int
    evaluations: int
    archive: Archive
    hypervolume: float


def evolve(
    problem: Problem,
    start: Floats,
    *,
    population: int,
    generations: int,
    epsilon: Floats | None,
    seed: int,
) -> Iterator[Generation]:
    """Search, and yield after each generation; whoever stops asking keeps what was found.

    ``start``: inputs to begin with (points, inputs), filled up by a Latin hypercube. Without ``epsilon``, it is a
    fiftieth of what the best points of the first generation range over. Raises `UserError` without pymoo.
    """
    try:
        from pymoo.algorithms.moo.nsga2 import NSGA2
        from pymoo.core.evaluator import Evaluator
        from pymoo.core.population import Population
        from pymoo.core.problem import Problem as PymooProblem
        from pymoo.problems.static import StaticProblem
    except ImportError:
        raise UserError(MISSING) from None
    random = np.random.default_rng(seed)
    shape: Any = PymooProblem(
        n_var=len(problem.low),
        n_obj=problem.objectives,
        n_ieq_constr=problem.constraints,
        xl=problem.low,
        xu=problem.high,
    )

    def algorithm(inputs: Floats, turn: int) -> Any:
        sampling: Any = Population.new("X", inputs)
        made: Any = NSGA2(pop_size=population, sampling=sampling)
        return made.setup(shape, termination=("n_gen", generations + 1), seed=(seed + turn) % 2**31, verbose=False)

    first = _filled(problem, start, population, random)
    now, turn, idle = algorithm(first, 0), 0, 0
    archive: Archive | None = None
    worst = best = np.zeros(problem.objectives)
    evaluations = 0
    for number in range(1, generations + 1):
        asked: Any = now.ask()
        inputs = problem.rounded(np.clip(asked.get("X").astype(np.float64), problem.low, problem.high))
        points, constraints = problem.evaluate(inputs)
        evaluations += len(inputs)
        asked.set("X", inputs)
        known: Any = {"F": np.where(np.isfinite(points), points, 1e30)}
        if problem.constraints:
            known["G"] = np.where(np.isfinite(constraints), constraints, 1e30)
        Evaluator().eval(StaticProblem(shape, **known), asked)
        now.tell(infills=asked)
        if archive is None:
            best, worst = _range(points)
            least, most = _range(points[nondominated(points)])
            archive = Archive((most - least) / 50 if epsilon is None else epsilon)
        before = archive.progress
        archive.add(inputs, points, np.maximum(constraints, 0.0).sum(axis=1))
        idle = 0 if archive.progress > before else idle + 1
        yield Generation(number, generations, evaluations, archive, hypervolume(archive.points, best, worst))
        if idle >= PATIENCE and len(archive):
            turn, idle = turn + 1, 0
            now = algorithm(_reseeded(problem, archive, population, random), turn)


def _range(points: Floats) -> tuple[Floats, Floats]:
    """Least and greatest finite value of each objective; a range of one where all are the same."""
    sound = points[np.isfinite(points).all(axis=1)]
    if not len(sound):
        return np.zeros(points.shape[1]), np.ones(points.shape[1])
    best, worst = sound.min(axis=0), sound.max(axis=0)
    return best, np.where(worst > best, worst, best + 1.0)


def _filled(problem: Problem, start: Floats, population: int, random: np.random.Generator) -> Floats:
    """The first population: what is given, then a Latin hypercube."""
    given = np.clip(start[:population], problem.low, problem.high)
    count, inputs = population - len(given), len(problem.low)
    strata = np.stack([random.permutation(count) for _ in range(inputs)], axis=1) if count else np.empty((0, inputs))
    even = (strata + random.random((count, inputs))) / max(count, 1)
    return np.vstack([given, problem.low + even * (problem.high - problem.low)])


def _reseeded(problem: Problem, archive: Archive, population: int, random: np.random.Generator) -> Floats:
    """A population from the archive: members as they are, and members with some inputs drawn anew (Borg's restart)."""
    chosen = archive.inputs[random.integers(len(archive), size=population)].copy()
    changed = np.arange(population) >= FROM_ARCHIVE * population
    drawn = problem.low + random.random(chosen.shape) * (problem.high - problem.low)
    swap = (random.random(chosen.shape) < max(1.5 / chosen.shape[1], 0.1)) & changed[:, None]
    return np.where(swap, drawn, chosen)


def hypervolume(points: Floats, best: Floats, worst: Floats) -> float:
    """Share of the box between ``best`` and ``worst`` that the points dominate; points beyond ``best`` make it more.

    NaN for more than four objectives.
    """
    if points.shape[1] > 4:
        return float("nan")
    from pymoo.indicators.hv import HV

    scaled = (points - best) / (worst - best)
    inside = scaled[(scaled < 1).all(axis=1)]
    found: Any = HV(ref_point=np.ones(points.shape[1]))(inside) if len(inside) else 0.0
    return float(found)
