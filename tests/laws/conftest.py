"""Futures of the bundled cases under changed numbers: what the laws of the whole chain are tested on."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import numpy as np
import numpy.typing as npt
import pytest

from twofront.case import Case, load_case
from twofront.future import FutureModel
from twofront.parameters.sampling import Draws, Sampler

Floats = npt.NDArray[np.float64]

SEED = 20


class Futures:
    """Results of one evaluation, by the names of outcomes and policies."""

    def __init__(self, model: FutureModel, draws: Draws, *, paths: bool = False) -> None:
        self.model, self.draws = model, draws
        self.results = model.evaluate(draws.values, draws.structures, paths=paths)

    def __call__(self, outcome: str, policy: str | int = 0) -> Floats:
        """An outcome of every future, under a policy (the present course unless told otherwise)."""
        row = self.model.outcome_names.index(outcome)
        number = self.model.policy_names.index(policy) if isinstance(policy, str) else policy
        return self.results.outcomes[number, row]

    def names(self, start: str) -> list[str]:
        """Outcomes whose names begin so."""
        return [name for name in self.model.outcome_names if name.startswith(start)]


class Bench:
    """A case with its model, made ready once, and draws in which chosen numbers are changed."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.model = FutureModel(case)
        self.rows = {item.name: row for row, item in enumerate(case.parameters)}

    def draws(self, futures: int, seed: int = SEED) -> Draws:
        """The first futures of the case."""
        return Sampler(self.case, seed).draw(0, futures)

    def parameters(self, quantity: str, *words: str) -> list[str]:
        """Parameters that give a quantity, for entries that hold all the words."""
        reading = self.case.reading(quantity)
        found = {p for entry, p in reading.items() if p is not None and set(words) <= set(entry)}
        assert found, f"nothing gives {quantity} of {words}"
        return sorted(found)

    def changed(
        self,
        draws: Draws,
        put: Mapping[str, float] | None = None,
        scale: Mapping[str, float] | None = None,
        structures: Mapping[str, str] | None = None,
    ) -> Draws:
        """Draws in which parameters (all of a quantity, else one by name) are put at a value or scaled."""
        values, laws = draws.values.copy(), draws.structures.copy()
        for changes, scaled in ((put or {}, False), (scale or {}, True)):
            for name, number in changes.items():
                for parameter in self.parameters(name) if name in self.case.readings else [name]:
                    row = self.rows[parameter]
                    values[row] = values[row] * number if scaled else number
        for name, option in (structures or {}).items():
            names = [item.name for item in self.case.structures]
            laws[names.index(name)] = self.case.structures[names.index(name)].options.index(option)
        return Draws(values, laws)

    def run(self, draws: Draws, *, paths: bool = False) -> Futures:
        """Evaluate under every policy."""
        return Futures(self.model, draws, paths=paths)


@cache
def bench(name: str) -> Bench:
    """The bench of a bundled case."""
    return Bench(load_case(name))


@pytest.fixture(scope="session", params=["two-straits", "rutte-2025"])
def any_case(request: pytest.FixtureRequest) -> Bench:
    """Each bundled case in turn."""
    return bench(request.param)


@pytest.fixture(scope="session")
def straits() -> Bench:
    """The invented case."""
    return bench("two-straits")


@pytest.fixture(scope="session")
def rutte() -> Bench:
    """The case that the project opens with."""
    return bench("rutte-2025")
