"""``twofront check``: all faults of a case at once."""

from __future__ import annotations

from typing import Annotated

import typer

__all__ = ["command"]


def command(case: Annotated[str, typer.Argument(metavar="CASE", help="A bundled case or a folder.")]) -> None:
    """Check a case and report everything that is wrong with it.

    Each fault says where it is (file:line:column), what was found, what is allowed, the nearest match and the
    remedy. Exit code 0: no faults; 1: faults; 2: no such case.

    \b
    Examples:
      twofront check rutte-2025
      twofront check ./my-case
    """
    from twofront.case import load_case
    from twofront.cli.text import show_faults
    from twofront.faults import Faults

    try:
        found = load_case(case, anew=True)
    except Faults as faults:
        show_faults(faults)
        raise typer.Exit(1) from None
    ranges = sum(parameter.uncertain for parameter in found.parameters)
    typer.echo(
        f"{found.name}: no faults; {len(found.parameters)} parameters ({ranges} of them ranges), "
        f"{len(found.evidence)} rows of evidence, {len(found.levers)} levers, {len(found.policies)} policies, "
        f"{len(found.claims)} claims; hash {found.hash[:12]}"
    )
