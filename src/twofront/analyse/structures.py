"""How far the choice among rival laws decides an outcome."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from twofront.analyse.estimates import NORMAL_95, Estimate, estimate
from twofront.analyse.sample import Floats, Sample

if TYPE_CHECKING:
    from twofront.ensemble import Run

__all__ = ["ALL", "Drawn", "StructureShare", "drawn_structures", "explained", "share_error", "structure_shares"]

Codes = npt.NDArray[np.int64]

ALL = "all structures together"
PER_COMBINATION = 30
"""Futures that a combination of laws needs on average for combinations to be compared."""
GROUPS = 50
"""Groups that are left out in turn to see how much a share hangs on the sample."""


@dataclass(frozen=True, slots=True)
class StructureShare:
    """First-order share of an outcome's variance that the choice among a structure's laws explains, and each law's
    own result. For `ALL`, `options` is empty.

    `error` is the standard error of `share` from the sample's size.
    """

    structure: str
    outcome: str
    n: int
    share: float
    options: tuple[tuple[str, Estimate], ...]
    error: float = 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """Ends of the 95% interval of the share, within 0 and 1."""
        return max(0.0, self.share - NORMAL_95 * self.error), min(1.0, self.share + NORMAL_95 * self.error)


@dataclass(frozen=True, slots=True)
class Drawn:
    """A structure of which a run drew several laws: its laws, those drawn, and which one each future drew."""

    name: str
    options: tuple[str, ...]
    places: tuple[int, ...]
    codes: Codes

    def laws(self) -> list[tuple[str, npt.NDArray[np.bool_]]]:
        """Each law that was drawn, and the futures that drew it."""
        return [(self.options[place], self.codes == place) for place in self.places]


def drawn_structures(sample: Sample) -> list[Drawn]:
    """The structures of a run that differ between its futures."""
    found: list[Drawn] = []
    for name, options in sample.run.structure_options.items():
        codes = sample.structure(name)
        places = tuple(int(place) for place in np.unique(codes))
        if len(places) > 1:
            found.append(Drawn(name, options, places, codes))
    return found


def structure_shares(
    run: Run | Sample, outcome: str, policy: str | None = None, *, versus: str | None = None
) -> list[StructureShare]:
    """Split an outcome by structure; with `versus`, its paired difference against that policy."""
    sample = run if isinstance(run, Sample) else Sample(run)
    values = sample.of(policy or sample.present, outcome)
    if versus:
        values = values - sample.of(versus, outcome)
    kept = ~np.isnan(values)
    values = values[kept]
    found: list[StructureShare] = []
    together = np.zeros(len(values), dtype=np.int64)
    for item in drawn_structures(sample):
        codes = item.codes[kept]
        if len(np.unique(codes)) < 2:
            continue
        together = together * len(item.options) + codes
        each = tuple((law, estimate(values[chosen[kept]])) for law, chosen in item.laws() if chosen[kept].any())
        share, error = explained(values, codes), share_error(values, codes)
        found.append(StructureShare(item.name, outcome, len(values), share, each, error))
    if len(found) > 1:
        found.append(_all(found, outcome, values, together))
    return found


def _all(each: list[StructureShare], outcome: str, values: Floats, together: Codes) -> StructureShare:
    """All structures: the combinations that were drawn where each has enough futures, else the sum of single shares.

    The sum leaves out what structures do with each other; with few futures to a combination the alternative is noise.
    """
    if len(values) >= PER_COMBINATION * len(np.unique(together)):
        share, error = explained(values, together), share_error(values, together)
    else:
        share = min(1.0, sum(item.share for item in each))
        error = float(np.sqrt(sum(item.error**2 for item in each)))
    return StructureShare(ALL, outcome, len(values), share, (), error)


def explained(values: Floats, codes: Codes) -> float:
    """Share of variance between groups, less its expectation without any effect; never below zero.

    The estimator is epsilon squared (Kelley 1935): of a structure drawn independently of everything else, it estimates
    the first-order Sobol index.
    """
    if not len(values):
        return 0.0
    _, groups = np.unique(codes, return_inverse=True)
    centred = values - values.mean()
    counts = np.bincount(groups).astype(np.float64)
    sums: Floats = np.bincount(groups, weights=centred).astype(np.float64)
    return max(0.0, float(_epsilon(counts[None], sums[None], (centred**2).sum(keepdims=True))[0]))


def share_error(values: Floats, codes: Codes) -> float:
    """Standard error of `explained`, by leaving out each of some groups of futures in turn (jackknife)."""
    count = min(GROUPS, len(values) // 2)
    if count < 2:
        return float("nan")
    member = np.arange(len(values)) % count
    _, groups = np.unique(codes, return_inverse=True)
    laws = int(groups.max()) + 1
    centred = values - values.mean()
    # Sums by group left out and by law, so that each leaving-out is a subtraction.
    cell = member * laws + groups
    counts = np.bincount(cell, minlength=count * laws).reshape(count, laws).astype(np.float64)
    sums = np.bincount(cell, weights=centred, minlength=count * laws).reshape(count, laws)
    squares = np.bincount(member, weights=centred**2, minlength=count)
    left = counts.sum(axis=0) - counts
    found = _epsilon(left, sums.sum(axis=0) - sums, squares.sum() - squares)
    return float(np.sqrt((count - 1) * found.var()))


def _epsilon(counts: Floats, sums: Floats, squares: Floats) -> Floats:
    """Epsilon squared of samples in rows: futures and sum of values by law, sum of squares over all laws."""
    n, drawn = counts.sum(axis=1), (counts > 0).sum(axis=1)
    mean = sums.sum(axis=1) / n
    variance = squares / n - mean**2
    between = (sums**2 / np.maximum(counts, 1)).sum(axis=1) / n - mean**2
    sound = (variance > 0) & (n > drawn)
    raw = np.where(sound, between / np.where(sound, variance, 1.0), 0.0)
    chance = (drawn - 1) / (n - 1)
    return np.where(sound, (raw - chance) / np.where(sound, 1 - chance, 1.0), 0.0)
