"""What an answer hangs on: indices of every input and group of inputs.

From a run's futures as they are, without a design: shares of variance, distances between distributions, swings. What
interactions add (total indices) and which inputs matter at all (screening) is asked with designs
(`twofront.analyse.designs`), which evaluate futures of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from twofront.analyse.codes import THREADS, Codes, encode
from twofront.analyse.groups import GROUPINGS, grouped
from twofront.analyse.indices import GROUPS, LEAST_FUTURES, T_FOLDS, T_GROUPS, Distances, Shares, distances, first_order
from twofront.analyse.sample import Floats
from twofront.analyse.study import Study
from twofront.analyse.weights import Belief, thinned
from twofront.faults import UserError, listed, nearest

if TYPE_CHECKING:
    import polars as pl

    from twofront.case import Case
    from twofront.ensemble import Run

__all__ = ["GIVEN", "INPUT", "Sensitivity", "sensitivity"]

GIVEN: Final = "given data"
INPUT: Final = "input"
"""In the column `of`: a row about one input, not about a group of them."""
Told = Callable[[str, float], None]


def silent(_what: str, _share: float) -> None:
    """Tell nobody."""


@dataclass(frozen=True)
class Sensitivity:
    """Indices of inputs and groups of inputs, as a tidy table.

    ``table``: one row for each outcome and input (column `of` = `input`) or group of inputs (`of` = the kind of group).
    `<index>_low` and `_high` are 95% intervals; `clear` is whether a share is clear of chance, were it the largest of
    as many inputs without effect. What a method does not give is null.

    ``notes``: what a reader must know, in sentences.
    """

    method: str
    label: str
    policy: str
    versus: str
    outcomes: tuple[str, ...]
    n: int
    counted: str
    table: pl.DataFrame
    notes: tuple[str, ...]
    run: Run | None = field(default=None, repr=False)
    case: Case | None = field(default=None, repr=False)

    def of_any(self, outcome: str) -> bool:
        """Whether anything moves an outcome."""
        import polars as pl

        leading = "mu_star" if "mu_star" in self.table.columns else "first"
        found = self.table.filter(pl.col("outcome") == outcome)[leading].abs().max()
        return bool(found)

    def of(self, outcome: str, kind: str = INPUT) -> pl.DataFrame:
        """The rows of one outcome, those that matter most first."""
        import polars as pl

        return self.table.filter((pl.col("outcome") == outcome) & (pl.col("of") == kind))


def sensitivity(
    run: Run | Study | str | Path | None = None,
    outcomes: Sequence[str] | None = None,
    *,
    policy: str = "",
    versus: str = "",
    case: Case | str | None = None,
    design: str = "",
    n: int | None = None,
    by: str = "",
    seed: int = 1,
    groupings: Sequence[str] = GROUPINGS,
    priors: Sequence[Belief | str] = (),
    threads: int = THREADS,
    told: Told = silent,
) -> Sensitivity:
    """Indices of every input, for some outcomes (the headline ones by default) under one policy.

    From the futures of ``run`` as they are; or, with ``design`` (`morris` or `sobol`), from futures of its case, or of
    ``case``, that are evaluated here. ``outcomes``: names, or `all` alone. ``policy``: the present course by default.
    ``versus``: of the paired difference against that policy. For a design: ``n`` trajectories or base points (a
    power of 2), ``by`` a grouping whose members move together, ``seed`` of its points. Without
    one, ``groupings`` are those whose sums are given, and the futures are thinned to ``priors``, other beliefs than
    those of the case (`twofront.analyse.weights`).

    Raises `UserError` for a name that is not there, and with too few futures.
    """
    if design and priors:
        raise UserError(
            f"`{design}` evaluates futures of its own, over the ranges of the case; other beliefs weigh the futures of "
            "a run. Leave out the design, or change the range in the case"
        )
    if design:
        return _by_design(run, case, design, outcomes, policy, versus, n, by, seed, threads, told)
    if run is None:
        raise UserError("give a run; or a case with a design, `morris` or `sobol`")
    if n is not None or by:
        raise UserError("`n` and `by` belong to a design, `morris` or `sobol`; a run's own futures need neither")
    return _from_futures(thinned(Study.of(run), priors), outcomes, policy, versus, groupings, threads, told)


def _from_futures(
    study: Study,
    outcomes: Sequence[str] | None,
    policy: str,
    versus: str,
    groupings: Sequence[str],
    threads: int,
    told: Told,
) -> Sensitivity:
    wanted = chosen_outcomes(study, outcomes)
    policy = study.check_policy(policy) if policy else study.present
    if versus:
        study.check_policy(versus)
    study.need(LEAST_FUTURES, "sensitivity from given data")
    coded = encode(study, told=lambda share: told("reading inputs", share))
    rows: list[Floats] = []
    for place, name in enumerate(wanted):
        rows.append(study.change(name, policy, versus) if versus else study.outcome(name, policy))
        told("reading outcomes", (place + 1) / len(wanted))
    values = np.stack(rows)
    levels, ordered = coded.sizes.tolist(), (~coded.choices).tolist()
    shares = first_order(
        coded.codes, levels, ordered, values, threads=threads, told=lambda at, of: told("shares of variance", at / of)
    )
    measured = distances(
        coded.codes, levels, ordered, values, threads=threads, told=lambda at, of: told("distributions", at / of)
    )
    frame = _table(study, coded, wanted, values, shares, measured, groupings)
    return Sensitivity(
        GIVEN,
        study.label,
        policy,
        versus,
        tuple(wanted),
        study.n,
        study.counted,
        frame,
        _notes(wanted, values),
        study.run,
        study.case,
    )


def _by_design(
    run: Run | Study | str | Path | None,
    case: Case | str | None,
    design: str,
    outcomes: Sequence[str] | None,
    policy: str,
    versus: str,
    n: int | None,
    by: str,
    seed: int,
    threads: int,
    told: Told,
) -> Sensitivity:
    from twofront.analyse.designed import DESIGNS, CaseOnDesign, designed_table, factors_of
    from twofront.case import load_case

    if design not in DESIGNS:
        near = nearest(design, DESIGNS)
        hint = f"did you mean `{near}`?" if near else f"there are {listed(DESIGNS)}"
        raise UserError(f"no design `{design}`; {hint}")
    if (run is None) == (case is None):
        raise UserError("a design is of a run's case or of a case: give one of them")
    opened: Run | None = None
    held: dict[str, Any] = {}
    if run is not None:
        study = Study.of(run)
        opened = study.run
        if opened is None or study.case is None:
            raise UserError(f"{study.label}: a design needs a case to evaluate, and these are columns of numbers")
        case, label = study.case, study.label
        held = {"fixed": opened.manifest.get("fixed"), "structures": opened.manifest.get("fixed_structures")}
    else:
        assert case is not None
        case = load_case(case) if isinstance(case, str) else case
        label = case.name
    told("preparing the model", 0.0)
    model = CaseOnDesign(case, outcomes, policy=policy, versus=versus, threads=threads, **held)
    factors = factors_of(model, by)
    frame, n = designed_table(model, design, factors, n, by=by, seed=seed, told=lambda share: told("evaluating", share))
    what = "trajectories" if design == "morris" else "base points"
    counted = f"{n:,} {what} of {len(factors):,} factors: {model.evaluated:,} futures evaluated, seed {seed}"
    if model.failed:
        counted += f"; {model.failed:,} of them failed and are left out"
    return Sensitivity(
        design,
        label,
        model.policy,
        versus,
        tuple(model.outcomes),
        model.evaluated,
        counted,
        frame,
        tuple(" ".join(note.split()) for note in _OF_DESIGNS[design]),
        opened,
        case,
    )


_JOINED: Final = """Inputs that the case declares to move together are one factor and move as they are drawn; between
    factors there is no correlation."""
_OF_DESIGNS: Final = {
    "morris": (
        """Mean absolute elementary effect: how far the outcome moves, on average, when one factor alone crosses its
        range (per unit of quantile, on four levels from the 5th to the 95th percentile). Sigma: how much that differs
        from place to place, by interaction or a bent curve. Screening ranks; it gives no shares.""",
        _JOINED,
    ),
    "sobol": (
        """First order: the share of variance that would go if the factor alone were known. Total: the share that would
        be left if everything else were; what it has beyond the first order is interaction. Totals add to more than
        100% where there is any.""",
        _JOINED,
    ),
}


def chosen_outcomes(study: Study, outcomes: Sequence[str] | None) -> list[str]:
    """Outcomes by name; `all` stands for every one of the run, None for the headline ones."""
    if outcomes is None:
        if study.case is None:
            return list(study.outcome_names)
        from twofront.analyse.outcomes import headline_outcomes

        return [name for name in headline_outcomes(study.case) if name in study.outcome_names]
    if list(outcomes) == ["all"]:
        return list(study.outcome_names)
    return [study.check_outcome(name) for name in dict.fromkeys(outcomes)]


def _table(
    study: Study,
    coded: Codes,
    outcomes: Sequence[str],
    values: Floats,
    shares: Shares,
    measured: Distances,
    groupings: Sequence[str],
) -> pl.DataFrame:
    import polars as pl

    pieces = [_inputs(study, coded, outcomes, values, shares, measured)]
    if study.case is not None:
        pieces += [_groups(study.case, kind, coded.names, outcomes, shares) for kind in groupings]
    return pl.concat(pieces, how="diagonal_relaxed")


def _inputs(
    study: Study, coded: Codes, outcomes: Sequence[str], values: Floats, shares: Shares, measured: Distances
) -> pl.DataFrame:
    import polars as pl

    ranges = _ranges(study, coded)
    many = _many(len(coded.names))
    frames: list[pl.DataFrame] = []
    for at, outcome in enumerate(outcomes):
        columns: dict[str, Any] = {
            "outcome": [outcome] * len(coded.names),
            "of": [INPUT] * len(coded.names),
            "name": list(coded.names),
            "n": np.full(len(coded.names), shares.n[at]),
            **_interval("first", shares.share[:, at], shares.error[:, at], T_GROUPS),
            "clear": shares.share[:, at] > many * shares.error[:, at],
            **_interval("delta", measured.delta[:, at], measured.delta_error[:, at], T_FOLDS),
            **_interval("pawn", measured.pawn[:, at], measured.pawn_error[:, at], T_FOLDS),
            "rank": measured.rank[:, at],
            "mean": np.full(len(coded.names), _mean(values[at])),
            "mean_low": shares.low[:, at],
            "mean_high": shares.high[:, at],
            "swing": shares.high[:, at] - shares.low[:, at],
            **ranges,
        }
        found = pl.DataFrame(columns).with_columns(pl.col(pl.Float64).fill_nan(None))
        frames.append(found.sort(["first", "name"], descending=[True, False], nulls_last=True))
    return pl.concat(frames)


def _many(inputs: int) -> float:
    """Standard errors beyond which a share is clear of chance, though it is the largest of many (Bonferroni)."""
    from scipy.special import stdtrit

    return float(stdtrit(GROUPS - 1, 1.0 - 0.025 / inputs))


def _mean(values: Floats) -> float:
    defined = values[~np.isnan(values)]
    return float(defined.mean()) if len(defined) else float("nan")


def _ranges(study: Study, coded: Codes) -> Mapping[str, Any]:
    """What each input is and between which values it was drawn: the fifths' inner ends, and the range as declared."""
    count = len(coded.names)
    inner = np.full((2, count), np.nan)
    whole = np.full((3, count), np.nan)
    case = study.case
    for place, factor in enumerate(coded.factors):
        if factor.is_choice:
            continue
        size = int(coded.sizes[place])
        inner[0, place] = coded.at_most(place, max(0, round(size / 5) - 1))
        inner[1, place] = coded.at_least(place, min(size - 1, round(4 * size / 5)))
        whole[0, place], whole[2, place] = coded.lowest[place], coded.highest[place]
        if case is not None:
            parameter = case.parameter(factor.name)
            whole[:, place] = parameter.low, parameter.mode, parameter.high
    return {
        "draws_low": inner[0],
        "draws_high": inner[1],
        "range_low": whole[0],
        "range_mode": whole[1],
        "range_high": whole[2],
        "unit": [factor.unit for factor in coded.factors],
        "grade": [factor.grade for factor in coded.factors],
        "means": [factor.means for factor in coded.factors],
    }


