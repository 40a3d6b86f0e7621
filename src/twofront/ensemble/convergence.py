"""Are these futures enough? Monte Carlo intervals while a run goes on, and when it may stop.

An interval is the 95% interval of a mean over the draws: how far the number of futures leaves it open, not how
uncertain the world is. Watched are the levels of some outcomes under every policy, and what each policy changes in the
same draws. Futures of one replicate (see `twofront.parameters.designs`) count as one observation, so intervals hold for
every design: with `c` replicates of sums s and counts n, the mean is M = sum(s) / sum(n) and its variance
sum((s - M n)^2) / sum(n)^2 * c / (c - 1), with c - 1 degrees of freedom.

Units are folded in the order of their futures, whatever order they finish in, so a run stops at the same future
whatever the number of workers.
"""

from __future__ import annotations

import math
import re
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from twofront.ensemble import store
from twofront.ensemble.model import USABLE, Floats
from twofront.ensemble.store import Layout
from twofront.faults import UserError, listed, nearest
from twofront.parameters.designs import finished_replicates, replicates_of

__all__ = ["NORMAL_95", "WATCHED", "Convergence", "Goal", "Interval", "Standing", "to_watch"]

WATCHED = ("any_war_chance", "double_war_chance", "second_front_chance.fixed")
"""Outcomes that are watched unless others are named: chances, whose size has a meaning of its own."""

NORMAL_95 = 1.959963984540054
"""Half width of a 95% interval in standard errors."""
_GOAL = re.compile(r"\s*([0-9.eE+-]+)\s*(%|pp)\s*")


@dataclass(frozen=True, slots=True)
class Goal:
    """How narrow every interval must be.

    A relative half-width is a share of what it belongs to: of the mean, for a level; of the mean change or of the
    present course's level, whichever is larger, for what a policy changes. An absolute one is in percentage points and
    so suits chances and shares.
    """

    half_width: float
    relative: bool
    text: str

    @staticmethod
    def read(text: str) -> Goal:
        """`0.5%` of the value, or `0.2pp` (percentage points)."""
        found = _GOAL.fullmatch(text)
        try:
            value = float(found[1]) / 100 if found else math.nan
        except ValueError:
            value = math.nan
        if found is None or not 0 < value < 1:
            raise UserError(
                f"until `{text}`: give how narrow the 95% intervals must be, as a share of the value or in percentage "
                "points, above 0 and below 100: for instance 0.5% or 0.2pp"
            )
        return Goal(value, found[2] == "%", text.strip())


