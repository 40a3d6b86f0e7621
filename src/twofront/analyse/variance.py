"""What an outcome's variance is owed to: the choice of structure, or the parameters.

From the draws of the run alone, without further futures. The first-order share of a structure is estimated without
a model (`twofront.analyse.structures.explained`). What it does together with parameters, and what the parameters do,
is estimated by held-out regression: how much worse an outcome is predicted, in futures that the fit has not seen,
without the structure. That estimates the total Sobol index from below, since a fit misses what it has no terms for;
what the parameters alone predict bounds it from above.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from twofront.analyse.estimates import NORMAL_95
from twofront.analyse.sample import Floats, Sample
from twofront.analyse.structures import ALL, Drawn, drawn_structures

if TYPE_CHECKING:
    from twofront.ensemble import Run

__all__ = ["Share", "VarianceSplit", "VarianceSplitter", "variance_split"]

MOST_FUTURES = 4_000
"""The first so many futures are fitted; more change little and cost time."""
LEAST_FUTURES = 100
"""With fewer, nothing is fitted."""
FOLDS = 5
MOST_PARAMETERS = 40
"""Parameters that enter a fit: those that go most closely with the outcome in the futures fitted to."""
MOST_INTERACTIONS = 12
"""Parameters among them that may act differently under each law."""
FUTURES_PER_TERM = 12
"""Futures that each term of a fit needs, so that small samples get small fits."""
RIDGE = 1e-3
"""Weight of the penalty on the size of coefficients, per future; it only keeps the equations solvable."""


@dataclass(frozen=True, slots=True)
class Share:
    """A share of an outcome's variance, with its standard error from the sample's size."""

    share: float
    error: float

    @property
    def low(self) -> float:
        """Lower end of the 95% interval, not below 0."""
        return max(0.0, self.share - NORMAL_95 * self.error)

    @property
    def high(self) -> float:
        """Upper end of the 95% interval, not above 1."""
        return min(1.0, self.share + NORMAL_95 * self.error)


@dataclass(frozen=True, slots=True)
class VarianceSplit:
    """How much of an outcome's variance is owed to what.

    `parameters`: what parameters predict with the structures unknown; `everything`: what both predict. `structures`: by
    structure and for `ALL`, what is lost in prediction without it, which estimates its total share from below.
    `total_at_most`: what parameters do not predict, which bounds the total share of all structures from above.
    """

    n: int
    parameters: Share
    everything: Share
    structures: dict[str, Share]

    @property
    def total_at_most(self) -> float:
        """The most that all structures can be owed, interactions included."""
        return min(1.0, 1.0 - self.parameters.low)


class VarianceSplitter:
    """The draws of a run, made ready once and used for any outcome."""

    def __init__(self, sample: Sample) -> None:
        held = set(sample.run.parameter_names)
        names = [p.name for p in sample.case.parameters if p.uncertain and p.name in held]
        self.n = min(sample.n, MOST_FUTURES)
        self.structures = [
            Drawn(item.name, item.options, item.places, item.codes[: self.n]) for item in drawn_structures(sample)
        ]
        raw = sample.parameters(names)[:, : self.n] if names else np.empty((0, self.n))
        self.lines = _scores(raw)
        self.bows = (self.lines**2 - 1 / 3) * np.sqrt(15 / 4)

    def split(self, values: Floats) -> VarianceSplit | None:
        """Split an outcome, one value for each future of the sample; None where too few futures define it."""
        values = values[: self.n]
        kept = np.flatnonzero(~np.isnan(values))
        values = values[kept]
        if len(values) < LEAST_FUTURES or float(values.var()) <= 0 or not self.structures:
            return None
        values = (values - values.mean()) / values.std()
        names = [item.name for item in self.structures]
        codes = [item.codes[kept] for item in self.structures]
        whole = len(kept) == self.n
        lines, bows = (self.lines, self.bows) if whole else (self.lines[:, kept], self.bows[:, kept])
        without = {name: np.empty(len(values)) for name in [ALL, *names]}
        full = np.empty(len(values))
        fold = np.arange(len(values)) % FOLDS
        for held_out in range(FOLDS):
            fitted, tested = fold != held_out, fold == held_out
            terms = _Terms(lines, bows, codes, fitted, values)
            every = range(len(names))
            wanted = [list(every), *([other for other in every if other != place] for place in every), []]
            found = terms.errors(wanted)
            full[tested], without[ALL][tested] = found[:, 0], found[:, -1]
            for place, name in enumerate(names):
                without[name][tested] = found[:, place + 1]
        return VarianceSplit(
            n=len(values),
            parameters=_share(values**2 - without[ALL]),
            everything=_share(values**2 - full),
            structures={name: _share(without[name] - full) for name in without},
        )


def variance_split(
    run: Run | Sample, outcome: str, policy: str | None = None, *, versus: str | None = None
) -> VarianceSplit:
    """Split the variance of one outcome under a policy (the present course by default), or of its paired difference.

    Raises `ValueError` where the run draws no structure or has too few futures. For several outcomes of one run make a
    `VarianceSplitter`.
    """
    sample = run if isinstance(run, Sample) else Sample(run)
    values = sample.of(policy or sample.present, outcome)
    found = VarianceSplitter(sample).split(values - sample.of(versus, outcome) if versus else values)
    if found is None:
        raise ValueError(f"`{outcome}` cannot be split: too few futures define it, or no structure was drawn")
    return found


def _share(gains: Floats) -> Share:
    """Mean of a gain in squared error over held-out futures, of an outcome with variance 1."""
    return Share(float(gains.mean()), float(gains.std(ddof=1) / np.sqrt(len(gains))))


def _scores(draws: Floats) -> Floats:
    """Ranks of each parameter's draws, spread evenly from −1 to 1."""
    n = draws.shape[1]
    scores = np.empty_like(draws)
    for row, out in zip(draws, scores, strict=True):
        out[np.argsort(row, kind="stable")] = np.linspace(-1.0, 1.0, n)
    return scores


