"""From several sources that disagree to one range.

The rule: every source counts with the weight of its grade. The mode is the weighted median of what the sources say
in one number. The ends are the outermost values that still hold 95 per cent of the weight: a source is left out at an
end only if it and all beyond it weigh less than 2.5 per cent together, which takes many better ones. Sources that
give a range count with its ends. Disagreement thus widens the range, and no source is averaged away. Where all say one
and the same number, it is widened by the margin of the best grade among them: one source is not certainty.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

__all__ = ["MARGINS", "TAIL", "WEIGHTS", "Range", "Statement", "pool", "weighted_median"]

WEIGHTS: Final = {"A": 4.0, "B": 2.0, "C": 1.0, "D": 0.5}
"""Weight by grade: a judgement; each step down halves it. See docs/decisions/0008."""

MARGINS: Final = {"A": 0.05, "B": 0.1, "C": 0.2, "D": 0.4}
"""By how much of itself a lone figure is widened on either side, by grade: a judgement."""

TAIL: Final = 0.025
"""Share of the weight that may lie beyond each end."""


@dataclass(frozen=True, slots=True)
class Statement:
    """What one source says, in one unit with the others."""

    low: float
    central: float
    high: float
    grade: str

    @property
    def weight(self) -> float:
        """Weight of its grade."""
        return WEIGHTS[self.grade]


@dataclass(frozen=True, slots=True)
class Range:
    """A range with its mode."""

    low: float
    mode: float
    high: float


def pool(statements: Sequence[Statement]) -> Range:
    """Return the range of several sources (at least one), by the rule above."""
    if not statements:
        raise ValueError("there is no source to make a range of")
    total = sum(statement.weight for statement in statements)
    low = _end(sorted((s.low, s.weight) for s in statements), TAIL * total)
    high = -_end(sorted((-s.high, s.weight) for s in statements), TAIL * total)
    mode = weighted_median([(s.central, s.weight) for s in statements])
    if low == high:
        margin = abs(mode) * min(MARGINS[s.grade] for s in statements)
        return Range(mode - margin, mode, mode + margin)
    return Range(low, min(max(mode, low), high), high)


def weighted_median(values: Sequence[tuple[float, float]]) -> float:
    """Return the weighted median of (value, weight): the middle of the two where half the weight lies between."""
    ordered = sorted(values)
    half = sum(weight for _, weight in ordered) / 2
    passed = 0.0
    for place, (value, weight) in enumerate(ordered):
        passed += weight
        if passed > half:
            return value
        if passed == half and place + 1 < len(ordered):
            return (value + ordered[place + 1][0]) / 2
    return ordered[-1][0]


def _end(ordered: Sequence[tuple[float, float]], spared: float) -> float:
    """Return the first value beyond which (itself included) more than ``spared`` of the weight lies."""
    passed = 0.0
    for value, weight in ordered:
        passed += weight
        if passed >= spared:
            return value
    return ordered[-1][0]
