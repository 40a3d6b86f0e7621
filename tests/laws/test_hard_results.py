"""What the case `rutte-2025` must bring out, whatever the tuning: orderings that theory and the record agree on.

Each test compares the same futures under one change. Where a share of futures is asked for, it is in the name.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pytest

from twofront.future import FutureModel
from twofront.simulate import MONTHS

if TYPE_CHECKING:
    from laws.conftest import Bench, Futures

    Floats = npt.NDArray[np.float64]

FUTURES = 200
EXACT = 1e-12
TAIWAN = "objective_chance.taiwan.invade."
EUROPE = "objective_chance.europe."
BOTH_EUROPE, BOTH_TAIWAN = "united_states_and_european_bloc", "united_states_and_japan"


@pytest.fixture(scope="module")
def plain(rutte: Bench) -> Futures:
    return rutte.run(rutte.draws(FUTURES), paths=True)


def test_forces_freed_by_the_end_of_the_war_in_ukraine_come_back(rutte: Bench) -> None:
    draws = rutte.draws(FUTURES)
    ended, endless = (
        rutte.path(rutte.changed(draws, {"ongoing_war_end": year}), "present_course") for year in (2027.0, 2050.0)
    )
    later = 2029.0  # 24 months after the end
    step = 12 * (later - rutte.case.world.clock.first_year) / MONTHS
    free, tied = (rows["available", "land", "russia"][round(step) - 1] for rows in (ended, endless))
    assert np.all(free >= tied)
    assert np.mean(free > tied) >= 0.95


@pytest.mark.parametrize("stocks_frozen", [True, False])
def test_the_end_of_the_war_in_ukraine_never_helps_the_defence_of_europe(rutte: Bench, stocks_frozen: bool) -> None:
    """Not even where it ends the gifts that drain NATO's stocks: in this case the freed forces outweigh them."""
    draws = rutte.draws(FUTURES)
    if stocks_frozen:
        draws = rutte.changed(draws, {"donation": 0.0})
    ended, endless = (rutte.run(rutte.changed(draws, {"ongoing_war_end": year})) for year in (2027.0, 2050.0))
    for name in ended.names(EUROPE):
        assert np.all(ended(name) >= endless(name) - EXACT), name


def test_removing_the_united_states_alone_never_lowers_the_chance_of_an_attack_on_europe(rutte: Bench) -> None:
    """The lever by itself; the policy of that name also raises what Europeans spend and where they stand."""
    present = rutte.case.policies[0]
    gone = replace(present, name="gone", levers={**present.levers, "us_in_europe": 0.0})
    model = FutureModel(replace(rutte.case, policies=(present, gone)))
    draws = rutte.draws(FUTURES)
    results = model.evaluate(draws.values, draws.structures, paths=False).outcomes
    names = [name for name in model.outcome_names if name.startswith(EUROPE)]
    assert len(names) >= 12
    for name in names:
        row = model.outcome_names.index(name)
        assert np.all(results[1, row] >= results[0, row] - EXACT), name


def test_europe_without_the_united_states_is_never_safer_where_it_would_have_helped(plain: Futures) -> None:
    without = {act: plain(f"{EUROPE}{act}.{BOTH_EUROPE}", "europe_without_us") for act in ("attack", "seize")}
    now = {act: plain(f"{EUROPE}{act}.{BOTH_EUROPE}") for act in ("attack", "seize")}
    assert np.all(without["attack"] >= now["attack"] - EXACT)
    # Europeans spend more in its place; against a limited seizure, which few forces decide, that can be enough.
    assert np.mean(without["seize"] >= now["seize"] - EXACT) >= 0.95
    assert np.median(without["seize"] - now["seize"]) > 0.0


