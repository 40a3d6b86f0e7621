"""Start a case of one's own from the small invented one that comes with the package."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from twofront.case.bundled import CASES
from twofront.faults import UserError

__all__ = ["start_case"]

STARTER: Final = "two-straits"
FILES: Final = ("case.yaml", "evidence.csv", "claims.yaml", "README.md")


def start_case(folder: Path) -> list[str]:
    """Copy the starter case into ``folder`` under the folder's name; return the names of the files."""
    try:
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise UserError(f"`{folder}` exists and is not an empty folder; choose another name")
        folder.mkdir(parents=True, exist_ok=True)
        name = _name(folder.resolve().name)
        for file in FILES:
            text = (CASES / STARTER / file).read_text(encoding="utf-8")
            if file == "case.yaml":
                text = text.replace(f"\nname: {STARTER}\n", f"\nname: {name}\n", 1)
            (folder / file).write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise UserError(f"`{folder}` cannot be written: {(error.strerror or str(error)).lower()}") from None
    return list(FILES)


def _name(text: str) -> str:
    """A case's name made of a folder's."""
    return "-".join(re.findall(r"[a-z0-9]+", text.casefold())) or "my-case"
