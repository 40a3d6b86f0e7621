"""Scenario discovery on futures whose answer is known, and how it refuses."""

import re
from collections.abc import Callable
from dataclasses import replace
from importlib.util import find_spec
from typing import Any

import numpy as np
import pytest

from twofront.analyse import boxes_in_words as words
from twofront.analyse.benchmark import made_up
from twofront.analyse.box_search import DOUBTFUL, SEARCHES, Wish, _repeat, _Search, _search, _validated
from twofront.analyse.boxes_found import HOLDS, LUCK, WEAKER, Discovery, Found, Validated, interval
from twofront.analyse.codes import encode
from twofront.analyse.discovery import discover
from twofront.analyse.prim import Limit, peel
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
    density, least, most = box.in_halves()
    assert least <= density <= most
    assert density > 0.9
    edge = next(edge for edge in box.edges if edge.factor.name == "x0")
    assert edge.repeat_low <= edge.value <= edge.repeat_high
    assert edge.repeat_high - edge.repeat_low < 0.1


def tilted(n: int, seed: int, *, inputs: int = 200) -> Study:
    """Few futures of many inputs: harm rises with x150 and falls with nothing else (correlation 0.78)."""
    rng = np.random.default_rng(seed)
    columns = {f"x{k}": rng.random(n) for k in range(inputs)}
    return Study.of_arrays(columns, {"y": 4.3 * columns["x150"] + rng.normal(size=n)})


@pytest.mark.parametrize("n", [200, 500])
def test_a_strong_input_is_found_among_many_in_few_futures(n: int) -> None:
    # In 200 futures a slice of ten holds no future of interest on about a third of all inputs: all tie with x150.
    for seed in (1, 2, 3):
        (box,) = discover(tilted(n, seed), "top(y, 0.15)").boxes
        edges = {(edge.factor.name, edge.side): edge for edge in box.edges}
        assert ("x150", "low") in edges, (n, seed)
        assert edges["x150", "low"].reappears_coverage >= 0.5, (n, seed)
        assert box.verdict == HOLDS, (n, seed, box.validated)


def test_places_freed_by_limits_given_up_are_searched_again(monkeypatch: pytest.MonkeyPatch) -> None:
    def with_law(seed: int) -> bool:
        rng = np.random.default_rng(seed)
        columns: dict[str, Any] = {f"x{k}": rng.random(200) for k in range(200)}
        columns["law"] = np.array(list("abcdef"))[rng.integers(0, 6, 200)]
        harm = 2.0 * (columns["law"] == "b") + rng.normal(size=200)
        codes = encode(Study.of_arrays(columns, {"y": harm}))
        found = _search(codes, harm > np.quantile(harm, 0.85), np.arange(200), Wish(None, None, None, 2))
        return "law" in [codes.names[limit.place] for limit in found.limits]

    # Two inputs that say nothing take the places first, and are given up.
    assert [with_law(seed) for seed in (2, 3, 4)] == [True] * 3
    monkeypatch.setattr("twofront.analyse.box_search.SEARCHES", 1)
    assert [with_law(seed) for seed in (2, 3, 4)] == [False] * 3


def test_a_box_is_judged_in_futures_that_it_was_not_found_in() -> None:
    study = tilted(600, 5)
    (box,) = discover(study, "top(y, 0.1)").boxes
    assert box.validated.folds == 10
    assert box.validated.interest == 60
    assert 0 < box.validated.hits < box.validated.inside < 600
    assert 0.5 < box.validated.shared <= 1
    low, high = box.validated.density_interval
    assert low < box.validated.density < high
    assert low > box.base
    wide = discover(made_up(21_000, 10), "harm > 0.6", repeats=2).boxes[0]
    assert wide.validated.folds == 2
    assert wide.validated.density > 0.97
    assert wide.validated.interest == wide.interest


def test_each_fold_is_judged_by_its_own_search() -> None:
    # All of interest lie in the first fold; what counts is the box that was found without that fold.
    rng = np.random.default_rng(6)
    codes = encode(Study.of_arrays({"x": rng.random(100)}, {"y": np.zeros(100)}))
    hits = np.arange(100) < 10
    folds = [np.arange(0, 50), np.arange(50, 100)]
    low, high = [Limit(0, "low", 0)], [Limit(0, "low", 255)]  # everything, nothing
    made = [_Search(peel(codes, hits), 0, limits, ()) for limits in (low, high)]
    assert _validated(codes, hits, folds, made, np.ones(100, dtype=bool)) == Validated(2, 50, 10, 10, 0.5)
    made.reverse()
    assert _validated(codes, hits, folds, made, np.ones(100, dtype=bool)) == Validated(2, 50, 0, 10, 0.5)


