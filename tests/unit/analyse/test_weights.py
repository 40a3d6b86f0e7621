"""Weights by other beliefs: what they meet, what they leave, and what they refuse."""

from __future__ import annotations

import numpy as np
import pytest

from twofront.analyse.discovery import discover
from twofront.analyse.sensitivity import sensitivity
from twofront.analyse.study import Study
from twofront.analyse.weighted import mean, mean_error, quantiles, summary
from twofront.analyse.weights import Belief, read_belief, reweigh, thinned
from twofront.faults import UserError

N = 20_000


@pytest.fixture(scope="module")
def study() -> Study:
    rng = np.random.default_rng(20250705)
    even, law = rng.random(N), rng.choice(["one", "two", "three"], N, p=[0.5, 0.3, 0.2])
    level = 0.1 + 0.4 * even**2
    return Study.of_arrays(
        {"even": even, "structure.war": law},
        {"risk": {"present": level, "other": level - 0.05 * even}, "gap": np.where(even < 0.2, np.nan, even)},
        label="made up",
    )


@pytest.mark.parametrize(
    ("text", "belief"),
    [
        ("risk=0.1..0.3", Belief("risk", "uniform", (0.1, 0.3))),
        ("risk = 10% .. 20%..40%", Belief("risk", "triangular", (0.1, 0.2, 0.4))),
        ("risk@other=mean:-1e-2", Belief("risk", "mean", (-0.01,), policy="other")),
        ("war=one:3,two:1", Belief("war", "laws", (0.75, 0.25), ("one", "two"))),
    ],
)
def test_beliefs_are_read_and_written_back(text: str, belief: Belief) -> None:
    assert read_belief(text) == belief
    assert read_belief(str(belief)) == belief


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("risk", "write NAME=LOW..HIGH"),
        ("risk=0.3..0.1", "rise from left to right"),
        ("risk=0.1..0.1", "rise from left to right"),
        ("risk=1..2..3..4", "4 numbers"),
        ("risk=low..high", "`low` is not a number"),
        ("risk=0.2", "write NAME=LOW..HIGH"),
        ("war=one:-1,two:1", "weight of 0 or more"),
        ("war=one:1,one:1", "each law once"),
    ],
)
def test_what_is_no_belief_is_told(text: str, words: str) -> None:
    with pytest.raises(UserError, match="--prior") as told:
        read_belief(text)
    assert words in str(told.value)


def test_a_range_of_an_outcome_becomes_even(study: Study) -> None:
    found = reweigh(study, ["risk=0.15..0.35"])
    level, weights = study.outcome("risk"), found.values
    assert weights[(level < 0.15) | (level > 0.35)].max() == 0.0
    shares = np.histogram(level, bins=10, range=(0.15, 0.35), weights=weights)[0] / weights.sum()
    assert shares == pytest.approx([0.1] * 10, abs=0.004)
    assert found.covered == pytest.approx([1.0], abs=1e-3)
    assert weights.mean() == pytest.approx(1.0)
    assert found.effective < int((weights > 0).sum())


def test_a_triangle_has_its_moments(study: Study) -> None:
    weights = reweigh(study, ["even=0..0.2..1"]).values
    even = np.asarray(study.values("even"))
    assert mean(even, weights) == pytest.approx(1.2 / 3, abs=0.003)
    variance = mean((even - mean(even, weights)) ** 2, weights)
    assert variance == pytest.approx((0 + 0.04 + 1 - 0 - 0 - 0.2) / 18, abs=0.002)


def test_a_belief_about_a_policy_other_than_the_present(study: Study) -> None:
    weights = reweigh(study, ["risk@other=mean:0.2"]).values
    assert mean(study.outcome("risk", "other"), weights) == pytest.approx(0.2)
    assert mean(study.outcome("risk"), weights) > 0.2


def test_laws_get_their_weights_with_or_without_the_prefix(study: Study) -> None:
    short, long = (reweigh(study, [f"{name}=one:1,three:1"]).values for name in ("war", "structure.war"))
    assert np.array_equal(short, long)
    codes, options = study.structure("war"), study.factor("structure.war").options
    shares = {law: short[codes == place].sum() / short.sum() for place, law in enumerate(options)}
    assert shares == pytest.approx({"one": 0.5, "two": 0.0, "three": 0.5})


def test_undefined_futures_keep_their_weight(study: Study) -> None:
    weights = reweigh(study, ["gap=mean:0.7"]).values
    undefined = np.isnan(study.outcome("gap"))
    assert weights[undefined] == pytest.approx(1.0)
    assert mean(study.outcome("gap")[~undefined], weights[~undefined]) == pytest.approx(0.7)


def test_few_effective_futures_are_warned_of(study: Study) -> None:
    assert not reweigh(study, ["risk=mean:0.25"]).warnings
    narrow = reweigh(study, ["even=mean:0.9999"])
    assert narrow.effective < 200
    assert any("effective futures" in warning for warning in narrow.warnings)


