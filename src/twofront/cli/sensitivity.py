"""``twofront sensitivity``: what the answer hangs on."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from twofront.cli.telling import show_steps

if TYPE_CHECKING:
    from twofront.analyse.sensitivity import Sensitivity

__all__ = ["command"]


def command(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="The folder of a run.")],
    outcome: Annotated[
        list[str] | None,
        typer.Option(
            "--outcome", "-o", metavar="NAME", help="Of this outcome; repeatable; `all` [default: the headline ones]"
        ),
    ] = None,
    policy: Annotated[
        str, typer.Option("--policy", "-p", metavar="NAME", help="Under it [default: the present course]")
    ] = "",
    versus: Annotated[
        str, typer.Option("--versus", metavar="NAME", help="Of what the policy changes against this one.")
    ] = "",
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print the paths of the files only.")] = False,
) -> None:
    """Say how much of an outcome's uncertainty is owed to each input, and to actors, laws, grades and sources.

    Reads the futures of a run as they are: shares of variance, distances between distributions, and a tornado with real
    ranges. Writes sensitivity.parquet, .csv, .md and .html into the run's folder.

    \b
    Examples:
      twofront sensitivity runs/rutte-2025-1
      twofront sensitivity runs/rutte-2025-1 --outcome double_war_chance
      twofront sensitivity runs/rutte-2025-1 --policy hague_commitment --versus present_course
    """
    from twofront.analyse.sensitivity import sensitivity
    from twofront.present.indices import write

    with show_steps(quiet=quiet) as told:
        found = sensitivity(run, outcome, policy=policy, versus=versus, told=told)
        paths = write(found, run)
    if not quiet:
        _tell(found)
    for path in paths:
        typer.echo(path)


def _tell(found: Sensitivity) -> None:
    from twofront.present.indices import paragraphs

    for text in paragraphs(found):
        typer.echo(text)
        typer.echo("")
