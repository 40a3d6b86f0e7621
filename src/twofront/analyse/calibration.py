"""What the model implies, held against what others say: surveys, forecasts, markets and the record.

The case declares the comparisons (`calibration` in ``case.yaml``). Nothing is tuned to them. A row that a parameter
already rests on is an input: agreement with it is no test, least of all with one that the declared prior is made of.
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from twofront.analyse.estimates import Estimate, estimate
from twofront.analyse.outcomes import CHANCE, describe
from twofront.analyse.sample import Floats, Sample

if TYPE_CHECKING:
    from twofront.case import Beside, Calibration, Case
    from twofront.ensemble import Run

__all__ = ["ABOVE", "BELOW", "KINDS", "WITHIN", "Calibrated", "Row", "calibrations"]

BELOW, WITHIN, ABOVE = "below", "within", "above"
KINDS = ("survey", "forecast", "market", "record")


@dataclass(frozen=True, slots=True)
class Row:
    """What somebody else says, and the parameters that rest on it already, declared priors apart."""

    says: Beside
    anchors: tuple[str, ...]
    inputs: tuple[str, ...]

    @property
    def tests(self) -> bool:
        """Whether nothing in the model rests on it."""
        return not (self.anchors or self.inputs)


@dataclass(frozen=True, slots=True)
class Calibrated:
    """One comparison: medians over futures on the present course, and the rows beside them, in its measure.

    `anchored` is the model as it is run, `unanchored` without the declared prior (``None`` where the run holds no such
    outcome). `restates`: the anchored level follows from the declared prior, so that its place says where the prior
    lies, not what the model finds.
    """

    comparison: Calibration
    anchored: Estimate
    unanchored: Estimate | None
    restates: bool
    rows: tuple[Row, ...]

    def spread(self, kind: str = "") -> tuple[float, float]:
        """The lowest and the highest that rows say, all or those of a kind; NaN where there are none."""
        chosen = [row.says for row in self.rows if not kind or row.says.kind == kind]
        if not chosen:
            return float("nan"), float("nan")
        return min(row.low for row in chosen), max(row.high for row in chosen)

    def place(self, found: Estimate, kind: str = "") -> str:
        """Where a median lies against the spread of the rows; the ends of the spread are within."""
        low, high = self.spread(kind)
        return BELOW if found.median < low else ABOVE if found.median > high else WITHIN

    def apart(self, found: Estimate) -> bool:
        """Whether nine of ten futures lie on one side of the whole spread."""
        low, high = self.spread()
        return found.high < low or found.low > high

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of rows that there are."""
        return tuple(kind for kind in KINDS if any(row.says.kind == kind for row in self.rows))


def calibrations(run: Run | Sample) -> list[Calibrated]:
    """Compute every comparison that the case declares and whose outcomes the run holds."""
    sample = run if isinstance(run, Sample) else Sample(run)
    resting = _resting(sample.case)
    return [found for item in sample.case.calibration if (found := _calibrated(sample, item, resting)) is not None]


def _resting(case: Case) -> dict[str, set[str]]:
    """For every row of evidence by its id, the parameters that rest on it."""
    found: dict[str, set[str]] = {}
    for parameter in case.parameters:
        for id_ in (*parameter.evidence, *(id_ for figure in parameter.figures for id_ in figure.ids)):
            found.setdefault(id_, set()).add(parameter.name)
    return found


def _calibrated(sample: Sample, item: Calibration, resting: Mapping[str, Set[str]]) -> Calibrated | None:
    anchored = _implied(sample, item, "")
    if anchored is None:
        return None
    plain = _implied(sample, item, "unanchored.")
    case = sample.case
    rows = tuple(_row(case, beside, resting) for beside in item.beside)
    # A ratio of two outcomes that follow from the prior need not follow from it; a hazard over a parameter does.
    restates = describe(case, item.outcome).label == "input" and item.measure != "ratio"
    return Calibrated(item, estimate(anchored), None if plain is None else estimate(plain), restates, rows)


def _implied(sample: Sample, item: Calibration, prefix: str) -> Floats | None:
    """What each future implies, in the measure of the comparison; ``None`` where the run does not hold it."""
    values = _outcome(sample, prefix + item.outcome, item.measure)
    if values is None or not item.against:
        return values
    if item.measure == "ratio":
        divisor = _outcome(sample, prefix + item.against, item.measure)
    else:
        divisor = sample.parameter(item.against)
    if divisor is None:
        return None
    with np.errstate(divide="ignore", invalid="ignore"):
        found = values / divisor
    return np.where(np.isfinite(found), found, np.nan)


def _outcome(sample: Sample, name: str, measure: str) -> Floats | None:
    """An outcome on the present course; a chance by the end of the case as the yearly hazard that it amounts to."""
    if not sample.has(name):
        return None
    values = sample.of(sample.present, name)
    if measure != "1/year" or describe(sample.case, name).kind != CHANCE:
        return values
    clock = sample.case.world.clock
    with np.errstate(divide="ignore"):
        return -np.log1p(-values) / ((clock.months - clock.cutoff) / 12)


def _row(case: Case, beside: Beside, resting: Mapping[str, Set[str]]) -> Row:
    on_it = {name for id_ in beside.ids for name in resting.get(id_, ())}
    rests = [parameter.name for parameter in case.parameters if parameter.name in on_it]
    priors = {name for name in case.reading("anchor").values() if name is not None}
    return Row(
        beside, tuple(name for name in rests if name in priors), tuple(name for name in rests if name not in priors)
    )
