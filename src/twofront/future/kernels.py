"""The kernels of a case's stages, made ready together."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from twofront.case import Case
from twofront.choose import PATIENT, TRACED
from twofront.engine.executor import Executor, Kernel, Stage, compile_stage
from twofront.future.reported import costs, reported, status
from twofront.future.shape import identity_of, shape_of
from twofront.future.stages import LONGER_PASSES, Stages

__all__ = [
    "HARDER",
    "Floats",
    "Kernels",
    "Preparation",
    "Reserve",
    "Runner",
    "WarKernels",
    "chosen",
    "compile_stages",
    "make_ready",
    "series_of",
    "structures_of_war",
    "unanchored",
]

Floats = npt.NDArray[np.float64]
HARDER = (PATIENT, TRACED)
"""Searches for futures whose game the first one does not settle, one after the other."""
Ready: TypeAlias = Callable[[Stage], Kernel]
"""Makes a stage ready to run."""

_UNANCHORED = (
    "second_front_chance",
    "second_front_alone",
    "opportunism_effect",
    "coordination_effect",
    "common_cause_effect",
    "any_war_chance",
    "double_war_chance",
)


def unanchored(case: Case) -> tuple[str, ...]:
    """Outcomes that are also given without the anchor."""
    hazards = [
        f"yearly_hazard.{challenger.actor}.{kind}"
        for challenger in case.world.challengers
        for kind in ("war", "blockade")
        if any(act.kind == kind for act in challenger.menu)
    ]
    return (*_UNANCHORED, *hazards)


class Runner:
    """A kernel with the places of its rows."""

    def __init__(self, kernel: Kernel) -> None:
        self.kernel = kernel
        self.inputs = {name: place for place, name in enumerate(kernel.input_rows)}
        self.outputs = {name: place for place, name in enumerate(kernel.output_rows)}

    def run(self, inputs: Floats, outputs: Floats, levers: Floats | None = None) -> None:
        """Compute all columns."""
        self.kernel.run(inputs, outputs, 0, inputs.shape[1], levers)


class WarKernels:
    """Kernels of single wars, one for each theatre and structure: made ready when first asked for, once.

    All of a theatre give the same rows, and all kernels read the same inputs.
    """

    def __init__(self, make: Callable[[str, str], Stage], ready: Ready) -> None:
        self._make: Callable[[str, str], Stage] = make
        self._ready: Ready = ready
        self._known: dict[tuple[str, str], Runner] = {}
        self._lock = threading.Lock()

    def __call__(self, theatre: str, structure: str) -> Runner:
        """The kernel of a theatre's wars under a structure."""
        with self._lock:
            found = self._known.get((theatre, structure))
            if found is None:
                found = Runner(self._ready(self._make(theatre, structure)))
                self._known[theatre, structure] = found
            return found


class Reserve:
    """A kernel made ready when first asked for, once: for futures that the ordinary one does not settle."""

    def __init__(self, make: Callable[[], Runner]) -> None:
        self._make: Callable[[], Runner] = make
        self._known: Runner | None = None
        self._lock = threading.Lock()

    def __call__(self) -> Runner:
        """The kernel."""
        with self._lock:
            if self._known is None:
                self._known = self._make()
            return self._known


@dataclass(frozen=True)
class Preparation:
    """What making the model ready took. ``operations``: basic operations per stage and run of it."""

    compile_seconds: float
    trace_seconds: float
    cache_hit: bool
    operations: dict[str, float]
    expanded_operations: float
    """Operations per future and policy, the anchor's shared among all policies."""


@dataclass(frozen=True)
class Kernels:
    """One kernel for each stage (see `Stages`); ``series`` only where the case declares some.

    ``theatre``, ``later``: by theatre and structure; ``later`` is never asked for in a world with one lag. ``longer``:
    the anchor of futures that ``anchor`` leaves moving; ``harder``: the choices of those that ``choices``, and then the
    ones before, leave unsettled.
    """

    arsenals: Runner
    forces: Runner
    closures: Runner
    theatre: WarKernels
    later: WarKernels
    pairs: Runner
    anchor: Runner
    plain: Runner
    choices: Runner
    longer: Reserve
    harder: tuple[Reserve, ...]
    series: Runner | None
    reported: Runner
    costs: Runner
    status: Runner
    outcomes: tuple[str, ...]
    """Names of the outcomes: those of ``choices``, ``plain``, ``reported`` and ``costs``, in this order."""

    @property
    def levers(self) -> tuple[str, ...]:
        """Names of the uniform inputs, the same for every stage but those of later wars, which add the lag."""
        return self.forces.kernel.uniform_rows

    def preparation(self, case: Case, dates: int, policies: int) -> Preparation:
        """Say what it took, for a case with so many decision dates and policies.

        A theatre's wars count as the mean over its structures, by their weights.
        """
        named = {
            "arsenals": self.arsenals,
            "forces": self.forces,
            "closures": self.closures,
            "pairs": self.pairs,
            "anchor": self.anchor,
            "plain": self.plain,
            "choices": self.choices,
            "reported": self.reported,
            "costs": self.costs,
            "status": self.status,
        }
        operations = {name: runner.kernel.statistics.operations for name, runner in named.items()}
        often = {"pairs": float(dates), "anchor": 1 / policies}
        everything = [runner.kernel.statistics for runner in named.values()]
        everything += [] if self.series is None else [self.series.kernel.statistics]
        ages = len(case.world.lags) - 1
        for theatre, drawn in structures_of_war(case).items():
            for kind, kernels, times in (("war", self.theatre, 1), ("later", self.later, ages)):
                if not times:
                    continue
                name = f"{kind}.{theatre}"
                operations[name], often[name] = 0.0, float(dates * times)
                for structure, weight in drawn.items():
                    statistics = kernels(theatre, structure).kernel.statistics
                    operations[name] += weight * statistics.operations
                    everything.append(statistics)
        return Preparation(
            compile_seconds=sum(each.compile_seconds for each in everything),
            trace_seconds=sum(each.trace_seconds for each in everything),
            cache_hit=all(each.cache_hit for each in everything),
            operations=operations,
            expanded_operations=sum(count * often.get(name, 1.0) for name, count in operations.items()),
        )


