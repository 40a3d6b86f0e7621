"""From weighted values to a verdict, by the rule that the claim fixed beforehand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from twofront.case.claim import Rule, Test
from twofront.case.claim_rules import Band, band_of, ends_of

__all__ = [
    "CONTRADICTED",
    "MIXED",
    "NEEDS_RUN",
    "NOT_CHECKABLE",
    "SUPPORTED",
    "Floats",
    "Judged",
    "Verdict",
    "inside",
    "judge",
    "words_at",
]

Floats = npt.NDArray[np.float64]

SUPPORTED: Final = "supported"
CONTRADICTED: Final = "contradicted"
MIXED: Final = "mixed"
NOT_CHECKABLE: Final = "not checkable"
NEEDS_RUN: Final = "needs a run"

_EDGE: Final = 1e-9
"""Numbers this near (in parts of the larger) count as equal: the same number computed along two paths."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What the two tests say: the word, and the shares of weight in either band. Shares are NaN where nothing is
    weighed."""

    word: str
    supported: float
    contradicted: float
    n: int
    """Figures, findings or futures that were weighed."""

    @property
    def share(self) -> float:
        """The share behind the word: in the band of the verdict, or in the supporting one where it is mixed."""
        return self.contradicted if self.word == CONTRADICTED else self.supported


@dataclass(frozen=True, slots=True)
class Verdict:
    """A verdict with what it rests on.

    ``confidence``: high, moderate, low, or nothing where there is no verdict. ``share``: of the weight (or of futures)
    in the verdict's band. ``flips_if``: what would flip it, as computed, a sentence each. ``reasons``: why the
    confidence is no higher.
    """

    word: str
    confidence: str = ""
    share: float = float("nan")
    supported: float = float("nan")
    contradicted: float = float("nan")
    n: int = 0
    flips_if: tuple[str, ...] = ()
    rests_on: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()

    @property
    def is_given(self) -> bool:
        """Whether there is a verdict at all."""
        return self.word in (SUPPORTED, CONTRADICTED, MIXED)


def inside(values: Floats, band: Band) -> npt.NDArray[np.bool_]:
    """Return which values lie in a band; an end that belongs to it takes what equals it."""
    low = _beyond(values, band.low, band.low_closed, 1.0)
    high = _beyond(values, band.high, band.high_closed, -1.0)
    return low & high


def judge(
    rule: Rule, claimed: float | None, values: Floats, weights: Floats, groups: Sequence[str] | None = None
) -> Judged:
    """Apply a rule to weighted values; values that are NaN are left out. ``groups``: that of each value."""
    known = ~np.isnan(values)
    shares = {
        word: _share(test, claimed, values, weights * known, groups)
        for word, test in ((SUPPORTED, rule.supported), (CONTRADICTED, rule.contradicted))
    }
    n = int((known & (weights > 0)).sum())
    word = MIXED
    if not n or any(np.isnan(share) for share in shares.values()):
        return Judged(NOT_CHECKABLE, float("nan"), float("nan"), n)
    for name, test in ((SUPPORTED, rule.supported), (CONTRADICTED, rule.contradicted)):
        if shares[name] >= test.share - _EDGE:
            word = name
    return Judged(word, shares[SUPPORTED], shares[CONTRADICTED], n)


def words_at(
    rule: Rule, numbers: Floats, values: Floats, weights: Floats, groups: Sequence[str] | None = None
) -> list[str]:
    """Return the word for each of many claimed numbers, the values and their weights staying as they are."""
    met: dict[str, npt.NDArray[np.bool_]] = {}
    for name, test in ((SUPPORTED, rule.supported), (CONTRADICTED, rule.contradicted)):
        counted = weights
        if test.over and groups is not None:
            counted = weights * np.isin(np.array(groups, dtype=object), np.array(test.over, dtype=object))
        whole = float(counted.sum())
        if whole <= 0:
            return [NOT_CHECKABLE] * len(numbers)
        held = np.ones((len(numbers), len(values)), dtype=np.bool_)
        for end, closed, sign in (
            (test.at_least, True, 1.0),
            (test.above, False, 1.0),
            (test.at_most, True, -1.0),
            (test.below, False, -1.0),
        ):
            if end is not None:
                held &= _beyond(values, ends_of(end, numbers)[:, None], closed, sign)
        met[name] = held @ counted / whole >= test.share - _EDGE
    return [
        SUPPORTED if supported else CONTRADICTED if contradicted else MIXED
        for supported, contradicted in zip(met[SUPPORTED], met[CONTRADICTED], strict=True)
    ]


def _share(test: Test, claimed: float | None, values: Floats, weights: Floats, groups: Sequence[str] | None) -> float:
    if test.over and groups is not None:
        weights = weights * np.isin(np.array(groups, dtype=object), np.array(test.over, dtype=object))
    whole = float(weights.sum())
    if whole <= 0:
        return float("nan")
    return float(weights[inside(values, band_of(test, claimed))].sum()) / whole


def _beyond(values: Floats, end: float | Floats, closed: bool, sign: float) -> npt.NDArray[np.bool_]:
    """Which values lie above an end (``sign`` 1) or below it (-1)."""
    if np.ndim(end) == 0 and np.isinf(end):
        return ~np.isnan(values)
    gap = sign * (values - end)
    edge = _EDGE * np.maximum(np.abs(values), np.abs(end))
    return gap >= -edge if closed else gap > edge
