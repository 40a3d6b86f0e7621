"""Verifying units drawn at random: which they are, and that only they are compared."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from twofront.ensemble import store
from twofront.ensemble.opened import Run, open_run
from twofront.ensemble.verify import choose, compare_again, compare_stored
from twofront.faults import UserError

RunFake = Callable[..., Run]


@pytest.fixture
def run(run_fake: RunFake) -> Run:
    """Twenty units."""
    return run_fake(20 * 4096, unit=4096)


def test_units_are_drawn_by_the_seed_and_evenly(run: Run) -> None:
    assert choose(run, "5", 3) == choose(run, "5", 3)
    drawn = {choose(run, "5", seed).units for seed in range(20)}
    assert len(drawn) > 15
    counts = [sum(unit in units for units in drawn) for unit in run.ranges]
    assert min(counts) > 0
    assert all(len(units) == len(set(units)) == 5 for units in drawn)


@pytest.mark.parametrize(("asked", "units"), [("1", 1), ("20", 20), ("5%", 1), ("12%", 3), ("100%", 20), ("0.1 %", 1)])
def test_shares_are_rounded_up(run: Run, asked: str, units: int) -> None:
    assert len(choose(run, asked, 1).units) == units


def test_a_seed_is_drawn_and_told(run: Run) -> None:
    seeds = {choose(run, "3").seed for _ in range(5)}
    assert len(seeds) == 5
    seed = seeds.pop()
    assert choose(run, "3", seed).seed == seed


@pytest.mark.parametrize("asked", ["0", "0%", "101%", "2.5", "-3", "many", "", "nan%"])
def test_nonsense_is_no_sample(run: Run, asked: str) -> None:
    with pytest.raises(UserError, match="for instance 10 or 5%"):
        choose(run, asked, 1)


def test_a_sample_is_no_larger_than_the_run(run: Run) -> None:
    with pytest.raises(UserError, match=r"a sample of 21 units asked for; .* has 20"):
        choose(run, "21", 1)


def test_only_the_units_drawn_are_compared(run: Run, fake_model: Callable[..., Any], sampler: Any) -> None:
    path = run.folder / "run.json"
    manifest = json.loads(path.read_text())
    wrong = manifest["units"][7]
    wrong["digests"] = ["0" * 64]
    path.write_text(json.dumps(manifest))
    opened = open_run(run.folder)
    bad, good = (wrong["lo"], wrong["hi"]), (0, 4096)
    assert compare_stored(opened, [good]) == []
    assert compare_stored(opened, [bad, good]) == [bad]
    model = fake_model()
    assert compare_again(opened, model, sampler, only=[good]) == []
    assert compare_again(opened, model, sampler, only=[bad, good]) == [bad]
    (run.folder / store.FOLDER / store.part_name(*bad)).unlink()
    with pytest.warns(UserWarning, match="it is missing"):
        holed = open_run(run.folder)
    assert compare_stored(holed, [good]) == []
    assert compare_stored(holed, [bad]) == [bad]
