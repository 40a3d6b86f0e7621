"""Who cites a row of evidence: parameters, contrary figures, correlations, claims, comparisons of chances."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, Final, Literal

from twofront.case import Case, Parameter

__all__ = ["Citation", "Kind", "citations"]

Kind = Literal["parameter", "contrary", "correlation", "mention", "claim", "calibration"]

_WORD: Final = re.compile(r"[A-Za-z][A-Za-z0-9_-]*(?:\.[A-Za-z0-9_-]+)*")
_ENDS: Final = (".low", ".central", ".high")
"""What an expression may add to an id (`twofront.figures.expression`)."""


@dataclass(frozen=True, slots=True)
class Citation:
    """One place that cites a row.

    ``kind``: ``mention`` is a parameter that names the row in the words of a conversion or a judgement only;
    ``calibration`` an implied chance that the row is set beside; ``name``: of the parameter, claim or outcome;
    ``role``: ``low``, ``mode``, ``high`` or ``source`` of a parameter, the other parameter of a correlation, the part
    of a claim (``for``, ``against``, …), or what kind of figure stands beside a chance.
    """

    kind: Kind
    name: str
    role: str


def citations(case: Case) -> Mapping[str, tuple[Citation, ...]]:
    """Return every citation by the id of its row, struck rows included, each once; rows without one are left out."""
    known = {**case.evidence, **case.struck}
    found: dict[str, dict[Citation, None]] = {}

    def note(id_: str, kind: Kind, name: str, role: str) -> None:
        found.setdefault(id_, {})[Citation(kind, name, role)] = None

    for parameter in case.parameters:
        for role, bound in parameter.bounds.items():
            for id_ in (*bound.evidence, *_named(bound.derive, known)):
                note(id_, "parameter", parameter.name, role)
        for figure in parameter.figures:
            if figure.role != "contrary":
                for id_ in figure.ids:
                    note(id_, "parameter", parameter.name, figure.role)
        for id_ in parameter.contrary:
            note(id_, "contrary", parameter.name, "contrary")
        for moves in parameter.moves_with:
            for id_ in moves.evidence:
                note(id_, "correlation", parameter.name, moves.parameter)
        for role, text in _words_of(parameter):
            for id_ in _named(text, known):
                if not any(use.name == parameter.name for use in found.get(id_, ())):
                    note(id_, "mention", parameter.name, role)
    for claim in case.claims:
        for field in fields(claim):
            for text in _texts(getattr(claim, field.name)):
                for id_ in _named(text, known):
                    note(id_, "claim", claim.id, _CLAIM_ROLES.get(field.name, field.name))
    for item in case.calibration:
        for row in item.beside:
            for id_ in (*row.ids, *_named(row.conversion, known)):
                note(id_, "calibration", item.outcome, row.kind)
    return {id_: tuple(each) for id_, each in found.items()}


_CLAIM_ROLES: Final = {"supporting": "for", "quote_of": "quote"}


def _words_of(parameter: Parameter) -> Iterator[tuple[str, str]]:
    """What a parameter says beside its numbers, and where."""
    for role, bound in parameter.bounds.items():
        yield role, f"{bound.conversion} {bound.judgement}"
    for figure in parameter.figures:
        yield figure.role, f"{figure.conversion} {figure.judgement}"
    for moves in parameter.moves_with:
        yield moves.parameter, moves.judgement


def _named(text: str, known: Mapping[str, object]) -> Iterator[str]:
    """Ids of rows that a text names, in an expression or in words."""
    for word in _WORD.findall(text):
        for end in _ENDS:
            if word.endswith(end) and word not in known:
                word = word.removesuffix(end)
        if word in known:
            yield word


def _texts(value: Any) -> Iterator[str]:
    """All texts within a claim's field, however deep: its kinds differ in their parts."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, part in value.items():  # pyright: ignore[reportUnknownVariableType]
            yield from _texts(key)
            yield from _texts(part)
    elif is_dataclass(value):
        for field in fields(value):
            yield from _texts(getattr(value, field.name))
    elif isinstance(value, (tuple, list)):
        for part in value:  # pyright: ignore[reportUnknownVariableType]
            yield from _texts(part)
