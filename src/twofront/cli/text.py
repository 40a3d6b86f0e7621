"""Text for the terminal: colours where somebody looks, plain lines where a program reads."""

from __future__ import annotations

import sys

from twofront.faults import Faults

__all__ = ["show_faults"]


def show_faults(faults: Faults) -> None:
    """Print every fault on the error stream, one paragraph each, and how many there are."""
    count = len(faults.faults)
    summary = f"{count} fault{'' if count == 1 else 's'}"
    if not sys.stderr.isatty():
        print(str(faults), summary, sep="\n", file=sys.stderr)
        return
    from rich.console import Console
    from rich.text import Text

    console = Console(stderr=True, highlight=False)
    for fault in faults.faults:
        whole = str(fault)
        text = Text(whole)
        text.stylize("bold", 0, len(fault.place))
        if fault.nearest:
            start = whole.find(f"did you mean `{fault.nearest}`")
            text.stylize("green", start, start + len("did you mean ``") + len(fault.nearest))
        console.print(text, soft_wrap=True)
    console.print(Text(summary, style="bold red"))
