"""Threads that take jobs in order and can be told to stop between two of them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator

__all__ = ["Workers"]

_TICK = 0.1


class Workers:
    """Runs jobs on `count` threads. A job that raises ends the work; the first error is kept.

    Jobs are started in their order. The thread that waits keeps the interpreter free to hear Ctrl-C.
    """

    def __init__(self, count: int, jobs: Iterable[Callable[[], None]]) -> None:
        self._jobs: Iterator[Callable[[], None]] = iter(jobs)
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        self.error: BaseException | None = None
        self._threads = [
            threading.Thread(target=self._work, name=f"twofront-{index}", daemon=True) for index in range(count)
        ]

    @property
    def stopping(self) -> bool:
        """Whether no further job will start."""
        return self._stopped.is_set()

    def stop(self) -> None:
        """Start nothing new."""
        self._stopped.set()

    def start(self) -> None:
        """Start the threads."""
        for thread in self._threads:
            thread.start()

    def wait(self, tick: Callable[[], None]) -> None:
        """Return when every thread has ended; call `tick` now and then until it is so."""
        for thread in self._threads:
            while thread.is_alive():
                thread.join(_TICK)
                tick()

    def _work(self) -> None:
        try:
            while not self._stopped.is_set():
                with self._lock:
                    job = next(self._jobs, None)
                if job is None:
                    return
                job()
        except BaseException as error:  # handed to the thread that waits
            with self._lock:
                self.error = self.error or error
            self._stopped.set()
