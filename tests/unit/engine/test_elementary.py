"""exp, log, power and the normal distribution against values of forty digits, and at the edges."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import mpmath
import numpy as np
import pytest
from scipy import special

from twofront.engine import ops

INF, NAN = math.inf, math.nan


def worst(found: Callable[[Any], Any], exact: Callable[[Any], Any], points: np.ndarray[Any, Any]) -> float:
    """Largest relative error of `found` over the points, against `exact` in forty digits."""
    with mpmath.workdps(40):
        values = np.asarray(found(points)).tolist()
        return max(
            float(abs(mpmath.mpf(v) / exact(mpmath.mpf(p)) - 1)) for v, p in zip(values, points.tolist(), strict=True)
        )


@pytest.mark.parametrize(
    ("name", "low", "high", "bound"),
    [
        ("exp", -690.0, 709.7, 2.3e-16),
        ("exp", -1.0, 1.0, 2.3e-16),
        ("exp", -1e-8, 1e-8, 2.3e-16),
    ],
)
def test_exp_is_within_one_place(name: str, low: float, high: float, bound: float) -> None:
    points = np.random.default_rng(1).uniform(low, high, 4000)
    assert worst(getattr(ops, name), mpmath.exp, points) < bound


@pytest.mark.parametrize(("low", "high"), [(-307.0, 308.0), (-1.0, 1.0), (-323.0, -308.0)])
def test_log_is_within_one_place_also_of_subnormal_numbers(low: float, high: float) -> None:
    points = 10.0 ** np.random.default_rng(2).uniform(low, high, 4000)
    points = points[(points > 0.0) & (points != 1.0)]
    assert worst(ops.log, mpmath.log, points) < 2.3e-16


def test_log_near_one() -> None:
    points = 1.0 + np.concatenate([2.0 ** -np.arange(1.0, 52.0), -(2.0 ** -np.arange(1.0, 53.0))])
    assert worst(ops.log, mpmath.log, points) < 2.3e-16


def ulps(found: Any, exact: Any) -> float:
    """How far a result lies from the exact value, in units in the last place of that value."""
    return float(abs(mpmath.mpf(float(found)) - exact) / mpmath.mpf(math.ulp(float(exact))))


_rng = np.random.default_rng(7)
_HALVES = [(k + 0.5) * math.log(2.0) + j * 1e-13 for k in range(-990, 1020, 5) for j in (-3, -1, 0, 1, 3)]
ARGUMENTS: dict[tuple[str, str], Any] = {
    ("exp", "whole range"): _rng.uniform(-690.7, 709.78, 5000),
    ("exp", "dense about zero"): np.linspace(-1.0, 1.0, 5001),
    ("exp", "where the reduced argument is largest"): np.array(_HALVES),
    ("exp", "tiny and subnormal"): np.outer([1, -1], [*10.0 ** _rng.uniform(-323, -1, 2000), 5e-324]).ravel(),
    ("log", "whole range"): 10.0 ** _rng.uniform(-307, 308, 5000),
    ("log", "subnormal"): np.maximum(5e-324, 10.0 ** _rng.uniform(-323.3, -307.7, 3000)),
    ("log", "dense over mantissas"): np.linspace(0.5, 2.0, 5001),
    ("log", "close to one"): 1.0 + _rng.uniform(-1, 1, 5000) * 10.0 ** _rng.uniform(-15.9, -2, 5000),
}


@pytest.mark.parametrize(("name", "where"), list(ARGUMENTS))
def test_exp_and_log_stay_below_one_unit_in_the_last_place(name: str, where: str) -> None:
    # 0.86 and 0.81 as built
    points = ARGUMENTS[name, where]
    points = points[points != 1.0] if name == "log" else points
    with mpmath.workdps(50):
        found = np.asarray(getattr(ops, name)(points)).tolist()
        exact = [getattr(mpmath, name)(mpmath.mpf(point)) for point in points.tolist()]
        assert max(map(ulps, found, exact)) < 1.0


@pytest.mark.parametrize(
    ("bases", "exponents"),
    [((-6, 6), (-8, 8)), ((-300, 300), (-1, 1)), ((-323, -308), (0, 0.9)), ((-0.1, 0.08), (-20, 20))],
    ids=["ordinary", "whole range", "subnormal bases", "close to one"],
)
def test_power_loses_units_in_proportion_to_the_logarithm_of_the_result(
    bases: tuple[float, float], exponents: tuple[float, float]
) -> None:
    rng = np.random.default_rng(8)
    base: Any = np.maximum(5e-324, 10.0 ** rng.uniform(*bases, 4000))
    exponent: Any = rng.uniform(*exponents, 4000)
    found: Any = ops.power(base, exponent)
    with mpmath.workdps(50):
        for b, g, value in zip(base.tolist(), exponent.tolist(), found.tolist(), strict=True):
            exact = mpmath.power(mpmath.mpf(b), mpmath.mpf(g))
            assert ulps(value, exact) < 2.25 * (2.0 + abs(g * math.log(b)))


def test_normal_cdf_holds_its_relative_error_in_the_tail() -> None:
    # 1e-14 where the chance is above 1e-280; it is 7e-16 as built
    points = np.random.default_rng(3).uniform(-35.5, 9.0, 3000)
    assert worst(ops.normal_cdf, mpmath.ncdf, points) < 2e-15


def test_normal_quantile_against_scipy_and_its_inverse() -> None:
    rng = np.random.default_rng(4)
    p: Any = np.concatenate([10.0 ** rng.uniform(-299, -0.31, 20000), rng.uniform(0.0, 1.0, 20000)])
    assert np.max(np.abs(ops.normal_quantile(p) / special.ndtri(p) - 1.0)) < 5e-15
    back = np.asarray(ops.normal_cdf(ops.normal_quantile(p)))
    slope = 1.0 + np.abs(special.ndtri(p)) ** 2  # the tail magnifies an error of the quantile this much
    assert np.max(np.abs(back / p - 1.0) / slope) < 5e-15


def test_power_error_grows_with_the_logarithm_of_the_result_only() -> None:
    rng = np.random.default_rng(5)
    base: Any
    exponent: Any
    base, exponent = 10.0 ** rng.uniform(-6, 6, 3000), rng.uniform(-8.0, 8.0, 3000)
    with mpmath.workdps(40):
        for b, g, found in zip(base.tolist(), exponent.tolist(), ops.power(base, exponent).tolist(), strict=True):  # pyright: ignore[reportAttributeAccessIssue, reportUnknownArgumentType]
            error = abs(mpmath.mpf(found) / mpmath.mpf(b) ** mpmath.mpf(g) - 1)
            assert error < 2.5e-16 * (2.0 + abs(g * math.log(b)))


@pytest.mark.parametrize(
    ("call", "wanted"),
    [
        (lambda: ops.exp(710.0), INF),
        (lambda: ops.exp(709.78), 1.7928227943945155e308),
        (lambda: ops.exp(-691.0), 0.0),
        (lambda: ops.exp(-INF), 0.0),
        (lambda: ops.exp(INF), INF),
        (lambda: ops.exp(NAN), NAN),
        (lambda: ops.exp(0.0), 1.0),
        (lambda: ops.log(0.0), -INF),
        (lambda: ops.log(-0.0), -INF),
        (lambda: ops.log(-1.0), NAN),
        (lambda: ops.log(INF), INF),
        (lambda: ops.log(NAN), NAN),
        (lambda: ops.log(1.0), 0.0),
        (lambda: ops.log(5e-324), -744.4400719213812),
        (lambda: ops.sqrt(-1.0), NAN),
        (lambda: ops.power(0.0, 2.5), 0.0),
        (lambda: ops.power(0.0, -1.0), INF),
        (lambda: ops.power(0.0, 0.0), 1.0),
        (lambda: ops.power(-2.0, 2.0), NAN),
        (lambda: ops.power(-2.0, 0.0), NAN),
        (lambda: ops.power(NAN, 0.0), NAN),
        (lambda: ops.power(1.0, NAN), NAN),
        (lambda: ops.normal_cdf(-INF), 0.0),
        (lambda: ops.normal_cdf(INF), 1.0),
        (lambda: ops.normal_cdf(0.0), 0.5),
        (lambda: ops.normal_cdf(NAN), NAN),
        (lambda: ops.normal_quantile(0.0), -INF),
        (lambda: ops.normal_quantile(1.0), INF),
        (lambda: ops.normal_quantile(0.5), 0.0),
        (lambda: ops.normal_quantile(-0.1), NAN),
        (lambda: ops.normal_quantile(1.1), NAN),
        (lambda: ops.minimum(NAN, 1.0), 1.0),
        (lambda: ops.minimum(1.0, NAN), NAN),
        (lambda: ops.maximum(1.0, NAN), NAN),
        (lambda: ops.clip(NAN, 0.0, 1.0), NAN),
        (lambda: ops.clip(3.0, 0.0, 1.0), 1.0),
        (lambda: ops.Real(1.0) / 0.0, INF),
        (lambda: 1.0 / ops.Real(-0.0), -INF),
        (lambda: ops.Real(0.0) / 0, NAN),
        (lambda: ops.absolute(-2), 2.0),
        (lambda: ops.where(ops.not_(ops.Real(1.0) < 2.0), 1.0, 2.0), 2.0),
        (lambda: ops.where(~int(ops.Real(3.0) < 2.0), 1.0, 2.0), 1.0),
        (lambda: ops.total([1.0, 2.0, 3.0]), 6.0),
    ],
)
def test_edges(call: Callable[[], float], wanted: float) -> None:
    found = call()
    assert math.isnan(found) if math.isnan(wanted) else found == wanted


@pytest.mark.parametrize("forbidden", [lambda x: x**2, lambda x: 2.0**x, lambda x: x // 2, lambda x: x % 2])
def test_the_float_executors_number_refuses_what_a_tracer_refuses(forbidden: Callable[[Any], Any]) -> None:
    with pytest.raises(TypeError, match="laws may not use"):
        forbidden(ops.Real(3.0))


def test_a_mask_is_no_number() -> None:
    with pytest.raises(TypeError, match="mask"):
        ops.where(True, True, 1.0)
    with pytest.raises(TypeError, match="needs a mask"):
        ops.where(1.5, 1.0, 2.0)  # pyright: ignore[reportArgumentType]


def test_numbers_become_formulas_of_sympy() -> None:
    import sympy

    x: Any = sympy.Symbol("x", positive=True)
    y: Any = ops.where(x < 2, ops.exp(x), ops.power(x, 2.0)) + ops.sqrt(x) + ops.normal_cdf(x)
    value = float(y.subs(x, 1))
    assert value == pytest.approx(math.e + 1.0 + 0.8413447460685429, rel=1e-14)
