"""``twofront export``: a run in the form that another tool reads, or a case's model for the browser."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from twofront.cli.telling import show_steps

__all__ = ["command"]


def command(
    what: Annotated[Path, typer.Argument(metavar="RUN|CASE", help="A run folder; with --wasm a case.")],
    ema: Annotated[bool, typer.Option("--ema", help="For the EMA workbench: `load_results` opens it.")] = False,
    wasm: Annotated[
        bool, typer.Option("--wasm", help="For a browser: the model of a case as WebAssembly, with a script to run it.")
    ] = False,
    outcome: Annotated[
        list[str] | None,
        typer.Option("--outcome", "-o", metavar="NAME", help="This outcome only; repeatable [default: all]"),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            metavar="PATH",
            help="Write there [default: ema.tar.gz in the run; a folder CASE-web]",
            show_default=False,
        ),
    ] = None,
    futures: Annotated[int, typer.Option(metavar="N", help="With --wasm: futures whose draws go along.")] = 1000,
    seed: Annotated[int, typer.Option(metavar="S", help="With --wasm: their seed.")] = 1,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Show no progress.")] = False,
) -> None:
    """Write a run in the form that another tool reads, or a case's model for the browser.

    With --ema, as an archive of the EMA workbench: one experiment for each future and policy, with its draws, rival
    laws and levers. Every outcome is a scalar of the workbench.

    With --wasm, as a folder for any web page or Node: the whole model in one module, what it does in which order, a
    script that does it, and draws. The bits are those of a run.

    \b
    Examples:
      twofront export --ema runs/rutte-2025-1
      twofront export --ema runs/rutte-2025-1 --outcome any_war_chance --out wars.tar.gz
      twofront export --wasm rutte-2025 --out web
    """
    from twofront.faults import UserError

    if ema == wasm:
        raise UserError("say for which tool: --ema or --wasm")
    with show_steps(quiet=quiet) as told:
        if ema:
            from twofront.ensemble.ema import export_ema

            path = export_ema(what, out, outcomes=outcome, told=told)
        else:
            from twofront.future.wasm import export_wasm

            folder = out or Path(f"{what.name}-web")
            path = export_wasm(str(what), folder, futures=futures, seed=seed, told=told)
    typer.echo(path)