class _Terms:
    """The terms of one fold: parameters chosen in the futures fitted to, laws, and their products."""

    def __init__(
        self,
        lines: Floats,
        bows: Floats,
        codes: list[npt.NDArray[np.int64]],
        fitted: npt.NDArray[np.bool_],
        values: Floats,
    ) -> None:
        self.fitted, self.values = fitted, values
        n = int(fitted.sum())
        room = n // FUTURES_PER_TERM
        laws = [[np.where(code == place, 1.0, 0.0) for place in np.unique(code)[1:]] for code in codes]
        dummies = sum(len(each) for each in laws)
        places = self._closest(lines, bows, min(MOST_PARAMETERS, max(1, room // 4)))
        crossed = lines[places[: min(MOST_INTERACTIONS, max(0, (room // 2) // max(1, dummies)))]]
        self.base = 1 + 2 * len(places)
        matrix = np.empty((self.base + dummies * (1 + len(crossed)), len(values)))
        matrix[0], matrix[1 : 1 + len(places)], matrix[1 + len(places) : self.base] = 1.0, lines[places], bows[places]
        self.spans: list[tuple[int, int]] = []
        end = self.base
        for each in laws:
            begin = end
            for law in each:
                matrix[end] = law
                np.multiply(law, crossed, out=matrix[end + 1 : end + 1 + len(crossed)])
                end += 1 + len(crossed)
            self.spans.append((begin, end))
        inside = matrix[:, fitted].T
        self.held_out = matrix[:, ~fitted].T
        self.gram = inside.T @ inside + RIDGE * n * np.eye(len(matrix))
        self.right = inside.T @ values[fitted]

    def _closest(self, lines: Floats, bows: Floats, count: int) -> npt.NDArray[np.int64]:
        """The parameters that go most closely with the outcome, in a line or in a bow, in the futures fitted to."""
        values = np.where(self.fitted, self.values - self.values[self.fitted].mean(), 0.0)
        return np.argsort(-np.maximum(np.abs(lines @ values), np.abs(bows @ values)), kind="stable")[:count]

    def errors(self, wanted: list[list[int]]) -> Floats:
        """Squared errors in the futures held out, of a fit with each of these lists of structures; one column each."""
        weights = np.zeros((self.held_out.shape[1], len(wanted)))
        for column, places in enumerate(wanted):
            chosen = np.concatenate([np.arange(self.base), *(np.arange(*self.spans[place]) for place in places)])
            weights[chosen, column] = np.linalg.solve(self.gram[np.ix_(chosen, chosen)], self.right[chosen])
        return (self.values[~self.fitted][:, None] - self.held_out @ weights) ** 2
