"""Options with which a command revises the evidence of a case."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

if TYPE_CHECKING:
    from twofront.case import Case, Revision

__all__ = ["AsOf", "Grade", "Without", "revision_of", "tell_revision"]

Without: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        "--without",
        metavar="ID|SOURCE",
        help="Strike a row of evidence, or every row of a source, and derive the ranges again; repeatable.",
    ),
]
Grade: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        "--grade", metavar="ID|SOURCE=A..D", help="Grade a row or a source otherwise; ranges follow; repeatable."
    ),
]
AsOf: TypeAlias = Annotated[
    str, typer.Option("--as-of", metavar="DAY", help="Only evidence that was public then, such as 2025-07-05.")
]


def revision_of(without: list[str] | None, grade: list[str] | None, as_of: str) -> Revision | None:
    """Return the revision that the options ask for, or ``None``."""
    from twofront.case import Revision
    from twofront.faults import UserError

    grades: dict[str, str] = {}
    for text in grade or ():
        name, equals, letter = text.rpartition("=")
        if not equals or not name:
            raise UserError(f"`--grade {text}`: write it like B0003=D")
        grades[name] = letter
    return Revision(tuple(without or ()), grades, as_of) or None


def tell_revision(case: Case) -> None:
    """Say what a revision did to the ranges."""
    if case.revision is None:
        return
    changed = [p.name for p in case.parameters if p.support == "derived"]
    bare = [p.name for p in case.parameters if p.support == "unsupported"]
    typer.echo(f"evidence {case.revision.words()}: {len(case.struck):,} of {_rows(case):,} rows struck")
    typer.echo(f"  ranges derived again from what is left: {_some(changed)}")
    typer.echo(f"  left without support, range kept: {_some(bare)}")


def _rows(case: Case) -> int:
    return len(case.evidence) + len(case.struck)


def _some(names: list[str]) -> str:
    from twofront.faults import listed

    return f"{len(names)} ({listed(names, most=6)})" if names else "none"
