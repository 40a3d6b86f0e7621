"""How far an analysis has come, for whoever waits for it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager

__all__ = ["show_steps"]


@contextmanager
def show_steps(*, quiet: bool) -> Generator[Callable[[str, float], None]]:
    """A bar on the error stream, where somebody looks at it: what is being done, and the share of it that is done."""
    if quiet or not sys.stderr.isatty():
        yield lambda *_: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("opening the run", total=1.0)
        yield lambda what, share: bar.update(task, description=what, completed=share)
