"""A model and a sampler small enough to know every result of, and slow or faulty on demand.

A module of its own, so that worker processes can make them too.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

from twofront.ensemble.model import Floats

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


@dataclass(frozen=True)
class FakeRecipe:
    """Makes them in whatever process it is called."""

    seconds_a_block: float = 0.0
    fails_at: int = -1
    dies_at: int = -1
    """A future whose evaluation kills the process, as long as `mark` does not exist."""
    mark: Path | None = None
    """Made by the process that is about to be killed, so that it happens once."""

    def __call__(self) -> tuple[FakeModel, FakeSampler]:
        model = FakeModel(seconds_a_block=self.seconds_a_block, fails_at=self.fails_at)
        if self.dies_at >= 0:
            model = DyingModel(seconds_a_block=self.seconds_a_block, dies_at=self.dies_at, mark=self.mark)
        return model, FakeSampler()


@dataclass
class DyingModel(FakeModel):
    """Kills its own process, as a system without memory would."""

    dies_at: int = -1
    mark: Path | None = None

    def evaluate(self, values: Floats, structures: Floats, *, paths: bool = True) -> FakeResults:
        if np.any(values[0] == (self.dies_at * 0.6180339887) % 1.0) and (self.mark is None or not self.mark.exists()):
            if self.mark is not None:
                self.mark.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return super().evaluate(values, structures, paths=paths)


ABOUT = {"case": "fake", "case_hash": "0", "case_source": "fake", "seed": 1, "executor": "floats"}
