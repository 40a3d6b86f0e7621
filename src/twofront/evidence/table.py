"""The evidence of a case as a table that can be asked: typed columns, chainable filters, and what is amiss with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from twofront.case import Case, Evidence, load_case
from twofront.evidence.citations import Citation, Kind, citations
from twofront.evidence.comparison import Conflict, Measured, NotComparable, compare, measured, subject_of
from twofront.faults import UserError, listed, nearest
from twofront.figures import GRADES, ExpressionError, UnknownUnit, amount_of, measure_of
from twofront.figures.period import PERIODS, Period, UnknownPeriod, day_of, period_of

if TYPE_CHECKING:
    import polars as pl

__all__ = ["Age", "EvidenceTable", "WeakCarrier", "cutoff_of", "open_evidence", "year_before"]

WEAK = "D"
"""Grade of a figure that was guessed, or found in a weak carrier only."""


@dataclass(frozen=True, slots=True)
class WeakCarrier:
    """A row of grade D beside better rows that say the same kind of thing."""

    row: Evidence
    better: tuple[Evidence, ...]
    """Of the same entity, quantity and definition, at a time that overlaps, with a better grade."""


@dataclass(frozen=True, slots=True)
class Age:
    """How much of what a parameter or a claim cites, for and against, is more than a year old."""

    kind: Kind
    name: str
    stale: tuple[str, ...]
    fresh: tuple[str, ...]

    @property
    def wholly(self) -> bool:
        """Whether nothing fresh is cited."""
        return bool(self.stale) and not self.fresh


def open_evidence(case: Case | str | Path) -> EvidenceTable:
    """Return the evidence of a case, given as such, by its name or by its folder.

    Raises `twofront.faults.Faults` for a faulty case and `UserError` if there is none.
    """
    found = case if isinstance(case, Case) else load_case(case)
    return EvidenceTable(found, tuple(found.evidence.values()))


def cutoff_of(case: Case) -> date:
    """Return the last day of the case's evidence: the end of the month of its cutoff."""
    return day_of(case.clock_labels[case.world.clock.cutoff])


def year_before(day: date) -> date:
    """Return the same day a year earlier; the 28th for a 29th of February."""
    leap = (day.month, day.day) == (2, 29)
    return day.replace(year=day.year - 1, day=28 if leap else day.day)


