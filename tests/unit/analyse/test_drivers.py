"""Tornado, structures and campaign_m on made-up relations."""

from collections.abc import Callable

import numpy as np
import pytest

from twofront.analyse import Sample, campaign_effects, structure_shares, tornado
from twofront.analyse.structures import ALL, explained
from twofront.case import Case

Made = Callable[..., Sample]


def two_uncertain(case: Case) -> tuple[str, str]:
    names = [p.name for p in case.parameters if p.uncertain]
    return names[0], names[1]


def test_a_straight_line_by_hand(made: Made, case: Case) -> None:
    strong, weak = two_uncertain(case)
    x = list(np.linspace(0.0, 1.0, 101)[:100])
    flat = [(k * 37 % 100) / 100 for k in range(100)]
    sample = made({"y": {"present_course": [2 * value for value in x]}}, inputs={strong: x, weak: flat})
    first, second = tornado(sample, ["y"])["y"]
    assert (first.parameter, second.parameter) == (strong, weak)
    # the lowest fifth is 0, .01, ... .19, the highest .8 ... .99
    assert first.low == pytest.approx(2 * 0.095)
    assert first.high == pytest.approx(2 * 0.895)
    assert first.rank == pytest.approx(1.0)
    assert first.share > 0.97
    assert abs(second.rank) < 0.2
    assert first.overall == pytest.approx(2 * np.mean(x))


def test_a_falling_outcome_has_a_negative_rank_and_undefined_futures_are_left_out(made: Made, case: Case) -> None:
    strong, _ = two_uncertain(case)
    x = np.arange(50.0)
    y = -x
    y[::7] = np.nan
    (only,) = tornado(made({"y": {"present_course": list(y)}}, inputs={strong: list(x)}), ["y"])["y"]
    assert only.rank == pytest.approx(-1.0)
    assert only.n == 50 - len(x[::7])
    assert only.swing < 0


def test_noise_explains_nothing(made: Made, case: Case, rng: np.random.Generator) -> None:
    strong, _ = two_uncertain(case)
    sample = made({"y": {"present_course": list(rng.normal(size=4000))}}, inputs={strong: list(rng.uniform(size=4000))})
    (only,) = tornado(sample, ["y"])["y"]
    assert only.share < 0.01
    assert abs(only.rank) < 0.06


def test_a_constant_outcome_moves_with_nothing(made: Made, case: Case) -> None:
    strong, _ = two_uncertain(case)
    sample = made({"y": {"present_course": [3.0] * 40}}, inputs={strong: list(range(40))})
    (only,) = tornado(sample, ["y"])["y"]
    assert (only.swing, only.rank, only.share) == (0.0, 0.0, 0.0)


def test_explained_variance_by_hand() -> None:
    codes = np.array([0, 0, 1, 1])
    assert explained(np.array([1.0, 1.0, 3.0, 3.0]), codes) == pytest.approx(1.0)
    # means 1 and 2, variance between .25, whole 1.25: a fifth, which is less than chance gives (a third)
    assert explained(np.array([0.0, 2.0, 1.0, 3.0]), codes) == 0.0


def test_structures_that_decide_all_and_nothing(made: Made, rng: np.random.Generator) -> None:
    n = 400
    contest = ["ratio" if k % 2 else "difference" for k in range(n)]
    waiting = ["forward" if k % 4 < 2 else "myopic" for k in range(n)]
    y = [(1.0 if law == "ratio" else 0.0) + 1e-6 * e for law, e in zip(contest, rng.normal(size=n), strict=True)]
    sample = made({"y": {"present_course": y}}, structures={"contest": contest, "waiting": waiting})
    found = {item.structure: item for item in structure_shares(sample, "y")}
    assert found["contest"].share == pytest.approx(1.0, abs=1e-6)
    assert found["waiting"].share == pytest.approx(0.0, abs=1e-6)
    assert found[ALL].share == pytest.approx(1.0, abs=1e-6)
    assert dict(found["contest"].options)["ratio"].mean == pytest.approx(1.0, abs=1e-5)


def test_effects_in_bins_of_campaign_m(made: Made, case: Case) -> None:
    name = case.reading("campaign_m")[()]
    assert name is not None
    m = [0.1, 3.0, 0.2, 2.9]
    sample = made({"any_war_chance": {"present_course": [0.0] * 4, "other": [-0.1, 0.1, -0.3, 0.3]}}, inputs={name: m})
    low, high = campaign_effects(sample, ["any_war_chance"], bins=2)
    assert (low.low, low.high, low.effect.mean) == (0.1, 0.2, pytest.approx(-0.2))
    assert (high.low, high.high, high.effect.mean) == (2.9, 3.0, pytest.approx(0.2))
    assert (low.effect.lower, high.effect.higher) == (1.0, 1.0)
