"""How a run is cut: units that are written as one part each, and blocks that are evaluated in one call."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from twofront.ensemble.hashing import BLOCK

__all__ = ["PATH_FUTURES", "Plan", "plan"]

PATH_FUTURES = 1024
"""The first futures of a run, whose monthly paths are kept (as counts and quantiles)."""

_PART_ROWS = 131_072
"""Of a part, which is one row group then: as many as DuckDB takes to a thread."""
_PART_BYTES = 128 << 20
"""Of the values of a part in memory; a part of many columns has fewer rows."""
_MOST_BLOCK = 2048
_LEAST_BLOCK = 256
_PATH_BYTES = 64 << 20


@dataclass(frozen=True, slots=True)
class Plan:
    """Ranges of future indices. Nothing in the results depends on them."""

    futures: int
    unit: int
    block: int
    path_block: int
    """The block where paths are recorded, smaller because a path has many months."""
    path_futures: int
    only: tuple[tuple[int, int], ...] | None = None
    """The units to evaluate, where not all are wanted."""

    def units(self) -> Iterator[tuple[int, int]]:
        """Ranges that become one part each."""
        if self.only is not None:
            yield from self.only
            return
        for lo in range(0, self.futures, self.unit):
            yield lo, min(lo + self.unit, self.futures)

    def blocks(self, lo: int, hi: int) -> Iterator[tuple[int, int]]:
        """Ranges within a unit that are evaluated in one call; none straddles the end of the path sample."""
        while lo < hi:
            sampled = lo < self.path_futures
            end = min(lo + (self.path_block if sampled else self.block), hi)
            if sampled:
                end = min(end, self.path_futures)
            yield lo, end
            lo = end


def plan(
    futures: int,
    policies: int,
    workers: int,
    *,
    path_values: int = 0,
    outcomes: int = 1,
    unit: int | None = None,
    block: int | None = None,
    only: Sequence[tuple[int, int]] | None = None,
) -> Plan:
    """Cut a run so that workers end together and memory stays flat.

    `path_values` is the number of path values of one future under all policies and `outcomes` the number of values
    in a row; `unit` is rounded up to whole
    hash blocks. `only` names the units to evaluate, where not all are wanted.
    """
    if unit is None:
        by_rows = _PART_ROWS // (BLOCK * policies)
        by_bytes = _PART_BYTES // (8 * BLOCK * policies * outcomes)
        by_turns = futures // (4 * BLOCK * workers)
        unit = BLOCK * max(1, min(by_rows, by_bytes, by_turns))
    unit = -(-unit // BLOCK) * BLOCK
    if block is None:
        fair = -(-futures // (8 * workers * 64)) * 64
        block = min(max(fair, _LEAST_BLOCK), _MOST_BLOCK)
        small = _PATH_BYTES // (8 * path_values) if path_values else block
        path_block = max(16, min(block, small))
    else:
        path_block = block
    sampled = min(futures, PATH_FUTURES) if path_values else 0
    return Plan(futures, unit, block, path_block, sampled, None if only is None else tuple(only))
