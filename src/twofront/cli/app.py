"""The commands, put together.

A command is a module of this package with a function `command`, and one line in `COMMANDS`. Its module imports
nothing heavy at the top: ``twofront --help`` imports them all.
"""

from __future__ import annotations

from importlib import import_module
from typing import Annotated, Any, Final

import typer

__all__ = ["COMMANDS", "app"]

COMMANDS: Final = (
    "run",
    "check",
    "claims",
    "evidence",
    "cases",
    "new",
    "schema",
    "search",
    "signposts",
    "discover",
    "compare",
    "flip",
    "explain",
    "export",
    "game",
    "sensitivity",
    "verify",
    "bench",
)

_HELP = """Would a war in one theatre bring a second one, and what makes both less likely?

CASE is the name of a bundled case (`twofront cases` lists them) or a folder that holds a `case.yaml`."""

_SETTINGS = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


def app() -> Any:
    """Return the command with all of its subcommands."""
    program = typer.Typer(
        name="twofront",
        help=_HELP,
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings=_SETTINGS,
    )

    @program.callback()
    def top(
        version: Annotated[bool, typer.Option("--version", help="Show the version and exit.")] = False,
    ) -> None:
        if version:
            from twofront import __version__

            typer.echo(f"twofront {__version__}")
            raise typer.Exit

    for name in COMMANDS:
        module: Any = import_module(f"twofront.cli.{name}")
        program.command(name, context_settings=_SETTINGS)(module.command)
    return typer.main.get_command(program)
