"""Rows beside implied chances: brought to one measure, struck with their evidence, cited as such."""

from __future__ import annotations

import math
import shutil
from pathlib import Path

import pytest

from twofront.case import Case, Revision, bundled_cases, load_case
from twofront.case.calibration import measure_of_outcome
from twofront.case.outcome_names import outcome_names
from twofront.evidence import open_evidence

DECLARED = """
calibration:
  - outcome: yearly_hazard.corvana.war
    means: Corvana begins a war
    beside:
      - {evidence: S0003, kind: survey, years: 5}
      - {derive: 1 - S0003, kind: forecast, years: 12.5, conversion: the rest}
      - {derive: "S0004 / S0001 * 0.3 / year", kind: record}
  - outcome: yearly_hazard.corvana.war
    against: opportunity_rate
    beside: [{evidence: S0003, kind: record}]
  - outcome: second_front_chance
    against: second_front_alone
    beside: [{derive: S0002 / S0001, kind: market}]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(bundled_cases()["two-straits"], tmp_path / "case")
    file = tmp_path / "case" / "case.yaml"
    file.write_text(file.read_text(encoding="utf-8") + DECLARED, encoding="utf-8")
    return tmp_path / "case"


def said(case: Case) -> list[list[tuple[float, float, float]]]:
    return [[(row.low, row.central, row.high) for row in item.beside] for item in case.calibration]


def test_a_case_need_not_compare_anything() -> None:
    assert load_case("two-straits").calibration == ()


def test_chances_by_a_horizon_become_yearly_hazards(folder: Path) -> None:
    first, second, third = load_case(folder).calibration[0].beside
    assert first.central == pytest.approx(-math.log(1 - 0.031) / 5, rel=1e-12)
    # A constant hazard over the horizon gives the chance back.
    assert 1 - math.exp(-second.central * 12.5) == pytest.approx(1 - 0.031, rel=1e-12)
    assert third.central == pytest.approx(0.1, rel=1e-12), "a rate stays a rate"
    assert (second.ids, second.derive, second.conversion) == (("S0003",), "1 - S0003", "the rest")


def test_what_is_conditional_or_a_ratio_stays_as_it_is(folder: Path) -> None:
    case = load_case(folder)
    assert [item.measure for item in case.calibration] == ["1/year", "share", "ratio"]
    assert said(case)[1] == [pytest.approx((0.031, 0.031, 0.031))]
    assert said(case)[2] == [pytest.approx((0.5, 0.625, 0.75))]  # 600,000 to 900,000 over 1,200,000


def test_rows_that_a_revision_strikes_are_left_out(folder: Path) -> None:
    case = load_case(folder, revision=Revision(without=("S0003",)))
    assert [(item.outcome, len(item.beside)) for item in case.calibration] == [
        ("yearly_hazard.corvana.war", 1),
        ("second_front_chance", 1),
    ]


def test_rows_are_cited_as_what_they_are(folder: Path) -> None:
    table = open_evidence(load_case(folder))
    uses = {(use.kind, use.name, use.role) for use in table.citations["S0003"]}
    assert ("calibration", "yearly_hazard.corvana.war", "survey") in uses
    frame = table.only("S0003").frame
    assert frame["comparisons"].item() == 3  # survey, forecast and record
    assert "S0003" not in table.unused().ids


def test_comparisons_move_the_content_and_nothing_that_is_drawn(folder: Path) -> None:
    case, plain = load_case(folder), load_case("two-straits")
    assert case.hash != plain.hash
    assert [(p.name, p.low, p.mode, p.high) for p in case.parameters] == [
        (p.name, p.low, p.mode, p.high) for p in plain.parameters
    ]


def test_every_chance_has_a_measure_and_nothing_else() -> None:
    names = outcome_names(load_case("two-straits").world)
    assert {measure_of_outcome(n) for n in names if n.startswith("yearly_hazard.")} == {"1/year"}
    assert measure_of_outcome("double_war_chance") == "1/year"
    assert measure_of_outcome("second_front_chance.w3") == "share"
    for name in ("policy_cost", "deterrence_margin.corvana.alone", "opportunism_effect", "window_months"):
        assert measure_of_outcome(name) == ""


def test_the_real_case_compares_what_it_implies_with_every_kind_of_row() -> None:
    case = load_case("rutte-2025")
    kinds = {row.kind for item in case.calibration for row in item.beside}
    assert kinds == {"survey", "forecast", "market", "record"}
    compared = {(item.outcome, item.against) for item in case.calibration}
    assert ("second_front_chance", "second_front_alone") in compared
    assert ("yearly_hazard.china.war", "opportunity_rate.china") in compared
    for item in case.calibration:
        for row in item.beside:
            assert 0 <= row.low <= row.central <= row.high, row
