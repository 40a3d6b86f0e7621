"""`--resume` of a run of a case: what is asked beside it must be what it was begun with."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

import twofront
from twofront.case import Revision, bundled_cases
from twofront.cli import main
from twofront.ensemble import RunWarning, store
from twofront.faults import UserError

tf: Any = twofront
FUTURES = 4096 + 100


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A run of the smallest case, in two parts."""
    out = tmp_path_factory.mktemp("runs") / "whole"
    return tf.run("two-straits", futures=FUTURES, policies=[], out=out, unit=4096, keep=["core"], seed=3)


@pytest.fixture
def begun(whole: Any, tmp_path: Path) -> Path:
    """The same run, as it is after a kill between its parts."""
    folder = tmp_path / "begun"
    shutil.copytree(whole.folder, folder)
    store.parts(folder)[1].unlink()
    manifest = json.loads((folder / "run.json").read_text())
    manifest |= {"complete": False, "output_hash": None, "units": [], "status_counts": {}}
    (folder / "run.json").write_text(json.dumps(manifest))
    return folder


@pytest.mark.parametrize("engine", ["threads", "processes"])
def test_it_comes_out_the_same(whole: Any, begun: Path, engine: str) -> None:
    first = store.parts(begun)[0].stat().st_mtime_ns
    run = tf.run(resume=begun, engine=engine, workers=1)
    assert run.complete
    assert run.hash == whole.hash
    assert run.outcomes.equals(whole.outcomes)
    assert run.manifest["status_counts"] == whole.manifest["status_counts"]
    assert store.parts(begun)[0].stat().st_mtime_ns == first
    for word in ("seed", "case_hash", "policies", "outcomes", "hashed_outcomes", "stamp", "units", "convergence"):
        assert run.manifest[word] == whole.manifest[word]


def test_what_is_complete_says_so(whole: Any) -> None:
    before = (whole.folder / "run.json").read_bytes()
    with pytest.warns(RunWarning, match="is complete; nothing is left to do"):
        run = tf.run("two-straits", resume=whole.folder, seed=3, futures=FUTURES, policies=[], keep=["core"])
    assert run.hash == whole.hash
    assert (whole.folder / "run.json").read_bytes() == before


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"seed": 4}, "was begun with seed 3, and 4 is given; leave it out to go on"),
        ({"case": "rutte-2025"}, r"begun with the case two-straits \(\w{12}\), and rutte-2025 \(\w{12}\) is given"),
        ({"futures": 5000}, "was begun with futures 4,196, and 5,000 is given"),
        ({"policies": ["reassure"]}, "was begun with policies .*, and .*reassure is given"),
        ({"keep": ["all"]}, "was begun with outcomes .* is given"),
        ({"sampling": "sobol"}, "was begun with sampling random, and sobol is given"),
        ({"until": "1%"}, "was begun with until none, and 1% is given"),
        ({"unit": 8192}, "was begun with units of futures 4,096, and 8,192 is given"),
        ({"fixed": {"x": 1.0}}, "was begun with fixed parameters none, and x=1.0 is given"),
        ({"revision": Revision(as_of="2025-01-01")}, "was begun with the revision none"),
        ({"out": "elsewhere"}, "a run is resumed where it is; leave out --out"),
        ({"force": True}, "leave out --force"),
    ],
)
def test_what_it_was_not_begun_with_is_refused(begun: Path, given: dict[str, Any], told: str) -> None:
    before = sorted(path.name for path in begun.rglob("*"))
    with pytest.raises(UserError, match=told):
        tf.run(**{"case": None, "resume": begun} | given)
    assert sorted(path.name for path in begun.rglob("*")) == before


def test_a_case_that_changed_is_refused(begun: Path) -> None:
    manifest = json.loads((begun / "run.json").read_text())
    (begun / "run.json").write_text(json.dumps(manifest | {"case_hash": "0" * 64}))
    with pytest.raises(UserError, match=r"begun with the case two-straits as 0{12}, and it is \w{12} now; restore"):
        tf.run(resume=begun)


def test_a_case_that_moved_is_given(whole: Any, begun: Path, tmp_path: Path) -> None:
    manifest = json.loads((begun / "run.json").read_text())
    (begun / "run.json").write_text(json.dumps(manifest | {"case_source": "/nowhere/two-straits"}))
    with pytest.raises(UserError, match="nowhere/two-straits"):
        tf.run(resume=begun)
    shutil.copytree(bundled_cases()["two-straits"], tmp_path / "moved")
    assert tf.run(tmp_path / "moved", resume=begun).hash == whole.hash


def call(*arguments: str) -> int:
    """Exit code of the command."""
    with pytest.raises(SystemExit) as stop:
        main(arguments)
    assert isinstance(stop.value.code, int)
    return stop.value.code


def test_the_command(whole: Any, begun: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spoilt = store.parts(begun)[0]
    spoilt.write_bytes(spoilt.read_bytes()[:-10])
    assert call("run", "--resume", str(begun), "--no-report") == 0
    told = capsys.readouterr()
    assert f"{spoilt.name}: done again, since it is no Parquet file or is cut short" in told.err
    assert f"output hash {whole.hash[:16]}" in told.out
    assert "outcomes kept, all hashed" in told.out
    assert call("run", "--resume", str(begun), "--seed", "7") == 2
    assert "was begun with seed 3, and 7 is given" in capsys.readouterr().err
    assert call("run", "--resume", str(begun), "--no-report", "--quiet") == 0
    assert "is complete; nothing is left to do" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--resume", "nowhere"), "nowhere: no run here, since the folder does not exist"),
        (("--resume", "."), "no run here, since the folder holds no run.json"),
        ((), "no case given"),
        (("two-straits", "--engine", "dsk"), "did you mean `dask`"),
        (("two-straits", "--scheduler", "tcp://127.0.0.1:9"), "add --engine dask"),
        (("two-straits", "--out", "s33://bucket/run"), "did you mean `s3://`"),
        (("two-straits", "--keep", "any_war_chanse"), "did you mean `any_war_chance`"),
        (("two-straits", "--out", "memory://run", "--engine", "processes"), "lies in the memory of this process"),
    ],
)
def test_bad_input_is_told(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: tuple[str, ...],
    told: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert call("run", *arguments) == 2
    error = capsys.readouterr().err
    assert told in error
    assert "Traceback" not in error
    assert list(tmp_path.iterdir()) == []
