"""``twofront new``: a small case to start from."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

__all__ = ["command"]


def command(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder to create; it may exist if it is empty.")],
) -> None:
    """Start a case: write a small, complete, invented one into DIR, to be changed step by step.

    It passes `twofront check`. Change a part, check again, and so on.

    \b
    Example:
      twofront new my-case && twofront check my-case
    """
    from twofront.case.starter import start_case

    written = start_case(folder)
    typer.echo(f"wrote {', '.join(written)} to {folder}; next: twofront check {folder}")