def test_what_the_run_cannot_carry_is_cut_off_and_said(study: Study) -> None:
    found = reweigh(study, ["risk=0.3..0.7"])
    assert found.covered == pytest.approx([0.5], abs=0.01)
    assert "is cut off" in found.warnings[0]


def test_beliefs_that_contradict_each_other_are_told(study: Study) -> None:
    found = reweigh(study, ["even=0.1..0.5", "risk=0.11..0.2"])
    assert any("do not hold together" in warning for warning in found.warnings)
    for second in ("risk=mean:0.45", "risk=0.4..0.5"):
        with pytest.raises(UserError, match="together with the others"):
            reweigh(study, ["even=0.1..0.2", second])


@pytest.mark.parametrize(
    ("belief", "words"),
    [
        ("rsik=0.1..0.2", "did you mean `risk`"),
        ("risk=2..3", "no future has `risk` between 2 and 3; in this run it is 0.1"),
        ("risk=mean:0.9", "no weights give `risk` a mean of 0.9"),
        ("risk@othr=0.1..0.2", "did you mean `other`"),
        ("even@other=0.1..0.2", "the same under every policy"),
        ("war=four:1", "has no law `four`"),
        ("war=thre:1", "did you mean `three`"),
        ("structure.war=0.1..0.2", "a choice among one, three, two"),
        ("risk=one:1", "a number, not a choice"),
    ],
)
def test_what_cannot_be_believed_of_a_run_is_told(study: Study, belief: str, words: str) -> None:
    with pytest.raises(UserError) as told:
        reweigh(study, [belief])
    assert words in str(told.value)


def test_weighted_quantiles_are_those_of_copies() -> None:
    rng = np.random.default_rng(4)
    values, copies = rng.normal(size=500), rng.integers(0, 5, 500)
    copied = np.sort(np.repeat(values, copies))
    for level in (0.05, 0.5, 0.9):
        rank = int(np.ceil(level * len(copied) - 1e-9)) - 1
        assert quantiles(values, [level], copies.astype(float)) == [copied[rank]]
    assert quantiles(np.full(4, 2.0), [0.1, 0.9], np.ones(4)) == [2.0, 2.0]


def test_a_weighted_summary_leaves_undefined_futures_out() -> None:
    values, weights = np.array([-1.0, np.nan, 3.0, 5.0]), np.array([2.0, 9.0, 1.0, 1.0])
    found = summary(values, weights)
    assert (found.n, found.mean, found.lower, found.higher) == (3, 1.5, 0.5, 0.5)
    assert found.error == pytest.approx(np.sqrt((2 * 2.5) ** 2 + 1.5**2 + 3.5**2) / 4)
    assert mean_error(np.array([1.0])) != mean_error(np.array([1.0]))  # one future fixes nothing
    assert summary(np.array([np.nan])).n == 0


def test_thinned_futures_are_as_the_belief_would_have_drawn_them() -> None:
    n = 20_000
    x = np.random.default_rng(3).random(n)
    study = Study.of_arrays({"x": x, "z": np.arange(n) % 7 / 7}, {"y": x**2})
    part = thinned(study, ["x=0..0.5..1"])
    # Triangular against even: weights up to 2 (and a little more, by bin), so hardly half are left, none of them twice.
    assert 0.4 * n < part.n <= 0.52 * n
    drawn = part.values("x")
    assert len(np.unique(drawn)) == part.n
    for at in (0.1, 0.3, 0.5, 0.8):
        assert (drawn < at).mean() == pytest.approx(2 * at**2 if at <= 0.5 else 1 - 2 * (1 - at) ** 2, abs=0.015)
    assert (part.outcome("y") == drawn**2).all()
    assert part.left_out == 0
    assert part.counted.startswith(f"n = {part.n:,} futures of 20,000, thinned to the belief x=0..0.5..1")
    assert thinned(study, ()) is study


def test_discovery_and_sensitivity_see_the_belief() -> None:
    n = 8000
    rng = np.random.default_rng(4)
    x, z = rng.random(n), rng.random(n)
    # Above one half of x only z counts, below only x.
    y = np.where(x > 0.5, z, 0.2 * x)
    study = Study.of_arrays({"x": x, "z": z}, {"y": y})
    every, low = sensitivity(study, ["y"]), sensitivity(study, ["y"], priors=["x=0..0.5"])
    shares = [dict(found.table.select("name", "first").iter_rows()) for found in (every, low)]
    assert shares[0]["x"] < 0.7
    assert shares[1]["x"] > 0.99
    assert low.n < 0.6 * n
    assert "thinned to the belief x=0..0.5" in low.counted
    assert discover(study, "y > 0.8").boxes[0].inputs == ("x", "z")
    assert discover(study, "y > 0.8", priors=["x=0.5..1"]).boxes[0].inputs == ("z",)
    with pytest.raises(UserError, match="`sobol` evaluates futures of its own"):
        sensitivity(study, ["y"], design="sobol", priors=["x=0..0.5"])
    with pytest.raises(UserError, match="needs at least 200 futures; there are"):
        sensitivity(study, ["y"], priors=["x=0..0.01"])
