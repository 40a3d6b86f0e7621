"""What must hold whatever the numbers: no channel means no effect, swapped sides mirror, goods and money are kept.

Every test runs whole futures of the bundled cases under changed numbers.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pytest

from twofront.simulate import MONTHS, first_policy_step

if TYPE_CHECKING:
    from laws.conftest import Bench, Futures

    Floats = npt.NDArray[np.float64]

EXACT = 1e-12
"""Both sides of every such comparison are sums of chances: rounding leaves some 1e-16 a term."""
FUTURES = 48

NO_SWING = {
    "contention": 0.0,
    "act_pin": 0.0,
    "munition_contention": 0.0,
    "distraction_factor": 1.0,
}
"""No forces or stocks that both theatres claim, nothing worn by the first war, no more occasions during it."""
NO_CHANNEL = {"call_lead": 0.0, "call_alert": 0.0, "call_payment": 0.0, "call_cost": 0.0}
NO_NEWS = {"resolve_loading": 0.0, "attack_seen": 1.0}
"""Nobody's resolve tells of another's, and every act shows, so that no act and no call is a signal."""
NO_NAME = {"reputation_worth": 0.0}
"""Standing aside in one theatre costs nothing in the other."""
NO_LESSON = {"reputation": "interests"}
"""What the outside responder does in one theatre tells nothing of its resolve in the other."""


def firsts(found: Bench) -> list[str]:
    """Suffixes of the two orders of moves."""
    return [f".{challenger.theatre}_first" for challenger in found.case.world.challengers]


def largest(values: Floats) -> float:
    """Largest size among numbers that must all be finite."""
    assert np.all(np.isfinite(values))
    return float(np.max(np.abs(values)))


# ---- effects -----------------------------------------------------------------------------------------------------


def test_without_swing_shared_stocks_or_channel_a_war_elsewhere_changes_nothing(any_case: Bench) -> None:
    off = {**NO_SWING, **NO_CHANNEL, **NO_NEWS, **NO_NAME}
    found = any_case.run(any_case.changed(any_case.draws(FUTURES), off, structures=NO_LESSON))
    for policy in range(len(found.model.policy_names)):
        for first in firsts(any_case):
            for effect in ("opportunism_effect", "coordination_effect"):
                assert largest(found(effect + first, policy)) < EXACT, (effect, first, policy)


@pytest.mark.parametrize("left_on", [*sorted(NO_SWING), "resolve_loading", "reputation_worth"])
def test_each_of_these_alone_is_a_channel(straits: Bench, left_on: str) -> None:
    """The test above would see each channel, for every one of them alone has an effect."""
    every = {**NO_SWING, **NO_CHANNEL, **NO_NEWS, **NO_NAME}
    off = {name: value for name, value in every.items() if name != left_on}
    lesson = {"reputation": "chain_store"} if left_on == "reputation_worth" else NO_LESSON
    found = straits.run(straits.changed(straits.draws(FUTURES), off, structures=lesson))
    effect = max(largest(found("opportunism_effect" + first)) for first in firsts(straits))
    if left_on == "act_pin":
        # What an act pins is pinned of what is contested; with nothing contested it is nothing.
        assert effect < EXACT
        return
    assert effect > 1e-6


def test_a_call_with_no_channel_has_no_effect_though_all_else_is_on(any_case: Bench) -> None:
    off = {**NO_CHANNEL, **NO_NEWS, "call_cost": 0.05}
    found = any_case.run(any_case.changed(any_case.draws(FUTURES), off))
    for policy in range(len(found.model.policy_names)):
        for first in firsts(any_case):
            assert largest(found("coordination_effect" + first, policy)) < EXACT
    assert largest(found("opportunism_effect" + firsts(any_case)[0])) > 1e-6
    plain = any_case.run(any_case.draws(FUTURES))
    assert largest(plain("coordination_effect" + firsts(any_case)[0])) > 1e-6


def test_a_call_that_carries_nothing_but_news_moves_the_partner(straits: Bench) -> None:
    """With acts that may not show a call tells that force may come: belief is a channel of its own."""
    off = {**NO_CHANNEL, "resolve_loading": 0.0, "attack_seen": 0.5, "call_cost": 0.05, "bluff_cost": 0.3}
    found = straits.run(straits.changed(straits.draws(FUTURES), off))
    assert largest(found("coordination_effect" + firsts(straits)[0])) > 1e-6


def test_the_range_over_equilibria_holds_the_one_that_counts(any_case: Bench) -> None:
    found = any_case.run(any_case.draws(FUTURES))
    for policy in range(len(found.model.policy_names)):
        for first in firsts(any_case):
            for name in ("second_front_chance", "opportunism_effect", "coordination_effect"):
                value = found(name + first, policy)
                assert np.all(found(f"{name}.least{first}", policy) <= value)
                assert np.all(found(f"{name}.most{first}", policy) >= value)


def test_without_a_common_factor_resolve_leaves_no_common_cause_within_a_date(
    straits: Bench, edit: Callable[..., Bench]
) -> None:
    """With one date, nothing but resolve can tie the first war to the second one's occasions."""
    clock = r"date_spacing: 12"
    one_date = edit("two-straits", (clock, "date_spacing: 90"))
    draws = one_date.draws(FUTURES)
    tied = one_date.run(one_date.changed(draws, {"resolve_loading": 0.8}))
    untied = one_date.run(one_date.changed(draws, {"resolve_loading": 0.0}))
    for first in firsts(one_date):
        assert largest(untied("common_cause_effect" + first)) < EXACT
        assert largest(tied("common_cause_effect" + first)) > 1e-6


