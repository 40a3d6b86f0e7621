"""`search`: settings of the levers that no other found one beats in everything that was asked for.

Objectives are measures over a sample of futures, so that what is found holds up across them. Whoever searches on a
sample fits what is particular to it, so everything found is measured again on draws that the search never saw, and
the difference is shown (optimism; Bonham et al. 2022 on how many scenarios a robust search needs).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from twofront.analyse.evolution import Generation, Problem, evolve
from twofront.analyse.objectives import Asked, Floats, constraint, known_of, objective
from twofront.analyse.pareto import nondominated
from twofront.case import Case, Lever, Policy
from twofront.faults import UserError, listed, nearest

if TYPE_CHECKING:
    from twofront.future.trials import Trials

__all__ = ["DEFAULT_OBJECTIVES", "Axis", "Measured", "Point", "Search", "amount_of", "search", "setting_words"]

DEFAULT_OBJECTIVES = ("min mean any_war_chance", "min mean double_war_chance", "min mean policy_cost")
LEAST_FUTURES = 20
"""Futures below which a measure over them says nothing."""
RESAMPLES = 200
BROKEN = 1e30
"""Stands for an objective that no future defines."""


@dataclass(frozen=True, slots=True)
class Axis:
    """A lever that is searched, and between which values."""

    lever: Lever
    low: float
    high: float

    @property
    def digits(self) -> int:
        """Decimal places that a found value is written with: a hundredth to a thousandth of the range."""
        return max(0, 2 - math.floor(math.log10(self.high - self.low)))


@dataclass(frozen=True, slots=True)
class Measured:
    """A measure on the draws of the search and on fresh ones, there with its 95% interval."""

    sought: float
    fresh: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Point:
    """A policy with what it does. ``case``: it is one of the case's own, there to compare with.

    ``feasible`` and ``best`` (no other found point is better in everything) are judged on the fresh draws.
    ``left_out``: fresh futures without a number, largest over what is measured.
    """

    policy: Policy
    case: bool
    measured: Mapping[str, Measured]
    feasible: bool
    best: bool
    left_out: int


@dataclass(frozen=True)
class Search:
    """What a search found, and how it went."""

    case: Case
    objectives: tuple[Asked, ...]
    constraints: tuple[Asked, ...]
    axes: tuple[Axis, ...]
    points: tuple[Point, ...]
    history: tuple[tuple[int, int, int, int, float], ...]
    """By generation: number, evaluations, points in the archive, boxes won (epsilon-progress), hypervolume."""
    epsilon: tuple[float, ...]
    seed: int
    futures: int
    fresh: int
    """Futures used of each sample; `left_out` of them had no number on the present course."""
    left_out: tuple[int, int]
    interrupted: bool = False

    @property
    def asked(self) -> tuple[Asked, ...]:
        """Objectives, then constraints; each measure once."""
        return tuple({item.name: item for item in (*self.objectives, *self.constraints)}.values())

    @cached_property
    def found(self) -> tuple[Point, ...]:
        """The best points of the search that meet the constraints on fresh draws."""
        return tuple(point for point in self.points if not point.case and point.feasible and point.best)

    @property
    def policies(self) -> tuple[Policy, ...]:
        """The found policies, fit for `twofront run CASE --policies`."""
        return tuple(point.policy for point in self.found)


@dataclass
class _Setup:
    """What is searched, ready to be evaluated."""

    case: Case
    axes: tuple[Axis, ...]
    objectives: tuple[Asked, ...]
    constraints: tuple[Asked, ...]
    trials: Trials
    columns: list[str | tuple[str, int]]
    usable: tuple[int, ...]
    failed: int = 0
    today: Floats = field(init=False)

    def __post_init__(self) -> None:
        self.today = np.array([lever.today for lever in self.case.levers])

    def settings(self, inputs: Floats) -> Floats:
        """Settings of all levers from those of the searched ones."""
        names = [lever.name for lever in self.case.levers]
        whole = np.tile(self.today, (len(inputs), 1))
        for place, axis in enumerate(self.axes):
            whole[:, names.index(axis.lever.name)] = inputs[:, place]
        return whole

    def values(self, settings: Floats) -> Floats:
        """What is measured (settings, columns, futures), NaN where a future under a setting has no usable status."""
        tried = self.trials.evaluate(settings)
        sound = np.isin(tried.status, self.usable)
        self.failed += int((~sound).sum())
        return np.where(sound[:, None, :], tried.values, np.nan)

    def measured(self, values: Floats) -> dict[str, Floats]:
        """Every measure by its name, one number a setting."""
        items = (*self.objectives, *self.constraints)
        return {item.name: item.of(values[:, self.columns.index(item.column)]) for item in items}

    def evaluate(self, inputs: Floats) -> tuple[Floats, Floats]:
        """Objectives (less is better) and constraints (met at 0 or below) of settings of the searched levers."""
        found = self.measured(self.values(self.settings(inputs)))
        points = np.stack([item.minimised(found[item.name]) for item in self.objectives], axis=1)
        limits = [item.excess(found[item.name]) for item in self.constraints]
        held = np.stack(limits, axis=1) if limits else np.empty((len(inputs), 0))
        return np.where(np.isnan(points), BROKEN, points), np.where(np.isnan(held), BROKEN, held)


def search(
    case: Case | str | Path,
    objectives: Sequence[str] = DEFAULT_OBJECTIVES,
    constraints: Sequence[str] = (),
    *,
    levers: Mapping[str, tuple[float, float] | None] | Sequence[str] | None = None,
    futures: int = 128,
    fresh: int = 1000,
    population: int = 60,
    generations: int = 40,
    epsilon: Sequence[float] | None = None,
    start: Sequence[Policy] = (),
    seed: int = 1,
    workers: int | None = None,
    progress: Callable[[Generation], None] | None = None,
) -> Search:
    """Search a case for policies.

    ``objectives`` and ``constraints``: see `twofront.analyse.objectives`. ``levers``: those to be moved (all unless
    given), each with its range where that is narrower than the case's; the others stay at today's value. Found
    policies are measured on ``futures`` draws while searching and on ``fresh`` further ones of the same ``seed``
    afterwards. ``epsilon``: the least difference that matters, one for each objective. Ctrl-C ends the search early
    and keeps what was found. The same arguments give the same result. Adaptive policies are neither found nor
    compared with: a setting of the levers is one that stays.

    Raises `UserError` for what does not exist or cannot be, and without pymoo.
    """
    from twofront.analyse.sample import USABLE
    from twofront.case import load_case
    from twofront.ensemble.engines import workers_here
    from twofront.future import FutureModel
    from twofront.future.trials import Trials
    from twofront.parameters.sampling import Sampler

    if isinstance(case, (str, Path)):
        case = load_case(case)
    axes = _axes(case, levers)
    _check_sizes(futures, fresh, population, generations)
    model = FutureModel(case, policies=())
    model.prepare()
    known = known_of(case, model.outcome_names, model.path_names, [int(month) for month in model.path_months])
    wanted = tuple(objective(text, known) for text in objectives)
    limits = tuple(constraint(text, known) for text in constraints)
    if not wanted:
        raise UserError("a search needs an objective, such as --objective 'min mean any_war_chance'")
    sizes = _epsilon(epsilon, wanted)
    columns = list(dict.fromkeys(item.column for item in (*wanted, *limits)))
    sampler = Sampler(case, seed)
    usable = tuple(place for place, name in enumerate(model.status_names) if name in USABLE)
    threads = workers or workers_here()

    def ready(lo: int, hi: int) -> tuple[_Setup, int]:
        drawn = sampler.draw(lo, hi)
        trials = Trials(model, drawn.values, drawn.structures, columns, workers=threads)
        kept = np.isin(trials.present.status[0], usable)
        left_out = int((~kept).sum())
        if left_out:
            trials = Trials(model, drawn.values[:, kept], drawn.structures[:, kept], columns, workers=threads)
        if trials.n < LEAST_FUTURES:
            raise UserError(f"only {trials.n} of {hi - lo} futures have a number on the present course; ask for more")
        return _Setup(case, axes, wanted, limits, trials, columns, usable), left_out

    sought, lost = ready(0, futures)
    problem = Problem(
        np.array([axis.low for axis in axes]),
        np.array([axis.high for axis in axes]),
        len(wanted),
        len(limits),
        sought.evaluate,
        lambda inputs: _rounded(inputs, axes),
    )
    fixed = [policy for policy in case.policies if policy.adaptive is None]
    begin = _inputs((*fixed, *(policy for policy in start if policy.adaptive is None)), axes)
    history: list[tuple[int, int, int, int, float]] = []
    last: Generation | None = None
    interrupted = False
    try:
        for now in evolve(problem, begin, population=population, generations=generations, epsilon=sizes, seed=seed):
            last = now
            history.append((now.number, now.evaluations, len(now.archive), now.archive.progress, now.hypervolume))
            if progress is not None:
                progress(now)
    except KeyboardInterrupt:
        if last is None:
            raise
        interrupted = True
    assert last is not None
    inputs = last.archive.inputs
    order = np.lexsort(last.archive.points.T[::-1])
    checked, lost_fresh = ready(futures, futures + fresh)
    settings = sought.settings(inputs[order])
    own = np.array([[policy.levers[lever.name] for lever in case.levers] for policy in fixed])
    points = _points(sought, checked, np.vstack([settings, own]), len(settings), fixed)
    return Search(
        case=case,
        objectives=wanted,
        constraints=limits,
        axes=axes,
        points=points,
        history=tuple(history),
        epsilon=tuple(map(float, last.archive.epsilon)),
        seed=seed,
        futures=sought.trials.n,
        fresh=checked.trials.n,
        left_out=(lost, lost_fresh),
        interrupted=interrupted,
    )


def _check_sizes(futures: int, fresh: int, population: int, generations: int) -> None:
    for what, has, least in (
        ("futures", futures, LEAST_FUTURES),
        ("fresh futures", fresh, LEAST_FUTURES),
        ("policies in a generation", population, 8),
        ("generations", generations, 1),
    ):
        if has < least:
            raise UserError(f"{has} {what} asked for; a search needs at least {least}")


def _axes(case: Case, levers: Mapping[str, tuple[float, float] | None] | Sequence[str] | None) -> tuple[Axis, ...]:
    known = {lever.name: lever for lever in case.levers}
    chosen: Mapping[str, tuple[float, float] | None]
    if levers is None:
        chosen = dict.fromkeys(name for name, lever in known.items() if lever.low < lever.high)
    else:
        chosen = levers if isinstance(levers, Mapping) else dict.fromkeys(levers)
    axes: list[Axis] = []
    for name, span in chosen.items():
        if name not in known:
            close = nearest(name, known)
            hint = f"; did you mean `{close}`?" if close else f"; there are {listed(known, most=30)}"
            raise UserError(f"{case.name} has no lever `{name}`{hint}")
        lever = known[name]
        low, high = span or (lever.low, lever.high)
        if not lever.low <= low < high <= lever.high:
            raise UserError(
                f"lever `{name}`: {low:g} to {high:g} is no range within {lever.low:g} to {lever.high:g} {lever.unit}"
            )
        axes.append(Axis(lever, low, high))
    if not axes:
        raise UserError(f"{case.name} has no lever to search")
    return tuple(axes)


def _epsilon(given: Sequence[float] | None, wanted: Sequence[Asked]) -> Floats | None:
    if not given:
        return None
    if len(given) != len(wanted) or min(given) <= 0:
        raise UserError(f"{len(wanted)} objectives need as many epsilons above 0; found {listed(map(str, given))}")
    return np.array(given, dtype=np.float64)


def _rounded(inputs: Floats, axes: Sequence[Axis]) -> Floats:
    columns = [np.clip(np.round(inputs[:, place], axis.digits), axis.low, axis.high) for place, axis in enumerate(axes)]
    return np.stack(columns, axis=1)


def _inputs(policies: Sequence[Policy], axes: Sequence[Axis]) -> Floats:
    """Searched levers of policies, each once."""
    rows = [[policy.levers[axis.lever.name] for axis in axes] for policy in policies]
    return np.unique(_rounded(np.array(rows, dtype=np.float64), axes), axis=0)


def _points(sought: _Setup, checked: _Setup, settings: Floats, found: int, own: Sequence[Policy]) -> tuple[Point, ...]:
    """Measure settings on both samples; the first ``found`` are the search's, the others the case's ``own``."""
    case = sought.case
    before = sought.measured(sought.values(settings))
    values = checked.values(settings)
    after = checked.measured(values)
    spread = _intervals(checked, values)
    left_out = np.isnan(values).sum(axis=2).max(axis=1)
    objectives = np.stack([item.minimised(after[item.name]) for item in checked.objectives], axis=1)
    feasible: npt.NDArray[np.bool_] = np.logical_and.reduce(np.isfinite(objectives), axis=1)
    for item in checked.constraints:
        feasible &= item.excess(after[item.name]) <= 0
    best = np.zeros(len(settings), dtype=bool)
    best[:found] = nondominated(np.where(feasible[:found, None], objectives[:found], np.nan))
    width = len(str(found))
    points: list[Point] = []
    for place in range(len(settings)):
        measured = {
            name: Measured(float(before[name][place]), float(after[name][place]), *map(float, spread[name][:, place]))
            for name in after
        }
        if place < found:
            levers = dict(zip((lever.name for lever in case.levers), map(float, settings[place]), strict=True))
            named = tuple(lever.name for lever in case.levers if levers[lever.name] != lever.today)
            name = f"found_{place + 1:0{width}d}"
            means = f"Found by search: {setting_words(case, levers) or 'nothing changes'}."
            policy = Policy(name, f"Found {place + 1}", means, levers, named)
        else:
            policy = own[place - found]
        points.append(
            Point(policy, place >= found, measured, bool(feasible[place]), bool(best[place]), int(left_out[place]))
        )
    return _labelled(points, checked.objectives)


def _labelled(points: Sequence[Point], objectives: Sequence[Asked]) -> tuple[Point, ...]:
    """Say in the label of a found point what it is best at."""
    best = [point for point in points if point.best]
    told: dict[str, list[str]] = {}
    for item in objectives:
        if best:
            way = -1 if item.larger else 1
            first = min(best, key=lambda point: way * point.measured[item.name].fresh)
            told.setdefault(first.policy.name, []).append(f"{'most' if item.larger else 'least'} {item.name}")
    return tuple(
        replace(point, policy=replace(point.policy, label=f"{point.policy.label}: {', '.join(words)}"))
        if (words := told.get(point.policy.name)) and not point.case
        else point
        for point in points
    )


def _intervals(setup: _Setup, values: Floats) -> dict[str, Floats]:
    """95% intervals of every measure from resampled futures, the same ones for all settings: (2, settings)."""
    random = np.random.default_rng(setup.trials.n)
    items = (*setup.objectives, *setup.constraints)
    drawn: dict[str, list[Floats]] = {item.name: [] for item in items}
    for _ in range(RESAMPLES):
        chosen = random.integers(setup.trials.n, size=setup.trials.n)
        again = values[:, :, chosen]
        for item in items:
            drawn[item.name].append(item.of(again[:, setup.columns.index(item.column)]))
    return {name: np.nanpercentile(np.stack(rows), [2.5, 97.5], axis=0) for name, rows in drawn.items()}


def setting_words(case: Case, levers: Mapping[str, float]) -> str:
    """What a setting does, in the labels of the levers, the most moved first; nothing for the present course."""
    moved = [lever for lever in case.levers if levers.get(lever.name, lever.today) != lever.today]
    moved.sort(key=lambda lever: -abs(levers[lever.name] - lever.today) / (lever.high - lever.low))
    return "; ".join(
        f"{lever.label}: {amount_of(lever, levers[lever.name])} (today {amount_of(lever, lever.today)})"
        for lever in moved
    )


def amount_of(lever: Lever, value: float) -> str:
    """A lever's value with its unit."""
    if lever.unit == "share":
        return f"{100 * value:.3g}%"
    return f"{value:.4g}" if lever.unit == "ratio" else f"{value:.4g} {lever.unit}"
