"""When a bound follows from the evidence that it cites, and what several rows with ends say together."""

from __future__ import annotations

import pytest

from twofront.case import bundled_cases, load_case
from twofront.case.derivation import figure_of, reproduces
from twofront.case.schema import BoundText, SourceText
from twofront.figures import Evidence, ExpressionError


def row(id_: str, low: float | None, central: float | None, high: float | None, unit: str) -> Evidence:
    return Evidence(id_, "X", "output", low, central, high, unit, "2025", "S", "https://s", "2025", "B", "", 2)


ROWS = {
    item.id: item
    for item in (
        row("N", None, 1_200_000, None, "round/year"),
        row("R", 90_000, None, 110_000, "round/month"),
        row("Q", 2, 3, 4, "ratio"),
        row("W", None, None, None, "text"),
    )
}


def wrong(value: float, **more: object) -> str:
    return reproduces(BoundText.model_validate({"value": value, **more}), "round/month", ROWS)


@pytest.mark.parametrize("value", [100_000, 100_400])
def test_a_row_in_another_unit_of_the_same_kind(value: float) -> None:
    assert wrong(value, evidence="N") == ""


@pytest.mark.parametrize("value", [90_000, 100_000, 110_000])
def test_the_ends_and_the_middle_of_a_row(value: float) -> None:
    assert wrong(value, evidence="R") == ""


def test_another_value_is_told_with_what_the_rows_say() -> None:
    assert wrong(101_000, evidence="N") == "the evidence it cites says 100000"
    assert wrong(95_000, evidence=("N", "R")) == "the evidence it cites says 100000, 90000, 110000"
    assert wrong(100_000, evidence="W") == "the evidence it cites has no number in `round/month`"


def test_a_judgement_lies_between() -> None:
    assert wrong(101_000, evidence="N", judgement="lines that opened since") == ""
    assert wrong(101_000, judgement="no count") == ""


@pytest.mark.parametrize(
    ("value", "derive", "sound"),
    [
        (120_000, "N * 1.2", True),
        (120_000, "N * 1.2041", True),  # within half a per cent
        (120_000, "N * 1.24", True),  # 124,000 to two digits
        (120_000, "N * 1.26", False),
        (100_000, "N * 1.06", False),  # one digit is no excuse for six per cent
        (123_000, "N * 1.24", False),  # three digits are written
    ],
)
def test_arithmetic_reproduces_the_value(value: float, derive: str, sound: bool) -> None:
    assert (wrong(value, derive=derive) == "") is sound


def test_a_judgement_does_not_excuse_arithmetic() -> None:
    assert wrong(90_000, derive="N * 1.2", judgement="why") == "its `derive` gives 120000"


def test_arithmetic_that_cannot_be_computed() -> None:
    with pytest.raises(ExpressionError, match="mixes"):
        wrong(100_000, derive="N + Q")


def source(derive: str) -> tuple[float, float, float]:
    figure = figure_of("source", SourceText(derive=derive), "round/month", ROWS, "C")
    assert figure is not None
    return figure.low, figure.central, figure.high


def test_the_one_range_among_rows_keeps_its_ends() -> None:
    assert source("N * Q") == (200_000, 300_000, 400_000)
    assert source("N / Q") == (25_000, pytest.approx(33_333.33), 50_000)


def test_ends_of_two_ranges_do_not_belong_together() -> None:
    assert source("R * Q") == (300_000, 300_000, 300_000)


@pytest.mark.parametrize("name", sorted(bundled_cases()))
def test_no_bound_of_a_bundled_case_cites_evidence_in_vain(name: str) -> None:
    """Evidence alone, arithmetic, or a named judgement: there is no fourth way."""
    case = load_case(name)
    for parameter in case.parameters:
        for key, bound in parameter.bounds.items():
            if parameter.pooled or bound.judgement or not bound.evidence:
                continue
            text = BoundText(value=bound.value, evidence=bound.evidence, derive=bound.derive or None)
            assert reproduces(text, parameter.written_unit, case.evidence) == "", f"{parameter.name}.{key}"
