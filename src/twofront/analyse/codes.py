"""Inputs as bytes: each input cut at its own quantiles once, so that histograms replace sorting from then on.

A number is cut into at most `BINS` bins of about equal count; one with few distinct values keeps them all. A choice
keeps its own codes. Peeling, trees and binned indices then cost a few operations per value, whatever the number of
futures, and a million futures of a hundred inputs take 100 MB.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeAlias

import numba as nb
import numpy as np
import numpy.typing as npt

from twofront.analyse.sample import Floats
from twofront.analyse.study import Factor, Study

__all__ = ["BINS", "THREADS", "Bytes", "Codes", "encode", "rotated"]

Bytes: TypeAlias = npt.NDArray[np.uint8]

BINS = 255
"""Most bins of a number; 255 keeps a code free."""
CUT_FUTURES = 32_768
"""Quantiles are taken from the first so many futures: draws are in random order, so these are a random sample, and the
cuts do not depend on how the futures are read."""
THREADS = 2
"""Threads that work on columns at once; the kernels release the interpreter."""


@dataclass(frozen=True)
class Codes:
    """Inputs as bytes, one row each.

    `cuts[k]` are the values at which input k is cut: code c means `cuts[c − 1] <= value < cuts[c]`. A choice has no
    cuts; its codes are places in `Factor.options`. `lowest` and `highest` are the ends of what was drawn.
    """

    factors: tuple[Factor, ...]
    codes: Bytes
    cuts: tuple[Floats, ...]
    sizes: npt.NDArray[np.int64]
    """Number of different codes of each input."""
    lowest: Floats
    highest: Floats

    @property
    def n(self) -> int:
        """Futures."""
        return self.codes.shape[1]

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the inputs."""
        return tuple(factor.name for factor in self.factors)

    @property
    def choices(self) -> npt.NDArray[np.bool_]:
        """Which inputs are choices."""
        return np.array([factor.is_choice for factor in self.factors], dtype=bool)

    def place(self, name: str) -> int:
        """Row of an input."""
        return self.names.index(name)

    def at_least(self, place: int, code: int) -> float:
        """The value that a limit `code or more` stands for: reached or exceeded."""
        return float(self.cuts[place][code - 1]) if code > 0 else float(self.lowest[place])

    def at_most(self, place: int, code: int) -> float:
        """The value that a limit `code or less` stands for: the input stays below it."""
        cuts = self.cuts[place]
        return float(cuts[code]) if code < len(cuts) else float(self.highest[place])

    def taken(self, rows: npt.NDArray[Any]) -> Codes:
        """The same inputs in some of the futures."""
        return Codes(
            self.factors, np.ascontiguousarray(self.codes[:, rows]), self.cuts, self.sizes, self.lowest, self.highest
        )


def encode(
    study: Study,
    names: list[str] | None = None,
    *,
    bins: int = BINS,
    told: Callable[[float], None] = lambda _: None,
) -> Codes:
    """Encode the inputs of a study (all by default). `told` hears the share that is done."""
    wanted = list(study.inputs if names is None else names)
    factors = tuple(study.factor(name) for name in wanted)
    codes = np.empty((len(factors), study.n), dtype=np.uint8)
    cuts: list[Floats] | None = None
    lowest, highest = np.full(len(factors), np.inf), np.full(len(factors), -np.inf)
    waiting: list[tuple[slice, list[npt.NDArray[Any]]]] = []
    with ThreadPoolExecutor(THREADS) as pool:
        for rows, columns in study.blocks(wanted):
            waiting.append((rows, columns))
            if cuts is None:
                if rows.stop < min(CUT_FUTURES, study.n):
                    continue
                first = [np.concatenate([each[place] for _, each in waiting]) for place in range(len(factors))]
                cuts = list(pool.map(_cuts, factors, first, [bins] * len(factors)))
            for at, block in waiting:
                found = list(pool.map(_write, factors, block, cuts, codes[:, at]))
                lowest = np.minimum(lowest, [low for low, _ in found])
                highest = np.maximum(highest, [high for _, high in found])
            waiting.clear()
            told(rows.stop / study.n)
    assert cuts is not None, "a study has at least one future"
    sizes = [len(f.options) if f.is_choice else len(cut) + 1 for f, cut in zip(factors, cuts, strict=True)]
    return Codes(factors, codes, tuple(cuts), np.array(sizes, dtype=np.int64), lowest, highest)


def rotated(values: Floats, chosen: npt.NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """Turn numbers so that their axes follow the cases of interest (principal components, after Dalal et al. 2013).

    `values` (inputs, futures) are centred and divided by their standard deviations over all futures; the axes are
    those of the covariance among the `chosen` ones, widest first. Returns the turned values and the weights (one column
    for each new axis).
    """
    spread = values.std(axis=1)
    spread[spread == 0] = 1.0
    scores = (values - values.mean(axis=1)[:, None]) / spread[:, None]
    variances, axes = np.linalg.eigh(np.atleast_2d(np.cov(scores[:, chosen])))
    axes = axes[:, np.argsort(-variances)]
    # An axis has no sign of its own: the largest weight is made positive, so that the same data turn the same way.
    axes = axes * np.sign(axes[np.abs(axes).argmax(axis=0), np.arange(axes.shape[1])])
    return axes.T @ scores, axes


def _write(factor: Factor, column: npt.NDArray[Any], cuts: Floats, out: Bytes) -> tuple[float, float]:
    """Write the codes of a column and return its ends."""
    if factor.is_choice:
        out[:] = column
        return 0.0, float(len(factor.options) - 1)
    return _coded(np.ascontiguousarray(column, dtype=np.float64), cuts, out)


def _cuts(factor: Factor, column: npt.NDArray[Any], bins: int) -> Floats:
    """Where a column is cut."""
    if factor.is_choice:
        return np.empty(0)
    ordered = np.sort(column[:CUT_FUTURES].astype(np.float64))
    distinct = ordered[np.concatenate(([True], ordered[1:] != ordered[:-1]))]
    if len(distinct) <= bins:
        # Half way between neighbours, so that a value that the sample lacks goes to the nearer one.
        return (distinct[1:] + distinct[:-1]) / 2
    places = (np.arange(1, bins) * len(ordered)) // bins
    return np.unique(ordered[places])


@nb.njit(cache=True, nogil=True)
def _coded(values: Floats, cuts: Floats, out: Bytes) -> tuple[float, float]:
    """Write the code of each value (how many cuts it reaches) and return the lowest and the highest value."""
    low, high = np.inf, -np.inf
    for row in range(len(values)):
        value = values[row]
        low, high = min(low, value), max(high, value)
        first, width = 0, len(cuts)
        while width > 0:
            half = width // 2
            if value >= cuts[first + half]:
                first += half + 1
                width -= half + 1
            else:
                width = half
        out[row] = first
    return low, high
