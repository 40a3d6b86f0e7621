"""``twofront discover``: where among the inputs the futures that meet a condition lie."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from twofront.cli.beliefs import Prior
from twofront.cli.telling import show_steps

if TYPE_CHECKING:
    from twofront.analyse.boxes_found import Discovery

__all__ = ["command"]

WHERE = "top(second_front_chance, 0.1)"


def command(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="A run folder.")],
    where: Annotated[
        str, typer.Option("--where", "-w", metavar="CONDITION", help="Which futures are meant, by their outcomes.")
    ] = WHERE,
    policy: Annotated[
        str | None,
        typer.Option("--policy", "-p", metavar="NAME", help="Under this policy [default: the present course]"),
    ] = None,
    boxes: Annotated[int, typer.Option(metavar="N", help="Find so many boxes, each in what is left.")] = 1,
    most_inputs: Annotated[
        int, typer.Option("--most-inputs", metavar="N", help="Inputs that a box may limit; 0 for any number.", min=0)
    ] = 4,
    density: Annotated[
        float | None, typer.Option(metavar="SHARE", help="Take the box of most coverage at least so dense.")
    ] = None,
    coverage: Annotated[
        float | None, typer.Option(metavar="SHARE", help="Take the densest box that covers at least so much.")
    ] = None,
    step: Annotated[int | None, typer.Option(metavar="N", help="Take this box of the trajectory.")] = None,
    without: Annotated[
        list[str] | None,
        typer.Option("--without", metavar="INPUT", help="Leave this input out; `anchor.*` for a family; repeatable."),
    ] = None,
    rotate: Annotated[
        list[str] | None,
        typer.Option("--rotate", metavar="INPUT", help="Turn these inputs together (PCA); give it twice or more."),
    ] = None,
    repeats: Annotated[int, typer.Option(metavar="N", help="Random halves in which the search is repeated.")] = 10,
    seed: Annotated[int, typer.Option(metavar="S", help="Seed of the halves.")] = 1,
    prior: Prior = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="Write there [default: the run]", show_default=False)
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print the names of the files only.")] = False,
) -> None:
    """Scenario discovery: find the limits on few inputs within which the futures that meet a condition gather.

    CONDITION is over outcomes: `double_war_chance > 0.05`, `top(second_front_chance, 0.1)`, `change(any_war_chance) >
    0.01` (under --policy, against the present course); and, or, not, + - * /, of(policy, outcome), bottom, abs, min,
    max.

    \b
    Examples:
      twofront discover runs/rutte-2025-1
      twofront discover runs/rutte-2025-1 --where 'double_war_chance > 0.02' --without 'anchor.*'
      twofront discover runs/rutte-2025-1 --where 'change(any_war_chance) > 0' --policy hague_commitment
      twofront discover runs/rutte-2025-1 --density 0.8 --boxes 2
      twofront discover runs/rutte-2025-1 --prior any_war_chance=0.1..0.3
      twofront discover runs/rutte-2025-1 --rotate anchor.russia --rotate distraction_factor
    """
    from twofront.analyse.discovery import discover
    from twofront.present.boxes import write

    with show_steps(quiet=quiet) as told:
        found = discover(
            run,
            where,
            policy=policy,
            boxes=boxes,
            most_inputs=most_inputs or None,
            density=density,
            coverage=coverage,
            step=step,
            without=without or (),
            rotate=rotate or (),
            repeats=repeats,
            seed=seed,
            priors=prior or (),
            told=told,
        )
    paths = write(found, out or run)
    if not quiet:
        _tell(found)
    typer.echo("\n".join(str(path) for path in paths) if quiet else f"wrote {', '.join(str(path) for path in paths)}")


def _tell(found: Discovery) -> None:
    from twofront.analyse.boxes_in_words import markdown

    typer.echo(markdown(found))
