"""One unit of a run: its futures are evaluated block by block, hashed, and written as one part.

Whoever evaluates units (`twofront.ensemble.engines`), here or on another machine, does it with these.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, TypeAlias

import numpy as np

from twofront.ensemble import hashing, paths, store
from twofront.ensemble.manifest import Unit
from twofront.ensemble.model import Draws, Floats, Model, Results, Sampling
from twofront.ensemble.paths import PathSample
from twofront.ensemble.place import reason
from twofront.ensemble.plan import Plan
from twofront.ensemble.store import Layout, WrittenUnit
from twofront.faults import UserError

__all__ = ["CannotWrite", "Evaluator", "Job", "OpenUnit", "Range", "Recipe", "Report", "evaluate_unit"]

Range: TypeAlias = tuple[int, int]
"""Futures `lo` to `hi - 1`."""


class CannotWrite(UserError):
    """The run's folder can take no more."""


class Recipe(Protocol):
    """Makes a model and a sampler. Pickled, so that another process makes the same ones."""

    def __call__(self) -> tuple[Model, Sampling]: ...


@dataclass(frozen=True)
class Job:
    """What the units of a run have in common. Pickled, it is all that another process needs to evaluate one."""

    recipe: Recipe
    plan: Plan
    layout: Layout
    folder: Path | None
    """None where only the digests are wanted."""
    stamp: str = ""
    summarise: Callable[[int, Floats], Any] | None = None
    """What of a unit's rows (future, policy, outcome; the status last) goes into its report."""


@dataclass
class Report:
    """What became of a unit. `done` is None where `error` says why it could not be evaluated."""

    lo: int
    hi: int
    done: WrittenUnit | None = None
    error: str | None = None
    seconds: dict[str, float] = field(default_factory=dict[str, float])
    """Processor seconds by kind of work."""
    summary: Any = None


@dataclass(frozen=True)
class Evaluator:
    """A job with a model and a sampler that are ready."""

    job: Job
    model: Model
    sampler: Sampling

    @classmethod
    def of(cls, job: Job) -> Evaluator:
        """Make what the job's recipe says."""
        return cls(job, *job.recipe())


class OpenUnit:
    """A unit whose blocks are being evaluated, by one thread or by several."""

    def __init__(self, evaluator: Evaluator, lo: int, hi: int) -> None:
        job, size = evaluator.job, hi - lo
        self.lo, self.hi = lo, hi
        self._evaluator = evaluator
        self._report = Report(lo, hi)
        self._blocks = list(job.plan.blocks(lo, hi))
        self._missing = len(self._blocks)
        self._uncertain = list(evaluator.sampler.uncertain)
        self._lock = threading.Lock()
        layout = job.layout
        self._rows = np.empty((size, len(layout.policies), len(layout.outcomes) + 1))
        self._structures = np.empty((len(layout.structures), size))
        self._values = np.empty((len(layout.parameters), size)) if layout.parameters else None
        self._sample = self._path_sample()

    @property
    def blocks(self) -> list[Range]:
        """What is evaluated in one call each."""
        return self._blocks

    def evaluate(self, lo: int, hi: int) -> Report | None:
        """Evaluate a block; after the last one, write the part and tell what became of the unit."""
        if self._report.error is None:
            try:
                self._evaluate(lo, hi)
            except Exception as error:  # one unit's failure must not take the others with it
                self._report.error = f"futures {lo} to {hi - 1}: {type(error).__name__}: {error}"
        with self._lock:
            self._missing -= 1
            if self._missing:
                return None
        if self._report.error is None:
            self._finish()
        return self._report

    def _evaluate(self, lo: int, hi: int) -> None:
        model, sampled = self._evaluator.model, lo < self._evaluator.job.plan.path_futures
        with self._timed("sampling"):
            draws = self._evaluator.sampler.draw(lo, hi)
        with self._timed("evaluation"):
            results = model.evaluate(draws.values, draws.structures, paths=sampled)
        with self._timed("collecting"):
            self._put(lo, draws, results)
        if sampled and self._sample is not None and results.paths is not None:
            with self._timed("paths"):
                self._sample.put(lo, results.paths)

    def _put(self, lo: int, draws: Draws, results: Results) -> None:
        at = slice(lo - self.lo, lo - self.lo + draws.structures.shape[1])
        self._rows[at, :, :-1] = results.outcomes.transpose(2, 0, 1)
        self._rows[at, :, -1] = results.status.T
        hashing.canonical(self._rows[at])
        self._structures[:, at] = draws.structures
        if self._values is not None:
            self._values[:, at] = draws.values[self._uncertain]

    def _finish(self) -> None:
        job, report = self._evaluator.job, self._report
        with self._timed("hashing"):
            digests = tuple(hashing.digests(self._rows))
        if job.folder is None:
            report.done = WrittenUnit(Unit(self.lo, self.hi, digests), (), 0)
        else:
            with self._timed("writing"), _writing(job.folder) as folder:
                # The paths first: a part says that its unit is done.
                if self._sample is not None and self._sample.complete:
                    paths.write_paths(folder, self._sample.table())
                report.done = store.write_part(
                    folder,
                    job.layout,
                    self.lo,
                    self._rows,
                    self._structures,
                    self._values,
                    digests=digests,
                    stamp=job.stamp,
                )
        if job.summarise is not None:
            with self._timed("convergence"):
                report.summary = job.summarise(self.lo, self._rows)

    def _path_sample(self) -> PathSample | None:
        """The sample lies in the first unit, for a unit is at least a hash block and the sample is smaller."""
        plan, model = self._evaluator.job.plan, self._evaluator.model
        if self.lo >= plan.path_futures or self._evaluator.job.folder is None:
            return None
        return PathSample(self._evaluator.job.layout.policies, model.path_names, model.path_months, plan.path_futures)

    @contextmanager
    def _timed(self, what: str) -> Generator[None]:
        began = time.thread_time()
        try:
            yield
        finally:
            with self._lock:
                seconds = self._report.seconds
                seconds[what] = seconds.get(what, 0.0) + time.thread_time() - began


def evaluate_unit(evaluator: Evaluator, lo: int, hi: int) -> Report:
    """Evaluate a whole unit on this thread and write its part. Raises `CannotWrite`."""
    unit = OpenUnit(evaluator, lo, hi)
    for start, end in unit.blocks:
        report = unit.evaluate(start, end)
        if report is not None:
            return report
    raise ValueError(f"the unit {lo} to {hi - 1} has no futures")


@contextmanager
def _writing(folder: Path) -> Generator[Path]:
    try:
        yield folder
    except OSError as error:
        raise CannotWrite(f"{folder}: cannot write ({reason(error)})") from error
