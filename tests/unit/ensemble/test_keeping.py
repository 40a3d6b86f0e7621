"""Which outcomes are stored, and that those that are not are hashed all the same."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from made_up import FakeModel, FakeSampler

from twofront.ensemble import keeping
from twofront.ensemble.keeping import MOST_KEPT_VALUES, kept_outcomes
from twofront.ensemble.opened import Run, open_run
from twofront.ensemble.verify import compare_again, compare_stored
from twofront.faults import UserError

NAMES = (
    "second_front_chance",
    "second_front_chance.fixed",
    "second_front_chance.w3",
    "deterrence_margin.blue.alone",
    "losses.strait.attacker",
    "policy_cost",
)
CORE = ("second_front_chance", "second_front_chance.fixed", "deterrence_margin.blue.alone", "policy_cost")


@pytest.mark.parametrize(
    ("wanted", "kept"),
    [
        (None, None),
        (["all"], None),
        (["core"], CORE),
        (["policy_cost", "second_front_chance"], ("second_front_chance", "policy_cost")),
        (["*.w3", "losses.*"], ("second_front_chance.w3", "losses.strait.attacker")),
        (["core", "losses.*"], (*CORE[:3], "losses.strait.attacker", "policy_cost")),
        (["*"], None),
    ],
)
def test_names_and_patterns(wanted: list[str] | None, kept: tuple[str, ...] | None) -> None:
    assert kept_outcomes(wanted, NAMES, 100) == kept


def test_a_huge_run_keeps_the_core() -> None:
    rows = MOST_KEPT_VALUES // len(NAMES)
    assert kept_outcomes(None, NAMES, rows) is None
    assert kept_outcomes(None, NAMES, rows + 1) == CORE
    assert kept_outcomes(["all"], NAMES, rows + 1) is None


@pytest.mark.parametrize(
    ("wanted", "told"),
    [
        (["policy_cst"], "no outcome `policy_cst` to keep; did you mean `policy_cost`"),
        (["xyz.*"], r"no outcome matches `xyz\.\*`; there are second_front_chance"),
        (["in.pull"], "`in.pull` is no outcome and need not be kept"),
        (["policy"], "`policy` is no outcome and need not be kept"),
        ([], "no outcome to keep"),
    ],
)
def test_what_cannot_be_kept(wanted: list[str], told: str) -> None:
    with pytest.raises(UserError, match=told):
        kept_outcomes(wanted, NAMES, 100)


def test_a_lean_run(run_fake: Callable[..., Run]) -> None:
    whole, lean = run_fake(10_000), run_fake(10_000, keep=["marg*"])
    assert lean.hash == whole.hash
    assert "war_chance" not in lean.columns
    assert lean.outcomes.equals(whole.outcomes.drop("war_chance"))
    assert lean.frame(["in.pull", "margin"]).equals(whole.frame(["in.pull", "margin"]))
    assert lean.manifest["hashed_outcomes"] == ["war_chance", "margin"]
    assert lean.manifest["stored_bytes"] < whole.manifest["stored_bytes"]


def test_a_lean_run_can_be_verified(run_fake: Callable[..., Run]) -> None:
    lean = open_run(run_fake(10_000, keep=["margin"]).folder)
    assert compare_stored(lean) == []
    assert compare_again(lean, FakeModel(), FakeSampler(), workers=1) == []
    lean.manifest["units"][0]["stored"][0] = "0" * 64
    lean.manifest["units"][1]["digests"][0] = "0" * 64
    assert compare_stored(lean) == [(0, 4096)]
    assert compare_again(lean, FakeModel(), FakeSampler(), workers=1) == [(4096, 8192)]


def test_a_default_that_is_lean_is_told(run_fake: Callable[..., Run], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "MOST_KEPT_VALUES", 100)
    model = FakeModel(outcome_names=("war_chance", "margin.detail"))
    assert run_fake(1000, model=model).outcome_names == ("war_chance",)
