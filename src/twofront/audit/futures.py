"""Futures for the claims that need the model: those of a run, or a small ensemble made in process.

Both answer the same questions, so that a claim does not know where its futures come from. A counterfactual is one
more setting of levers on the same draws; a small ensemble evaluates it as if it were a policy.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

import numpy as np
import numpy.typing as npt

from twofront.analyse.sample import USABLE, Sample
from twofront.audit.verdict import Floats
from twofront.case import Case, Claim, Policy
from twofront.case.claim_dates import span_of
from twofront.ensemble.engines import workers_here

if TYPE_CHECKING:
    from twofront.future import FutureModel

__all__ = ["FUTURES", "Futures", "RunFutures", "SmallEnsemble", "setting_name"]

FUTURES = 1000
"""Of the ensemble that is made beside a run for its counterfactuals."""
_BLOCK = 192
"""Futures in one piece of work."""


class Futures(Protocol):
    """What claims ask of futures."""

    @property
    def n(self) -> int:
        """Number of futures."""
        ...

    @property
    def policies(self) -> Sequence[str]:
        """Those that were evaluated, the present course first."""
        ...

    @property
    def told(self) -> str:
        """Where they come from, in words."""
        ...

    def has(self, name: str) -> bool:
        """Whether there is an outcome of this name."""
        ...

    def of(self, policy: str, name: str) -> Floats:
        """An outcome under a policy, one number a future."""
        ...

    @property
    def structures(self) -> Mapping[str, Sequence[str]]:
        """The laws that a structure may draw, by structure."""
        ...

    def drawn(self, structure: str) -> npt.NDArray[np.int64]:
        """Which of its laws each future drew."""
        ...

    @property
    def parameters(self) -> Sequence[str]:
        """Uncertain parameters."""
        ...

    def draws(self, names: Sequence[str]) -> Floats:
        """Their draws, one row each."""
        ...


class RunFutures:
    """The futures of a run."""

    def __init__(self, sample: Sample) -> None:
        self.sample = sample
        held = set(sample.run.parameter_names)
        self.parameters = [p.name for p in sample.case.parameters if p.uncertain and p.name in held]
        self.structures: Mapping[str, Sequence[str]] = sample.run.structure_options
        self.told = f"{sample.n:,} futures of the run"

    @property
    def n(self) -> int:
        """Number of futures."""
        return self.sample.n

    @property
    def policies(self) -> Sequence[str]:
        """Those that were evaluated, the present course first."""
        return self.sample.policies

    def has(self, name: str) -> bool:
        """Whether there is an outcome of this name."""
        return self.sample.has(name)

    def of(self, policy: str, name: str) -> Floats:
        """An outcome under a policy, one number a future."""
        return self.sample.of(policy, name)

    def drawn(self, structure: str) -> npt.NDArray[np.int64]:
        """Which of its laws each future drew."""
        return self.sample.structure(structure)

    def draws(self, names: Sequence[str]) -> Floats:
        """Their draws, one row each."""
        return self.sample.parameters(names)


class SmallEnsemble:
    """Futures of a case, evaluated in process and kept in memory.

    ``settings``: by a name of its own, levers that are set against the present course in the same draws; they stand
    beside the ``policies``. ``fixed`` and ``drawn_from`` hold parameters and structures, as in a run.
    """

    def __init__(
        self,
        case: Case,
        futures: int,
        *,
        seed: int = 1,
        policies: Sequence[str] = (),
        settings: Mapping[str, Mapping[str, float]] | None = None,
        series: bool = False,
        fixed: Mapping[str, float] | None = None,
        drawn_from: Mapping[str, str] | None = None,
    ) -> None:
        from twofront.future import FutureModel
        from twofront.parameters.sampling import Sampler

        present = case.policies[0]
        added = tuple(
            Policy(name, name, "", {**present.levers, **levers}, tuple(levers))
            for name, levers in (settings or {}).items()
        )
        whole = replace(case, policies=(*case.policies, *added))
        self.policies: Sequence[str] = tuple(
            dict.fromkeys([present.name, *policies, *(policy.name for policy in added)])
        )
        self.case = case
        model = FutureModel(whole, policies=self.policies)
        model.prepare()
        sampler = Sampler(whole, seed, fixed=fixed, structures=drawn_from)
        drawn = sampler.draw(0, futures)
        outcomes, status, paths = _evaluated(model, drawn.values, drawn.structures, series)
        usable = [place for place, name in enumerate(model.status_names) if name in USABLE]
        self._sound = np.isin(status, usable)
        self._all_outcomes = outcomes
        kept = np.logical_and.reduce(self._sound, axis=0)
        self.drawn_with = (futures, seed, dict(fixed or {}), dict(drawn_from or {}))
        """What the draws depend on beside the case."""
        self._names = {name: place for place, name in enumerate(model.outcome_names)}
        self._series = {name: place for place, name in enumerate(model.path_names)}
        self._months = np.asarray(model.path_months)
        self._outcomes = outcomes[:, :, kept]
        self._paths = None if paths is None else paths[:, :, :, kept]
        self._values = drawn.values[:, kept]
        self._structures = drawn.structures[:, kept].astype(np.int64)
        self._rows = {name: row for row, name in enumerate(sampler.parameter_names)}
        self.parameters: Sequence[str] = [sampler.parameter_names[row] for row in sampler.uncertain]
        self.structures: Mapping[str, Sequence[str]] = sampler.structure_options
        self.left_out = int(futures - kept.sum())
        self.told = f"{self.n:,} futures made for the claims, seed {seed}"

    @property
    def n(self) -> int:
        """Number of futures."""
        return self._outcomes.shape[2]

    def has(self, name: str) -> bool:
        """Whether there is an outcome of this name."""
        return name in self._names

    def of(self, policy: str, name: str) -> Floats:
        """An outcome under a policy, one number a future."""
        return self._outcomes[list(self.policies).index(policy), self._names[name]]

    def present_course(self) -> tuple[npt.NDArray[np.bool_], Callable[[str], Floats]]:
        """Which futures are usable on the present course, whatever became of them elsewhere; and its outcomes by name.

        Both are in the order of the draws, none left out.
        """
        return self._sound[0], lambda name: self._all_outcomes[0, self._names[name]]

    def has_series(self, name: str) -> bool:
        """Whether a series of this name was kept."""
        return self._paths is not None and name in self._series

    def mean_of(self, policy: str, name: str, period: str) -> Floats:
        """The mean of a kept series over a period, or from the first decision on, one number a future."""
        assert self._paths is not None
        clock, labels = self.case.world.clock, self.case.clock_labels
        window = span_of(period)
        wanted = np.array(
            [
                month >= clock.cutoff if window is None else _within(labels[month], window)
                for month in self._months.tolist()
            ]
        )
        if not wanted.any():
            return np.full(self.n, np.nan)
        rows = self._paths[list(self.policies).index(policy), self._series[name]]
        return rows[wanted].mean(axis=0)

    def drawn(self, structure: str) -> npt.NDArray[np.int64]:
        """Which of its laws each future drew."""
        return self._structures[list(self.structures).index(structure)]

    def draws(self, names: Sequence[str]) -> Floats:
        """Their draws, one row each."""
        return self._values[[self._rows[name] for name in names]]


def setting_name(claim: Claim) -> str:
    """What an ensemble calls the setting of a counterfactual; no policy's name holds a colon."""
    return f"claim:{claim.id}"


def _within(month: str, window: object) -> bool:
    found = span_of(month)
    return found is not None and found.shared(window) > 0  # pyright: ignore[reportArgumentType]


def _evaluated(
    model: FutureModel, values: Floats, structures: Floats, series: bool
) -> tuple[Floats, npt.NDArray[np.int8], Floats | None]:
    """All futures, in pieces side by side; the pieces change nothing in the numbers."""
    n = values.shape[1]
    pieces = [slice(lo, min(lo + _BLOCK, n)) for lo in range(0, n, _BLOCK)]

    def evaluate(piece: slice) -> tuple[Floats, npt.NDArray[np.int8], Floats | None]:
        found = model.evaluate(
            np.ascontiguousarray(values[:, piece]), np.ascontiguousarray(structures[:, piece]), paths=series
        )
        return found.outcomes, found.status, found.paths

    with ThreadPoolExecutor(min(workers_here(), len(pieces))) as pool:
        parts = list(pool.map(evaluate, pieces))
    outcomes = np.concatenate([part[0] for part in parts], axis=2)
    status = np.concatenate([part[1] for part in parts], axis=1)
    paths = [part[2] for part in parts if part[2] is not None]
    return outcomes, status, np.concatenate(paths, axis=3) if paths else None
