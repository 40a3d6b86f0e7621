"""Monthly series of a run as counts in fixed bins, and their quantiles.

A whole run's paths would be a hundred times its outcomes, so they are kept for the first futures only
(`PATH_FUTURES`; the draws of any futures are a random sample). Each policy, series and month has one row in
`paths.parquet`: quantiles of the sample, and the counts they can be merged by. The bins are the same for every
series, run and version: 32 to each doubling of the magnitude, so a bin is at most 3.2% wide.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from twofront.ensemble.model import Floats
from twofront.ensemble.store import write_table

if TYPE_CHECKING:
    import polars as pl

__all__ = ["FILE", "QUANTILES", "PathSample", "bin_edges", "bins_of", "merge", "write_paths"]

FILE = "paths.parquet"
QUANTILES: Final = (0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95)


def quantile_name(level: float) -> str:
    """Column of a quantile: `q05`, `q50`."""
    return f"q{round(100 * level):02d}"


_SUMMARY: Final = ("min", *map(quantile_name, QUANTILES), "max")
_DROPPED_BITS = 18  # of float32: keeps the sign, 8 bits of exponent and 5 of mantissa
_CHUNK = 1 << 20  # values summarised at once
_LEAST_BIN = np.int16(-(1 << 13))


def bins_of(values: npt.NDArray[np.float32]) -> npt.NDArray[np.int16]:
    """The bin of each value; bins rise with the value, and 0 is the first bin that is not negative."""
    bins = (values.view(np.int32) >> _DROPPED_BITS).astype(np.int16)
    below_zero = bins < 0
    if below_zero.any():
        bins = np.where(below_zero, _LEAST_BIN - 1 - bins, bins)
        bins[values == 0] = 0  # minus zero too
    return bins.astype(np.int16, copy=False)


def bin_edges(bins: npt.ArrayLike) -> tuple[Floats, Floats]:
    """Lower and upper edges of bins."""
    number = np.asarray(bins, dtype=np.int32)
    size = np.where(number < 0, -1 - number, number)
    near = (size << _DROPPED_BITS).astype(np.int32).view(np.float32).astype(np.float64)
    far = ((size + 1) << _DROPPED_BITS).astype(np.int32).view(np.float32).astype(np.float64)
    return np.where(number < 0, -far, near), np.where(number < 0, -near, far)


class PathSample:
    """Collects the paths of the first futures, in any order and from several threads."""

    def __init__(self, policies: Sequence[str], paths: Sequence[str], months: npt.ArrayLike, futures: int) -> None:
        self.policies = tuple(policies)
        self.paths = tuple(paths)
        self.months: npt.NDArray[np.int32] = np.asarray(months, dtype=np.int32)
        self.futures = futures
        shape = (len(self.policies), len(self.paths), len(self.months), futures)
        self._values = np.empty(shape, dtype=np.float32)
        self._missing = futures
        self._lock = threading.Lock()

    def put(self, lo: int, paths: Floats) -> bool:
        """Keep the paths of the futures from `lo` on; true if the sample is now complete."""
        count = paths.shape[-1]
        with np.errstate(over="ignore"):
            self._values[..., lo : lo + count] = paths
        with self._lock:
            self._missing -= count
            return self._missing == 0

    @property
    def complete(self) -> bool:
        """Whether nothing is missing."""
        return self._missing == 0

    def table(self) -> Any:
        """The Arrow table of the complete sample; uses the sample up."""
        names = pa.array(self.policies, pa.string()), pa.array(self.paths, pa.string())
        together = max(1, _CHUNK // (len(self.months) * self.futures))
        return pa.Table.from_batches(
            [
                self._batch(policy, first, min(first + together, len(self.paths)), names)
                for policy in range(len(self.policies))
                for first in range(0, len(self.paths), together)
            ]
        )

    def _batch(self, policy: int, first: int, last: int, names: tuple[Any, Any]) -> Any:
        months, series = len(self.months), last - first
        ordered = self._values[policy, first:last].reshape(series * months, self.futures)
        ordered.sort(axis=1)  # NaN last
        defined = self.futures - np.isnan(ordered).sum(axis=1)
        bins, counts, offsets = _run_lengths(ordered, defined)
        named = {
            "policy": _coded(np.full(series * months, policy), names[0]),
            "path": _coded(np.repeat(np.arange(first, last), months), names[1]),
            "month": pa.array(np.tile(self.months, series)),
            "futures": pa.array(defined.astype(np.int32)),
            "undefined": pa.array((self.futures - defined).astype(np.int32)),
        }
        named |= dict(zip(_SUMMARY, map(pa.array, _quantiles(ordered, defined)), strict=True))
        named["bins"] = pa.ListArray.from_arrays(offsets, pa.array(bins))
        named["counts"] = pa.ListArray.from_arrays(offsets, pa.array(counts))
        return pa.record_batch(named)


def _coded(codes: npt.NDArray[Any], names: Any) -> Any:
    return pa.DictionaryArray.from_arrays(pa.array(codes.astype(np.int32)), names)


def _quantiles(ordered: npt.NDArray[np.float32], defined: npt.NDArray[np.int64]) -> Floats:
    """Least, quantiles and greatest of each row, by linear interpolation between order statistics (type 7).

    NaN where nothing is defined.
    """
    last = np.maximum(defined - 1, 0)
    place = np.array([0.0, *QUANTILES, 1.0])[:, None] * last
    below = place.astype(np.int64)
    rows = np.arange(len(ordered))
    lower = ordered[rows, below].astype(np.float64)
    upper = ordered[rows, np.minimum(below + 1, last)].astype(np.float64)
    share = place - below
    with np.errstate(invalid="ignore"):
        return np.where(share > 0, lower + share * (upper - lower), lower)


def _run_lengths(
    ordered: npt.NDArray[np.float32], defined: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.int16], npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    """Bins and counts of every row one after another, and where each row's begin."""
    rows, width = ordered.shape
    bins = bins_of(ordered)
    opens = np.empty((rows, width), dtype=bool)
    opens[:, 0] = defined > 0
    np.not_equal(bins[:, 1:], bins[:, :-1], out=opens[:, 1:])
    for row in np.flatnonzero(defined < width):
        opens[row, max(int(defined[row]), 1) :] = False
    starts = np.flatnonzero(opens)
    row_of = starts // width
    ends = np.empty_like(starts)
    ends[:-1] = starts[1:]
    last = np.ones(len(starts), dtype=bool)
    last[:-1] = row_of[1:] != row_of[:-1]
    ends[last] = row_of[last] * width + defined[row_of[last]]
    offsets = np.zeros(rows + 1, dtype=np.int32)
    np.cumsum(np.bincount(row_of, minlength=rows), out=offsets[1:])
    return bins.reshape(-1)[starts], (ends - starts).astype(np.int32), offsets


