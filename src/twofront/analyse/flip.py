"""What would change my mind: the nearest assumption changes that turn an answer round, and what the model says of them.

An answer is a sign: the leading policy is ahead of the second, or a claim's share of futures is on one side of its
threshold. `twofront.analyse.tilting` looks for the nearest changes in the futures of the run;
`twofront.analyse.resimulation` evaluates the best of them with the model itself.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy.special import ndtr

from twofront.analyse.codes import Codes, encode
from twofront.analyse.estimates import NORMAL_95
from twofront.analyse.outcomes import STAKES, describe, kind_of
from twofront.analyse.resimulation import Confirmation, Resimulation
from twofront.analyse.sample import Floats
from twofront.analyse.study import STRUCTURE, Study
from twofront.analyse.tilting import FARTHEST, LEAST, Flip, Law, Search, Shift, reach_of
from twofront.analyse.weighted import mean, mean_error
from twofront.analyse.weights import Belief, Weights, reweigh
from twofront.faults import UserError

if TYPE_CHECKING:
    import polars as pl

    from twofront.ensemble import Run

__all__ = ["FUTURES", "Answer", "Asked", "Flips", "Moved", "flips_of", "ranking"]

FUTURES: Final = 2000
"""Futures on which a set of changes is confirmed."""
Of = Callable[[str, str], Floats]
Told = Callable[[str, float], None]


@dataclass(frozen=True)
class Asked:
    """An answer that could turn round.

    `words`: the answer as a clause; `turned`: what is then the case. `lead`: what decides, one number per future,
    positive on average, from outcomes by policy and name. `kind`: what the lead is counted in. `policies`: those that
    it needs beside the present course.
    """

    name: str
    words: str
    turned: str
    kind: str
    policies: tuple[str, ...]
    lead: Callable[[Of], Floats] = field(repr=False)
    then: Callable[[Of], str] | None = field(default=None, repr=False)
    """What the answer is under changed assumptions, where it has more than two."""
    unconfirmed: str = ""
    """Why the model is not asked again, if it is not."""


@dataclass(frozen=True, slots=True)
class Moved:
    """A change in numbers: an input's median `before` and `after`, in its unit; for a law both are NaN."""

    change: Shift | Law
    means: str
    unit: str
    grade: str
    before: float
    after: float


@dataclass(frozen=True, slots=True)
class Answer:
    """A set of changes in the reader's numbers, and what the model says of it (None where it was not asked)."""

    flip: Flip
    moved: tuple[Moved, ...]
    confirmation: Confirmation | None


@dataclass(frozen=True)
class Flips:
    """What turns one answer round.

    `mean` and `error`: of the lead over the run's futures. `answers`: nearest first within each number of changes;
    empty where nothing within `reach` standard units turns it. `closest`: the inputs that by themselves take the lead
    furthest down within one standard unit, with the mean there.
    """

    asked: Asked
    run: Run | None
    label: str
    counted: str
    n: int
    mean: float
    error: float
    reach: float
    answers: tuple[Answer, ...]
    closest: tuple[tuple[str, float], ...]
    one_sided: bool
    """Whether no future of the run has a lead below zero, so that no weighting could turn the answer."""
    futures: int
    """Futures that confirmations rest on; 0 where none was asked for."""
    why_not: str
    """Why nothing was confirmed, if so."""
    weights: Weights | None

    @property
    def open(self) -> bool:
        """Whether the sample cannot tell the lead from zero to begin with."""
        return self.mean <= NORMAL_95 * self.error

    def of_size(self, size: int) -> list[Answer]:
        """Sets of so many changes, nearest first."""
        return [answer for answer in self.answers if answer.flip.size == size]

    def frame(self) -> pl.DataFrame:
        """One row for each change of each set."""
        import polars as pl

        return pl.DataFrame(_rows(self), schema=_schema(), orient="row")


def ranking(study: Study, outcome: str, policies: Sequence[str] = (), *, more: bool = False) -> Asked:
    """The question which of two policies does better on average: the best two, or those named.

    Raises `UserError` for names that do not exist, or fewer than two policies.
    """
    study.check_outcome(outcome)
    named = list(dict.fromkeys(study.check_policy(name) for name in policies)) or list(study.policies)
    if len(named) < 2:
        raise UserError(f"{study.label}: a ranking needs two policies; {len(named)} named or held")
    kind = kind_of(study.case, outcome)
    sign = -1.0 if more or kind == STAKES else 1.0
    losses = {name: sign * study.outcome(outcome, name) for name in named}
    known = ~np.isnan(np.stack(list(losses.values()))).any(axis=0)
    if not known.any():
        raise UserError(f"{study.label}: `{outcome}` is undefined under some of these policies in every future")
    order = sorted(named, key=lambda name: float(losses[name][known].mean()))
    first, second = order[0], order[1]

    def lead(of: Of) -> Floats:
        return sign * (of(second, outcome) - of(first, outcome))

    def said(name: str) -> str:
        return name if study.case is None else study.case.policy(name).label

    what = outcome if study.case is None else describe(study.case, outcome).words
    what = what[0].lower() + what[1:]
    return Asked(
        f"ranking in {outcome}",
        f"{said(first)} does better than {said(second)} in the {what}",
        f"{said(second)} does better",
        kind,
        (first, second),
        lead,
    )


