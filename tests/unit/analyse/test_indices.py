"""Indices from futures as they are: known functions, no effect at all, holes, and SALib where it can follow."""

import numpy as np
import numpy.typing as npt
import pytest
from SALib.analyze import delta as salib_delta
from SALib.analyze import pawn as salib_pawn

from twofront.analyse.codes import Bytes
from twofront.analyse.indices import T_GROUPS, UNDEFINED, Distances, Shares, classes_of, distances, first_order

Floats = npt.NDArray[np.float64]
ISHIGAMI_FIRST_OF_SECOND = 0.442411


def ishigami(u: Floats) -> Floats:
    """Ishigami and Homma (1990), a = 7, b = 0.1."""
    x = np.pi * (2.0 * u - 1.0)
    return (np.sin(x[0]) + 7.0 * np.sin(x[1]) ** 2 + 0.1 * x[2] ** 4 * np.sin(x[0]))[None]


def coded(u: Floats, count: int = 255) -> Bytes:
    places = np.argsort(np.argsort(u, axis=1), axis=1)
    return (places * count // u.shape[1]).astype(np.uint8)


def shares(u: Floats, outcomes: Floats, threads: int = 1) -> Shares:
    return first_order(coded(u), [255] * len(u), [True] * len(u), outcomes, threads=threads)


def measured(u: Floats, outcomes: Floats, threads: int = 1) -> Distances:
    return distances(coded(u), [255] * len(u), [True] * len(u), outcomes, threads=threads)


def test_wide_classes_lose_nothing_that_extrapolation_does_not_give_back() -> None:
    # Forty classes of one wave of sin² lose 0.8% of its share; a run this long would show that.
    rng = np.random.default_rng(3)
    u = rng.random((3, 400_000))
    found = shares(u, ishigami(u))
    assert abs(found.share[1, 0] - ISHIGAMI_FIRST_OF_SECOND) < 0.0025 <= 4 * found.error[1, 0] + 0.0025


def test_the_interval_of_a_share_holds_the_truth_as_often_as_it_says() -> None:
    # Y = X0 + noise of three times its variance: a quarter. 95% of 300 samples, less three standard errors (3.8%).
    rng = np.random.default_rng(5)
    held = 0
    for _ in range(300):
        u = rng.random((1, 1000))
        outcome = u + rng.normal(size=(1, 1000)) * np.sqrt(3.0 / 12.0)
        found = shares(u, outcome)
        held += abs(found.share[0, 0] - 0.25) <= T_GROUPS * found.error[0, 0]
    assert held / 300 >= 0.95 - 0.038


def test_inputs_without_effect_have_no_index_on_average() -> None:
    rng = np.random.default_rng(8)
    u = rng.random((300, 2000))
    outcome = np.exp(rng.normal(size=(1, 2000)))
    found, apart = shares(u, outcome), measured(u, outcome)
    for values in (found.share, apart.delta, apart.pawn):
        # Three standard errors of the mean over 300 inputs that have nothing to do with the outcome.
        assert abs(values.mean()) <= 3 * values.std() / np.sqrt(300)
    # A plain estimate of delta from the same table would be far from nothing.
    assert np.abs(apart.delta).max() < 0.08
    low = found.share[:, 0] - T_GROUPS * found.error[:, 0]
    assert np.mean(low > 0) <= 0.025 + 3 * np.sqrt(0.025 * 0.975 / 300)


def test_delta_of_an_input_that_decides_all_by_hand() -> None:
    # Twelve classes of input and outcome that fall together: half of 12 × (1/12 − 1/144) and 132 × 1/144.
    u = np.random.default_rng(2).random((1, 7200))
    found = measured(u, u)
    assert found.delta[0, 0] == pytest.approx(1 - 1 / 12, abs=0.02)
    assert found.rank[0, 0] == pytest.approx(1.0, abs=0.01)
    assert measured(u, -u).rank[0, 0] == pytest.approx(-1.0, abs=0.01)


def test_delta_and_pawn_do_not_mind_skew() -> None:
    u = np.random.default_rng(4).random((3, 5000))
    outcome = ishigami(u)
    plain, skewed = measured(u, outcome), measured(u, np.exp(3.0 * outcome))
    np.testing.assert_array_equal(plain.delta, skewed.delta)
    np.testing.assert_array_equal(plain.pawn, skewed.pawn)
    # The share of variance does: nearly all of it sits in a few futures.
    assert abs(shares(u, np.exp(3.0 * outcome)).share[1, 0] - ISHIGAMI_FIRST_OF_SECOND) > 0.2


def test_delta_near_salib_on_what_it_can_handle() -> None:
    u = np.random.default_rng(6).random((3, 4000))
    outcome = ishigami(u)[0]
    problem = {"num_vars": 3, "names": list("abc"), "bounds": [[0.0, 1.0]] * 3}
    theirs = np.asarray(salib_delta.analyze(problem, u.T, outcome, num_resamples=2, seed=1)["delta_raw"])
    ours = measured(u, outcome[None]).delta[:, 0]
    assert np.argsort(ours).tolist() == np.argsort(theirs).tolist()
    # Nine classes see at most what a kernel density does; both miss some of the waves.
    np.testing.assert_allclose(ours, theirs, atol=0.05)


def test_pawn_near_salib() -> None:
    u = np.random.default_rng(6).random((3, 20_000))
    outcome = ishigami(u)[0]
    problem = {"num_vars": 3, "names": list("abc"), "bounds": [[0.0, 1.0]] * 3}
    theirs = np.asarray(salib_pawn.analyze(problem, u.T, outcome, S=10, seed=1)["median"])
    ours = measured(u, outcome[None]).pawn[:, 0]
    # Theirs is the largest of noisy distances, up to 1.4 √(1/2000) above the truth; ours lies at or below it.
    assert np.all(ours <= theirs + 0.01)
    np.testing.assert_allclose(ours, theirs, atol=1.4 / np.sqrt(2000) + 0.01)


def test_futures_where_an_outcome_is_undefined_are_left_out_for_it_alone() -> None:
    rng = np.random.default_rng(9)
    u = rng.random((2, 3000))
    whole = u[:1] + 0.1 * rng.normal(size=(1, 3000))
    there = u[1] < 0.6
    holed = np.where(there, whole[0], np.nan)
    found = shares(u, np.stack([whole[0], holed, np.full(3000, np.nan)]))
    kept = shares(u, whole)
    assert found.n.tolist() == [3000, int(there.sum()), 0]
    np.testing.assert_array_equal(found.share[:, 0], kept.share[:, 0])
    assert found.share[0, 1] == pytest.approx(kept.share[0, 0], abs=0.02)
    assert found.low[0, 1] == pytest.approx(holed[there & (u[0] < 0.2)].mean(), abs=0.02)
    assert not found.share[:, 2].any()
    apart = measured(u, np.stack([whole[0], holed]))
    assert apart.delta[0, 1] == pytest.approx(apart.delta[0, 0], abs=0.06)


def test_choices_and_numbers_with_few_values() -> None:
    # Three laws with means 0, 1 and 5; a die whose number adds; variances by hand.
    rng = np.random.default_rng(10)
    law, die = rng.integers(0, 3, 30_000), rng.integers(0, 6, 30_000)
    outcome = np.array([0.0, 1.0, 5.0])[law] + die.astype(np.float64)
    of_law, of_die = np.var([0.0, 1.0, 5.0]), 35 / 12
    found = first_order(np.stack([law, die]).astype(np.uint8), [7, 6], [False, True], outcome[None])
    expected = np.array([of_law, of_die]) / (of_law + of_die)
    # No class was merged, so nothing is extrapolated; three jackknife errors.
    assert np.all(np.abs(found.share[:, 0] - expected) <= 3 * found.error[:, 0])
    assert np.isnan(found.low[0, 0])
    assert found.high[1, 0] - found.low[1, 0] == pytest.approx(5.0, abs=0.15)
    apart = distances(np.stack([law, die]).astype(np.uint8), [7, 6], [False, True], outcome[None])
    # Laws that are never drawn are no slices: the median is of three, not of seven.
    assert apart.pawn[0, 0] > 0.2
    assert apart.rank[0, 0] == 0.0


def test_the_swing_is_between_fifths() -> None:
    u = np.random.default_rng(11).random((1, 20_000))
    found = shares(u, 10.0 * u)
    assert found.low[0, 0] == pytest.approx(1.0, abs=0.05)
    assert found.high[0, 0] == pytest.approx(9.0, abs=0.05)


def test_an_outcome_that_does_not_vary_goes_with_nothing() -> None:
    u = np.random.default_rng(12).random((2, 1000))
    found, apart = shares(u, np.full((1, 1000), 0.1)), measured(u, np.full((1, 1000), 0.1))
    for values in (found.share, found.error):
        assert not values.any()
    np.testing.assert_allclose(apart.delta, 0.0, atol=1e-12)


def test_many_outcomes_at_once_and_threads_change_nothing() -> None:
    rng = np.random.default_rng(13)
    u = rng.random((20, 1500))
    outcomes = rng.random((30, 20)) @ u
    one, two = shares(u, outcomes), shares(u, outcomes, threads=2)
    np.testing.assert_array_equal(one.share, two.share)
    np.testing.assert_array_equal(measured(u, outcomes).delta, measured(u, outcomes, threads=2).delta)
    alone = np.concatenate([shares(u, outcomes[at : at + 1]).share for at in range(30)], axis=1)
    np.testing.assert_allclose(one.share, alone, atol=1e-12)


def test_groups_add_up_with_the_error_of_their_sum() -> None:
    rng = np.random.default_rng(14)
    u = rng.random((4, 4000))
    found = shares(u, (u[:1] + u[1:2] + 2 * u[2:3]))
    members = np.array([[True, True, False, False], [True, True, True, True]])
    share, error = found.together(members)
    assert share[0, 0] == pytest.approx(found.share[:2, 0].sum())
    # 1/6, 1/6 and 4/6; sums of what is explained wholly vary less than their parts do.
    assert share[1, 0] == pytest.approx(1.0, abs=4 * error[1, 0])
    assert share[0, 0] == pytest.approx(1 / 3, abs=4 * error[0, 0])


def test_classes_of_equal_count_and_ties() -> None:
    found, several = classes_of(np.array([5.0, 1.0, np.nan, 3.0, 4.0, 2.0, 6.0]), 3)
    assert several == 3
    assert found.tolist() == [2, 0, UNDEFINED, 1, 1, 0, 2]
    # Nine tenths of one number: one class of it, and the rest.
    tied, several = classes_of(np.concatenate([np.zeros(90), np.arange(1.0, 11.0)]), 10)
    assert several == 2
    assert np.all(tied[:90] == 0)
    assert classes_of(np.array([np.nan, np.nan]), 4)[1] == 1


def test_an_interval_that_says_nothing_is_not_printed() -> None:
    from twofront.analyse.estimates import too_few
    from twofront.present.indices import _share

    # ±60 points from 300 futures: three times as exact takes nine times as many.
    assert too_few(-0.3, 0.9, 300) == "too few futures; about 3,000 would give ±20 points"
    assert too_few(0.0, 0.95, 120) == "too few futures; about 700 would give ±20 points"
    assert too_few(0.1, 0.6, 300) == ""
    assert too_few(-3.0, 0.4, 300) == ""  # it says that the share is below one half
    row = {"first": 0.3, "first_low": -0.3, "first_high": 0.9, "n": 300}
    assert _share(row) == "30% [too few futures; about 3,000 would give ±20 points]"
    assert _share({**row, "first_low": 0.2, "first_high": 0.4}) == "30% [20–40%]"
