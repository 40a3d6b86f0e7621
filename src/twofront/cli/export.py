"""``twofront export``: a run in the form that another tool reads."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from twofront.cli.telling import show_steps

__all__ = ["command"]


def command(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="A run folder.")],
    ema: Annotated[bool, typer.Option("--ema", help="For the EMA workbench: `load_results` opens it.")] = False,
    outcome: Annotated[
        list[str] | None,
        typer.Option("--outcome", "-o", metavar="NAME", help="This outcome only; repeatable [default: all]"),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE", help="Write there [default: ema.tar.gz in the run]", show_default=False),
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Show no progress.")] = False,
) -> None:
    """Write a run in the form that another tool reads.

    With --ema, as an archive of the EMA workbench: one experiment for each future and policy, with its draws, rival
    laws and levers. Every outcome is a scalar of the workbench.

    \b
    Examples:
      twofront export --ema runs/rutte-2025-1
      twofront export --ema runs/rutte-2025-1 --outcome any_war_chance --out wars.tar.gz
    """
    from twofront.ensemble.ema import export_ema
    from twofront.faults import UserError

    if not ema:
        raise UserError("say for which tool: --ema")
    with show_steps(quiet=quiet) as told:
        path = export_ema(run, out, outcomes=outcome, told=told)
    typer.echo(path)
