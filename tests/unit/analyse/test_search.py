"""The search of a case: what is asked, what is refused, what comes out and what becomes of it."""

from __future__ import annotations

import re
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import polars as pl
import pytest

from twofront.analyse.evolution import Generation
from twofront.analyse.objectives import Known, constraint, objective
from twofront.analyse.search import Search, search
from twofront.analyse.search_folder import claim_folder, table, write_search
from twofront.case import load_case, read_policies
from twofront.ensemble import run
from twofront.faults import UserError
from twofront.future import FutureModel
from twofront.future.trials import Trials
from twofront.parameters.sampling import Sampler
from twofront.present.search import summary, write_page
from twofront.present.searched import in_report

OBJECTIVES = ("min mean any_war_chance", "min mean policy_cost")
KNOWN = Known(
    ("any_war_chance", "policy_cost", "deterrence_margin.corvana.alone", "forces.x"),
    ("spending.auria",),
    {"2030-06": 3, "2030-12": 4},
)


def small(**more: object) -> Search:
    chosen: dict[str, object] = {"futures": 24, "fresh": 40, "population": 10, "generations": 4, "workers": 2} | more
    return search("two-straits", OBJECTIVES, **chosen)  # pyright: ignore[reportArgumentType]


@pytest.fixture(scope="module")
def found() -> Search:
    return small()


# ---- what is asked --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "values", "expected"),
    [
        ("mean any_war_chance", [1.0, 2.0, np.nan, 6.0], 3.0),
        ("median any_war_chance", [1.0, 2.0, np.nan, 6.0], 2.0),
        ("p90 any_war_chance", list(range(11)), 9.0),
        ("worst10 any_war_chance", list(range(20)), 18.5),
        ("worst10 deterrence_margin.corvana.alone", list(range(20)), 0.5),
        ("worst10 any_war_chance", [5.0, np.nan, 1.0], 5.0),
        ("share any_war_chance < 25%", [0.1, 0.2, 0.3, np.nan], 2 / 3),
        ("mean any_war_chance", [np.nan, np.nan], np.nan),
    ],
)
def test_measures(text: str, values: list[float], expected: float) -> None:
    asked = objective(text, KNOWN)
    measured = asked.of(np.array([values, values], dtype=float))
    assert measured.shape == (2,)
    np.testing.assert_allclose(measured, expected)


def test_what_is_better_and_what_is_a_limit() -> None:
    assert objective("deterrence_margin.corvana.alone", KNOWN).larger
    assert objective("share policy_cost <= 5", KNOWN).larger
    assert not objective("p95 any_war_chance", KNOWN).larger
    assert objective("max mean forces.x", KNOWN).larger
    limit = constraint("p90 spending.auria@2030-12 <= 50", KNOWN)
    assert limit.column == ("spending.auria", 4)
    np.testing.assert_allclose(limit.excess(np.array([50.0, 55.0, 45.0])), [0, 0.1, -0.1])
    least = constraint("share any_war_chance < 0.1 >= 90%", KNOWN)
    assert least.test == ("<", 0.1)
    np.testing.assert_allclose(least.excess(np.array([0.9, 0.45])), [0, 0.5])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("min mean any_war_chanc", "no outcome `any_war_chanc`; did you mean `any_war_chance`?"),
        ("min men any_war_chance", "`men` is not a measure; did you mean `mean`?"),
        ("mean forces.x", "begin with `min` or `max`"),
        ("min mean any_war_chance < 0.2", "write `share mean any_war_chance < 0.2`|a comparison belongs"),
        ("min", "names no outcome"),
        ("share any_war_chance", "a share needs a comparison"),
        ("share any_war_chance < little", "`little` is not a number"),
        ("min spending.auria", "it is a series: name a month, `spending.auria@2030-12`"),
        ("min spending.auri@2030-12", "no series `spending.auri` is kept; did you mean `spending.auria`?"),
        ("min spending.auria@2031-01", "series are kept at the end of half-years: 2030-06, 2030-12"),
    ],
)
def test_objectives_that_are_refused(text: str, words: str) -> None:
    with pytest.raises(UserError, match="|".join(map(re.escape, words.split("|")))):
        objective(text, KNOWN)


@pytest.mark.parametrize(
    ("text", "words"),
    [("mean policy_cost", "no limit"), ("min mean policy_cost <= 5", "begin with the measure")],
)
def test_constraints_that_are_refused(text: str, words: str) -> None:
    with pytest.raises(UserError, match=words):
        constraint(text, KNOWN)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"levers": ["presense"]}, "no lever `presense`; did you mean `presence`?"),
        ({"levers": {"presence": (0.1, 0.5)}}, "0.1 to 0.5 is no range within 0 to 0.2"),
        ({"futures": 5}, "5 futures asked for; a search needs at least 20"),
        ({"epsilon": [0.1]}, "2 objectives need as many epsilons"),
        ({"population": 3}, "3 policies in a generation"),
    ],
)
def test_searches_that_are_refused(more: dict[str, object], words: str) -> None:
    with pytest.raises(UserError, match=re.escape(words)):
        small(**more)


def test_without_pymoo_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pymoo.algorithms.moo.nsga2", None)
    with pytest.raises(UserError, match=r"pip install 'twofront\[search\]'"):
        small()


# ---- what comes out -------------------------------------------------------------------------------------------


