"""What the analyses of many futures read: inputs as a table, outcomes by policy, and what was left out.

A `Study` is a run seen as data: one row per future, the same futures under every policy. It also takes plain arrays, so
that published data sets go through the same code. Columns are drawn when they are first asked for, and a million
futures never stand in memory as floats all at once: `blocks` gives them piece by piece.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import numpy.typing as npt

from twofront.analyse.sample import KEPT_BYTES, USABLE, Floats, usable_futures
from twofront.faults import UserError, listed, nearest

if TYPE_CHECKING:
    from twofront.case import Case
    from twofront.ensemble import Run

__all__ = ["CHOICE", "NUMBER", "STRUCTURE", "Factor", "Study", "least_futures"]

NUMBER, CHOICE = "number", "choice"
STRUCTURE = "structure."
"""Opens the name of an input that is a choice among rival laws."""
MOST_OPTIONS = 255
"""Categories of a choice, so that its codes fit a byte."""
BLOCK = 65_536
"""Futures whose inputs are drawn at once."""


@dataclass(frozen=True, slots=True)
class Factor:
    """An input of the futures: a parameter with a range, or a structure with rival laws.

    `name` is the parameter's own, or `structure.<name>`. `options` are the laws (or categories) that the codes of a
    choice count through; a number has none. `means`, `unit` and `grade` are the parameter's, as far as they are known.
    `of` says of whom or of what where `means` does not: many parameters of a case share one meaning.
    """

    name: str
    kind: str = NUMBER
    options: tuple[str, ...] = ()
    means: str = ""
    unit: str = ""
    grade: str = ""
    of: str = ""

    @property
    def is_choice(self) -> bool:
        """Whether its values are places in `options`."""
        return self.kind == CHOICE

    @property
    def words(self) -> str:
        """What it is, as a sentence says it: its meaning up to the first remark, and of whom; else its name."""
        means = self.means.split(";")[0].strip().rstrip(".")
        if not means:
            return self.name
        # A word that begins with two capitals is an abbreviation and keeps them.
        small = means if means[1:2].isupper() else means[0].lower() + means[1:]
        return f"{small}, {self.of}" if self.of else small


def least_futures(least: int, has: int, method: str) -> None:
    """Raise `UserError` where a method has too few futures to say anything."""
    if has < least:
        raise UserError(f"{method} needs at least {least:,} futures; there are {has:,}. Run the case with more")


class _Source(Protocol):
    """Where a study's columns come from."""

    def block(self, names: Sequence[str], lo: int, hi: int) -> list[npt.NDArray[Any]]: ...

    def spans(self) -> list[tuple[int, int]]: ...

    def outcome(self, name: str) -> Floats: ...


