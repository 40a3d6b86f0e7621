"""Digests of the package's source: every module of the model counts, and code that changed meanwhile is not trusted."""

from __future__ import annotations

import os
import shutil
import time
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

import twofront
from twofront.engine import source

ROOT = Path(__file__).parents[3]
PARTS = sorted({name.split("/")[0] for name, _ in source.files(source.BEYOND_THE_MODEL)})


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy of the package in the place of the one that runs."""
    copied = tmp_path / "twofront"
    shutil.copytree(source.PACKAGE, copied, ignore=shutil.ignore_patterns("__pycache__", "cases"))
    monkeypatch.setattr(source, "PACKAGE", copied)
    monkeypatch.setattr(twofront, "BEGAN", time.time() + 1)
    source.digest.cache_clear()
    yield copied
    source.digest.cache_clear()


def test_what_lies_beyond_the_model_is_what_the_order_of_imports_says() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    layers = next(item["layers"] for item in contracts if item["type"] == "layers")
    beyond = [layer.strip("()") for layer in layers[: layers.index("future")]]
    assert sorted(beyond) == sorted(source.BEYOND_THE_MODEL)


@pytest.mark.parametrize("part", PARTS)
def test_a_change_in_any_part_of_the_model_is_another_digest(package: Path, part: str) -> None:
    before = source.model_digest()
    place = package / part
    changed = next(place.rglob("*.toml"), None) or sorted(place.rglob("*.py"))[-1] if place.is_dir() else place
    changed.write_text(changed.read_text(encoding="utf-8") + "\n# changed\n", encoding="utf-8")
    source.digest.cache_clear()
    assert before
    assert source.model_digest() not in ("", before)


def test_a_change_beyond_the_model_is_not(package: Path) -> None:
    before, whole = source.model_digest(), source.digest()
    (package / "present" / "report.py").write_text("changed = True\n", encoding="utf-8")
    source.digest.cache_clear()
    assert source.model_digest() == before
    assert source.digest() != whole


def test_a_new_module_or_another_name_is_another_digest(package: Path) -> None:
    before = source.model_digest()
    (package / "simulate" / "more.py").touch()
    source.digest.cache_clear()
    added = source.model_digest()
    (package / "simulate" / "more.py").rename(package / "simulate" / "other.py")
    source.digest.cache_clear()
    assert len({before, added, source.model_digest()}) == 3


def test_source_that_changed_since_the_process_began_has_no_digest(
    package: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert source.model_digest()
    monkeypatch.setattr(twofront, "BEGAN", time.time() - 60)
    law = package / "simulate" / "industry.py"
    law.write_text(law.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    os.utime(law, (0, 0))  # an older date does not hide it
    assert source.model_digest() == ""
