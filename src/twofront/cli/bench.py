"""``twofront bench``: how fast this machine is, with the peers in the same run."""

from __future__ import annotations

from typing import Annotated

import typer

__all__ = ["command"]

BASE = "NumPy executor, 1 thread"


def command(
    case: Annotated[str, typer.Argument(metavar="CASE", help="A bundled case or a folder.")] = "rutte-2025",
    futures: Annotated[int, typer.Option(metavar="N", help="Futures of a compiled measurement.")] = 4096,
    rounds: Annotated[int, typer.Option(metavar="N", help="Times each is measured, in turn.")] = 3,
    threads: Annotated[int, typer.Option(metavar="N", help="Threads beside one.")] = 2,
) -> None:
    """Measure every executor on the same futures, in turn, and show least, median and most of each.

    The EMA workbench is measured too where it is installed (the optional group `peers`). Nothing is kept.

    \b
    Example:
      twofront bench rutte-2025 --rounds 5
    """
    from twofront.case import load_case
    from twofront.ensemble.benchmark import measure
    from twofront.faults import UserError

    for name, value in (("futures", futures), ("rounds", rounds), ("threads", threads)):
        if value < 1:
            raise UserError(f"--{name} {value}: give a number of at least 1")
    rows, operations = measure(
        load_case(case),
        futures=futures,
        rounds=rounds,
        threads=threads,
        told=lambda text: typer.echo(text, err=True),
    )
    base = next(row.median for row in rows if row.name == BASE)
    width = max(len(row.name) for row in rows)
    typer.echo(f"{'':<{width}}  {'least':>10} {'median':>10} {'most':>10}  {'':<9} times NumPy")
    for row in rows:
        ratio = f"{row.median / base:>11,.2f}" if row.unit in ("futures/s", "rows/s") else " " * 11
        figures = " ".join(f"{_shown(value):>10}" for value in (row.least, row.median, row.most))
        typer.echo(f"{row.name:<{width}}  {figures}  {row.unit:<9} {ratio}  {row.note}".rstrip())
    typer.echo("basic operations: " + ", ".join(f"{name} {count:,.0f}" for name, count in operations.items()))


def _shown(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
