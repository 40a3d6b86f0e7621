"""Policies from a file of their own: what is read, what is refused, and what a run remembers of them."""

from pathlib import Path

import pytest

from twofront.case import added_policies, load_case, policies_from_json, policies_to_json, read_policies, with_policies
from twofront.ensemble import open_run, run
from twofront.ensemble.verify import verify
from twofront.faults import Faults, UserError

GOOD = """\
schema: 1
case: two-straits
policies:
  both: {label: Both, means: Build-up and assurances, levers: {core_floor: 0.03, reassurance: 0.5}}
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "policies.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_policies_of_a_file_stand_after_those_of_the_case(tmp_path: Path) -> None:
    case = load_case("two-straits")
    (found,) = read_policies(written(tmp_path, GOOD), case)
    assert found.named == ("core_floor", "reassurance")
    assert found.levers["core_floor"] == 0.03
    assert found.levers["presence"] == case.lever("presence").today
    whole = with_policies(case, [found])
    assert [item.name for item in whole.policies] == [*(item.name for item in case.policies), "both"]
    assert whole.label("both") == "Both"
    assert whole.hash == case.hash
    assert added_policies(whole) == (found,)
    assert read_policies(tmp_path, case) == (found,)  # the folder stands for the file


def test_plain_data_gives_the_same_policies(tmp_path: Path) -> None:
    case = load_case("two-straits")
    found = read_policies(written(tmp_path, GOOD), case)
    assert policies_from_json(policies_to_json(found), case) == found


def test_adaptive_policies_are_read_told_and_kept(tmp_path: Path) -> None:
    case = load_case("two-straits")
    rule = "adaptive: {if: stock.shell.corvana > 1e5, by: 2033-01, then: {reassurance: 0.9}}"
    text = GOOD.replace("reassurance: 0.5}}", f"reassurance: 0.5}}, {rule}}}")
    found = read_policies(written(tmp_path, text), case)
    adaptive = found[0].adaptive
    assert adaptive is not None
    assert (adaptive.series, adaptive.comparison, adaptive.limit, adaptive.month) == (
        "stock.shell.corvana",
        ">",
        1e5,
        36,
    )
    assert adaptive.then == {**found[0].levers, "reassurance": 0.9}
    assert adaptive.otherwise == found[0].levers
    assert adaptive.words() == "in 2033-01, if stock.shell.corvana > 100000: reassurance 0.9; else as before"
    assert policies_from_json(policies_to_json(found), case) == found


@pytest.mark.parametrize(
    ("old", "new", "place", "words", "close"),
    [
        ("core_floor", "core_flor", (4, 64), "`core_flor` is not a lever", "core_floor"),
        ("0.03", "0.3", (4, 76), "outside the lever's range; allowed: 0 to 0.05 share", ""),
        ("  both", "  forward", (4, 3), "`forward` is a policy of two-straits already", ""),
        ("case: two-straits", "case: rutte-2025", (2, 7), "these are policies for `rutte-2025`", ""),
        ("schema: 1", "schema: 2", (1, 9), "version `2` of the format is not known here", ""),
        ("means:", "mean:", (4, 23), "unknown key `mean`", "means"),
    ],
)
def test_what_is_refused(old: str, new: str, place: tuple[int, int], words: str, close: str, tmp_path: Path) -> None:
    path = written(tmp_path, GOOD.replace(old, new))
    with pytest.raises(Faults) as caught:
        read_policies(path, load_case("two-straits"))
    fitting = [fault for fault in caught.value.faults if words in str(fault)]
    assert [(fault.file, fault.line, fault.column, fault.nearest) for fault in fitting] == [(str(path), *place, close)]


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="there is no such file"):
        read_policies(tmp_path / "nowhere.yaml", load_case("two-straits"))


def test_a_run_remembers_added_policies_without_their_file(tmp_path: Path) -> None:
    path = written(tmp_path, GOOD)
    found = run("two-straits", 40, ["both"], out=tmp_path / "run", policy_files=[path], workers=1)
    path.unlink()
    again = open_run(found.folder)
    assert again.policies == ("present_course", "both")
    assert again.case.policy("both").levers["reassurance"] == 0.5
    assert again.case.hash == again.manifest["case_hash"]

    assert verify(again, workers=1).same
