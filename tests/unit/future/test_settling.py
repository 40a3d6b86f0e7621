"""Futures that a few sweeps do not settle are solved again with care, and those that stay open have a status."""

from __future__ import annotations

import numpy as np
import pytest

from twofront.case import load_case
from twofront.future import STATUSES, FutureModel, Results
from twofront.future import block as blocks
from twofront.parameters.sampling import Sampler

FUTURES = 6


def evaluated() -> tuple[FutureModel, Results]:
    case = load_case("two-straits")
    model = FutureModel(case, policies=[])
    draws = Sampler(case, 3, structures={"information": "private"}).draw(0, FUTURES)
    return model, model.evaluate(draws.values, draws.structures, paths=False)


def test_solving_with_care_gives_the_same_where_there_is_one_equilibrium(monkeypatch: pytest.MonkeyPatch) -> None:
    model, ordinary = evaluated()
    monkeypatch.setattr(blocks, "CLOSE", -1.0)  # nothing counts as settled by a few sweeps
    _, careful = evaluated()
    assert (careful.status == STATUSES.index("ok")).all()
    names = model.outcome_names
    assert not careful.outcomes[0, names.index("several_equilibria")].any()
    for name in ("second_front_chance", "coordination_effect", "opportunism_effect", "any_war_chance"):
        row = names.index(name)
        # Both stop where the last sweep moves no chance by more than 1e-9.
        assert np.allclose(ordinary.outcomes[0, row], careful.outcomes[0, row], rtol=1e-6, atol=1e-9), name
    # Another way to the same numbers: had nothing been solved again, the bits would be the same.
    assert not np.array_equal(ordinary.outcomes, careful.outcomes)


def test_what_is_never_solved_is_a_row_with_a_status(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks, "SOLVED", -1.0)  # no residual is small enough
    _, found = evaluated()
    assert (found.status == STATUSES.index("unsolved")).all()
