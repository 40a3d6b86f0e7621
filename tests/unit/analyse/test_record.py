"""Checks against the record: at their edges, and beyond them."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from twofront.analyse import Sample, check_record
from twofront.analyse.record import CONSISTENT, CONTRADICTS, INPUT, NOT_FOUND, Bounds, Flag, bounds, judge
from twofront.case import Case

Made = Callable[..., Sample]


def outcomes(case: Case, **changes: float) -> dict[str, Any]:
    first, second = case.world.challengers
    numbers = {
        f"yearly_hazard.{first.actor}.war": changes.get("first", 0.02),
        f"yearly_hazard.{second.actor}.war": changes.get("second", 0.01),
        f"yearly_hazard.{first.actor}.blockade": changes.get("blockade", 0.1),
        f"yearly_anchor.{first.actor}": changes.get("anchor", 0.02),
        f"yearly_anchor.{second.actor}": changes.get("other_anchor", 0.01),
        "second_front_chance": changes.get("front", 0.05),
        "second_front_alone": changes.get("alone", 0.025),
    }
    order = f".{first.theatre}_first"
    numbers |= {
        f"second_front_chance{order}": numbers["second_front_chance"],
        f"second_front_alone{order}": numbers["second_front_alone"],
        f"second_front_at_rest{order}": numbers["second_front_alone"],
        f"opportunism_effect{order}": numbers["second_front_chance"] - numbers["second_front_alone"],
        f"coordination_effect{order}": 0.0,
        f"common_cause_effect{order}": 0.0,
        f"first_war_chance{order}": 0.1,
    }
    return {name: {"present_course": [value] * 3} for name, value in numbers.items()}


def flags(made: Made, case: Case, **changes: float) -> dict[str, Flag]:
    return {flag.rule: flag for flag in check_record(made(outcomes(case, **changes))) if flag.verdict != INPUT}


@pytest.mark.parametrize(
    ("value", "verdict"),
    [(0.6, CONSISTENT), (4.3, CONSISTENT), (0.599, CONTRADICTS), (4.301, CONTRADICTS), (np.nan, NOT_FOUND)],
)
def test_bounds_are_within(value: float, verdict: str) -> None:
    assert judge(value, bounds()["distraction_ratio"]) == verdict


def test_an_open_side_never_contradicts() -> None:
    rule = Bounds("x", None, 0.22, "share", "", "", "")
    assert judge(0.0, rule) == CONSISTENT
    assert judge(0.23, rule) == CONTRADICTS


def test_all_is_well_on_a_run_that_agrees(made: Made, case: Case) -> None:
    assert {flag.verdict for flag in flags(made, case).values()} == {CONSISTENT}


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"first": 0.05}, "first_mover_hazard"),
        ({"first": 0.004, "second": 0.003}, "first_mover_hazard"),
        ({"second": 0.001}, "second_mover_hazard"),
        ({"first": 0.01, "second": 0.02}, "first_above_second"),
        ({"blockade": 0.019}, "blockade_at_least_invasion"),
        ({"front": 0.2, "alone": 0.02}, "distraction_ratio"),
        ({"front": 0.01, "alone": 0.02}, "distraction_ratio"),
        ({"front": 0.23, "alone": 0.1}, "second_front_ceiling"),
    ],
)
def test_each_contradiction_is_found(made: Made, case: Case, changes: dict[str, float], rule: str) -> None:
    found = flags(made, case, **changes)
    assert found[rule].contradicts
    assert [name for name, flag in found.items() if flag.contradicts] == [rule]


def test_the_ratio_is_the_ensembles(made: Made, case: Case) -> None:
    assert flags(made, case)["distraction_ratio"].found == pytest.approx(2.0)


def test_a_level_that_restates_the_anchor_is_an_input(made: Made, case: Case) -> None:
    restated = [flag for flag in check_record(made(outcomes(case))) if flag.verdict == INPUT]
    assert len(restated) == 2
    assert not any(flag.contradicts for flag in restated)
    moved = [flag for flag in check_record(made(outcomes(case, anchor=0.015))) if flag.verdict == INPUT]
    assert [flag.outcome for flag in moved] == [f"yearly_hazard.{case.world.challengers[1].actor}.war"]


def test_contradictions_come_first(made: Made, case: Case) -> None:
    found = check_record(made(outcomes(case, front=0.23, alone=0.1)))
    assert found[0].rule == "second_front_ceiling"
    assert found[0].verdict == CONTRADICTS


def test_what_a_run_does_not_hold_is_not_computed(made: Made) -> None:
    found = check_record(made({"any_war_chance": {"present_course": [0.1]}}))
    assert {flag.verdict for flag in found} == {NOT_FOUND}


def test_every_bound_has_a_source() -> None:
    assert all(rule.source and rule.url and rule.subject for rule in bounds().values())
