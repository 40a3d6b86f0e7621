"""``twofront explain``: why the players of one future move as they do."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

__all__ = ["command"]


def command(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="A run folder.")],
    future: Annotated[int, typer.Option("--future", metavar="N", help="Number of the future, from 0.")],
    date: Annotated[
        str | None,
        typer.Option(
            metavar="YYYY-MM", help="A month [default: where the first mover's hazard is greatest]", show_default=False
        ),
    ] = None,
    policy: Annotated[
        str | None,
        typer.Option(metavar="P", help="A policy of the run [default: the present course]", show_default=False),
    ] = None,
    first: Annotated[
        str | None,
        typer.Option(metavar="ACTOR", help="Who may move first [default: the case's first]", show_default=False),
    ] = None,
) -> None:
    """Say why each player of one future moves as it does: the values it compares, what it believes, what would flip it.

    The future is drawn and evaluated again; its numbers are those of the run.

    \b
    Examples:
      twofront explain runs/rutte-2025-1 --future 7
      twofront explain runs/rutte-2025-1 --future 7 --date 2029-06 --policy munitions_first
      twofront explain runs/rutte-2025-1 --future 7 --first russia
    """
    from rich.console import Console
    from rich.table import Table

    from twofront.analyse.explanation import explain
    from twofront.ensemble.opened import open_run

    found = explain(open_run(run), future, policy=policy, date=date, first=first)
    console = Console(highlight=False, soft_wrap=False)
    console.print(f"[bold]Future {found.future}, {found.policy}, {found.date}: {found.lead} may move first[/bold]")
    for passage in found.passages:
        console.print(f"\n[bold]{passage.title}[/bold]")
        for sentence in passage.sentences:
            console.print(sentence)
        if passage.rows:
            table = Table(show_edge=False, pad_edge=False)
            for number, column in enumerate(passage.columns):
                table.add_column(column, justify="left" if number == 0 else "right")
            for row in passage.rows:
                table.add_row(*row)
            console.print(table)