def test_the_three_effects_are_all_of_the_difference(any_case: Bench) -> None:
    found = any_case.run(any_case.draws(FUTURES))
    for policy in range(len(found.model.policy_names)):
        for first in firsts(any_case):
            whole = found("second_front_chance" + first, policy) - found("second_front_at_rest" + first, policy)
            for effect in ("opportunism_effect", "coordination_effect", "common_cause_effect"):
                whole = whole - found(effect + first, policy)
            assert largest(whole) < EXACT


# ---- the sides ---------------------------------------------------------------------------------------------------


def test_swapping_the_challengers_mirrors_every_result(straits: Bench, edit: Callable[..., Bench]) -> None:
    entry = r"(  - actor: \w+\n(?:    .*\n)+)"
    swapped = edit("two-straits", (rf"^challengers:\n{entry}{entry}", r"challengers:\n\2\1"))
    assert swapped.case.world.challengers == straits.case.world.challengers[::-1]
    draws = straits.draws(FUTURES)
    one, two = straits.run(draws), swapped.run(draws)
    assert set(one.model.outcome_names) == set(two.model.outcome_names)
    # Outcomes of one order of moves carry its name; without it they are those of the first challenger's.
    by_order = {name.removesuffix(first) for first in firsts(straits) for name in one.names("") if name.endswith(first)}
    compared = 0
    for name in one.model.outcome_names:
        if name.removeprefix("unanchored.") in by_order:
            continue
        compared += 1
        for policy in range(len(one.model.policy_names)):
            assert np.allclose(one(name, policy), two(name, policy), rtol=EXACT, atol=EXACT, equal_nan=True), name
    assert compared > 100
    for name in by_order:
        first, second = (name + suffix for suffix in firsts(straits))
        assert np.array_equal(one(name), one(first), equal_nan=True)
        assert np.array_equal(two(name), two(second), equal_nan=True)


# ---- dates -------------------------------------------------------------------------------------------------------


def test_halving_the_spacing_of_dates_moves_cumulative_outcomes_by_less_than_1_percent(
    straits: Bench, edit: Callable[..., Bench]
) -> None:
    finer = edit("two-straits", (r"date_spacing: 12", "date_spacing: 6"))
    draws = straits.draws(100)
    coarse, fine = straits.run(draws), finer.run(draws)
    for policy in range(len(coarse.model.policy_names)):
        solved = (coarse.results.status[policy] == 0) & (fine.results.status[policy] == 0)
        assert np.mean(solved) > 0.9
        for name in ("any_war_chance", "double_war_chance", "any_war_chance.with_blockade", "second_front_chance"):
            one, two = coarse(name, policy)[solved], fine(name, policy)[solved]
            assert np.median(np.abs(two - one) / one) < 0.01, name