def to_watch(outcomes: Sequence[str], named: Sequence[str] | None, goal: Goal | None) -> list[str]:
    """The outcomes that are watched: those named, else those of `WATCHED` that there are; `UserError` for unknown."""
    for name in named or ():
        if name not in outcomes:
            near = nearest(name, outcomes)
            hint = f"did you mean `{near}`?" if near else f"there are {listed(outcomes)}"
            raise UserError(f"no outcome `{name}` to watch; {hint}")
    chosen = [name for name in WATCHED if name in outcomes] if named is None else list(dict.fromkeys(named))
    if goal is not None and not chosen:
        raise UserError(f"until `{goal.text}`: there is none of {listed(WATCHED)}; name what to watch")
    return chosen


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean over the futures so far and the half-width of its 95% interval."""

    outcome: str
    policy: str
    against: str | None
    """The present course where this is what `policy` changes; None for a level."""
    n: int
    mean: float
    half_width: float
    scale: float
    """What a relative half-width is a share of."""

    @property
    def share(self) -> float:
        """Half-width as a share of the value; infinite where the value is zero and the half-width is not."""
        if self.half_width == 0.0:
            return 0.0
        return self.half_width / self.scale if self.scale > 0 else math.inf

    @property
    def clear(self) -> bool:
        """Whether the interval leaves out zero."""
        return abs(self.mean) > self.half_width

    def excess(self, goal: Goal) -> float:
        """Half-width in terms of what is asked: at most 1 where it is narrow enough."""
        return (self.share if goal.relative else self.half_width) / goal.half_width

    def to_json(self) -> dict[str, Any]:
        """For the manifest; an infinite half-width is null."""
        width = self.half_width if math.isfinite(self.half_width) else None
        named = {"outcome": self.outcome, "policy": self.policy, "against": self.against}
        return {**named, "n": self.n, "mean": self.mean, "half_width": width}


@dataclass(frozen=True, slots=True)
class Standing:
    """Where the intervals stand after the first `futures` futures."""

    futures: int
    intervals: tuple[Interval, ...]
    goal: Goal | None

    @property
    def widest(self) -> Interval | None:
        """The interval that is furthest from the goal; without one, the widest level in relation to its value."""
        if self.goal is not None:
            goal = self.goal
            return max(self.intervals, key=lambda item: item.excess(goal), default=None)
        return max((item for item in self.intervals if item.against is None), key=lambda item: item.share, default=None)

    @property
    def reached(self) -> bool:
        """Whether every interval is as narrow as the goal asks."""
        return self.goal is not None and self.widest is not None and self.widest.excess(self.goal) <= 1.0

    @property
    def needed(self) -> int | None:
        """About how many futures the goal takes, to two digits; None where no number would do.

        Half-widths are taken to shrink with the root of the number; with Latin hypercubes and Sobol' sequences they
        shrink at least as fast.
        """
        if self.goal is None or self.widest is None:
            return None
        wanted = self.futures * max(1.0, self.widest.excess(self.goal)) ** 2
        if not math.isfinite(wanted):
            return None
        unit = 10 ** max(0, math.floor(math.log10(wanted)) - 1)
        return math.ceil(wanted / unit) * unit

    @property
    def differences(self) -> tuple[int, int]:
        """How many changes by policies are told from zero, and of how many."""
        changes = [item for item in self.intervals if item.against is not None and (item.mean or item.half_width)]
        return sum(item.clear for item in changes), len(changes)

    def to_json(self) -> dict[str, Any]:
        """For the manifest."""
        return {"futures": self.futures, "intervals": [item.to_json() for item in self.intervals]}


@dataclass(frozen=True, slots=True)
class _Moments:
    """Sums over replicates, one entry a watched quantity: what two sets of replicates are joined by, exactly.

    With m the mean here, s and n a replicate's sum and count: `square` = sum((s - m n)^2), `cross` = sum((s - m n) n),
    `weight` = sum(n^2).
    """

    n: Floats
    mean: Floats
    square: Floats
    cross: Floats
    weight: Floats
    replicates: Floats

    @staticmethod
    def of(sums: Floats, counts: Floats) -> _Moments:
        """Of replicates given by their sums and counts (replicates, quantities)."""
        n = _added(counts)
        mean = _added(sums) / np.maximum(n, 1.0)
        rest = sums - mean * counts
        return _Moments(
            n, mean, _added(rest**2), _added(rest * counts), _added(counts**2), _added((counts > 0).astype(np.float64))
        )

    def joined(self, other: _Moments) -> _Moments:
        """The moments of both sets of replicates."""
        n = self.n + other.n
        mean = (self.n * self.mean + other.n * other.mean) / np.maximum(n, 1.0)
        square, cross = np.zeros_like(n), np.zeros_like(n)
        for part in (self, other):
            moved = part.mean - mean
            square += part.square + 2.0 * moved * part.cross + moved**2 * part.weight
            cross += part.cross + moved * part.weight
        return _Moments(n, mean, square, cross, self.weight + other.weight, self.replicates + other.replicates)

    def half_width(self) -> Floats:
        """Of the 95% interval; infinite below two replicates."""
        with np.errstate(divide="ignore", invalid="ignore"):
            error = np.sqrt(np.maximum(self.square, 0.0) * self.replicates / (self.replicates - 1.0)) / self.n
            found = _student(self.replicates - 1.0) * error
        return np.where(self.replicates > 1.0, found, np.inf)


@dataclass(frozen=True, slots=True)
class Figures:
    """What a unit adds. `replicates` are its replicates' numbers, with sums and counts; or `moments` stand for them."""

    lo: int
    hi: int
    replicates: npt.NDArray[np.int64] | None
    sums: Floats
    counts: Floats
    moments: _Moments | None


