"""`twofront discover` on a small run: what it writes, and how it refuses."""

from pathlib import Path

import polars as pl
import pytest

from twofront.analyse.study import Study
from twofront.cli import main
from twofront.ensemble import run as run_case

WHERE = "top(any_war_chance, 0.25)"
FILES = [
    "discover.parquet",
    "discover.csv",
    "discover-trajectory.parquet",
    "discover-trajectory.csv",
    "discover.md",
    "discover.html",
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of 300 futures of the invented case under two policies."""
    return run_case("two-straits", 300, None, seed=1, out=tmp_path_factory.mktemp("discover") / "run").folder


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    """Exit code and streams."""
    with pytest.raises(SystemExit) as stop:
        main(["discover", *arguments])
    streams = capsys.readouterr()
    return int(stop.value.code or 0), streams.out, streams.err


def test_what_it_says_and_writes(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = told(capsys, str(folder), "--where", WHERE, "--out", str(tmp_path))
    assert (code, err) == (0, "")
    assert f"# Scenario discovery: {WHERE}" in out
    assert "75 of 300 futures (25.0%) meet it" in out
    assert "95% interval" in out
    assert "judged by the box found in the other 9 tenths" in out
    assert "random halves" in out
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(FILES)
    limits = pl.read_parquet(tmp_path / "discover.parquet")
    assert limits.height == pl.read_csv(tmp_path / "discover.csv").height >= 1
    assert limits["n"].unique().to_list() == [300]
    assert limits["interest"].unique().to_list() == [75]
    assert set(limits["input"]) <= set(Study.of(folder).inputs)
    trajectory = pl.read_parquet(tmp_path / "discover-trajectory.parquet")
    assert trajectory.row(0, named=True)["futures"] == 300
    assert trajectory.filter("chosen").height == 1
    page = (tmp_path / "discover.html").read_text(encoding="utf-8")
    assert "Every box on the way" in page
    assert "https://" not in page.split('id="specs"')[0].split("<style>")[0]
    assert (tmp_path / "discover.md").read_text(encoding="utf-8").rstrip() == out.split("\nwrote ")[0].rstrip()


def test_it_writes_into_the_run_and_says_only_where(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = told(capsys, str(folder), "--where", WHERE, "--quiet")
    assert code == 0
    assert out.split() == [str(folder / name) for name in FILES]
    first = (folder / "discover.csv").read_bytes()
    told(capsys, str(folder), "--where", WHERE, "--quiet")
    assert (folder / "discover.csv").read_bytes() == first


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--where", "any_war_chanc > 0.1"], "no outcome `any_war_chanc`; did you mean `any_war_chance`?"),
        (["--where", "any_war_chance > 1"], "no future meets `any_war_chance > 1` (300 futures; any_war_chance goes"),
        (["--where", "any_war_chance >= 0"], "every future meets"),
        (["--where", "top(any_war_chance, 0.03)"], "needs at least 20 futures that meet"),
        (["--where", "change(any_war_chance) > 0"], "so it needs another policy (--policy NAME"),
        (["--where", WHERE, "--policy", "nobody"], "no policy `nobody`"),
        (["--where", WHERE, "--without", "anchr.*"], "no input `anchr.*`"),
        (["--where", "any_war_chance >"], "not a condition"),
        (["--where", WHERE, "--density", "1.2"], "density 1.2: give a share above 0 and up to 1"),
        (["--where", WHERE, "--most-inputs", "-1"], "--most-inputs"),
    ],
)
def test_bad_input_is_refused_without_a_traceback(
    folder: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    code, out, err = told(capsys, str(folder), *arguments)
    assert (code, out) == (2, "")
    assert said in err
    assert "Traceback" not in err


def test_a_folder_that_is_no_run_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = told(capsys, str(tmp_path / "nothing"))
    assert (code, out) == (2, "")
    assert "no run here" in err


def test_a_folder_that_cannot_be_written_is_refused(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = told(capsys, str(folder), "--where", WHERE, "--out", str(folder / "run.json"))
    assert code == 2
    assert "cannot be written" in err
