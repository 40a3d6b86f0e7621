"""Does the order of policies hold across rival laws, evidence grades, priors and metrics?

A slice is a part of the same futures: those that drew one law, those in a third of the declared prior, or those in
which the inputs of one evidence grade are as unkind to the leader as their ranges let them be. Within each slice the
policies are ordered anew.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from twofront.analyse.estimates import NORMAL_95, TIE
from twofront.analyse.sample import Floats
from twofront.analyse.study import Study
from twofront.analyse.weighted import mean, mean_error

__all__ = ["LEAST", "LEVEL", "Order", "Slice", "Slicer", "Standing", "kendall", "order_of", "ranks", "standings"]

LEAST: Final = 100
"""Futures that a slice needs to be ordered."""
FITTED: Final = 20_000
"""The first so many futures are fitted for slices by grade; more change nothing that can be seen."""
LEVEL: Final = "any_war_chance"
"""Whose level on the present course is the declared prior's."""
FIFTH: Final = 5
PENALTIES: Final = (0.01, 0.1, 0.3, 1.0, 3.0, 10.0)
"""Penalties on the size of coefficients that a fit may choose among, per input and future."""
SAME, WITHIN, TURNED = "same", "open", "turned"


@dataclass(frozen=True, slots=True)
class Slice:
    """A part of the futures: `kind` is `law`, `grade` or `prior`."""

    kind: str
    name: str
    chosen: npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Order:
    """Policies in a slice, or by a metric, best first.

    `leader`: whether the policy that leads overall still leads (`same`), is overtaken within what the slice's size
    leaves open (`open`), or beyond it (`turned`). `tau`: Kendall's rank correlation with the overall order.
    """

    kind: str
    name: str
    n: int
    order: tuple[str, ...]
    ranks: tuple[float, ...]
    """Rank of each policy, in the order of the study; ties share the mean of theirs."""
    leader: str
    tau: float


@dataclass(frozen=True, slots=True)
class Standing:
    """How a policy's rank holds over orders: its rank overall, the best and worst it takes, and how often it leads."""

    policy: str
    overall: float
    best: float
    worst: float
    leads: float
    """Share of the orders in which no policy is better."""
    orders: int


class Slicer:
    """The slices of a study; what does not depend on the outcome is computed once."""

    def __init__(self, study: Study) -> None:
        self.study = study
        self.fixed = [*_laws(study), *_thirds(study)]
        self.fits = _fits(study)

    def slices(self, lead: Floats) -> Iterator[Slice]:
        """Slices by law, by thirds of the prior, and by evidence grade.

        `lead`: by how much the leader beats the second in each future; slices by grade follow from it.
        """
        yield from self.fixed
        n = next(iter(self.fits.values())).n if self.fits else 0
        known = ~np.isnan(lead[:n])
        if int(known.sum()) < 2 * FIFTH * LEAST:
            return
        for grade, fit in self.fits.items():
            index = fit.held_out(lead[:n])
            if not np.nanstd(index) > 0:
                continue
            low, high = np.nanquantile(index, [1 / FIFTH, 1 - 1 / FIFTH])
            for word, hit in (("least", index <= low), ("most", index >= high)):
                chosen = np.zeros(self.study.n, dtype=bool)
                chosen[:n] = hit
                yield Slice("grade", f"grade {grade} at its {word} kind to the leader", chosen)


def _laws(study: Study) -> Iterator[Slice]:
    for factor in study.factors:
        if not factor.is_choice:
            continue
        codes = study.values(factor.name)
        for place, law in enumerate(factor.options):
            chosen = codes == place
            if LEAST <= int(chosen.sum()) < study.n:
                yield Slice("law", f"{factor.name.removeprefix('structure.')} = {law}", chosen)


def _thirds(study: Study) -> Iterator[Slice]:
    if LEVEL not in study.outcome_names or study.n < 3 * LEAST:
        return
    level = study.outcome(LEVEL)
    low, high = np.nanquantile(level, [1 / 3, 2 / 3])
    parts = (("lowest", level <= low), ("middle", (level > low) & (level < high)), ("highest", level >= high))
    for word, chosen in parts:
        if LEAST <= int(chosen.sum()) < study.n:
            yield Slice("prior", f"{word} third of the declared chance", chosen)


