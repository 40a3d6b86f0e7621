"""``twofront cases``: what is bundled."""

from __future__ import annotations

import typer

__all__ = ["command"]


def command() -> None:
    """List the cases that come with the package.

    \b
    Example:
      twofront cases
    """
    from twofront.case import bundled_cases
    from twofront.case.bundled import title_of

    cases = bundled_cases()
    width = max((len(name) for name in cases), default=0)
    for name, folder in cases.items():
        typer.echo(f"{name:<{width}}  {title_of(folder)}")
