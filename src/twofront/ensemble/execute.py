"""Has an engine evaluate the units of a plan, and keeps account of what became of each."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from twofront.ensemble import store
from twofront.ensemble.convergence import Convergence, Standing
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
    standing: Standing | None = None
    """How narrow the intervals of what is watched have become."""
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
    watch: Convergence | None = None
    """Says when enough futures are done; what was evaluated beyond is dropped."""
    engine: Engine | None = None
    """`workers` threads if None."""
    recipe: Recipe | None = None
    """How another process makes the model and the sampler; they themselves, pickled, if None."""
    stamp: str = ""
    """What the parts say of the run they belong to."""
    written: dict[int, WrittenUnit] = field(default_factory=dict[int, WrittenUnit])
    """What is finished, by its first future."""
    failures: list[Failure] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict[str, float])
    """Processor seconds by kind of work, summed over workers."""
    remarks: list[str] = field(default_factory=list)
    """What happened on the way: workers that were killed."""
    interrupted: bool = False

    def __post_init__(self) -> None:
        self._lock = threading.Lock()
        self._done = self._before = 0
        self._began = 0.0
        self._progress: Callable[[Progress], None] | None = None

    @property
    def units(self) -> list[Unit]:
        """What is finished, in the order of the futures."""
        return [self.written[lo].unit for lo in sorted(self.written)]

    @property
    def kept(self) -> int:
        """Futures that are finished."""
        return sum(item.unit.hi - item.unit.lo for item in self.written.values())

    @property
    def stored_bytes(self) -> int:
        """Size of the parts."""
        return sum(item.stored_bytes for item in self.written.values())

    @property
    def statuses(self) -> dict[str, Counter[str]]:
        """Finished futures by policy and status."""
        found: dict[str, Counter[str]] = {policy: Counter() for policy in self.layout.policies}
        for item in self.written.values():
            for policy, counts in zip(self.layout.policies, item.status_counts, strict=False):
                found[policy].update(dict(zip(self.layout.statuses, counts, strict=True)))
        return found

    def take_up(self, whole: Sequence[WrittenUnit]) -> None:
        """Count units that an earlier run has finished."""
        self.written.update((item.unit.lo, item) for item in whole)
        self._done = self._before = self.kept
        if self.watch is not None and self.folder is not None:
            self.watch.take_stored(self.folder, [(item.unit.lo, item.unit.hi) for item in whole])

    def go(self, progress: Callable[[Progress], None] | None = None) -> None:
        """Evaluate everything, or as much as Ctrl-C leaves time for. Raises `CannotWrite` if writing fails."""
        engine = self.engine or Threads(self.workers)
        recipe = self.recipe or _Ready(self.model, self.sampler)
        figures = None if self.watch is None else self.watch.figures
        job = Job(recipe, self.plan, self.layout, self.folder, self.stamp, figures)
        self._progress = progress
        self._began = time.perf_counter()
        try:
            engine.evaluate(job, (self.model, self.sampler), self.plan.units(), self)
        except KeyboardInterrupt:
            self.interrupted = True
        finally:
            if self.watch is not None and self.watch.stop_at is not None:
                self._drop_from(self.watch.stop_at)
            self.failures.sort(key=lambda failure: failure.lo)
        self.waiting()

    def _drop_from(self, stop: int) -> None:
        """Forget what was evaluated beyond `stop`, so that the run is the same whatever the number of workers."""
        for lo in [lo for lo in self.written if lo >= stop]:
            unit = self.written.pop(lo).unit
            if self.folder is not None:
                (self.folder / store.FOLDER / store.part_name(unit.lo, unit.hi)).unlink(missing_ok=True)
        self.failures = [failure for failure in self.failures if failure.lo < stop]

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
                self.written[report.lo] = report.done
        if self.watch is not None:
            if report.done is None:
                self.watch.failed(report.lo, report.hi)
            else:
                self.watch.add(report.summary)

    def waiting(self) -> None:
        """Tell how far it has come."""
        if self._progress is not None:
            seconds = time.perf_counter() - self._began
            standing = None if self.watch is None else self.watch.standing
            self._progress(Progress(self._done, self.plan.futures, seconds, standing, self._before))

    def enough(self) -> bool:
        """Whether no further unit need be begun."""
        return self.watch is not None and self.watch.stop_at is not None

    def remark(self, text: str) -> None:
        """Keep what a reader of the run should know."""
        with self._lock:
            self.remarks.append(text)