def judged(found: Discovery, inside: int, hits: int) -> Found:
    """The known box (100% dense, base 11%), with another judgement."""
    (box,) = found.boxes
    return replace(box, validated=Validated(10, inside, hits, box.interest, 0.5))


@pytest.mark.parametrize(
    ("inside", "hits", "verdict"), [(400, 390, HOLDS), (400, 160, WEAKER), (400, 50, LUCK), (0, 0, LUCK)]
)
def test_everything_that_is_said_follows_the_verdict(found: Discovery, inside: int, hits: int, verdict: str) -> None:
    from twofront.present.boxes import _finding

    box = judged(found, inside, hits)
    assert box.verdict == verdict
    title, said, read = _finding(found, box), words.sentence(found, box), " ".join(words.reading(found, box))
    luck = verdict == LUCK
    assert ("no box that stands up" in title) == luck
    assert said.startswith("No box that stands up") == luck
    assert ("take this box for luck" in read) == luck
    assert ("less than half" in read) == (verdict == WEAKER)
    assert ("So it holds" in read) == (verdict == HOLDS)


def test_the_box_in_the_text_is_the_one_marked_on_the_trajectory() -> None:
    for seed in range(1, 7):
        (box,) = discover(tilted(400, seed), "top(y, 0.15)").boxes
        (taken,) = [step for step in box.trajectory if step.number == box.step]
        assert (taken.inside, taken.hits, taken.inputs) == (box.inside, box.hits, len(box.inputs)), seed
        assert taken.trimmed == (box.step == len(box.trajectory) - 1 and box.trajectory[-1].trimmed)
        assert all(edge.quasi_p <= DOUBTFUL for edge in box.edges)


def test_a_box_asked_for_by_its_number_is_left_as_it_is() -> None:
    (box,) = discover(tilted(400, 1), "top(y, 0.15)", step=30).boxes
    assert box.step == 30
    step = box.trajectory[30]
    assert (step.inside, step.hits, step.inputs) == (box.inside, box.hits, len(box.inputs))
    assert box.dropped == ()
    assert any(edge.quasi_p > DOUBTFUL for edge in box.edges)


def test_luck_gives_no_box() -> None:
    rng = np.random.default_rng(5)
    columns = {f"x{k}": rng.random(600) for k in range(60)}
    lucky = discover(Study.of_arrays(columns, {"y": rng.random(600)}), "y > 0.8")
    (box,) = lucky.boxes
    # Limits were found, and each is given up, since a box without it is as good but for luck.
    assert box.edges == ()
    assert len(box.dropped) == 4 * SEARCHES
    assert box.step == 0
    assert words.sentence(lucky, box).startswith("No box: among 60 inputs")
    assert not [term for term in lucky.logistic.terms if term.p < 0.05]
    assert lucky.logistic.area == pytest.approx(0.5, abs=0.12)


def test_a_half_is_measured_in_the_other() -> None:
    rng = np.random.default_rng(6)
    x = rng.random(2000)
    # In the first half futures of interest lie above 0.7, in the second anywhere, one in ten.
    hits = np.where(np.arange(2000) < 1000, x > 0.7, rng.random(2000) < 0.1)
    codes = encode(Study.of_arrays({"x": x}, {"y": hits}))
    half, wish = np.arange(1000), Wish(None, None, None, 4)
    repeat = _repeat(codes, hits, np.ones(2000, dtype=bool), half, _search(codes, hits, half, wish))
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
    assert said.startswith("When “years until losses are made good” is below ")
    assert re.search(r"“share of air defence that is tied elsewhere” is at least (59|60)\.?\d*%, ", said)
    n, hits = found.boxes[0].inside, found.boxes[0].hits
    assert f"{hits:,} of {n:,}" in said
    assert "“years until losses are made good” (grade C)" in " ".join(words.reading(found, found.boxes[0]))


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
