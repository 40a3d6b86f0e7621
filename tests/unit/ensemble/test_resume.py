"""A run that was ended at any moment goes on and comes out as if nothing had happened."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import made_up
import pytest
from made_up import ABOUT, FakeModel, FakeSampler

from twofront.ensemble import paths, place, store
from twofront.ensemble.convergence import Goal
from twofront.ensemble.folder import reopen
from twofront.ensemble.manifest import FILE
from twofront.ensemble.opened import Run, open_run
from twofront.ensemble.resume import Earlier
from twofront.ensemble.runner import evaluate_into
from twofront.faults import UserError

FUTURES = 4096 * 2 + 1000
MADE_UP = Path(made_up.__file__)


def go_on(folder: Path, model: FakeModel | None = None) -> Run:
    """Finish the run in `folder` with the made-up model."""
    earlier = Earlier(folder)
    earlier.check_code()
    manifest, until = earlier.manifest, earlier.manifest["until"]
    return evaluate_into(
        reopen(folder),
        model or FakeModel(),
        FakeSampler(),
        manifest["futures"] if until is None else until["most_futures"],
        ABOUT,
        workers=2,
        unit=manifest["unit"],
        keep=manifest["outcomes"],
        stock=earlier.stock(),
        goal=None if until is None else Goal.read(until["asked"]),
        watched=manifest["watched"],
    )


BEGIN = """
    import os, signal, sys
    sys.path.insert(0, os.path.dirname(sys.argv[1]))
    from made_up import ABOUT, FakeModel, FakeSampler
    from twofront.ensemble.folder import claim
    from twofront.ensemble.runner import evaluate_into

    def begin(folder, futures, **options):
        return evaluate_into(
            claim(folder, "fake"), FakeModel(**options), FakeSampler(), futures, ABOUT, workers=1, unit=4096, block=1024
        )
"""

AT_EVERY_STEP = """
    # One child a step: it is killed when it touches a file of its run for the n-th time.
    import polars
    from twofront.ensemble.manifest import code_hash
    code_hash()  # once for all children
    top, futures, step = sys.argv[2], int(sys.argv[3]), 0
    while True:
        step += 1
        folder = f"{top}/{step:03d}"
        child = os.fork()
        if child == 0:
            seen = 0

            def hook(event, given):
                global seen
                if event not in ("open", "os.rename", "os.remove", "os.mkdir"):
                    return
                if any(isinstance(item, str) and item.startswith(folder) for item in map(str, given)):
                    seen += 1
                    if seen == step:
                        os.kill(os.getpid(), signal.SIGKILL)

            sys.addaudithook(hook)
            begin(folder, futures)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        if os.WIFEXITED(status):
            assert os.WEXITSTATUS(status) == 0
            break
    print(step)
"""


def script(*texts: str) -> list[str]:
    """A program that has the made-up model."""
    return [sys.executable, "-c", "\n".join(map(textwrap.dedent, texts)), str(MADE_UP)]


@pytest.mark.slow  # some thirty runs, each killed elsewhere; `test_killed_while_it_runs` is there always
@pytest.mark.skipif(os.name != "posix", reason="a process forks and kills itself; only POSIX systems can")
@pytest.mark.filterwarnings("ignore::twofront.ensemble.opened.RunWarning")
def test_killed_at_every_file_operation(run_fake: Callable[..., Run], tmp_path: Path) -> None:
    wanted = run_fake(FUTURES, unit=4096)
    killed = tmp_path / "killed"
    killed.mkdir()
    done = subprocess.run(
        [*script(BEGIN, AT_EVERY_STEP), str(killed), str(FUTURES)],
        check=True,
        capture_output=True,
        text=True,
        timeout=300,
    )
    folders = sorted(killed.iterdir())
    assert len(folders) == int(done.stdout) - 1, "all but the one that was killed before it made its folder"
    begun: list[int] = []
    for folder in folders:
        if not (folder / FILE).exists():
            # Nothing was written yet, and nothing is there to go on with.
            assert store.parts(folder) == []
            with pytest.raises(UserError, match=r"no run here"):
                Earlier(folder)
            continue
        begun.append(len(store.parts(folder)))
        run = go_on(folder)
        assert run.hash == wanted.hash, folder
        assert run.complete
        assert run.outcomes.equals(wanted.outcomes)
        assert run.paths is not None
        assert wanted.paths is not None
        assert run.paths.equals(wanted.paths, null_equal=True)
        assert run.manifest["status_counts"] == wanted.manifest["status_counts"]
        assert [path.name for path in folder.rglob(f"*{place.TEMPORARY}")] == []
    assert set(begun) == {0, 1, 2, 3}, "it was killed before, between and after all parts"


KILLED = """
    begin(sys.argv[2], 4096 * 12, seconds_a_block=0.02)