class Convergence:
    """Watches a run. `figures` may be called by any thread or process; `add` by any thread and in any order."""

    def __init__(
        self, layout: Layout, *, watched: Sequence[str] | None = None, design: str = "random", goal: Goal | None = None
    ) -> None:
        chosen = to_watch(layout.outcomes, watched, goal)
        self.goal = goal
        self.stop_at: int | None = None
        """The end of the unit with which the goal was reached."""
        self._layout = layout
        self._design = design
        self._outcomes = [layout.outcomes.index(name) for name in chosen]
        self._names = chosen
        self._usable = [place for place, name in enumerate(layout.statuses) if name in USABLE]
        self._lock = threading.Lock()
        self._waiting: dict[int, Figures] = {}
        self._next = 0
        self._moments: _Moments | None = None
        self._open: dict[int, tuple[Floats, Floats]] = {}
        self.standing = Standing(0, (), goal)
        """After the units without a gap from the first future on."""

    def values(self, rows: Floats) -> tuple[npt.NDArray[np.bool_], Floats]:
        """What is watched, future by future: which futures are usable, and levels, then changes (futures, quantities).

        Both by policy, then outcome; NaN where undefined or not usable. `rows` is by future, policy and outcome,
        the status code last.
        """
        kept = np.logical_and.reduce(np.isin(rows[:, :, -1], self._usable), axis=1)
        levels = rows[:, :, self._outcomes]
        values = np.concatenate([levels, levels[:, 1:] - levels[:, :1]], axis=1)
        values = values.reshape(len(rows), self._quantities)
        values[~kept] = np.nan
        return kept, values

    def figures(self, lo: int, rows: Floats) -> Figures:
        """What the futures from `lo` on add; see `values`."""
        _, values = self.values(rows)
        defined = ~np.isnan(values)
        values, counts = np.where(defined, values, 0.0), defined.astype(np.float64)
        hi = lo + len(rows)
        replicates = replicates_of(self._design, np.arange(lo, hi))
        if replicates is None:
            return Figures(lo, hi, None, values[:0], counts[:0], _Moments.of(values, counts))
        numbers = np.unique(replicates)
        sums = np.stack([_added(values[replicates == number]) for number in numbers])
        held = np.stack([_added(counts[replicates == number]) for number in numbers])
        return Figures(lo, hi, numbers, sums, held, None)

    def failed(self, lo: int, hi: int) -> None:
        """Pass over a unit that could not be evaluated."""
        nothing = np.zeros((0, self._quantities))
        self.add(Figures(lo, hi, np.zeros(0, dtype=np.int64), nothing, nothing, None))

    def add(self, found: Figures) -> None:
        """Take in a unit, and every unit that waited for it."""
        with self._lock:
            self._waiting[found.lo] = found
            while self.stop_at is None and self._next in self._waiting:
                unit = self._waiting.pop(self._next)
                self._fold(unit)
                self._next = unit.hi
                self.standing = self._stand()
                if self.standing.reached:
                    self.stop_at = self._next

    def take_stored(self, folder: Path, units: Iterable[tuple[int, int]]) -> None:
        """Take in units that an earlier part of the same run has written; what is watched is always stored."""
        narrow = replace(self._layout, outcomes=tuple(self._names), kept=None)
        reader = Convergence(narrow, watched=self._names, design=self._design)
        for lo, hi in units:
            part = folder / store.FOLDER / store.part_name(lo, hi)
            self.add(reader.figures(lo, store.read_rows(part, narrow)))

    def __reduce__(self) -> tuple[Any, ...]:
        """Another process gets a new one, which gives the same `figures`."""
        return partial(Convergence, self._layout, watched=self._names, design=self._design, goal=self.goal), ()

    @property
    def _quantities(self) -> int:
        return (2 * len(self._layout.policies) - 1) * len(self._names)

    def _fold(self, unit: Figures) -> None:
        if unit.moments is not None:
            self._moments = unit.moments if self._moments is None else self._moments.joined(unit.moments)
        if unit.replicates is None:
            return
        for number, sums, counts in zip(unit.replicates.tolist(), unit.sums, unit.counts, strict=True):
            before = self._open.get(number)
            self._open[number] = (sums, counts) if before is None else (before[0] + sums, before[1] + counts)
        below = finished_replicates(self._design, unit.hi)
        done = sorted(number for number in self._open if number < below)
        if done:
            found = self._of([self._open.pop(number) for number in done])
            self._moments = found if self._moments is None else self._moments.joined(found)

    def _of(self, clusters: Sequence[tuple[Floats, Floats]]) -> _Moments:
        return _Moments.of(np.stack([each[0] for each in clusters]), np.stack([each[1] for each in clusters]))

    def _stand(self) -> Standing:
        found = self._moments
        if self._open:
            rest = self._of([self._open[number] for number in sorted(self._open)])
            found = rest if found is None else found.joined(rest)
        if found is None:
            return Standing(self._next, (), self.goal)
        policies, names = self._layout.policies, self._names
        shape = 2 * len(policies) - 1, len(names)
        means, widths, counts = (each.reshape(shape) for each in (found.mean, found.half_width(), found.n))
        intervals: list[Interval] = []
        for row in range(len(means)):
            change = row >= len(policies)
            for place, name in enumerate(names):
                n, mean = int(counts[row, place]), float(means[row, place])
                if n:
                    policy = policies[row - len(policies) + 1] if change else policies[row]
                    scale = max(abs(mean), abs(float(means[0, place]))) if change else abs(mean)
                    against = policies[0] if change else None
                    intervals.append(Interval(name, policy, against, n, mean, float(widths[row, place]), scale))
        return Standing(self._next, tuple(intervals), self.goal)


def _added(rows: Floats) -> Floats:
    """Sum over the first axis by halves: the same order, and so the same bits, on every processor."""
    if not len(rows):
        return np.zeros(rows.shape[1:])
    while len(rows) > 1:
        half = len(rows) // 2
        odd = rows[2 * half :]
        rows = rows[:half] + rows[half : 2 * half]
        if len(odd):
            rows[:1] += odd
    return rows[0].copy()


def _student(freedom: Floats) -> Floats:
    """The 97.5th percentile of Student's t."""
    if np.all((freedom > 1000) | (freedom < 1)):
        return np.full_like(freedom, NORMAL_95)
    from scipy.special import stdtrit

    return stdtrit(np.maximum(freedom, 1.0), 0.975)
