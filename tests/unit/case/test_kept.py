"""Cases kept as they were loaded: the same in every part, and read anew whenever anything may differ."""

from __future__ import annotations

import ast
import shutil
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import pytest

from twofront.case import Case, Revision, bundled_cases, kept, load, load_case
from twofront.engine import cache, source
from twofront.faults import Faults


def spelled(value: Any) -> Any:
    """All that a value holds; trees of arithmetic, which compare by identity, by what they say."""
    if isinstance(value, ast.AST):
        return ast.dump(value)
    if is_dataclass(value) and not isinstance(value, type):
        return type(value), {item.name: spelled(getattr(value, item.name)) for item in fields(value)}
    if isinstance(value, Mapping):
        return [(spelled(key), spelled(inner)) for key, inner in value.items()]
    if isinstance(value, (tuple, list)):
        return [spelled(inner) for inner in value]
    return value if not hasattr(value, "__dict__") else (type(value), spelled(vars(value)))


@pytest.fixture
def read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Folders that were read, with an empty cache."""
    monkeypatch.setenv("TWOFRONT_CACHE_DIR", str(tmp_path / "cache"))
    found: list[Path] = []
    whole = load.read_case

    def counted(folder: Path, *, revision: Revision | None = None) -> Case:
        found.append(folder)
        return whole(folder, revision=revision)

    monkeypatch.setattr(load, "read_case", counted)
    return found


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A case that may be changed."""
    return Path(shutil.copytree(bundled_cases()["baltic-2016"], tmp_path / "case"))


@pytest.mark.parametrize("name", bundled_cases())
def test_a_kept_case_is_the_case_in_every_part(name: str, read: list[Path]) -> None:
    first, second = load_case(name), load_case(name)
    assert len(read) == 1
    assert second is not first
    assert spelled(second) == spelled(first)


def test_a_change_of_any_file_is_read(folder: Path, read: list[Path]) -> None:
    load_case(folder)
    for place, name in enumerate(sorted(path.name for path in folder.glob("*.[yc]*"))):
        path = folder / name
        path.write_text(path.read_text(encoding="utf-8") + ("# more\n" if name.endswith("yaml") else "\n"))
        load_case(folder)
        load_case(folder)
        assert len(read) == place + 2, name
    shutil.copy(folder / "claims.yaml", folder / "claims-more.yaml")
    with pytest.raises(Faults):  # the same ids twice
        load_case(folder)


def test_another_folder_revision_or_code_is_read(
    folder: Path, read: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    load_case(folder)
    other = Path(shutil.copytree(folder, folder.parent / "other"))
    assert load_case(other).folder == other
    struck = Revision(without=(next(iter(load_case(folder).evidence)),))
    assert load_case(folder, revision=struck).revision == struck
    assert load_case(folder, revision=struck).revision == struck
    assert load_case(folder).revision is None
    assert len(read) == 3
    monkeypatch.setattr(source, "model_digest", lambda: "other code")
    load_case(folder)
    assert len(read) == 4


def test_code_that_changed_meanwhile_keeps_nothing(read: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "model_digest", lambda: "")
    load_case("baltic-2016")
    load_case("baltic-2016")
    assert len(read) == 2


def test_a_file_that_changes_while_it_is_read_is_not_kept(
    folder: Path, read: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = load.read_case

    def disturbed(where: Path, *, revision: Revision | None = None) -> Case:
        path = where / "case.yaml"
        path.write_text(path.read_text(encoding="utf-8") + "# more\n", encoding="utf-8")
        return whole(where, revision=revision)

    text = (folder / "case.yaml").read_text(encoding="utf-8")
    with monkeypatch.context() as patched:
        patched.setattr(load, "read_case", disturbed)
        load_case(folder)
    (folder / "case.yaml").write_text(text, encoding="utf-8")
    load_case(folder)
    assert len(read) == 2


def test_a_damaged_entry_is_read_anew(read: list[Path]) -> None:
    load_case("baltic-2016")
    where = cache.directory()
    assert where is not None
    (entry,) = where.glob("*.case")
    for content in (b"", b"not a pickle", b"\x80\x05N."):
        cache.save(entry.stem, content, "case")
        load_case("baltic-2016")
    assert len(read) == 4


def test_faults_are_found_each_time(folder: Path, read: list[Path]) -> None:
    path = folder / "case.yaml"
    path.write_text(path.read_text(encoding="utf-8") + "nonsense: 1\n", encoding="utf-8")
    for _ in range(2):
        with pytest.raises(Faults, match="nonsense"):
            load_case(folder)
    assert len(read) == 2


def test_asked_anew_a_case_is_checked_although_it_is_known(read: list[Path]) -> None:
    """The command `check` asks so."""
    load_case("baltic-2016")
    load_case("baltic-2016", anew=True)
    assert len(read) == 2


def test_a_case_too_large_to_keep_is_read_each_time(read: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "_MOST_BYTES", 100)
    load_case("baltic-2016")
    load_case("baltic-2016")
    assert len(read) == 2
