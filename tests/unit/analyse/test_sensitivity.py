"""From futures to a table: whose share is whose, what is counted, what is refused."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from twofront.analyse.designed import CaseOnDesign, factors_of
from twofront.analyse.groups import GROUPINGS, PARTITIONS, grouped
from twofront.analyse.sensitivity import GIVEN, Sensitivity, sensitivity
from twofront.analyse.study import Study
from twofront.case import Case, load_case
from twofront.ensemble import Run, open_run, run
from twofront.faults import UserError
from twofront.present.charts import as_altair
from twofront.present.indices import figures, paragraphs, write


@pytest.fixture(scope="module")
def small_run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Some hundred futures of the invented case under two policies."""
    folder = tmp_path_factory.mktemp("runs") / "small"
    return run("two-straits", 300, ["partnership"], seed=7, out=folder)


@pytest.fixture(scope="module")
def found(small_run: Run) -> Sensitivity:
    """What its headline outcomes go with."""
    return sensitivity(small_run)


def arrays(n: int = 3000) -> Study:
    rng = np.random.default_rng(1)
    x, y, flag = rng.random(n), rng.random(n), rng.random(n) < 0.5
    harm = {"now": 3 * x + y + flag, "other": 3 * x + 2 * y + flag}
    holed = {policy: np.where(x > 0.9, np.nan, values) for policy, values in harm.items()}
    x[:4] = np.nan
    return Study.of_arrays({"x": x, "y": y, "flag": flag}, {"harm": harm, "holed": holed})


def share(found: Sensitivity, name: str, outcome: str = "harm") -> float:
    row = found.of(outcome).filter(pl.col("name") == name)
    return row["first"].item()


def test_shares_of_plain_columns() -> None:
    found = sensitivity(arrays())
    # Variances 9/12, 1/12 and 1/4.
    whole = 9 / 12 + 1 / 12 + 1 / 4
    for name, variance in (("x", 9 / 12), ("y", 1 / 12), ("flag", 1 / 4)):
        assert share(found, name) == pytest.approx(variance / whole, abs=0.04)
    assert found.method == GIVEN
    assert found.of("harm")["name"].to_list() == ["x", "flag", "y"]
    assert set(found.of("harm")["clear"].to_list()) == {True}
    # Four rows lack an input, and the outcome itself a tenth of the futures: both are counted and told.
    assert found.n == 2996
    assert "input missing" in found.counted
    text = " ".join(paragraphs(found))
    assert "n = 2,996 futures" in text
    assert f"`holed` is undefined in {2996 - found.of('holed')['n'][0]:,} of 2,996 futures" in text


def test_a_difference_between_policies_has_shares_of_its_own() -> None:
    found = sensitivity(arrays(), ["harm"], policy="other", versus="now")
    # The policies differ by y alone.
    assert share(found, "y") == pytest.approx(1.0, abs=0.01)
    assert share(found, "x") == pytest.approx(0.0, abs=0.02)
    assert paragraphs(found)[0].startswith("What “other” changes against “now”, in the same draws")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"outcomes": ["harn"]}, "no outcome `harn`; did you mean `harm`"),
        ({"policy": "othr"}, "no policy `othr`; did you mean `other`"),
        ({"versus": "nowt"}, "no policy `nowt`; did you mean `now`"),
        ({"design": "morriss"}, "no design `morriss`; did you mean `morris`"),
        ({"design": "sobol"}, "a design needs a case"),
        ({"by": "actor"}, "belong to a design"),
    ],
)
def test_what_is_not_there_is_named_with_its_nearest(arguments: dict[str, object], message: str) -> None:
    with pytest.raises(UserError, match=message):
        sensitivity(arrays(), **arguments)  # pyright: ignore[reportArgumentType]


def test_too_few_futures_say_how_many_it_takes() -> None:
    with pytest.raises(UserError, match=r"needs at least 200 futures; there are 116"):
        sensitivity(arrays(120))
    with pytest.raises(UserError, match="give a run"):
        sensitivity()
    with pytest.raises(UserError, match="give one of them"):
        sensitivity(design="sobol")


def test_every_input_stands_once_in_a_partition(case: Case) -> None:
    inputs = [p.name for p in case.parameters if p.uncertain] + [f"structure.{s.name}" for s in case.structures]
    for kind in PARTITIONS:
        groups = grouped(case, kind, inputs)
        assert sorted(name for members in groups.values() for name in members) == sorted(inputs)
    assert "land_strength.corvana" in grouped(case, "actor", inputs)["Corvana"]
    assert "land_strength.corvana" in grouped(case, "quantity", inputs)["strength"]
    # Read by laws and resting on sources: some in several groups, structures in none.
    for kind in ("law", "source"):
        members = [name for found in grouped(case, kind, inputs).values() for name in found]
        assert members
        assert not any(name.startswith("structure.") for name in members)
    with pytest.raises(UserError, match="did you mean `actor`"):
        grouped(case, "actors", inputs)


