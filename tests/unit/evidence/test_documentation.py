"""The page about evidence: its examples run, and what it lists is what there is."""

from __future__ import annotations

import doctest
import re
from pathlib import Path

import pytest

from twofront.case.evidence_table import HEADER
from twofront.evidence.comparison import half_digit, subject_of
from twofront.figures import GRADES, measure_of
from twofront.figures.measures import DEFINITIONS
from twofront.figures.period import period_of

PAGE = Path(__file__).parents[3] / "docs" / "evidence.md"
TEXT = PAGE.read_text(encoding="utf-8")


def section(name: str) -> str:
    found = re.search(rf"^## {name}\n(.*?)(?=^## |\Z)", TEXT, re.MULTILINE | re.DOTALL)
    assert found is not None, name
    return found.group(1)


def test_the_examples_run() -> None:
    examples = "\n".join(re.findall(r"```pycon\n(.*?)```", TEXT, re.DOTALL))
    test = doctest.DocTestParser().get_doctest(examples, {}, "docs/evidence.md", str(PAGE), 0)
    assert len(test.examples) > 20
    told: list[str] = []
    failed, _ = doctest.DocTestRunner(optionflags=doctest.IGNORE_EXCEPTION_DETAIL).run(test, out=told.append)
    assert not failed, "".join(told)


def test_the_header_and_the_grades_are_told() -> None:
    assert f"`{','.join(HEADER)}`" in section("Columns")
    assert all(f"`{name}`" in section("Columns") for name in HEADER)
    assert all(f"{grade} " in section("Columns") for grade in GRADES)


def test_units_that_are_shown_exist() -> None:
    table = [line for line in section("Units").splitlines() if line.startswith("| `")]
    shown = [unit for line in table for unit in re.findall(r"`([^`]+)`", line.split("|")[1])]
    assert len(shown) > 10
    for unit in shown:
        measure_of(unit)
    (currencies,) = re.findall(r"other money: `([a-z ]+)`", section("Units"))
    assert "eur" in currencies
    for currency in currencies.split():
        measure_of(f"bn_{currency} current")


def test_periods_that_are_shown_are_read() -> None:
    shown = [text for text in re.findall(r"`([^`]+)`", section("Periods")) if text != "/"]
    assert len(shown) == 6
    assert all(period_of(text) is not None for text in shown)


@pytest.mark.parametrize("definition", [name for name, _ in DEFINITIONS])
def test_definitions_are_told(definition: str) -> None:
    assert f"`{definition} definition`" in section("Definitions")
    quantity = f"defence spending, {definition} definition"
    assert measure_of("percent of gdp", quantity).definition == definition
    assert subject_of(quantity) == "defence spending"


def test_the_rounding_that_is_told_is_the_rounding_that_is_done() -> None:
    told = re.findall(r"([\d.]+) (?:stands )?for ([\d.]+) to\s+([\d.]+)", section("Conflicts"))
    assert len(told) == 4
    for value, low, high in told:
        number = float(value)
        ends = (number - half_digit(number), number + half_digit(number))
        assert ends == pytest.approx((float(low), float(high.rstrip("."))))
