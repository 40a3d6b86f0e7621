"""`compare`, `flip` and `export` as people run them: what they write, and what they answer to bad input."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from twofront.ensemble import Run, run


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return run("two-straits", 120, seed=1, out=tmp_path_factory.mktemp("commands") / "run")


def twofront(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "twofront", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, env={**os.environ, "COLUMNS": "100"}, check=False)


def test_compare_writes_its_files_and_says_what_they_say(made: Run) -> None:
    found = twofront("compare", made.folder, "--prior", "any_war_chance=mean:0.3")
    assert found.returncode == 0, found.stderr
    assert "5 policies over the same futures, n = 120 futures." in found.stdout
    assert "Warning: only" in found.stdout  # 120 futures are few under any weights
    for ending in ("parquet", "csv", "md", "html"):
        path = made.folder / f"compare.{ending}"
        assert str(path) in found.stdout
        assert path.stat().st_size > 0
    quiet = twofront("compare", made.folder, "--quiet", "--outcome", "any_war_chance")
    assert [Path(line).suffix for line in quiet.stdout.split()] == [".parquet", ".csv", ".md", ".html"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("compare", "--outcome", "any_war_chanse"), "did you mean `any_war_chance`"),
        (("compare", "--threshold", "any_war_chance=9"), "every future meets it"),
        (("compare", "--threshold", "any_war_chance"), "write NAME=LEVEL"),
        (("compare", "--prior", "any_war_chance=2..3"), "no future has `any_war_chance` between 2 and 3"),
        (("compare", "--prior", "any_war_chance"), "write NAME=LOW..HIGH"),
        (("flip",), "needs at least 1,000 futures; there are 120"),
        (("flip", "--claim", "C99"), "no claim C99"),
        (("export",), "say for which tool: --ema or --wasm"),
        (("export", "--ema", "--wasm"), "say for which tool: --ema or --wasm"),
        (("export", "--wasm", "--futures", "0"), "give a number of at least 1"),
        (("export", "--ema", "--outcome", "nothing"), "no outcome `nothing`"),
    ],
)
def test_bad_input_is_told_without_a_traceback(made: Run, arguments: tuple[str, ...], words: str) -> None:
    found = twofront(arguments[0], made.folder, *arguments[1:])
    assert found.returncode == 2, found.stderr
    assert words in found.stderr
    assert "Traceback" not in found.stderr


@pytest.mark.parametrize("command", ["compare", "flip", "export"])
def test_a_folder_that_is_no_run(tmp_path: Path, command: str) -> None:
    found = twofront(command, tmp_path, *(["--ema"] if command == "export" else []))
    assert found.returncode == 2
    assert "Traceback" not in found.stderr


def test_a_place_that_takes_no_model(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    found = twofront("export", "two-straits", "--wasm", "--out", tmp_path / "file")
    assert found.returncode == 2, found.stderr
    assert "cannot be written" in found.stderr
    assert "Traceback" not in found.stderr


def test_a_model_of_no_case(made: Run) -> None:
    found = twofront("export", made.folder, "--wasm")
    assert found.returncode == 2, found.stderr
    assert "case.yaml" in found.stderr
    assert "Traceback" not in found.stderr


def test_a_machine_without_node_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    found = twofront("bench", "two-straits", "--wasm")
    assert found.returncode == 2, found.stderr
    assert "install Node" in found.stderr
    assert "Traceback" not in found.stderr