class Study:
    """Futures as rows: inputs, and outcomes under each policy.

    A future that failed, or whose declared prior no intercept reproduced, under any policy is left out under all of
    them, since comparisons would not be paired otherwise: `left_out` counts these futures and `rows_by_status` tells
    why, in rows (future × policy). Outcomes may still be NaN where a share of nothing would stand.
    """

    def __init__(
        self,
        source: _Source,
        *,
        policies: Sequence[str],
        outcome_names: Sequence[str],
        factors: Sequence[Factor],
        kept: npt.NDArray[np.bool_],
        rows_by_status: Mapping[str, int],
        label: str,
        run: Run | None = None,
    ) -> None:
        self._source = source
        self.policies: tuple[str, ...] = tuple(policies)
        self.outcome_names: tuple[str, ...] = tuple(outcome_names)
        self.factors: tuple[Factor, ...] = tuple(factors)
        self.label = label
        self.run = run
        self.rows_by_status: dict[str, int] = dict(rows_by_status)
        self.asked = len(kept)
        """Futures that can be read, usable or not."""
        self.left_out = int((~kept).sum())
        self._kept = kept
        self._before = np.concatenate(([0], np.cumsum(kept)))
        self._factors = {factor.name: factor for factor in self.factors}
        self._columns: dict[str, npt.NDArray[Any]] = {}
        self._outcomes: dict[str, Floats] = {}
        self.thinned = ""
        """What the futures were thinned to, if they were (`only`)."""
        if not self.n:
            raise UserError(f"{label}: no future was evaluated under every policy, so there is nothing to analyse")

    # ---- ways in ----------------------------------------------------------------------------------------

    @staticmethod
    def of(run: Run | Study | str | Path) -> Study:
        """A study of a run (open or by its folder); a study is given back as it is."""
        if isinstance(run, Study):
            return run
        if isinstance(run, (str, Path)):
            from twofront.ensemble import open_run

            run = open_run(run)
        return _of_run(run)

    @staticmethod
    def of_arrays(
        inputs: Mapping[str, npt.ArrayLike],
        outcomes: Mapping[str, npt.ArrayLike | Mapping[str, npt.ArrayLike]],
        *,
        factors: Sequence[Factor] = (),
        label: str = "these arrays",
    ) -> Study:
        """A study of plain columns.

        Text and booleans among `inputs` become choices; numbers stay numbers. An outcome is a column, or a mapping
        from policy to column (the present course first). Rows with an input that is missing (NaN) are left out and
        counted under the status `input missing`.
        """
        return _of_arrays(inputs, outcomes, {factor.name: factor for factor in factors}, label)

    def only(self, chosen: npt.NDArray[np.bool_], why: str) -> Study:
        """The study of some of its futures; `why` follows their number wherever it is told."""
        if not chosen.any():
            raise UserError(f"{self.label}: no future is left{why}")
        kept = self._kept.copy()
        kept[kept] = chosen
        part = Study(
            self._source,
            policies=self.policies,
            outcome_names=self.outcome_names,
            factors=self.factors,
            kept=kept,
            rows_by_status=self.rows_by_status,
            label=self.label,
            run=self.run,
        )
        part.left_out, part.thinned = self.left_out, self.thinned + why
        part._columns = {name: column[chosen] for name, column in self._columns.items()}
        part._outcomes = {name: values[:, chosen] for name, values in self._outcomes.items()}
        return part

    # ---- what there is ----------------------------------------------------------------------------------

    @property
    def n(self) -> int:
        """Futures that are used."""
        return int(self._before[-1])

    @property
    def present(self) -> str:
        """The present course, against which policies are compared."""
        return self.policies[0]

    @property
    def inputs(self) -> tuple[str, ...]:
        """Names of the inputs that differ between futures."""
        return tuple(self._factors)

    @cached_property
    def case(self) -> Case | None:
        """The run's case; None for arrays."""
        return self.run.case if self.run is not None else None

    @property
    def counted(self) -> str:
        """How many futures are used, and how many are not and why: for every report."""
        text = f"n = {self.n:,} futures{self.thinned}"
        if not self.left_out:
            return text
        bad = ", ".join(f"{s}: {c:,} rows" for s, c in self.rows_by_status.items() if s not in USABLE and c)
        return f"{text}; {self.left_out:,} left out ({bad})"

    def factor(self, name: str) -> Factor:
        """An input by name; `UserError` with the nearest match for any other."""
        return self._factors[self._known(name, self._factors, "input")]

    def check_outcome(self, name: str) -> str:
        """Return the name of an outcome, or raise `UserError` with the nearest match."""
        return self._known(name, self.outcome_names, "outcome")

    def check_policy(self, name: str) -> str:
        """Return the name of a policy, or raise `UserError` with the nearest match."""
        return self._known(name, self.policies, "policy")

    def need(self, least: int, method: str, has: int | None = None) -> None:
        """Raise `UserError` where there are too few futures for a method."""
        try:
            least_futures(least, self.n if has is None else has, method)
        except UserError as error:
            raise UserError(f"{self.label}: {error}") from None

    # ---- columns ----------------------------------------------------------------------------------------

    def outcome(self, name: str, policy: str | None = None) -> Floats:
        """An outcome under a policy (the present course by default), one number per future."""
        place = self.policies.index(self.check_policy(policy)) if policy else 0
        if name not in self._outcomes:
            column = self._source.outcome(self.check_outcome(name)).reshape(-1, len(self.policies))
            self._outcomes[name] = np.ascontiguousarray(column[self._kept].T)
            if len(self._outcomes) * self._outcomes[name].nbytes > KEPT_BYTES and len(self._outcomes) > 1:
                del self._outcomes[next(iter(self._outcomes))]
        return self._outcomes[name][place]

    def change(self, name: str, policy: str, against: str | None = None) -> Floats:
        """An outcome under a policy less that under another (the present course by default), future by future."""
        return self.outcome(name, policy) - self.outcome(name, against)

    def values(self, name: str) -> npt.NDArray[Any]:
        """The draws of one input: floats, or places in `Factor.options` for a choice."""
        self._load([self.factor(name).name])
        return self._columns[name]

    def matrix(self, names: Sequence[str] | None = None) -> Floats:
        """Draws of inputs (all by default), one row each; choices as their codes."""
        wanted = [self.factor(name).name for name in (self.inputs if names is None else names)]
        self._load(wanted)
        return np.stack([self._columns[name].astype(np.float64, copy=False) for name in wanted])

    def structure(self, name: str) -> npt.NDArray[Any]:
        """Which law of a structure each future drew, as its place in the factor's options."""
        return self.values(name if name.startswith(STRUCTURE) else STRUCTURE + name)

    def blocks(self, names: Sequence[str] | None = None) -> Iterator[tuple[slice, list[npt.NDArray[Any]]]]:
        """Inputs piece by piece: the rows that a piece fills, and one column for each name (all by default)."""
        wanted = [self.factor(name).name for name in (self.inputs if names is None else names)]
        if all(name in self._columns for name in wanted):
            yield slice(0, self.n), [self._columns[name] for name in wanted]
            return
        for lo, hi in self._source.spans():
            kept = self._kept[lo:hi]
            columns = self._source.block(wanted, lo, hi)
            if not kept.all():
                columns = [column[kept] for column in columns]
            yield slice(int(self._before[lo]), int(self._before[hi])), columns

    def _load(self, wanted: Sequence[str]) -> None:
        missing = [name for name in wanted if name not in self._columns]
        if not missing:
            return
        # Drawing one input again costs as much as drawing all, so all are kept where there is room.
        small = 8 * self.n * len(self.factors) <= KEPT_BYTES
        names = [name for name in self.inputs if name not in self._columns] if small else missing
        made: dict[str, npt.NDArray[Any]] = {}
        for rows, columns in self.blocks(names):
            for name, column in zip(names, columns, strict=True):
                if name not in made:
                    made[name] = np.empty(self.n, dtype=column.dtype)
                made[name][rows] = column
        self._columns |= made

    def _known(self, name: str, known: Any, what: str) -> str:
        if name in known:
            return name
        near = nearest(name, known)
        hint = f"did you mean `{near}`?" if near else f"there are {listed(known)}"
        raise UserError(f"{self.label}: no {what} `{name}`; {hint}")


