"""Inverse distribution functions against SciPy's, at their edges, and the same bits on every executor."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest
from scipy import stats

from twofront.engine.executor import EXECUTORS, Stage, compile_stage
from twofront.parameters import distributions as d
from twofront.parameters.streams import uniforms

U: Any = np.concatenate([uniforms(1, "u", 0, 2000), [2.0**-53, 1 - 2.0**-53, 0.25, 0.5]])


@pytest.mark.parametrize(
    ("found", "wanted", "bound"),
    [
        (lambda u: d.uniform(u, 2.0, 5.0), stats.uniform(2.0, 3.0).ppf, 1e-15),
        (lambda u: d.triangular(u, 2.0, 3.0, 7.0), stats.triang(0.2, 2.0, 5.0).ppf, 1e-14),
        (lambda u: d.triangular(u, 2.0, 2.0, 7.0), stats.triang(0.0, 2.0, 5.0).ppf, 1e-14),
        (lambda u: d.triangular(u, 2.0, 7.0, 7.0), stats.triang(1.0, 2.0, 5.0).ppf, 1e-14),
        (lambda u: d.log_uniform(u, 0.5, 80.0), stats.loguniform(0.5, 80.0).ppf, 1e-14),
        (lambda u: d.normal(u, 2.0, 5.0, 8.0), stats.norm(5.0, 3.0 / 1.6448536269514722).ppf, 1e-13),
    ],
)
def test_quantiles_are_those_of_scipy(found: Callable[[Any], Any], wanted: Callable[[Any], Any], bound: float) -> None:
    assert np.max(np.abs(found(U) - wanted(U)) / (1.0 + np.abs(wanted(U)))) < bound


def test_a_log_triangular_draw_has_a_triangular_logarithm() -> None:
    drawn = np.log(d.log_triangular(U, 1.0, 10.0, 1000.0))
    wanted = stats.triang(1 / 3, 0.0, math.log(1000.0)).ppf(U)
    assert np.max(np.abs(drawn - wanted)) < 1e-13


def test_low_and_high_of_a_normal_are_its_5th_and_95th_percentiles_also_if_uneven() -> None:
    low, middle, high = (float(d.normal(u, 2.0, 5.0, 11.0)) for u in (0.05, 0.5, 0.95))
    assert low == pytest.approx(2.0, abs=1e-13)
    assert middle == 5.0
    assert high == pytest.approx(11.0, abs=1e-13)


@pytest.mark.parametrize("draw", [d.uniform, d.log_uniform])
def test_two_figures(draw: Callable[..., Any]) -> None:
    values = np.asarray(draw(U, 0.1, 0.3))
    assert values.min() >= 0.1
    assert values.max() <= 0.3
    assert np.all(np.asarray(draw(U, 0.1, 0.1)) == 0.1)
    assert np.all(np.isnan(draw(U, 0.3, 0.1)))


@pytest.mark.parametrize("draw", [d.triangular, d.log_triangular])
def test_three_figures(draw: Callable[..., Any]) -> None:
    values = np.asarray(draw(U, 0.1, 0.2, 0.3))
    assert values.min() >= 0.1
    assert values.max() <= 0.3
    assert np.all(np.asarray(draw(U, 0.1, 0.1, 0.1)) == 0.1)
    for wrong in ((0.3, 0.2, 0.1), (0.1, 0.4, 0.3), (0.2, 0.1, 0.3)):
        assert np.all(np.isnan(draw(U, *wrong)))


def test_logarithms_need_figures_above_zero() -> None:
    assert np.all(np.isnan(d.log_uniform(U, 0.0, 1.0)))
    assert np.all(np.isnan(d.log_triangular(U, -1.0, 1.0, 2.0)))


def test_a_fixed_value_does_not_move() -> None:
    assert d.fixed(0.3, 4.5) == 4.5


def test_every_executor_draws_the_same_bits() -> None:
    def draw(i: Mapping[str, Any]) -> Mapping[str, Any]:
        u = i["u"]
        return {
            "a": d.uniform(u, 1.0, 3.0),
            "b": d.triangular(u, 1.0, 1.5, 3.0),
            "c": d.log_uniform(u, 1.0, 30.0),
            "d": d.log_triangular(u, 1.0, 1.5, 30.0),
            "e": d.normal(u, 1.0, 1.5, 30.0),
        }

    found: list[Any] = []
    for executor in EXECUTORS:
        outputs = np.empty((5, len(U)))
        compile_stage(Stage("draw", draw, {"u": None}), executor).run(U.reshape(1, -1), outputs, 0, len(U))
        found.append(outputs.view(np.uint64))
    assert np.array_equal(found[0], found[1])
    assert np.array_equal(found[0], found[2])