@dataclass(frozen=True)
class EvidenceTable:
    """Rows of a case's evidence. Filters return tables of the same kind, so they can be chained.

    A filter that names something that the case's evidence does not hold raises `UserError` with the nearest name; one
    that leaves no row gives an empty table.
    """

    case: Case
    rows: tuple[Evidence, ...]

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[Evidence]:
        return iter(self.rows)

    def __getitem__(self, id_: str) -> Evidence:
        for row in self.rows:
            if row.id == id_:
                return row
        raise KeyError(id_)

    def __repr__(self) -> str:
        return f"EvidenceTable({self.case.name!r}, {len(self.rows)} rows)"

    @property
    def ids(self) -> tuple[str, ...]:
        """Ids, in the order of the file."""
        return tuple(row.id for row in self.rows)

    # ---- the table ---------------------------------------------------------------------------------------

    @cached_property
    def frame(self) -> pl.DataFrame:
        """The rows as a Polars frame.

        As written: ``id entity quantity low central high unit period source url grade note``. Read from it:
        ``subject`` (the quantity without its definition), ``definition``, ``family`` (what the unit measures),
        ``price_basis``, ``value_low value value_high`` (in base units: years, rounds, billions of money in their own
        prices, shares of 1; null for words), ``period_start period_end`` and ``published`` (dates; the last day that
        the text allows), ``published_text``, and counts of who cites the row: ``parameters contrary correlations
        mentions claims``, and ``used_by``, their sum.
        """
        import polars as pl

        schema: dict[str, Any] = {
            **dict.fromkeys(("id", "entity", "quantity", "subject", "definition"), pl.String),
            **dict.fromkeys(("low", "central", "high"), pl.Float64),
            **dict.fromkeys(("unit", "family", "price_basis"), pl.String),
            **dict.fromkeys(("value_low", "value", "value_high"), pl.Float64),
            "period": pl.String,
            **dict.fromkeys(("period_start", "period_end"), pl.Date),
            **dict.fromkeys(("source", "url"), pl.String),
            "published": pl.Date,
            "published_text": pl.String,
            "grade": pl.Enum(GRADES),
            "note": pl.String,
            **dict.fromkeys(
                ("parameters", "contrary", "correlations", "mentions", "claims", "comparisons", "used_by"), pl.UInt32
            ),
        }
        return pl.DataFrame([self._record(row) for row in self.rows], schema=schema, orient="row")

    def _record(self, row: Evidence) -> dict[str, Any]:
        found = self._measured[row.id]
        period = period_of(row.period)
        kinds = [citation.kind for citation in self.citations.get(row.id, ())]
        return {
            **{name: getattr(row, name) for name in ("id", "entity", "quantity", "low", "central", "high", "unit")},
            **{name: getattr(row, name) for name in ("period", "source", "url", "grade", "note")},
            "subject": subject_of(row.quantity),
            "definition": measure_of(row.unit, row.quantity).definition,
            "family": found.family if found else "",
            "price_basis": found.basis if found else "",
            "value_low": found.low if found else None,
            "value": found.value if found else None,
            "value_high": found.high if found else None,
            "period_start": period.start if period else None,
            "period_end": period.end if period else None,
            "published": day_of(row.published),
            "published_text": row.published,
            "parameters": kinds.count("parameter"),
            "contrary": kinds.count("contrary"),
            "correlations": kinds.count("correlation"),
            "mentions": kinds.count("mention"),
            "claims": kinds.count("claim"),
            "comparisons": kinds.count("calibration"),
            "used_by": len(kinds),
        }

    @cached_property
    def citations(self) -> Mapping[str, tuple[Citation, ...]]:
        """Who cites each row of the case, by id; rows that nobody cites are left out."""
        return citations(self.case)

    @cached_property
    def _measured(self) -> dict[str, Measured | None]:
        return {row.id: measured(row) for row in self.rows}

    # ---- filters -----------------------------------------------------------------------------------------

    def where(self, keep: Callable[[Evidence], bool]) -> EvidenceTable:
        """Rows for which ``keep`` is true."""
        return EvidenceTable(self.case, tuple(row for row in self.rows if keep(row)))

    def only(self, *ids: str) -> EvidenceTable:
        """Rows with these ids."""
        for id_ in ids:
            if id_ not in self.case.evidence:
                raise self._unknown(id_, "a row of evidence", self.case.evidence)
        return self.where(lambda row: row.id in ids)

    def entity(self, name: str) -> EvidenceTable:
        """Rows about an entity, alone or among others: ``Germany`` also finds ``UK, Germany``.

        An actor of the case may be named as the case names it (``united_states``).
        """
        wanted = self.case.labels["actors"].get(name, name).casefold()
        known = {part for row in self.case.evidence.values() for part in entities_of(row)}
        if wanted not in {part.casefold() for part in known}:
            raise self._unknown(name, "an entity of the evidence", known)
        return self.where(lambda row: wanted in {part.casefold() for part in entities_of(row)})

    def quantity(self, name: str) -> EvidenceTable:
        """Rows whose quantity is this, whatever qualifies it: ``defence spending`` finds all shares and definitions."""
        wanted = name.casefold()
        known = {row.quantity for row in self.case.evidence.values()}
        if not any(begins(quantity, wanted) for quantity in known):
            raise self._unknown(name, "a quantity of the evidence", [*known, *(q.split(",")[0] for q in known)])
        return self.where(lambda row: begins(row.quantity, wanted))

    def period(self, text: str) -> EvidenceTable:
        """Rows that hold on some day of a period (``2024``, ``2024-01/2025-06``); those without a period are left out.

        `UserError` if ``text`` is no period.
        """
        try:
            wanted = period_of(text)
        except UnknownPeriod as error:
            raise UserError(f"{error}; write {PERIODS}") from None
        if wanted is None:
            return self.where(lambda row: not row.period)
        return self.where(lambda row: _overlap(period_of(row.period), wanted))

    def unit(self, name: str) -> EvidenceTable:
        """Rows that can be converted into a unit: ``round/month`` finds ``round/year``, but no other price basis.

        Also the name of a family (``money``, ``round / time``): then whatever the prices.
        """
        families = {found.family for found in map(measured, self.case.evidence.values()) if found is not None}
        if name in families:
            return self.where(lambda row: self._family(row) == name)
        try:
            wanted = dict(measure_of(name).dimension)
        except UnknownUnit as error:
            units = {row.unit for row in self.case.evidence.values()}
            hint = error.nearest or nearest(name, [*units, *families])
            raise UserError(
                f"`{name}` is neither a unit of evidence nor what one measures"
                + (f"; did you mean `{hint}`?" if hint else "")
            ) from None
        if "text" in wanted:
            return self.where(lambda row: row.unit == "text")
        return self.where(lambda row: row.unit == name or wanted in _dimensions(row))

    def source(self, text: str) -> EvidenceTable:
        """Rows whose source holds these words, whatever their case."""
        wanted = text.casefold()
        known = {row.source for row in self.case.evidence.values()}
        if not wanted.strip() or not any(wanted in source.casefold() for source in known):
            raise self._unknown(text, "part of a source", known)
        return self.where(lambda row: wanted in row.source.casefold())

    def grade(self, *grades: str) -> EvidenceTable:
        """Rows of these grades (A counted, B reported, C inferred, D guessed or a weak carrier)."""
        for grade in grades:
            if grade not in GRADES:
                raise UserError(f"`{grade}` is not a grade; allowed: {', '.join(GRADES)}")
        return self.where(lambda row: row.grade in grades)

    def public(self, day: str) -> EvidenceTable:
        """Rows that were public on a day; what is dated by month or year counts from its end."""
        try:
            last = day_of(day)
        except UnknownPeriod:
            raise UserError(f"`{day}` is not a day; write it like 2025-07-05") from None
        return self.where(lambda row: day_of(row.published) <= last)

    def _family(self, row: Evidence) -> str:
        found = self._measured[row.id]
        return found.family if found else ""

    def _unknown(self, name: str, what: str, known: Any) -> UserError:
        close = nearest(name, known) or nearest(name, known, cutoff=0.4)
        return UserError(
            f"`{name}` is not {what} of `{self.case.name}`" + (f"; did you mean `{close}`?" if close else "")
        )

    # ---- what is amiss -----------------------------------------------------------------------------------

    @cached_property
    def _compared(self) -> tuple[tuple[Conflict, ...], tuple[NotComparable, ...]]:
        return compare(self.rows)

    def conflicts(self) -> tuple[Conflict, ...]:
        """Pairs of rows that contradict each other, by the rule of `twofront.evidence.comparison`, widest first."""
        return self._compared[0]

    def not_comparable(self) -> tuple[NotComparable, ...]:
        """Pairs of rows about one thing at one time that follow different definitions or price bases."""
        return self._compared[1]

    def unused(self) -> EvidenceTable:
        """Rows that no parameter, contrary figure, correlation or claim cites, not even in words."""
        return self.where(lambda row: row.id not in self.citations)

    def weak_carriers(self) -> tuple[WeakCarrier, ...]:
        """Rows of grade D for which the case has a better one; of all the case's rows, not of the table's alone."""
        found: list[WeakCarrier] = []
        for row in self.rows:
            if row.grade != WEAK:
                continue
            better = tuple(other for other in self.case.evidence.values() if _better(other, row))
            if better:
                found.append(WeakCarrier(row, better))
        return tuple(found)

    def stale(self, as_of: str = "") -> EvidenceTable:
        """Rows published more than a year before a day; before the case's cutoff unless a day is given."""
        last = year_before(day_of(as_of) if as_of else cutoff_of(self.case))
        return self.where(lambda row: day_of(row.published) < last)

    def ages(self, as_of: str = "") -> tuple[Age, ...]:
        """Say of every parameter and claim that cites a row of the table how much of it is stale (see `stale`).

        What a claim quotes is left out: a sentence is not younger than the day on which it was said.
        """
        old = set(self.stale(as_of).ids)
        found: dict[tuple[Kind, str], tuple[dict[str, None], dict[str, None]]] = {}
        for row in self.rows:
            for use in self.citations.get(row.id, ()):
                kind: Kind = "claim" if use.kind == "claim" else "parameter"
                if use.kind not in ("mention", "calibration") and use.role != "quote":
                    stale, fresh = found.setdefault((kind, use.name), ({}, {}))
                    (stale if row.id in old else fresh)[row.id] = None
        return tuple(
            Age(kind, name, tuple(stale), tuple(fresh)) for (kind, name), (stale, fresh) in sorted(found.items())
        )

    def sources(self) -> pl.DataFrame:
        """Sources with their number of rows, best grade, first and last publication, and citations, largest first."""
        import polars as pl

        return (
            self.frame.group_by("source")
            .agg(
                pl.len().alias("rows"),
                pl.col("grade").min().alias("best_grade"),
                pl.col("published").min().alias("first"),
                pl.col("published").max().alias("last"),
                pl.col("used_by").sum(),
            )
            .sort(["rows", "source"], descending=[True, False])
        )

    def in_unit(self, unit: str) -> pl.DataFrame:
        """Return the frame with ``low central high`` in ``unit``, which all rows must be convertible into.

        `UserError` names the rows that are not: another price basis or definition is never converted in silence
        (an expression may: ``restate(x, 'bn_usd', by)``).
        """
        import polars as pl

        strays = sorted(set(self.ids) - set(self.unit(unit).ids))
        if strays:
            raise UserError(
                f"cannot be converted into `{unit}`: {listed(strays, most=8)}; leave them out with `.unit(…)`, or "
                "restate them in an expression"
            )
        size = measure_of(unit).factor
        factor = pl.Series([measure_of(row.unit).factor / size for row in self.rows], dtype=pl.Float64)
        changed = [(pl.col(name) * factor).alias(name) for name in ("low", "central", "high")]
        return self.frame.with_columns(*changed, pl.lit(unit).alias("unit"))


def _dimensions(row: Evidence) -> list[dict[str, int]]:
    """What a row measures: as written, and with dollars of 2025 as the model's own."""
    written = dict(measure_of(row.unit).dimension)
    try:
        return [written, dict(amount_of(row).dimension)]
    except ExpressionError:
        return [written]


def entities_of(row: Evidence) -> tuple[str, ...]:
    """Return the entity of a row, and its parts where it names several."""
    parts = tuple(part.strip() for part in row.entity.split(","))
    return (row.entity, *parts) if len(parts) > 1 else (row.entity,)


def begins(quantity: str, wanted: str) -> bool:
    """Whether a quantity is what is wanted (in lower case), with or without qualifiers behind it."""
    folded = quantity.casefold()
    return folded == wanted or folded.startswith(f"{wanted},")


def _overlap(one: Period | None, other: Period) -> bool:
    return one is not None and one.shared(other) > 0


def _better(other: Evidence, row: Evidence) -> bool:
    """Whether another row says the same kind of thing on a better carrier."""
    if other.entity != row.entity or other.quantity != row.quantity or other.grade >= row.grade:
        return False
    a, b = period_of(other.period), period_of(row.period)
    return a is None or b is None or a.shared(b) > 0
