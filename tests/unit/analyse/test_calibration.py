"""Implied chances beside those of others: numbers that can be checked by hand."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest

from twofront.analyse import Sample
from twofront.analyse.calibration import ABOVE, BELOW, WITHIN, Calibrated, calibrations
from twofront.case import Beside, Calibration, Case

Compared = Callable[..., list[Calibrated]]
HAZARD = "yearly_hazard.corvana.war"


def beside(kind: str, low: float, central: float, high: float, *ids: str) -> Beside:
    return Beside(kind, ids or ("S0005",), low, central, high, "B", None)


@pytest.fixture
def compared(made: Callable[..., Sample]) -> Compared:
    """Hold numbers, one per future, against one comparison: ``compared(case, item, {outcome: …}, {parameter: …})``."""

    def compare(
        case: Case,
        item: Calibration,
        outcomes: Mapping[str, Sequence[float]],
        inputs: Mapping[str, Sequence[float]] | None = None,
    ) -> list[Calibrated]:
        sample = made({name: {"present_course": values} for name, values in outcomes.items()}, inputs=inputs)
        run: Any = sample.run
        run.case = replace(case, calibration=(item,))
        return calibrations(sample)

    return compare


def test_levels_with_and_without_the_prior_stand_beside_the_rows(compared: Compared, case: Case) -> None:
    item = Calibration(HAZARD, "", "", "1/year", (beside("survey", 0.02, 0.03, 0.04), beside("record", 0, 0.01, 0.015)))
    (found,) = compared(case, item, {HAZARD: [0.01, 0.02, 0.03], f"unanchored.{HAZARD}": [0.2, 0.3, 0.4]})
    assert (found.anchored.median, found.anchored.n) == (0.02, 3)
    assert found.unanchored is not None
    assert found.unanchored.median == 0.3
    assert found.spread() == (0, 0.04)
    assert found.kinds == ("survey", "record")
    assert [found.place(found.anchored, kind) for kind in found.kinds] == [WITHIN, ABOVE]
    assert found.place(found.unanchored) == ABOVE
    assert found.apart(found.unanchored)
    assert not found.apart(found.anchored)
    assert found.restates


@pytest.mark.parametrize(("level", "place"), [(0.0199, BELOW), (0.02, WITHIN), (0.04, WITHIN), (0.0401, ABOVE)])
def test_the_ends_of_the_spread_are_within(compared: Compared, case: Case, level: float, place: str) -> None:
    item = Calibration(HAZARD, "", "", "1/year", (beside("survey", 0.02, 0.03, 0.04),))
    (found,) = compared(case, item, {HAZARD: [level] * 3})
    assert found.place(found.anchored) == place
    assert found.unanchored is None


def test_a_chance_by_the_end_of_the_case_is_a_yearly_hazard(compared: Compared, case: Case) -> None:
    clock = case.world.clock
    years = (clock.months - clock.cutoff) / 12
    item = Calibration("double_war_chance", "", "", "1/year", (beside("survey", 0.02, 0.03, 0.04),))
    (found,) = compared(case, item, {"double_war_chance": [1 - math.exp(-0.03 * years)] * 2})
    assert found.anchored.median == pytest.approx(0.03, rel=1e-12)


def test_a_hazard_over_a_rate_is_the_chance_at_an_occasion(compared: Compared, case: Case) -> None:
    item = Calibration(HAZARD, "opportunity_rate", "", "share", (beside("record", 0.02, 0.03, 0.04),))
    (found,) = compared(case, item, {HAZARD: [0.01, 0.02, 0.09]}, {"opportunity_rate": [0.5, 0.4, 0.9]})
    assert found.anchored.median == pytest.approx(0.05)  # of 0.02, 0.05 and 0.1
    assert found.restates


def test_a_ratio_is_taken_future_by_future_and_does_not_restate_the_prior(compared: Compared, case: Case) -> None:
    item = Calibration("second_front_chance", "second_front_alone", "", "ratio", (beside("record", 1, 2, 3),))
    outcomes = {"second_front_chance": [0.2, 0.3, 0.1], "second_front_alone": [0.1, 0.1, 0.0]}
    (found,) = compared(case, item, outcomes)
    assert (found.anchored.median, found.anchored.n) == (pytest.approx(2.5), 2)  # nothing over nothing is left out
    assert not found.restates


def test_a_row_on_which_a_parameter_rests_is_an_input(compared: Compared, case: Case) -> None:
    rows = (beside("record", 1, 1, 1, "S0001"), beside("record", 1, 1, 1, "S0005"))
    item = Calibration(HAZARD, "", "", "1/year", rows)
    (found,) = compared(case, item, {HAZARD: [0.02] * 2})
    assert found.rows[0].inputs == ("shell_capacity.corvana",)
    assert [row.tests for row in found.rows] == [False, True]
    assert found.rows[0].anchors == ()


def test_a_row_of_the_declared_prior_is_told_apart(compared: Compared, case: Case) -> None:
    anchor = case.parameter("anchor")
    rests = {**anchor.bounds, "mode": replace(anchor.bounds["mode"], evidence=("S0005",))}
    parameters = tuple(replace(p, bounds=rests) if p is anchor else p for p in case.parameters)
    item = Calibration(HAZARD, "", "", "1/year", (beside("record", 1, 1, 1),))
    (found,) = compared(replace(case, parameters=parameters), item, {HAZARD: [0.02] * 2})
    assert found.rows[0].anchors == ("anchor",)
    assert found.rows[0].inputs == ()
    assert not found.rows[0].tests


def test_a_run_without_the_outcome_compares_nothing(compared: Compared, case: Case) -> None:
    item = Calibration("double_war_chance", "", "", "1/year", (beside("survey", 0.02, 0.03, 0.04),))
    assert compared(case, item, {HAZARD: [0.02] * 2}) == []
