"""A case as of a day beside the case as it is now."""

from __future__ import annotations

import shutil
from typing import Any

import pytest

from twofront.audit import vintage as dated
from twofront.audit.futures import SmallEnsemble
from twofront.audit.vintage import day_of_claims, vintage
from twofront.case import Case, bundled_cases, load_case
from twofront.faults import UserError

FUTURES = 48


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Case:
    """two-straits with one more source, from 2030-06, that quadruples how often one side is expected to attack."""
    folder = tmp_path_factory.mktemp("cases") / "two-straits"
    shutil.copytree(bundled_cases()["two-straits"], folder)
    with (folder / "evidence.csv").open("a") as file:
        file.write("S8,Corvana,yearly chance of a war,,0.01,,1/year,2029,Early survey,https://e.example,2029-06,B,\n")
        file.write("S9,Corvana,yearly chance of a war,,0.04,,1/year,2030,Late survey,https://l.example,2030-06,A,\n")
    lines = (folder / "case.yaml").read_text().splitlines(keepends=True)
    start = next(n for n, line in enumerate(lines) if line.startswith("  anchor:"))
    end = next(n for n in range(start + 1, len(lines)) if not lines[n].startswith("   "))
    new = (
        "  anchor:\n    means: test\n    unit: 1/year\n    sources:\n"
        "      - {evidence: S8}\n      - {evidence: S9}\n    shape: triangular\n    grade: C\n"
    )
    (folder / "case.yaml").write_text("".join([*lines[:start], new, *lines[end:]]))
    return load_case(folder)


def test_what_came_later_is_what_moved(case: Case) -> None:
    found = vintage(case, "2030-05-31", futures=FUTURES)
    assert [item.now.name for item in found.moved] == ["anchor"]
    (moved,) = found.moved
    assert moved.then.high < 0.04 == moved.now.high
    assert moved.shift > 0
    assert (found.public, found.rows) == (len(case.evidence) - 1, len(case.evidence))
    assert found.n == FUTURES
    assert any(shift.change.higher + shift.change.lower > 0 for shift in found.shifts)


def test_nothing_moves_when_all_was_public(case: Case) -> None:
    found = vintage(case, "2031", futures=FUTURES)
    assert found.moved == ()
    assert found.public == found.rows
    assert all(shift.change.same == 1 for shift in found.shifts)
    assert len(found.shifts) >= 5


def test_an_ensemble_at_hand_is_not_made_again(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    """The numbers are those of one made for the purpose, and other draws than asked for are not taken."""
    settings = {"claim:x": {case.levers[0].name: case.levers[0].high}}
    known = SmallEnsemble(case, FUTURES, seed=3, settings=settings)
    other = SmallEnsemble(case, FUTURES, seed=4, settings=settings)
    wanted = vintage(case, "2030-05-31", futures=FUTURES, seed=3)
    made: list[Case] = []

    class Counted(SmallEnsemble):
        def __init__(self, case: Case, *told: Any, **more: Any) -> None:
            made.append(case)
            super().__init__(case, *told, **more)

    monkeypatch.setattr(dated, "SmallEnsemble", Counted)
    assert vintage(case, "2030-05-31", futures=FUTURES, seed=3, known=known) == wanted
    assert len(made) == 1
    assert vintage(case, "2030-05-31", futures=FUTURES, seed=3, known=other) == wanted
    assert len(made) == 3


def test_the_day_of_most_claims() -> None:
    assert day_of_claims(load_case("rutte-2025")) == "2025-07-05"


def test_what_is_no_day(case: Case) -> None:
    with pytest.raises(UserError, match="not a day"):
        vintage(case, "July", futures=FUTURES)
