"""Designs and their estimators: published indices, and SALib's own answers on the same points."""

import numpy as np
import numpy.typing as npt
import pytest
from SALib.analyze import morris as salib_morris
from SALib.analyze import sobol as salib_sobol
from SALib.sample import morris as salib_morris_sample
from SALib.sample import sobol as salib_sobol_sample

from twofront.analyse.designs import LOWEST, STEP, morris, sobol
from twofront.faults import UserError

Floats = npt.NDArray[np.float64]
ISHIGAMI_TOTAL_OF_SECOND = 0.442411


def ishigami(u: Floats) -> Floats:
    """Ishigami and Homma (1990), a = 7, b = 0.1."""
    x = np.pi * (2.0 * u - 1.0)
    return (np.sin(x[0]) + 7.0 * np.sin(x[1]) ** 2 + 0.1 * x[2] ** 4 * np.sin(x[0]))[None]


def bumps(u: Floats) -> Floats:
    """Sobol' g function with weights 0, 1, 2 …"""
    weights = np.arange(len(u))[:, None]
    return np.prod((np.abs(4.0 * u - 2.0) + weights) / (1.0 + weights), axis=0)[None]


def test_the_same_numbers_as_salib_for_sobol() -> None:
    problem = {"num_vars": 8, "names": list("abcdefgh"), "bounds": [[0.0, 1.0]] * 8}
    points = salib_sobol_sample.sample(problem, 256, calc_second_order=False, seed=11)
    theirs = salib_sobol.analyze(problem, bumps(points.T)[0], calc_second_order=False, seed=1, num_resamples=200)
    ours = sobol(bumps, 8, [[row] for row in range(8)], 256, seed=11)
    # The same formulas on the same points; they divide by the standard deviation first, which rounds otherwise.
    np.testing.assert_allclose(ours.first[:, 0], theirs["S1"], rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(ours.total[:, 0], theirs["ST"], rtol=1e-9, atol=1e-12)
    # Two bootstraps of 200 samples: their spreads differ by some per cent each.
    np.testing.assert_allclose(1.96 * ours.total_error[:, 0], theirs["ST_conf"], rtol=0.25)


def test_the_same_numbers_as_salib_for_morris() -> None:
    problem = {"num_vars": 8, "names": list("abcdefgh"), "bounds": [[0.0, 1.0]] * 8, "groups": list("abcdefgh")}
    levels = salib_morris_sample.sample(problem, 30, num_levels=4, seed=11)
    outcomes = bumps((LOWEST + (1 - 2 * LOWEST) * levels).T)[0]
    del problem["groups"]
    theirs = salib_morris.analyze(problem, levels, outcomes, num_levels=4, seed=1)
    ours = morris(bumps, 8, [[row] for row in range(8)], 30, seed=11)
    # They divide by a step of two thirds of the grid, we by the same step in quantiles.
    scale = (2.0 / 3.0) / STEP
    for name, values in (("mu", ours.mu), ("mu_star", ours.mu_star), ("sigma", ours.sigma)):
        np.testing.assert_allclose(values[:, 0], np.asarray(theirs[name]) * scale, rtol=1e-9, atol=1e-12)


def test_a_straight_line_has_its_slope_as_effect_and_no_sigma() -> None:
    found = morris(lambda u: np.stack([3.0 * u[0] - u[1], u[1]]), 2, [[0], [1]], 10)
    np.testing.assert_allclose(found.mu, [[3.0, 0.0], [-1.0, 1.0]], atol=1e-12)
    np.testing.assert_allclose(found.mu_star, [[3.0, 0.0], [1.0, 1.0]], atol=1e-12)
    np.testing.assert_allclose(found.sigma, 0.0, atol=1e-12)
    assert found.evaluations == 30
    assert np.all(found.n == 10)


def test_groups_move_together_and_may_overlap() -> None:
    # Y = X0 X1 with means 0: all is interaction between the two, nothing by themselves.
    def product(u: Floats) -> Floats:
        return ((u[0] - 0.5) * (u[1] - 0.5) + 0.0 * u[2])[None]

    found = sobol(product, 3, [[0], [1], [0, 1], [2]], 2048)
    np.testing.assert_allclose(found.first[:, 0], [0.0, 0.0, 1.0, 0.0], atol=0.06)
    np.testing.assert_allclose(found.total[:, 0], [1.0, 1.0, 1.0, 0.0], atol=0.06)
    grouped = morris(product, 3, [[0, 1], [2]], 20)
    assert grouped.mu_star[0, 0] > 0.01
    assert grouped.mu_star[1, 0] == 0.0
    # A group has steps both ways, so no mean direction.
    assert np.isnan(grouped.mu[0, 0])
    assert grouped.mu[1, 0] == 0.0


def test_undefined_outcomes_are_left_out_for_what_needs_them() -> None:
    def holed(u: Floats) -> Floats:
        clean = ishigami(u)[0]
        holes = np.where(u[2] > 0.9, np.nan, clean), np.where(u[0] * u[2] > 0.6, np.nan, clean)
        return np.stack([clean, holes[0], np.full(u.shape[1], 2.0), holes[1], np.full(u.shape[1], np.nan)])

    found = sobol(holed, 3, [[0], [1], [2]], 1024)
    whole = sobol(ishigami, 3, [[0], [1], [2]], 1024)
    np.testing.assert_allclose(found.first[:, 0], whole.first[:, 0], atol=1e-12)
    # A base point needs both of its ends: 81% of them have them.
    assert found.n[0] == 1024
    assert found.n[1] == pytest.approx(0.81 * 1024, abs=30)
    # Where the hole hangs on two inputs, a point between two that are defined may still be none.
    assert np.all(np.isfinite(found.total[:, :4]))
    assert np.all(found.total[:, 3] > 0.1)
    # What is defined nowhere has no index; what does not vary is owed to nothing.
    assert np.all(np.isnan(found.total[:, 4]))
    assert not found.first[:, 2].any()
    assert not found.total[:, 2].any()
    screened = morris(holed, 3, [[0], [1], [2]], 40)
    assert screened.n[:, 0].tolist() == [40, 40, 40]
    assert screened.n[2, 1] < 40
    assert not screened.mu_star[:, 2].any()


def test_the_interval_of_a_total_holds_the_truth_about_as_often_as_it_says() -> None:
    # 95% of 60 designs, less three standard errors of that count (8%).
    held = 0
    for seed in range(60):
        found = sobol(ishigami, 3, [[0], [1], [2]], 256, seed=seed)
        held += np.all(np.abs(found.total[1, 0] - ISHIGAMI_TOTAL_OF_SECOND) <= 1.96 * found.total_error[1, 0])
    assert held / 60 >= 0.95 - 0.085


def test_too_few_points_and_uneven_ones_are_refused() -> None:
    with pytest.raises(UserError, match="power"):
        sobol(ishigami, 3, [[0], [1], [2]], 100)
    with pytest.raises(UserError, match="from 16 on"):
        sobol(ishigami, 3, [[0], [1], [2]], 8)
    with pytest.raises(UserError, match="at least 4"):
        morris(ishigami, 3, [[0], [1], [2]], 2)
