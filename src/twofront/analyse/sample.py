"""A run's futures as arrays: the same futures under every policy, so that differences are paired."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from twofront.ensemble.model import USABLE
from twofront.faults import UserError
from twofront.parameters.designs import replicates_of

if TYPE_CHECKING:
    import polars as pl

    from twofront.case import Case
    from twofront.ensemble import Run

__all__ = ["KEPT_BYTES", "USABLE", "Floats", "Sample", "usable_futures"]

Floats = npt.NDArray[np.float64]


KEPT_BYTES = 1_000_000_000
"""Columns are kept in memory up to this size; beyond it the ones read first are let go and read again if need be."""


def usable_futures(status: pl.Series, policies: int) -> npt.NDArray[np.bool_]:
    """Which futures have a usable status under every policy; `status` holds one entry a row, ordered by future."""
    import polars as pl

    known = status.dtype.categories if isinstance(status.dtype, pl.Enum) else pl.Series(USABLE)
    usable = status.is_in([name for name in known if name in USABLE]).to_numpy()
    return np.logical_and.reduce(usable.reshape(-1, policies), axis=1)


class Sample:
    """Futures that were evaluated under every policy of a run.

    A future that failed, or whose declared prior no intercept reproduced, under any policy is left out under all of
    them: comparisons would not be paired otherwise. `left_out` counts these futures. Columns are read when they are
    first asked for; `load` reads many at once.
    """

    def __init__(self, run: Run) -> None:
        self.run = run
        self.policies: tuple[str, ...] = run.policies
        self._columns: dict[str, Floats] = {}
        self._draws: dict[str, Floats] = {}
        self._structures: dict[str, npt.NDArray[np.int64]] = {}
        self._kept = usable_futures(run.frame(["status"])["status"], len(self.policies))
        numbers = np.concatenate([np.arange(lo, hi, dtype=np.int64) for lo, hi in run.ranges] or [np.arange(0)])
        self.futures: npt.NDArray[np.int64] = numbers[self._kept]
        self.left_out = int((~self._kept).sum())
        if not len(self.futures):
            raise UserError(f"{run.folder}: no future was evaluated under every policy, so there is nothing to analyse")

    @property
    def case(self) -> Case:
        """The run's case."""
        return self.run.case

    @cached_property
    def replicates(self) -> npt.NDArray[np.int64] | None:
        """Which futures were drawn together; None where each was drawn by itself."""
        return replicates_of(self.run.sampling, self.futures)

    @property
    def n(self) -> int:
        """Number of futures."""
        return len(self.futures)

    @property
    def present(self) -> str:
        """The present course, against which policies are compared."""
        return self.policies[0]

    def has(self, *names: str) -> bool:
        """Whether the run holds these outcomes."""
        return set(names) <= set(self.run.outcome_names)

    def load(self, names: Iterable[str]) -> None:
        """Read outcomes that will be needed, all at once; those that the run does not hold are passed over."""
        held = set(self.run.outcome_names)
        wanted = [name for name in dict.fromkeys(names) if name in held and name not in self._columns]
        if not wanted:
            return
        size = 8 * len(self._kept) * len(self.policies)
        at_once = max(1, KEPT_BYTES // (4 * size))
        for start in range(0, len(wanted), at_once):
            frame = self.run.frame(wanted[start : start + at_once])
            for name in frame.columns:
                column = frame[name].to_numpy().reshape(-1, len(self.policies))
                self._columns[name] = np.ascontiguousarray(column[self._kept].T)
                if len(self._columns) * size > KEPT_BYTES and len(self._columns) > 1:
                    del self._columns[next(iter(self._columns))]

    def outcome(self, name: str) -> Floats:
        """An outcome as an array (policies, futures)."""
        if name not in self._columns:
            if name not in self.run.outcome_names:
                raise UserError(f"{self.run.folder}: no outcome `{name}`")
            self.load([name])
        return self._columns[name]

    def of(self, policy: str, name: str) -> Floats:
        """An outcome under one policy."""
        return self.outcome(name)[self.policies.index(policy)]

    def difference(self, policy: str, name: str) -> Floats:
        """An outcome under a policy less that on the present course, future by future."""
        return self.of(policy, name) - self.of(self.present, name)

    def structure(self, name: str) -> npt.NDArray[np.int64]:
        """Which option of a structure each future drew, as its number in `Run.structure_options`."""
        if name not in self._structures:
            column = f"structure.{name}"
            codes = self.run.frame([column])[column].to_physical().to_numpy().astype(np.int64)
            self._structures[name] = codes.reshape(-1, len(self.policies))[self._kept, 0]
        return self._structures[name]

    def parameter(self, name: str) -> Floats:
        """The draws of one parameter."""
        return self.parameters([name])[0]

    def parameters(self, names: Sequence[str]) -> Floats:
        """The draws of parameters, one row each."""
        missing = [name for name in names if name not in self._draws]
        if missing:
            self._read(missing)
        return np.stack([self._draws[name] for name in names])

    def _read(self, names: Sequence[str]) -> None:
        columns = [f"in.{name}" for name in names]
        many = len(names) > len(self.run.columns) // 4
        if many and self._unchanged():
            import polars as pl

            drawn = pl.concat([self.run.draws(lo, hi).select(columns) for lo, hi in self.run.ranges])
        else:
            drawn = self.run.frame(columns).gather_every(len(self.policies))
        for name, column in zip(names, columns, strict=True):
            self._draws[name] = drawn[column].to_numpy()[self._kept]

    def _unchanged(self) -> bool:
        return self.case.hash == self.run.manifest["case_hash"]
