"""What a run folder holds, and what is never lost or overwritten."""

from __future__ import annotations

import errno
import json
import os
import re
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import made_up
import numpy as np
import polars as pl
import pyarrow.parquet as pq
import pytest

from twofront.ensemble import store
from twofront.ensemble.execute import Progress
from twofront.ensemble.folder import claim
from twofront.ensemble.opened import Run, RunWarning, open_run
from twofront.ensemble.runner import RunStopped, evaluate_into
from twofront.faults import UserError


def test_rows_are_the_results(run_fake: Callable[..., Run], sampler: Any, fake_model: Any) -> None:
    run = run_fake(5000)
    draws = sampler.draw(0, 5000)
    results = fake_model().evaluate(draws.values, draws.structures)
    table = pl.read_parquet(run.folder / "futures.parquet" / "*.parquet")
    assert table.columns == [
        *("future", "policy", "in.pull", "in.push", "structure.law", "status", "weight.base"),
        *("war_chance", "margin"),
    ]
    assert table.height == 5000 * 3
    assert table["future"].to_list() == list(np.repeat(np.arange(5000), 3))
    assert table["policy"].cast(pl.String).to_list()[:4] == [
        *("present_course", "restraint", "deterrence"),
        "present_course",
    ]
    for column, row in (("in.pull", 0), ("in.push", 1)):
        np.testing.assert_array_equal(table[column].to_numpy(), np.repeat(draws.values[row], 3))
    laws = np.array(["first", "second", "third"])[draws.structures[0].astype(int)]
    assert table["structure.law"].cast(pl.String).to_list() == list(np.repeat(laws, 3))
    statuses = np.array(["ok", "undefined"])[results.status.T.reshape(-1)]
    assert table["status"].cast(pl.String).to_list() == list(statuses)
    for index, name in enumerate(("war_chance", "margin")):
        np.testing.assert_array_equal(table[name].to_numpy(), results.outcomes[:, index].T.reshape(-1))
    assert (table["weight.base"] == 1.0).all()


def test_the_data_frame_is_the_same_rows(run_fake: Callable[..., Run]) -> None:
    run = run_fake(5000)
    frame = open_run(run.folder).outcomes
    raw = pl.read_parquet(run.folder / "futures.parquet" / "*.parquet")
    assert frame.columns == [name for name in run.columns if not name.startswith("in.")]
    assert frame["margin"].equals(raw["margin"])
    assert frame["policy"].dtype == pl.Enum(run.policies)
    assert run.frame(["in.push", "margin"]).columns == ["in.push", "margin"]


def test_manifest_counts_what_happened(run_fake: Callable[..., Run], sampler: Any) -> None:
    run = run_fake(5000)
    small = int((sampler.draw(0, 5000).values[1] < 0.1).sum())
    manifest = json.loads((run.folder / "run.json").read_text())
    assert manifest["schema"] == 1
    assert manifest["complete"] is True
    for policy in run.policies:
        assert manifest["status_counts"][policy] == {"ok": 5000 - small, "undefined": small}
    assert {"numpy", "llvmlite", "python", "twofront"} <= set(manifest["versions"])
    assert re.fullmatch("[0-9a-f]{64}", manifest["code_hash"])
    assert re.fullmatch("[0-9a-f]{64}", manifest["output_hash"])


def test_unknown_column_names_the_nearest(run_fake: Callable[..., Run]) -> None:
    with pytest.raises(UserError, match="did you mean `margin`"):
        run_fake(10).frame(["margn"])


def test_a_run_is_not_overwritten(run_fake: Callable[..., Run], tmp_path: Path) -> None:
    run = run_fake(100, out=tmp_path / "mine")
    before = (run.folder / "run.json").read_bytes()
    with pytest.raises(UserError, match="already holds a run; add --force"):
        run_fake(200, out=tmp_path / "mine")
    assert (run.folder / "run.json").read_bytes() == before
    assert run_fake(200, out=tmp_path / "mine", force=True).futures == 200
    assert open_run(run.folder).ranges == [(0, 200)]


