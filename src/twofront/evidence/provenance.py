"""Parameter by parameter: what each bound rests on, and what contradicts the range."""

from __future__ import annotations

from dataclasses import dataclass

from twofront.case import Case, Evidence, Parameter
from twofront.faults import UserError, nearest

__all__ = ["Provenance", "Source", "provenance"]


@dataclass(frozen=True, slots=True)
class Source:
    """What one bound of a parameter rests on."""

    bound: str
    """``low``, ``mode`` or ``high``."""
    value: float
    """In the unit that the case writes."""
    rows: tuple[Evidence, ...]
    judgement: str
    conversion: str


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


def provenance(case: Case, name: str | None = None) -> tuple[Provenance, ...]:
    """Return the provenance of every parameter, or of the one called ``name`` (`UserError` if there is none).

    ``name`` may also be a quantity: then all of its parameters are meant; or the id of a row of evidence: then
    all parameters that cite it.
    """
    chosen = case.parameters if name is None else _chosen(case, name)
    readers: dict[str, list[str]] = {}
    for quantity, reading in case.readings.items():
        for entry, parameter in reading.items():
            if parameter is not None:
                text = f"{quantity} of {'/'.join(entry)}" if entry else quantity
                readers.setdefault(parameter, []).append(text)
    return tuple(_of(case, parameter, tuple(readers.get(parameter.name, ()))) for parameter in chosen)


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
    sources = tuple(
        Source(key, bound.value, tuple(case.evidence[id_] for id_ in bound.evidence), bound.judgement, bound.conversion)
        for key, bound in parameter.bounds.items()
    )
    contrary = tuple(case.evidence[id_] for id_ in parameter.contrary)
    levers = tuple(lever.name for lever in case.levers if any(e.times == parameter.name for e in lever.effects))
    return Provenance(parameter, sources, contrary, entries, levers)
