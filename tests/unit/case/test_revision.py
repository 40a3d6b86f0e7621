"""Striking, regrading and dating evidence, and the ranges that follow."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from twofront.case import Bound, Case, Evidence, Parameter, Revision, bundled_cases, load_case
from twofront.case.derivation import remaining
from twofront.faults import Faults, UserError

ROW = Evidence("X1", "Corvana", "a part", None, 1, None, "share", "2024", "A", "https://a.example", "2024", "A", "", 2)
ROWS = """\
X1,Corvana,test output,,100,,round/month,2024,Alpha Institute,https://a.example,2024-03-01,A,
X2,Corvana,test output,,160,,round/month,2024,Beta Institute,https://b.example,2025-06,B,
X4,Corvana,"test output, SIPRI definition",,150,,round/month,2024,Delta,https://d.example,2024-01-15,C,
X5,Corvana,"test output, NATO 2014 definition",,150,,round/month,2024,Delta,https://d.example,2024-01-15,C,
X3,Corvana,test output,120,,200,round/month,2024,Gamma Institute,https://c.example,2026-01-15,C,
"""
SOURCES = """\
  shell_capacity.corvana:
    means: test
    unit: round/month
    sources:
      - {evidence: X1}
      - {evidence: X2}
      - {derive: X3 * 2, conversion: two shifts}
    shape: triangular
    grade: B
"""
BOUNDS = """\
  shell_capacity.corvana:
    means: test
    unit: round/month
    low: {value: 100, evidence: X1}
    mode: {value: 160, evidence: X2}
    high: {value: 320, derive: X3 * 2}
    shape: triangular
    grade: B