def _groups(case: Case, kind: str, inputs: Sequence[str], outcomes: Sequence[str], shares: Shares) -> pl.DataFrame:
    import polars as pl

    groups = grouped(case, kind, inputs)
    places = {name: place for place, name in enumerate(inputs)}
    members = np.zeros((len(groups), len(inputs)), dtype=np.bool_)
    for row, names in enumerate(groups.values()):
        members[row, [places[name] for name in names]] = True
    share, error = shares.together(members)
    frames: list[pl.DataFrame] = []
    for at, outcome in enumerate(outcomes):
        found = pl.DataFrame(
            {
                "outcome": [outcome] * len(groups),
                "of": [kind] * len(groups),
                "name": list(groups),
                "inputs": members.sum(axis=1),
                "n": np.full(len(groups), shares.n[at]),
                **_interval("first", share[:, at], error[:, at], T_GROUPS),
            }
        )
        frames.append(found.sort(["first", "name"], descending=[True, False], nulls_last=True))
    return pl.concat(frames)


def _interval(name: str, value: Floats, error: Floats, width: float) -> dict[str, Floats]:
    """An index with its 95% interval; noise about nothing may put it below 0, which is kept, so that shares add up."""
    return {name: value, f"{name}_low": value - width * error, f"{name}_high": value + width * error}


