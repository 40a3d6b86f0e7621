"""Signposts: areas under the curve, the first clear date, and the series of a run computed again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import polars as pl
import pytest

from twofront.analyse.signposts import Signposts, _signpost, areas, signposts
from twofront.case import Adaptive, load_case
from twofront.ensemble import Run, run
from twofront.faults import UserError
from twofront.future import FutureModel
from twofront.parameters.sampling import Sampler
from twofront.present.signposts import in_report, text_of, write


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return run("two-straits", 150, ["build_up"], out=tmp_path_factory.mktemp("run") / "r", workers=2)


def test_areas_count_pairs_and_ties() -> None:
    random = np.random.default_rng(1)
    values = random.integers(0, 8, (3, 40)).astype(float)
    meant = random.random(40) < 0.3
    found, errors = areas(values, meant)
    for row, area, error in zip(values, found, errors, strict=True):
        wins = (row[meant][:, None] > row[~meant]) + 0.5 * (row[meant][:, None] == row[~meant])
        assert abs(area - wins.mean()) < 1e-12
        spread = wins.mean(axis=1).var(ddof=1) / meant.sum() + wins.mean(axis=0).var(ddof=1) / (~meant).sum()
        assert abs(error - np.sqrt(spread)) < 1e-12


def test_intervals_cover_the_true_area() -> None:
    """Of two normal samples one deviation apart the area is Phi(1/sqrt(2)) = 0.7602; 95% intervals hold it so often."""
    random = np.random.default_rng(2)
    meant = np.arange(300) < 100
    values = random.standard_normal((400, 300)) + meant
    area, error = areas(values, meant)
    held = np.abs(area - 0.7602499) < 1.959964 * error
    assert 0.92 < held.mean() < 0.98  # three standard errors of 400 draws


def test_the_first_date_at_which_a_series_is_clear() -> None:
    random = np.random.default_rng(3)
    meant = np.arange(400) % 4 < 2
    noise = random.standard_normal((4, 400))
    # Nothing, a little, then low values that mark the meant futures, with a gap between -1 and 1.
    values = noise * np.array([1.0, 1.0, 0.2, 0.2])[:, None]
    values -= np.where(meant, 1, -1) * np.array([0.0, 0.1, 1.5, 1.5])[:, None]
    found = _signpost("x", values, meant, 2.0, 0.7)
    assert found.first == 2
    assert not found.above
    assert -1 < found.threshold < 0
    assert found.hits > 0.9
    assert found.alarms < 0.05
    none = _signpost("x", noise, meant, 3.0, 0.7)
    assert none.first is None


def test_series_are_those_of_the_run() -> None:
    """Also where a policy turns to something else on the way."""
    case = load_case("two-straits")
    today = case.policies[0].levers
    ways = {**today, "munitions_plan": 2.0}, {**today, "core_floor": 0.04}
    turns = Adaptive("stock.interceptor.auria", "<", 5000.0, 24, "2032-01", *ways, ("munitions_plan",), ("core_floor",))
    policy = replace(case.policies[1], name="turns", levers=today, named=(), adaptive=turns)
    model = FutureModel(replace(case, policies=(*case.policies[:2], policy)))
    drawn = Sampler(case, 4).draw(0, 30)
    paths = model.evaluate(drawn.values, drawn.structures).paths
    assert paths is not None
    for place, name in enumerate(model.policy_names):
        series = model.series(name, drawn.values, drawn.structures)
        assert np.array_equal(series, paths[place, : len(case.paths)])
    both = paths[2, 2, 3] < 5000
    assert 0 < both.sum() < 30


def test_a_run_and_its_files(small: Run, tmp_path: Path) -> None:
    found = signposts(small, "top(second_front_chance, 0.3)")
    assert found.meant + found.others == 150
    assert {item.series for item in found.found} == set(small.case.paths)
    paths = write(found, tmp_path)
    assert [path.name for path in paths] == [f"signposts{end}" for end in (".parquet", ".csv", ".md", ".html")]
    frame = pl.read_parquet(paths[0])
    assert len(frame) == len(small.case.paths) * len(found.months)
    assert frame["auc"].is_between(0, 1).all()
    assert f"{found.meant:,}" in text_of(found)[0]
    again = signposts(small, "top(second_front_chance, 0.3)")
    assert again.frame.equals(found.frame)
    # A report takes it from the folder, as it was.
    read = Signposts.read(paths[0], found.study)
    assert read is not None
    assert read.frame.equals(found.frame)
    assert text_of(read) == text_of(found)
    facts = SimpleNamespace(run=SimpleNamespace(folder=tmp_path), study=found.study)
    (figure,) = in_report(facts)  # pyright: ignore[reportArgumentType]
    assert figure.text == tuple(text_of(found))
    frame.with_columns(pl.lit("another").alias("run")).write_parquet(paths[0])
    assert Signposts.read(paths[0], found.study) is None
    paths[0].write_bytes(b"spoilt")
    assert Signposts.read(paths[0], found.study) is None
    assert Signposts.read(tmp_path / "none", found.study) is None


def test_under_a_policy_its_own_series_are_read(small: Run) -> None:
    """Under the build-up, futures with much spending late are those with much spending late: the area is one."""
    late = signposts(small, "top(policy_cost, 0.5)", policy="build_up")
    spending = next(item for item in late.found if item.series == "spending.auria")
    assert spending.strength[-1] > 0.6


@pytest.mark.parametrize(
    ("where", "more", "words"),
    [
        ("any_war_chanc > 0.1", {}, "any_war_chance"),
        ("any_war_chance > 2", {}, "no future meets"),
        ("top(any_war_chance, 0.05)", {}, "at least 30 futures that meet"),
        ("any_war_chance > 0.1", {"policy": "build"}, "build_up"),
        ("top(any_war_chance, 0.5)", {"strong": 0.4}, "lies between 0.5 and 1"),
    ],
)
def test_what_is_refused(small: Run, where: str, more: dict[str, object], words: str) -> None:
    with pytest.raises(UserError, match=words):
        signposts(small, where, **more)  # pyright: ignore[reportArgumentType]
