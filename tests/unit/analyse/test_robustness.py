"""Policies compared: hand-made futures, where every number can be checked."""

from __future__ import annotations

import numpy as np
import pytest

from twofront.analyse.cost_effectiveness import BOTH_WORSE, BUYS, OPEN, SAVES_BOTH, SELLS, UNPRICED, per_point
from twofront.analyse.dominance import dominances, undominated
from twofront.analyse.robustness import compare
from twofront.analyse.stability import LEAST, TURNED
from twofront.analyse.study import NUMBER, Factor, Study
from twofront.faults import UserError
from twofront.present.holding_up import FILES, figures, paragraphs, write

N = 4000


@pytest.fixture(scope="module")
def study() -> Study:
    """Policy `b` lowers the risk by 2 points at 3 billion a year, except under the rival law, where it adds 4; its
    effect falls with `doubt`. `c` does nothing and costs 10."""
    rng = np.random.default_rng(1)
    law = rng.choice(["usual", "rival"], N, p=[0.85, 0.15])
    doubt, other = rng.normal(size=N), rng.normal(size=N)
    risk = 0.2 + 0.05 * rng.random(N)
    effect = np.where(law == "rival", 0.04, -0.02) + 0.015 * doubt
    cost = 3 + rng.normal(size=N)
    return Study.of_arrays(
        {"structure.war": law, "doubt": doubt, "other": other},
        {
            "any_war_chance": {"now": risk, "b": risk + effect, "c": risk},
            "policy_cost": {"now": 0 * cost, "b": cost, "c": 0 * cost + 10},
            "policy_cost.by.x": {"now": 0 * cost, "b": 0.75 * cost, "c": 0 * cost + 10},
            "policy_cost.by.y": {"now": 0 * cost, "b": 0.25 * cost, "c": 0 * cost},
        },
        factors=[Factor("doubt", NUMBER, grade="D"), Factor("other", NUMBER, grade="A")],
        label="made up",
    )


def test_differences_and_the_order(study: Study) -> None:
    found = compare(study, ["any_war_chance"])
    risk = found.outcome("any_war_chance")
    change = study.change("any_war_chance", "b")
    assert risk.overall[0] == "b"
    assert risk.differences["b"].mean == pytest.approx(float(change.mean()))
    assert risk.differences["b"].error == pytest.approx(float(change.std(ddof=1)) / np.sqrt(N))
    assert risk.differences["b"].lower == pytest.approx(float((change < 0).mean()))
    assert found.n == risk.n == N


def test_metrics_of_a_comparison_are_those_of_its_futures(study: Study) -> None:
    risk = compare(study, ["any_war_chance"], thresholds={"any_war_chance": 0.21}).outcome("any_war_chance")
    losses = np.stack([study.outcome("any_war_chance", policy) for policy in study.policies])
    regret = losses - losses.min(axis=0)
    for place, policy in enumerate(study.policies):
        assert risk.of("regret_mean")[policy].value == pytest.approx(regret[place].mean())
        assert risk.of("regret_p90")[policy].value == pytest.approx(np.quantile(regret[place], 0.9))
        assert risk.of("regret_max")[policy].value == pytest.approx(regret[place].max())
        assert risk.of("satisficing")[policy].value == pytest.approx((losses[place] <= 0.21).mean())
        assert risk.of("worst_case")[policy].value == pytest.approx(losses[place].max())
    # Under the two laws b is best where the rival law weighs less than a third (0.02 against 0.04 points of effect).
    assert risk.of("starr")["b"].value == pytest.approx(1 / 3, abs=0.03)
    assert risk.of("starr")["now"].value == pytest.approx(risk.of("starr")["c"].value)
    assert np.isnan(risk.of("regret_max")["b"].error)
    assert risk.of("regret_p90")["b"].error > 0


def test_what_overturns_the_leader_is_found(study: Study) -> None:
    risk = compare(study, ["any_war_chance"]).outcome("any_war_chance")
    turned = {(order.kind, order.name) for order in risk.orders if order.leader == TURNED}
    assert ("law", "war = rival") in turned
    assert ("grade", "grade D at its least kind to the leader") in turned
    assert not any(name.startswith("grade A") for _, name in turned)
    assert ("law", "war = usual") not in turned
    standing = next(each for each in risk.standings if each.policy == "b")
    assert (standing.overall, standing.best, standing.worst) == (1.0, 1.0, 3.0)
    assert 0 < standing.leads < 1


def test_the_price_of_a_point(study: Study) -> None:
    found = compare(study, ["any_war_chance", "policy_cost"])
    prices = {price.policy: price for price in found.prices}
    assert prices["b"].kind == BUYS
    change = -100 * study.change("any_war_chance", "b")
    assert prices["b"].ratio == pytest.approx(study.change("policy_cost", "b").mean() / change.mean())
    assert prices["b"].low < prices["b"].ratio < prices["b"].high
    assert prices["c"].kind == OPEN


@pytest.mark.parametrize(
    ("cost", "change", "kind"),
    [
        (3.0, -0.02, BUYS), (-3.0, -0.02, SAVES_BOTH), (-3.0, 0.02, SELLS), (3.0, 0.02, BOTH_WORSE),
        (0.0, -0.02, UNPRICED), (3.0, 0.0, OPEN),
    ],
)  # fmt: skip
def test_kinds_of_prices(cost: float, change: float, kind: str) -> None:
    noise = np.random.default_rng(2).normal(size=500)
    found = per_point("b", "risk", cost * (1 + 0.1 * noise), change + 0.01 * noise[::-1] - 0.01 * noise.mean())
    assert found.kind == kind
    assert found.bounded == (change != 0)


