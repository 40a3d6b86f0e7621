"""The benchmark's table: rounds in turn, ratios within a round, peers that are absent said so."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from twofront.case import load_case
from twofront.cli.bench import command
from twofront.ensemble import benchmark, benchmark_peers
from twofront.ensemble.benchmark import Sample, Setting, measure
from twofront.faults import UserError


class Rows:
    """A group whose values are those of a list, round after round."""

    def __init__(self, heard: list[str], **values: list[float]) -> None:
        self.heard = heard
        self.values = {name: iter(found) for name, found in values.items()}

    def round(self) -> Iterator[Sample]:
        for name, found in self.values.items():
            self.heard.append(name)
            yield Sample(name.replace("_", " "), "futures/s", next(found))


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was measured, in order, with two groups in the place of the real ones."""
    order: list[str] = []
    made = {
        "engines": Rows(order, **{"kernels,_1_policy,_2_threads": [100.0, 900.0, 200.0]}),
        "peers": Rows(order, plain_Python=[1.0, 3.0, 4.0], absent=[float("nan")] * 3),
    }
    monkeypatch.setattr(benchmark, "_made", lambda name, setting: made[name])
    return order


def test_groups_take_turns_and_ratios_are_of_one_round(heard: list[str]) -> None:
    case: Any = SimpleNamespace(name="any")
    rows = measure(case, ["engines", "peers"], futures=8, rounds=3, workers=2)
    assert heard == ["kernels,_1_policy,_2_threads", "plain_Python", "absent"] * 3
    found = {row.name: row for row in rows}
    assert (found["plain Python"].least, found["plain Python"].median, found["plain Python"].most) == (1.0, 3.0, 4.0)
    ratio = found["kernels, 2 threads, by plain Python future"]
    assert (ratio.group, ratio.unit, ratio.values) == ("ratios", "times", [100.0, 300.0, 50.0])
    assert found["absent"].values == []
    assert found["absent"].to_json()["median"] is None


def test_the_command_shows_and_writes_every_row(
    heard: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    to = tmp_path / "bench.json"
    command("two-straits", rounds=3, futures=8, only=["engines", "peers"], to=to)
    shown = capsys.readouterr().out
    content = json.loads(to.read_text())
    assert (content["case"], content["rounds"], content["futures"], content["threads"]) == ("two-straits", 3, 8, 2)
    assert [row["name"] for row in content["rows"]][:2] == ["kernels, 1 policy, 2 threads", "plain Python"]
    for row in content["rows"]:
        assert row["name"] in shown
    assert content["rows"][0]["values"] == [100.0, 900.0, 200.0]


def test_a_group_that_does_not_exist_is_refused() -> None:
    with pytest.raises(UserError, match="--only engine: no such group; did you mean `engines`"):
        command("two-straits", only=["engine"])


def test_a_folder_that_does_not_exist_is_refused_before_anything_is_measured(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="there is no folder"):
        command("two-straits", to=tmp_path / "none" / "bench.json")


def test_an_absent_workbench_is_named_with_its_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ema_workbench", None)
    monkeypatch.setattr(benchmark_peers.FutureModel, "prepare", lambda _: None)
    monkeypatch.setattr(benchmark_peers.Peers, "future", lambda _: None)
    group = benchmark_peers.Peers(Setting(load_case("two-straits"), 8, 1, 2, print))
    plain, *rows = list(group.round())
    assert plain.value > 0
    assert [row.name for row in rows] == ["EMA workbench, sequential", "EMA workbench, multiprocessing"]
    assert all(row.value != row.value and "pip install 'twofront[peers]'" in row.note for row in rows)


def test_no_compiler_is_said_with_its_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(benchmark_peers, "compiler", lambda: None)
    (row,) = benchmark_peers.CPlusPlus(Setting(load_case("two-straits"), 8, 1, 2, print)).round()
    assert row.value != row.value
    assert "install GNU C++" in row.note
