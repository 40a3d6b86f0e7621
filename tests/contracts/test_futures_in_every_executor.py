"""Whole futures give the same bits whatever computes them: compiled, on arrays, or one float after the other."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from twofront.case import load_case
from twofront.engine.executor import Executor
from twofront.future import FutureModel, Results
from twofront.parameters.sampling import Sampler

FUTURES = {"arrays": 5, "floats": 2}
"""The reference, on floats, takes seconds a future and date."""
MONTHS = 24
"""Two decision dates are enough: the others are the same kernels on other numbers."""


def evaluated(executor: Executor, futures: int) -> Results:
    """The first futures under two policies, their structures of war dealt round so that many of them are there."""
    case = load_case("two-straits")
    case = replace(case, world=replace(case.world, clock=replace(case.world.clock, months=MONTHS)))
    draws = Sampler(case, 11).draw(0, futures)
    laws = draws.structures.copy()
    for row, choice in enumerate(case.structures):
        if choice.name.startswith("war."):
            drawn = [place for place, weight in enumerate(choice.weights) if weight > 0]
            laws[row] = [drawn[(2 * place + 2) % len(drawn)] for place in range(futures)]
    model = FutureModel(case, executor=executor, policies=["build_up"])
    return model.evaluate(draws.values, laws, paths=True)


def bits(numbers: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(numbers).view(np.uint64)


@pytest.mark.parametrize("executor", ["arrays", "floats"])
def test_a_future_is_the_same_to_the_last_bit(executor: Executor) -> None:
    futures = FUTURES[executor]
    one, two = evaluated("compiled", futures), evaluated(executor, futures)
    assert one.outcomes.shape[0] == 2
    assert one.outcomes.shape[1] > 100
    assert np.array_equal(bits(one.outcomes), bits(two.outcomes))
    assert np.array_equal(one.status, two.status)
    assert one.paths is not None
    assert two.paths is not None
    assert np.array_equal(bits(one.paths), bits(two.paths))
    assert not np.array_equal(one.outcomes[0], one.outcomes[1])
