"""What a search is asked for: a measure over futures of an outcome, to be made small or large, or held to a limit.

``min p90 any_war_chance`` · ``max share deterrence_margin.russia.alone > 0`` · ``mean policy_cost.by.germany <= 5`` ·
``p90 spending.nato_europe@2030-12 <= 700``. A measure looks at the whole sample, so a policy that only shines in the
most likely futures is not preferred: see *robust* in the glossary.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from twofront.faults import UserError, listed, nearest

if TYPE_CHECKING:
    from twofront.case import Case

__all__ = ["COMPARISONS", "Asked", "Floats", "Known", "compared", "constraint", "known_of", "objective"]

Floats = npt.NDArray[np.float64]

COMPARISONS: Final[Mapping[str, Callable[[Floats, float], npt.NDArray[np.bool_]]]] = {
    "<=": np.less_equal,
    ">=": np.greater_equal,
    "<": np.less,
    ">": np.greater,
}
_MEASURES = "mean, median, p5 to p95, worst10 (mean of the worst tenth), share (… of futures in which it holds)"
_QUANTILE = re.compile(r"p([1-9][0-9]?)\Z")
_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?(%?)\Z")
_LARGER_IS_BETTER = ("deterrence_margin.",)
_SMALLER_IS_BETTER = (
    "any_war_chance",
    "double_war_chance",
    "second_front_chance",
    "call_chance",
    "call_and_attack_chance",
    "diversion_chance",
    "first_war_chance",
    "yearly_hazard.",
    "window_months",
    "military_window_months",
    "policy_cost",
    "losses.",
)


def compared(text: str) -> tuple[str, str, float] | None:
    """Read ``NAME < 0.1`` (``10%`` is 0.1): name, comparison and limit; None where there is no comparison."""
    found = re.search(r"<=|>=|<|>", text)
    if found is None:
        return None
    left, right = text[: found.start()].strip(), text[found.end() :].strip()
    number = _NUMBER.match(right)
    if number is None:
        raise UserError(f"`{text}`: `{right}` is not a number; write it like `any_war_chance < 0.1`")
    return left, found.group(), float(right.rstrip("%")) / (100 if number[3] else 1)


@dataclass(frozen=True, slots=True)
class Known:
    """What may be named: outcomes, kept series, and the months at which series are kept, by their labels."""

    outcomes: Sequence[str]
    series: Sequence[str]
    months: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Asked:
    """A measure of an outcome, and what is wanted of it.

    ``column``: an outcome, or a series and the place of its month. ``test``: for a share, what must hold in a future.
    ``larger``: more of it is better. ``limit``: for a constraint, what it must not pass.
    """

    text: str
    measure: str
    outcome: str
    column: str | tuple[str, int]
    larger: bool
    test: tuple[str, float] | None = None
    limit: tuple[str, float] | None = None

    @property
    def name(self) -> str:
        """What is measured, without what is wanted of it: ``p90 any_war_chance``."""
        test = f" {self.test[0]} {self.test[1]:g}" if self.test else ""
        return f"{self.measure} {self.outcome}{test}"

    def of(self, values: Floats) -> Floats:
        """The measure over futures: ``values`` (…, futures) to (…); futures that are NaN are left out.

        NaN where no future is left.
        """
        whole: npt.NDArray[np.bool_] = np.logical_and.reduce(np.isnan(values), axis=-1)
        safe = np.where(whole[..., None], 0.0, values)
        return np.where(whole, np.nan, self._of(safe))

    def _of(self, values: Floats) -> Floats:
        if self.test is not None:
            holds = COMPARISONS[self.test[0]](values, self.test[1])
            return np.where(np.isnan(values), np.nan, holds).mean(axis=-1, where=~np.isnan(values))
        if self.measure == "mean":
            return np.nanmean(values, axis=-1)
        if self.measure == "worst10":
            # The worst are the largest where less is better.
            ordered = np.sort(np.where(np.isnan(values), -np.inf, -values if self.larger else values), axis=-1)
            defined = np.isfinite(ordered).sum(axis=-1, keepdims=True)
            count = np.maximum(1, np.ceil(defined / 10 - 1e-9))
            rank = np.arange(values.shape[-1], 0, -1)
            worst = np.where(rank <= count, ordered, 0.0).sum(axis=-1) / count[..., 0]
            return -worst if self.larger else worst
        level = 50 if self.measure == "median" else int(self.measure[1:])
        return np.nanpercentile(values, level, axis=-1)

    def minimised(self, measured: Floats) -> Floats:
        """The measure with its sign turned so that less is better."""
        return -measured if self.larger else measured

    def excess(self, measured: Floats) -> Floats:
        """By how much the measure passes the limit, in parts of the limit; met at 0 or below."""
        assert self.limit is not None
        sign, limit = self.limit
        scale = abs(limit) or 1.0
        return (measured - limit) / scale if sign.startswith("<") else (limit - measured) / scale


def objective(text: str, known: Known) -> Asked:
    """Read an objective. Raises `UserError` for what cannot be meant, with the nearest name."""
    words = text.split()
    larger: bool | None = None
    if words and words[0] in ("min", "max"):
        larger = words.pop(0) == "max"
    asked = _asked(text, " ".join(words), known, larger)
    if asked.limit is not None:
        remedy = f"write `share {' '.join(words)}` for the share of futures, or use --constraint"
        raise UserError(f"objective `{text}`: a comparison belongs to a share or a constraint; {remedy}")
    return asked


def constraint(text: str, known: Known) -> Asked:
    """Read a constraint: a measure and a limit. Raises `UserError` for what cannot be meant."""
    words = text.split()
    if words and words[0] in ("min", "max"):
        raise UserError(f"constraint `{text}`: begin with the measure; min and max are for objectives")
    asked = _asked(text, text, known, larger=False)
    if asked.limit is None:
        raise UserError(f"constraint `{text}`: no limit; write it like `mean policy_cost <= 50`")
    return asked


def _asked(text: str, body: str, known: Known, larger: bool | None) -> Asked:
    words = body.split()
    measure = words.pop(0) if words and _is_measure(words[0]) else "mean"
    rest = " ".join(words)
    test: tuple[str, float] | None = None
    limit: tuple[str, float] | None = None
    parts = re.split(r"(<=|>=|<|>)", rest)
    if measure == "share":
        if len(parts) < 3:
            raise UserError(f"`{text}`: a share needs a comparison, such as `share any_war_chance < 0.1`")
        _, *found = compared("".join(parts[:3])) or ("", "", 0.0)
        test = (str(found[0]), float(found[1]))
        further = "".join(parts[3:])
        if further:
            _, sign, value = compared(f"x {further}") or ("", "", 0.0)
            limit = (sign, value)
    elif len(parts) >= 3:
        _, sign, value = compared(rest) or ("", "", 0.0)
        limit = (sign, value)
    name = parts[0].strip()
    if not name:
        raise UserError(f"`{text}`: names no outcome; write it like `min mean any_war_chance`. Measures: {_MEASURES}")
    column = _column(text, name, known)
    if larger is not None:
        wanted = larger
    elif test is not None or name.startswith(_LARGER_IS_BETTER):
        wanted = True
    elif limit is not None or name.removeprefix("unanchored.").startswith(_SMALLER_IS_BETTER):
        wanted = False
    else:
        raise UserError(f"`{text}`: begin with `min` or `max`, for what is better of `{name}` is not known")
    return Asked(" ".join(text.split()), measure, name, column, wanted, test, limit)


def _is_measure(word: str) -> bool:
    return word in ("mean", "median", "worst10", "share") or _QUANTILE.match(word) is not None


def _column(text: str, name: str, known: Known) -> str | tuple[str, int]:
    stem, at, month = name.partition("@")
    if " " in name:
        first = name.split()[0]
        close = nearest(first, ["mean", "median", "worst10", "share", "p90"])
        hint = f"; did you mean `{close}`?" if close else ""
        raise UserError(f"`{text}`: `{first}` is not a measure{hint} There are {_MEASURES}")
    if not at:
        if name in known.outcomes:
            return name
        close = nearest(name, known.outcomes)
        hint = f"did you mean `{close}`?" if close else f"there are {listed(known.outcomes)}"
        if name in known.series:
            hint = f"it is a series: name a month, `{name}@{list(known.months)[-1]}`"
        raise UserError(f"`{text}`: no outcome `{name}`; {hint}")
    if stem not in known.series:
        close = nearest(stem, known.series)
        hint = f"did you mean `{close}`?" if close else f"there are {listed(known.series, most=30)}"
        raise UserError(f"`{text}`: no series `{stem}` is kept; {hint} (`paths` of the case)")
    if month not in known.months:
        labels = list(known.months)
        raise UserError(f"`{text}`: series are kept at the end of half-years: {listed(labels, most=40)}")
    return stem, known.months[month]


def known_of(case: Case, outcomes: Sequence[str], series: Sequence[str], months: Sequence[int]) -> Known:
    """What may be named in a case with these outcomes, series and months of series."""
    return Known(outcomes, series, {case.clock_labels[month]: place for place, month in enumerate(months)})