_READING: Final = (
    """First-order shares say how much of an outcome's variance would go, on average, if the input were known; what
    they leave to 100% is interaction. Correlated inputs share what they do, and their shares count it twice.""",
    """Groups are sums of their inputs' first-order shares, without what their inputs do together. An input may be read
    by several laws and rest on several sources: those groups overlap, while actors, quantities and grades do not.""",
    """Delta and PAWN look at the whole distribution and do not mind skew. Both are cross-fitted: 0 on average without
    an effect, otherwise at most their true value.""",
)


def _notes(outcomes: Sequence[str], values: Floats) -> tuple[str, ...]:
    notes = [" ".join(note.split()) for note in _READING]
    n = values.shape[1]
    for name, count in zip(outcomes, np.isnan(values).sum(axis=1).tolist(), strict=True):
        if count:
            notes.append(f"`{name}` is undefined in {count:,} of {n:,} futures, which are left out for it alone.")
    constant = [name for name, row in zip(outcomes, values, strict=True) if _constant(row)]
    if constant:
        notes.append(f"Does not vary, so nothing moves it: {', '.join(f'`{name}`' for name in constant)}.")
    return tuple(notes)


def _constant(row: Floats) -> bool:
    defined = row[~np.isnan(row)]
    return not len(defined) or bool(defined.min() == defined.max())
