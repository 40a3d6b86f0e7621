"""How the report writes numbers."""

import math

import pytest

from twofront.analyse.estimates import Difference, Estimate
from twofront.present.numbers import change_span, level_span, money, percent, plain, points, share, span


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0%"),
        (0.0151, "1.5%"),
        (0.22, "22%"),
        (0.00037, "0.037%"),
        (1.0, "100%"),
        (0.999, "99.9%"),
        (1e-9, "below 0.001%"),
        (math.nan, "–"),
    ],
)
def test_chances(value: float, text: str) -> None:
    assert percent(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0, "0%"), (0.001, "under 1%"), (0.5, "50%"), (0.9999, "over 99%"), (1.0, "100%")],
)
def test_a_share_is_all_or_nothing_only_if_it_is(value: float, text: str) -> None:
    assert share(value) == text


@pytest.mark.parametrize(
    ("value", "text"), [(0.0044, "+0.44"), (-0.044, "−4.4"), (0.0, "0"), (1e-7, "0"), (0.12, "+12")]
)
def test_changes_of_chances_are_in_points_with_a_sign(value: float, text: str) -> None:
    assert points(value) == text


def test_money_and_plain_numbers() -> None:
    assert (money(223.4), money(-237.0), money(0.0)) == ("+223", "−237", "0")
    assert (plain(175000), plain(0.00012), plain(-2.5), plain(16.4)) == ("175,000", "0.000120", "−2.50", "16.4")


def test_ranges_have_an_en_dash_and_the_unit_once() -> None:
    assert span(0.0051, 0.049, "chance") == "0.51–4.9%"
    assert span(-0.01, 0.02, "chance", change=True) == "−1.0 to +2.0"
    assert span(3.0, 90.0, "days") == "3.0–90"
    assert span(0.05, 0.05, "chance") == "5.0%"


def test_levels_and_changes_with_their_ranges() -> None:
    assert level_span(Estimate(9, 0.02, 0.001, 0.01, 0.015, 0.05), "chance") == "1.5% (1.0–5.0%)"
    change = Difference(9, 0.02, 0.001, -0.01, 0.015, 0.05, 0.2, 0.8)
    assert change_span(change, "chance") == "+1.5 (−1.0 to +5.0)"
    nothing = Difference(9, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    assert change_span(nothing, "chance") == "0"