# ---- runs ---------------------------------------------------------------------------------------------------


class _RunSource:
    def __init__(self, run: Run) -> None:
        self.run = run
        self._ranges = run.ranges
        self._last: tuple[tuple[str, ...], Any] | None = None

    def outcome(self, name: str) -> Floats:
        return self.run.frame([name])[name].to_numpy()

    def spans(self) -> list[tuple[int, int]]:
        """Rows that are read together, counted through the readable parts."""
        found: list[tuple[int, int]] = []
        begin = 0
        for lo, hi in self._ranges:
            count = hi - lo
            found += [(begin + at, begin + min(at + BLOCK, count)) for at in range(0, count, BLOCK)]
            begin += count
        return found

    def block(self, names: Sequence[str], lo: int, hi: int) -> list[npt.NDArray[Any]]:
        first, last = self._futures(lo, hi)
        if self._inputs_stored:
            frame = self._stored(names, lo, hi)
        elif not any(name.startswith(STRUCTURE) for name in names):
            return list(self.run.sampler().columns(names, first, last))
        else:
            frame = self.run.draws(first, last)
        columns: list[npt.NDArray[Any]] = []
        for name in names:
            if name.startswith(STRUCTURE):
                columns.append(frame[name].to_physical().to_numpy().astype(np.uint8))
            else:
                columns.append(frame[f"in.{name}"].to_numpy())
        return columns

    @property
    def _inputs_stored(self) -> bool:
        return self.run.manifest.get("inputs", "stored") == "stored"

    def _stored(self, names: Sequence[str], lo: int, hi: int) -> Any:
        columns = tuple(name if name.startswith(STRUCTURE) else f"in.{name}" for name in names)
        if self._last is None or self._last[0] != columns:
            self._last = columns, self.run.frame(columns).gather_every(len(self.run.policies))
        return self._last[1][lo:hi]

    def _futures(self, lo: int, hi: int) -> tuple[int, int]:
        """The futures that stand in these rows."""
        begin = 0
        for first, last in self._ranges:
            if lo < begin + last - first:
                return first + lo - begin, first + hi - begin
            begin += last - first
        raise IndexError(lo)


def _of_run(run: Run) -> Study:
    status = run.frame(["status"])["status"]
    kept = usable_futures(status, len(run.policies))
    rows = dict(status.value_counts(sort=True, name="n").iter_rows())
    return Study(
        _RunSource(run),
        policies=run.policies,
        outcome_names=run.outcome_names,
        factors=[*_parameters(run), *_structures(run)],
        kept=kept,
        rows_by_status=rows,
        label=str(run.folder),
        run=run,
    )


