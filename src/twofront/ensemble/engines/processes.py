"""The engine of local processes: each evaluates whole units and writes its own parts.

A process that is killed takes its unit with it and nothing else: what was under way is evaluated again, one unit at
a time until the culprit is found.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import chain

from twofront.ensemble.engines.engine import Listener, as_finished
from twofront.ensemble.engines.worker import packed, unit_of
from twofront.ensemble.model import Model, Sampling
from twofront.ensemble.units import Job, Range, Report

__all__ = ["Processes"]

_ATTEMPTS = 2
"""Evaluations of a unit by itself, before it is given up since its process dies."""


class Processes:
    """A pool of processes, made anew when one of them has died."""

    name = "processes"

    def __init__(self, workers: int) -> None:
        self.workers = workers

    def __enter__(self) -> Processes:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def evaluate(self, job: Job, ready: tuple[Model, Sampling], units: Iterable[Range], listener: Listener) -> None:
        """See `Engine`."""
        message = packed(job)
        left = iter(units)
        while lost := self._batch(message, left, self.workers, 2 * self.workers, listener):
            told = ", ".join(f"{lo} to {hi - 1}" for lo, hi in lost)
            listener.remark(f"a worker process was killed; what was under way (futures {told}) is evaluated again")
            self._one_by_one(message, lost, listener)

    def _one_by_one(self, message: tuple[str, bytes], suspects: list[Range], listener: Listener) -> None:
        """Evaluate units one at a time, so that the one whose process dies is known."""
        left = iter(suspects)
        deaths: Counter[Range] = Counter()
        while died := self._batch(message, left, 1, 1, listener):
            (unit,) = died
            deaths[unit] += 1
            if deaths[unit] < _ATTEMPTS:
                left = chain([unit], left)
                continue
            lo, hi = unit
            times = f"{_ATTEMPTS + 1} times"
            why = f"futures {lo} to {hi - 1}: the process that evaluates them dies ({times}); too little memory?"
            listener.advanced(hi - lo)
            listener.finished(Report(lo, hi, error=why))

    def _batch(
        self, message: tuple[str, bytes], units: Iterable[Range], workers: int, most: int, listener: Listener
    ) -> list[Range]:
        """Evaluate units, `most` of them under way, until they are done or a process dies; give those lost then."""
        lost: list[Range] = []
        context = multiprocessing.get_context("spawn")
        pool = ProcessPoolExecutor(workers, mp_context=context, initializer=_begin)

        def submit(unit: Range) -> Future[Report]:
            try:
                return pool.submit(unit_of, *message, *unit)
            except BrokenProcessPool as error:
                broken: Future[Report] = Future()
                broken.set_exception(error)
                return broken

        def width() -> int:
            return 0 if lost or listener.enough() else most

        try:
            for (lo, hi), future in as_finished(submit, units, width, listener.waiting):
                if isinstance(future.exception(), BrokenProcessPool):
                    lost.append((lo, hi))
                    continue
                report: Report = future.result()
                listener.advanced(hi - lo)
                listener.finished(report)
        except BaseException:
            _kill(pool)
            raise
        pool.shutdown()
        return sorted(lost)


def _begin() -> None:
    """Leave Ctrl-C to who waits, and end when that process does, however it ended."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()

    def watch() -> None:
        if parent is not None:
            parent.join()
        os._exit(1)

    threading.Thread(target=watch, daemon=True, name="twofront-watch").start()


def _kill(pool: ProcessPoolExecutor) -> None:
    """End the processes of a pool at once: a unit that is not whole leaves nothing."""
    for process in list((getattr(pool, "_processes", None) or {}).values()):
        process.kill()
    pool.shutdown(cancel_futures=True)
