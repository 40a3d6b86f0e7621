"""``twofront evidence`` as people run it, and the run it takes its movements from."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from twofront.case import bundled_cases
from twofront.ensemble import run
from twofront.ensemble.folder import newest


def twofront(*arguments: str, cwd: Path | None = None, columns: int = 100) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONIOENCODING": "utf-8", "COLUMNS": str(columns)}
    return subprocess.run(
        [sys.executable, "-m", "twofront", *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        cwd=cwd,
        env=environment,
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a small run of the invented case under `runs`."""
    folder = tmp_path_factory.mktemp("work")
    run("two-straits", 40, ["build_up"], 3, folder / "runs" / "two-straits-1")
    return folder


def test_a_parameter_is_told_whole(folder: Path) -> None:
    done = twofront("evidence", "two-straits", "shell_capacity.corvana", cwd=folder)
    assert (done.returncode, done.stderr) == (0, "")
    lines = " ".join(done.stdout.split())
    for words in (
        "shell_capacity.corvana: a parameter of two-straits",
        "judgement: between both yearbooks",
        "S0001 1,200,000 round/year 2029",
        "https://example.org/yearbook",
        "against shell_capacity.corvana",
        "claim T1",
        "capacity of shell/corvana",
        "read by industry.input: ",
        "second_front_chance (",
        "Conflicts by rule (1)",
        "S0002 S0001",
        "second_front_chance: median ",
        "any_war_chance: median ",
        "n = 4 and 4",
        "runs/two-straits-1 (40 futures)",
    ):
        assert words in lines, words
    assert max(len(line) for line in done.stdout.splitlines()) <= 100


def test_without_a_run_it_says_how_to_get_one(tmp_path: Path) -> None:
    done = twofront("evidence", "two-straits", "gdp.corvana", cwd=tmp_path)
    assert done.returncode == 0
    assert "`twofront run two-straits` makes one" in done.stdout
    assert "median" not in done.stdout


def test_the_whole_case(tmp_path: Path) -> None:
    done = twofront("evidence", "two-straits", cwd=tmp_path)
    assert done.returncode == 0
    assert "6  rows of 3 sources (0 A, 1 B, 5 C, 0 D" in done.stdout
    assert "1  conflicts between comparable rows" in done.stdout
    told = json.loads(twofront("evidence", "rutte-2025", "--json", cwd=tmp_path).stdout)
    assert told["rows"] == sum(told["grades"].values())
    assert told["stale_before"] == "2025-11-30"
    assert len(told["unused"]) == len(set(told["unused"]))
    assert ["B0052", "B0051"] in [pair["ids"] for pair in told["conflicts"]]
    assert ["A01316", "A01475"] in [pair["ids"] for pair in told["not_comparable"]]


def test_for_a_program(folder: Path) -> None:
    done = twofront("evidence", "two-straits", "S0002", "--json", cwd=folder)
    told = json.loads(done.stdout)
    assert told["kind"] == "row"
    assert [row["id"] for row in told["rows"]] == ["S0002"]
    (parameter,) = told["parameters"]
    assert {use["kind"] for use in told["rows"][0]["used_by"]} == {"parameter", "contrary", "claim"}
    assert [each["outcome"] for each in parameter["headline"]] == ["second_front_chance", "any_war_chance"]
    assert all(each["n_low"] == each["n_high"] == 4 for each in parameter["headline"])
    assert all(0 <= each[end] <= 1 for each in parameter["headline"] for end in ("low", "high"))
    assert "industry.input" in [each["law"] for each in parameter["read_by"]]
    assert "any_war_chance" in parameter["outcomes"]
    assert told["run"]["futures"] == 40
    assert told["run"]["same_case"] is True


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("corvana", "Corvana: shells made in a year"),
        ("shells made in a year", "S0001"),
        ("round/month", "S0002"),
        ("yearbook", "Parameters (2)"),
        ("capacity", "a quantity of the model"),
    ],
)
def test_other_names(tmp_path: Path, name: str, words: str) -> None:
    done = twofront("evidence", "two-straits", name, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert words in " ".join(done.stdout.split())


def test_what_was_public_on_a_day(tmp_path: Path) -> None:
    done = twofront("evidence", "two-straits", "--as-of", "2029-11-30", "--json", cwd=tmp_path)
    told = json.loads(done.stdout)
    assert told["revision"] == "as of 2029-11-30"
    assert told["rows"] == 4
    assert told["struck"] == ["S0002", "S0003"]
    assert told["stale_before"] == "2028-11-30"


def test_a_source_may_be_struck(tmp_path: Path) -> None:
    done = twofront("evidence", "two-straits", "shell_capacity.corvana", "--without", "S0001", cwd=tmp_path)
    assert done.returncode == 0
    assert "revised: without S0001" in done.stdout
    assert "What supports it (1)" in done.stdout
    assert "1,200,000 round/year" not in done.stdout


def test_brackets_and_colons_are_shown_as_they_are(tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    shutil.copytree(bundled_cases()["two-straits"], folder)
    rows = folder / "evidence.csv"
    text = rows.read_text(encoding="utf-8")
    assert "The invented yearbook of industry" in text
    rows.write_text(text.replace("The invented yearbook of industry", "[bold]Yearbook[/] :ship:"), encoding="utf-8")
    done = twofront("evidence", str(folder), "S0001", cwd=tmp_path)
    assert done.returncode == 0
    assert "[bold]Yearbook[/] :ship:" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["two-straits", "shell_capacity.corvan"], "did you mean `shell_capacity.corvana`?"),
        (["two-straits", "S001"], "did you mean `S0001`?"),
        (["two-straits", "gdp.corvana", "--run", "nowhere"], "nowhere: no run here"),
        (["two-straits", "gdp.corvana", "--as-of", "July"], "`July` is not a day"),
        (["two-straits", "--without", "S001"], "did you mean `S0001`?"),
    ],
)
def test_bad_input(tmp_path: Path, arguments: list[str], words: str) -> None:
    done = twofront("evidence", *arguments, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_a_run_of_another_case_is_refused(folder: Path) -> None:
    done = twofront("evidence", "rutte-2025", "gdp.china", "--run", "runs/two-straits-1", cwd=folder)
    assert done.returncode == 2
    assert "a run of `two-straits`, not of `rutte-2025`" in done.stderr


def test_the_newest_run_of_the_case_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert newest("two-straits") is None
    run("two-straits", 10, ["build_up"], 1, "runs/older")
    run("two-straits", 10, ["build_up"], 2, "runs/newer")
    past = time.time() - 100
    os.utime("runs/older/run.json", (past, past))
    Path("runs/broken").mkdir()
    Path("runs/broken/run.json").write_text("{")
    assert newest("two-straits") == Path("runs/newer")
    assert newest("rutte-2025") is None
