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
    sample: Annotated[
        str | None,
        typer.Option(metavar="N|P%", help="Only so many units, or such a share of them, drawn at random."),
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option(metavar="S", help="Seed of --sample, to draw the same units again [default: any]"),
    ] = None,
    stored_only: Annotated[
        bool,
        typer.Option("--stored-only", help="Only compare what is stored with the manifest; evaluate nothing."),
    ] = False,
) -> None:
    """Compare a run with its manifest, then evaluate it again and compare the hashes.

    First the stored values are hashed block by block (is every part as it was written?), then the same futures are
    evaluated again (does this version on this machine give the same values?). With --sample, both for some units
    only. Exit code 1: something differs.

    \b
    Examples:
      twofront verify runs/rutte-2025-1
      twofront verify runs/rutte-2025-1 --sample 5%
    """
    from twofront.cli.entry import NO
    from twofront.cli.run import show_progress
    from twofront.ensemble.opened import open_run
    from twofront.ensemble.verify import verify
    from twofront.faults import UserError

    opened = open_run(run)
    if seed is not None and sample is None:
        raise UserError("--seed draws the units of a sample; give --sample too, for instance --sample 5%")
    with show_progress(quiet=False) as progress:
        found = verify(opened, workers=workers, again=not stored_only, sample=sample, seed=seed, progress=progress)
    for line in found.lines():
        typer.echo(line)
    if not found.same:
        raise typer.Exit(NO)
