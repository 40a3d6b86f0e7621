"""The output hash speaks of values only: not of threads, units, blocks or compression."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from twofront.ensemble import hashing
from twofront.ensemble.opened import Run

FUTURES = 10_000


@pytest.fixture
def plain_hash(sampler: Any, fake_model: Any) -> str:
    """The hash of the fake run, computed as its definition reads."""
    draws = sampler.draw(0, FUTURES)
    results = fake_model().evaluate(draws.values, draws.structures)
    total = hashlib.sha256()
    for start in range(0, FUTURES, 4096):
        block = bytearray()
        for future in range(start, min(start + 4096, FUTURES)):
            for policy in range(3):
                row = [*results.outcomes[policy, :, future], float(results.status[policy, future])]
                block += np.array([np.nan if x != x else x for x in row], dtype="<f8").tobytes()
        total.update(hashlib.sha256(block).digest())
    return total.hexdigest()


@pytest.mark.parametrize(
    ("workers", "unit", "block"),
    [(1, None, None), (2, None, None), (3, 4096, 1000), (2, 8192, 512), (1, 5000, 4096), (4, 12_288, 37)],
)
def test_same_hash_however_it_is_cut(
    run_fake: Callable[..., Run], plain_hash: str, workers: int, unit: int | None, block: int | None
) -> None:
    model_threads = run_fake(FUTURES, workers=workers, unit=unit, block=block)
    assert model_threads.hash == plain_hash
    assert model_threads.complete


def test_several_threads_take_part(run_fake: Callable[..., Run], fake_model: Any) -> None:
    model = fake_model(seconds_a_block=0.002)
    run_fake(FUTURES, workers=3, model=model, block=256)
    assert len(model.threads) == 3


def test_units_of_any_size_end_on_hash_blocks(run_fake: Callable[..., Run]) -> None:
    run = run_fake(FUTURES, unit=5000)
    assert run.ranges == [(0, 8192), (8192, 10_000)]


def test_one_changed_value_changes_the_hash(plain_hash: str, run_fake: Callable[..., Run], fake_model: Any) -> None:
    class Changed(fake_model):
        def evaluate(self, values: Any, structures: Any, *, paths: bool = True) -> Any:
            results = super().evaluate(values, structures, paths=paths)
            results.outcomes[0, 0, 0] = np.nextafter(results.outcomes[0, 0, 0], 2.0)
            return results

    assert run_fake(FUTURES, model=Changed()).hash != plain_hash


def test_a_status_is_part_of_the_hash() -> None:
    rows = np.zeros((4, 2, 3))
    other = rows.copy()
    other[2, 1, -1] = 1.0
    assert hashing.digests(rows) != hashing.digests(other)


def test_every_nan_is_the_same() -> None:
    odd = np.array([0xFFF8000000000001, 0x7FF8000000000000], dtype=np.uint64).view(np.float64)
    rows = hashing.canonical(odd.reshape(2, 1, 1).copy())
    assert hashing.block_digest(rows[:1]) == hashing.block_digest(rows[1:])


def test_stored_values_have_the_digests_of_the_manifest(run_fake: Callable[..., Run]) -> None:
    run = run_fake(FUTURES)
    stored = [digest for part in run.recomputed_digests().values() for digest in part]
    assert stored == [digest for unit in run.manifest["units"] for digest in unit["digests"]]


def test_a_shorter_run_shares_its_whole_blocks(run_fake: Callable[..., Run]) -> None:
    longer, shorter = run_fake(FUTURES), run_fake(8192)
    first = [digest for unit in longer.manifest["units"] for digest in unit["digests"]]
    assert [digest for unit in shorter.manifest["units"] for digest in unit["digests"]] == first[:2]


def test_code_hash_is_of_the_sources() -> None:
    import twofront
    from twofront.ensemble.manifest import code_hash

    assert Path(twofront.__file__).exists()
    assert len(code_hash()) == 64