def flips_of(
    study: Study,
    asked: Asked,
    *,
    priors: Sequence[Belief | str] = (),
    futures: int = FUTURES,
    codes: Codes | None = None,
    told: Told | None = None,
) -> Flips:
    """Find what turns an answer round, and confirm the nearest set of each size with the model.

    `priors`: other beliefs to weigh the run's futures by; what is found is then not confirmed, since such weights
    cannot be carried into new futures. `futures`: to confirm on; 0 for not at all. `codes`: the inputs, if they are
    encoded already. Raises `UserError` for too few futures, or inputs that cannot be had.
    """
    say = told or (lambda *_: None)
    study.need(LEAST, "a search for what would flip an answer")
    if not study.inputs:
        raise UserError(f"{study.label}: it holds no input that differs between futures, so no assumption can be moved")
    lead = asked.lead(lambda policy, name: study.outcome(name, policy))
    known = ~np.isnan(lead)
    study.need(LEAST, f"a search for what would flip the {asked.name}", int(known.sum()))
    weights = reweigh(study, priors) if priors else None
    own = None if weights is None else weights.values
    middle = mean(lead[known], None if own is None else own[known])
    error = mean_error(lead[known], None if own is None else own[known])
    say("reading the inputs", 0.05)
    coded = codes if codes is not None else encode(study)
    if middle <= 0:
        raise UserError(f"{study.label}: by these weights the answer is the other way already: {asked.turned}")
    search = Search(coded, lead, own, lambda what: say(what, 0.3))
    found = search.flips()
    lowest = sorted(((name, min(low, high)) for name, low, high in search.effects()), key=lambda each: each[1])[:3]
    why, confirmed = _confirmations(study, asked, found, futures, weights, say)
    answers = tuple(
        Answer(flip, tuple(_moved(coded, change) for change in flip.changes), confirmed.get(place))
        for place, flip in enumerate(found)
    )
    return Flips(
        asked,
        study.run,
        study.label,
        study.counted,
        int(known.sum()),
        middle,
        error,
        min(FARTHEST, reach_of(int(known.sum()) if weights is None else weights.effective)),
        answers,
        tuple(lowest),
        not bool((lead[known] < 0).any()),
        0 if why else futures,
        why,
        weights,
    )


def _confirmations(
    study: Study, asked: Asked, found: Sequence[Flip], futures: int, weights: Weights | None, say: Told
) -> tuple[str, dict[int, Confirmation]]:
    """Why nothing is confirmed, or the model's word on the nearest set of each size."""
    if futures <= 0:
        return "no confirmation was asked for", {}
    if asked.unconfirmed:
        return asked.unconfirmed, {}
    if study.run is None:
        return "there is no model behind these arrays", {}
    if weights is not None:
        return "weights of another belief cannot be carried into new futures", {}
    if not found:
        return "", {}
    say("preparing the model", 0.5)
    model = Resimulation(study.run, asked.policies, futures)
    nearest = [next(p for p, f in enumerate(found) if f.size == size) for size in sorted({f.size for f in found})]
    made: dict[int, Confirmation] = {}
    for number, place in enumerate(nearest):
        begin, part = 0.55 + 0.4 * number / len(nearest), 0.4 / len(nearest)
        what = f"confirming {found[place].size} change{'s' if found[place].size > 1 else ''} with the model"
        say(what, begin)
        made[place] = model.confirm(
            found[place],
            asked.lead,
            lambda share, what=what, begin=begin, part=part: say(what, begin + part * share),
        )
    return "", made


def _moved(codes: Codes, change: Shift | Law) -> Moved:
    if isinstance(change, Law):
        factor = codes.factors[codes.place(change.structure)]
        return Moved(change, factor.means, "", factor.grade, float("nan"), float("nan"))
    place = codes.place(change.input)
    factor = codes.factors[place]
    ends = np.concatenate(([codes.lowest[place]], codes.cuts[place], [codes.highest[place]]))
    at = np.linspace(0.0, 1.0, len(ends))
    before, after = (float(np.interp(level, at, ends)) for level in (0.5, float(ndtr(change.by))))
    return Moved(change, factor.means, factor.unit, factor.grade, before, after)


def _schema() -> dict[str, pl.DataType | type[pl.DataType]]:
    import polars as pl

    return {
        "run": pl.String,
        "question": pl.String,
        "answer": pl.String,
        "turned": pl.String,
        "lead_kind": pl.String,
        "lead": pl.Float64,
        "lead_error": pl.Float64,
        "n": pl.Int64,
        "set": pl.Int64,
        "size": pl.Int64,
        "distance": pl.Float64,
        "effective": pl.Float64,
        "confirmed": pl.String,
        "confirmed_at": pl.Float64,
        "crosses_at": pl.Float64,
        "input": pl.String,
        "kind": pl.String,
        "law": pl.String,
        "by": pl.Float64,
        "before": pl.Float64,
        "after": pl.Float64,
        "unit": pl.String,
        "means": pl.String,
        "grade": pl.String,
    }


def _rows(found: Flips) -> list[tuple[object, ...]]:
    rows: list[tuple[object, ...]] = []
    for place, answer in enumerate(found.answers):
        checked = answer.confirmation
        word = "not tried" if checked is None else "yes" if checked.holds else "no"
        stretch = float("nan") if checked is None else checked.stretch
        crosses = float("nan") if checked is None else checked.crosses
        head = (
            (found.run.hash if found.run is not None else None) or "",
            found.asked.name,
            found.asked.words,
            found.asked.turned,
            found.asked.kind,
            found.mean,
            found.error,
            found.n,
            place,
            answer.flip.size,
            answer.flip.distance,
            answer.flip.effective,
            word,
            stretch,
            crosses,
        )
        for moved in answer.moved:
            change = moved.change
            law = change.law if isinstance(change, Law) else ""
            name = change.structure.removeprefix(STRUCTURE) if isinstance(change, Law) else change.input
            by = change.units if isinstance(change, Law) else change.by
            kind = "law" if isinstance(change, Law) else "shift"
            rows.append((*head, name, kind, law, by, moved.before, moved.after, moved.unit, moved.means, moved.grade))
    return rows
