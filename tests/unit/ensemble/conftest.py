"""Runs of a made-up model."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest
from made_up import ABOUT, FakeModel, FakeRecipe, FakeSampler

from twofront.ensemble.convergence import Goal
from twofront.ensemble.engines import Engine
from twofront.ensemble.folder import claim
from twofront.ensemble.opened import Run
from twofront.ensemble.runner import evaluate_into

RunFake = Callable[..., Run]


@pytest.fixture
def sampler() -> FakeSampler:
    """The sampler of every fake run."""
    return FakeSampler()


@pytest.fixture
def fake_model() -> type[FakeModel]:
    """The model's class, to set its faults."""
    return FakeModel


@pytest.fixture
def run_fake(tmp_path: Path) -> RunFake:
    """Run the fake model into a folder of its own, or into `out`."""
    number = 0

    def start(
        futures: int = 10_000,
        *,
        out: Path | str | None = None,
        force: bool = False,
        workers: int = 2,
        model: FakeModel | None = None,
        unit: int | None = None,
        block: int | None = None,
        keep: Sequence[str] | None = None,
        engine: Engine | None = None,
        recipe: FakeRecipe | None = None,
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
            workers=workers if engine is None else engine.workers,
            unit=unit,
            block=block,
            keep=keep,
            engine=engine,
            recipe=recipe,
            goal=None if until is None else Goal.read(until),
            watched=watched,
        )

    return start
