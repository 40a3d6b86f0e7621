"""``twofront bench``: how fast this machine is, with the peers in the same run."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from twofront.ensemble.benchmark import Measurement

__all__ = ["command"]


def command(
    case: Annotated[str, typer.Argument(metavar="CASE", help="A bundled case or a folder.")] = "rutte-2025",
    futures: Annotated[int, typer.Option(metavar="N", help="Futures of a measurement of engines.")] = 4096,
    rounds: Annotated[int, typer.Option(metavar="N", help="Times each is measured, in turn.")] = 3,
    threads: Annotated[int, typer.Option(metavar="N", help="Threads and processes beside one.")] = 2,
    only: Annotated[
        list[str] | None,
        typer.Option("--only", metavar="NAME", help="Of the groups, this one; of the analyses, those that begin so."),
    ] = None,
    to: Annotated[
        Path | None, typer.Option("--json", metavar="FILE", help="Write the rows, with all values, as JSON too.")
    ] = None,
    analyses: Annotated[
        bool, typer.Option("--analyses", help="The analyses instead, on made-up futures; CASE is not used.")
    ] = False,
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
    """Measure everything that evaluates futures, in turn with its peers, and show least, median and most of each.

    Groups: engines, structures, start (compiling, a fresh process, memory), peers (plain Python, the EMA workbench),
    numpy, c++ (needs g++; builds every stage twice, which takes minutes) and games. Peers are measured where they are
    installed (the optional group `peers`) and named where they are not. Nothing is kept.
    With --analyses: every analysis on an ordinary run and on a million futures. With --games: the solvers of games.
    With --wasm: size and speed of the module for the browser (needs Node).

    \b
    Examples:
      twofront bench rutte-2025 --rounds 5 --json bench.json
      twofront bench --only engines --only peers
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
    if to is not None and not to.parent.is_dir():
        raise UserError(f"--json {to}: there is no folder {to.parent}")
    loaded = load_case(case)
    rows = measure(
        loaded,
        only or (),
        futures=futures,
        rounds=rounds,
        workers=threads,
        told=lambda text: typer.echo(text, err=True),
    )
    _table(rows)
    if to is not None:
        settings = {"case": loaded.name, "futures": futures, "rounds": rounds, "threads": threads}
        _write(to, {**settings, **_about(), "rows": [row.to_json() for row in rows]})


def _table(rows: Sequence[Measurement]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table("", "least", "median", "most", "", "", box=None, header_style="bold", pad_edge=False)
    for place in (1, 2, 3):
        table.columns[place].justify = "right"
    table.columns[0].no_wrap = True
    group = ""
    for row in rows:
        if row.group != group:
            group = row.group
            table.add_section()
            table.add_row(f"[bold]{group}[/bold]")
        figures = [_shown(value) for value in (row.least, row.median, row.most)] if row.values else ["–"] * 3
        table.add_row(f"  {row.name}", *figures, row.unit, f"[dim]{row.note}[/dim]")
    console = Console(highlight=False)
    # A program that reads the table, or a file, gets every line whole.
    console = console if console.is_terminal else Console(highlight=False, width=200)
    console.print(table)


def _about() -> dict[str, Any]:
    import os
    import platform

    from twofront import __version__
    from twofront.engine.native import machine

    host = machine()
    return {
        "twofront": __version__,
        "python": platform.python_version(),
        "processor": host.cpu,
        "processors": os.cpu_count(),
        "lanes": host.width,
        "compiler": host.compiler,
    }


def _write(to: Path, content: dict[str, Any]) -> None:
    import json

    from twofront.faults import UserError

    try:
        to.write_text(json.dumps(content, indent=1) + "\n")
    except OSError as error:
        raise UserError(f"--json {to}: cannot be written ({(error.strerror or str(error)).lower()})") from None


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
