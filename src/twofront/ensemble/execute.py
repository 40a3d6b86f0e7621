"""Evaluates a plan on threads and writes each unit as it is finished.

Blocks are handed out in the order of their futures; the thread that finishes the last block of a unit hashes and
writes it. Only so many units are open at a time, so memory does not grow with the number of futures.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np

from twofront.ensemble import hashing, paths, store
from twofront.ensemble.convergence import Convergence, Standing
from twofront.ensemble.manifest import Unit
from twofront.ensemble.model import Draws, Model, Results, Sampling
from twofront.ensemble.paths import PathSample
from twofront.ensemble.plan import Plan
from twofront.ensemble.store import Layout
from twofront.ensemble.workers import Workers
from twofront.faults import UserError

__all__ = ["CannotWrite", "Execution", "Failure", "Progress"]


class CannotWrite(UserError):
    """The run's folder can take no more."""


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
    """Futures evaluated, each under every policy."""
    futures: int
    seconds: float
    standing: Standing | None = None
    """How narrow the intervals of what is watched have become."""

    @property
    def rate(self) -> float:
        """Futures a second so far."""
        return self.done / self.seconds if self.seconds > 0 else 0.0

    @property
    def seconds_left(self) -> float:
        """At the rate so far; infinite before the first block is done."""
        return (self.futures - self.done) / self.rate if self.done else float("inf")


