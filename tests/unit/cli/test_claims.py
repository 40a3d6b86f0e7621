"""``twofront claims`` as somebody types it."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from twofront.case import bundled_cases


def twofront(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "twofront", *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        cwd=cwd,
    )


def test_the_table(tmp_path: Path) -> None:
    done = twofront("claims", "two-straits", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "T1  Corvana makes three times as many shells in a" in done.stdout
    assert "3 claims: 2 supported, 1 needs a run; evidence up to 2030-07-01" in done.stdout
    assert "2029-12-01: same" in done.stdout
    assert "claims about the model need `--run DIR` or `--futures N`" in done.stdout
    assert not list(tmp_path.iterdir()), "nothing is written unless asked for"


def test_files_are_written(tmp_path: Path) -> None:
    done = twofront("claims", "two-straits", "--futures", "60", "--out", "audit", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    folder = tmp_path / "audit"
    assert sorted(path.name for path in folder.iterdir()) == ["claims.html", "claims.json", "claims.md"]
    assert json.loads((folder / "claims.json").read_text(encoding="utf-8"))["case"] == "two-straits"
    assert "60 futures made for the claims, seed 1" in done.stdout


def test_a_day_and_a_struck_source(tmp_path: Path) -> None:
    done = twofront("claims", "two-straits", "--as-of", "2029-11-30", cwd=tmp_path)
    assert "as of 2029-11-30 → now" in done.stdout
    done = twofront("claims", "two-straits", "--without", "S0002", cwd=tmp_path)
    assert "evidence without S0002: 1 rows struck" in done.stdout
    assert "100%" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("nowhere",), "there is no case `nowhere`"),
        (("two-straits", "--list", "others"), "two-straits has no list of claims `others`"),
        (("two-straits", "--run", "missing"), "missing"),
        (("two-straits", "--futures", "-1"), "--futures"),
        (("two-straits", "--as-of", "July"), "`July` is not a day"),
        (("two-straits", "--without", "NOBODY"), "no row of evidence has the id `NOBODY`"),
        (("two-straits", "--grade", "S0001"), "write it like B0003=D"),
    ],
)
def test_bad_input_is_told_without_a_traceback(arguments: tuple[str, ...], said: str, tmp_path: Path) -> None:
    done = twofront("claims", *arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "audit").write_text("a file")
    done = twofront("claims", "two-straits", "--out", "audit", cwd=tmp_path)
    assert done.returncode == 2
    assert "`audit` cannot be written" in done.stderr


def test_all_faults_of_the_claims_at_once(tmp_path: Path) -> None:
    shutil.copytree(bundled_cases()["two-straits"], tmp_path / "case")
    path = tmp_path / "case" / "claims.yaml"
    text = path.read_text(encoding="utf-8")
    text = text.replace("value: S0001 / S0004", "value: S0001 / S0003").replace("share: 0.9", "share: 1.9", 1)
    text = text.replace("against: [S0002]", "against: []", 1).replace("outcome: second_front_chance", "outcome: second")
    path.write_text(text, encoding="utf-8")
    done = twofront("claims", "case", cwd=tmp_path)
    assert done.returncode == 2
    assert "`share` is `1.9`; allowed: at most 1" in done.stderr
    path.write_text(text.replace("share: 1.9", "share: 0.9"), encoding="utf-8")
    done = twofront("claims", "case", cwd=tmp_path)
    assert "not a plain number (`ratio`)" in done.stderr
    assert "there is no evidence against it" in done.stderr
    assert "`second` is not an outcome of this case" in done.stderr
    assert done.stderr.endswith("3 faults\n")


def test_a_case_without_claims(tmp_path: Path) -> None:
    shutil.copytree(bundled_cases()["two-straits"], tmp_path / "case")
    (tmp_path / "case" / "claims.yaml").unlink()
    done = twofront("claims", "case", "--out", "audit", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "has no claims" in done.stdout
    assert (tmp_path / "audit" / "claims.html").exists()
