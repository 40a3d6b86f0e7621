"""``twofront sensitivity``: what the answer hangs on."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from twofront.cli.beliefs import Prior
from twofront.cli.telling import show_steps

__all__ = ["command"]


def command(
    run: Annotated[
        str, typer.Argument(metavar="RUN", help="The folder of a run; with --design, also a case by name or folder.")
    ],
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
    design: Annotated[
        str, typer.Option("--design", "-d", metavar="NAME", help="Evaluate futures for it: `morris` or `sobol`.")
    ] = "",
    number: Annotated[
        int | None,
        typer.Option(
            "--number", "-n", metavar="N", help="Trajectories (morris), or base points, a power of 2 (sobol)."
        ),
    ] = None,
    by: Annotated[
        str, typer.Option("--by", metavar="GROUPING", help="Move whole groups: by `actor`, `quantity` or `grade`.")
    ] = "",
    seed: Annotated[int, typer.Option(metavar="S", help="Seed of the design.")] = 1,
    prior: Prior = None,
    out: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Write there [default: the run; nowhere for a case]", show_default=False),
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print the paths of the files only.")] = False,
) -> None:
    """Say how much of an outcome's uncertainty is owed to each input, and to actors, laws, grades and sources.

    Reads the futures of a run as they are: shares of variance, distances between distributions, and a tornado with real
    ranges. Which inputs matter at all (morris), and what they do together (sobol), takes a design of futures, which are
    evaluated here. Writes sensitivity.parquet, .csv, .md and .html, or sensitivity-sobol.parquet and so on, into the
    run's folder.

    \b
    Examples:
      twofront sensitivity runs/rutte-2025-1
      twofront sensitivity runs/rutte-2025-1 --outcome double_war_chance
      twofront sensitivity runs/rutte-2025-1 --policy hague_commitment --versus present_course
      twofront sensitivity runs/rutte-2025-1 --prior any_war_chance=0.1..0.3
      twofront sensitivity runs/rutte-2025-1 --design sobol --by actor
      twofront sensitivity two-straits --design morris --number 10 --out screening
    """
    from twofront.analyse.sensitivity import sensitivity
    from twofront.present.indices import paragraphs, write

    is_run = not design or (Path(run) / "run.json").exists()
    with show_steps(quiet=quiet) as told:
        found = sensitivity(
            Path(run) if is_run else None,
            outcome,
            policy=policy,
            versus=versus,
            case=None if is_run else run,
            design=design,
            n=number,
            by=by,
            seed=seed,
            priors=prior or (),
            told=told,
        )
        folder = out or (Path(run) if is_run else None)
        paths = write(found, folder) if folder is not None else []
    if not quiet:
        typer.echo("\n\n".join(paragraphs(found)))
    if paths:
        typer.echo("\n".join(map(str, paths)) if quiet else f"\nwrote {', '.join(map(str, paths))}")
