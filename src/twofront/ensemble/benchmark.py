"""Speed of everything that evaluates futures, and of its peers, in one sitting, so that the ratios mean something.

Numbers of seconds belong to the machine and its moment; ratios between rows measured side by side travel better.
Rounds are interleaved: a disturbance meets all rows alike. What a group measures is in `benchmark_rows` and, for the
peers, `benchmark_peers`.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Protocol

from twofront.faults import UserError, listed, nearest

if TYPE_CHECKING:
    from twofront.case import Case

__all__ = ["GROUPS", "Group", "Measurement", "Sample", "Setting", "measure"]

Told = Callable[[str], None]

GROUPS: Final = {
    "engines": "futures a second of whole runs and of the kernels alone, by engine and workers",
    "structures": "futures a second by structure of war",
    "start": "compiling, a fresh process up to its first unit with and without cache, memory",
    "peers": "the same future as plain Python, and driven by the EMA workbench",
    "numpy": "one sub-model over NumPy arrays of futures",
    "c++": "the same stages through a C++ compiler, strict and fast-math",
    "games": "games a second (more with --games)",
}
"""What `measure` can be asked for, and what each is."""


@dataclass
class Measurement:
    """One row: a rate, a time or a ratio, measured some times; no values where a peer is absent."""

    name: str
    unit: str
    values: list[float] = field(default_factory=list)
    note: str = ""
    group: str = ""

    @property
    def least(self) -> float:
        """The smallest value."""
        return min(self.values)

    @property
    def median(self) -> float:
        """The middle value."""
        return statistics.median(self.values)

    @property
    def most(self) -> float:
        """The largest value."""
        return max(self.values)

    def to_json(self) -> dict[str, Any]:
        """All of it, the least, median and most None where nothing was measured."""
        found = (self.least, self.median, self.most) if self.values else (None, None, None)
        return {
            "group": self.group,
            "name": self.name,
            "unit": self.unit,
            **dict(zip(("least", "median", "most"), found, strict=True)),
            "values": self.values,
            "note": self.note,
        }


@dataclass(frozen=True)
class Sample:
    """One value of one row. Not a number: nothing could be measured, and the note says why."""

    name: str
    unit: str
    value: float
    note: str = ""


class Group(Protocol):
    """Rows that are measured together. Making one prepares what it needs."""

    def round(self) -> Iterator[Sample]:
        """Measure each row once; a row may be left out of some rounds."""
        ...


@dataclass(frozen=True)
class Setting:
    """What all groups are measured with."""

    case: Case
    futures: int
    rounds: int
    workers: int
    told: Told


RATIOS: Final = (
    ("kernels, 1 policy, {n} threads", "plain Python", "plain Python future"),
    ("kernels, 1 policy, {n} threads", "EMA workbench, sequential", "the EMA workbench's sequential evaluator"),
    ("kernels, 1 policy, {n} threads", "EMA workbench, multiprocessing", "its multiprocessing evaluator"),
)
"""Rows divided by others of the same round: which, by which, and in words."""


def measure(
    case: Case, only: Sequence[str] = (), *, futures: int, rounds: int, workers: int, told: Told = lambda _: None
) -> list[Measurement]:
    """Measure the groups named (all where none is) in interleaved rounds and give the rows in their order.

    Raises `UserError` for a group that does not exist.
    """
    for name in only:
        if name not in GROUPS:
            close = nearest(name, list(GROUPS))
            hint = f"did you mean `{close}`?" if close else f"there are {listed(list(GROUPS))}"
            raise UserError(f"--only {name}: no such group; {hint}")
    setting = Setting(case, futures, rounds, workers, told)
    groups = [(name, _made(name, setting)) for name in GROUPS if not only or name in only]
    rows: dict[tuple[str, str], Measurement] = {}
    for number in range(rounds):
        begun: dict[str, float] = {}
        for group, found in groups:
            told(f"round {number + 1} of {rounds}: {group}")
            for sample in found.round():
                _keep(rows, group, sample)
                begun[sample.name] = sample.value
        for sample in _ratios(begun, workers):
            _keep(rows, "ratios", sample)
    return list(rows.values())


def _keep(rows: dict[tuple[str, str], Measurement], group: str, sample: Sample) -> None:
    row = rows.setdefault((group, sample.name), Measurement(sample.name, sample.unit, group=group))
    row.note = sample.note or row.note
    if sample.value == sample.value:
        row.values.append(sample.value)


def _ratios(found: dict[str, float], workers: int) -> Iterator[Sample]:
    for ours, theirs, words in RATIOS:
        one, two = found.get(ours.format(n=workers)), found.get(theirs)
        if one is not None and two is not None:
            yield Sample(f"kernels, {workers} threads, by {words}", "times", one / two, "futures/s of the same round")


def _made(name: str, setting: Setting) -> Group:
    setting.told(f"preparing: {name}")
    if name in ("peers", "numpy", "c++"):
        from twofront.ensemble import benchmark_peers

        makers: dict[str, Callable[[Setting], Group]] = {
            "peers": benchmark_peers.Peers,
            "numpy": benchmark_peers.OnArrays,
            "c++": benchmark_peers.CPlusPlus,
        }
        return makers[name](setting)
    from twofront.ensemble import benchmark_rows

    ours: dict[str, Callable[[Setting], Group]] = {
        "engines": benchmark_rows.Engines,
        "structures": benchmark_rows.Structures,
        "start": benchmark_rows.Start,
        "games": benchmark_rows.Games,
    }
    return ours[name](setting)