def test_force_takes_only_a_run_away(run_fake: Callable[..., Run], tmp_path: Path) -> None:
    run = run_fake(100, out=tmp_path / "mine")
    (run.folder / "notes.txt").write_text("keep me")
    run_fake(100, out=tmp_path / "mine", force=True)
    assert (run.folder / "notes.txt").read_text() == "keep me"


def test_a_folder_with_something_else_is_left_alone(run_fake: Callable[..., Run], tmp_path: Path) -> None:
    (tmp_path / "thesis.docx").touch()
    for force in (False, True):
        with pytest.raises(UserError, match=r"holds thesis\.docx and no run"):
            run_fake(100, out=tmp_path, force=force)
    assert [item.name for item in tmp_path.iterdir()] == ["thesis.docx"]


def test_a_file_is_not_a_folder(run_fake: Callable[..., Run], tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UserError, match="is a file"):
        run_fake(100, out=tmp_path / "file")
    with pytest.raises(UserError, match="cannot write a run here"):
        run_fake(100, out=tmp_path / "file" / "below")


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="the superuser may write anywhere")
def test_a_folder_that_may_not_be_written(run_fake: Callable[..., Run], tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(UserError, match="cannot write a run here"):
        run_fake(100, out=tmp_path / "run")


def test_runs_are_numbered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    names = [claim(None, "fake").path.as_posix() for _ in range(3)]
    assert names == ["runs/fake-1", "runs/fake-2", "runs/fake-3"]


def test_a_failed_unit_is_named_and_the_others_are_kept(run_fake: Callable[..., Run], fake_model: Any) -> None:
    run = run_fake(12_000, model=fake_model(fails_at=5000), unit=4096, block=512)
    assert not run.complete
    assert run.hash is None
    assert run.ranges == [(0, 4096), (8192, 12_000)]
    (failed,) = run.manifest["failed"]
    assert (failed["lo"], failed["hi"]) == (4096, 8192)
    assert "ArithmeticError: no solution" in failed["error"]
    assert run.outcomes.height == (4096 + 3808) * 3


def test_a_corrupt_part_is_named_and_nothing_else_is_lost(run_fake: Callable[..., Run]) -> None:
    run = run_fake(12_000, unit=4096)
    spoilt = store.parts(run.folder)[1]
    spoilt.write_bytes(spoilt.read_bytes()[:1000])
    with pytest.warns(RunWarning, match=r"part-000004096-000008192\.parquet: left out.*4096 to 8191"):
        opened = open_run(run.folder)
    assert list(opened.damaged) == [spoilt.name]
    assert not opened.complete
    assert opened.outcomes.height == (12_000 - 4096) * 3


def test_damage_within_a_part_is_found_on_reading(run_fake: Callable[..., Run]) -> None:
    run = run_fake(12_000, unit=4096)
    spoilt = store.parts(run.folder)[0]
    where = pq.read_metadata(spoilt).row_group(0).column(2)
    with spoilt.open("r+b") as file:
        file.seek(where.data_page_offset)
        file.write(b"\xff" * 200)
    opened = open_run(run.folder)
    with pytest.warns(RunWarning, match="left out, since it cannot be read"):
        assert opened.frame(["in.pull"]).height == (12_000 - 4096) * 3
    assert list(opened.damaged) == [spoilt.name]


def test_a_missing_part_is_named(run_fake: Callable[..., Run]) -> None:
    run = run_fake(12_000, unit=4096)
    store.parts(run.folder)[2].unlink()
    with pytest.warns(RunWarning, match="left out, since it is missing"):
        assert open_run(run.folder).ranges == [(0, 4096), (4096, 8192)]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('{"schema": 1,', "not JSON"),
        ('{"schema": 2}', "schema 2 found, 1 understood"),
        ("[]", "schema none found"),
        ('{"schema": 1}', "case, seed"),
    ],
)
def test_a_manifest_that_cannot_be_read(run_fake: Callable[..., Run], text: str, told: str) -> None:
    run = run_fake(10)
    (run.folder / "run.json").write_text(text)
    with pytest.raises(UserError, match=told):
        open_run(run.folder)


def test_no_run_here(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"holds no run\.json"):
        open_run(tmp_path)
    with pytest.raises(UserError, match="does not exist"):
        open_run(tmp_path / "nowhere")


