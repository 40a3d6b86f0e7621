"""Designs of the draws: even spread, the same bits for any split, SciPy's Sobol' points, replicates."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import stats
from scipy.stats import qmc

from twofront.faults import UserError
from twofront.parameters import designs
from twofront.parameters.designs import CUBE, DESIGNS, POINTS, REPLICATES, design_of, replicates_of
from twofront.parameters.streams import uniforms

NAMES = [f"parameter {place}" for place in range(40)]
TURN = REPLICATES * POINTS


@pytest.mark.parametrize("name", DESIGNS)
@pytest.mark.parametrize("start", [0, 4096, TURN - 700, 10**12 + 3])
def test_numbers_do_not_depend_on_the_split(name: str, start: int) -> None:
    design = design_of(name, 7, NAMES)
    end = start + 1100
    whole = design.rows(start, end)
    assert 0.0 < whole.min() < whole.max() < 1.0
    for size in (29, 512):
        pieces = [design.rows(lo, min(lo + size, end)) for lo in range(start, end, size)]
        np.testing.assert_array_equal(np.concatenate(pieces, axis=1), whole)
    np.testing.assert_array_equal(design.rows(start, end, [31, 2]), whole[[31, 2]])
    assert design.rows(start, start).shape == (40, 0)


@pytest.mark.parametrize("name", DESIGNS)
def test_seeds_and_dimensions_differ(name: str) -> None:
    one = design_of(name, 1, NAMES).rows(0, 600)
    other = design_of(name, 2, NAMES).rows(0, 600)
    assert not np.any(one == other)
    assert len(np.unique(one)) == one.size


@pytest.mark.parametrize("name", DESIGNS)
def test_numbers_are_even_and_independent(name: str) -> None:
    drawn = design_of(name, 4, NAMES).rows(0, 65_536)
    assert np.abs(drawn.mean(axis=1) - 0.5).max() < 4 * 0.2887 / 256
    assert np.abs((drawn**2).mean(axis=1) - 1 / 3).max() < 4 * 0.2982 / 256
    assert np.abs(np.corrcoef(drawn) - np.eye(len(NAMES))).max() < 5 / 256


def test_random_numbers_are_the_streams() -> None:
    rows = design_of("random", 5, NAMES).rows(11, 300)
    np.testing.assert_array_equal(rows, [uniforms(5, name, 11, 300) for name in NAMES])


def test_a_latin_hypercube_has_one_number_in_every_slice() -> None:
    drawn = design_of("latin", 9, NAMES).rows(0, 4 * CUBE).reshape(len(NAMES), 4, CUBE)
    assert np.all(np.sort((drawn * CUBE).astype(int), axis=2) == np.arange(CUBE))
    inside = drawn * CUBE % 1.0
    assert stats.kstest(inside.ravel(), "uniform").pvalue > 1e-4
    ranks = (drawn * CUBE).astype(int)
    assert np.abs(np.corrcoef(ranks.reshape(len(NAMES) * 4, CUBE)) - np.eye(len(NAMES) * 4)).max() < 0.35
    assert not np.any(np.all(ranks[:, 0] == ranks[:, 1], axis=1)), "hypercubes are permuted anew"


def test_unscrambled_points_are_those_of_scipy() -> None:
    plain: Any = qmc.Sobol(700, scramble=False, bits=52).random(2048)
    found = designs._points(np.arange(2048, dtype=np.uint64), np.zeros(700, dtype=np.uint64), designs._directions(700))
    np.testing.assert_array_equal(found.astype(np.float64) * 2.0**-52, plain.T)


def test_every_replicate_is_a_net() -> None:
    drawn = design_of("sobol", 4, NAMES).rows(0, REPLICATES * 256)
    for replicate in range(REPLICATES):
        own = drawn[:, replicate::REPLICATES]
        assert np.all(np.sort((own * 256).astype(int), axis=1) == np.arange(256)), "one point in each slice"
        boxes = (own[0] * 16).astype(int) * 16 + (own[1] * 16).astype(int)
        assert len(np.unique(boxes)) == 256, "one point in each box of the first two dimensions"


def test_replicates_are_scrambled_independently() -> None:
    drawn = design_of("sobol", 4, NAMES).rows(0, REPLICATES * 64)
    assert len(np.unique(drawn[:, :REPLICATES], axis=1).T) == REPLICATES
    fresh = design_of("sobol", 4, NAMES).rows(TURN, TURN + REPLICATES * 64)
    assert not np.any(fresh == drawn)
    # A scramble mixes digits and does not only shift them: sums without carry of neighbours differ by replicate.
    steps = (drawn[:, REPLICATES:] * 2.0**52).astype(np.uint64) ^ (drawn[:, :-REPLICATES] * 2.0**52).astype(np.uint64)
    assert len(np.unique(steps[5, :REPLICATES])) == REPLICATES


@pytest.mark.parametrize(("name", "factor"), [("latin", 20.0), ("sobol", 20.0)])
def test_means_of_smooth_functions_are_more_exact(name: str, factor: float) -> None:
    def error(which: str) -> float:
        drawn = np.exp(design_of(which, 8, NAMES[:8]).rows(0, 100 * CUBE)).sum(axis=0) - 8 * (np.e - 1)
        return float(np.mean(drawn.reshape(100, CUBE).mean(axis=1) ** 2))

    assert factor * error(name) < error("random")


def test_replicates_of() -> None:
    futures = np.array([0, 1, 16, 255, 256, TURN - 1, TURN, TURN + 17])
    assert replicates_of("random", futures) is None
    np.testing.assert_array_equal(replicates_of("latin", futures), futures // 256)
    np.testing.assert_array_equal(replicates_of("sobol", futures), [0, 1, 0, 15, 0, 15, 16, 17])


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        # Frozen: the bits of published runs.
        ("random", [0.6286781789806103, 0.5357717845735089]),
        ("latin", [0.5991949912869213, 0.4874413781931103]),
        ("sobol", [0.32073289440965136, 0.4214037397168725]),
    ],
)
def test_bits_stay_as_they_are(name: str, wanted: list[float]) -> None:
    found = design_of(name, 1, ["shells", "structure:war"]).rows(1_000_000, 1_000_001)
    assert found[:, 0].tolist() == wanted


def test_unknown_design() -> None:
    with pytest.raises(UserError, match="no sampling `sobel`; did you mean `sobol`"):
        design_of("sobel", 1, NAMES)
    with pytest.raises(UserError, match="no sampling `grid`; there are random, latin, sobol"):
        design_of("grid", 1, NAMES)


def test_more_dimensions_than_sobol_sequences_have() -> None:
    with pytest.raises(UserError, match=r"21,202 inputs are drawn.*--sampling latin"):
        design_of("sobol", 1, [str(place) for place in range(21_202)])
