"""A model and a sampler small enough to know every result of, and slow or faulty on demand."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from twofront.ensemble.convergence import Goal
from twofront.ensemble.folder import claim
from twofront.ensemble.model import Floats
from twofront.ensemble.opened import Run
from twofront.ensemble.runner import evaluate_into

STATUSES = ("ok", "undefined")


@dataclass(frozen=True)
class FakeDraws:
    values: Floats
    structures: Floats


class FakeSampler:
    """Three parameters, the last of them a constant, and one structure with three laws."""

    parameter_names: Sequence[str] = ("pull", "push", "constant")
    uncertain: Sequence[int] = (0, 1)
    structure_options: Mapping[str, Sequence[str]] = {"law": ("first", "second", "third")}

    def draw(self, lo: int, hi: int) -> FakeDraws:
        index = np.arange(lo, hi, dtype=np.float64)
        pull, push = (index * 0.6180339887) % 1.0, (index * 0.7548776662) % 1.0
        return FakeDraws(np.stack([pull, push, np.full(len(index), 7.0)]), (index % 3)[None])


@dataclass(frozen=True)
class FakeResults:
    outcomes: Floats
    status: npt.NDArray[np.int8]
    paths: Floats | None


@dataclass
class FakeModel:
    """Two outcomes; the second is undefined (NaN, with that status) where `push` is small."""

    policy_names: Sequence[str] = ("present_course", "restraint", "deterrence")
    outcome_names: Sequence[str] = ("war_chance", "margin")
    status_names: Sequence[str] = STATUSES
    path_names: Sequence[str] = ("stock", "hazard")
    path_months: npt.NDArray[np.int64] = field(default_factory=lambda: np.arange(5))
    seconds_a_block: float = 0.0
    fails_at: int = -1
    asked_for_paths: list[int] = field(default_factory=list)
    threads: set[str] = field(default_factory=set)

    def evaluate(self, values: Floats, structures: Floats, *, paths: bool = True) -> FakeResults:
        time.sleep(self.seconds_a_block)
        self.threads.add(threading.current_thread().name)
        pull, push, _ = values
        if self.fails_at >= 0 and np.any(pull == (self.fails_at * 0.6180339887) % 1.0):
            raise ArithmeticError("no solution")
        policy = np.arange(len(self.policy_names))[:, None]
        chance = pull / (1.0 + policy) + structures[0] * 0.125
        undefined = np.broadcast_to(push < 0.1, chance.shape)
        # Not the usual bits of NaN: results may carry any.
        odd_nan = np.array(0xFFF8000000000001, dtype=np.uint64).view(np.float64)
        margin = np.where(undefined, odd_nan, push - policy)
        series = None
        if paths:
            self.asked_for_paths.append(pull.size)
            month = self.path_months[:, None]
            stock = (10.0 + month) * (1.0 + pull)
            hazard = np.where(undefined[:, None, :], np.nan, push - 0.5) * np.ones_like(stock)
            series = np.stack([np.broadcast_to(stock, hazard.shape), hazard], axis=1)
        return FakeResults(np.stack([chance, margin], axis=1), undefined.astype(np.int8), series)


RunFake = Callable[..., Run]


@pytest.fixture
def sampler() -> FakeSampler:
    """The sampler of every fake run."""
    return FakeSampler()


@pytest.fixture
def fake_model() -> type[FakeModel]:
    """The model's class, to set its faults."""
    return FakeModel


ABOUT = {"case": "fake", "case_hash": "0", "case_source": "fake", "seed": 1}


@pytest.fixture
def run_fake(tmp_path: Path) -> RunFake:
    """Run the fake model into a folder of its own, or into `out`."""
    number = 0

    def start(
        futures: int = 10_000,
        *,
        out: Path | None = None,
        force: bool = False,
        workers: int = 2,
        model: FakeModel | None = None,
        unit: int | None = None,
        block: int | None = None,
        sampler: FakeSampler | None = None,
        until: str | None = None,
        watched: Sequence[str] | None = None,
        about: Mapping[str, object] = ABOUT,
    ) -> Run:
        nonlocal number
        number += 1
        folder = claim(out or tmp_path / f"run-{number}", "fake", force=force)
        return evaluate_into(
            folder,
            model or FakeModel(),
            sampler or FakeSampler(),
            futures,
            about,
            workers=workers,
            unit=unit,
            block=block,
            goal=None if until is None else Goal.read(until),
            watched=watched,
        )

    return start
