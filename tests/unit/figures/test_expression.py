"""Arithmetic over evidence, and what it refuses."""

from __future__ import annotations

import numpy as np
import pytest

from twofront.figures import Amount, Evidence, ExpressionError, measure_of, parse, resolver


def row(id_: str, value: float | None, unit: str, quantity: str = "output", period: str = "2024", **ends: float):
    return Evidence(
        id_, "X", quantity, ends.get("low"), value, ends.get("high"), unit, period, "S", "https://s", "2025", "B", "", 2
    )


ROWS = {
    item.id: item
    for item in (
        row("R", 250_000, "round/month", low=200_000, high=300_000),
        row("N", 1_200_000, "round/year"),
        row("G", 25_000, "bn_usd current", "gdp"),
        row("G23", 24_000, "bn_usd current", "gdp", "2023"),
        row("P", 40_000, "bn_ppp current", "gdp"),
        row("S", 3, "percent of gdp", "military expenditure (SIPRI)"),
        row("D", 2, "percent of gdp", "defence expenditure (NATO definition)"),
        row("W", None, "text"),
        row("Z", 0, "round/year"),
        row("span", None, "day", low=10, high=30),
    )
}


def value(text: str, unit: str = "ratio") -> float:
    return parse(text).value(resolver(ROWS)).in_unit(unit)


def refused(text: str) -> ExpressionError:
    with pytest.raises(ExpressionError) as caught:
        parse(text).value(resolver(ROWS))
    return caught.value


def test_units_are_converted_in_ratios() -> None:
    assert value("R / N") == pytest.approx(2.5)
    assert value("R", "round/year") == pytest.approx(3_000_000)


def test_ends_of_a_row_can_be_named_or_asked_for() -> None:
    assert value("R.low / N") == pytest.approx(2.0)
    assert parse("R / N").value(resolver(ROWS), "high").in_unit("ratio") == pytest.approx(3.0)


def test_a_row_with_two_ends_says_their_middle() -> None:
    assert value("span", "day") == pytest.approx(20)


def test_share_of_gdp_times_gdp_is_money() -> None:
    assert value("S * G", "bn_usd current") == pytest.approx(750)


@pytest.mark.parametrize(
    ("text", "expected"), [("sum(N, N)", 2.4e6), ("max(N, R)", 3e6), ("median(N, N, R)", 1.2e6), ("mean(N, R)", 2.1e6)]
)
def test_functions(text: str, expected: float) -> None:
    assert value(text, "round/year") == pytest.approx(expected)


def test_arrays_pass_through() -> None:
    amounts = {"a": np.array([1.0, 4.0]), "b": np.array([2.0, 2.0])}
    found = parse("max(a, b) - min(a, b)").value(lambda name, _: Amount(amounts[name])).in_unit("ratio")
    assert found.tolist() == [1.0, 2.0]


def test_dotted_names_are_one_name() -> None:
    assert parse("second_front_chance.fixed * 2").ids == ("second_front_chance.fixed",)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("R + G", "mixes"),
        ("G / P + 1", "mixes"),
        ("S + D", "definitions are spliced"),
        ("S / D", "definitions are spliced"),
        ("G / G23", "current prices of 2024 and 2023"),
        ("W * 2", "has no number"),
        ("N / Z", "is zero"),
        ("NN", "not in evidence.csv"),
        ("R; N", "not arithmetic"),
        ("__import__('os')", "not a function here"),
        ("R if N else R", "not arithmetic"),
        ("restate(R, 'bn_usd', 1)", "base of money only"),
        ("restate(G, 'bn_usd', G)", "plain number"),
        ("R ** 0.5", "exponent"),
    ],
)
def test_refusals(text: str, says: str) -> None:
    assert says in str(refused(text))


def test_a_refusal_tells_the_column_and_the_nearest_id() -> None:
    error = refused("R / spam")
    assert error.column == 5
    assert error.nearest == "span"


def test_explicit_steps_are_let_through() -> None:
    assert value("across(S / D)") == pytest.approx(1.5)
    assert value("restate(G, 'bn_usd', 1.02)", "bn_usd") == pytest.approx(25_500)


def test_a_result_of_another_dimension_is_refused() -> None:
    with pytest.raises(ExpressionError, match="measures round"):
        value("R * span", "day")


@pytest.mark.parametrize(
    ("a", "b"),
    [("mn_usd current", "mn_usd"), ("mn_ppp current", "mn_usd current"), ("bn_usd constant 2023", "bn_usd current")],
)
def test_bases_of_money_are_different_dimensions(a: str, b: str) -> None:
    assert measure_of(a).dimension != measure_of(b).dimension


def test_dollars_of_2025_are_the_models_own() -> None:
    assert measure_of("mn_usd constant 2025") == measure_of("mn_usd")


def test_the_name_of_a_unit_stands_for_one() -> None:
    assert value("R / (50 * round / day)") == pytest.approx(250_000 * 12 / 365.25 / 50)
    assert value("S / (2 * year)", "1/year") == pytest.approx(0.015)
    assert parse("S / (2 * year) * R").ids == ("S", "R")
    assert "round" in str(refused("R / round + 1"))


def test_logarithms_of_plain_numbers() -> None:
    assert value("log(R / N) / (10 * year)", "1/year") == pytest.approx(np.log(2.5) / 10)
    assert "no `log`" in str(refused("log(Z / R)"))
    assert "plain number" in str(refused("log(R)"))


def test_spending_over_its_share_is_gdp_whoever_counts() -> None:
    assert parse("G * S").value(resolver(ROWS)).definition == "SIPRI"
    rows = ROWS | {"M": row("M", 750, "bn_usd current", "military expenditure (SIPRI)")}
    assert parse("M / S").value(resolver(rows)).definition == ""
    assert parse("M / M").value(resolver(rows)).definition == "SIPRI"
