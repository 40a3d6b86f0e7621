"""What is kept on disk: used again, private, never trusted blindly, and never more than so much."""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from twofront.engine import cache, compiled, ops
from twofront.engine.compiled import CompiledKernel
from twofront.engine.executor import Stage


def law(i: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"z": ops.exp(-i["x"] / i["y"]) + ops.for_each(4, lambda k: i["x"] * ops.number(k))[3]}


STAGE = Stage("cached", law, {"x": None, "y": None})
INPUTS = np.random.default_rng(0).normal(size=(2, 11))


def result(kernel: CompiledKernel) -> bytes:
    outputs = np.empty((1, 11))
    kernel.run(INPUTS, outputs, 0, 11)
    return outputs.tobytes()


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "kernels"
    monkeypatch.setenv("TWOFRONT_CACHE_DIR", str(tmp_path))
    return path


def test_a_second_kernel_comes_from_the_cache_with_the_same_bits(folder: Path) -> None:
    first = CompiledKernel(STAGE)
    second = CompiledKernel(STAGE)
    assert (first.statistics.cache_hit, second.statistics.cache_hit) == (False, True)
    assert result(first) == result(second)
    assert len(list(folder.iterdir())) == 1
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


@pytest.mark.parametrize("damage", [b"", b"not an object", b"\0" * 4000])
def test_a_damaged_entry_is_compiled_again_and_mended(folder: Path, damage: bytes) -> None:
    wanted = result(CompiledKernel(STAGE))
    (entry,) = folder.iterdir()
    entry.write_bytes(damage)
    mended = CompiledKernel(STAGE)
    assert not mended.statistics.cache_hit
    assert result(mended) == wanted
    assert CompiledKernel(STAGE).statistics.cache_hit


def test_one_flipped_bit_is_noticed(folder: Path) -> None:
    wanted = result(CompiledKernel(STAGE))
    (entry,) = folder.iterdir()
    content = bytearray(entry.read_bytes())
    content[len(content) // 2] ^= 1
    entry.write_bytes(bytes(content))
    again = CompiledKernel(STAGE)
    assert not again.statistics.cache_hit
    assert result(again) == wanted


def test_another_law_width_or_constant_is_another_entry(folder: Path) -> None:
    CompiledKernel(STAGE)
    CompiledKernel(STAGE, width=2)
    CompiledKernel(Stage("cached", lambda i: {"z": i["x"] + 1.0}, STAGE.inputs))
    CompiledKernel(Stage("cached", lambda i: {"z": i["x"] + 1.0000000000000002}, STAGE.inputs))
    CompiledKernel(Stage("cached", lambda i: {"z": i["x"] + 1.0}, STAGE.inputs, frozenset({"x"})))
    assert len(list(folder.iterdir())) == 5


def test_a_folder_open_to_others_is_closed(folder: Path) -> None:
    folder.mkdir(mode=0o777)
    folder.chmod(0o777)
    CompiledKernel(STAGE)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_without_a_usable_folder_kernels_still_work(folder: Path) -> None:
    folder.write_text("a file stands where the folder should be")
    assert cache.directory() is None
    kernel = CompiledKernel(STAGE)
    assert not kernel.statistics.cache_hit
    assert len(result(kernel)) == 88


@pytest.fixture
def traced(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the stages that were traced."""
    names: list[str] = []
    trace = compiled.trace

    def counted(stage: Stage) -> Any:
        names.append(stage.name)
        return trace(stage)

    monkeypatch.setattr(compiled, "trace", counted)
    return names


def test_a_stage_of_known_identity_is_not_traced_again(traced: list[str]) -> None:
    first = CompiledKernel(STAGE, identity="one")
    second = CompiledKernel(STAGE, identity="one")
    assert traced == ["cached"]
    assert (first.statistics.cache_hit, second.statistics.cache_hit) == (False, True)
    assert second.output_rows == first.output_rows == ("z",)
    assert second.statistics.operations == first.statistics.operations
    assert result(first) == result(second)


def test_whatever_may_differ_is_traced(traced: list[str]) -> None:
    """Another identity, name, input, width or vector is another stage; the same code is still used again."""
    CompiledKernel(STAGE, identity="one")
    CompiledKernel(STAGE, identity="two")
    CompiledKernel(Stage("other", law, STAGE.inputs), identity="one")
    CompiledKernel(Stage("cached", law, {**STAGE.inputs, "more": None}), identity="one")
    CompiledKernel(Stage("cached", law, {"y": None, "x": None}), identity="one")
    CompiledKernel(Stage("cached", law, STAGE.inputs, frozenset({"y"})), identity="one")
    CompiledKernel(Stage("cached", law, STAGE.inputs, vectors=2), identity="one")
    CompiledKernel(STAGE, identity="one", width=2)
    assert len(traced) == 8
    assert CompiledKernel(STAGE, identity="three").statistics.cache_hit


def test_without_an_identity_nothing_is_taken_for_known(traced: list[str], folder: Path) -> None:
    CompiledKernel(STAGE)
    CompiledKernel(STAGE, identity="one", cached=False)
    CompiledKernel(STAGE)
    assert len(traced) == 3
    assert not list(folder.glob("*.stage"))


@pytest.mark.parametrize("kind", ["stage", "o"])
@pytest.mark.parametrize("damage", [None, b"", b"not an entry at all, but longer than a digest is"])
def test_a_damaged_or_missing_part_is_made_anew(
    folder: Path, traced: list[str], kind: str, damage: bytes | None
) -> None:
    wanted = result(CompiledKernel(STAGE, identity="one"))
    (entry,) = folder.glob(f"*.{kind}")
    if damage is None:
        entry.unlink()
    else:
        entry.write_bytes(damage)
    assert result(CompiledKernel(STAGE, identity="one")) == wanted
    assert result(CompiledKernel(STAGE, identity="one")) == wanted
    assert len(traced) == 2


def test_a_whole_record_of_another_shape_is_made_anew(folder: Path, traced: list[str]) -> None:
    CompiledKernel(STAGE, identity="one")
    (entry,) = folder.glob("*.stage")
    for content in (b"[]", b"{}", b'{"code": 1, "rows": 2}', b"\xff"):
        cache.save(entry.stem, content, "stage")
        CompiledKernel(STAGE, identity="one")
    assert len(traced) == 5


def test_switched_off_nothing_is_kept(folder: Path, traced: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TWOFRONT_CACHE_DIR", cache.OFF)
    for _ in range(2):
        assert not CompiledKernel(STAGE, identity="one").statistics.cache_hit
    assert len(traced) == 2
    assert not folder.exists()
    assert not Path(cache.OFF).exists()


def test_what_was_read_longest_ago_gives_way(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "MOST_BYTES", 1000)
    for place, name in enumerate("abcd"):
        cache.save(name, bytes(168))
        os.utime(folder / f"{name}.o", (place, place))
    assert cache.load("a") is not None  # read, so that it is the youngest again
    cache.save("e", bytes(218), "stage")
    assert sorted(entry.name for entry in folder.iterdir()) == ["a.o", "d.o", "e.stage"]


def test_what_a_broken_writer_left_is_removed(folder: Path) -> None:
    cache.save("a", b"x")
    old, young = folder / "old.part", folder / "young.part"
    for left in (old, young):
        left.touch()
    long_ago = time.time() - 90000
    os.utime(old, (long_ago, long_ago))
    cache.save("b", b"x")
    assert not old.exists()
    assert young.exists()
