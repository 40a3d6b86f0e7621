"""The engine of this process: threads share the blocks of a unit, for evaluation releases the interpreter."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from functools import partial

from twofront.ensemble.engines.engine import Listener
from twofront.ensemble.model import Model, Sampling
from twofront.ensemble.units import Evaluator, Job, OpenUnit, Range
from twofront.ensemble.workers import Workers

__all__ = ["Threads"]


class Threads:
    """Hands blocks to threads in the order of their futures; who finishes the last one of a unit writes the part.

    Only so many units are open at a time, so memory does not grow with the number of futures.
    """

    name = "threads"

    def __init__(self, workers: int) -> None:
        self.workers = workers

    def __enter__(self) -> Threads:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def evaluate(self, job: Job, ready: tuple[Model, Sampling], units: Iterable[Range], listener: Listener) -> None:
        """See `Engine`."""
        slots = threading.Semaphore(self.workers + 1)
        evaluator = Evaluator(job, *ready)

        def block(unit: OpenUnit, lo: int, hi: int) -> None:
            report = unit.evaluate(lo, hi)
            listener.advanced(hi - lo)
            if report is not None:
                listener.finished(report)
                slots.release()

        def jobs() -> Iterator[Callable[[], None]]:
            for lo, hi in units:
                while not slots.acquire(timeout=0.1):
                    if pool.stopping:
                        return
                unit = OpenUnit(evaluator, lo, hi)
                for start, end in unit.blocks:
                    if listener.enough():
                        return
                    yield partial(block, unit, start, end)

        pool = Workers(self.workers, jobs())
        try:
            pool.start()
            pool.wait(listener.waiting)
        except KeyboardInterrupt:
            pool.stop()
            pool.wait(lambda: None)
            raise
        if pool.error is not None:
            raise pool.error