class _Fit:
    """Ridge regressions on the inputs of one grade: each half of the futures told from the other half."""

    def __init__(self, draws: Floats) -> None:
        self.n = draws.shape[1]
        half = np.arange(self.n) % 2 == 0
        centred = draws - draws.mean(axis=1, keepdims=True)
        deviations = centred.std(axis=1, keepdims=True)
        self.scores = (centred[deviations[:, 0] > 0] / deviations[deviations[:, 0] > 0]).T
        self.halves = [(part, np.linalg.eigh(self.scores[part].T @ self.scores[part])) for part in (half, ~half)]

    def held_out(self, wanted: Floats) -> Floats:
        """What the fit to the other half says of each future, with the penalty that does best; NaN counts as the
        mean."""
        told = np.zeros((len(PENALTIES), self.n))
        centred = np.nan_to_num(wanted - np.nanmean(wanted))
        for part, (sizes, ways) in self.halves:
            right = ways.T @ (self.scores[part].T @ centred[part])
            shrunk = np.stack([right / (sizes + penalty * part.sum()) for penalty in PENALTIES])
            told[:, ~part] = (self.scores[~part] @ (ways @ shrunk.T)).T
        return told[int(((told - centred) ** 2).sum(axis=1).argmin())]


def _fits(study: Study) -> dict[str, _Fit]:
    """One fit for each evidence grade, on the first futures."""
    grades: dict[str, list[str]] = {}
    for factor in study.factors:
        if factor.grade and not factor.is_choice:
            grades.setdefault(factor.grade, []).append(factor.name)
    names = [name for each in grades.values() for name in each]
    if not names or study.n < 2 * FIFTH * LEAST:
        return {}
    _, columns = next(study.blocks(names))
    n = min(len(columns[0]), FITTED)
    column = dict(zip(names, (each[:n] for each in columns), strict=True))
    return {grade: _Fit(np.stack([column[name] for name in grades[grade]])) for grade in sorted(grades)}


def order_of(
    policies: tuple[str, ...], losses: Floats, slice_: Slice, overall: Floats, weights: Floats | None = None
) -> Order:
    """Order policies by their mean loss in a slice; `overall`: their ranks over all futures."""
    rows = losses[:, slice_.chosen]
    own = None if weights is None else weights[slice_.chosen]
    values = np.array([mean(row, own) for row in rows])
    found = ranks(values)
    top, here = int(np.argmin(overall)), int(np.argmin(values))
    leader = SAME
    if here != top and values[top] > values[here] + TIE:
        change = rows[top] - rows[here]
        leader = TURNED if mean(change, own) > NORMAL_95 * mean_error(change, own) else WITHIN
    order = tuple(policies[place] for place in np.argsort(values, kind="stable"))
    return Order(slice_.kind, slice_.name, rows.shape[1], order, tuple(found.tolist()), leader, kendall(overall, found))


def ranks(values: Floats, *, more: bool = False) -> Floats:
    """Ranks from 1 for the best (the least, or with `more` the greatest); ties share the mean of theirs."""
    signed = -values if more else values
    close = np.abs(signed[:, None] - signed[None, :]) <= TIE
    return (signed[:, None] > signed[None, :] + TIE).sum(axis=1) + (close.sum(axis=1) + 1) / 2


def kendall(first: Floats, second: Floats) -> float:
    """Kendall's τ-b of two rankings; NaN where one of them puts all level."""
    a, b = (np.sign(x[:, None] - x[None, :])[np.triu_indices(len(x), 1)] for x in (first, second))
    whole = float(np.sqrt((a != 0).sum() * (b != 0).sum()))
    return float((a * b).sum()) / whole if whole else float("nan")


def standings(policies: tuple[str, ...], overall: Floats, orders: Sequence[Order]) -> list[Standing]:
    """How each policy's rank holds over the overall order and `orders`."""
    table = np.array([overall, *(order.ranks for order in orders)])
    best = table <= table.min(axis=1, keepdims=True) + TIE
    return [
        Standing(
            policy,
            float(overall[place]),
            float(table[:, place].min()),
            float(table[:, place].max()),
            float(best[:, place].mean()),
            len(table),
        )
        for place, policy in enumerate(policies)
    ]
