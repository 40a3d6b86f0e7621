"""Games side by side: the memory in which a block of them is worked on.

Allocated once a thread and used again, so that memory does not grow with the number of games.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from twofront.engine.stage import Kernel
from twofront.games.kernels import Equations, Floats

__all__ = ["BLOCK", "CLOSED_BLOCK", "Block"]

BLOCK = 512
"""Games computed side by side."""
CLOSED_BLOCK = 2048
"""The same where one pass over the tree is all: filling the block then weighs more than the processor's caches."""
ASIDE = 8
"""Columns beside a block's: rows a power of two apart would fall on the same lines of a processor's cache."""


class Block:
    """Inputs of all kernels, in rows: numbers, precisions, the point (odds and a branch's parameter), a row.

    ``count`` games occupy the first columns. What `run` gives is overwritten by the next call.
    """

    def __init__(self, equations: Equations, width: int = BLOCK) -> None:
        layout = equations.layout
        self.equations = equations
        self.count = width
        self._many = len(layout.quantities)
        self._players = len(layout.players)
        self._size = layout.size
        self._inputs = np.zeros((self._many + self._players + 2 * (self._size + 1), width + ASIDE))
        self._outputs = np.empty((0, width + ASIDE))

    def _rows(self, start: int, number: int) -> Floats:
        return self._inputs[start : start + number, : self.count]

    @property
    def numbers(self) -> Floats:
        """Payoffs and chances, by place."""
        return self._rows(0, self._many)

    @property
    def precisions(self) -> Floats:
        """Precision by player; along a branch, per unit of its parameter."""
        return self._rows(self._many, self._players)

    @property
    def odds(self) -> Floats:
        """Log-odds of the unknowns."""
        return self._rows(self._many + self._players, self._size)

    @property
    def point(self) -> Floats:
        """Log-odds and, last, a branch's parameter."""
        return self._rows(self._many + self._players, self._size + 1)

    @property
    def row(self) -> Floats:
        """Normal of the hyperplane within which a point is corrected."""
        return self._rows(self._many + self._players + self._size + 1, self._size + 1)

    def run(self, kernel: Kernel) -> Floats:
        """What a kernel of the equations makes of the inputs."""
        rows = len(kernel.output_rows)
        if len(self._outputs) < rows:
            self._outputs = np.empty((rows, self._inputs.shape[1]))
        kernel.run(self._inputs[: len(kernel.input_rows)], self._outputs[:rows], 0, self.count)
        return self._outputs[:rows, : self.count]

    def take(self, other: Block, which: NDArray[np.bool_]) -> None:
        """Hold copies of some games of another block, or of fewer of its own."""
        count = int(which.sum())
        found = other._inputs[:, : other.count][:, which]
        self._inputs[:, :count] = found
        self.count = count

    def correct(self) -> tuple[Floats, Floats, Floats, Floats]:
        """Corrected points, tangents, sizes of the first and the last correction."""
        found = self.run(self.equations.correct)
        size = self._size + 1
        return found[:size], found[size : 2 * size], found[-2], found[-1]

    def level(self) -> None:
        """Make corrections leave the parameter as it is."""
        self.row[:] = 0.0
        self.row[-1] = 1.0

    def polish(self) -> Floats:
        """Newton corrections of the odds at the precisions as they are; gives the size of the last one."""
        self.point[-1] = 1.0
        self.level()
        point, _, _, last = self.correct()
        self.odds[:] = point[:-1]
        return last.copy()
