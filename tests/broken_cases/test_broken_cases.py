"""Each edit in ``edits.txt`` breaks a sound case in one way, and the check must say exactly that.

The format of the edits is told at the top of that file.
"""

import re
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from twofront.case import bundled_cases, load_case
from twofront.faults import Fault, Faults

BASE = bundled_cases()["two-straits"]
FILES = ("case.yaml", "evidence.csv", "claims.yaml")
MARK = "¦"


@dataclass
class Part:
    """One replacement, after some context."""

    context: str = ""
    old: list[str] = field(default_factory=list[str])
    new: list[str] = field(default_factory=list[str])


@dataclass
class Edit:
    """One way to break the case, and what must be said about it."""

    name: str
    file: str
    more: bool
    parts: list[Part] = field(default_factory=list[Part])
    place: str = ""
    """Text that stands where the fault must be reported."""
    place_after: str = ""
    also: list[str] = field(default_factory=list[str])
    """Places of a second fault that must come with it."""
    words: list[str] = field(default_factory=list[str])
    nearest: str = ""


def read_edits() -> list[Edit]:
    edits: list[Edit] = []
    for line in (Path(__file__).parent / "edits.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("### "):
            match = re.fullmatch(r"### (.+?)(?: \[(.+)\])?( and more)?", line)
            assert match, line
            edits.append(Edit(match[1], match[2] or "case.yaml", bool(match[3])))
        elif edits:
            read_line(edits[-1], line)
    return edits


def read_line(edit: Edit, line: str) -> None:
    if line.startswith("@@") and edit.place:
        edit.place_after = line[2:]
    elif line.startswith("@"):
        edit.parts.append(Part(line.lstrip("@")))
    elif line.startswith("-"):
        if not edit.parts or edit.parts[-1].new:
            edit.parts.append(Part())
        edit.parts[-1].old.append(line[1:])
    elif line.startswith("+"):
        edit.parts[-1].new.append(line[1:])
    elif line.startswith("%%"):
        edit.also.append(line[2:])
    elif line.startswith("%"):
        edit.place = line[1:]
    elif line.startswith("!"):
        edit.words.append(line[1:])
    elif line.startswith("?"):
        edit.nearest = line[1:]
    else:
        assert not line or line.startswith("===="), line


def applied(edit: Edit, text: str) -> str:
    """The text after an edit, with its mark still in it."""
    for part in edit.parts:
        start = text.index(part.context) if part.context else 0
        old, new = "\n".join(part.old), "\n".join(part.new)
        if not part.new:
            old += "\n"
        if not part.context:
            assert text.count(old) == 1, f"{edit.name}: `{old}` stands {text.count(old)} times in {edit.file}"
        place = text.index(old, start)
        text = text[:place] + new + text[place + len(old) :]
    return text


def line_and_column(text: str, offset: int) -> tuple[int, int]:
    before = text[:offset]
    return before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1


def place_of(text: str, sought: str, after: str = "") -> tuple[int, int]:
    start = text.index(after) if after else 0
    offset = text.index("\n" + sought, start) + 1 if not after and f"\n{sought}" in text else text.index(sought, start)
    return line_and_column(text, offset + len(sought) - len(sought.lstrip(" ")))


def broken(edit: Edit, folder: Path) -> tuple[int, int]:
    """Write the broken case; return the line and column where the fault must be reported."""
    for file in FILES:
        shutil.copy(BASE / file, folder / file)
    return apply_to(edit, folder)


def apply_to(edit: Edit, folder: Path) -> tuple[int, int]:
    path = folder / edit.file
    marked = applied(edit, path.read_text(encoding="utf-8"))
    text = marked.replace(MARK, "")
    path.write_text(text, encoding="utf-8")
    if MARK in marked:
        return line_and_column(marked, marked.index(MARK))
    return place_of(text, edit.place, edit.place_after)


def faults_of(folder: Path) -> tuple[Fault, ...]:
    with pytest.raises(Faults) as caught:
        load_case(folder)
    return caught.value.faults


EDITS = read_edits()


def test_the_base_is_sound() -> None:
    assert load_case(BASE).name == "two-straits"


def test_there_are_enough_edits_with_different_names() -> None:
    assert len(EDITS) >= 45
    assert len({edit.name for edit in EDITS}) == len(EDITS)


@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: edit.name.replace(" ", "-"))
def test_one_edit_one_fault(edit: Edit, tmp_path: Path) -> None:
    place = broken(edit, tmp_path)
    faults = faults_of(tmp_path)
    told = "\n".join(map(str, faults))
    path = str(tmp_path / edit.file)
    fitting = [f for f in faults if (f.file, f.line, f.column) == (path, *place)]
    fitting = [f for f in fitting if all(words in str(f) for words in edit.words)]
    assert len(fitting) == 1, f"expected at {place}: {edit.words}\n{told}"
    assert fitting[0].nearest == edit.nearest, told
    assert str(fitting[0]).startswith(f"{path}:{place[0]}:{place[1]}: ")
    if not edit.more:
        text = (tmp_path / edit.file).read_text(encoding="utf-8")
        others = {(f.line, f.column) for f in faults if f is not fitting[0]}
        assert others == {place_of(text, sought) for sought in edit.also}, told


