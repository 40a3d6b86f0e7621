"""Has an engine evaluate the units of a plan, and keeps account of what became of each."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from twofront.ensemble.engines import Engine
from twofront.ensemble.engines.threads import Threads
from twofront.ensemble.manifest import Unit
from twofront.ensemble.model import Model, Sampling
from twofront.ensemble.plan import Plan
from twofront.ensemble.store import Layout, WrittenUnit
from twofront.ensemble.units import CannotWrite, Job, Recipe, Report

__all__ = ["CannotWrite", "Execution", "Failure", "Progress"]


@dataclass(frozen=True, slots=True)
class Failure:
    """A unit that could not be evaluated, and why."""

    lo: int
    hi: int
    error: str


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run has come."""

    done: int
    """Futures evaluated, each under every policy; with those that an earlier, interrupted run had evaluated."""
    futures: int
    seconds: float
    before: int = 0
    """Those of the earlier run."""

    @property
    def rate(self) -> float:
        """Futures a second so far."""
        return (self.done - self.before) / self.seconds if self.seconds > 0 else 0.0

    @property
    def seconds_left(self) -> float:
        """At the rate so far; infinite before the first block is done."""
        if self.done == self.futures:
            return 0.0
        return (self.futures - self.done) / self.rate if self.done > self.before else float("inf")


@dataclass(frozen=True)
class _Ready:
    """A recipe for this process alone, where what it makes is at hand."""

    model: Model
    sampler: Sampling

    def __call__(self) -> tuple[Model, Sampling]:
        return self.model, self.sampler


@dataclass
class Execution:
    """One evaluation of a plan. After `go`: what was finished, what failed and what it took."""

    model: Model
    sampler: Sampling
    plan: Plan
    layout: Layout
    folder: Path | None
    """None where only the digests are wanted."""
    workers: int
    engine: Engine | None = None
    """`workers` threads if None."""
    recipe: Recipe | None = None
    """How another process makes the model and the sampler; they themselves, pickled, if None."""
    stamp: str = ""
    """What the parts say of the run they belong to."""
    units: list[Unit] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    statuses: dict[str, Counter[str]] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict[str, float])
    """Processor seconds by kind of work, summed over workers."""
    remarks: list[str] = field(default_factory=list)
    """What happened on the way: workers that were killed."""
    stored_bytes: int = 0
    interrupted: bool = False

    def __post_init__(self) -> None:
        self.statuses = {policy: Counter() for policy in self.layout.policies}
        self._lock = threading.Lock()
        self._done = self._before = 0
        self._began = 0.0
        self._progress: Callable[[Progress], None] | None = None

    def already(self, written: WrittenUnit) -> None:
        """Count a unit that an earlier run has finished."""
        self._count(written)
        self._before += written.unit.hi - written.unit.lo
        self._done = self._before

    def go(self, progress: Callable[[Progress], None] | None = None) -> None:
        """Evaluate everything, or as much as Ctrl-C leaves time for. Raises `CannotWrite` if writing fails."""
        engine = self.engine or Threads(self.workers)
        recipe = self.recipe or _Ready(self.model, self.sampler)
        job = Job(recipe, self.plan, self.layout, self.folder, self.stamp)
        self._progress = progress
        self._began = time.perf_counter()
        try:
            engine.evaluate(job, (self.model, self.sampler), self.plan.units(), self)
        except KeyboardInterrupt:
            self.interrupted = True
        finally:
            self.units.sort(key=lambda unit: unit.lo)
            self.failures.sort(key=lambda failure: failure.lo)
        self.waiting()

    # ---- what an engine tells (`engines.Listener`) ------------------------------------------------------

    def advanced(self, futures: int) -> None:
        """So many futures more have been evaluated."""
        with self._lock:
            self._done += futures

    def finished(self, report: Report) -> None:
        """A unit is done, or cannot be."""
        with self._lock:
            for what, seconds in report.seconds.items():
                self.seconds[what] = self.seconds.get(what, 0.0) + seconds
            if report.error is not None:
                self.failures.append(Failure(report.lo, report.hi, report.error))
        if report.done is not None:
            self._count(report.done)

    def waiting(self) -> None:
        """Tell how far it has come."""
        if self._progress is not None:
            seconds = time.perf_counter() - self._began
            self._progress(Progress(self._done, self.plan.futures, seconds, self._before))

    def enough(self) -> bool:
        """Whether no further unit need be begun."""
        return False

    def remark(self, text: str) -> None:
        """Keep what a reader of the run should know."""
        with self._lock:
            self.remarks.append(text)

    def _count(self, written: WrittenUnit) -> None:
        with self._lock:
            self.units.append(written.unit)
            self.stored_bytes += written.stored_bytes
            for policy, counts in zip(self.layout.policies, written.status_counts, strict=False):
                self.statuses[policy].update(dict(zip(self.layout.statuses, counts, strict=True)))
