"""Inputs of a case by what they belong to: an actor, a quantity, a law that reads them, a source, a grade."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Final

from twofront.case.names import Name, parse
from twofront.faults import UserError, listed, nearest

if TYPE_CHECKING:
    from twofront.case import Case

__all__ = ["ALL", "GROUPINGS", "PARTITIONS", "grouped"]

LAWS: Final = "choice of law"
"""Where structures stand, which belong to no actor and rest on no source."""
ALL: Final = "all inputs"
NOBODY: Final = "no single actor"
UNSOURCED: Final = "judgement alone"

_Grouping = dict[str, set[str]]

PARTITIONS: Final = ("actor", "quantity", "grade")
"""Groupings in which every input stands once, so that shares add up."""
GROUPINGS: Final = ("all", *PARTITIONS, "law", "source")
"""All of them. An input may be read by several laws and rest on several sources."""


def grouped(case: Case, kind: str, inputs: Sequence[str]) -> dict[str, frozenset[str]]:
    """The groups of a kind (`GROUPINGS`), with those of their inputs that are among ``inputs``; none is empty."""
    if kind not in _MAKERS:
        near = nearest(kind, _MAKERS)
        raise UserError(
            f"no grouping `{kind}`; {f'did you mean `{near}`?' if near else f'there are {listed(_MAKERS)}'}"
        )
    held = set(inputs)
    found = {name: frozenset(members & held) for name, members in _MAKERS[kind](case).items()}
    if kind in PARTITIONS:
        found[LAWS] = frozenset(name for name in inputs if name.startswith("structure."))
    return {name: members for name, members in found.items() if members}


def _by(case: Case, names_of: Callable[[str], Iterable[str]]) -> _Grouping:
    found: _Grouping = {}
    for parameter in case.parameters:
        for name in names_of(parameter.name):
            found.setdefault(name, set()).add(parameter.name)
    return found


def _actors(case: Case) -> _Grouping:
    """By the actor or group of actors that a name gives."""

    def actor(name: str) -> list[str]:
        parsed = parse(name, case.entries)
        if not isinstance(parsed, Name):
            return [NOBODY]
        named = [
            part for axis, part in zip(parsed.quantity.axes, parsed.parts, strict=True) if axis == "actor" and part
        ]
        return [case.label(named[0]) if named else NOBODY]

    return _by(case, actor)


def _quantities(case: Case) -> _Grouping:
    def quantity(name: str) -> list[str]:
        parsed = parse(name, case.entries)
        return [parsed.quantity.name if isinstance(parsed, Name) else name.split(".")[0]]

    return _by(case, quantity)


def _grades(case: Case) -> _Grouping:
    grades = {parameter.name: f"grade {parameter.grade}" for parameter in case.parameters}
    return _by(case, lambda name: [grades[name]])


def _laws(case: Case) -> _Grouping:
    """By the laws that read a parameter with no other law in between."""
    from twofront.future.uses import uses_of

    return {name: set(found) for name, found in uses_of(case).readers.items()}


def _sources(case: Case) -> _Grouping:
    """By the publisher of the evidence that a range cites: what stands before the first comma or bracket."""

    def publishers(name: str) -> list[str]:
        cited = case.parameter(name).evidence
        found = {re.split(r",| \(", case.evidence[id_].source)[0].strip() for id_ in cited if id_ in case.evidence}
        return sorted(found) or [UNSOURCED]

    return _by(case, publishers)


def _all(case: Case) -> _Grouping:
    structures = {f"structure.{item.name}" for item in case.structures}
    return {ALL: {parameter.name for parameter in case.parameters} | structures}


_MAKERS: Final[dict[str, Callable[[Case], _Grouping]]] = {
    "all": _all,
    "actor": _actors,
    "quantity": _quantities,
    "grade": _grades,
    "law": _laws,
    "source": _sources,
}
