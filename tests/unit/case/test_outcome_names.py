"""The names that a claim may use hold every outcome and every series that a run of a bundled case has."""

import pytest

from twofront.case import bundled_cases, load_case
from twofront.case.outcome_names import bounds_of, outcome_names, series_names
from twofront.future import FutureModel


@pytest.mark.parametrize("name", sorted(bundled_cases()))
def test_every_outcome_of_a_run_is_known(name: str) -> None:
    case = load_case(name)
    model = FutureModel(case)
    assert set(model.outcome_names) <= set(outcome_names(case.world))
    assert set(model.path_names) <= set(series_names(case.world, case.paths))


def test_hardly_a_name_is_known_that_no_run_holds() -> None:
    """What is left over are exhaustion days of classes of munitions that no law uses in a theatre."""
    case = load_case("two-straits")
    left_over = set(outcome_names(case.world)) - set(FutureModel(case).outcome_names)
    assert all(name.startswith("exhaustion_day.") for name in left_over), sorted(left_over)


@pytest.mark.parametrize("name", sorted(bundled_cases()))
def test_no_name_stands_there_twice(name: str) -> None:
    case = load_case(name)
    names = outcome_names(case.world)
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("wrong", ["second_front", "any_war", "objective_chance.europe", "call_chance.nowhere_first"])
def test_what_no_run_could_have_is_not_there(wrong: str) -> None:
    assert wrong not in outcome_names(load_case("two-straits").world)


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("two-straits", "decided_chance.north_strait.invade.day14"),  # no detail in this case
        ("baltic-2016", "decided_chance.baltic.invade.day15"),
        ("csis-2026", "losses.taiwan.invade.attacker.lrasm"),
        ("rutte-2025", "objective_chance.europe.seize_after_12_months.united_states_and_european_bloc"),  # "later"
        ("rutte-2025", "objective_chance.taiwan.invade.japan"),  # it stays out without the outside power
        ("rutte-2025", "objective_chance.europe.seize_later.alone"),  # later wars are told with everybody in
        ("rutte-2025", "war_days.europe.seize_later"),
        ("rutte-2025", "yearly_hazard.russia.blockade"),  # no such act in its menu
        ("rutte-2025", "policy_cost.by.russia"),
        ("rutte-2025", "exhaustion_day.taiwan.interceptor.russia"),
    ],
)
def test_what_only_another_case_could_have_is_not_there(name: str, wrong: str) -> None:
    assert wrong not in outcome_names(load_case(name).world)


@pytest.mark.parametrize(
    ("name", "low", "high"),
    [
        ("second_front_chance.fixed", 0.0, 1.0),
        ("unanchored.any_war_chance", 0.0, 1.0),
        ("opportunism_effect", -1.0, 1.0),
        ("exhaustion_day.europe.shell.russia.censored", 0.0, 1.0),
        ("war_days.europe.seize", 0.0, float("inf")),
        ("decided_chance.europe.seize.day14", 0.0, 1.0),
        ("ground_taken.europe.seize", 0.0, float("inf")),
        ("policy_cost", float("-inf"), float("inf")),
        ("window_months.first", float("-inf"), float("inf")),
    ],
)
def test_between_which_numbers_an_outcome_lies(name: str, low: float, high: float) -> None:
    assert bounds_of(name) == (low, high)
