"""Runs as tables: lazily, by SQL and by sketches; columns that were not stored are there all the same."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from twofront.ensemble import store
from twofront.ensemble.opened import Run, open_run
from twofront.ensemble.reading import RANK_ERROR, RANK_ERROR_IN_TAILS, sketched_quantiles
from twofront.faults import UserError

RunFake = Callable[..., Run]
FUTURES = 3 * 4096


class Again:
    """Draws like the fake sampler's, and remembers what it was asked for."""

    def __init__(self) -> None:
        self.asked: list[tuple[tuple[str, ...], int, int]] = []

    def columns(self, names: list[str], lo: int, hi: int) -> list[Any]:
        self.asked.append((tuple(names), lo, hi))
        factors = {"pull": 0.6180339887, "push": 0.7548776662}
        return [(np.arange(lo, hi) * factors[name]) % 1.0 for name in names]


@pytest.fixture(params=["stored", "drawn again"])
def run(request: pytest.FixtureRequest, run_fake: RunFake, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Three parts, with inputs in them or not."""
    if request.param == "drawn again":
        monkeypatch.setattr("twofront.ensemble.runner._MOST_STORED_INPUTS", 0)
    found = run_fake(FUTURES, unit=4096)
    assert found.inputs_drawn_again == (request.param == "drawn again")
    found.__dict__["_own_sampler"] = Again()
    monkeypatch.setattr(Run, "sampler", lambda self: self._own_sampler)
    return found


def drawn(run: Run) -> list[tuple[tuple[str, ...], int, int]]:
    return run._own_sampler.asked  # pyright: ignore[reportAttributeAccessIssue]


def test_a_lazy_frame_is_the_frame(run: Run) -> None:
    whole = run.frame()
    assert run.lazy().collect_schema() == pl.Schema(run.schema)
    assert run.lazy().collect().equals(whole)
    found = run.lazy().filter(pl.col("in.push") < 0.3, policy="restraint").select("war_chance", "in.pull").collect()
    wanted = whole.filter(pl.col("in.push") < 0.3, policy="restraint").select("war_chance", "in.pull")
    assert found.equals(wanted)
    assert len(wanted) > 100
    assert run.lazy().head(7).collect().equals(whole.head(7))
    mean = run.lazy().group_by("policy").agg(pl.col("war_chance").mean()).sort("policy").collect()
    assert mean["war_chance"].to_list() == pytest.approx(
        whole.group_by("policy").agg(pl.col("war_chance").mean()).sort("policy")["war_chance"].to_list()
    )


def test_a_lazy_frame_reads_only_what_it_needs(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[tuple[str, tuple[str, ...]]] = []
    whole = store.read_part

    def watched(path: Path, columns: Any) -> Any:
        read.append((path.name, tuple(columns)))
        return whole(path, columns)

    monkeypatch.setattr(store, "read_part", watched)
    wanted = pl.col("future").is_between(5000, 5003)
    found = run.lazy().filter(wanted).select("margin", "in.push").collect()
    assert found.height == 12
    margins = [name for name, columns in read if "margin" in columns]
    assert margins == [store.part_name(4096, 8192)], "only the part that has these futures"
    assert {column for _, columns in read for column in columns} <= {"future", "margin", "in.push"}
    assert drawn(run) == ([(("push",), 4096, 8192)] if run.inputs_drawn_again else [])


def test_sql_sees_every_column(run: Run) -> None:
    whole = run.frame()
    found = run.sql("SELECT * FROM futures ORDER BY future, array_position(['present_course', 'restraint'], policy)")
    assert found.columns == list(run.columns)
    order = ["future", "policy"]
    texts = [name for name, kind in run.schema.items() if isinstance(kind, pl.Enum)]
    plain = whole.with_columns(pl.col(texts).cast(pl.String)).sort(order)
    assert found.with_columns(pl.col(texts).cast(pl.String)).sort(order).equals(plain)
    far = run.sql("SELECT \"in.pull\" AS x FROM futures WHERE future IN (0, 1, 9000, 12287) AND policy = 'restraint'")
    assert sorted(far["x"].to_list()) == sorted((np.array([0, 1, 9000, 12287]) * 0.6180339887 % 1.0).tolist())


def test_sql_draws_only_columns_that_are_asked_for(run: Run) -> None:
    assert run.sql('SELECT avg("in.push") AS x FROM futures')["x"][0] == pytest.approx(0.5, abs=0.01)
    assert {names for names, _, _ in drawn(run)} <= {("push",)}
    asked = len(drawn(run))
    run.sql("SELECT avg(war_chance) FROM futures")
    assert len(drawn(run)) == asked


def test_sql_reads_paths_too(run: Run) -> None:
    assert run.paths is not None
    assert run.sql("SELECT count(*) AS n FROM paths")["n"][0] == len(run.paths)


def test_a_run_behind_a_url_is_read_alike(run_fake: RunFake) -> None:
    run = run_fake(FUTURES, unit=4096, out="memory://reading/far")
    near = run_fake(FUTURES, unit=4096)
    query = "SELECT policy, max(war_chance) AS x, count(*) AS n FROM futures GROUP BY policy ORDER BY policy"
    assert run.sql(query).equals(near.sql(query))
    assert run.sql("SELECT count(*) AS n FROM paths")["n"][0] > 0
    assert run.lazy().collect().equals(near.lazy().collect())
    assert run.quantiles(["margin"]).equals(near.quantiles(["margin"]))


def test_a_bad_query_is_bad_input(run: Run) -> None:
    with pytest.raises(UserError, match=r"the query cannot be answered: .*war_chanse"):
        run.sql("SELECT war_chanse FROM futures")


def test_a_lost_part_is_left_out_of_every_view(run_fake: RunFake) -> None:
    run = run_fake(FUTURES, unit=4096)
    (run.folder / store.FOLDER / store.part_name(4096, 8192)).write_bytes(b"no part")
    with pytest.warns(UserWarning, match="left out"):
        holed = open_run(run.folder)
    assert holed.lazy().select(pl.len()).collect().item() == 2 * 4096 * 3
    assert holed.sql("SELECT count(*) AS n FROM futures")["n"][0] == 2 * 4096 * 3


def test_exact_quantiles_are_those_of_numpy(run: Run) -> None:
    found = run.quantiles(["margin", "in.pull"], [0.05, 0.5, 0.9])
    frame = run.frame(["policy", "margin", "in.pull"])
    for row in found.iter_rows(named=True):
        values = frame.filter(policy=row["policy"])[row["column"]].to_numpy()
        values = values[~np.isnan(values)]
        assert row["n"] == len(values)
        assert row["rank_error"] == 0.0
        assert [row["mean"], row["deviation"]] == pytest.approx([values.mean(), values.std(ddof=1)])
        assert [row["q0.05"], row["q0.5"], row["q0.9"]] == pytest.approx(np.quantile(values, [0.05, 0.5, 0.9]).tolist())
    assert found["column"].to_list() == ["margin"] * 3 + ["in.pull"] * 3
    with pytest.raises(UserError, match="did you mean `margin`"):
        run.quantiles(["margins"])


def test_sketched_quantiles_of_a_run_state_their_error(run: Run) -> None:
    found = run.quantiles(["margin"], [0.05, 0.5, 0.95], exact=False)
    assert found.equals(run.quantiles(["margin"], [0.05, 0.5, 0.95], exact=False)), "the same each time"
    assert found["rank_error"].to_list() == [RANK_ERROR] * 3
    values = run.frame(["policy", "margin"]).filter(policy="restraint")["margin"].to_numpy()
    row = found.row(by_predicate=pl.col("policy") == "restraint", named=True)
    assert abs(np.mean(values[~np.isnan(values)] <= row["q0.5"]) - 0.5) < RANK_ERROR


LEVELS = [0.001, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 0.999]


def columns(n: int, rng: np.random.Generator) -> dict[str, Any]:
    """Columns that are hard on sketches."""
    return {
        "even": rng.random(n),
        "skewed": np.exp(3.0 * rng.standard_normal(n)),
        "heavy tail": rng.pareto(0.5, n),
        "chances over thirty orders of magnitude": 10.0 ** (-30.0 * rng.random(n)),
        "few values": np.round(rng.random(n) * 5.0) / 5.0,
        "mostly zero": np.where(rng.random(n) < 0.97, 0.0, rng.random(n)),
        "almost always zero": np.where(rng.random(n) < 0.9995, 0.0, 1e-9 * rng.random(n)),
        "sorted": np.sort(rng.standard_normal(n)),
        "two heaps": np.where(np.arange(n) < n // 2, 0.0, 1e6) + rng.standard_normal(n),
        "undefined now and then": np.where(rng.random(n) < 0.4, np.nan, rng.standard_normal(n)),
        "constant": np.full(n, 0.25),
    }


@pytest.mark.parametrize("n", [1000, 400_000])
def test_sketches_hold_their_stated_error(n: int) -> None:
    made = columns(n, np.random.default_rng(11))
    pieces = [{name: values[lo : lo + 16_384] for name, values in made.items()} for lo in range(0, n, 16_384)]
    found = sketched_quantiles(pieces, list(made), LEVELS)
    for name, values in made.items():
        ordered = np.sort(values[~np.isnan(values)])
        for level, value in zip(LEVELS, found[name], strict=True):
            below = np.searchsorted(ordered, value, "left") / len(ordered)
            upto = np.searchsorted(ordered, value, "right") / len(ordered)
            off = max(below - level, level - upto, 0.0)
            bound = RANK_ERROR if 0.05 < level < 0.95 else RANK_ERROR_IN_TAILS
            assert off <= bound + 1 / n, (name, level, off)
            assert ordered[0] <= value <= ordered[-1]


def test_nothing_defined_has_no_quantiles() -> None:
    found = sketched_quantiles([{"x": np.full(5, np.nan)}], ["x"], [0.5])
    assert np.isnan(found["x"]).all()
