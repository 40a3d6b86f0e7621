"""``twofront flip``: what would change my mind."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from twofront.cli.beliefs import Prior
from twofront.cli.telling import show_steps

if TYPE_CHECKING:
    from twofront.analyse.flip import Flips

__all__ = ["command"]


def command(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="A run folder.")],
    outcome: Annotated[
        str | None,
        typer.Option(
            "--outcome", "-o", metavar="NAME", help="Rank in this [default: any_war_chance]", show_default=False
        ),
    ] = None,
    policy: Annotated[
        list[str] | None,
        typer.Option("--policy", "-p", metavar="NAME", help="The best two of these; twice or more [default: of all]"),
    ] = None,
    more: Annotated[bool, typer.Option("--more-is-better", help="More of the outcome is better.")] = False,
    claim: Annotated[
        list[str] | None, typer.Option("--claim", "-c", metavar="ID", help="The verdict on this claim; repeatable.")
    ] = None,
    prior: Prior = None,
    confirm: Annotated[
        int, typer.Option("--confirm", metavar="N", help="Futures on which the model confirms; 0: not at all.", min=0)
    ] = 2000,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="Write there [default: the run]", show_default=False)
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print the paths of the files only.")] = False,
) -> None:
    """Find the nearest assumption changes that turn an answer round, and confirm them with the model.

    An answer is which of the best two policies does better, or a claim's verdict. Sets of one, two and three changes
    are looked for, in standard units of their evidence ranges, by weighting the futures of the run; the nearest of each
    size is evaluated again with the model on shifted draws. Writes flip.parquet, .csv, .md and .html.

    \b
    Examples:
      twofront flip runs/rutte-2025-1
      twofront flip runs/rutte-2025-1 --outcome double_war_chance
      twofront flip runs/rutte-2025-1 --policy hague_commitment --policy lower_spending
      twofront flip runs/rutte-2025-1 --claim C2b --confirm 5000
    """
    from twofront.audit.flips import flip
    from twofront.present.flipping import write

    with show_steps(quiet=quiet) as told:
        found = flip(
            run,
            outcome,
            policies=policy or (),
            more=more,
            claims=claim or (),
            priors=prior or (),
            futures=confirm,
            told=told,
        )
        paths = write(found, out)
    if not quiet:
        _tell(found)
    for path in paths:
        typer.echo(path)


def _tell(found: list[Flips]) -> None:
    from twofront.present.flipping import paragraphs

    for each in found:
        for text in paragraphs(each):
            typer.echo(text)
            typer.echo("")
