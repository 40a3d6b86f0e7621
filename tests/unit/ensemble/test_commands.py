"""`twofront run` and `twofront verify`: exit codes, and words instead of tracebacks."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from twofront.cli import main


def call(*arguments: str) -> int:
    """Exit code of the command."""
    with pytest.raises(SystemExit) as stop:
        main(arguments)
    code = stop.value.code
    assert isinstance(code, int)
    return code


def test_run_then_verify_then_a_spoilt_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert call("run", "two-straits", "-n", "40", "-p", "reassure", "--no-report", "--quiet") == 0
    assert capsys.readouterr().out.strip() == "runs/two-straits-1"
    run = tmp_path / "runs" / "two-straits-1"
    assert call("verify", str(run)) == 0
    assert "to the last bit" in capsys.readouterr().out
    manifest = json.loads((run / "run.json").read_text())
    manifest["units"][0]["digests"][0] = "0" * 64
    (run / "run.json").write_text(json.dumps(manifest))
    assert call("verify", str(run)) == 1
    told = capsys.readouterr().out
    assert "stored values differ from the manifest in 1 block (futures 0-39)" in told
    assert "evaluated again, other values come out in 1 block" in told


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("-n", "0"), "0 futures asked for"),
        (("-n", "many"), "valid integer"),
        (("--sampling", "sobel"), "did you mean `sobol`"),
        (("-p", "reasure"), "did you mean `reassure`"),
        (("--workers", "0"), "0 workers asked for"),
        (("--until", "0"), "for instance 0.5% or 0.2pp"),
        (("--until", "1%", "--until-for", "any_war_chanse"), "did you mean `any_war_chance`"),
        (("--until-for", "any_war_chance"), "give --until too"),
        (("--out", "taken"), "holds notes.txt and no run"),
    ],
)
def test_bad_input_is_told_and_leaves_nothing(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: tuple[str, ...],
    told: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "notes.txt").touch()
    assert call("run", "two-straits", *arguments) == 2
    error = capsys.readouterr().err
    assert told in error
    assert "Traceback" not in error
    assert sorted(item.name for item in tmp_path.rglob("*")) == ["notes.txt", "taken"]


def test_a_sample_of_a_run_that_stopped_early(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    asked = ("-n", "60", "--sampling", "sobol", "--until", "99%", "-p", "reassure", "--no-report")
    assert call("run", "two-straits", *asked) == 0
    assert "±99% reached after 60 futures; at most 60 were asked for" in capsys.readouterr().out
    run = "runs/two-straits-1"
    assert call("verify", run, "--sample", "1", "--seed", "5") == 0
    told = capsys.readouterr().out
    assert "1 blocks are the same, to the last bit" in told
    assert "compared: 1 of 1 units, drawn with --seed 5" in told
    assert call("verify", run, "--sample", "2") == 2
    assert "2 units asked for; runs/two-straits-1 has 1" in capsys.readouterr().err
    assert call("verify", run, "--seed", "2") == 2
    assert "give --sample too" in capsys.readouterr().err


def test_verify_of_no_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert call("verify", str(tmp_path)) == 2
    assert "holds no run.json" in capsys.readouterr().err
