"""Metrics of robustness, weights and ratios against published worked examples and closed forms."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from scipy import stats

from twofront.analyse.cost_effectiveness import fieller
from twofront.analyse.metrics import (
    METRICS,
    best_case,
    domain_shares,
    hurwicz,
    laplace,
    mean_variance,
    regrets_of,
    satisficing,
    undesirable_deviations,
    worst_case,
)
from twofront.analyse.stability import kendall, ranks
from twofront.analyse.study import Study
from twofront.analyse.weights import reweigh

Floats = npt.NDArray[np.float64]

# The worked numbers of the metrics' own authors, in the tests of the library that goes with McPhail and others 2018
# (Earth's Future 6, 169-191): two alternatives, three scenarios. They are gains, so losses are their negatives; where
# less is better they are losses as they stand.
GAINS = np.array([[0.99, 1.0, 0.5], [0.69, 0.6, 0.6]])


def test_worst_best_and_mixed_cases_of_mcphail_2018() -> None:
    assert -worst_case(-GAINS) == pytest.approx([0.5, 0.6])
    assert -worst_case(GAINS) == pytest.approx([-1.0, -0.69])
    assert -best_case(-GAINS) == pytest.approx([1.0, 0.69])
    assert -hurwicz(-GAINS, pessimism=0.75) == pytest.approx([0.625, 0.6225])
    assert -hurwicz(GAINS) == pytest.approx([-0.75, -0.645])
    assert -laplace(-GAINS) == pytest.approx([0.83, 0.63])


def test_regrets_of_mcphail_2018() -> None:
    assert worst_case(regrets_of(-GAINS)) == pytest.approx([0.1, 0.4])
    assert worst_case(regrets_of(GAINS)) == pytest.approx([0.4, 0.1])
    assert np.median(regrets_of(-GAINS), axis=1) == pytest.approx([0.0, 0.3])


def test_spread_metrics_of_mcphail_2018() -> None:
    assert mean_variance(-GAINS) == pytest.approx([1.42320289996384, 1.54948632859709])
    assert mean_variance(GAINS) == pytest.approx([0.132210105461122, 0.351723890540445])
    assert undesirable_deviations(-GAINS) == pytest.approx([0.245, 0.0])
    assert undesirable_deviations(GAINS) == pytest.approx([0.005, 0.045])


def test_satisficing_of_mcphail_2018() -> None:
    gains = np.array([[0.5, 0.99, 1.0], [0.6, 0.65, 0.69]])
    assert satisficing(-gains, -0.65) == pytest.approx([2 / 3, 2 / 3])
    assert satisficing(gains, 0.65) == pytest.approx([1 / 3, 2 / 3])


def test_milnor_1954_four_rules_choose_four_acts() -> None:
    """Games against nature (RAND RM-679): each classic rule takes another act of the same matrix."""
    gains = np.array([[2, 2, 0, 1], [1, 1, 1, 1], [0, 4, 0, 0], [1, 3, 0, 0]], dtype=np.float64)
    losses = -gains
    assert np.argmin(laplace(losses)) == 0
    assert np.argmin(worst_case(losses)) == 1
    assert np.argmin(hurwicz(losses)) == 2
    assert np.argmin(worst_case(regrets_of(losses))) == 3


def test_the_textbook_investor_regrets_bonds_least() -> None:
    """Stocks, bonds, money market under rising, static and falling rates (the example of most introductions)."""
    returns = np.array([[-4, 4, 12], [-2, 3, 8], [3, 2, 1]], dtype=np.float64)
    regrets = regrets_of(-returns)
    assert regrets.tolist() == [[7, 0, 0], [5, 1, 4], [0, 2, 11]]
    assert worst_case(regrets).tolist() == [7, 5, 11]
    assert -worst_case(-returns) == pytest.approx([-4, -2, 1])


def test_starrs_domain_has_its_volume() -> None:
    """Two worlds: an act with losses 0 and 1 is best where the second world's weight is below a quarter, against an
    act that loses 1/4 for certain; three worlds and symmetric acts share the simplex evenly."""
    shares, errors = domain_shares(np.array([[0.0, 1.0], [0.25, 0.25]]), np.random.default_rng(1))
    assert shares == pytest.approx([0.25, 0.75], abs=4 * errors.max())
    assert errors.max() < 0.005
    even, _ = domain_shares(1 - np.eye(3), np.random.default_rng(1))
    assert even == pytest.approx([1 / 3] * 3, abs=0.015)
    # Losses p1 + p2/2 and 1/2 meet on p1 = (1 - p2)/2, which halves the simplex's base everywhere.
    half, _ = domain_shares(np.array([[1.0, 0.5, 0.0], [0.5, 0.5, 0.5]]), np.random.default_rng(2))
    assert half == pytest.approx([0.5, 0.5], abs=0.015)


def test_weights_count_futures_as_copies_would() -> None:
    """A weight of three is three futures of weight one, for every metric that weighs."""
    rng = np.random.default_rng(5)
    losses, copies = rng.gamma(2.0, 0.05, size=(4, 40)), rng.integers(0, 4, 40)
    doubled = np.repeat(losses, copies, axis=1)
    for metric in METRICS.values():
        if metric.name in ("mean_variance", "undesirable_deviations", "regret_p90"):
            continue  # their sample forms know the number of futures, or quantiles between neighbours
        one, other = (regrets_of(x) if metric.of_regret else x for x in (losses, doubled))
        assert metric.rule(one, copies.astype(float)) == pytest.approx(metric.rule(other, None)), metric.name


def test_fieller_1954_bounds_solve_its_equation() -> None:
    a, b, va, vb, cov = 12.0, 4.0, 1.5, 0.4, 0.2
    low, high, bounded = fieller(a, b, va, vb, cov)
    assert bounded
    assert low < a / b < high
    for ratio in (low, high):
        distance = (a - ratio * b) ** 2 / (va - 2 * ratio * cov + ratio**2 * vb)
        assert distance == pytest.approx(1.959963984540054**2)
    assert fieller(a, 0.5, va, vb, cov) == (-np.inf, np.inf, False)


def test_fieller_covers_as_often_as_it_says() -> None:
    rng = np.random.default_rng(7)
    hits, trials, n = 0, 2000, 60
    for _ in range(trials):
        x = rng.normal(3.0, 2.0, n)
        y = 1.5 + 0.4 * (x - 3.0) + rng.normal(0.0, 1.0, n)
        covariance = np.cov(x, y, ddof=0) / n
        low, high, bounded = fieller(x.mean(), y.mean(), covariance[0, 0], covariance[1, 1], covariance[0, 1])
        hits += bounded and low <= 2.0 <= high
    assert 0.93 < hits / trials < 0.965


def test_raking_of_deming_and_stephan_1940_keeps_the_odds_ratio() -> None:
    """Both margins are met, and what ties the two inputs together stays as it was."""
    rng = np.random.default_rng(3)
    n = 20_000
    a = rng.random(n) < 0.4
    b = np.where(a, rng.random(n) < 0.7, rng.random(n) < 0.3)
    study = Study.of_arrays({"a": np.where(a, "x", "y"), "b": np.where(b, "x", "y")}, {"loss": rng.random(n)})
    found = reweigh(study, ["a=x:0.6,y:0.4", "b=x:0.2,y:0.8"])
    weights = found.values

    def odds(w: Floats) -> float:
        cells = [w[(a == i) & (b == j)].sum() for i in (True, False) for j in (True, False)]
        return float(cells[0] * cells[3] / (cells[1] * cells[2]))

    assert weights[a].sum() / weights.sum() == pytest.approx(0.6, abs=1e-6)
    assert weights[b].sum() / weights.sum() == pytest.approx(0.2, abs=1e-6)
    assert odds(weights) == pytest.approx(odds(np.ones(n)), rel=1e-6)
    assert found.effective == pytest.approx(weights.sum() ** 2 / (weights**2).sum())


def test_a_mean_is_met_by_the_exponential_tilt() -> None:
    """Of standard normal futures, the weights nearest to even that have the mean m are those of N(m, 1); in effect
    n·exp(−m²) futures are left (Kish 1965 of a shifted normal)."""
    x = np.random.default_rng(11).normal(size=200_000)
    found = reweigh(Study.of_arrays({"x": x}, {"loss": x}), ["x=mean:0.5"])
    weights = found.values / found.values.sum()
    mean = float(weights @ x)
    assert mean == pytest.approx(0.5, abs=1e-9)
    assert float(weights @ (x - mean) ** 2) == pytest.approx(1.0, abs=0.02)
    assert found.effective == pytest.approx(200_000 * np.exp(-0.25), rel=0.02)


def test_kendalls_tau_b_with_ties() -> None:
    """Against the definition with ties: (concordant − discordant) over the geometric mean of the pairs that either
    ranking orders (Kendall 1945)."""
    rng = np.random.default_rng(2)
    for _ in range(20):
        a, b = ranks(rng.integers(0, 5, 9).astype(float)), ranks(rng.integers(0, 5, 9).astype(float))
        assert kendall(a, b) == pytest.approx(float(np.asarray(stats.kendalltau(a, b))[0]))
    assert ranks(np.array([3.0, 1.0, 1.0, 7.0])).tolist() == [3.0, 1.5, 1.5, 4.0]
    assert ranks(np.array([3.0, 1.0, 1.0, 7.0]), more=True).tolist() == [2.0, 3.5, 3.5, 1.0]