def structures_of_war(case: Case) -> dict[str, dict[str, float]]:
    """By theatre, the structures that can be drawn for it, with their weights."""
    found: dict[str, dict[str, float]] = {}
    for theatre in case.world.theatres:
        choice = next(item for item in case.structures if item.name == f"war.{theatre.name}")
        found[theatre.name] = {o: w for o, w in zip(choice.options, choice.weights, strict=True) if w > 0}
    return found


def series_of(runner: Runner, prefix: str) -> tuple[str, ...]:
    """Names of the series among a kernel's outputs."""
    return tuple(name[:-3] for name in runner.outputs if name.startswith(prefix) and name.endswith("[0]"))


def chosen(choices: Runner) -> tuple[str, ...]:
    """Names of the outcomes among the rows of the stage of choices."""
    return tuple(name for name in choices.outputs if not name.startswith(("date.", "weight.", "check.")))


def compile_stages(stages: Stages, executor: Executor) -> Kernels:
    """Trace and compile all stages (or load them); cases of one shape share them within a process."""
    shape = (shape_of(stages), executor)
    with _SHARING:
        found = _SHARED.pop(shape, None)
        if found is None:
            found = make_ready(stages, partial(compile_stage, executor=executor, identity=identity_of(stages)))
        _SHARED[shape] = found
        while len(_SHARED) > MOST_SHARED:
            del _SHARED[next(iter(_SHARED))]
    return found


MOST_SHARED = 4
"""Shapes of cases whose kernels are kept at hand."""
_SHARED: dict[tuple[str, Executor], Kernels] = {}
_SHARING = threading.Lock()


def make_ready(stages: Stages, ready: Ready) -> Kernels:
    """Make all stages ready, those of war for every structure with weight; each is told what those before it give."""

    def run(stage: Stage) -> Runner:
        return Runner(ready(stage))

    arsenals, forces = run(stages.path("arsenals")), run(stages.path("forces"))
    closures = run(stages.closures())
    now = (*series_of(arsenals, "now."), *series_of(forces, "now."))
    curves = series_of(closures, "closure.")
    theatre = WarKernels(lambda name, structure: stages.theatre(name, structure, now, curves), ready)
    later = WarKernels(lambda name, structure: stages.later(name, structure, now, curves), ready)
    drawn = structures_of_war(stages.case)
    again = len(stages.case.world.lags) > 1
    war_rows: dict[str, tuple[str, ...]] = {}
    later_rows: dict[str, tuple[str, ...]] = {}
    for name, structures in drawn.items():
        rows = {theatre(name, structure).kernel.output_rows for structure in structures}
        after = {later(name, structure).kernel.output_rows for structure in structures} if again else {()}
        (war_rows[name],), (later_rows[name],) = rows, after
    pairs = run(stages.pairs(war_rows, later_rows))
    game_rows = pairs.kernel.output_rows
    choices, plain = run(stages.choices(game_rows)), run(stages.choices(game_rows, unanchored(stages.case)))
    shown, spent = run(reported(stages, game_rows)), run(costs(stages))
    unheld = (f"unanchored.{name}" for name in plain.outputs)
    outcomes = (*chosen(choices), *unheld, *shown.outputs, *spent.outputs)
    return Kernels(
        arsenals=arsenals,
        forces=forces,
        closures=closures,
        theatre=theatre,
        later=later,
        pairs=pairs,
        anchor=run(stages.anchor(game_rows)),
        plain=plain,
        choices=choices,
        longer=Reserve(lambda: run(stages.anchor(game_rows, LONGER_PASSES))),
        harder=tuple(Reserve(lambda search=search: run(stages.choices(game_rows, search=search))) for search in HARDER),
        series=run(stages.path("series")) if stages.paths else None,
        reported=shown,
        costs=spent,
        status=run(status(stages, outcomes)),
        outcomes=outcomes,
    )
