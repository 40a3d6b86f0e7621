"""Runs behind URLs, and what is said of those that cannot be used."""

from __future__ import annotations

import errno
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import pytest

import twofront
from twofront.ensemble import place, store
from twofront.ensemble.folder import claim
from twofront.ensemble.opened import Run, open_run
from twofront.ensemble.place import place_of, replace_whole, write_text
from twofront.faults import UserError

tf: Any = twofront


@pytest.fixture
def memory() -> Generator[str]:
    """A URL in this process's memory, emptied afterwards."""
    from fsspec.implementations.memory import MemoryFileSystem

    yield "memory://runs/mine"
    MemoryFileSystem.store.clear()
    MemoryFileSystem.pseudo_dirs[:] = [""]


def test_a_run_behind_a_url_is_the_same(run_fake: Callable[..., Run], memory: str) -> None:
    wanted, run = run_fake(10_000, unit=4096), run_fake(10_000, out=memory, unit=4096)
    assert run.hash == wanted.hash
    again = open_run(memory)
    assert again.complete
    assert again.outcomes.equals(wanted.outcomes)
    assert again.frame(["in.push"]).equals(wanted.frame(["in.push"]))
    assert again.paths is not None
    assert wanted.paths is not None
    assert again.paths.equals(wanted.paths, null_equal=True)
    assert str(again.folder) == memory


def test_a_run_behind_a_url_is_not_overwritten(run_fake: Callable[..., Run], memory: str) -> None:
    run_fake(100, out=memory)
    with pytest.raises(UserError, match="already holds a run; add --force"):
        run_fake(200, out=memory)
    assert run_fake(200, out=memory, force=True).futures == 200
    assert open_run(memory).ranges == [(0, 200)]


def test_a_run_behind_a_url_goes_on(run_fake: Callable[..., Run], memory: str) -> None:
    from made_up import ABOUT, FakeModel, FakeSampler

    from twofront.ensemble.folder import reopen
    from twofront.ensemble.resume import Earlier
    from twofront.ensemble.runner import evaluate_into

    run = run_fake(10_000, out=memory, unit=4096)
    store.parts(run.folder)[1].unlink()
    (cut,) = [path for path in store.parts(run.folder) if store.part_range(path)[0] == 8192]
    cut.write_bytes(cut.read_bytes()[:500])
    earlier = Earlier(memory)
    stock = earlier.stock()
    assert [store.part_name(*unit) for unit in stock.missing] == [store.part_name(4096, 8192), cut.name]
    assert list(stock.spoilt) == [cut.name]
    again = evaluate_into(
        reopen(earlier.folder), FakeModel(), FakeSampler(), 10_000, ABOUT, workers=2, unit=4096, stock=stock
    )
    assert again.hash == run.hash


def test_a_file_url_is_a_folder(tmp_path: Path, run_fake: Callable[..., Run]) -> None:
    run = run_fake(100, out=f"file://{tmp_path}/mine")
    assert run.folder == tmp_path / "mine"
    assert open_run(f"file://{tmp_path}/mine").hash == run.hash


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("s33://bucket/run", r"no protocol `s33` is known; did you mean `s3://`\?"),
        ("zzzzzz://bucket/run", "no protocol `zzzzzz` is known; such as s3://"),
    ],
)
def test_an_unknown_protocol(url: str, told: str) -> None:
    with pytest.raises(UserError, match=told):
        claim(url, "fake")
    with pytest.raises(UserError, match=told):
        open_run(url)


def test_a_protocol_whose_library_is_missing() -> None:
    import fsspec

    fsspec.register_implementation("lacking", "no_such_library.LackingFileSystem", errtxt="Install lackingfs")
    with pytest.raises(UserError, match=r"lacking://x/y: .*Install lackingfs.*; install it beside twofront"):
        claim("lacking://x/y", "fake")


def test_a_url_without_permission(run_fake: Callable[..., Run]) -> None:
    import fsspec
    from fsspec.implementations.memory import MemoryFileSystem

    class Locked(MemoryFileSystem):
        protocol = "locked"

        def open(self, path: str, mode: str = "rb", *given: Any, **named: Any) -> Any:
            if mode != "rb":
                raise PermissionError(errno.EACCES, "Access Denied")
            return super().open(path, mode, *given, **named)

    fsspec.register_implementation("locked", Locked, clobber=True)
    told = r"locked://a/b: cannot write a run here \(Access Denied\); name a folder or URL"
    with pytest.raises(UserError, match=told):
        run_fake(100, out="locked://a/b")


def test_a_store_that_takes_no_more(run_fake: Callable[..., Run], memory: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from fsspec.implementations.memory import MemoryFileSystem

    from twofront.ensemble.runner import RunStopped

    whole: Any = MemoryFileSystem.open

    def full(self: Any, path: str, mode: str = "rb", **named: Any) -> Any:
        if "part-000008192" in path:
            raise RuntimeError("QuotaExceeded")
        return whole(self, path, mode, **named)

    monkeypatch.setattr(MemoryFileSystem, "open", full)
    with pytest.raises(RunStopped, match=r"QuotaExceeded.*8,192 of 16,384 futures kept in memory://runs/mine"):
        run_fake(16_384, out=memory, unit=4096, workers=1)
    assert open_run(memory).ranges == [(0, 4096), (4096, 8192)]


def test_no_run_behind_a_url(memory: str) -> None:
    with pytest.raises(UserError, match=r"memory://runs/mine: no run here, since the folder does not exist"):
        open_run(memory)


@pytest.mark.parametrize("engine", ["processes", "dask"])
def test_other_processes_do_not_see_this_ones_memory(memory: str, engine: str) -> None:
    with pytest.raises(UserError, match="lies in the memory of this process"):
        tf.run("two-straits", futures=10, policies=[], out=memory, engine=engine, workers=1)
    assert not place_of(memory).exists()


def test_a_url_needs_its_libraries(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "upath", None)
    with pytest.raises(UserError, match=r"pip install 'twofront\[cluster\]'"):
        claim("memory://x", "fake")


def test_a_file_stays_as_it_was_if_its_successor_fails(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("old")

    def half(sink: Any) -> None:
        Path(sink).write_text("ne")
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        replace_whole(path, half)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_is_on_the_disk_before_it_has_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    happened: list[str] = []
    force = os.fsync

    def forced(handle: int) -> None:
        force(handle)
        names = sorted(item.name.split(".")[-1] for item in tmp_path.iterdir())
        happened.append(",".join(names))

    monkeypatch.setattr(os, "fsync", forced)
    write_text(tmp_path / "a.file", "new")
    assert happened == [place.TEMPORARY[1:], "file"]
