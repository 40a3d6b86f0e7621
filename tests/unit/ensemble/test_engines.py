"""Threads, processes and Dask give the same rows and the same hash, also when a worker is killed."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import made_up
import pytest
from made_up import FakeRecipe

from twofront.ensemble import store
from twofront.ensemble.engines import open_engine
from twofront.ensemble.engines.cluster import Cluster, open_cluster
from twofront.ensemble.engines.processes import Processes
from twofront.ensemble.opened import Run, RunWarning
from twofront.faults import UserError

FUTURES = 4096 * 4 + 1000


@pytest.fixture
def wanted(run_fake: Callable[..., Run]) -> Run:
    """The run on threads."""
    return run_fake(FUTURES)


@pytest.fixture(scope="module")
def dask(made_up_for_workers: None) -> Generator[Cluster]:
    """Two Dask workers on this machine, each a process."""
    with open_cluster(None, 2) as found:
        yield found


@pytest.fixture(scope="module")
def made_up_for_workers() -> Generator[None]:
    """Lets processes that are started from here find the made-up model."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", ":".join([str(Path(made_up.__file__).parent), *filter(None, sys.path)]))
        yield


def same(run: Run, wanted: Run) -> None:
    """Both have the same hash, rows, inputs, series and counts."""
    assert run.complete
    assert run.hash == wanted.hash
    assert run.frame().equals(wanted.frame())
    assert run.paths is not None
    assert wanted.paths is not None
    assert run.paths.equals(wanted.paths, null_equal=True)
    assert run.manifest["status_counts"] == wanted.manifest["status_counts"]


@pytest.mark.parametrize(("workers", "unit", "block"), [(1, 8192, 999), (2, 4096, None)])
def test_processes_are_the_same(
    run_fake: Callable[..., Run], wanted: Run, workers: int, unit: int, block: int | None
) -> None:
    run = run_fake(FUTURES, engine=Processes(workers), recipe=FakeRecipe(), unit=unit, block=block)
    same(run, wanted)
    assert (run.manifest["engine"], run.manifest["workers"]) == ("processes", workers)


@pytest.mark.parametrize(("unit", "block"), [(8192, 999), (4096, None)])
def test_dask_is_the_same(
    run_fake: Callable[..., Run], wanted: Run, dask: Cluster, unit: int, block: int | None
) -> None:
    run = run_fake(FUTURES, engine=dask, recipe=FakeRecipe(), unit=unit, block=block)
    same(run, wanted)
    assert (run.manifest["engine"], run.manifest["workers"]) == ("dask", 2)


def test_a_killed_process_costs_its_unit_a_second_evaluation(
    run_fake: Callable[..., Run], wanted: Run, tmp_path: Path
) -> None:
    recipe = FakeRecipe(dies_at=9000, mark=tmp_path / "killed")
    with pytest.warns(RunWarning, match=r"a worker process was killed.*8192 to 12287.* is evaluated again"):
        run = run_fake(FUTURES, engine=Processes(2), recipe=recipe, unit=4096)
    assert (tmp_path / "killed").exists()
    same(run, wanted)
    (remark,) = run.manifest["remarks"]
    assert "8192 to 12287" in remark


@pytest.mark.filterwarnings("ignore::twofront.ensemble.opened.RunWarning")
def test_a_unit_that_kills_every_process_is_named(run_fake: Callable[..., Run]) -> None:
    run = run_fake(FUTURES, engine=Processes(2), recipe=FakeRecipe(dies_at=9000), unit=4096)
    assert not run.complete
    (failed,) = run.manifest["failed"]
    assert (failed["lo"], failed["hi"]) == (8192, 12_288)
    assert "the process that evaluates them dies" in failed["error"]
    assert "(3 times)" in failed["error"]
    assert run.ranges == [(0, 4096), (4096, 8192), (12_288, 16_384), (16_384, FUTURES)]


def test_a_killed_dask_worker_loses_nothing(
    run_fake: Callable[..., Run], wanted: Run, dask: Cluster, tmp_path: Path
) -> None:
    recipe = FakeRecipe(dies_at=9000, mark=tmp_path / "killed", seconds_a_block=0.02)
    run = run_fake(FUTURES, engine=dask, recipe=recipe, unit=4096)
    assert (tmp_path / "killed").exists()
    same(run, wanted)


@pytest.mark.parametrize("name", ["processes", "dask"])
def test_a_failed_unit_is_named_by_every_engine(run_fake: Callable[..., Run], dask: Cluster, name: str) -> None:
    engine = dask if name == "dask" else Processes(2)
    run = run_fake(FUTURES, engine=engine, recipe=FakeRecipe(fails_at=5000), unit=4096)
    (failed,) = run.manifest["failed"]
    assert (failed["lo"], failed["hi"]) == (4096, 8192)
    assert "ArithmeticError: no solution" in failed["error"]
    assert len(run.ranges) == 4


@pytest.mark.filterwarnings("ignore::twofront.ensemble.opened.RunWarning")
@pytest.mark.parametrize("name", ["processes", "dask"])
def test_a_disk_that_fills_stops_every_engine(
    run_fake: Callable[..., Run], dask: Cluster, tmp_path: Path, name: str
) -> None:
    from twofront.ensemble.runner import RunStopped

    engine = dask if name == "dask" else Processes(2)
    out = tmp_path / "run"
    part = out / store.FOLDER / store.part_name(8192, 12_288)

    # A folder stands where the third part should be written.
    def block(_: object) -> None:
        part.mkdir(exist_ok=True)

    with pytest.raises(RunStopped, match=r"cannot write \(Is a directory\).*futures kept in .*--resume"):
        run_fake(FUTURES, out=out, engine=_Before(engine, block), recipe=FakeRecipe(), unit=4096)
    assert (out / "run.json").exists()


