"""What public figures say about a claim, and how much each of them weighs.

A figure weighs as much as the worst grade among the rows it rests on (a chain is as strong as its weakest link),
with the weights of `twofront.figures.pool`. Figures that rest on one and the same row are not independent: a row has
one vote, split over the figures that rest on it, so a figure's weight is divided by the largest number of figures
that any of its rows carries. A source that gives several rows of one figure counts once in it.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from twofront.audit.verdict import Floats, Judged, judge, words_at
from twofront.case.claim import HOLDS, Claim, Claimed, ClaimedFigure, Rule, Variant
from twofront.case.claim_checks import growth
from twofront.case.claim_dates import years_between
from twofront.figures import GRADES, WEIGHTS, ExpressionError
from twofront.figures.expression import Amount, amount_of
from twofront.figures.period import day_of

if TYPE_CHECKING:
    from twofront.figures import Evidence
    from twofront.figures.expression import Resolve
    from twofront.figures.row import At

__all__ = ["Dot", "Weighed"]

LOWER: Final = {**dict(itertools.pairwise(GRADES)), GRADES[-1]: GRADES[-1]}
"""The grade one below each; the last has none, and its weight is halved instead."""


@dataclass(frozen=True, slots=True)
class Dot:
    """One figure in the claim's unit, with its range, the rows behind it and their worst grade."""

    name: str
    means: str
    group: str
    value: float
    low: float
    high: float
    ids: tuple[str, ...]
    sources: tuple[str, ...]
    grade: str
    weight: float = 0.0
    """Its share of the whole weight."""


