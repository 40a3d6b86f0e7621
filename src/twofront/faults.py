"""What is wrong with somebody's input, told so that they can mend it.

A `Fault` has a place in a file. Faults are collected and raised together as `Faults`, so that a case is mended in
one go. A `UserError` is a single mistake without a place in a file (an unknown case, a wrong argument).
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass

__all__ = ["Fault", "Faults", "UserError", "listed", "nearest"]


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong at one place of one file.

    ``message`` says in a sentence what is wrong, ``found`` is the offending text as it stands in the file,
    ``allowed`` what may stand there, ``nearest`` the closest allowed spelling, ``remedy`` what to do.
    """

    file: str
    line: int
    """Counted from 1; 0 if the fault concerns the file as a whole."""
    column: int
    """Counted from 1; 0 if the fault concerns the line as a whole."""
    message: str
    found: str = ""
    allowed: str = ""
    nearest: str = ""
    remedy: str = ""

    @property
    def place(self) -> str:
        """``file:line:column``, as far as it is known."""
        parts = [self.file]
        if self.line:
            parts.append(str(self.line))
            if self.column:
                parts.append(str(self.column))
        return ":".join(parts)

    def __str__(self) -> str:
        text = f"{self.place}: {self.message}"
        if self.allowed:
            text += f"; allowed: {self.allowed}"
        if self.nearest:
            text += f"; did you mean `{self.nearest}`?"
        if self.remedy:
            text += f" {self.remedy}" if self.nearest else f"; {self.remedy}"
        return text


class Faults(Exception):
    """Everything that is wrong, in the order of the files and their lines."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults: tuple[Fault, ...] = tuple(sorted(faults, key=lambda f: (f.file, f.line, f.column, f.message)))
        super().__init__(self.faults)

    def __str__(self) -> str:
        return "\n".join(str(fault) for fault in self.faults)


class UserError(Exception):
    """A mistake in what somebody asked for; its text is the whole message."""


def nearest(name: str, options: Iterable[str], *, cutoff: float = 0.6) -> str:
    """Return the option spelled most like ``name``, or begun by it, or ``""`` if none comes close."""
    known = {option.casefold(): option for option in options}
    found = difflib.get_close_matches(name.casefold(), known, n=1, cutoff=cutoff)
    if found:
        return known[found[0]]
    begun = [option for folded, option in known.items() if folded.startswith(name.casefold())]
    return begun[0] if len(begun) == 1 and len(name) > 2 else ""


def listed(options: Iterable[str], *, most: int = 12) -> str:
    """Return ``a, b, c`` for a message, cut after ``most`` entries."""
    names = list(options)
    if len(names) <= most:
        return ", ".join(names)
    return ", ".join(names[:most]) + f" and {len(names) - most} more"
