"""Native code that computes futures side by side, and how it is called on any range of them."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from twofront.engine.stage import Buffer

__all__ = ["Lanes"]

ALIGNMENT = 64


class _Scratch(threading.local):
    memory: np.ndarray[Any, Any] | None = None


@dataclass(frozen=True)
class Lanes:
    """A kernel's entry function, for ranges of a multiple of `width` futures, and the memory each thread lends it.

    `function(in, out, uniform, in_stride, out_stride, lo, hi, scratch)` takes addresses and numbers.
    """

    function: Callable[..., None]
    width: int
    scratch_bytes: int
    _scratch: _Scratch = field(default_factory=_Scratch)

    def run(self, inputs: Buffer, outputs: Buffer, lo: int, hi: int, uniform: Buffer) -> None:
        """Compute futures lo..hi - 1; what is left of the last group is computed aside, with its last future again."""
        if hi == lo or not outputs.shape[0]:
            return
        width = self.width
        whole = lo + (hi - lo) // width * width
        if whole > lo:
            self._call(inputs, outputs, uniform, lo, whole)
        if hi > whole:
            padded = np.zeros((max(1, inputs.shape[0]), width))
            if inputs.shape[0]:
                padded[:] = inputs[:, hi - 1 : hi]
                padded[:, : hi - whole] = inputs[:, whole:hi]
            results = np.empty((outputs.shape[0], width))
            self._call(padded, results, uniform, 0, width)
            outputs[:, whole:hi] = results[:, : hi - whole]

    def _call(self, inputs: Buffer, outputs: Buffer, uniform: Buffer, lo: int, hi: int) -> None:
        self.function(
            inputs.ctypes.data,
            outputs.ctypes.data,
            uniform.ctypes.data,
            inputs.shape[1],
            outputs.shape[1],
            lo,
            hi,
            self._scratch_address(),
        )

    def _scratch_address(self) -> int:
        memory = self._scratch.memory
        if memory is None:
            memory = np.zeros(self.scratch_bytes + 2 * ALIGNMENT, dtype=np.uint8)
            self._scratch.memory = memory
        address = memory.ctypes.data
        return address + (-address) % ALIGNMENT
