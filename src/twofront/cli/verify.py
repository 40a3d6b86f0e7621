"""``twofront verify``: does the same manifest give the same numbers?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

__all__ = ["command"]


def command(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="A run folder.")],
    workers: Annotated[
        int | None,
        typer.Option(metavar="N", help="Threads [default: one per processor]", show_default=False),
    ] = None,
    stored_only: Annotated[
        bool,
        typer.Option("--stored-only", help="Only compare what is stored with the manifest; evaluate nothing."),
    ] = False,
) -> None:
    """Compare a run with its manifest, then evaluate it again and compare the hashes.

    First the stored values are hashed block by block (is every part as it was written?), then the same futures are
    evaluated again (does this version on this machine give the same values?). Exit code 1: something differs.

    \b
    Example:
      twofront verify runs/rutte-2025-1
    """
    from twofront.cli.entry import NO
    from twofront.cli.run import show_progress
    from twofront.ensemble.opened import open_run
    from twofront.ensemble.verify import verify

    opened = open_run(run)
    with show_progress(quiet=False) as progress:
        found = verify(opened, workers=workers, again=not stored_only, progress=progress)
    for line in found.lines():
        typer.echo(line)
    if not found.same:
        raise typer.Exit(NO)
