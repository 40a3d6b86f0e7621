"""How far an outcome moves across a parameter's range."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from twofront.analyse import Sample, tenths


def test_medians_of_the_lowest_and_the_highest_tenth(made: Callable[..., Sample]) -> None:
    drawn = [float(n) for n in np.random.default_rng(3).permutation(40)]
    outcome = [value**2 for value in drawn]
    sample = made({"any_war_chance": {"present_course": outcome, "other": [0.0] * 40}}, inputs={"gdp.corvana": drawn})
    (found,) = tenths(sample, ["gdp.corvana"])
    assert (found.n_low, found.n_high) == (4, 4)
    assert found.low == pytest.approx((1 + 4) / 2)
    assert found.high == pytest.approx((37**2 + 38**2) / 2)
    assert (found.below, found.above) == (3, 36)
    assert found.policy == "present_course"
    assert found.swing == found.high - found.low
    (other,) = tenths(sample, ["gdp.corvana"], policy="other")
    assert (other.low, other.high) == (0, 0)


def test_undefined_futures_are_left_out_of_the_count(made: Callable[..., Sample]) -> None:
    drawn = [float(n) for n in range(20)]
    values = [float("nan"), 5.0, *[0.0] * 16, 7.0, 9.0]
    sample = made({"second_front_chance": {"present_course": values}}, inputs={"gdp.corvana": drawn})
    (found,) = tenths(sample, ["gdp.corvana"])
    assert (found.n_low, found.low, found.n_high, found.high) == (1, 5.0, 2, 8.0)


@pytest.mark.parametrize("futures", [5, 9])
def test_too_few_futures_say_nothing(made: Callable[..., Sample], futures: int) -> None:
    numbers = [float(n) for n in range(futures)]
    sample = made({"any_war_chance": {"present_course": numbers}}, inputs={"gdp.corvana": numbers})
    assert tenths(sample, ["gdp.corvana"]) == []


def test_what_the_run_does_not_hold_is_passed_over(made: Callable[..., Sample]) -> None:
    numbers = [float(n) for n in range(10)]
    sample = made(
        {"any_war_chance": {"present_course": numbers}}, inputs={"gdp.corvana": numbers, "gdp.tessaly": [1.0] * 10}
    )
    found = tenths(sample, ["gdp.auria", "gdp.tessaly", "gdp.corvana"])
    assert [(each.parameter, each.outcome) for each in found] == [("gdp.corvana", "any_war_chance")]
