"""The command `twofront`."""

from __future__ import annotations

from twofront.cli.entry import main

__all__ = ["main"]
