"""Futures of the bundled cases under changed numbers: what the laws of the whole chain are tested on."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from twofront.case import Case, load_case
from twofront.case.bundled import find_case
from twofront.engine.executor import Stage, compile_stage
from twofront.future import FutureModel
from twofront.future.inputs import LEVER, STRUCTURE, drawn_readings, structure_number, with_levers
from twofront.parameters.sampling import Draws, Sampler
from twofront.simulate import Conditions, simulate

Floats = npt.NDArray[np.float64]

SEED = 20


class Futures:
    """Results of one evaluation, by the names of outcomes and policies."""

    def __init__(self, model: FutureModel, draws: Draws, *, paths: bool = False) -> None:
        self.model, self.draws = model, draws
        self.first_year = model.case.world.clock.first_year
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

    def slack(self, draws: Draws, *theatres: str) -> Floats:
        """For each future, how far more force or more rounds may help the other side in some of the theatres.

        Nothing, to rounding, but under salvoes: a stronger force empties the same magazines sooner, and may do so
        before what it aims at has come. Half a point in a hundred is about four times the most that is seen.
        """
        worst = np.full(draws.values.shape[1], 1e-12)
        for row, choice in enumerate(self.case.structures):
            if any(choice.name == f"war.{theatre}" for theatre in theatres):
                salvo = [place for place, law in enumerate(choice.options) if law.startswith("salvo")]
                worst[np.isin(draws.structures[row], salvo)] = 0.005
        return worst

    def run(self, draws: Draws, *, paths: bool = False) -> Futures:
        """Evaluate under every policy."""
        return Futures(self.model, draws, paths=paths)

    def path(self, draws: Draws, policy: str) -> dict[tuple[str, ...], Floats]:
        """All rows of the path without war, steps by futures."""
        case = self.case
        inputs = [item.name for item in case.parameters] + [STRUCTURE + item.name for item in case.structures]
        levers = [LEVER + item.name for item in case.levers]

        def function(values: Mapping[str, Any]) -> dict[str, Any]:
            before = drawn_readings(case, values)
            path, deflator = (structure_number(case, name, values) for name in ("spending_path", "deflator"))
            found = simulate(case.world, Conditions(before, with_levers(case, before, values), path, deflator))
            return {" ".join(key): row for key, row in found.rows.items()}

        kernel = compile_stage(Stage("rows", function, dict.fromkeys([*inputs, *levers]), frozenset(levers)))
        drawn = np.ascontiguousarray(np.concatenate([draws.values, draws.structures]))
        outputs = np.empty((len(kernel.output_rows), drawn.shape[1]))
        setting = case.policy(policy).levers
        uniform = np.array([setting[name.removeprefix(LEVER)] for name in kernel.uniform_rows])
        kernel.run(drawn, outputs, 0, drawn.shape[1], uniform)
        rows: dict[tuple[str, ...], list[Floats]] = {}
        for name, row in zip(kernel.output_rows, outputs, strict=True):
            rows.setdefault(tuple(name.split("[")[0].split(" ")), []).append(row)
        return {key: np.array(row) for key, row in rows.items()}


def edited(name: str, folder: Path, *changes: tuple[str, str]) -> Bench:
    """A bundled case with changes to its text (patterns and what takes their place, once each)."""
    copy = folder / name
    shutil.copytree(find_case(name), copy)
    text = (copy / "case.yaml").read_text(encoding="utf-8")
    for pattern, to in changes:
        text, count = re.subn(pattern, to, text, count=1, flags=re.MULTILINE)
        assert count == 1, f"{name} has no {pattern}"
    (copy / "case.yaml").write_text(text, encoding="utf-8")
    return Bench(load_case(copy))


@pytest.fixture
def edit(tmp_path: Path) -> Callable[..., Bench]:
    """Make a bundled case over: `edit("two-straits", (pattern, to), ...)`."""
    return lambda name, *changes: edited(name, tmp_path, *changes)


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