def write_paths(folder: Path, table: Any) -> None:
    """Write `paths.parquet`."""
    write_table(table, folder / FILE, floats=_SUMMARY, texts=["policy", "path", "month"])


def merge(frames: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """Counts of several runs added up, with quantiles read off the bins (exact to a bin, 3.2%)."""
    import polars as pl

    keys = ["policy", "path", "month"]
    named = [frame.with_columns(pl.col("policy", "path").cast(pl.String)) for frame in frames]
    long = pl.concat([frame.select(*keys, "bins", "counts").explode("bins", "counts") for frame in named])
    summed = long.drop_nulls("bins").group_by(*keys, "bins").agg(pl.col("counts").sum()).sort(*keys, "bins")
    counts = summed.group_by(*keys, maintain_order=True).agg("bins", "counts")
    sizes = (
        pl.concat([frame.select(*keys, "futures", "undefined", "min", "max") for frame in named])
        .group_by(*keys, maintain_order=True)
        .agg(pl.col("futures", "undefined").sum(), pl.col("min").min(), pl.col("max").max())
    )
    joined = sizes.join(counts, on=keys, how="left", maintain_order="left")
    levels = {
        quantile_name(level): [
            _binned_quantile(bins, counts, level) for bins, counts in zip(joined["bins"], joined["counts"], strict=True)
        ]
        for level in QUANTILES
    }
    names = [*keys, "futures", "undefined", "min", *levels, "max", "bins", "counts"]
    return joined.with_columns(pl.Series(name, column) for name, column in levels.items()).select(names)


def _binned_quantile(bins: pl.Series | None, counts: pl.Series | None, level: float) -> float:
    if bins is None or counts is None or len(bins) == 0:
        return float("nan")
    lower, upper = bin_edges(bins.to_numpy())
    reached = np.cumsum(counts.to_numpy())
    wanted = level * float(reached[-1])
    at = int(np.searchsorted(reached, wanted))
    before = float(reached[at - 1]) if at else 0.0
    share = (wanted - before) / float(counts[at])
    return float(lower[at] + share * (upper[at] - lower[at]))
