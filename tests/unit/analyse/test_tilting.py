"""The nearest assumption changes, on leads whose answer is known in closed form."""

from __future__ import annotations

import numpy as np
import pytest

from twofront.analyse.codes import encode
from twofront.analyse.study import Study
from twofront.analyse.tilting import Flip, Law, Search, Shift, reach_of
from twofront.parameters.sampling import normal_correlation

N = 60_000
SLOPES = {"a": -0.6, "b": 0.5, "c": -0.3, "d": 0.02}


def made(rng: np.random.Generator) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Four independent numbers of different shapes, and their normal scores in rows."""
    scores = rng.normal(size=(4, N))
    a, b, c, d = scores
    # Any rising function of the score: distances are counted in scores, whatever the unit.
    inputs = {"a": np.exp(a), "b": 5 * b - 100, "c": c**3, "d": np.arctan(d)}
    return inputs, scores


def flips(inputs: dict[str, np.ndarray], lead: np.ndarray, weights: np.ndarray | None = None) -> list[Flip]:
    return Search(encode(Study.of_arrays(inputs, {"lead": lead})), lead, weights).flips()


def test_a_straight_lead_has_the_nearest_sets_of_its_gradient() -> None:
    """A lead of m + Σ b·z is zero on average nearest at a shift of −m·b/|b|², |m|/|b| away, for any subset."""
    inputs, scores = made(np.random.default_rng(1))
    slopes = np.array(list(SLOPES.values()))
    found = flips(inputs, 0.5 + slopes @ scores)
    best = {size: next(flip for flip in found if flip.size == size) for size in (1, 2, 3)}
    for size, names in ((1, "a"), (2, "ab"), (3, "abc")):
        steep = np.array([SLOPES[name] for name in names])
        assert best[size].distance == pytest.approx(0.5 / np.linalg.norm(steep), rel=0.03)
        shifts = {change.input: change.by for change in best[size].shifts}
        wanted = dict(zip(names, -0.5 * steep / (steep @ steep), strict=True))
        assert shifts == pytest.approx(wanted, rel=0.06)
        assert best[size].effective == pytest.approx(N * np.exp(-(best[size].distance ** 2)), rel=0.1)
        assert best[size].slope == pytest.approx(-np.linalg.norm(steep), rel=0.05)
    assert not any("d" in {change.input for change in flip.shifts} for flip in found if flip.size == 1)


def test_a_bent_lead_flips_either_way_at_its_root() -> None:
    """The mean of m − z² is m − 1 − δ² with the score shifted by δ."""
    inputs, scores = made(np.random.default_rng(2))
    found = [flip for flip in flips(inputs, 2.0 - scores[0] ** 2) if flip.size == 1]
    assert found[0].distance == pytest.approx(1.0, abs=0.05)
    assert found[0].shifts[0].input == "a"


def test_a_law_counts_by_its_information() -> None:
    rng = np.random.default_rng(3)
    inputs, _ = made(rng)
    law = rng.choice(["usual", "rival"], N, p=[0.8, 0.2])
    lead = np.where(law == "rival", -0.5, 0.6) + rng.normal(size=N)
    found = flips({"structure.war": law, **inputs}, lead)
    assert len(found[0].laws) == found[0].size == 1
    assert (found[0].laws[0].structure, found[0].laws[0].law) == ("structure.war", "rival")
    assert found[0].distance == pytest.approx(np.sqrt(2 * np.log(5)), rel=0.02)
    assert found[0].effective == pytest.approx(0.2 * N, rel=0.05)


def test_a_law_and_a_shift_add_up_in_squares() -> None:
    """Under the rival law the lead is 0.2 on average and falls by 0.4 a unit, else it falls with nothing."""
    rng = np.random.default_rng(4)
    inputs, scores = made(rng)
    law = rng.choice(["usual", "rival"], N, p=[0.75, 0.25])
    lead = np.where(law == "rival", 0.2 - 0.4 * scores[0], 3.0)
    found = [flip for flip in flips({"structure.war": law, **inputs}, lead) if flip.laws]
    assert {type(change) for change in found[0].changes} == {Law, Shift}
    assert found[0].shifts[0].by == pytest.approx(0.5, rel=0.06)
    assert found[0].distance == pytest.approx(np.sqrt(2 * np.log(4) + 0.25), rel=0.03)


def test_correlated_inputs_count_once() -> None:
    """With scores correlated by r, tilting both moves each along with the other: the nearest tilt λ has λ'Rλ, and the
    lead Σ b·z falls by b'Rλ."""
    rng = np.random.default_rng(5)
    r = 0.6
    x = rng.normal(size=N)
    y = r * x + np.sqrt(1 - r * r) * rng.normal(size=N)
    found = flips({"x": x, "y": y, "z": rng.normal(size=N)}, 0.6 - 0.5 * x - 0.3 * y)
    joint, steep = np.array([[1, r], [r, 1]]), np.array([0.5, 0.3])
    pair = next(flip for flip in found if {change.input for change in flip.shifts} == {"x", "y"})
    assert pair.distance == pytest.approx(0.6 / np.sqrt(steep @ joint @ steep), rel=0.03)
    alone = next(flip for flip in found if flip.size == 1)
    # x alone carries y along: 0.5 + 0.6 × 0.3 a unit.
    assert alone.shifts[0].by == pytest.approx(0.6 / (0.5 + r * 0.3), rel=0.03)
    assert normal_correlation(0.0) == 0.0


def test_nothing_flips_a_lead_that_no_future_loses() -> None:
    inputs, scores = made(np.random.default_rng(6))
    assert flips(inputs, 1.0 + np.exp(scores[0])) == []


def test_undefined_futures_and_weights() -> None:
    """Futures that count for nothing, or are undefined, change nothing."""
    inputs, scores = made(np.random.default_rng(7))
    lead = 0.5 - 0.6 * scores[0]
    half = np.arange(N) % 2 == 0
    spoilt = np.where(half, lead, 99.0)
    by_weight = flips(inputs, spoilt, half.astype(float))
    by_gap = flips(inputs, np.where(half, lead, np.nan))
    assert by_weight[0].distance == pytest.approx(0.5 / 0.6, rel=0.04)
    assert by_gap[0].distance == pytest.approx(by_weight[0].distance, rel=1e-6)


def test_a_sample_reaches_as_far_as_its_futures_last() -> None:
    assert reach_of(50) == 0.0
    assert reach_of(50 * np.exp(4.0)) == pytest.approx(2.0)
    assert reach_of(1e12) == 3.0


def test_a_lead_that_is_none_is_refused() -> None:
    inputs, scores = made(np.random.default_rng(8))
    with pytest.raises(ValueError, match="not positive"):
        flips(inputs, scores[0] - 1.0)


def test_the_same_search_twice_finds_the_same() -> None:
    inputs, scores = made(np.random.default_rng(9))
    lead = 0.4 - 0.5 * scores[0] + 0.2 * scores[1]
    assert flips(inputs, lead) == flips(inputs, lead)