"""


@pytest.mark.parametrize("parts", [1, 4, 9])
def test_killed_while_it_runs(run_fake: Callable[..., Run], tmp_path: Path, parts: int) -> None:
    folder = tmp_path / "killed"
    process = subprocess.Popen([*script(BEGIN, KILLED), str(folder)])
    deadline = time.monotonic() + 60
    while len(store.parts(folder)) < parts:
        assert process.poll() is None
        assert time.monotonic() < deadline, "no part was written"
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    assert process.wait(timeout=30) == -signal.SIGKILL
    kept = {path.name: path.stat().st_mtime_ns for path in store.parts(folder)}
    assert parts <= len(kept) < 12
    assert not open_run(folder).complete
    run = go_on(folder)
    assert run.hash == run_fake(4096 * 12, unit=4096).hash
    after = {path.name: path.stat().st_mtime_ns for path in store.parts(folder)}
    assert {name: after[name] for name in kept} == kept, "whole parts are not written again"


def spoil_truncated(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-20])


def spoil_missing(path: Path) -> None:
    path.unlink()


def spoil_bit(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def spoil_other_values(path: Path) -> None:
    import pyarrow.parquet as pq

    table = pq.read_table(path)
    place = table.column_names.index("margin")
    values = table.column(place).to_numpy().copy()
    values[7] += 1e-12
    pq.write_table(table.set_column(place, table.schema.field(place), [values]), path)


def spoil_other_run(path: Path) -> None:
    import pyarrow.parquet as pq

    table = pq.read_table(path)
    about = json.loads(table.schema.metadata[b"twofront"]) | {"stamp": "of another run"}
    pq.write_table(table.replace_schema_metadata({"twofront": json.dumps(about)}), path)


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (spoil_truncated, "no Parquet file or is cut short"),
        (spoil_bit, "cannot be read"),
        (spoil_other_values, "its values are not those that were hashed"),
        (spoil_other_run, "it belongs to another run"),
    ],
)
def test_a_spoilt_part_is_named_and_done_again(
    run_fake: Callable[..., Run], spoil: Callable[[Path], None], told: str
) -> None:
    run = run_fake(FUTURES, unit=4096)
    first, second, third = store.parts(run.folder)
    before = first.stat().st_mtime_ns, third.stat().st_mtime_ns
    spoil(second)
    stock = Earlier(run.folder).stock()
    assert list(stock.spoilt) == [second.name]
    assert told in stock.spoilt[second.name]
    assert stock.missing == ((4096, 8192),)
    again = go_on(run.folder)
    assert again.hash == run.hash
    assert again.complete
    assert again.outcomes.equals(run.outcomes)
    assert (first.stat().st_mtime_ns, third.stat().st_mtime_ns) == before


def test_a_missing_part_and_spoilt_paths_are_done_again(run_fake: Callable[..., Run]) -> None:
    run = run_fake(FUTURES, unit=4096)
    series = run.paths
    assert series is not None
    store.parts(run.folder)[2].unlink()
    (run.folder / paths.FILE).write_bytes(b"PAR1")
    stock = Earlier(run.folder).stock()
    assert stock.missing == ((0, 4096), (8192, FUTURES))
    assert "cannot be read" in stock.spoilt[paths.FILE]
    again = go_on(run.folder)
    assert again.hash == run.hash
    assert again.paths is not None
    assert again.paths.equals(series, null_equal=True)


def test_parts_of_another_cut_are_not_mixed_in(run_fake: Callable[..., Run]) -> None:
    run, other = run_fake(4096 * 4, unit=4096), run_fake(4096 * 4, unit=8192)
    part = store.parts(other.folder)[0]
    shutil.copy(part, run.folder / store.FOLDER / part.name)
    stock = Earlier(run.folder).stock()
    assert stock.spoilt == {part.name: "it is no part of this run"}
    again = go_on(run.folder)
    assert again.outcomes.height == 4096 * 4 * 3
    assert again.hash == run.hash


def test_failed_units_are_tried_again(run_fake: Callable[..., Run]) -> None:
    run = run_fake(FUTURES, unit=4096, model=FakeModel(fails_at=5000))
    assert [item["lo"] for item in run.manifest["failed"]] == [4096]
    again = go_on(run.folder)
    assert again.complete
    assert again.hash == run_fake(FUTURES).hash


def test_what_is_not_stored_stays_hashed(run_fake: Callable[..., Run]) -> None:
    whole = run_fake(FUTURES, unit=4096)
    lean = run_fake(FUTURES, unit=4096, keep=["margin"])
    assert lean.hash == whole.hash
    assert lean.outcome_names == ("margin",)
    store.parts(lean.folder)[1].unlink()
    again = go_on(lean.folder)
    assert again.hash == whole.hash
    assert again.outcome_names == ("margin",)


def test_a_run_until_a_goal_stops_where_it_would_have(run_fake: Callable[..., Run]) -> None:
    wanted = run_fake(4096 * 40, until="0.4%", watched=["war_chance"], workers=1)
    run = run_fake(4096 * 40, until="0.4%", watched=["war_chance"], workers=1, keep=["margin"])
    assert run.hash == wanted.hash
    assert run.outcome_names == ("war_chance", "margin"), "what is watched is kept"
    manifest = json.loads((run.folder / FILE).read_text())
    manifest |= {"complete": False, "futures": 4096 * 40, "units": []}
    (run.folder / FILE).write_text(json.dumps(manifest))
    for part in store.parts(run.folder)[2:]:
        part.unlink()
    again = go_on(run.folder)
    assert (again.futures, again.hash) == (wanted.futures, wanted.hash)
    assert again.manifest["convergence"] == wanted.manifest["convergence"]


def test_another_code_is_refused(run_fake: Callable[..., Run]) -> None:
    run = run_fake(100)
    manifest = json.loads((run.folder / FILE).read_text())
    manifest["code_hash"] = "f" * 64
    manifest["versions"]["twofront"] = "0.0.9"
    (run.folder / FILE).write_text(json.dumps(manifest))
    from twofront import __version__

    with pytest.raises(
        UserError, match=rf"begun with twofront 0\.0\.9, code f{{12}}, and this is twofront {__version__}"
    ):
        Earlier(run.folder).check_code()


def test_two_at_a_time_are_refused(tmp_path: Path) -> None:
    told = "another process is writing this run"
    with place.locked(tmp_path), pytest.raises(UserError, match=told), place.locked(tmp_path):
        pass
    with place.locked(tmp_path):
        pass


FULL = """
    import resource
    resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, 60_000))
    from twofront.ensemble.runner import RunStopped
    try:
        begin(sys.argv[2], 4096 * 3)
    except RunStopped as stop:
        print(stop)
        sys.exit(1)