def test_the_anchor_holds_the_present_course_at_its_prior(any_case: Bench) -> None:
    found = any_case.run(any_case.draws(FUTURES))
    solved = found.results.status[0] == 0
    assert np.mean(solved) > 0.9
    for challenger in any_case.case.world.challengers:
        wanted = found(f"yearly_anchor.{challenger.actor}")[solved]
        reached = found(f"yearly_hazard.{challenger.actor}.war")[solved]
        # The status calls it reached within 1%, on the log of the hazard.
        assert largest(np.log(reached / wanted)) <= 0.01


def test_the_run_in_is_the_same_under_every_policy(any_case: Bench) -> None:
    found = any_case.run(any_case.draws(8), paths=True)
    paths, model = found.results.paths, found.model
    assert paths is not None
    cutoff = any_case.case.world.clock.cutoff
    # A series' month is the last of its step: the step lies in the run-in if it ends before the policy's first one.
    begins = first_policy_step(any_case.case.world) * MONTHS
    assert cutoff <= begins < cutoff + MONTHS
    before = [place for place, month in enumerate(model.path_months) if month < begins]
    after = [place for place, month in enumerate(model.path_months) if month > cutoff + 12]
    declared = len(any_case.case.paths)
    assert before
    for policy in range(1, len(model.policy_names)):
        assert np.array_equal(paths[policy][:declared][:, before], paths[0][:declared][:, before])
    later = paths[:, :declared][:, :, after]
    assert not np.array_equal(later, np.broadcast_to(later[0], later.shape))


# ---- responders --------------------------------------------------------------------------------------------------


def war_outcomes(found: Futures) -> list[tuple[str, str, str, list[str]]]:
    """Theatre, act, who helps by how little, and all outcomes of the act with the outside responder."""
    rows: dict[tuple[str, str], list[str]] = {}
    for name in found.model.outcome_names:
        if name.startswith("objective_chance."):
            _, theatre, contingency, _ = name.split(".")
            act = re.sub(r"_(in_double|later|after_\d+_months)$", "", contingency)
            rows.setdefault((theatre, act), []).append(name)
    return [(theatre, act, f"objective_chance.{theatre}.{act}.alone", names) for (theatre, act), names in rows.items()]


def test_more_help_never_helps_the_attacker(any_case: Bench) -> None:
    draws = any_case.draws(FUTURES)
    plain = any_case.run(draws)
    outside = next(r.name for r in any_case.case.world.responders if len(r.theatres) > 1)
    more = any_case.run(any_case.changed(draws, scale=dict.fromkeys(any_case.parameters("strength", outside), 1.2)))
    none = any_case.run(any_case.changed(draws, scale=dict.fromkeys(any_case.parameters("strength", outside), 1e-09)))
    for theatre, _, alone, names in war_outcomes(plain):
        slack = any_case.slack(draws, theatre)
        for name in names:
            assert np.all(plain(name) <= plain(alone) + slack), name
            assert np.all(more(name) <= plain(name) + slack), name
            assert np.all(none(name) >= plain(name) - slack), name
            if name.split(".")[3].startswith(outside):
                assert np.any(none(name) > plain(name) + 1e-3), name
        for responders in {name.split(".")[3] for name in names}:
            ranked = [f"{alone.rsplit('.', 1)[0]}{age}.{responders}" for age in ("", "_in_double", "_later")]
            here = [plain(name) for name in ranked if name in names]
            for less, worse in itertools.pairwise(here):
                assert np.all(less <= worse + slack), ranked


