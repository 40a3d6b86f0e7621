"""The calibration check as the report shows it, from a small real run of the invented case."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from twofront.case import bundled_cases
from twofront.ensemble import Run
from twofront.ensemble.runner import run as evaluate
from twofront.present.calibration import ANCHORED, TITLE, UNANCHORED, calibration
from twofront.present.charts import as_altair
from twofront.present.facts import Facts
from twofront.present.figures import Figure
from twofront.present.report import render

DECLARED = """
calibration:
  - outcome: yearly_hazard.corvana.war
    means: Corvana begins a war
    beside:
      - {derive: S0005 / S0001 * 1.99, kind: survey, years: 1, conversion: nearly certain}
      - {derive: S0005 / S0001 * 0, kind: record, years: 10}
  - outcome: second_front_chance
    against: second_front_alone
    beside:
      - {derive: 60 * S0006 / S0005, kind: forecast, conversion: far above anything}
      - {derive: 1000 * S0004 / S0001, kind: record}
"""


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("compared")
    shutil.copytree(bundled_cases()["two-straits"], folder / "case")
    file = folder / "case" / "case.yaml"
    file.write_text(file.read_text(encoding="utf-8") + DECLARED, encoding="utf-8")
    return evaluate(folder / "case", futures=48, policies=["present_course"], seed=1, out=folder / "run", workers=1)


@pytest.fixture(scope="module")
def figure(run: Run) -> Figure:
    found = calibration(Facts(run))
    assert found is not None
    return found


def test_the_words_say_where_the_model_lies(figure: Figure) -> None:
    first, hazard, ratio = figure.text
    assert "only the level without it is a test" in first
    assert hazard.startswith("Corvana begins a war: ")
    assert "a year in the median of futures, below surveys (" in hazard
    assert "above the record (0%)" in hazard
    assert "Without the declared prior" in hazard
    assert "below forecasts (30) and the record (333): nine of ten futures lie outside all of them" in ratio
    assert "1 of 2 rows are no input of the model" in ratio
    assert figure.title.startswith("The model lies outside the spread of what others say in 1 of 2 quantities")


def test_the_table_holds_ids_dates_and_what_is_an_input(figure: Figure) -> None:
    (_, plain, survey, record), (_, _, _, sourced) = (table.rows for table in figure.tables)
    assert plain[0].text == UNANCHORED
    assert plain[0].title == "unanchored.yearly_hazard.corvana.war"
    assert [cell.text for cell in survey][2:] == [
        "S0005 / S0001 * 1.99",
        "1 year",
        "survey, C",
        "2025; 2029",
        "2029-11-04",
        "shell_capacity.corvana",
    ]
    assert record[1].text == "0%"
    assert sourced[-1].text.startswith("shell_capacity.corvana")
    assert sourced[6].text == "2029-11-04"


def test_charts_are_sound_and_nothing_stands_at_zero(figure: Figure) -> None:
    for panel in figure.panels:
        as_altair(panel.spec)
        rows = panel.spec["data"]["values"]
        assert [row["label"] for row in rows[:2]] == [ANCHORED, UNANCHORED]
        assert all(0 < row["low"] <= row["value"] <= row["high"] for row in rows)


def test_the_report_has_the_section(run: Run) -> None:
    assert TITLE in render(run)


def test_a_case_that_compares_nothing_has_no_section(tmp_path: Path) -> None:
    plain = evaluate("two-straits", futures=16, policies=["present_course"], seed=1, out=tmp_path / "run", workers=1)
    assert calibration(Facts(plain)) is None
    assert TITLE not in render(plain)
