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
GROUPS = 50
"""Groups that are left out in turn to see how much a share hangs on the sample."""


@dataclass(frozen=True, slots=True)
class StructureShare:
    """First-order share of an outcome's variance that the choice among a structure's laws explains, and each law's
    own result. For `ALL`, the laws are the combinations that were drawn, and `options` is empty.

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
        share, error = explained(values, together), share_error(values, together)
        found.append(StructureShare(ALL, outcome, len(values), share, (), error))
    return found


def explained(values: Floats, codes: Codes) -> float:
    """Share of variance between groups, less its expectation without any effect; never below zero.

    The estimator is epsilon squared (Kelley 1935): of a structure drawn independently of everything else, it estimates
    the first-order Sobol index.
    """
    return max(0.0, _epsilon(values, codes))


def share_error(values: Floats, codes: Codes) -> float:
    """Standard error of `explained`, by leaving out each of some groups of futures in turn (jackknife)."""
    count = min(GROUPS, len(values) // 2)
    if count < 2:
        return float("nan")
    member = np.arange(len(values)) % count
    found = np.array([_epsilon(values[member != group], codes[member != group]) for group in range(count)])
    return float(np.sqrt((count - 1) * found.var()))


def _epsilon(values: Floats, codes: Codes) -> float:
    n, variance = len(values), float(values.var()) if len(values) else 0.0
    _, groups, counts = np.unique(codes, return_inverse=True, return_counts=True)
    if variance <= 0 or n <= len(counts):
        return 0.0
    means = np.bincount(groups, weights=values) / counts
    raw = float((counts * (means - values.mean()) ** 2).sum() / n / variance)
    chance = (len(counts) - 1) / (n - 1)
    return (raw - chance) / (1 - chance)
