"""A run small enough to check by hand, on the invented case."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from twofront.analyse import Sample
from twofront.case import Case, load_case

STRUCTURES = {"contest": ("ratio", "difference"), "waiting": ("forward", "myopic")}


class HandMade:
    """What an analysis asks of a run, with numbers that a test wrote down: outcome → policy → futures."""

    def __init__(
        self,
        case: Case,
        outcomes: Mapping[str, Mapping[str, Sequence[float]]],
        *,
        status: Mapping[str, Sequence[str]] | None = None,
        inputs: Mapping[str, Sequence[float]] | None = None,
        structures: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        self.case = case
        self.folder = Path("made-by-hand")
        first = next(iter(outcomes.values()))
        self.policies = tuple(first)
        self.futures = len(next(iter(first.values())))
        self.outcome_names = tuple(outcomes)
        self.parameter_names = tuple(inputs or ())
        self.structure_options = STRUCTURES if structures else {}
        self.ranges = [(0, self.futures)]
        self.manifest = {"case_hash": "another"}
        self.sampling = "random"
        order = [(future, policy) for future in range(self.futures) for policy in self.policies]
        columns: dict[str, Any] = {
            "future": [future for future, _ in order],
            "policy": [policy for _, policy in order],
            "status": [status[policy][future] if status else "ok" for future, policy in order],
        }
        columns |= {name: [float(values[p][f]) for f, p in order] for name, values in outcomes.items()}
        columns |= {f"in.{name}": [float(values[f]) for f, _ in order] for name, values in (inputs or {}).items()}
        self._frame = pl.DataFrame(columns)
        for name, drawn in (structures or {}).items():
            text = pl.Series(f"structure.{name}", [drawn[f] for f, _ in order], dtype=pl.Enum(STRUCTURES[name]))
            self._frame = self._frame.with_columns(text)

    @property
    def rows(self) -> int:
        return self._frame.height

    @property
    def columns(self) -> tuple[str, ...]:
        return tuple(self._frame.columns)

    def frame(self, columns: Iterable[str] | None = None) -> pl.DataFrame:
        return self._frame if columns is None else self._frame.select(list(columns))


@pytest.fixture(scope="session")
def case() -> Case:
    """The invented case."""
    return load_case("two-straits")


@pytest.fixture
def made(case: Case) -> Callable[..., Sample]:
    """Make a sample from numbers: ``made({outcome: {policy: [one number per future]}})``."""

    def make(outcomes: Mapping[str, Mapping[str, Sequence[float]]], **more: Any) -> Sample:
        return Sample(HandMade(case, outcomes, **more))  # pyright: ignore[reportArgumentType]

    return make


@pytest.fixture
def rng() -> np.random.Generator:
    """Numbers that are the same each time."""
    return np.random.default_rng(20250705)
