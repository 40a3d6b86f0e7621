"""Parameter by parameter: what each bound rests on, and what contradicts the range."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from twofront.case import Case, Evidence, Parameter
from twofront.faults import UserError, nearest

__all__ = ["Provenance", "Source", "provenance", "provenance_of"]


@dataclass(frozen=True, slots=True)
class Source:
    """What one bound of a parameter, or one of its several sources, rests on."""

    bound: str
    """``low``, ``mode``, ``high`` or ``source``."""
    value: float
    """In the unit that the case writes."""
    rows: tuple[Evidence, ...]
    judgement: str
    conversion: str
    struck: tuple[str, ...] = ()
    """Ids of its rows that a revision took out."""


@dataclass(frozen=True, slots=True)
class Provenance:
    """A parameter with its sources, its contrary evidence and its readers."""

    parameter: Parameter
    sources: tuple[Source, ...]
    contrary: tuple[Evidence, ...]
    entries: tuple[str, ...]
    """What it gives: ``quantity`` or ``quantity of entry``, in words of names."""
    levers: tuple[str, ...]
    """Levers that read it."""
    pooled: tuple[Source, ...] = ()
    """The sources of a range that is made of several by rule, each with what it says in one number."""

    @property
    def rows(self) -> tuple[Evidence, ...]:
        """All rows that support it, each once."""
        return tuple({row.id: row for source in (*self.sources, *self.pooled) for row in source.rows}.values())


def provenance(case: Case, name: str | None = None) -> tuple[Provenance, ...]:
    """Return the provenance of every parameter, or of the one called ``name`` (`UserError` if there is none).

    ``name`` may also be a quantity: then all of its parameters are meant; or the id of a row of evidence: then
    all parameters that cite it.
    """
    return provenance_of(case, case.parameters if name is None else _chosen(case, name))


def provenance_of(case: Case, parameters: Iterable[Parameter]) -> tuple[Provenance, ...]:
    """Return the provenance of these parameters."""
    readers: dict[str, list[str]] = {}
    for quantity, reading in case.readings.items():
        for entry, parameter in reading.items():
            if parameter is not None:
                text = f"{quantity} of {'/'.join(entry)}" if entry else quantity
                readers.setdefault(parameter, []).append(text)
    return tuple(_of(case, parameter, tuple(readers.get(parameter.name, ()))) for parameter in parameters)


def _chosen(case: Case, name: str) -> tuple[Parameter, ...]:
    exact = tuple(p for p in case.parameters if p.name == name)
    if exact:
        return exact
    if name in case.readings:
        names = {found for found in case.readings[name].values() if found is not None}
        return tuple(p for p in case.parameters if p.name in names)
    if name in case.evidence:
        return tuple(p for p in case.parameters if name in (*p.evidence, *p.contrary))
    options = [*(p.name for p in case.parameters), *case.readings, *case.evidence]
    close = nearest(name, options)
    hint = f"; did you mean `{close}`?" if close else ""
    raise UserError(f"`{name}` is neither a parameter, nor a quantity, nor a row of evidence of `{case.name}`{hint}")


def _of(case: Case, parameter: Parameter, entries: tuple[str, ...]) -> Provenance:
    sources, pooled = tuple(_bounds(case, parameter)), tuple(_pooled(case, parameter))
    contrary = tuple(case.evidence[id_] for id_ in parameter.contrary if id_ in case.evidence)
    levers = tuple(lever.name for lever in case.levers if any(e.times == parameter.name for e in lever.effects))
    return Provenance(parameter, sources, contrary, entries, levers, pooled)


def _bounds(case: Case, parameter: Parameter) -> Iterable[Source]:
    for role, bound in parameter.bounds.items():
        rows, struck = _rows(case, bound.evidence)
        conversion = "; ".join(part for part in (bound.derive, bound.conversion) if part)
        yield Source(role, bound.value, rows, bound.judgement, conversion, struck)


def _pooled(case: Case, parameter: Parameter) -> Iterable[Source]:
    for figure in parameter.figures:
        if figure.role == "source":
            rows, struck = _rows(case, figure.ids)
            yield Source("source", figure.central, rows, figure.judgement, figure.conversion, struck)


def _rows(case: Case, ids: Iterable[str]) -> tuple[tuple[Evidence, ...], tuple[str, ...]]:
    """The rows that are left, and the ids of those that are not."""
    found = tuple(ids)
    return tuple(case.evidence[id_] for id_ in found if id_ in case.evidence), tuple(
        id_ for id_ in found if id_ in case.struck
    )