def test_trials_give_the_bits_of_a_run() -> None:
    case = load_case("two-straits")
    drawn = Sampler(case, 3).draw(0, 30)
    whole = FutureModel(case)
    expected = whole.evaluate(drawn.values, drawn.structures)
    assert expected.paths is not None
    columns = ["any_war_chance", ("stock.shell.corvana", 7), "policy_cost"]
    model = FutureModel(case, policies=())
    trials = Trials(model, drawn.values, drawn.structures, columns, workers=2)
    settings = np.array([[policy.levers[lever.name] for lever in case.levers] for policy in case.policies])
    tried = trials.evaluate(settings)
    for column, name in ((0, "any_war_chance"), (2, "policy_cost")):
        place = whole.outcome_names.index(name)
        assert np.array_equal(tried.values[:, column], expected.outcomes[:, place])
    place = whole.path_names.index("stock.shell.corvana")
    assert np.array_equal(tried.values[:, 1], expected.paths[:, place, 7])
    assert np.array_equal(tried.status, expected.status)


def test_the_same_search_again_and_with_other_threads(found: Search) -> None:
    assert table(small(workers=1)).equals(table(found))


def test_what_is_found_is_measured_as_a_run_measures_it(found: Search, tmp_path: Path) -> None:
    """The saved policies, run on the same draws by `twofront run`, give the fresh measures of the search."""
    write_search(found, tmp_path)
    policies = read_policies(tmp_path, load_case("two-straits"))
    assert [(p.name, p.levers) for p in policies] == [(p.name, p.levers) for p in found.policies]
    again = run("two-straits", 64, [p.name for p in policies], out=tmp_path / "run", policy_files=[tmp_path])
    frame = again.frame(["future", "policy", "any_war_chance"]).filter(pl.col("future") >= 24)
    for point in found.found:
        own = frame.filter(pl.col("policy") == point.policy.name)["any_war_chance"]
        measured = point.measured["mean any_war_chance"]
        assert len(own) == 40
        np.testing.assert_allclose(np.mean(own.to_numpy()), measured.fresh, rtol=1e-12)
        assert measured.low <= measured.fresh <= measured.high


def test_points_that_stand_are_neither_beaten_nor_breaking(found: Search) -> None:
    assert found.found
    rows = np.array([[point.measured[item.name].fresh for item in found.objectives] for point in found.found])
    for row in rows:
        assert not ((rows <= row).all(axis=1) & (rows < row).any(axis=1)).any()
    own = [point for point in found.points if point.case]
    assert [point.policy.name for point in own] == [policy.name for policy in found.case.policies]


def test_constraints_hold_on_fresh_draws_or_the_policy_does_not_stand() -> None:
    limited = small(constraints=["mean policy_cost.by.auria <= 2", "p90 spending.auria@2030-12 <= 900"])
    assert any(point.policy.name == "build_up" and not point.feasible for point in limited.points)
    for point in limited.found:
        assert point.measured["mean policy_cost.by.auria"].fresh <= 2


def test_levers_that_are_not_searched_stay_and_ranges_hold() -> None:
    narrow = small(levers={"reassurance": (0.2, 0.6)})
    for point in narrow.points:
        if not point.case:
            assert point.policy.named == ("reassurance",)
            assert 0.2 <= point.policy.levers["reassurance"] <= 0.6


def test_nothing_meets_the_constraints(tmp_path: Path) -> None:
    nothing = small(constraints=["mean any_war_chance <= 0"])
    assert nothing.found == ()
    assert "None of the" in summary(nothing)[1]
    write_search(nothing, tmp_path)
    assert not (tmp_path / "policies.yaml").exists()


def test_an_interrupted_search_keeps_what_it_has() -> None:
    def stop(now: Generation) -> None:
        if now.number == 2:
            raise KeyboardInterrupt

    kept = small(progress=stop)
    assert kept.interrupted
    assert len(kept.history) == 2
    assert kept.found


def test_an_earlier_search_is_a_start(found: Search, tmp_path: Path) -> None:
    write_search(found, tmp_path)
    start = read_policies(tmp_path, found.case)
    further = small(start=start, generations=1, population=20)
    levers = {tuple(point.policy.levers.values()) for point in further.points}
    assert levers & {tuple(policy.levers.values()) for policy in start}


# ---- what is written ------------------------------------------------------------------------------------------


def test_the_report_of_a_run_shows_a_search_in_its_folder(found: Search, tmp_path: Path) -> None:
    folder = claim_folder(tmp_path / "search", found.case.name)
    write_search(found, folder)
    facts: Any = SimpleNamespace(
        run=SimpleNamespace(folder=tmp_path),
        case=found.case,
        sample=SimpleNamespace(has=lambda name: name in ("any_war_chance", "double_war_chance", "policy_cost")),
    )
    (figure,) = in_report(facts)
    rows = figure.tables[0].rows
    assert len(rows) == len(found.points)
    assert {row[0].text for row in rows} == {point.policy.label for point in found.points}
    assert f"{len(found.found):,} of {sum(not point.case for point in found.points):,} policies" in figure.text[0]
    facts.case = replace(found.case, hash="another")
    assert in_report(facts) == []
    facts.run.folder = tmp_path / "search"
    assert in_report(facts) == []


def test_the_folder_and_the_page(found: Search, tmp_path: Path) -> None:
    folder = claim_folder(tmp_path / "s", "two-straits")
    write_search(found, folder)
    page = write_page(found, folder).read_text("utf-8")
    assert pl.read_parquet(folder / "search.parquet").equals(table(found))
    assert len(pl.read_csv(folder / "search.csv")) == len(found.points)
    words = (folder / "search.md").read_text("utf-8")
    assert "40 fresh futures" in words
    assert all(point.policy.name in words for point in found.found)
    assert '"axis_0"' in page
    with pytest.raises(UserError, match="already holds a search"):
        claim_folder(folder, "two-straits")
    assert claim_folder(folder, "two-straits", force=True) == folder
    with pytest.raises(UserError, match="holds s and no search"):
        claim_folder(tmp_path, "two-straits", force=True)
