"""A fixed sample of futures under any number of settings of the levers.

A search asks for thousands of settings, all on the same futures. What depends on the draws alone (the inputs, the
present course, its anchors and weights) is computed once and kept; each setting then costs what a policy of a run
costs, and gives the same bits.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from twofront.future.block import Block
from twofront.future.kernels import Floats
from twofront.future.model import BLOCK, FutureModel

__all__ = ["Trials", "Tried"]


@dataclass(frozen=True, slots=True)
class Tried:
    """What became of a sample under some settings: ``values`` (settings, columns asked for, futures) and ``status``
    (settings, futures), numbers of `FutureModel.status_names`."""

    values: Floats
    status: npt.NDArray[np.int8]


class Trials:
    """Futures that wait to be evaluated under settings of the levers.

    ``values``, ``structures``: draws as `FutureModel.evaluate` takes them. ``columns``: names of outcomes, or
    ``(series, place among the model's path months)`` of kept series. ``workers``: threads.
    """

    def __init__(
        self,
        model: FutureModel,
        values: Floats,
        structures: Floats,
        columns: Sequence[str | tuple[str, int]],
        *,
        workers: int = 1,
    ) -> None:
        self.model = model
        self.n: int = values.shape[1]
        self.levers: tuple[str, ...] = tuple(lever.name for lever in model.case.levers)
        outcomes, series = model.outcome_names, model.path_names
        self._outcomes = [(at, outcomes.index(c)) for at, c in enumerate(columns) if isinstance(c, str)]
        self._series = [(at, series.index(c[0]), c[1]) for at, c in enumerate(columns) if not isinstance(c, str)]
        self._width = len(columns)
        self._stopped = threading.Event()
        order = model.order(structures)
        self._parts = np.array_split(order, -(-self.n // BLOCK))
        # Every thread has blocks of its own and takes settings, not futures: kernels run over futures with the same
        # structures of war, and short ranges leave their vectors half empty.
        self._blocks = [
            [self._loaded(part, values[:, part], structures[:, part]) for part in self._parts] for _ in range(workers)
        ]
        self.present = self._results(1)
        """The same futures on the present course."""
        for part, block in zip(self._parts, self._blocks[0], strict=True):
            self._take(block, part, self.present.values[0], self.present.status[0])

    def _loaded(self, part: npt.NDArray[np.intp], values: Floats, structures: Floats) -> Block:
        block = self.model.block(len(part), paths=bool(self._series))
        block.load(values, structures)
        block.policy(0, self.model.setting(self.model.case.policies[0].levers))
        return block

    def _results(self, settings: int) -> Tried:
        return Tried(np.full((settings, self._width, self.n), np.nan), np.empty((settings, self.n), dtype=np.int8))

    def evaluate(self, settings: Floats) -> Tried:
        """Evaluate ``settings`` (settings, levers in the case's order), each in one thread."""
        uniform = [self.model.setting(dict(zip(self.levers, map(float, row), strict=True))) for row in settings]
        found = self._results(len(uniform))
        left = iter(range(len(uniform)))
        lock = threading.Lock()
        self._stopped.clear()

        def work(blocks: list[Block]) -> None:
            while not self._stopped.is_set():
                with lock:
                    number = next(left, None)
                if number is None:
                    return
                for part, block in zip(self._parts, blocks, strict=True):
                    block.policy(1, uniform[number])
                    self._take(block, part, found.values[number], found.status[number])

        with ThreadPoolExecutor(len(self._blocks)) as pool:
            jobs = [pool.submit(work, blocks) for blocks in self._blocks]
            try:
                wait(jobs)
            except BaseException:
                self._stopped.set()
                raise
            for job in jobs:
                job.result()
        return found

    def _take(self, block: Block, part: npt.NDArray[np.intp], values: Floats, status: npt.NDArray[np.int8]) -> None:
        for at, outcome in self._outcomes:
            values[at, part] = block.outcomes[outcome]
        for at, series, month in self._series:
            assert block.kept is not None
            values[at, part] = block.kept[series, month]
        status[part] = block.status
