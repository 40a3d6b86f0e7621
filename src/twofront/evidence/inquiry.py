"""What a name means to the evidence of a case, and all that the evidence says about it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from twofront.case import Case, Evidence, Parameter
from twofront.evidence.comparison import Conflict, Measured, NotComparable, measured
from twofront.evidence.provenance import Provenance, provenance_of
from twofront.evidence.table import EvidenceTable, begins, entities_of, open_evidence
from twofront.faults import UserError, nearest

__all__ = ["Inquiry", "Kind", "inquire"]

Kind = Literal["case", "parameter", "quantity", "row", "entity", "measured", "unit", "source"]
"""What a name was found to be: the whole case, a parameter, a quantity of the model, a row of evidence, whom or what
rows speak of, a quantity of the evidence, what a unit measures, a source."""


@dataclass(frozen=True)
class Inquiry:
    """What the evidence says about a name.

    ``table``: the rows it means; of a parameter or a quantity of the model, the rows that support it.
    ``parameters``: those it means, or those that cite one of its rows.
    """

    case: Case
    name: str
    kind: Kind
    table: EvidenceTable
    parameters: tuple[Provenance, ...]

    @cached_property
    def whole(self) -> EvidenceTable:
        """All rows of the case."""
        return open_evidence(self.case)

    @property
    def contrary(self) -> tuple[Evidence, ...]:
        """Rows that the case names against the parameters meant (for a row or a source: against those it supports)."""
        if self.kind not in ("parameter", "quantity"):
            return ()
        return tuple({row.id: row for found in self.parameters for row in found.contrary}.values())

    def conflicts(self) -> tuple[Conflict, ...]:
        """Conflicts with a row that is meant or named against it on either side."""
        return tuple(pair for pair in self.whole.conflicts() if self._touches(pair.ids))

    def not_comparable(self) -> tuple[NotComparable, ...]:
        """Pairs that are not comparable, with a row that is meant on either side."""
        return tuple(pair for pair in self.whole.not_comparable() if self._touches(pair.ids))

    def beside(self) -> tuple[Evidence, ...]:
        """Rows that are not meant but speak of the same thing at the same time, conflicting ones left out.

        Of a parameter, a quantity of the model or a row only: same entity, same quantity up to the first comma (its
        qualifiers may differ), same kind of unit, periods that overlap.
        """
        if self.kind not in ("parameter", "quantity", "row"):
            return ()
        meant = [found for found in (measured(row) for row in self.table) if found is not None]
        told = {id_ for pair in (*self.conflicts(), *self.not_comparable()) for id_ in pair.ids} | self._held
        return tuple(row for row in self.whole if row.id not in told and any(_beside(other, row) for other in meant))

    def alone(self) -> tuple[Parameter, ...]:
        """Parameters meant here that rest on no row beside those of this inquiry, and on no judgement."""
        held = set(self.table.ids)
        return tuple(
            found.parameter
            for found in self.parameters
            if found.rows
            and not any(source.judgement and not source.rows for source in found.sources)
            and all(row.id in held for row in found.rows)
        )

    def _touches(self, ids: Iterable[str]) -> bool:
        if self.kind == "case":
            return True
        return any(id_ in self._held for id_ in ids)

    @cached_property
    def _held(self) -> frozenset[str]:
        return frozenset(self.table.ids) | frozenset(row.id for row in self.contrary)


def _beside(meant: Measured, row: Evidence) -> bool:
    if row.entity != meant.row.entity or row.quantity.split(",")[0] != meant.row.quantity.split(",")[0]:
        return False
    found = measured(row)
    if found is None or found.family != meant.family:
        return False
    return meant.period is None or found.period is None or meant.period.shared(found.period) > 0


def inquire(case: Case, name: str = "") -> Inquiry:
    """Find what ``name`` is, trying in this order: a parameter, a quantity of the model (also with its class, as in
    ``shell_capacity``), the id of a row, an actor or other entity, a quantity of the evidence, a unit or what one
    measures, part of a source.

    Nothing means the whole case. `UserError` with the nearest names if it is none of these.
    """
    whole = open_evidence(case)
    if not name.strip():
        return Inquiry(case, "", "case", whole, provenance_of(case, case.parameters))
    chosen = tuple(p for p in case.parameters if p.name == name)
    if chosen:
        return _of_parameters(case, name, "parameter", whole, chosen)
    if name in case.readings:
        names = {found for found in case.readings[name].values() if found is not None}
        chosen = tuple(p for p in case.parameters if p.name in names)
    chosen = chosen or tuple(p for p in case.parameters if p.name.startswith(f"{name}."))
    if chosen:
        return _of_parameters(case, name, "quantity", whole, chosen)
    kind, table = _rows(whole, name)
    cited = {
        citation.name
        for row in table
        for citation in whole.citations.get(row.id, ())
        if citation.kind in ("parameter", "contrary", "mention")
    }
    return Inquiry(case, name, kind, table, provenance_of(case, (p for p in case.parameters if p.name in cited)))


def _of_parameters(case: Case, name: str, kind: Kind, whole: EvidenceTable, chosen: tuple[Parameter, ...]) -> Inquiry:
    found = provenance_of(case, chosen)
    held = {row.id for each in found for row in each.rows}
    return Inquiry(case, name, kind, whole.where(lambda row: row.id in held), found)


def _rows(whole: EvidenceTable, name: str) -> tuple[Kind, EvidenceTable]:
    folded, case = name.casefold(), whole.case
    if name in case.evidence:
        return "row", whole.only(name)
    if name in case.struck:
        raise UserError(f"`{name}` is struck ({case.revision.words() if case.revision else ''}): it says nothing here")
    actor = case.labels["actors"].get(name, name).casefold()
    if any(actor == part.casefold() for row in whole for part in entities_of(row)):
        return "entity", whole.entity(name)
    if any(begins(row.quantity, folded) for row in whole):
        return "measured", whole.quantity(name)
    try:
        return "unit", whole.unit(name)
    except UserError:
        pass
    if any(folded in row.source.casefold() for row in whole):
        return "source", whole.source(name)
    raise UserError(_nothing(whole, name))


def _nothing(whole: EvidenceTable, name: str) -> str:
    case = whole.case
    rows = case.evidence.values()
    options = [
        *(p.name for p in case.parameters),
        *case.readings,
        *case.evidence,
        *case.labels["actors"],
        *(row.entity for row in rows),
        *(row.quantity for row in rows),
        *(row.unit for row in rows),
        *(row.source for row in rows),
    ]
    close = nearest(name, options) or nearest(name, options, cutoff=0.5)
    hint = f"; did you mean `{close}`?" if close else ""
    return (
        f"`{name}` is neither a parameter, a quantity, an actor, a source, a unit nor the id of a row of `{case.name}`"
        f"{hint}"
    )