def test_a_full_disk_keeps_what_is_written(
    run_fake: Callable[..., Run], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    whole = store.write_table

    def full(table: Any, path: Path, **options: Any) -> None:
        if "part-000008192" in path.name:
            path.with_name(path.name + ".tmp").write_bytes(b"half")
            raise OSError(errno.ENOSPC, "No space left on device")
        whole(table, path, **options)

    monkeypatch.setattr(store, "write_table", full)
    with pytest.raises(RunStopped, match=r"No space left on device.*8,192 of 40,960 futures kept.*free some") as caught:
        run_fake(40_960, out=tmp_path / "run", unit=4096, workers=1)
    kept = caught.value.run
    assert kept is not None
    assert not kept.complete
    assert kept.ranges == [(0, 4096), (4096, 8192)]
    assert kept.outcomes.height == 8192 * 3


def test_a_part_is_whole_or_absent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(_table: Any, path: Path, **_options: Any) -> None:
        Path(path).write_bytes(b"half")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(pq, "write_table", breaks)
    with pytest.raises(OSError, match="No space"):
        store.write_table(None, tmp_path / "part.parquet", floats=(), texts=())
    assert list(tmp_path.iterdir()) == []


def test_nothing_finished_leaves_nothing_behind(
    run_fake: Callable[..., Run], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def full(*_arguments: Any, **_options: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(store, "write_table", full)
    with pytest.raises(RunStopped, match="nothing was finished") as caught:
        run_fake(4096, out=tmp_path / "run")
    assert caught.value.run is None
    assert not (tmp_path / "run").exists()


INTERRUPTED = """
    import importlib.util, sys
    from pathlib import Path
    spec = importlib.util.spec_from_file_location("fakes", sys.argv[1])
    fakes = importlib.util.module_from_spec(spec)
    sys.modules["fakes"] = fakes
    spec.loader.exec_module(fakes)
    from twofront.ensemble.folder import claim
    from twofront.ensemble.runner import RunInterrupted, evaluate_into
    model = fakes.FakeModel(seconds_a_block=0.02)
    try:
        evaluate_into(
            claim(sys.argv[2], "fake"), model, fakes.FakeSampler(), 4096 * 200, fakes.ABOUT,
            workers=2, unit=4096, block=512,
        )
    except RunInterrupted as stop:
        print(stop)
        print("kept", len(stop.run.ranges) if stop.run else 0)
        sys.exit(130)
"""


def test_ctrl_c_keeps_finished_parts(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(INTERRUPTED), made_up.__file__, str(folder)],
        stdout=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + 60
    while len(store.parts(folder)) < 3:
        assert process.poll() is None
        assert time.monotonic() < deadline, "no part was written"
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    told, _ = process.communicate(timeout=30)
    assert process.returncode == 130
    kept = open_run(folder)
    assert f"kept {len(kept.ranges)}" in told
    assert len(kept.ranges) >= 3
    assert re.search(r"interrupted; [\d,]+ of 819,200 futures kept in", told)
    assert not kept.complete
    assert kept.hash is None
    assert kept.outcomes.height == sum(hi - lo for lo, hi in kept.ranges) * 3
    assert [path for path in folder.rglob("*") if path.suffix == ".tmp"] == []
    # What was kept is what an undisturbed run has there.
    digests = [digest for unit in kept.manifest["units"] for digest in unit["digests"]]
    assert [digest for part in kept.recomputed_digests().values() for digest in part] == digests


def test_progress_ends_at_the_end(sampler: Any, fake_model: Any, tmp_path: Path) -> None:
    seen: list[Progress] = []
    folder = claim(tmp_path / "run", "fake")
    about = {"case": "fake", "case_hash": "0", "case_source": "fake", "seed": 1}
    model = fake_model(seconds_a_block=0.05)
    evaluate_into(folder, model, sampler, 5000, about, workers=2, block=512, progress=seen.append)
    assert [item.done for item in seen] == sorted(item.done for item in seen)
    assert seen[-1].done == 5000
    assert seen[-1].seconds_left == 0.0
    assert any(0 < item.done < 5000 for item in seen)