class Weighed:
    """The figures of a claim (or of a variant of it), computed once; struck and regraded as often as one likes."""

    def __init__(self, claim: Claim, rows: Mapping[str, Evidence], variant: Variant | None = None) -> None:
        self.claim = claim
        self.rows = rows
        rule = variant.rule if variant is not None and variant.rule is not None else claim.rule
        assert rule is not None, f"{claim.id} has no rule"
        self.rule: Rule = rule
        self._amounts: dict[tuple[str, At], Amount] = {}
        self.comparators = [dot for item in claim.comparators if (dot := self._dot(item)) is not None]
        self.claimed_text: Claimed | None = (
            variant.claimed if variant is not None and variant.claimed is not None else claim.claimed
        )
        self.claimed_ids: tuple[str, ...] = self._claimed_ids()
        self.claimed = self._claimed(frozenset())
        if claim.kind == "fact":
            self.dots = [self._finding(n) for n, item in enumerate(claim.findings) if item.evidence in rows]
        else:
            self.dots = [dot for item in claim.figures if (dot := self._dot(item)) is not None]

    # ---- the verdict's parts --------------------------------------------------------------------------------

    @property
    def sources(self) -> tuple[str, ...]:
        """Every source that a figure rests on, in order, each once."""
        return tuple(dict.fromkeys(source for dot in self.dots for source in dot.sources))

    @property
    def ids(self) -> tuple[str, ...]:
        """Every row that the verdict rests on, in order, each once."""
        return tuple(dict.fromkeys([*(i for dot in self.dots for i in dot.ids), *self.claimed_ids]))

    def rows_of(self, sources: Iterable[str]) -> frozenset[str]:
        """Return the rows of these sources."""
        names = set(sources)
        return frozenset(id_ for id_ in self.ids if self.rows[id_].source in names)

    def judged(
        self,
        *,
        struck: frozenset[str] = frozenset(),
        lowered: str = "",
    ) -> Judged:
        """Apply the rule without the ``struck`` rows, or with the grade of the row ``lowered`` one lower."""
        number = self._claimed(struck)
        if number is None and self.claimed_text is not None:
            return Judged("not checkable", float("nan"), float("nan"), 0)
        left = [dot for dot in self.dots if not struck.intersection(dot.ids)]
        weights = self._weights(left, lowered)
        return judge(self.rule, number, np.array([dot.value for dot in left]), weights, [dot.group for dot in left])

    def words_at(self, numbers: Floats) -> list[str]:
        """Return the word for each of many claimed numbers."""
        values = np.array([dot.value for dot in self.dots])
        return words_at(self.rule, numbers, values, self._weights(self.dots, ""), [dot.group for dot in self.dots])

    def weighted(self) -> list[Dot]:
        """Return the figures with their shares of the whole weight."""
        weights = self._weights(self.dots, "")
        whole = float(weights.sum()) or 1.0
        return [
            Dot(d.name, d.means, d.group, d.value, d.low, d.high, d.ids, d.sources, d.grade, float(w) / whole)
            for d, w in zip(self.dots, weights, strict=True)
        ]

    def later_than(self, day: str) -> frozenset[str]:
        """Return the rows that were not public on a day (or by the end of a month or a year)."""
        last = day_of(day)
        rows = self.rows
        every = [*self.ids, *(i for dot in self.comparators for i in dot.ids)]
        return frozenset(id_ for id_ in every if not rows[id_].published or day_of(rows[id_].published) > last)

    def independent(self) -> int:
        """Return how many figures there are of which no two share a source: the most that can be chosen so."""
        best = 0
        sets = sorted((frozenset(dot.sources) for dot in self.dots), key=len)

        def choose(place: int, used: frozenset[str], count: int) -> None:
            nonlocal best
            best = max(best, count)
            if best >= len(sets) or count + len(sets) - place <= best or best >= _ENOUGH:
                return
            for later in range(place, len(sets)):
                if not used & sets[later]:
                    choose(later + 1, used | sets[later], count + 1)

        choose(0, frozenset(), 0)
        return best

    # ---- figures --------------------------------------------------------------------------------------------

    def _weights(self, dots: list[Dot], lowered: str) -> Floats:
        carried = Counter(id_ for dot in dots for id_ in dot.ids)
        weights: list[float] = []
        for dot in dots:
            own = min(self._weight(id_, lowered) for id_ in dot.ids)
            weights.append(own / max(carried[id_] for id_ in dot.ids))
        return np.array(weights, dtype=np.float64)

    def _weight(self, id_: str, lowered: str) -> float:
        grade = self.rows[id_].grade
        if id_ != lowered:
            return WEIGHTS[grade]
        return WEIGHTS[grade] / 2 if LOWER[grade] == grade else WEIGHTS[LOWER[grade]]

    def _dot(self, item: ClaimedFigure) -> Dot | None:
        """A figure, or None where a row of it is gone."""
        if any(id_ not in self.rows for id_ in item.ids):
            return None

        def compute(resolve: Resolve) -> float:
            if item.start is not None and item.end is not None:
                years = years_between(item.start.date, item.end.date)
                return growth(item.start.value.value(resolve), item.end.value.value(resolve), years)
            assert item.value is not None, item.name
            return float(item.value.value(resolve).in_unit(self.claim.unit))

        found = compute(lambda id_, where: self._amount(id_, where))
        low, high = self._range(compute, item.ids, found)
        return self._made(item.name, item.means, item.group, (found, low, high), item.ids)

    def _finding(self, place: int) -> Dot:
        item = self.claim.findings[place]
        value = HOLDS[item.holds]
        return self._made(f"finding_{place + 1}", item.means, "", (value, value, value), (item.evidence,))

    def _made(self, name: str, means: str, group: str, values: tuple[float, float, float], ids: tuple[str, ...]) -> Dot:
        sources = tuple(dict.fromkeys(self.rows[id_].source for id_ in ids))
        grade = max((self.rows[id_].grade for id_ in ids), key=GRADES.index)
        return Dot(name, means, group, *values, ids, sources, grade)

    def _amount(self, id_: str, where: At) -> Amount:
        key = (id_, where)
        if key not in self._amounts:
            self._amounts[key] = amount_of(self.rows[id_], where)
        return self._amounts[key]

    def _range(self, compute: Callable[[Resolve], float], ids: tuple[str, ...], value: float) -> tuple[float, float]:
        """The figure with every row at the end that lowers it, and at the end that raises it."""
        wide = [id_ for id_ in ids if self.rows[id_].low is not None or self.rows[id_].high is not None]
        if not wide:
            return value, value
        raising: dict[str, At] = {}
        lowering: dict[str, At] = {}
        for id_ in wide:
            at_low = self._tried(compute, {id_: "low"}, value)
            at_high = self._tried(compute, {id_: "high"}, value)
            raising[id_], lowering[id_] = ("high", "low") if at_high >= at_low else ("low", "high")
        low, high = self._tried(compute, lowering, value), self._tried(compute, raising, value)
        return min(low, value), max(high, value)

    def _tried(self, compute: Callable[[Resolve], float], ends: Mapping[str, At], value: float) -> float:
        try:
            return compute(lambda id_, where: self._amount(id_, ends.get(id_, where)))
        except (ExpressionError, ArithmeticError):
            return value

    # ---- what is claimed --------------------------------------------------------------------------------------

    def _claimed_ids(self) -> tuple[str, ...]:
        item = self.claimed_text
        if item is None:
            return ()
        if item.expression is None:
            return tuple(dict.fromkeys(id_ for dot in self.comparators for id_ in dot.ids))
        return item.expression.ids if all(id_ in self.rows for id_ in item.expression.ids) else ()

    def _claimed(self, struck: frozenset[str]) -> float | None:
        """The claimed number in the claim's unit; None where there is none, or where a row of it is gone."""
        item = self.claimed_text
        if item is None:
            return None
        if item.expression is None:
            return max((dot.value for dot in self.comparators if not struck.intersection(dot.ids)), default=None)
        if any(id_ not in self.rows or id_ in struck for id_ in item.expression.ids):
            return None
        amount = item.expression.value(lambda id_, where: self._amount(id_, where))
        return float(amount.in_unit(self.claim.unit)) if item.expression.ids else float(amount.value)


_ENOUGH: Final = 12
"""More figures that share nothing make no verdict surer."""
