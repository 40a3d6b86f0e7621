"""The rule by which two rows conflict, at its edges."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twofront.case import Evidence
from twofront.evidence.comparison import compare, half_digit, measured, subject_of
from twofront.units import UNITS

Make = Callable[..., Evidence]


def verdict(one: Evidence, other: Evidence) -> str:
    """`conflict`, `apart` (not comparable) or `fine`, whichever comes first."""
    found = {"conflict": 0, "apart": 0}
    for pair in ((one, other), (other, one)):
        conflicts, apart = compare(pair)
        found["conflict"] += len(conflicts)
        found["apart"] += len(apart)
    assert set(found.values()) <= {0, 2}, "the order of rows changes the verdict"
    assert not (found["conflict"] and found["apart"])
    return next((name for name, count in found.items() if count), "fine")


@pytest.mark.parametrize(
    ("value", "half"),
    [
        (7.5, 0.05),
        (954000, 500),
        (3_000_000, 50_000),
        (1000, 50),
        (600, 5),
        (190_000, 5_000),
        (2, 0.05),
        (10, 0.5),
        (0.052, 0.0005),
        (22729, 0.5),
        (-41, 0.5),
        (0.0, 0.0),
        (math.inf, 0.0),
    ],
)
def test_half_of_the_last_digit(value: float, half: float) -> None:
    assert half_digit(value) == pytest.approx(half)


@given(st.decimals(min_value=-1_000_000, max_value=1_000_000, places=3))
def test_rounding_is_never_more_than_a_twentieth(value: Any) -> None:
    """Two digits are always meant, so half a unit of the second is 5 per cent at most."""
    assert 0 <= half_digit(float(value)) <= abs(float(value)) * 0.05 + 1e-15


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ({"central": 2.36}, {"central": 2.4}, "fine"),  # 2.4 may be 2.35
        ({"central": 2.34}, {"central": 2.4}, "conflict"),
        ({"central": 2.3}, {"central": 2.4}, "fine"),  # they touch at 2.35
        ({"central": 2.3}, {"central": 2.41}, "conflict"),
        ({"central": 1000.0}, {"central": 600.0}, "conflict"),
        ({"central": 3e6}, {"central": 3.05e6}, "fine"),
        ({"low": 90.0, "high": 110.0, "central": None}, {"central": 100.0}, "fine"),
        ({"low": 101.0, "high": 110.0, "central": None}, {"central": 99.0}, "conflict"),
        ({"low": 50.0, "central": None}, {"central": 9000.0}, "fine"),  # at least 50
        ({"low": 9000.0, "central": None}, {"central": 50.0}, "conflict"),
        ({"high": 50.0, "central": None}, {"central": 9.0}, "fine"),  # at most 50
        ({"high": 50.0, "central": None}, {"central": 51.0}, "fine"),  # both are rounded
        ({"high": 50.0, "central": None}, {"central": 52.0}, "conflict"),
        ({"central": 0.0}, {"central": 0.0}, "fine"),
        ({"central": 0.0}, {"central": 1.0}, "conflict"),
        ({"central": -1.0}, {"central": 1.0}, "conflict"),
    ],
)
def test_numbers(row: Make, one: Mapping[str, Any], other: Mapping[str, Any], expected: str) -> None:
    assert verdict(row("A1", **one), row("A2", **other)) == expected


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("2029", "2029", "conflict"),
        ("2029", "2030", "fine"),
        ("2029", "2029-12-31", "conflict"),
        ("2028-01/2029-01", "2029", "conflict"),
        ("2028/2029", "2030/2031", "fine"),
        ("FY2029", "2028-10-01", "conflict"),
        ("FY2029", "2028-09-30", "fine"),
        ("", "2029", "conflict"),
        ("", "", "conflict"),
    ],
)
def test_periods(row: Make, one: str, other: str, expected: str) -> None:
    assert verdict(row("A1", period=one), row("A2", period=other, central=900.0)) == expected


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ({"unit": "round/month", "central": 100.0}, {"unit": "round/year", "central": 1200.0}, "fine"),
        ({"unit": "round/month", "central": 100.0}, {"unit": "round/year", "central": 100.0}, "conflict"),
        ({"unit": "missile/year"}, {"unit": "round/year", "central": 900.0}, "conflict"),
        ({"unit": "round"}, {"unit": "round/year", "central": 900.0}, "apart"),
        ({"unit": "brigade"}, {"unit": "battalion", "central": 900.0}, "apart"),
        ({"unit": "mn_usd current"}, {"unit": "mn_usd constant 2021", "central": 900.0}, "apart"),
        ({"unit": "mn_usd current"}, {"unit": "mn_ppp current", "central": 900.0}, "apart"),
        ({"unit": "mn_usd current"}, {"unit": "mn_eur current", "central": 900.0}, "apart"),
        ({"unit": "mn_usd current"}, {"unit": "bn_usd current", "central": 0.1}, "fine"),
        ({"unit": "mn_usd current"}, {"unit": "bn_usd current", "central": 0.2}, "conflict"),
        # dollars of 2025 are the model's own, whether called current or not
        (
            {"unit": "mn_usd current", "period": "2025"},
            {"unit": "mn_usd", "period": "2025", "central": 900.0},
            "conflict",
        ),
        ({"unit": "mn_usd current"}, {"unit": "mn_usd", "central": 900.0}, "apart"),
        ({"unit": "text", "central": None}, {"unit": "round/year", "central": 900.0}, "fine"),
        ({"entity": "Corvana"}, {"central": 900.0}, "fine"),
        ({"quantity": "shells made, planned"}, {"central": 900.0}, "fine"),
    ],
)
def test_what_is_compared_with_what(row: Make, one: Mapping[str, Any], other: Mapping[str, Any], expected: str) -> None:
    assert verdict(row("A1", **one), row("A2", **other)) == expected


DEFINITIONS = ("SIPRI", "NATO 2014", "NATO 2026", "IISS", "national")


@pytest.mark.parametrize(("one", "other"), list(itertools.product(DEFINITIONS, [*DEFINITIONS, ""])))
def test_another_definition_is_no_conflict(row: Make, one: str, other: str) -> None:
    def named(definition: str) -> str:
        return f"defence spending, share of GDP{f', {definition} definition' if definition else ''}"

    a = row("A1", quantity=named(one), unit="percent of gdp", central=2.0)
    b = row("A2", quantity=named(other), unit="percent of gdp", central=4.0)
    assert subject_of(a.quantity) == subject_of(b.quantity) == "defence spending, share of GDP"
    assert verdict(a, b) == ("conflict" if one == other else "apart")
    if one != other:
        _, (pair,) = compare([a, b])
        assert one in pair.why
        assert (other or "none named") in pair.why


def test_the_spread_is_told(row: Make) -> None:
    less, more = row("A1", central=100.0, unit="round/month"), row("A2", low=3600.0, central=4800.0, high=6000.0)
    ((conflict,), _) = compare([more, less])
    assert conflict.ids == ("A1", "A2")
    assert conflict.ratio == pytest.approx(4)
    assert conflict.gap == pytest.approx(200)  # from 100 to 300 a month
    assert conflict.shared is not None
    assert str(conflict.shared) == "2029-01-01 to 2029-12-31"


def test_there_is_no_ratio_to_nothing(row: Make) -> None:
    ((conflict,), _) = compare([row("A1", central=0.0), row("A2", central=5.0)])
    assert conflict.ratio is None
    assert conflict.gap == pytest.approx(5)


def test_the_widest_conflict_comes_first(row: Make) -> None:
    rows = [row("A1", central=100.0), row("A2", central=200.0), row("A3", central=900.0)]
    conflicts, _ = compare(rows)
    assert [pair.ids for pair in conflicts] == [("A1", "A3"), ("A2", "A3"), ("A1", "A2")]


def figure(id_: str, value: float, unit: str) -> Evidence:
    source = ("a source", "https://example.org", "2029", "B", "", 2)
    return Evidence(id_, "Auria", "shells made", None, value, None, unit, "2029", *source)


numbers = st.floats(min_value=0.001, max_value=1e12)
pairs = st.sampled_from(
    [(a, b) for a in UNITS.values() for b in UNITS.values() if a.dimension == b.dimension and a is not b]
)


@given(numbers, pairs)
def test_the_same_figure_in_another_unit_is_never_a_conflict(value: float, units: Any) -> None:
    one, other = units
    assert verdict(figure("A1", value, one.name), figure("A2", value * one.factor / other.factor, other.name)) == "fine"


@given(numbers, st.floats(min_value=1.11, max_value=1000), pairs)
def test_a_tenth_apart_is_always_a_conflict(value: float, times: float, units: Any) -> None:
    """Rounding is at most a twentieth of either figure."""
    one, other = units
    more = value * times * one.factor / other.factor
    assert verdict(figure("A1", value, one.name), figure("A2", more, other.name)) == "conflict"


def test_a_row_of_words_measures_nothing(row: Make) -> None:
    assert measured(row(unit="text", central=None)) is None
