"""Regret, on a worked example."""

from collections.abc import Callable

import numpy as np
import pytest

from twofront.analyse import Regret, Sample, regret

Made = Callable[..., Sample]

# Three policies in four futures; the least of each future: 1, 2, 1, 4.
COST = {
    "present_course": [1.0, 5.0, 3.0, 4.0],  # regret 0, 3, 2, 0
    "a": [2.0, 2.0, 1.0, 6.0],  # regret 1, 0, 0, 2
    "b": [4.0, 3.0, 2.0, 5.0],  # regret 3, 1, 1, 1
}


def by_policy(found: list[Regret]) -> dict[str, Regret]:
    return {item.policy: item for item in found}


def test_regret_worked_by_hand(made: Made) -> None:
    found = by_policy(regret(made({"policy_cost": COST}), ["policy_cost"]))
    assert [found[p].mean for p in ("present_course", "a", "b")] == [1.25, 0.75, 1.5]
    assert [found[p].greatest for p in ("present_course", "a", "b")] == [3.0, 2.0, 3.0]
    assert [found[p].best_share for p in ("present_course", "a", "b")] == [0.5, 0.5, 0.0]
    # 90th percentile of 0, 0, 2, 3: at place 2.7 of 0..3
    assert found["present_course"].high == pytest.approx(2.7)


def test_futures_undefined_under_one_policy_count_for_none(made: Made) -> None:
    values = {**COST, "b": [4.0, np.nan, 2.0, 5.0]}
    found = by_policy(regret(made({"policy_cost": values}), ["policy_cost"]))
    assert {item.n for item in found.values()} == {3}
    assert found["present_course"].mean == pytest.approx(2 / 3)


def test_a_single_policy_has_no_regret(made: Made) -> None:
    (only,) = regret(made({"policy_cost": {"present_course": [1.0, 2.0]}}), ["policy_cost"])
    assert (only.mean, only.greatest, only.best_share) == (0.0, 0.0, 1.0)
