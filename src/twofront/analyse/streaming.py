"""Summaries of runs that are too large to hold: one pass over the parts, exact but for quantiles.

Numbers, means, their errors and shares of futures are exact. Quantiles come from a sketch, whose error is
`twofront.ensemble.reading.RANK_ERROR`; how exactly the sample fixes a median is beyond a sketch and left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from twofront.analyse.estimates import INTERVAL, NORMAL_95, TIE, Difference, Estimate
from twofront.analyse.sample import Floats
from twofront.ensemble.convergence import Convergence
from twofront.ensemble.reading import sketched_quantiles
from twofront.ensemble.store import Layout

if TYPE_CHECKING:
    from twofront.ensemble import Run

__all__ = ["LARGE", "Streamed", "levels_and_changes"]

LARGE = 4_000_000
"""Rows (future × policy) above which a run is summarised part by part."""


@dataclass(frozen=True, slots=True)
class Streamed:
    """Levels by (policy, outcome), changes by the same for all but the present course, and the futures behind them."""

    n: int
    left_out: int
    levels: Mapping[tuple[str, str], Estimate]
    changes: Mapping[tuple[str, str], Difference]


def levels_and_changes(run: Run, names: Sequence[str]) -> Streamed:
    """Summarise outcomes under every policy, and what each policy changes in the same futures."""
    policies, statuses = run.policies, tuple(run.manifest["statuses"])
    watch = Convergence(Layout(policies, tuple(names), statuses, (), ()), watched=names, design=run.sampling)
    keys = [(policy, None, name) for policy in policies for name in names]
    keys += [(policy, policies[0], name) for policy in policies[1:] for name in names]
    columns = [f"{place}" for place in range(len(keys))]
    lower, higher = np.zeros(len(keys)), np.zeros(len(keys))
    futures = usable = 0

    def pieces() -> Iterator[Mapping[str, Floats]]:
        nonlocal futures, usable
        reached = 0
        for lo, hi in run.ranges:
            frame = run.part(lo, hi, [*names, "status"])
            if lo > reached or not len(frame):
                watch.failed(reached, hi if not len(frame) else lo)
            reached = hi
            if not len(frame):
                continue
            filled = [*(frame[name].to_numpy() for name in names), frame["status"].to_physical().to_numpy()]
            rows = np.stack(filled, axis=1, dtype=np.float64).reshape(hi - lo, len(policies), len(names) + 1)
            watch.add(watch.figures(lo, rows))
            kept, values = watch.values(rows)
            futures, usable = futures + len(kept), usable + int(kept.sum())
            lower[:] += np.sum(values < -TIE, axis=0)
            higher[:] += np.sum(values > TIE, axis=0)
            yield dict(zip(columns, np.ascontiguousarray(values.T), strict=True))

    quantiles = sketched_quantiles(pieces(), columns, [INTERVAL[0], 0.5, INTERVAL[1]])
    found = {(item.policy, item.against, item.outcome): item for item in watch.standing.intervals}
    levels: dict[tuple[str, str], Estimate] = {}
    changes: dict[tuple[str, str], Difference] = {}
    for place, key in enumerate(keys):
        item, (low, median, high) = found.get(key), quantiles[columns[place]]
        n, mean, error = (item.n, item.mean, item.half_width / NORMAL_95) if item else (0, float("nan"), float("nan"))
        policy, against, name = key
        if against is None:
            levels[policy, name] = Estimate(n, mean, error, low, median, high)
        else:
            below, above = (float(count[place]) / n if n else float("nan") for count in (lower, higher))
            changes[policy, name] = Difference(n, mean, error, low, median, high, lower=below, higher=above)
    return Streamed(usable, futures - usable, levels, changes)