def test_who_pays(study: Study) -> None:
    paid = {(item.policy, item.payer): item for item in compare(study, ["any_war_chance"]).payers}
    assert paid["b", "x"].share == pytest.approx(0.75)
    assert paid["b", "y"].paid.mean == pytest.approx(0.25 * study.change("policy_cost", "b").mean())
    assert paid["c", "x"].share == pytest.approx(1.0)


def test_dominance_in_the_mean_and_future_by_future(study: Study) -> None:
    found = compare(study, ["any_war_chance", "policy_cost"])
    pairs = {(pair.policy, pair.over): pair for pair in found.dominances}
    assert pairs["now", "c"].in_mean
    assert pairs["now", "c"].futures == 1.0
    assert not pairs["c", "now"].in_mean
    assert not pairs["b", "now"].in_mean
    assert pairs["b", "c"].in_mean
    # b costs less than c throughout and is no worse in the futures in which it does not add risk.
    assert pairs["b", "c"].futures == pytest.approx((study.change("any_war_chance", "b") <= 1e-12).mean())
    assert found.undominated == ("now", "b")


def test_noise_dominates_nothing() -> None:
    rng = np.random.default_rng(3)
    rows = {"risk": np.stack([rng.normal(size=300), rng.normal(size=300) + 0.01])}
    assert undominated(("a", "b"), dominances(("a", "b"), rows)) == ("a", "b")


def test_other_beliefs_change_the_order(study: Study) -> None:
    found = compare(study, ["any_war_chance"], priors=["structure.war=usual:1,rival:3"])
    assert found.weights is not None
    assert found.outcome("any_war_chance").overall[0] != "b"
    own = next(order for order in found.outcome("any_war_chance").orders if order.name == "the run's own weights")
    assert own.order[0] == "b"
    assert "weighted by" in paragraphs(found)[0]


def test_undefined_futures_are_counted(study: Study) -> None:
    gap = study.outcome("any_war_chance").copy()
    gap[:100] = np.nan
    whole = Study.of_arrays(
        {"x": np.arange(N, dtype=float)}, {"share": {"now": gap, "b": gap + 0.1}}, label="with gaps"
    )
    found = compare(whole, ["share"])
    assert (found.outcomes[0].n, found.outcomes[0].undefined) == (N - 100, 100)
    assert "100 futures" in paragraphs(found)[0]


def test_more_can_be_better() -> None:
    x = np.linspace(0, 1, 200)
    study = Study.of_arrays({"x": x}, {"margin": {"now": x, "b": x + 0.1}})
    assert compare(study, ["margin"]).outcomes[0].overall == ("now", "b")
    up = compare(study, ["margin"], more=["margin"], thresholds={"margin": 1.05}).outcomes[0]
    assert up.overall == ("b", "now")
    assert up.of("worst_case")["b"].value == pytest.approx(0.1)
    assert up.of("satisficing")["now"].value == 0.0
    assert up.of("satisficing")["b"].value == pytest.approx((x + 0.1 >= 1.05).mean())


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"outcomes": ["any_war_chanse"]}, "did you mean `any_war_chance`"),
        ({"thresholds": {"any_war_chance": 5.0}}, "every future meets it"),
        ({"thresholds": {"any_war_chance": -1.0}}, "no future meets it"),
        ({"thresholds": {"anywar": 0.1}}, "no outcome `anywar`"),
        ({"priors": ["doubt=50..60"]}, "no future has `doubt` between 50 and 60"),
    ],
)
def test_bad_questions_are_told(study: Study, more: dict[str, object], words: str) -> None:
    with pytest.raises(UserError) as told:
        compare(study, **{"outcomes": ["any_war_chance"], **more})  # pyright: ignore[reportArgumentType]
    assert words in str(told.value)


def test_too_few_futures_or_policies_are_told() -> None:
    few = Study.of_arrays({"x": np.arange(20.0)}, {"risk": {"now": np.arange(20.0), "b": np.arange(20.0)}})
    with pytest.raises(UserError, match="needs at least 30 futures; there are 20"):
        compare(few, ["risk"])
    alone = Study.of_arrays({"x": np.arange(50.0)}, {"risk": np.arange(50.0)})
    with pytest.raises(UserError, match="one policy"):
        compare(alone, ["risk"])
    never = Study.of_arrays({"x": np.arange(50.0)}, {"risk": {"now": np.full(50, np.nan), "b": np.arange(50.0)}})
    with pytest.raises(UserError, match="in 0 futures"):
        compare(never, ["risk"])


def test_files_words_and_figures(study: Study, tmp_path: object) -> None:
    import polars as pl

    found = compare(study, ["any_war_chance", "policy_cost"])
    paths = write(found, str(tmp_path))
    assert [path.name for path in paths] == list(FILES)
    kept = pl.read_parquet(paths[0])
    assert kept.equals(found.frame())
    assert set(kept["section"]) == {
        "level", "difference", "metric", "rank", "standing", "price", "dominance", "payer",
    }  # fmt: skip
    text = paths[2].read_text(encoding="utf-8")
    assert f"n = {N:,}" in text
    assert "war = rival" in text
    page = paths[3].read_text(encoding="utf-8")
    assert page.count("<figure") == len(figures(found)) == 3
    assert LEAST == 100  # what the words of slices rest on
    with pytest.raises(UserError, match="name a folder"):
        write(found)


def test_the_same_comparison_twice_is_the_same(study: Study) -> None:
    assert compare(study, ["any_war_chance"]).frame().equals(compare(study, ["any_war_chance"]).frame())