def test_all_faults_at_once(tmp_path: Path) -> None:
    """Faults of every stage and every file come in one report, in the order of lines."""
    chosen = ["unknown host", "low above mode", "policy out of range", "negative weight", "needs itself", "no date"]
    chosen += ["unknown unit", "evidence of a claim", "circle of flows", "series of nobody", "correlation of one"]
    for file in FILES:
        shutil.copy(BASE / file, tmp_path / file)
    by_name = {edit.name: edit for edit in EDITS}
    places = {name: apply_to(by_name[name], tmp_path) for name in chosen}
    faults = faults_of(tmp_path)
    for name in chosen:
        assert any(by_name[name].words[0] in str(fault) for fault in faults), name
    assert len(faults) == len(places)
    for file in FILES:
        lines = [fault.line for fault in faults if fault.file.endswith(file)]
        assert lines == sorted(lines)


def test_all_faults_of_shape_at_once(tmp_path: Path) -> None:
    chosen = ["threshold", "grade", "kind of act", "unknown key", "empty list", "number with words"]
    for file in FILES:
        shutil.copy(BASE / file, tmp_path / file)
    by_name = {edit.name: edit for edit in EDITS}
    for name in chosen:
        apply_to(by_name[name], tmp_path)
    assert len(faults_of(tmp_path)) == len(chosen)


# ---- files that are no case at all --------------------------------------------------------------------------------


def sound(folder: Path) -> Path:
    for file in FILES:
        shutil.copy(BASE / file, folder / file)
    return folder


@pytest.mark.parametrize(
    ("file", "content", "place", "words"),
    [
        ("case.yaml", b"", (1, 1), "the file is empty"),
        ("case.yaml", b"# nothing but a comment\n", (1, 1), "the file is empty"),
        ("case.yaml", b"just text\n", (1, 1), "the file is not a mapping"),
        ("case.yaml", b"- a\n- b\n", (1, 1), "the file is not a mapping"),
        ("case.yaml", b"schema: 1\nname: caf\xe9\n", (2, 10), "byte 0xe9 at offset 19 is not UTF-8"),
        ("case.yaml", "schema: 1\n".encode("utf-16"), (1, 1), "it looks like UTF-16"),
        ("case.yaml", b"schema: 1\nname: a\x07b\n", (2, 8), "character U+0007 cannot stand in YAML"),
        ("case.yaml", b"schema: 1\n---\nschema: 1\n", (2, 1), "this is not YAML"),
        ("case.yaml", b"a: " + b"[" * 60 + b"]" * 60, (1, 44), "nested more than 40 deep"),
        ("case.yaml", b"a: " + b"[" * 5000, (1, 1), "nested more than 40 deep"),
        ("case.yaml", b"a: &a [*a]\n", (1, 4), "nested more than 40 deep"),
        ("case.yaml", b"schema: 1\n" + b"#" * 5_000_000, (0, 0), "the file has 5,000,010 bytes"),
        ("evidence.csv", b"", (1, 1), "the file is empty"),
        ("evidence.csv", b"id,entity\xff\n", (1, 10), "byte 0xff at offset 9 is not UTF-8"),
        ("claims.yaml", b"", (1, 1), "the file is empty"),
        ("claims.yaml", b"claims: []\n", (1, 1), "does not say which version"),
    ],
)
def test_no_case_at_all(file: str, content: bytes, place: tuple[int, int], words: str, tmp_path: Path) -> None:
    (sound(tmp_path) / file).write_bytes(content)
    faults = [fault for fault in faults_of(tmp_path) if fault.file.endswith(file)]
    assert [(fault.line, fault.column) for fault in faults] == [place], faults
    assert words in str(faults[0])


def test_anchors_that_multiply(tmp_path: Path) -> None:
    """Nine levels of nine aliases would unfold to four hundred million values."""
    text = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
    for level in range(1, 9):
        text += f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 9)}]\n"
    (sound(tmp_path) / "case.yaml").write_text(text, encoding="utf-8")
    (fault,) = faults_of(tmp_path)
    assert "unfolds to more than 250,000 values" in str(fault)


@pytest.mark.parametrize("file", ["case.yaml", "evidence.csv"])
def test_a_file_is_missing(file: str, tmp_path: Path) -> None:
    (sound(tmp_path) / file).unlink()
    (fault,) = faults_of(tmp_path)
    assert fault.file == str(tmp_path / file)
    assert "there is no such file" in str(fault)


def test_a_folder_in_the_place_of_a_file(tmp_path: Path) -> None:
    (sound(tmp_path) / "case.yaml").unlink()
    (tmp_path / "case.yaml").mkdir()
    (fault,) = faults_of(tmp_path)
    assert "the file cannot be read: is a directory" in str(fault)


def test_claims_may_be_missing(tmp_path: Path) -> None:
    (sound(tmp_path) / "claims.yaml").unlink()
    assert load_case(tmp_path).claims == ()


# ---- the real command -----------------------------------------------------------------------------------------------


def twofront(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "twofront", *arguments], capture_output=True, text=True, check=False, timeout=60
    )


@pytest.mark.parametrize("name", ["tab", "shape", "low above mode", "no source", "date of a claim"])
def test_the_command_tells_it_without_a_traceback(name: str, tmp_path: Path) -> None:
    edit = next(edit for edit in EDITS if edit.name == name)
    line, column = broken(edit, tmp_path)
    done = twofront("check", str(tmp_path))
    assert done.returncode == 1
    assert done.stdout == ""
    assert f"{tmp_path / edit.file}:{line}:{column}: " in done.stderr
    assert done.stderr.endswith("1 fault\n")
    assert "Traceback" not in done.stderr
