"""What every engine does, and how units are handed to anything shaped like `concurrent.futures`."""

from __future__ import annotations

import os
import queue
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Protocol

from twofront.ensemble.model import Model, Sampling
from twofront.ensemble.units import Job, Range, Report

__all__ = ["TICK", "Engine", "Listener", "as_finished", "workers_here"]

TICK = 0.1
"""Seconds between two looks at what else there is to do."""


class Listener(Protocol):
    """Who is told. `advanced` and `finished` may be called from any thread."""

    def advanced(self, futures: int) -> None:
        """So many futures more have been evaluated (or cannot be)."""
        ...

    def finished(self, report: Report) -> None:
        """A unit is done, or cannot be."""
        ...

    def waiting(self) -> None:
        """Called now and then by the thread that waits."""
        ...

    def enough(self) -> bool:
        """Whether no further unit need be begun."""
        ...

    def remark(self, text: str) -> None:
        """Something happened that a reader of the run should know."""
        ...


class Engine(Protocol):
    """Evaluates units, in any order."""

    @property
    def name(self) -> str: ...

    @property
    def workers(self) -> int:
        """How many units or blocks are evaluated at a time."""
        ...

    def evaluate(self, job: Job, ready: tuple[Model, Sampling], units: Iterable[Range], listener: Listener) -> None:
        """Return when every unit was told to the listener, or it has enough.

        `ready` is what the job's recipe makes, for an engine that stays within this process. After Ctrl-C, whatever
        was finished has been told before `KeyboardInterrupt` goes on. Raises `CannotWrite` if writing fails.
        """
        ...


def workers_here() -> int:
    """The processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def as_finished(
    submit: Callable[[Range], Any], units: Iterable[Range], width: Callable[[], int], waiting: Callable[[], None]
) -> Iterator[tuple[Range, Any]]:
    """Submit units, `width` of them at a time, and give each with its future when that is done.

    `submit` returns a future as `concurrent.futures`, Dask and mpi4py have them. `waiting` is called now and then.
    """
    done: queue.SimpleQueue[Any] = queue.SimpleQueue()
    open_units: dict[Any, Range] = {}
    left = iter(units)
    exhausted = False
    while True:
        while not exhausted and len(open_units) < width():
            unit = next(left, None)
            if unit is None:
                exhausted = True
                break
            future = submit(unit)
            open_units[future] = unit
            future.add_done_callback(done.put)
        if not open_units:
            return
        waiting()
        try:
            future = done.get(timeout=TICK)
        except queue.Empty:
            continue
        yield open_units.pop(future), future
