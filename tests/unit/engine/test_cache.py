"""Compiled objects on disk: used again, private, and never trusted blindly."""

from __future__ import annotations

import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from twofront.engine import cache, ops
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
