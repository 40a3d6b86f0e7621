"""Monthly series: counts in fixed bins that can be added up, and quantiles."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from twofront.ensemble.opened import Run
from twofront.ensemble.paths import QUANTILES, PathSample, bin_edges, bins_of, merge

FLOATS = st.floats(width=32, allow_nan=False, allow_infinity=False)


@given(arrays.arrays(np.float32, st.integers(1, 50), elements=FLOATS))
def test_every_value_lies_in_its_bin_and_bins_rise(values: npt.NDArray[Any]) -> None:
    bins = bins_of(values)
    lower, upper = bin_edges(bins)
    assert np.all(lower <= values)
    assert np.all(values <= upper)
    order = np.argsort(values)
    assert np.all(np.diff(bins[order].astype(int)) >= 0)


def test_bins_are_narrow() -> None:
    lower, upper = bin_edges(bins_of(np.array([1e-6, 1.0, 3e5], dtype=np.float32)))
    assert np.all((upper - lower) / lower < 0.032)


def test_the_two_zeros_share_a_bin() -> None:
    assert bins_of(np.array([0.0, -0.0], dtype=np.float32)).tolist() == [0, 0]


def sample(values: npt.NDArray[Any], policies: tuple[str, ...] = ("a", "b")) -> pl.DataFrame:
    futures = values.shape[-1]
    kept = PathSample(policies, ("stock", "hazard"), range(values.shape[2]), futures)
    for lo in range(0, futures, 7):
        kept.put(lo, values[..., lo : lo + 7])
    frame = pl.from_arrow(kept.table())
    assert isinstance(frame, pl.DataFrame)
    return frame


@pytest.fixture
def values() -> npt.NDArray[Any]:
    draws = np.random.default_rng(3).normal(size=(2, 2, 4, 50)) * 1e3
    draws[0, 0, 0, :10] = np.nan
    draws[1, 1, 3, :] = np.nan
    draws[0, 1, 2, :] = 5.0
    return draws


def test_counts_and_quantiles_are_those_of_the_values(values: npt.NDArray[Any]) -> None:
    frame = sample(values)
    assert frame.height == 2 * 2 * 4
    for row in frame.iter_rows(named=True):
        at = ("a", "b").index(row["policy"]), ("stock", "hazard").index(row["path"]), row["month"]
        here = values[at]
        here = here[~np.isnan(here)].astype(np.float32)
        assert (row["futures"], row["undefined"]) == (len(here), 50 - len(here))
        bins, counts = np.unique(bins_of(here), return_counts=True)
        assert row["bins"] == bins.tolist()
        assert row["counts"] == counts.tolist()
        for level in QUANTILES:
            found = row[f"q{round(100 * level):02d}"]
            expected = np.quantile(here.astype(float), level) if len(here) else np.nan
            np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_counts_of_halves_add_up_to_the_whole(values: npt.NDArray[Any]) -> None:
    whole = merge([sample(values)])
    halves = merge([sample(values[..., :20]), sample(values[..., 20:])])
    keys = ["policy", "path", "month"]
    assert whole.sort(keys).equals(halves.sort(keys), null_equal=True)
    exact = sample(values).with_columns(pl.col("policy", "path").cast(pl.String)).sort(keys)
    merged = whole.sort(keys).filter(pl.col("futures") > 0)
    exact = exact.filter(pl.col("futures") > 0)
    spread = (exact["max"] - exact["min"]).to_numpy()
    error = (merged["q50"] - exact["q50"]).abs().to_numpy()
    assert np.all(error <= 0.032 * exact["q50"].abs().to_numpy() + 0.1 * spread)


def test_a_run_keeps_the_paths_of_its_first_futures_only(run_fake: Callable[..., Run], fake_model: Any) -> None:
    model = fake_model()
    run = run_fake(5000, model=model)
    assert sum(model.asked_for_paths) == 1024
    assert run.manifest["paths"]["futures"] == 1024
    assert run.paths is not None
    assert run.paths.height == 3 * 2 * 5
    assert set(run.paths["futures"] + run.paths["undefined"]) == {1024}


def test_a_model_without_paths_has_no_file(run_fake: Callable[..., Run], fake_model: Any) -> None:
    run = run_fake(500, model=fake_model(path_names=()))
    assert run.paths is None
    assert run.manifest["paths"]["futures"] == 0


def test_paths_do_not_depend_on_how_the_run_was_cut(run_fake: Callable[..., Run]) -> None:
    first, second = run_fake(3000, workers=1, block=100), run_fake(3000, workers=3, block=999)
    assert first.paths is not None
    assert second.paths is not None
    assert first.paths.equals(second.paths, null_equal=True)
