"""Scenario discovery on futures whose answer is known, and how it refuses."""

import re
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

import numpy as np
import pytest

from twofront.analyse import boxes_in_words as words
from twofront.analyse.benchmark import made_up
from twofront.analyse.codes import encode
from twofront.analyse.discovery import Discovery, _repeat, _Wish, discover, interval
from twofront.analyse.prim import peel
from twofront.analyse.second_opinions import grow, logistic
from twofront.analyse.study import Factor, Study
from twofront.faults import UserError

PEER = "peer not installed: pip install scikit-learn (comes with the optional group `peers`)"


@pytest.fixture(scope="module")
def study() -> Study:
    """Harm above 0.6 where x0 > 0.7, x1 < 0.5 and c0 is not `c`: 0.3 × 0.5 × 0.75 of the futures."""
    return made_up(4000, 20)


@pytest.fixture(scope="module")
def found(study: Study) -> Discovery:
    return discover(study, "harm > 0.6")


def test_the_known_box_is_the_one_taken(found: Discovery) -> None:
    (box,) = found.boxes
    assert set(box.inputs) == {"x0", "x1", "c0"}
    edges = {(edge.factor.name, edge.side): edge for edge in box.edges}
    assert edges["x0", "low"].value == pytest.approx(0.7, abs=0.02)
    assert edges["x1", "high"].value == pytest.approx(0.5, abs=0.02)
    assert edges["c0", "options"].options == ("a", "b", "d")
    assert box.density > 0.97
    assert box.coverage > 0.97
    assert found.base == pytest.approx(0.3 * 0.5 * 0.75, abs=0.02)
    assert box.hits == (box.rows & found.futures.met).sum()
    assert box.inside == box.rows.sum()


def test_repeats_find_it_again_and_measure_it_where_it_was_not_found(found: Discovery) -> None:
    (box,) = found.boxes
    assert len(box.repeats) == 10
    assert all(edge.reappears_coverage == 1.0 for edge in box.edges)
    density, least, most = box.held_out()
    assert least <= density <= most
    assert density > 0.9
    edge = next(edge for edge in box.edges if edge.factor.name == "x0")
    assert edge.repeat_low <= edge.value <= edge.repeat_high
    assert edge.repeat_high - edge.repeat_low < 0.1


def test_luck_gives_no_box() -> None:
    rng = np.random.default_rng(5)
    columns = {f"x{k}": rng.random(600) for k in range(60)}
    lucky = discover(Study.of_arrays(columns, {"y": rng.random(600)}), "y > 0.8")
    (box,) = lucky.boxes
    # Limits were found, and each is given up, since a box without it is as good but for luck.
    assert box.edges == ()
    assert len(box.dropped) == 4
    assert words.sentence(lucky, box).startswith("No box: among 60 inputs")
    assert not [term for term in lucky.logistic.terms if term.p < 0.05]
    assert lucky.logistic.area == pytest.approx(0.5, abs=0.12)


def test_a_half_is_measured_in_the_other() -> None:
    rng = np.random.default_rng(6)
    x = rng.random(2000)
    # In the first half futures of interest lie above 0.7, in the second anywhere, one in ten.
    hits = np.where(np.arange(2000) < 1000, x > 0.7, rng.random(2000) < 0.1)
    codes = encode(Study.of_arrays({"x": x}, {"y": hits}))
    half, wish = np.arange(1000), _Wish(None, None, None, 4)
    repeat = _repeat(codes, hits, np.ones(2000, dtype=bool), half, peel(codes, hits, rows=half), wish)
    assert repeat.inputs == ("x",)
    assert repeat.density_within > 0.95
    assert repeat.coverage_within > 0.95
    assert repeat.density == pytest.approx(0.1, abs=0.04)
    assert repeat.coverage == pytest.approx(0.3, abs=0.1)


def test_the_same_run_gives_the_same_box(study: Study, found: Discovery) -> None:
    again = discover(study, "harm > 0.6")
    assert again.frame.equals(found.frame, null_equal=True)
    assert again.trajectory.equals(found.trajectory)
    other = discover(study, "harm > 0.6", seed=2)
    assert other.trajectory.equals(found.trajectory)  # the seed picks halves only
    assert [repeat.density for repeat in other.boxes[0].repeats] != [r.density for r in found.boxes[0].repeats]


