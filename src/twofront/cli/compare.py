"""``twofront compare``: which policy holds up."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from twofront.cli.beliefs import Prior
from twofront.cli.telling import show_steps

if TYPE_CHECKING:
    from twofront.analyse.robustness import Comparison

__all__ = ["command"]


def command(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="A run folder.")],
    outcome: Annotated[
        list[str] | None,
        typer.Option("--outcome", "-o", metavar="NAME", help="Compare in this; repeatable [default: chances and cost]"),
    ] = None,
    threshold: Annotated[
        list[str] | None,
        typer.Option(
            "--threshold",
            "-t",
            metavar="NAME=LEVEL",
            help="Level that satisfies; repeatable [default: the present course's median]",
        ),
    ] = None,
    more: Annotated[
        list[str] | None,
        typer.Option("--more-is-better", metavar="NAME", help="More of this outcome is better; repeatable."),
    ] = None,
    prior: Prior = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="Write there [default: the run]", show_default=False)
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print the paths of the files only.")] = False,
) -> None:
    """Compare the policies of a run: differences, regret, satisficing and other metrics of robustness.

    Says whether the order survives other metrics, rival laws, evidence grades and priors, what a percentage point of
    chance removed costs, which policies are dominated, and who pays. Writes compare.parquet, .csv, .md and .html.

    \b
    Examples:
      twofront compare runs/rutte-2025-1
      twofront compare runs/rutte-2025-1 --threshold any_war_chance=0.2
      twofront compare runs/rutte-2025-1 --prior any_war_chance=0.1..0.3
      twofront compare runs/rutte-2025-1 --prior any_war_chance=mean:0.15 --out mine
    """
    from twofront.analyse.robustness import compare
    from twofront.present.holding_up import write

    with show_steps(quiet=quiet) as told:
        found = compare(
            run, outcome, thresholds=_thresholds(threshold or ()), priors=prior or (), more=more or (), told=told
        )
        told("writing", 0.95)
        paths = write(found, out)
    if not quiet:
        _tell(found)
    for path in paths:
        typer.echo(path)


def _thresholds(asked: list[str] | tuple[()]) -> dict[str, float]:
    from twofront.faults import UserError

    found: dict[str, float] = {}
    for text in asked:
        name, _, level = text.partition("=")
        try:
            found[name.strip()] = float(level.strip().removesuffix("%")) / (100 if level.strip().endswith("%") else 1)
        except ValueError:
            raise UserError(f"--threshold {text}: write NAME=LEVEL, such as any_war_chance=0.2") from None
    return found


def _tell(found: Comparison) -> None:
    from twofront.present.holding_up import paragraphs

    for text in paragraphs(found):
        typer.echo(text)
        typer.echo("")
