"""``twofront game``: a case's games, played over its futures."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from twofront.analyse.played import PlayedGame
    from twofront.case import Case

__all__ = ["command"]

_PLAIN_WIDTH = 140
"""Of the table where nobody looks at a terminal."""


def command(
    case: Annotated[str, typer.Argument(metavar="CASE", help="A bundled case or a folder.")],
    name: Annotated[
        str | None, typer.Argument(metavar="NAME", help="Of the game; without it, they are listed.", show_default=False)
    ] = None,
    futures: Annotated[
        int, typer.Option("--futures", "-n", metavar="N", help="Futures in which it is played.", min=1)
    ] = 1000,
    seed: Annotated[int, typer.Option(metavar="S", help="Seed of the futures.")] = 1,
    policy: Annotated[
        str | None,
        typer.Option("--policy", "-p", metavar="NAME", help="Under it [default: as the game says]", show_default=False),
    ] = None,
    efg: Annotated[
        Path | None,
        typer.Option("--efg", metavar="FILE", help="Write the median future's game for Gambit.", show_default=False),
    ] = None,
    picture: Annotated[
        Path | None,
        typer.Option("--picture", metavar="FILE", help="Draw its tree: .svg, .png or .html.", show_default=False),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="DIR", help="Write game.csv, .md and .html there.", show_default=False),
    ] = None,
) -> None:
    """Play a game that the case declares: who does what, knowing what, in its futures.

    A game is a form (theatres, roles, who sees what) whose quantities are read from the case's parameters and outcomes,
    in its section `game` (docs/case-format.md). It is solved for every future as a quantal response equilibrium; what
    is printed are chances over futures. Without NAME, the case's games and the bundled forms are listed.

    \b
    Examples:
      twofront game rutte-2025
      twofront game rutte-2025 taiwan_and_europe
      twofront game rutte-2025 over_taiwan --policy forward_posture --futures 5000
      twofront game two-straits both_straits --efg both.efg --picture both.svg
    """
    from twofront.case import load_case

    found = load_case(case)
    if name is None:
        if efg or picture or out:
            raise typer.BadParameter("say which game is meant: give its NAME")
        _list(found)
        return
    from twofront.analyse.played import play_game

    _writable(efg, picture)
    game = play_game(found, name, futures=futures, seed=seed, policy=policy)
    _tell(game)
    written: list[Path] = []
    if efg is not None:
        from twofront.games.efg import write_efg

        write_efg(game.game, efg, game.median.values)
        written.append(efg)
    if picture is not None:
        from twofront.present.games import write_picture

        write_picture(game, picture)
        written.append(picture)
    if out is not None:
        from twofront.present.games import write

        written += write(game, out)
    if written:
        typer.echo(f"\nwrote {', '.join(map(str, written))}")


def _writable(*paths: Path | None) -> None:
    """What cannot be written is said before the futures are made."""
    from twofront.faults import UserError
    from twofront.present.games import PICTURES

    for path in paths:
        if path is not None and (path.is_dir() or not path.parent.is_dir()):
            raise UserError(f"`{path}` cannot be written: give a file in a folder that exists")
    picture = paths[1]
    if picture is not None and picture.suffix.lower() not in PICTURES:
        raise UserError(f"`{picture}` is no picture that can be drawn; give a name that ends in {', '.join(PICTURES)}")


def _list(case: Case) -> None:
    from twofront.games.form import FORMS, form

    if not case.games:
        typer.echo(f"{case.name} declares no game; docs/case-format.md shows how to write one")
    for item in case.games:
        who = ", ".join(f"{case.label(player).split(' (')[0]} ({role})" for role, player in item.cast.items())
        typer.echo(f"{item.name}: {item.means}\n  form {item.form_name or 'of its own'}; {who}")
    typer.echo("\nbundled forms:")
    for path in sorted(FORMS.glob("*.toml")):
        found = form(path.stem)
        typer.echo(f"  {path.stem}: {' '.join(found.means.split())}")


def _tell(found: PlayedGame) -> None:
    from rich.console import Console
    from rich.table import Table

    from twofront.present.games import paragraphs, table_of_play

    text = paragraphs(found)
    for paragraph in text[:2]:
        typer.echo(f"{paragraph}\n")
    play = table_of_play(found)
    shown = Table(box=None, pad_edge=False, title=play.caption, title_justify="left", title_style="")
    for column in play.columns:
        shown.add_column(column, overflow="fold")
    for row in play.rows:
        shown.add_row(*(cell.text for cell in row))
    console = Console() if sys.stdout.isatty() else Console(width=_PLAIN_WIDTH)
    console.print(shown)
    for paragraph in text[2:]:
        typer.echo(f"\n{paragraph}")
