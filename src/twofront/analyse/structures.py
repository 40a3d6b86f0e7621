"""How far the choice among rival laws decides an outcome."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from twofront.analyse.estimates import Estimate, estimate
from twofront.analyse.sample import Floats, Sample

if TYPE_CHECKING:
    from twofront.ensemble import Run

__all__ = ["ALL", "StructureShare", "structure_shares"]

ALL = "all structures together"


@dataclass(frozen=True, slots=True)
class StructureShare:
    """First-order share of an outcome's variance that the choice among a structure's laws explains, and each law's
    own result. For `ALL`, the laws are the combinations that were drawn, and `options` is empty."""

    structure: str
    outcome: str
    n: int
    share: float
    options: tuple[tuple[str, Estimate], ...]


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
    for name, options in sample.run.structure_options.items():
        codes = sample.structure(name)[kept]
        together = together * len(options) + codes
        drawn = [place for place in range(len(options)) if (codes == place).any()]
        if len(drawn) < 2:
            continue
        each = tuple((options[place], estimate(values[codes == place])) for place in drawn)
        found.append(StructureShare(name, outcome, len(values), explained(values, codes), each))
    if len(found) > 1:
        found.append(StructureShare(ALL, outcome, len(values), explained(values, together), ()))
    return found


def explained(values: Floats, codes: npt.NDArray[np.int64]) -> float:
    """Share of variance between groups, less its expectation without any effect; never below zero."""
    n, variance = len(values), float(values.var()) if len(values) else 0.0
    _, groups, counts = np.unique(codes, return_inverse=True, return_counts=True)
    if variance <= 0 or n <= len(counts):
        return 0.0
    means = np.bincount(groups, weights=values) / counts
    raw = float((counts * (means - values.mean()) ** 2).sum() / n / variance)
    chance = (len(counts) - 1) / (n - 1)
    return max(0.0, (raw - chance) / (1 - chance))