"""


def test_a_system_that_takes_no_more(run_fake: Callable[..., Run], tmp_path: Path) -> None:
    folder = tmp_path / "full"
    whole = run_fake(4096 * 3, unit=4096)
    smallest = min(path.stat().st_size for path in store.parts(whole.folder))
    limit = str(smallest - 1000)
    done = subprocess.run(
        [*script(BEGIN, FULL.replace("60_000", limit)), str(folder)], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 1
    assert "File too large" in done.stdout
    assert "nothing was finished to keep" in done.stdout
    assert not folder.exists()


def test_a_disk_that_fills_keeps_the_run_for_later(
    run_fake: Callable[..., Run], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import errno

    from twofront.ensemble.runner import RunStopped

    force, calls = place._force, 0

    def full(path: Path) -> None:
        nonlocal calls
        calls += "part-" in path.name
        if calls == 2:
            raise OSError(errno.ENOSPC, "No space left on device")
        force(path)

    with monkeypatch.context() as patch:
        patch.setattr(place, "_force", full)
        with pytest.raises(RunStopped, match=r"No space left.*4,096 of 9,192 futures kept.*--resume .* goes on"):
            run_fake(FUTURES, out=tmp_path / "run", unit=4096, workers=1)
    assert [path.name for path in (tmp_path / "run").rglob("*.tmp")] == []
    assert go_on(tmp_path / "run").hash == run_fake(FUTURES).hash


def test_progress_counts_what_was_done_before(run_fake: Callable[..., Run], sampler: Any) -> None:
    from twofront.ensemble.execute import Progress

    run = run_fake(4096 * 4, unit=4096)
    store.parts(run.folder)[3].unlink()
    earlier = Earlier(run.folder)
    seen: list[Progress] = []
    evaluate_into(
        reopen(run.folder),
        FakeModel(seconds_a_block=0.05),
        sampler,
        4096 * 4,
        ABOUT,
        workers=1,
        unit=4096,
        block=512,
        stock=earlier.stock(),
        progress=seen.append,
    )
    assert seen[0].before == 4096 * 3
    assert all(item.done >= item.before for item in seen)
    assert seen[-1].done == 4096 * 4
    assert seen[-1].seconds_left == 0.0
    assert seen[-1].rate < 4096 * 4 / seen[-1].seconds
