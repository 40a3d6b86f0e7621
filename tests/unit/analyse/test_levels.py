"""Levels, paired differences, and what is left out of them."""

import io
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from twofront.analyse import Sample, headline
from twofront.analyse.estimates import NORMAL_95, difference_of, estimate
from twofront.faults import UserError

Made = Callable[..., Sample]


def test_an_estimate_by_hand() -> None:
    found = estimate(np.array([1.0, 2.0, 3.0, 4.0, np.nan]))
    assert (found.n, found.mean, found.median) == (4, 2.5, 2.5)
    assert found.low == pytest.approx(1.15)
    assert found.high == pytest.approx(3.85)
    # standard deviation of 1..4 with n - 1 is sqrt(5/3); over sqrt(4)
    assert found.error == pytest.approx(np.sqrt(5 / 3) / 2)
    assert found.mean_high - found.mean == pytest.approx(NORMAL_95 * found.error)


def test_nothing_defined_is_no_number_and_no_fault() -> None:
    found = difference_of(np.array([np.nan, np.nan]))
    assert found.n == 0
    assert np.isnan([found.mean, found.low, found.median, found.high, found.lower, found.higher]).all()


def test_shares_of_futures_lower_higher_and_the_same() -> None:
    found = difference_of(np.array([-0.1, -0.2, 0.0, 1e-14, 0.3]))
    assert (found.lower, found.higher) == (0.4, 0.2)
    assert found.same == pytest.approx(0.4)


def test_differences_are_paired_by_future(made: Made) -> None:
    """Both policies have the same three values, in another order: unpaired, nothing would differ in any future."""
    sample = made({"any_war_chance": {"present_course": [0.1, 0.2, 0.3], "other": [0.3, 0.1, 0.2]}})
    table = headline(sample, ["any_war_chance"])
    change = table.differences["other", "any_war_chance"]
    assert change.mean == pytest.approx(0.0)
    assert change.median == pytest.approx(-0.1)
    assert (change.lower, change.higher) == (pytest.approx(2 / 3), pytest.approx(1 / 3))
    assert ("present_course", "any_war_chance") not in table.differences


def test_a_future_that_failed_under_one_policy_is_left_out_under_all(made: Made) -> None:
    sample = made(
        {"any_war_chance": {"present_course": [0.1, 0.2, 0.9, 0.4], "other": [0.1, 0.2, 0.3, 0.4]}},
        status={
            "present_course": ["ok", "ok", "ok", "undefined"],
            "other": ["ok", "failed", "anchor_unreached", "ok"],
        },
    )
    assert sample.n == 2
    assert sample.left_out == 2
    assert list(sample.futures) == [0, 3]
    assert list(sample.of("present_course", "any_war_chance")) == [0.1, 0.4]
    assert headline(sample, ["any_war_chance"]).left_out == 2


def test_without_a_usable_future_it_says_so(made: Made) -> None:
    status = {"present_course": ["failed"]}
    with pytest.raises(UserError, match="nothing to analyse"):
        made({"any_war_chance": {"present_course": [0.1]}}, status=status)


def test_outcomes_that_a_run_does_not_hold_are_passed_over(made: Made) -> None:
    table = headline(made({"any_war_chance": {"present_course": [0.1, 0.2]}}))
    assert table.outcomes == ("any_war_chance",)
    with pytest.raises(UserError, match="no outcome `nonsense`"):
        made({"any_war_chance": {"present_course": [0.1]}}).outcome("nonsense")


def test_the_frame_and_the_terminal_show_the_same_numbers(made: Made) -> None:
    from rich.console import Console

    values: dict[str, Any] = {
        "any_war_chance": {"present_course": [0.2, 0.2], "reassurance": [0.1, 0.1]},
        "policy_cost": {"present_course": [0.0, 0.0], "reassurance": [50.0, 50.0]},
    }
    table = headline(made(values))
    row = table.frame.filter((table.frame["policy"] == "reassurance") & (table.frame["outcome"] == "any_war_chance"))
    assert row["difference_median"].item() == pytest.approx(-0.1)
    assert row["share_lower"].item() == 1.0
    console = Console(width=200, record=True, file=io.StringIO())
    console.print(table)
    text = console.export_text()
    assert "20%" in text
    assert "-10 [-10, -10] 100%" in text
    assert "+50" in text
    assert "not probabilities" in text