def test_groups_are_the_sums_of_their_inputs(found: Sensitivity, case: Case) -> None:
    outcome = "deterrence_margin.corvana.alone"
    single = {row["name"]: row["first"] for row in found.of(outcome).iter_rows(named=True)}
    for kind in GROUPINGS:
        groups = grouped(case, kind, list(single))
        for row in found.of(outcome, kind).iter_rows(named=True):
            expected = sum(single[name] for name in groups[row["name"]])
            assert row["first"] == pytest.approx(expected, abs=1e-9)
            assert row["inputs"] == len(groups[row["name"]])
            assert row["first_low"] <= row["first"] <= row["first_high"]


def test_real_ranges_and_units_stand_beside_each_input(found: Sensitivity, case: Case) -> None:
    row = found.of("deterrence_margin.corvana.alone").filter(pl.col("name") == "war_months").row(0, named=True)
    parameter = case.parameter("war_months")
    assert (row["range_low"], row["range_high"], row["unit"]) == (parameter.low, parameter.high, parameter.unit)
    assert parameter.low < row["draws_low"] < row["draws_high"] < parameter.high


def test_files_words_and_charts(found: Sensitivity, tmp_path: Path) -> None:
    paths = write(found, tmp_path / "out")
    assert [path.name for path in paths] == [f"sensitivity.{end}" for end in ("parquet", "csv", "md", "html")]
    table, text = pl.read_parquet(paths[0]), paths[2].read_text(encoding="utf-8")
    assert table.height == pl.read_csv(paths[1]).height == found.table.height
    assert set(table["policy"].to_list()) == {"present_course"}
    assert "n = 300" in text
    assert "skill" in text
    assert "%] of the variance" in text
    for figure in figures(found):
        assert figure.tables
        for panel in figure.panels:
            assert as_altair(panel.spec).to_dict()["width"] == "container"
    page = paths[3].read_text(encoding="utf-8")
    assert "src=" not in page.split("<script")[0]
    assert all(f"fig-{figure.id}" in page for figure in figures(found))
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(UserError, match="cannot be written"):
        write(found, tmp_path / "file")


def test_the_same_run_gives_the_same_table(small_run: Run, found: Sensitivity) -> None:
    again = sensitivity(open_run(small_run.folder), threads=1)
    assert again.table.equals(found.table)


def test_inputs_that_move_together_are_one_factor() -> None:
    model = CaseOnDesign(load_case("two-straits"), ["any_war_chance"])
    single = factors_of(model)
    names = [name for factor in single for name in factor.members]
    assert sorted(names) == sorted(model.inputs)
    joined = [set(group) for group in model.sampler.joined]
    assert joined
    for group in joined:
        assert sum(bool(set(factor.members) & group) for factor in single) == 1
    with pytest.raises(UserError, match="whose groups do not overlap"):
        factors_of(model, "law")


def test_a_design_agrees_with_the_futures_of_the_same_case(small_run: Run, found: Sensitivity) -> None:
    outcome = "deterrence_margin.corvana.alone"
    by_design = sensitivity(small_run, [outcome], design="sobol", n=128, by="quantity")
    assert by_design.n == 128 * (by_design.of(outcome, "quantity").height + 2)
    theirs = found.of(outcome, "quantity")
    ours = by_design.of(outcome, "quantity")
    # The quantity that comes first among the futures comes first by design, with a share within both intervals.
    best = theirs.row(0, named=True)
    same = ours.filter(pl.col("name") == best["name"]).row(0, named=True)
    assert same["total"] == ours["total"].max()
    assert same["first_low"] <= best["first_high"]
    assert best["first_low"] <= same["first_high"]
    assert same["total"] >= same["first"] - 3 * (same["total_high"] - same["total"])
    text = " ".join(paragraphs(by_design))
    assert "128 base points" in text
    assert "with a total of" in text
    assert figures(by_design)[0].panels


def test_screening_finds_what_does_nothing(small_run: Run) -> None:
    outcome = "any_war_chance"
    screened = sensitivity(small_run, [outcome], design="morris", n=4)
    rows = screened.of(outcome)
    assert rows["name"][0] == "anchor"
    # An anchored chance hangs on the declared prior and on accidents, up to what the solver leaves (1e-4).
    assert rows.filter(pl.col("mu_star") > 1e-3)["name"].to_list() == ["anchor", "accident_rate"]
    assert "4 trajectories" in paragraphs(screened)[0]
    assert figures(screened)[0].panels


def test_a_policy_that_the_case_lacks_is_refused_by_a_design() -> None:
    with pytest.raises(UserError, match="has no policy `nothere`"):
        sensitivity(case="two-straits", design="morris", policy="nothere")
    with pytest.raises(UserError, match="no outcome `any_war_chanc`; did you mean `any_war_chance`"):
        sensitivity(case="two-straits", outcomes=["any_war_chanc"], design="morris")