"""


@pytest.fixture(params=[SOURCES, BOUNDS], ids=["sources", "bounds"])
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    return make(tmp_path, request.param)


def make(tmp_path: Path, parameter: str) -> Path:
    """two-straits with one parameter written anew."""
    folder = tmp_path / "two-straits"
    shutil.copytree(bundled_cases()["two-straits"], folder)
    with (folder / "evidence.csv").open("a") as file:
        file.write(ROWS)
    lines = (folder / "case.yaml").read_text().splitlines(keepends=True)
    start = next(n for n, line in enumerate(lines) if line.startswith("  shell_capacity.corvana:"))
    end = next(n for n in range(start + 1, len(lines)) if not lines[n].startswith("   "))
    (folder / "case.yaml").write_text("".join([*lines[:start], parameter, *lines[end:]]))
    return folder


def found(folder: Path, revision: Revision | None = None) -> Parameter:
    return load_case(folder, revision=revision).parameter("shell_capacity.corvana")


def ends(parameter: Parameter) -> tuple[float, float, float]:
    return tuple(round(value * 1.0, 9) for value in (parameter.low, parameter.mode, parameter.high))  # pyright: ignore[reportReturnType]


def test_as_written(folder: Path) -> None:
    parameter = found(folder)
    assert parameter.support == "stated"
    low, _, high = ends(parameter)
    assert (low, high) == (100, 400 if parameter.pooled else 320)
    assert [f.ids for f in parameter.figures] == [("X1",), ("X2",), ("X3",)]


def test_striking_the_low_source_raises_the_low_end(folder: Path) -> None:
    parameter = found(folder, Revision(without=("X1",)))
    assert parameter.support == "derived"
    assert ends(parameter)[0] == 160
    assert all("X1" not in f.ids for f in parameter.figures)


def test_striking_a_source_by_its_name(folder: Path) -> None:
    assert ends(found(folder, Revision(without=("alpha inst",)))) == ends(found(folder, Revision(without=("X1",))))


def test_a_lone_source_is_widened_by_its_margin(folder: Path) -> None:
    assert ends(found(folder, Revision(without=("X2", "X3")))) == (95, 100, 105)


@pytest.mark.parametrize(("unit", "most"), [("share", 1.0), ("percent", 100.0)])
def test_a_lone_share_is_not_widened_beyond_the_whole(unit: str, most: float) -> None:
    bounds = {"low": Bound(most / 2, ("X1",)), "high": Bound(most, judgement="all of it")}
    left, support = remaining(bounds, {}, {"X1": ROW}, "uniform", "D", unit)
    assert support == "derived"
    assert left["high"].value == most
    assert left["low"].value == pytest.approx(0.6 * most)
    free, _ = remaining(bounds, {}, {"X1": ROW}, "uniform", "D", "ratio")
    assert free["high"].value == pytest.approx(1.4 * most)


def test_nothing_left_keeps_the_range_and_says_so(folder: Path) -> None:
    parameter = found(folder, Revision(without=("Institute",)))
    assert parameter.support == "unsupported"
    assert ends(parameter) == ends(found(folder))
    assert parameter.figures == ()


@pytest.mark.parametrize(
    ("day", "left"),
    [("2024-02-29", 0), ("2024-03-01", 1), ("2025-06-29", 1), ("2025-06", 2), ("2026-01-14", 2), ("2026-01-15", 3)],
)
def test_only_what_was_public_counts(folder: Path, day: str, left: int) -> None:
    """A month counts from its end; a day from itself."""
    assert len(found(folder, Revision(as_of=day)).figures) == left


def test_a_grade_moves_the_mode_of_a_pool(tmp_path: Path) -> None:
    folder = make(tmp_path, SOURCES)
    assert ends(found(folder))[1] == 100
    assert ends(found(folder, Revision(grades={"X1": "D"})))[1] == 160


def test_other_parameters_and_the_hash(folder: Path) -> None:
    before, after = load_case(folder), load_case(folder, revision=Revision(without=("X1",)))
    changed = [
        a.name for a, b in zip(before.parameters, after.parameters, strict=True) if (a.low, a.mode) != (b.low, b.mode)
    ]
    assert changed == ["shell_capacity.corvana"]
    assert before.hash != after.hash
    assert "X1" in after.struck
    assert "X1" not in after.evidence


def test_json_there_and_back() -> None:
    revision = Revision(("X1",), {"X2": "D"}, "2025-07-05")
    assert Revision.from_json(revision.to_json()) == revision
    assert Revision.from_json(None) is None
    assert not Revision()


def test_unknown_names_are_all_told_with_the_nearest(folder: Path) -> None:
    with pytest.raises(UserError, match=r"`Alfa Institute`.*did you mean `Alpha Institute`.*`X9`"):
        load_case(folder, revision=Revision(without=("Alfa Institute",), grades={"X9": "A"}))


@pytest.mark.parametrize(
    ("revision", "says"), [({"as_of": "5 July"}, "not a day"), ({"grades": {"X1": "E"}}, "not a grade")]
)
def test_what_is_no_revision(revision: dict[str, object], says: str) -> None:
    with pytest.raises(UserError, match=says):
        Revision(**revision)  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("- {evidence: X1}", "- {evidence: X9}", "`X9` is not in evidence.csv"),
        ("- {evidence: X1}", "- {evidence: X1, derive: X2}", "must say one thing"),
        ("- {evidence: X1}", "- {value: 5}", "must say one thing"),
        (
            "- {evidence: X1}",
            "- {evidence: X4}\n      - {evidence: X5}",
            "follow different definitions: NATO 2014, SIPRI",
        ),
        ("shape: triangular", "across: why\n    shape: triangular", "follow one definition"),
        ("derive: X3 * 2", "derive: X3 * X1", "measures round^2 / time"),
        ("derive: X3 * 2", "derive: X3 +", "is not arithmetic"),
        ("shape: triangular", "shape: fixed", "which give a range"),
        ("sources:", "low: {value: 1, evidence: X1}\n    sources:", "of which its range is made"),
    ],
)
def test_faults_of_sources(tmp_path: Path, old: str, new: str, says: str) -> None:
    assert old in SOURCES
    folder = make(tmp_path, SOURCES.replace(old, new, 1))
    with pytest.raises(Faults) as caught:
        load_case(folder)
    assert says in str(caught.value)
    assert ".yaml:" in str(caught.value)


def test_a_run_tells_its_revision_and_verifies(tmp_path: Path) -> None:
    from twofront.ensemble import open_run, run
    from twofront.ensemble.verify import verify

    folder = make(tmp_path, SOURCES)
    revised: Case = load_case(folder, revision=Revision(without=("X1",)))
    made = run(revised, 16, out=tmp_path / "run", workers=1)
    again = open_run(made.folder)
    assert again.manifest["revision"]["without"] == ["X1"]
    assert again.case.hash == revised.hash
    assert verify(again, workers=1).same


def test_a_judgement_weighs_as_a_guess(tmp_path: Path) -> None:
    """However good the parameter's other sources are: a count outweighs several judgements."""
    judged = "      - {value: 900, judgement: one}\n      - {value: 901, judgement: another}\n"
    text = SOURCES.replace("      - {evidence: X2}\n      - {derive: X3 * 2, conversion: two shifts}\n", judged)
    low, mode, high = ends(found(make(tmp_path, text.replace("grade: B", "grade: A"))))
    assert (low, mode, high) == (100, 100, 901)


def test_definitions_are_pooled_where_the_case_says_why(tmp_path: Path) -> None:
    both = SOURCES.replace("- {evidence: X1}", "- {evidence: X4}\n      - {evidence: X5}")
    assert found(make(tmp_path, both.replace("shape:", "across: it differs little\n    shape:"))).pooled