def _parameters(run: Run) -> list[Factor]:
    held, fixed = set(run.parameter_names), set(run.manifest.get("fixed", {}))
    return [
        Factor(p.name, NUMBER, (), p.means, p.unit, p.grade, _whose(run.case, p.name, p.means))
        for p in run.case.parameters
        if p.uncertain and p.name in held and p.name not in fixed
    ]


def _whose(case: Case, name: str, means: str) -> str:
    """Labels of what a name says after its first part (`core_share.germany`), as far as its meaning does not."""
    labels = [case.label(part).split(" (")[0] for part in name.split(".")[1:]]
    return ", ".join(label.replace("_", " ") for label in labels if label.lower() not in means.lower())


def _structures(run: Run) -> list[Factor]:
    fixed = run.manifest.get("fixed_structures", {})
    return [
        Factor(
            STRUCTURE + name,
            CHOICE,
            options,
            f"Law of {name.split('.')[0].replace('_', ' ')}",
            of=_whose(run.case, name, ""),
        )
        for name, options in run.structure_options.items()
        if len(options) > 1 and name not in fixed
    ]


# ---- arrays -------------------------------------------------------------------------------------------------


class _ArraySource:
    def __init__(self, columns: Mapping[str, npt.NDArray[Any]], outcomes: Mapping[str, Floats]) -> None:
        self.columns = columns
        self.outcomes = outcomes
        self.n = len(next(iter(columns.values())))

    def outcome(self, name: str) -> Floats:
        return self.outcomes[name]

    def spans(self) -> list[tuple[int, int]]:
        return [(0, self.n)]

    def block(self, names: Sequence[str], lo: int, hi: int) -> list[npt.NDArray[Any]]:
        return [self.columns[name][lo:hi] for name in names]


def _of_arrays(
    inputs: Mapping[str, npt.ArrayLike],
    outcomes: Mapping[str, npt.ArrayLike | Mapping[str, npt.ArrayLike]],
    described: Mapping[str, Factor],
    label: str,
) -> Study:
    if not inputs or not outcomes:
        raise UserError(f"{label}: at least one input and one outcome are needed")
    columns: dict[str, npt.NDArray[Any]] = {}
    factors: list[Factor] = []
    for name, given in inputs.items():
        column, factor = _column(name, np.asarray(given), described.get(name))
        columns[name] = column
        factors.append(factor)
    named = [set(given) for given in outcomes.values() if isinstance(given, Mapping)]
    first = next((list(given) for given in outcomes.values() if isinstance(given, Mapping)), ["present"])
    if any(found != set(first) for found in named):
        raise UserError(f"{label}: every outcome needs the same policies")
    made: dict[str, Floats] = {}
    for name, given in outcomes.items():
        by_policy = [given[p] for p in first] if isinstance(given, Mapping) else [given] * len(first)
        made[name] = np.stack([np.asarray(each, dtype=np.float64) for each in by_policy], axis=1).ravel()
    lengths = {len(column) for column in columns.values()} | {len(each) // len(first) for each in made.values()}
    if len(lengths) != 1:
        raise UserError(f"{label}: columns of different lengths ({listed(str(x) for x in sorted(lengths))})")
    numbers = [columns[f.name] for f in factors if not f.is_choice]
    kept = np.ones(lengths.pop(), dtype=bool)
    for column in numbers:
        kept &= ~np.isnan(column)
    missing = int((~kept).sum()) * len(first)
    return Study(
        _ArraySource(columns, made),
        policies=first,
        outcome_names=list(made),
        factors=factors,
        kept=kept,
        rows_by_status={"ok": len(kept) * len(first) - missing, "input missing": missing},
        label=label,
    )


def _column(name: str, given: npt.NDArray[Any], described: Factor | None) -> tuple[npt.NDArray[Any], Factor]:
    """A column as numbers or codes, and its factor."""
    if described is not None and described.is_choice and given.dtype.kind in "iu":
        return given.astype(np.uint8), described
    if given.dtype.kind == "b":
        options = described.options if described is not None and described.options else ("no", "yes")
        return given.astype(np.uint8), _with_options(name, described, options)
    if given.dtype.kind in "iuf":
        return given.astype(np.float64), described or Factor(name)
    options, codes = np.unique(given.astype(str), return_inverse=True)
    if len(options) > MOST_OPTIONS:
        raise UserError(f"the input `{name}` has {len(options):,} categories; at most {MOST_OPTIONS} are taken")
    return codes.astype(np.uint8), _with_options(name, described, tuple(str(option) for option in options))


def _with_options(name: str, described: Factor | None, options: tuple[str, ...]) -> Factor:
    if described is None:
        return Factor(name, CHOICE, options)
    return Factor(name, CHOICE, options, described.means, described.unit, described.grade)