def test_wishes_choose_another_box(study: Study) -> None:
    rng = np.random.default_rng(6)
    noisy = Study.of_arrays(
        {name: study.values(name) for name in study.inputs},
        {"y": np.where(rng.random(study.n) < 0.2, rng.random(study.n), study.outcome("harm"))},
    )
    dense = discover(noisy, "y > 0.6", density=0.6).boxes[0]
    steps = dense.trajectory
    assert steps[dense.step].density >= 0.6
    assert steps[dense.step].coverage == max(step.coverage for step in steps if step.density >= 0.6)
    wide = discover(noisy, "y > 0.6", coverage=0.7).boxes[0]
    assert steps[wide.step].coverage >= 0.7
    assert steps[wide.step].density == max(step.density for step in steps if step.coverage >= 0.7)
    assert discover(noisy, "y > 0.6", step=3).boxes[0].step == 3
    few = discover(noisy, "y > 0.6", most_inputs=1).boxes[0]
    assert len(few.inputs) == 1
    with pytest.raises(UserError, match="no box is 100% dense; the densest is"):
        discover(noisy, "y > 0.6", density=1.0)
    with pytest.raises(UserError, match="step 999: the trajectory has the boxes 0 to"):
        discover(noisy, "y > 0.6", step=999)


def test_the_next_box_is_found_in_what_is_left() -> None:
    rng = np.random.default_rng(7)
    columns = {f"x{k}": rng.random(4000) for k in range(5)}
    one, two = columns["x0"] > 0.85, columns["x1"] < 0.1
    found = discover(Study.of_arrays(columns, {"y": (one | two).astype(float)}), "y > 0.5", boxes=2)
    first, second = found.boxes
    assert (first.inputs, second.inputs) == (("x0",), ("x1",))
    assert not (first.rows & second.rows).any()
    assert second.n == first.n - first.inside
    assert found.coverage == pytest.approx(1.0, abs=0.03)
    assert found.frame["box"].unique().sort().to_list() == [1, 2]


def test_undefined_futures_are_counted_and_not_used() -> None:
    study = made_up(1000, 10)
    values = study.outcome("harm").copy()
    values[::10] = np.nan
    holed = Study.of_arrays({n: study.values(n) for n in study.inputs}, {"harm": values})
    found = discover(holed, "harm > 0.6")
    assert (found.n, found.undefined) == (900, 100)
    assert not found.boxes[0].rows[::10].any()
    assert "in 100 futures it is undefined" in words.markdown(found)


def test_inputs_can_be_left_out(study: Study) -> None:
    found = discover(study, "harm > 0.6", without=["x0", "c*"])
    assert found.inputs == 20 - 1 - 2
    assert not {name for name in found.codes.names if name.startswith("c") or name == "x0"}
    assert "without x0, c*" in words.markdown(found)


def test_a_slanted_box_is_found_by_rotation() -> None:
    rng = np.random.default_rng(8)
    x = rng.normal(size=(5, 4000))
    columns = {f"x{k}": row for k, row in enumerate(x)}
    study = Study.of_arrays(columns, {"y": (np.abs(x[0] + x[1]) < 0.35).astype(float)})
    straight = discover(study, "y > 0.5").boxes[0]
    turned = discover(study, "y > 0.5", rotate=["x0", "x1"])
    (box,) = turned.boxes
    assert box.density > 0.9 > straight.density + 0.2
    assert box.coverage > 0.8
    assert set(box.inputs) == {"turned.2"}
    weights = dict(turned.turned[1].weights)
    assert abs(weights["x0"]) == pytest.approx(np.sqrt(0.5), abs=0.03)
    assert np.sign(weights["x0"]) == np.sign(weights["x1"])
    assert "turned.2 = " in words.markdown(turned)


def test_a_box_in_a_sentence() -> None:
    rng = np.random.default_rng(9)
    years, share = 2 + 8 * rng.random(3000), rng.random(3000)
    factors = [
        Factor("rearmament.russia", means="Years until losses are made good", unit="year", grade="C"),
        Factor("tied.air", means="Share of air defence that is tied elsewhere", unit="share", grade="B"),
    ]
    study = Study.of_arrays(
        {"rearmament.russia": years, "tied.air": share},
        {"y": ((years < 4) & (share > 0.6)).astype(float)},
        factors=factors,
    )
    found = discover(study, "y > 0.5")
    said = words.sentence(found, found.boxes[0])
    assert said.startswith("When rearmament.russia (years until losses are made good) is below ")
    assert re.search(r"tied\.air \(share of air defence that is tied elsewhere\) is at least (59|60)\.?\d*%, ", said)
    n, hits = found.boxes[0].inside, found.boxes[0].hits
    assert f"{hits:,} of {n:,}" in said
    assert "rearmament.russia (grade C)" in " ".join(words.reading(found, found.boxes[0]))


