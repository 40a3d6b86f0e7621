"""The Gaussian copula: its factor, its effect on draws, and matrices that cannot be."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from scipy import stats

from twofront.engine.executor import EXECUTORS, Stage, compile_stage
from twofront.parameters.correlation import NotPositiveDefinite, cholesky, correlate
from twofront.parameters.streams import uniforms

MATRIX = [[1.0, 0.6, 0.0, -0.3], [0.6, 1.0, 0.0, 0.2], [0.0, 0.0, 1.0, 0.0], [-0.3, 0.2, 0.0, 1.0]]


def test_the_factor_is_that_of_linear_algebra() -> None:
    lower = np.array(cholesky(MATRIX))
    assert np.max(np.abs(lower @ lower.T - np.array(MATRIX))) < 1e-15
    assert np.max(np.abs(lower - np.linalg.cholesky(np.array(MATRIX)))) < 1e-15


def test_draws_get_the_correlations_and_stay_even() -> None:
    draws = [uniforms(1, name, 0, 60000) for name in "abcd"]
    moved: list[Any] = correlate(draws, cholesky(MATRIX))  # pyright: ignore[reportArgumentType]
    scores = stats.norm.ppf(np.array(moved))
    assert np.max(np.abs(np.corrcoef(scores) - np.array(MATRIX))) < 0.016  # four standard errors
    for values in moved:
        assert stats.kstest(values, "uniform").pvalue > 1e-3
    assert moved[0] is draws[0]
    assert moved[2] is draws[2], "a quantity that moves with none keeps its draw"


def test_every_executor_correlates_to_the_same_bits() -> None:
    lower = cholesky(MATRIX)

    def sample(i: Mapping[str, Any]) -> Mapping[str, Any]:
        return dict(zip("wxyz", correlate([i[name] for name in "abcd"], lower), strict=True))

    draws = np.array([uniforms(2, name, 0, 501) for name in "abcd"])
    found: list[Any] = []
    for executor in EXECUTORS:
        outputs = np.empty((4, 501))
        compile_stage(Stage("sample", sample, dict.fromkeys("abcd")), executor).run(draws, outputs, 0, 501)
        found.append(outputs.view(np.uint64))
    assert np.array_equal(found[0], found[1])
    assert np.array_equal(found[0], found[2])


def test_correlations_that_contradict_each_other_are_named() -> None:
    matrix = [[1.0, 0.9, 0.0, 0.9], [0.9, 1.0, 0.0, -0.9], [0.0, 0.0, 1.0, 0.0], [0.9, -0.9, 0.0, 1.0]]
    with pytest.raises(NotPositiveDefinite, match="`steel`") as caught:
        cholesky(matrix, ["shells", "powder", "weather", "steel"])
    assert caught.value.names == ("steel", "shells", "powder")
    with pytest.raises(NotPositiveDefinite):
        cholesky([[1.0, 1.0], [1.0, 1.0]])


@pytest.mark.parametrize(
    ("matrix", "says"),
    [
        ([[1.0, 0.5], [0.4, 1.0]], "one way"),
        ([[1.0, 0.5], [0.5, 0.9]], "not 1"),
        ([[1.0, 1.5], [1.5, 1.0]], "not in"),
        ([[1.0, float("nan")], [float("nan"), 1.0]], "not in"),
        ([[1.0, 0.5, 0.0], [0.5, 1.0]], "correlations"),
    ],
)
def test_what_is_no_correlation_matrix_is_refused(matrix: list[list[float]], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        cholesky(matrix)


def test_draws_and_factor_must_match() -> None:
    with pytest.raises(ValueError, match="2 draws"):
        correlate([0.1, 0.2], [[1.0]])
