"""What is said of how exact a run is: while it goes on, and when it has stopped."""

from __future__ import annotations

from typing import Any

import pytest

from twofront.cli.converging import live, tell_until
from twofront.ensemble.convergence import Goal, Interval, Standing

LEVEL = Interval("any_war_chance", "present", None, 4096, 0.2, 0.003, 0.2)
CHANGE = Interval("any_war_chance", "deter", "present", 4096, -0.01, 0.0004, 0.2)
UNCLEAR = Interval("any_war_chance", "reassure", "present", 4096, 0.0001, 0.0004, 0.2)
NONE = Interval("any_war_chance", "other", "present", 4096, 0.0, 0.0, 0.2)


def standing(goal: str | None, *intervals: Interval) -> Standing:
    return Standing(4096, intervals, None if goal is None else Goal.read(goal))


@pytest.mark.parametrize(
    ("now", "told"),
    [
        (standing(None), ""),
        (
            standing(None, LEVEL, CHANGE, UNCLEAR, NONE),
            "levels ±1.5%, 1 of 2 policy effects told from zero",
        ),
        (standing("0.5%", LEVEL, CHANGE), "±1.5% of ±0.5%"),
        (standing("0.2pp", LEVEL, CHANGE), "±0.3pp of ±0.2pp"),
        (standing("1%", Interval("a", "p", None, 9, 0.0, 1.0, 0.0)), "±∞ of ±1%"),
    ],
)
def test_a_progress_line(now: Standing, told: str) -> None:
    assert live(now) == told


def test_the_number_it_would_take() -> None:
    assert standing("0.5%", LEVEL).needed == 37_000  # 4096 times nine, to two digits
    assert standing("2%", LEVEL).reached
    assert not standing("0.5%", LEVEL).reached
    assert not standing("0.5%").reached, "nothing watched, nothing reached"


def outcome(goal: str, *intervals: Interval) -> dict[str, Any]:
    now = standing(goal, *intervals)
    widest = now.widest.to_json() if now.widest else None
    found = {"asked": goal, "most_futures": 9000, "reached": now.reached, "widest": widest}
    return {**found, "needed_futures": now.needed}


@pytest.mark.parametrize(
    ("until", "told"),
    [
        (outcome("2%", LEVEL), "±2% reached after 4,096 futures; at most 9,000 were asked for"),
        (
            outcome("0.5%", LEVEL, CHANGE),
            "±0.5% not reached: any_war_chance under present is 0.2 ± 0.003 after 4,096 futures; about 37,000 futures",
        ),
        (outcome("0.01%", CHANGE), "the change of any_war_chance under deter is -0.01 ± 0.0004"),
        (outcome("1%", Interval("a", "p", None, 9, 0.0, 1.0, 0.0)), "no number of futures would do"),
        (outcome("1%"), "nothing that is watched was defined"),
    ],
)
def test_the_end_of_a_run(until: dict[str, Any], told: str, capsys: pytest.CaptureFixture[str]) -> None:
    tell_until(until, 4096)
    assert told in capsys.readouterr().out


def test_nothing_is_said_without_a_goal(capsys: pytest.CaptureFixture[str]) -> None:
    tell_until(None, 4096)
    assert not capsys.readouterr().out
