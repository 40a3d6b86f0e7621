"""``twofront signposts``: which observable series tells futures apart, and how early."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from twofront.cli.telling import show_steps

__all__ = ["command"]


def command(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="A run folder.")],
    where: Annotated[
        str, typer.Option("--where", "-w", metavar="CONDITION", help="Which futures are meant, by their outcomes.")
    ] = "top(double_war_chance, 0.1)",
    policy: Annotated[
        str | None,
        typer.Option("--policy", "-p", metavar="NAME", help="Under this policy [default: the present course]"),
    ] = None,
    strong: Annotated[
        float, typer.Option(metavar="AREA", help="Area under the curve from which a series counts as a signpost.")
    ] = 0.7,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="Write there [default: the run]", show_default=False)
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print the names of the files only.")] = False,
) -> None:
    """Find which of the case's series (`paths`) separates the futures that meet a condition earliest.

    CONDITION is over outcomes, as for `twofront discover`. What is found can be a signpost of an adaptive policy
    (docs/case-format.md). Exit code 1: no series tells them apart.

    \b
    Examples:
      twofront signposts runs/rutte-2025-1
      twofront signposts runs/rutte-2025-1 --where 'change(any_war_chance) > 0' --policy hague_commitment
      twofront signposts runs/rutte-2025-1 --where 'military_window_months > 0' --strong 0.8
    """
    from twofront.analyse.signposts import signposts
    from twofront.cli.entry import NO
    from twofront.present.signposts import text_of, write

    with show_steps(quiet=quiet) as told:
        found = signposts(run, where, policy=policy, strong=strong, told=told)
    paths = write(found, out or run)
    for line in [] if quiet else text_of(found):
        typer.echo(line)
    for path in paths:
        typer.echo(path)
    if all(item.first is None for item in found.found):
        raise typer.Exit(NO)