@pytest.mark.parametrize(
    ("value", "unit", "said"),
    [
        (0.456, "share", "45.6%"),
        (2028.03, "year", "2028.0"),
        (4.0, "year", "4 years"),
        (2.0, "battery", "2 batteries"),
        (1234567.0, "round/month", "1,234,567 rounds a month"),
        (-0.5, "ratio", "−0.5"),
        (0.0163, "1/year", "0.0163 a year"),
        (3.5, "km/day", "3.5 km/day"),
    ],
)
def test_amounts_read_like_amounts(value: float, unit: str, said: str) -> None:
    assert words.amount(value, unit) == said


def test_the_interval_of_a_share() -> None:
    # Clopper and Pearson for 7 of 20, from published tables
    assert interval(7, 20) == pytest.approx((0.1539, 0.5922), abs=1e-4)
    assert interval(0, 10) == pytest.approx((0.0, 0.3085), abs=1e-4)
    assert interval(10, 10)[1] == 1.0


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (lambda s: discover(s, "harn > 0.6"), "no outcome `harn`; did you mean `harm`?"),
        (lambda s: discover(s, "harm > 2"), "no future meets `harm > 2` (4,000 futures; harm goes from"),
        (lambda s: discover(s, "harm > 0"), "every future meets `harm > 0`"),
        (lambda s: discover(s, "top(harm, 0.002)"), "needs at least 20 futures that meet `top(harm, 0.002)`"),
        (lambda s: discover(s, "harm > 0.6", policy="frist"), "no policy `frist`; did you mean `first`?"),
        (lambda s: discover(s, "harm > 0.6", without=["x99"]), "no input `x99`"),
        (lambda s: discover(s, "harm > 0.6", without=["*"]), "no input is left to search"),
        (lambda s: discover(s, "harm > 0.6", rotate=["x0", "c0"]), "`c0` is a choice and cannot be rotated"),
        (lambda s: discover(s, "harm > 0.6", rotate=["x0"]), "at least two inputs"),
        (lambda s: discover(s, "harm > 0.6", rotate=["x0", "x1"], without=["x1"]), "both rotated and left out"),
        (lambda s: discover(s, "harm > 0.6", density=0.5, step=3), "give one of density, coverage and step"),
        (lambda s: discover(s, "harm > 0.6", coverage=1.5), "coverage 1.5: give a share above 0"),
        (lambda s: discover(s, "harm > 0.6", boxes=0), "boxes 0: give a number of at least 1"),
        (lambda s: discover(s, "harm > 0.6", repeats=1), "repeats 1: give a number of at least 2"),
        (lambda _: discover(made_up(60, 10), "harm > 0.6"), "scenario discovery needs at least 100 futures"),
    ],
)
def test_bad_input_is_refused(study: Study, asked: Callable[[Study], Any], said: str) -> None:
    with pytest.raises(UserError) as caught:
        asked(study)
    assert said in str(caught.value)


def test_the_tree_splits_where_the_box_lies(found: Discovery) -> None:
    assert set(found.tree.inputs) == {"x0", "x1", "c0"}
    assert found.tree.density > 0.97
    assert found.tree.coverage > 0.97
    assert found.tree.held_out_density > 0.95
    assert {term.name for term in found.logistic.terms[:3]} == {"x0", "x1", "c0"}
    assert found.logistic.area > 0.9
    assert "Every input that the box limits is named by at least one of them." in words.opinions(found)


@pytest.mark.skipif(find_spec("sklearn") is None, reason=PEER)
def test_second_opinions_agree_with_scikit_learn() -> None:
    from sklearn.linear_model import LogisticRegression  # pyright: ignore
    from sklearn.tree import DecisionTreeClassifier  # pyright: ignore

    from twofront.analyse.second_opinions import _leaves

    rng = np.random.default_rng(10)
    x = rng.random((8, 4000))
    hits = rng.random(4000) < 1 / (1 + np.exp(-2 * (3 * x[0] - 2 * x[1] + 0.5 * x[2] - 1)))
    codes = encode(Study.of_arrays({f"x{k}": row for k, row in enumerate(x)}, {"y": hits}))
    rows = np.arange(codes.n)
    size = codes.sizes[0]
    scores = (codes.codes - (size - 1) / 2) / np.sqrt((size**2 - 1) / 12)
    theirs: Any = LogisticRegression(C=1.0, tol=1e-10, max_iter=1000).fit(scores.T, hits)
    ours = {term.name: term.weight for term in logistic(codes, hits, rows).terms}
    assert [ours[name] for name in codes.names] == pytest.approx(theirs.coef_[0], abs=1e-5)
    tree: Any = DecisionTreeClassifier(max_depth=4, min_samples_leaf=40).fit(codes.codes.T, hits)
    counts = np.bincount(tree.apply(codes.codes.T))
    assert sorted(leaf.inside for leaf in _leaves(codes, hits, rows, 4)) == sorted(counts[counts > 0])
    assert grow(codes, hits, rows).leaves[0].density > hits.mean()
