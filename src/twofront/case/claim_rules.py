"""Check a verdict rule before anything is computed: each verdict must be possible, and never both at once.

A rule has two tests. A test holds when at least its `share` of the weight lies in its band. Two bands that do not
overlap and whose shares add up to more than the whole cannot both hold.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from twofront.case.claim import Rule, Test
from twofront.figures import Expression
from twofront.figures.expression import Amount, ExpressionError

if TYPE_CHECKING:
    from twofront.figures.expression import Resolve
    from twofront.figures.row import At

__all__ = ["ENDS", "Band", "Domain", "RuleFault", "band_of", "end_of", "ends_of", "rule_faults"]

ENDS = ("at_least", "above", "at_most", "below")


@dataclass(frozen=True, slots=True)
class Domain:
    """What values are possible: those between two ends, or the only `values` that there are."""

    low: float
    high: float
    values: tuple[float, ...] = ()

    def __str__(self) -> str:
        if self.values:
            return ", ".join(f"{value:g}" for value in self.values)
        return f"at least {self.low:g}" if math.isinf(self.high) else f"{self.low:g} to {self.high:g}"


@dataclass(frozen=True, slots=True)
class Band:
    """An interval; an end that is not `closed` does not belong to it."""

    low: float
    high: float
    low_closed: bool = True
    high_closed: bool = True

    @property
    def empty(self) -> bool:
        """Whether nothing lies in it."""
        return self.low > self.high or (self.low == self.high and not (self.low_closed and self.high_closed))

    def meets(self, other: Band) -> Band:
        """Return what lies in both."""
        low, high = max(self.low, other.low), min(self.high, other.high)
        low_closed = all(band.low_closed for band in (self, other) if band.low == low)
        high_closed = all(band.high_closed for band in (self, other) if band.high == high)
        return Band(low, high, low_closed, high_closed)

    def within(self, domain: Domain) -> bool:
        """Whether it holds a possible value."""
        if domain.values:
            return any(not self.meets(Band(value, value)).empty for value in domain.values)
        return not self.meets(Band(domain.low, domain.high)).empty

    def __str__(self) -> str:
        parts: list[str] = []
        if self.low > -math.inf:
            parts.append(f"{'at least' if self.low_closed else 'above'} {self.low:g}")
        if self.high < math.inf:
            parts.append(f"{'at most' if self.high_closed else 'below'} {self.high:g}")
        return " and ".join(parts) or "anything"


@dataclass(frozen=True, slots=True)
class RuleFault:
    """What is wrong with a rule: the key within the rule, the message, what is allowed, what to do."""

    route: tuple[str, ...]
    message: str
    allowed: str = ""
    remedy: str = ""
    nearest: str = ""


def end_of(expression: Expression, claimed: float | None) -> float:
    """Return an end of a band, in the claim's unit. Raises `ExpressionError` where it is no plain number."""
    value = float(expression.value(_resolve(claimed)).value)
    if not math.isfinite(value):
        raise ExpressionError(f"`{expression.text}` is not a finite number", found=expression.text)
    return value


def ends_of(expression: Expression, claimed: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return an end of a band for each of many claimed numbers."""
    found = expression.value(_resolve(claimed)).value
    return np.broadcast_to(np.asarray(found, dtype=np.float64), claimed.shape)


def _resolve(claimed: float | npt.NDArray[np.float64] | None) -> Resolve:
    """What a rule may name: what is claimed, and nothing else."""

    def resolve(name: str, _: At) -> Amount:
        if name != "claimed":
            raise ExpressionError(
                f"`{name}` cannot stand in a rule",
                found=name,
                allowed="numbers and `claimed`",
                close="claimed",
                remedy="a rule is fixed before any evidence is seen",
            )
        if claimed is None:
            raise ExpressionError(
                "the rule names `claimed`, and the claim gives no such number", found=name, remedy="add `claimed:`"
            )
        return Amount(claimed)

    return resolve


def band_of(test: Test, claimed: float | None) -> Band:
    """Return the interval of a test. Raises `ExpressionError` where an end cannot be computed."""
    low, high = -math.inf, math.inf
    low_closed = high_closed = True
    if test.at_least is not None:
        low = end_of(test.at_least, claimed)
    if test.above is not None:
        low, low_closed = end_of(test.above, claimed), False
    if test.at_most is not None:
        high = end_of(test.at_most, claimed)
    if test.below is not None:
        high, high_closed = end_of(test.below, claimed), False
    return Band(low, high, low_closed, high_closed)


def rule_faults(rule: Rule, claimed: float | None, domain: Domain, groups: Sequence[str]) -> list[RuleFault]:
    """Return what makes a verdict impossible, or both possible at once; nothing for a sound rule.

    ``domain``: the values that are possible; ``groups``: those of the claim's figures.
    """
    faults: list[RuleFault] = []
    bands: dict[str, Band] = {}
    for word, test in (("supported", rule.supported), ("contradicted", rule.contradicted)):
        found = _shape_faults(word, test, groups, claimed)
        faults += found
        if found:
            continue
        band = band_of(test, claimed)
        bands[word] = band
        if band.empty:
            message = f"the claim can never be {word}: nothing is {band}"
            faults.append(RuleFault((word,), message, remedy="exchange or mend the two ends"))
        elif not band.within(domain):
            message = f"the claim can never be {word}: no value is {band}"
            faults.append(RuleFault((word,), message, str(domain), "mend the end"))
    if faults:
        return faults
    first, second = rule.supported, rule.contradicted
    if set(first.over) != set(second.over):
        message = "both verdicts could hold at once: the two tests look at different figures"
        return [RuleFault(("contradicted",), message, "the same `over` in both", "give both the same `over`")]
    both = bands["supported"].meets(bands["contradicted"])
    if not both.empty and both.within(domain):
        message = f"both verdicts could hold at once: {both} lies in both bands"
        return [RuleFault(("contradicted",), message, "bands that do not overlap", "move one of the ends")]
    if first.share + second.share <= 1:
        message = f"both verdicts could hold at once: {first.share:g} and {second.share:g} of the weight"
        remedy = "raise one of the shares until they add up to more than 1"
        return [RuleFault(("contradicted", "share"), message, "shares that add up to more than 1", remedy)]
    return []


def _shape_faults(word: str, test: Test, groups: Sequence[str], claimed: float | None) -> list[RuleFault]:
    given = [name for name in ENDS if getattr(test, name) is not None]
    faults: list[RuleFault] = []
    if not given:
        faults.append(RuleFault((word,), f"`{word}` has no end", " or ".join(ENDS), "say from where or up to where"))
    for pair, what in ((("at_least", "above"), "lower"), (("at_most", "below"), "upper")):
        if set(pair) <= set(given):
            faults.append(RuleFault((word, pair[1]), f"`{word}` has two {what} ends", " or ".join(pair), "keep one"))
    for name in given:
        try:
            end_of(getattr(test, name), claimed)
        except ExpressionError as error:
            faults.append(RuleFault((word, name), str(error), error.allowed, error.remedy, error.nearest))
        except (ArithmeticError, ValueError, TypeError, RecursionError):
            message = f"`{getattr(test, name).text}` cannot be computed"
            faults.append(RuleFault((word, name), message, remedy="write a plain number"))
    for place, name in enumerate(test.over):
        if name not in groups:
            allowed = ", ".join(groups) or "none: no figure has a `group`"
            faults.append(RuleFault((word, "over", str(place)), f"no figure is of the group `{name}`", allowed))
    return faults
