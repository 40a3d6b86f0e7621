"""Whatever is done to the text of a case, it is read or refused with faults; nothing else is ever raised."""

import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from twofront.case import bundled_cases, load_case
from twofront.faults import Fault, Faults

BASE = bundled_cases()["two-straits"]
FILES = ("case.yaml", "evidence.csv", "claims.yaml")
TEXTS = {file: (BASE / file).read_text(encoding="utf-8") for file in FILES}
SIGNS = "\n :{}[],-#&*!|>'\"%@`?~0.1e\t\0é\ud7ff\U0001f600"
PIECES = st.sampled_from([*SIGNS, "\n  ", ": ", "- ", "[[", "{{", "<<: ", "&a ", "*a", "null", "true", "1e999", ".nan"])


@st.composite
def mutated(draw: st.DrawFn, file: str) -> str:
    """The file's text with up to four cuts, doublings or insertions."""
    text = TEXTS[file]
    for _ in range(draw(st.integers(1, 4))):
        # Half of the edits in the first lines, which hold most of the structure.
        end = len(text) if draw(st.booleans()) else min(len(text), 3500)
        at = draw(st.integers(0, end))
        length = draw(st.integers(0, 40))
        kind = draw(st.sampled_from(["insert", "cut", "double", "replace", "cut lines", "swap"]))
        if kind == "insert":
            text = text[:at] + draw(PIECES) + text[at:]
        elif kind == "cut":
            text = text[:at] + text[at + length :]
        elif kind == "double":
            text = text[: at + length] + text[at:]
        elif kind == "replace":
            text = text[:at] + draw(PIECES) + text[at + length :]
        elif kind == "swap":
            text = text[:at] + text[at : at + length][::-1] + text[at + length :]
        else:
            lines = text.split("\n")
            line = draw(st.integers(0, len(lines) - 1))
            del lines[line : line + draw(st.integers(1, 6))]
            text = "\n".join(lines)
    return text


def read(file: str, text: str) -> None:
    with TemporaryDirectory() as name:
        folder = Path(name)
        for other in FILES:
            shutil.copy(BASE / other, folder / other)
        (folder / file).write_bytes(text.encode("utf-8", "surrogatepass"))
        for fault in faults_of(folder):
            assert str(fault).startswith(fault.place + ": ")
            assert fault.line <= text.count("\n") + 2 or not fault.file.endswith(file)


def faults_of(folder: Path) -> tuple[Fault, ...]:
    try:
        load_case(folder)
    except Faults as faults:
        return faults.faults
    return ()


@settings(max_examples=30)
@given(mutated("case.yaml"))
def test_mutations_of_the_case(text: str) -> None:
    read("case.yaml", text)


@settings(max_examples=60)
@given(mutated("evidence.csv"))
def test_mutations_of_the_evidence(text: str) -> None:
    read("evidence.csv", text)


@settings(max_examples=60)
@given(mutated("claims.yaml"))
def test_mutations_of_the_claims(text: str) -> None:
    read("claims.yaml", text)


VALUES = st.sampled_from(["", "1", "-1", "text", "[]", "{}", "[a, b]", "{a: b}", "true", "~", "'x'", "1e999", "[[a]]"])
LINES = [n for n, line in enumerate(TEXTS["case.yaml"].split("\n")) if ": " in line or line.endswith(":")]


@settings(max_examples=60)
@given(st.sampled_from(LINES), VALUES)
def test_any_value_in_any_place(line: int, value: str) -> None:
    """Another kind of value where one is expected, the rest staying sound."""
    lines = TEXTS["case.yaml"].split("\n")
    lines[line] = lines[line].split(":")[0] + ": " + value
    read("case.yaml", "\n".join(lines))
