"""The model itself, asked what becomes of a lead when assumptions are changed: the same futures, evaluated anew."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from twofront.analyse.estimates import NORMAL_95
from twofront.analyse.sample import USABLE, Floats
from twofront.analyse.study import STRUCTURE
from twofront.analyse.tilting import Flip, Law, Shift
from twofront.analyse.weighted import Bools, mean_error
from twofront.faults import UserError

if TYPE_CHECKING:
    from twofront.ensemble import Run

__all__ = ["Confirmation", "Evaluated", "Resimulation"]

STRETCHES: Final = (1.0, 1.15, 1.35, 1.6, 2.0)
"""How many times the shifts that re-weighting found are tried, until the model agrees beyond chance."""
BLOCK: Final = 192
"""Futures in one piece of work."""

Of = Callable[[str, str], Floats]
"""An outcome by policy and name, one number per future."""


@dataclass(frozen=True, slots=True)
class Evaluated:
    """A lead under changed assumptions: its mean, standard error and futures."""

    stretch: float
    mean: float
    error: float
    n: int

    @property
    def flipped(self) -> bool:
        """Whether the mean is below zero beyond its 95% interval."""
        return self.mean + NORMAL_95 * self.error < 0


@dataclass(frozen=True, slots=True)
class Confirmation:
    """What the model says of a set of changes.

    `unchanged`: the same futures without any change. `tried`: the changes stretched more and more. `crosses`: the
    stretch at which the model's own mean is zero, between those tried; NaN where it stays on one side. `left_out`:
    futures that could not be used, at most.
    """

    unchanged: Evaluated
    tried: tuple[Evaluated, ...]
    left_out: int

    @property
    def holds(self) -> bool:
        """Whether the sign turns beyond the sample's 95% interval within the stretches tried."""
        return bool(self.tried) and self.tried[-1].flipped

    @property
    def stretch(self) -> float:
        """The stretch at which it holds; NaN if it does not."""
        return self.tried[-1].stretch if self.holds else float("nan")

    @property
    def crosses(self) -> float:
        """The stretch at which the mean is zero, by straight lines between those tried."""
        points = [(0.0, self.unchanged.mean), *((each.stretch, each.mean) for each in self.tried)]
        for (a, before), (b, after) in pairwise(points):
            if before > 0 >= after:
                return a + (b - a) * before / (before - after)
        return float("nan")


class Resimulation:
    """Evaluates the first futures of a run again, under changed ranges and laws.

    Raises `UserError` where the run's case has changed, since its draws could not be made again.
    """

    def __init__(self, run: Run, policies: Sequence[str], futures: int) -> None:
        from twofront.ensemble.engines import workers_here
        from twofront.future import FutureModel

        if run.case.hash != run.manifest["case_hash"]:
            raise UserError(f"{run.folder}: the case has changed since, so nothing can be confirmed; run it again")
        self.run = run
        self.n = min(futures, run.futures)
        self.model = FutureModel(run.case, executor=run.manifest["executor"], policies=policies)
        self.model.prepare()
        self.workers = workers_here()
        self._unchanged: tuple[Callable[[Of], Floats], tuple[Evaluated, int]] | None = None
        self._rows = {name: row for row, name in enumerate(self.model.outcome_names)}
        self._usable = [place for place, name in enumerate(self.model.status_names) if name in USABLE]

    def confirm(self, flip: Flip, lead: Callable[[Of], Floats], told: Callable[[float], None]) -> Confirmation:
        """Follow a set of changes until the model agrees that the lead turns, or the stretches end."""
        if self._unchanged is None or self._unchanged[0] is not lead:
            self._unchanged = lead, self._evaluated((), 0.0, lead)
        unchanged, left_out = self._unchanged[1]
        tried: list[Evaluated] = []
        for place, stretch in enumerate(STRETCHES if flip.shifts else STRETCHES[:1]):
            found, lost = self._evaluated(flip.changes, stretch, lead)
            left_out = max(left_out, lost)
            tried.append(found)
            told((place + 1) / len(STRETCHES))
            if found.flipped:
                break
        return Confirmation(unchanged, tuple(tried), left_out)

    def _evaluated(
        self, changes: Sequence[Shift | Law], stretch: float, lead: Callable[[Of], Floats]
    ) -> tuple[Evaluated, int]:
        outcomes, kept = self.outcomes(changes, stretch)

        def of(policy: str, name: str) -> Floats:
            return outcomes[self.model.policy_names.index(policy), self._rows[name]][kept]

        found = lead(of)
        found = found[~np.isnan(found)]
        if len(found) < 2:
            raise UserError(f"{self.run.folder}: fewer than two of {self.n:,} futures can be confirmed on")
        return Evaluated(stretch, float(found.mean()), mean_error(found), len(found)), self.n - len(found)

    def outcomes(self, changes: Sequence[Shift | Law], stretch: float = 1.0) -> tuple[Floats, Bools]:
        """Outcomes (policies, outcomes, futures) under the changes, and which futures are usable under every policy."""
        held = {change.structure.removeprefix(STRUCTURE): change.law for change in changes if isinstance(change, Law)}
        self.model.prepare_for({**self.run.manifest.get("fixed_structures", {}), **held})
        shifts = {change.input: stretch * change.by for change in changes if isinstance(change, Shift)}
        sampler = self.run.sampler(structures=held, shifts=shifts)
        drawn = sampler.draw(0, self.n)
        spans = [(lo, min(lo + BLOCK, self.n)) for lo in range(0, self.n, BLOCK)]

        def piece(span: tuple[int, int]) -> tuple[Floats, npt.NDArray[np.int8]]:
            at = slice(*span)
            found = self.model.evaluate(drawn.values[:, at], drawn.structures[:, at], paths=False)
            return found.outcomes, found.status

        with ThreadPoolExecutor(self.workers) as pool:
            pieces = list(pool.map(piece, spans))
        outcomes = np.concatenate([each for each, _ in pieces], axis=2)
        status = np.concatenate([each for _, each in pieces], axis=1)
        kept: Bools = np.logical_and.reduce(np.isin(status, self._usable), axis=0)
        return outcomes, kept