def test_infinite_stocks_take_munitions_out_of_war(any_case: Bench) -> None:
    """With magazines that never empty it does not matter how much of the fighting rests on them."""
    draws = any_case.draws(FUTURES)
    endless = dict.fromkeys(any_case.parameters("stock"), 1000000000.0)
    full = any_case.run(any_case.changed(draws, scale=endless))
    free = any_case.run(any_case.changed(draws, {"attack_dependence": 0.0, "defence_dependence": 0.0}, scale=endless))
    short = any_case.run(draws)
    moved = 0.0
    outside = next(r.name for r in any_case.case.world.responders if len(r.theatres) > 1)
    for _, _, _, names in war_outcomes(short):
        # Some hosts have none of a class, which no factor makes endless; with the outside responder all are there.
        for name in [name for name in names if name.split(".")[3].startswith(outside)]:
            assert np.allclose(full(name), free(name), rtol=0, atol=EXACT), name
            moved = max(moved, largest(full(name) - short(name)))
    assert moved > 0.01
    for name in full.names("exhaustion_day."):
        if name.endswith(".censored"):
            assert np.all(full(name) == 1.0), name


# ---- goods and money ---------------------------------------------------------------------------------------------


def test_goods_are_kept(any_case: Bench) -> None:
    """Where nothing ages, what all hold together changes by what is made less what is used; gifts arrive whole."""
    world = any_case.case.world
    draws = any_case.changed(any_case.draws(6), {"shelf_life": 1e18, "training_use": 0.0})
    plain = any_case.path(any_case.draws(6), any_case.case.policies[1].name)
    rows = any_case.path(draws, any_case.case.policies[1].name)
    gifts = 0.0
    for munition in world.munitions:

        def of(kind: str, munition: str = munition) -> dict[str, Floats]:
            return {key[2]: row for key, row in rows.items() if key[:2] == (kind, munition)}

        stock, made, used, received, donated = (of(k) for k in ("stock", "output", "used", "received", "donated"))
        if not stock:
            continue
        # sums over actors; the first step only fixes the start
        held = sum(stock.values())
        change = np.diff(np.asarray(held), axis=0)
        flow = np.zeros_like(np.asarray(held)) + sum(made.values()) - sum(used.values())
        assert np.allclose(change, MONTHS * flow[1:], rtol=0, atol=1e-9 * np.max(np.abs(held))), munition
        if world.client in received and not any(
            f.taker == world.client and f.munition == munition for f in world.flows
        ):
            given = np.zeros_like(np.asarray(held)) + sum(donated.values())
            assert np.allclose(received[world.client], given, rtol=1e-12, atol=1e-9)
            gifts += float(np.sum(given))
    assert gifts > 0.0
    for key, row in {**rows, **plain}.items():
        if key[0] not in ("burden",):
            assert np.all(np.isfinite(row)), key
            assert np.all(row >= 0.0), key


def test_money_is_kept(any_case: Bench) -> None:
    found = any_case.run(any_case.draws(FUTURES))
    payers = found.names("policy_cost.by.")
    moved = 0.0
    for policy in range(len(found.model.policy_names)):
        whole = found("policy_cost", policy)
        kinds = sum(found(f"policy_cost.{kind}", policy) for kind in ("core", "related", "sanctions"))
        by_payer = sum(found(name, policy) for name in payers)
        # Differences of budgets of thousands of bn_usd a year: some 1e-12 of them is lost.
        assert np.allclose(whole, kinds, rtol=1e-12, atol=1e-9)
        assert np.allclose(whole, by_payer, rtol=1e-12, atol=1e-9)
        moved = max(moved, largest(whole))
    assert moved > 1.0
    assert largest(found("policy_cost", 0)) == 0.0


def test_chances_are_chances(any_case: Bench) -> None:
    found = any_case.run(any_case.draws(FUTURES))
    for name in found.model.outcome_names:
        if "_chance" in name and "_effect" not in name:
            for policy in range(len(found.model.policy_names)):
                assert np.all((found(name, policy) >= 0.0) & (found(name, policy) <= 1.0 + EXACT)), name


def test_the_bench_changes_what_it_says(straits: Bench) -> None:
    draws = straits.draws(4)
    changed = straits.changed(draws, {"contention": 0.0})
    rows = [straits.rows[name] for name in straits.parameters("contention")]
    others = [row for row in range(len(draws.values)) if row not in rows]
    assert np.all(changed.values[rows] == 0.0)
    assert np.array_equal(changed.values[others], draws.values[others])
    with pytest.raises(AssertionError, match="nothing gives"):
        straits.parameters("contention", "nowhere")
