"""``twofront bench``: how fast this machine is, with the peers in the same run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer

__all__ = ["command"]

BASE = "NumPy executor, 1 thread"


def command(
    case: Annotated[str, typer.Argument(metavar="CASE", help="A bundled case or a folder.")] = "rutte-2025",
    futures: Annotated[int, typer.Option(metavar="N", help="Futures of a compiled measurement.")] = 4096,
    rounds: Annotated[int, typer.Option(metavar="N", help="Times each is measured, in turn.")] = 3,
    threads: Annotated[int, typer.Option(metavar="N", help="Threads beside one.")] = 2,
    analyses: Annotated[
        bool, typer.Option("--analyses", help="The analyses instead, on made-up futures; CASE is not used.")
    ] = False,
    only: Annotated[
        list[str] | None, typer.Option("--only", metavar="NAME", help="Of the analyses, those that begin so.")
    ] = None,
    analysed: Annotated[int, typer.Option(metavar="N", help="Futures of an analysis.")] = 1_000_000,
    inputs: Annotated[int, typer.Option(metavar="N", help="Inputs of an analysis.")] = 100,
    games: Annotated[
        bool, typer.Option("--games", help="The solvers of games instead, on drawn games; CASE is not used.")
    ] = False,
    wasm: Annotated[
        bool, typer.Option("--wasm", help="CASE as WebAssembly in Node beside native code instead.")
    ] = False,
    solved: Annotated[int, typer.Option(metavar="N", help="Games with private types of a measurement.")] = 8192,
) -> None:
    """Measure every executor on the same futures, in turn, and show least, median and most of each.

    With --analyses: every analysis on an ordinary run and on a million futures. With --games: the solvers of games.
    With --wasm: size and speed of the module for the browser (needs Node).
    Peers (the EMA workbench, SALib, pygambit) are measured in the same run where they are installed (the optional
    group `peers`). Nothing is kept.

    \b
    Examples:
      twofront bench rutte-2025 --rounds 5
      twofront bench --analyses --rounds 1
      twofront bench --analyses --only discovery --analysed 100000
      twofront bench --analyses --only search
      twofront bench --games --rounds 1
      twofront bench two-straits --wasm --futures 512
    """
    if games:
        _games(solved, rounds, threads)
        return
    if analyses:
        _analyses(rounds, only or (), analysed, inputs)
        return
    if wasm:
        _wasm(case, futures, rounds)
        return
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


def _analyses(rounds: int, only: Sequence[str], futures: int, inputs: int) -> None:
    from twofront.analyse.benchmark import measure_analyses
    from twofront.faults import UserError

    for name, value, least in (("rounds", rounds, 1), ("analysed", futures, 1000), ("inputs", inputs, 10)):
        if value < least:
            raise UserError(f"--{name} {value}: give a number of at least {least:,}")
    rows = measure_analyses(futures, inputs, rounds=rounds, only=only, told=lambda text: typer.echo(text, err=True))
    width = max(len(row.name) for row in rows)
    typer.echo(f"{'':<{width}}  {'least':>10} {'median':>10} {'most':>10}")
    for row in rows:
        shown = (row.least, row.median, row.most) if row.values else ()
        figures = " ".join(f"{_shown(value):>10}" for value in shown) or f"{'–':>10} {'–':>10} {'–':>10}"
        typer.echo(f"{row.name:<{width}}  {figures}  {row.unit:<3} {row.note}".rstrip())


def _wasm(name: str, futures: int, rounds: int) -> None:
    from twofront.case import load_case
    from twofront.ensemble.wasm_benchmark import measure_wasm
    from twofront.faults import UserError

    for option, value in (("futures", futures), ("rounds", rounds)):
        if value < 1:
            raise UserError(f"--{option} {value}: give a number of at least 1")
    case = load_case(name)
    rows = measure_wasm(case, futures=futures, rounds=rounds, told=lambda text: typer.echo(text, err=True))
    width = max(len(row.name) for row in rows)
    typer.echo(f"{'':<{width}}  {'least':>10} {'median':>10} {'most':>10}")
    for row in rows:
        figures = " ".join(f"{_shown(value):>10}" for value in (row.least, row.median, row.most))
        typer.echo(f"{row.name:<{width}}  {figures}  {row.unit:<9} {row.note}".rstrip())


def _games(games: int, rounds: int, threads: int) -> None:
    from twofront.ensemble.benchmark import Measurement
    from twofront.faults import UserError
    from twofront.games.benchmark import PEER, measure

    for name, value in (("solved", games), ("rounds", rounds), ("threads", threads)):
        if value < 1:
            raise UserError(f"--{name} {value}: give a number of at least 1")
    rows: dict[tuple[str, str], Measurement] = {}
    for found in measure(rounds=rounds, threads=threads, games=games, told=lambda text: typer.echo(text, err=True)):
        for each in found:
            name = f"{each.family}: {each.how}" if each.family else each.how
            row = rows.setdefault((each.family, each.how), Measurement(name, "games/s"))
            row.values.append(each.rate)
            row.note = each.note
    width = max(len(row.name) for row in rows.values())
    typer.echo(f"{'':<{width}}  {'least':>10} {'median':>10} {'most':>10}  {'':<9} times Gambit")
    for (family, how), row in rows.items():
        peer = rows.get((family, PEER))
        ratio = f"{row.median / peer.median:>12,.0f}" if peer is not None and how != PEER else " " * 12
        figures = " ".join(f"{_shown(value):>10}" for value in (row.least, row.median, row.most))
        typer.echo(f"{row.name:<{width}}  {figures}  {row.unit:<9} {ratio}  {row.note}".rstrip())


def _shown(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
