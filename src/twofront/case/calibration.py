"""Check what a case sets beside its implied chances (``calibration``), and bring every row to one measure.

A chance by a horizon becomes a yearly hazard, -ln(1 - p) / years; a rate stays a rate; what is conditional on another
event, or a ratio, stays as it is. Nothing here is ever fed back: the rows are for comparison.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Final

from twofront.case.derivation import figure_of
from twofront.case.model import Beside, Calibration, Parameter
from twofront.case.outcome_names import outcome_names
from twofront.case.schema import BesideText, CalibrationText, CaseText, SourceText
from twofront.case.tree import Route, Tree
from twofront.faults import Fault, listed, nearest
from twofront.figures import Evidence, ExpressionError
from twofront.world import World

__all__ = ["check_calibration"]

YEARLY: Final = "1/year"
_BY_HORIZON: Final = ("any_war_chance", "double_war_chance", "first_war_chance")
"""Chances of an event before the end of the case: compared as yearly hazards."""
_YEARLY: Final = ("yearly_hazard", "yearly_anchor")


def check_calibration(
    text: CaseText,
    tree: Tree,
    world: World,
    parameters: Sequence[Parameter],
    evidence: Mapping[str, Evidence] | None,
    struck: Mapping[str, Evidence],
) -> tuple[tuple[Calibration, ...], list[Fault]]:
    """Return the comparisons that the case declares, with rows as far as a revision has left them, and all faults.

    Without a readable ``evidence`` only names are checked.
    """
    checker = _Checker(tree, world, parameters, evidence, struck)
    found = [checker.comparison(place, item) for place, item in enumerate(text.calibration)]
    return tuple(item for item in found if item is not None and item.beside), checker.faults


def measure_of_outcome(name: str) -> str:
    """Return the measure in which an outcome is compared: ``1/year``, ``share``, or nothing if it is not a chance."""
    stem = name.removeprefix("unanchored.").split(".")[0]
    if stem in _YEARLY or stem in _BY_HORIZON:
        return YEARLY
    return "share" if stem.endswith("_chance") or stem in ("second_front_alone", "second_front_at_rest") else ""


class _Checker:
    def __init__(
        self,
        tree: Tree,
        world: World,
        parameters: Sequence[Parameter],
        evidence: Mapping[str, Evidence] | None,
        struck: Mapping[str, Evidence],
    ) -> None:
        self.tree = tree
        self.outcomes = [name for name in outcome_names(world) if measure_of_outcome(name)]
        self.units = {item.name: item.unit for item in parameters}
        self.evidence = evidence
        self.struck = struck
        self.faults: list[Fault] = []
        self.seen: set[tuple[str, str | None]] = set()

    def fault(self, route: Route, message: str, **more: str) -> None:
        self.faults.append(self.tree.fault(("calibration", *route), message, **more))  # pyright: ignore[reportArgumentType]

    def comparison(self, place: int, item: CalibrationText) -> Calibration | None:
        measure = self._measure(place, item)
        if (item.outcome, item.against) in self.seen:
            self.fault(
                (place, "outcome"), f"`{item.outcome}` is compared twice", found=item.outcome, remedy="join the rows"
            )
        self.seen.add((item.outcome, item.against))
        beside = [self._row(place, number, row, measure) for number, row in enumerate(item.beside)]
        if not measure:
            return None
        rows = tuple(row for row in beside if row is not None)
        return Calibration(item.outcome, item.against or "", item.means or "", measure, rows)

    def _measure(self, place: int, item: CalibrationText) -> str:
        """The measure of a comparison, or nothing where its names are wrong."""
        if item.outcome not in self.outcomes:
            self.fault(
                (place, "outcome"),
                f"`{item.outcome}` is no chance and no hazard that this case can have",
                found=item.outcome,
                allowed=listed(self.outcomes, most=30),
                nearest=nearest(item.outcome, self.outcomes),
            )
            return ""
        own = measure_of_outcome(item.outcome)
        if item.against is None:
            return own
        if item.against in self.units:
            if own == YEARLY and self.units[item.against] == YEARLY:
                return "share"
        elif item.against in self.outcomes:
            if own == measure_of_outcome(item.against):
                return "ratio"
        else:
            known = [*self.outcomes, *self.units]
            self.fault(
                (place, "against"),
                f"`{item.against}` is neither an outcome nor a parameter of this case",
                found=item.against,
                allowed="a chance or hazard among the outcomes, or a yearly rate among the parameters",
                nearest=nearest(item.against, known),
            )
            return ""
        self.fault(
            (place, "against"),
            f"`{item.outcome}` cannot be divided by `{item.against}`: they do not measure the same",
            found=item.against,
            allowed="a yearly rate for a yearly hazard, a chance for a chance",
        )
        return ""

    def _row(self, place: int, number: int, row: BesideText, measure: str) -> Beside | None:
        route: Route = (place, "beside", number)
        if bool(row.evidence) == (row.derive is not None):
            self.fault(route, "a row gives `evidence: ID` or `derive: EXPRESSION`, one of the two")
            return None
        if row.years is not None and measure and measure != YEARLY:
            self.fault(
                (*route, "years"),
                "a horizon means nothing here: what is compared is no chance by a date",
                found=f"{row.years:g}",
                remedy="leave `years` out",
            )
            return None
        if self.evidence is None or not measure:
            return None
        for id_ in row.evidence:
            if id_ not in self.evidence:
                at: Route = (*route, "evidence")
                self.fault(
                    at,
                    f"`{id_}` is not in evidence.csv",
                    found=id_,
                    allowed=f"{len(self.evidence)} ids",
                    nearest=nearest(id_, self.evidence),
                    remedy="add the row or mend the id",
                )
                return None
        return self._converted(route, row, measure, self.evidence)

    def _converted(self, route: Route, row: BesideText, measure: str, rows: Mapping[str, Evidence]) -> Beside | None:
        source = SourceText(evidence=row.evidence, derive=row.derive)
        unit = YEARLY if measure == YEARLY and row.years is None else "ratio"
        where: Route = (*route, "derive" if row.derive is not None else "evidence")
        try:
            said = figure_of("source", source, unit, rows, "D")
        except ExpressionError as error:
            mismeasured = unit == YEARLY and not error.found  # the names are right: what they say is no rate
            remedy = "give `years`, the horizon of a chance" if mismeasured else error.remedy
            self.fault(
                where, str(error), found=error.found, allowed=error.allowed, nearest=error.nearest, remedy=remedy
            )
            return None
        assert said is not None
        if any(id_ in self.struck for id_ in said.ids):
            return None
        ends = (said.low, said.central, said.high)
        if row.years is not None:
            if min(ends) < 0 or max(ends) >= 1:
                self.fault(
                    where,
                    "a chance by a horizon lies between 0 and below 1",
                    found=f"{ends[0]:g} to {ends[2]:g}",
                    remedy="a certain event has no yearly hazard",
                )
                return None
            ends = tuple(-math.log1p(-chance) / row.years for chance in ends)
        elif min(ends) < 0:
            self.fault(where, "chances, rates and ratios are not negative", found=f"{min(ends):g}")
            return None
        low, central, high = ends
        return Beside(
            row.kind, said.ids, low, central, high, said.grade, row.years, row.derive or "", row.conversion or ""
        )
