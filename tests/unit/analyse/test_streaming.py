"""A run summarised part by part says what the whole run says."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import astuple
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from twofront.analyse import levels, streaming
from twofront.analyse.levels import headline
from twofront.analyse.sample import Sample
from twofront.case import Case
from twofront.ensemble import open_run
from twofront.ensemble.folder import claim
from twofront.ensemble.model import Floats
from twofront.ensemble.opened import Run
from twofront.ensemble.reading import RANK_ERROR
from twofront.ensemble.runner import evaluate_into
from twofront.parameters.designs import design_of

NAMES = ("any_war_chance", "policy_cost")


class Model:
    """Skewed chances, undefined now and then and failing for a few futures under one policy."""

    policy_names: Sequence[str] = ("present", "other")
    outcome_names: Sequence[str] = NAMES
    status_names: Sequence[str] = ("ok", "undefined", "unsolved")
    path_names: Sequence[str] = ()
    path_months = np.arange(0)

    def evaluate(self, values: Floats, structures: Floats, *, paths: bool = True) -> Any:
        u, v = values
        present = np.stack([u**4 * 0.3, np.where(v < 0.2, np.nan, v)])
        status = np.zeros((2, len(u)), dtype=np.int8)
        status[1, v > 0.97] = 2
        return type("Results", (), {"outcomes": np.stack([present, present * 0.9]), "status": status, "paths": None})


class Sampling:
    """Two inputs by a design."""

    parameter_names: Sequence[str] = ("u", "v")
    uncertain: Sequence[int] = (0, 1)
    structure_options: dict[str, Sequence[str]] = {}  # noqa: RUF012

    def __init__(self, design: str) -> None:
        self.design = design_of(design, 1, self.parameter_names)

    def draw(self, lo: int, hi: int) -> Any:
        return type("Draws", (), {"values": self.design.rows(lo, hi), "structures": np.zeros((0, hi - lo))})


@pytest.fixture
def run(tmp_path: Path, case: Case) -> Callable[[str], Run]:
    """A run by a design, of five parts and a rest."""

    def made(design: str) -> Run:
        about = {"case": "made", "case_hash": "0", "case_source": "made", "seed": 1, "sampling": design}
        folder = claim(tmp_path / design, "made")
        found = evaluate_into(folder, Model(), Sampling(design), 21_000, about, workers=1, unit=4096)
        found.__dict__["case"] = case
        return found

    return made


@pytest.mark.parametrize("design", ["random", "latin", "sobol"])
def test_streamed_is_the_whole(run: Callable[[str], Run], design: str, monkeypatch: pytest.MonkeyPatch) -> None:
    made = run(design)
    whole = headline(Sample(made), NAMES)
    monkeypatch.setattr(levels, "LARGE", 1000)
    streamed = headline(made, NAMES)
    assert (streamed.n, streamed.left_out) == (whole.n, whole.left_out)
    assert 0 < whole.left_out < 2000
    assert (whole.rank_error, streamed.rank_error) == (0.0, RANK_ERROR)
    sample = Sample(made)
    for key, one in (*whole.levels.items(), *whole.differences.items()):
        is_change = key in whole.differences and one is whole.differences[key]
        other = (streamed.differences if is_change else streamed.levels)[key]
        assert (other.n, other.mean) == (one.n, pytest.approx(one.mean, rel=1e-12))
        assert other.mean_high - other.mean == pytest.approx(one.mean_high - one.mean, rel=1e-3)
        values = sample.difference(*key) if is_change else sample.of(*key)
        values = np.sort(values[~np.isnan(values)])
        for level, found in ((0.05, other.low), (0.5, other.median), (0.95, other.high)):
            off = np.searchsorted(values, found) / len(values) - level
            assert abs(off) < RANK_ERROR
        if is_change:
            assert astuple(other)[-2:] == pytest.approx(astuple(one)[-2:])


def test_a_lost_part_is_passed_over(run: Callable[[str], Run]) -> None:
    made = run("random")
    made.part_files[1].unlink()
    with pytest.warns(UserWarning, match="it is missing"):
        holed = open_run(made.folder)
    found = streaming.levels_and_changes(holed, NAMES)
    assert found.n + found.left_out == 21_000 - 4096
    assert found.levels["present", "any_war_chance"].n == found.n
    assert sys.float_info.min < found.levels["present", "any_war_chance"].error < 1e-2