class _OpenUnit:
    """A unit whose blocks are being evaluated."""

    def __init__(self, lo: int, hi: int, blocks: int, layout: Layout, uncertain: Sequence[int]) -> None:
        size = hi - lo
        self.lo = lo
        self.hi = hi
        self.rows = np.empty((size, len(layout.policies), len(layout.outcomes) + 1))
        self.structures = np.empty((len(layout.structures), size))
        self.values = np.empty((len(layout.parameters), size)) if layout.parameters else None
        self.error: str | None = None
        self._uncertain = list(uncertain)
        self._missing = blocks
        self._lock = threading.Lock()

    def put(self, lo: int, draws: Draws, results: Results) -> None:
        at = slice(lo - self.lo, lo - self.lo + draws.structures.shape[1])
        self.rows[at, :, :-1] = results.outcomes.transpose(2, 0, 1)
        self.rows[at, :, -1] = results.status.T
        hashing.canonical(self.rows[at])
        self.structures[:, at] = draws.structures
        if self.values is not None:
            self.values[:, at] = draws.values[self._uncertain]

    def block_done(self) -> bool:
        """Count a block; true if it was the last one."""
        with self._lock:
            self._missing -= 1
            return self._missing == 0


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
    units: list[Unit] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    statuses: dict[str, Counter[str]] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    """Processor seconds by kind of work, summed over threads."""
    stored_bytes: int = 0
    path_futures: int = 0
    interrupted: bool = False

    def go(self, progress: Callable[[Progress], None] | None = None) -> None:
        """Evaluate everything, or as much as Ctrl-C leaves time for. Raises `CannotWrite` if writing fails."""
        self.statuses = {policy: Counter() for policy in self.layout.policies}
        self._lock = threading.Lock()
        self._done = 0
        self._kept: dict[int, tuple[int, dict[str, Counter[str]]]] = {}
        self._slots = threading.Semaphore(self.workers + 1)
        self._sample = self._path_sample()
        self._pool = Workers(self.workers, self._jobs())
        began = time.perf_counter()

        def tick() -> None:
            if progress is not None:
                standing = None if self.watch is None else self.watch.standing
                progress(Progress(self._done, self.plan.futures, time.perf_counter() - began, standing))

        try:
            self._pool.start()
            self._pool.wait(tick)
        except KeyboardInterrupt:
            self.interrupted = True
            self._pool.stop()
            self._pool.wait(lambda: None)
        tick()
        if self.watch is not None and self.watch.stop_at is not None:
            self._drop_from(self.watch.stop_at)
        for size, counts in self._kept.values():
            self.stored_bytes += size
            for policy, found in counts.items():
                self.statuses[policy].update(found)
        self.units.sort(key=lambda unit: unit.lo)
        self.failures.sort(key=lambda failure: failure.lo)
        if self._pool.error is not None:
            raise self._pool.error

    def _drop_from(self, stop: int) -> None:
        """Forget what was evaluated beyond `stop`, so that the run is the same whatever the number of workers."""
        for unit in self.units:
            if unit.lo >= stop:
                del self._kept[unit.lo]
                if self.folder is not None:
                    (self.folder / store.FOLDER / store.part_name(unit.lo, unit.hi)).unlink(missing_ok=True)
        self.units = [unit for unit in self.units if unit.lo < stop]
        self.failures = [failure for failure in self.failures if failure.lo < stop]

    def _path_sample(self) -> PathSample | None:
        if not self.plan.path_futures:
            return None
        model, futures = self.model, self.plan.path_futures
        return PathSample(self.layout.policies, model.path_names, model.path_months, futures)

    def _jobs(self) -> Iterator[Callable[[], None]]:
        for lo, hi in self.plan.units():
            while not self._slots.acquire(timeout=0.1):
                if self._pool.stopping:
                    return
            blocks = list(self.plan.blocks(lo, hi))
            unit = _OpenUnit(lo, hi, len(blocks), self.layout, self.sampler.uncertain)
            for start, end in blocks:
                yield partial(self._block, unit, start, end)

    def _block(self, unit: _OpenUnit, lo: int, hi: int) -> None:
        results = None
        if unit.error is None:
            try:
                results = self._evaluate(unit, lo, hi)
            except Exception as error:  # one unit's failure must not take the others with it
                unit.error = f"futures {lo} to {hi - 1}: {type(error).__name__}: {error}"
        if results is not None and lo < self.plan.path_futures:
            self._keep_paths(lo, results)
        with self._lock:
            self._done += hi - lo
        if unit.block_done():
            self._finish(unit)
            self._slots.release()

    def _evaluate(self, unit: _OpenUnit, lo: int, hi: int) -> Results:
        with self._timed("sampling"):
            draws = self.sampler.draw(lo, hi)
        with self._timed("evaluation"):
            sampled = lo < self.plan.path_futures
            results = self.model.evaluate(draws.values, draws.structures, paths=sampled)
        with self._timed("collecting"):
            unit.put(lo, draws, results)
        return results

    def _keep_paths(self, lo: int, results: Results) -> None:
        assert self._sample is not None
        if results.paths is None:
            return
        with self._timed("paths"):
            if self._sample.put(lo, results.paths):
                table, self._sample = self._sample.table(), None
                with self._writing() as folder:
                    paths.write_paths(folder, table)
                self.path_futures = self.plan.path_futures

    def _finish(self, unit: _OpenUnit) -> None:
        if unit.error is not None:
            with self._lock:
                self.failures.append(Failure(unit.lo, unit.hi, unit.error))
            if self.watch is not None:
                self.watch.failed(unit.lo, unit.hi)
            return
        with self._timed("hashing"):
            digests = hashing.digests(unit.rows)
        size = 0
        if self.folder is not None:
            with self._timed("writing"), self._writing() as folder:
                size = store.write_part(folder, self.layout, unit.lo, unit.rows, unit.structures, unit.values)
        names = self.layout.statuses
        counted: dict[str, Counter[str]] = {}
        for place, policy in enumerate(self.layout.policies):
            counts = np.bincount(unit.rows[:, place, -1].astype(np.int64), minlength=len(names))
            counted[policy] = Counter(dict(zip(names, map(int, counts), strict=True)))
        with self._lock:
            self.units.append(Unit(unit.lo, unit.hi, tuple(digests)))
            self._kept[unit.lo] = size, counted
        if self.watch is not None:
            with self._timed("convergence"):
                self.watch.add(self.watch.figures(unit.lo, unit.rows))
            if self.watch.stop_at is not None:
                self._pool.stop()

    @contextmanager
    def _timed(self, what: str) -> Generator[None]:
        began = time.thread_time()
        try:
            yield
        finally:
            with self._lock:
                self.seconds[what] = self.seconds.get(what, 0.0) + time.thread_time() - began

    @contextmanager
    def _writing(self) -> Generator[Path]:
        assert self.folder is not None
        try:
            yield self.folder
        except OSError as error:
            reason = error.strerror or str(error)
            raise CannotWrite(f"{self.folder}: cannot write ({reason})") from error
