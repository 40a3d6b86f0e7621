"""Ensembles: many futures of a case under every policy, written to a run folder and read back."""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from twofront.ensemble.execute import Progress
    from twofront.ensemble.opened import Run, RunWarning, open_run
    from twofront.ensemble.runner import RunInterrupted, RunStopped, run

__all__ = ["Progress", "Run", "RunInterrupted", "RunStopped", "RunWarning", "open_run", "run"]

_HOME = {
    "Progress": "execute",
    "Run": "opened",
    "RunInterrupted": "runner",
    "RunStopped": "runner",
    "RunWarning": "opened",
    "open_run": "opened",
    "run": "runner",
}


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
