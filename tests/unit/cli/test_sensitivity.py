"""`twofront sensitivity` as people run it: what it prints, writes and refuses, and how it exits."""

import os
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from twofront.ensemble import Run, run


def twofront(*arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONIOENCODING": "utf-8", "COLUMNS": "100"}
    return subprocess.run(
        [sys.executable, "-m", "twofront", "sensitivity", *arguments],
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=240,
        cwd=cwd,
        env=environment,
    )


@pytest.fixture(scope="module")
def small_run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Some hundred futures of the invented case under one policy."""
    return run("two-straits", 250, [], seed=7, out=tmp_path_factory.mktemp("runs") / "small")


def test_words_on_the_screen_and_files_in_the_run(small_run: Run) -> None:
    done = twofront(str(small_run.folder), "--outcome", "deterrence_margin.corvana.alone")
    assert (done.returncode, done.stderr) == (0, "")
    assert "n = 250 futures" in done.stdout
    assert "skill with" in done.stdout
    for end in ("parquet", "csv", "md", "html"):
        assert (small_run.folder / f"sensitivity.{end}").stat().st_size > 1000
    table = pl.read_parquet(small_run.folder / "sensitivity.parquet")
    assert set(table["outcome"].to_list()) == {"deterrence_margin.corvana.alone"}


def test_a_design_of_a_case_without_a_run(tmp_path: Path) -> None:
    done = twofront("two-straits", "-d", "sobol", "-n", "16", "--by", "grade", "--out", "found", "-q", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.split() == [f"found/sensitivity-sobol.{end}" for end in ("parquet", "csv", "md", "html")]
    assert {"first", "total"} <= set(pl.read_parquet(tmp_path / "found" / "sensitivity-sobol.parquet").columns)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--outcome", "any_war_chanc"), "did you mean `any_war_chance`?"),
        (("--policy", "present_cours"), "did you mean `present_course`?"),
        (("--design", "sobol", "--number", "100"), "powers of 2"),
    ],
)
def test_bad_input_is_told_without_a_traceback(small_run: Run, arguments: tuple[str, ...], message: str) -> None:
    done = twofront(str(small_run.folder), *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr
    assert "Traceback" not in done.stderr