class _Before:
    """An engine, with something done before it begins."""

    def __init__(self, engine: Any, first: Callable[[object], None]) -> None:
        self.engine, self.first, self.name, self.workers = engine, first, engine.name, engine.workers

    def evaluate(self, job: Any, ready: Any, units: Any, listener: Any) -> None:
        self.first(job)
        self.engine.evaluate(job, ready, units, listener)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("proceses",), "did you mean `processes`"),
        (("threads", 0), "0 workers asked for"),
        (("threads", 1, "tcp://127.0.0.1:1"), "add --engine dask"),
        (("dask", 2, "tcp://127.0.0.1:1"), "a cluster has the workers that it has"),
    ],
)
def test_engines_that_cannot_be(arguments: tuple[Any, ...], told: str) -> None:
    with pytest.raises(UserError, match=told):
        open_engine(*arguments)


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:9", "nonsense://127.0.0.1:9", "127.0.0.1"])
def test_a_scheduler_that_does_not_answer(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from twofront.ensemble.engines import cluster

    monkeypatch.setattr(cluster, "_CONNECT_SECONDS", 1.0)
    began = time.monotonic()
    with (
        pytest.raises(UserError, match=rf"{address}: no Dask scheduler answers within 1 s.*dask scheduler"),
        open_engine("dask", None, address),
    ):
        pass
    assert time.monotonic() - began < 60, "it does not wait for ever"


def test_a_listener_that_is_no_scheduler(monkeypatch: pytest.MonkeyPatch) -> None:
    import socket

    from twofront.ensemble.engines import cluster

    monkeypatch.setattr(cluster, "_CONNECT_SECONDS", 1.0)
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"tcp://127.0.0.1:{server.getsockname()[1]}"
        with pytest.raises(UserError, match="no Dask scheduler answers"), open_engine("dask", None, address):
            pass


OTHER = """
    import sys
    sys.path[:] = [sys.argv[2], *(item for item in sys.path if "twofront" not in item)]
    import asyncio
    from distributed import Worker

    async def serve():
        async with Worker(sys.argv[1], nthreads=1) as worker:
            await worker.finished()

    asyncio.run(serve())
"""


def test_workers_of_another_version_are_refused(tmp_path: Path, made_up_for_workers: None) -> None:
    from distributed import LocalCluster

    from twofront import __version__

    package = tmp_path / "other" / "twofront"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text('__version__ = "0.0.1"\n')
    start: Any = LocalCluster
    with start(n_workers=0, dashboard_address=":0") as cluster:
        command = [sys.executable, "-c", textwrap.dedent(OTHER), cluster.scheduler_address, str(package.parent)]
        worker = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        try:
            told = rf"has twofront 0\.0\.1 with code unknown, and here it is twofront {__version__}"
            with pytest.raises(UserError, match=told), open_engine("dask", None, cluster.scheduler_address):
                pass
        finally:
            worker.kill()
            worker.wait()


def test_a_scheduler_without_workers(made_up_for_workers: None) -> None:
    from distributed import LocalCluster

    start: Any = LocalCluster
    with start(n_workers=0, dashboard_address=":0") as cluster:
        address = cluster.scheduler_address
        with pytest.raises(UserError, match=r"has no workers \(waited 1 s\)"), open_cluster(address, 1, patience=1.0):
            pass


def test_code_that_changed_under_a_worker_is_refused() -> None:
    from twofront.ensemble.engines.worker import OtherVersion, unit_of

    with pytest.raises(OtherVersion, match="where ffffffffffff is asked for"):
        unit_of("f" * 64, b"", 0, 1)


ORPHANS = """
    import os, sys
    sys.path.insert(0, os.path.dirname(sys.argv[1]))
    from made_up import ABOUT, FakeModel, FakeRecipe, FakeSampler
    from twofront.ensemble.engines.processes import Processes
    from twofront.ensemble.folder import claim
    from twofront.ensemble.runner import evaluate_into
    if __name__ == "__main__":
        evaluate_into(
            claim(sys.argv[2], "fake"), FakeModel(), FakeSampler(), 4096 * 50, ABOUT, workers=2, unit=4096, block=512,
            engine=Processes(2), recipe=FakeRecipe(seconds_a_block=0.05),
        )
"""


def test_processes_end_with_who_started_them(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    main = tmp_path / "main.py"
    main.write_text(textwrap.dedent(ORPHANS))
    mark = {"TWOFRONT_TEST": str(tmp_path)}  # what all of its processes have in common
    process = subprocess.Popen([sys.executable, str(main), made_up.__file__, str(folder)], env={**os.environ, **mark})
    deadline = time.monotonic() + 120
    while not store.parts(folder):
        assert process.poll() is None
        assert time.monotonic() < deadline, "no part was written"
        time.sleep(0.02)
    assert len(_with(mark)) >= 3
    process.kill()
    process.wait()
    deadline = time.monotonic() + 30
    while _with(mark) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert _with(mark) == []


def _with(mark: dict[str, str]) -> list[int]:
    """Processes that have this in their environment."""
    import psutil

    found: list[int] = []
    for process in psutil.process_iter():
        try:
            if mark.items() <= process.environ().items() and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process.pid)
        except (psutil.Error, OSError):
            continue  # it has ended meanwhile, or is another user's
    return found