def test_europe_without_the_united_states_is_the_largest_adverse_change_to_2029(plain: Futures) -> None:
    paths, model = plain.results.paths, plain.model
    assert paths is not None
    years = plain.first_year + model.path_months / 12
    chosen = (years >= 2027.0) & (years < 2030.0)
    for act in ("attack", "seize", "attack_in_double", "seize_in_double"):
        row = model.path_names.index(f"{EUROPE}{act}.{BOTH_EUROPE}")
        means = paths[:, row][:, chosen].mean(axis=1)
        change = dict(zip(model.policy_names, np.median(means - means[0], axis=1), strict=True))
        assert max(change, key=lambda policy: change[policy]) == "europe_without_us", change
        assert change["europe_without_us"] > 0.01


def test_help_for_taiwan_ranks_as_it_must(plain: Futures) -> None:
    alone, full = plain(TAIWAN + "alone"), plain(TAIWAN + BOTH_TAIWAN)
    shared, late = (plain(f"objective_chance.taiwan.invade_{age}.{BOTH_TAIWAN}") for age in ("in_double", "later"))
    for partial in (shared, late, plain(TAIWAN + "united_states")):
        assert np.all(alone > partial)
        assert np.all(partial > full)


def doubled(rutte: Bench, munition: str) -> Futures:
    """Everything as it is, but twice the defenders' stocks of a class."""
    world = rutte.case.world
    others = {challenger.actor for challenger in world.challengers}
    others |= {flow.giver for flow in world.flows if flow.taker in others}
    names = {
        parameter
        for (k, actor), parameter in rutte.case.reading("stock").items()
        if k == munition and actor not in others and parameter is not None
    }
    assert len(names) > 1
    return rutte.run(rutte.changed(rutte.draws(FUTURES), scale=dict.fromkeys(names, 2.0)))


def test_interceptors_matter_more_than_shells_when_both_theatres_are_at_war(rutte: Bench, plain: Futures) -> None:
    fires, shields = doubled(rutte, "shell"), doubled(rutte, "interceptor")
    for act in ("attack", "seize"):
        names = (f"{EUROPE}{act}_in_double.{BOTH_EUROPE}", f"objective_chance.taiwan.invade_in_double.{BOTH_TAIWAN}")

        def fall(found: Futures, names: tuple[str, ...] = names) -> Floats:
            return sum((plain(name) - found(name) for name in names), start=np.zeros(FUTURES))

        assert np.all(fall(shields) >= fall(fires) - rutte.slack(plain.draws, "taiwan", "europe"))
        assert np.median(fall(shields)) > np.median(fall(fires)) + 0.002
    for name in plain.names("objective_chance.taiwan."):
        # A tenth of a point, and in no future.
        assert np.max(np.abs(fires(name) - plain(name))) < 0.001, name


@pytest.mark.parametrize(
    ("contention", "rising"),
    [
        ("interceptor_munition_contention", 0.95),
        # In some futures the outside responder, with less to bring to both theatres, stays out of the first war more
        # often, and that outweighs it: with classes that are little of the whole, or that count for little under the
        # structure of war.
        ("air_contention", 0.75),
        ("air_defence_contention", 0.75),
    ],
)
def test_opportunism_rises_with_what_both_theatres_claim(rutte: Bench, contention: str, rising: float) -> None:
    draws = rutte.draws(FUTURES)
    little, much = (rutte.run(rutte.changed(draws, {contention: value})) for value in (0.1, 0.9))
    for first in (".taiwan_first", ".europe_first"):
        change = much("opportunism_effect" + first) - little("opportunism_effect" + first)
        assert np.mean(change) > 0.0
        assert np.mean(change >= -1e-6) > rising


def test_anti_ship_missiles_last_about_a_week_at_most(rutte: Bench, plain: Futures) -> None:
    """Published games emptied about 450 long-range anti-ship missiles within seven days."""
    name = "exhaustion_day.taiwan.anti_ship_missile.united_states"
    assert np.median(plain(name)) <= 7.0
    assert np.quantile(plain(name), 0.9) <= 7.0 * 1.05
