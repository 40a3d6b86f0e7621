"""What a run needs of a model and of a sampler, and nothing else.

`twofront.future.FutureModel` and `twofront.parameters.sampling.Sampler` have these shapes; so does anything a test
puts in their place.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

__all__ = ["USABLE", "Draws", "Floats", "Model", "Results", "Sampling"]

Floats: TypeAlias = npt.NDArray[np.float64]

USABLE = ("ok", "undefined")
"""Statuses whose numbers count. `undefined` rows hold NaN where a share of nothing would stand."""


class Draws(Protocol):
    """The inputs of a range of futures."""

    @property
    def values(self) -> Floats:
        """One row per parameter, one column per future."""
        ...

    @property
    def structures(self) -> Floats:
        """One row per structure, one column per future: the index of the law drawn."""
        ...


class Sampling(Protocol):
    """Draws inputs by the index of the future, the same ones however the indices are split."""

    @property
    def parameter_names(self) -> Sequence[str]:
        """Names of the rows of `Draws.values`."""
        ...

    @property
    def uncertain(self) -> Sequence[int]:
        """Rows of `Draws.values` that differ between futures; the others hold one number."""
        ...

    @property
    def structure_options(self) -> Mapping[str, Sequence[str]]:
        """For each row of `Draws.structures`, its name and the laws its indices stand for."""
        ...

    def draw(self, lo: int, hi: int) -> Draws:
        """Inputs of the futures `lo` to `hi - 1`."""
        ...


class Results(Protocol):
    """What became of a range of futures under every policy."""

    @property
    def outcomes(self) -> Floats:
        """Indexed by policy, outcome and future."""
        ...

    @property
    def status(self) -> npt.NDArray[np.int8]:
        """Indexed by policy and future; indices into the model's `status_names`."""
        ...

    @property
    def paths(self) -> Floats | None:
        """Indexed by policy, path, month and future; None where no paths were asked for."""
        ...


class Model(Protocol):
    """Evaluates futures. Safe to call from several threads; a future has the same bits in any block."""

    @property
    def policy_names(self) -> Sequence[str]:
        """The present course first."""
        ...

    @property
    def outcome_names(self) -> Sequence[str]: ...

    @property
    def status_names(self) -> Sequence[str]: ...

    @property
    def path_names(self) -> Sequence[str]: ...

    @property
    def path_months(self) -> npt.NDArray[np.int64]: ...

    def evaluate(self, values: Floats, structures: Floats, *, paths: bool = True) -> Results:
        """Results of the futures with these inputs; `paths` only where they are asked for."""
        ...
