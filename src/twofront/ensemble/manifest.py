"""`run.json`: what a run is, what it holds and how to get it again."""

from __future__ import annotations

import json
import platform
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

import twofront
from twofront.engine import source
from twofront.ensemble.place import reason, write_text
from twofront.faults import UserError

__all__ = ["FILE", "SCHEMA", "Unit", "code_hash", "read_manifest", "versions", "write_manifest"]

FILE = "run.json"
SCHEMA = 1


@dataclass(frozen=True, slots=True)
class Unit:
    """A finished range of futures, and the digests of its hash blocks."""

    lo: int
    hi: int
    digests: tuple[str, ...]
    stored: tuple[str, ...] = ()
    """Digests of what is stored of the blocks, where that is not all."""

    def to_json(self) -> dict[str, Any]:
        """As the manifest lists it."""
        found: dict[str, Any] = {"lo": self.lo, "hi": self.hi, "digests": list(self.digests)}
        return found | ({"stored": list(self.stored)} if self.stored else {})


def code_hash() -> str:
    """SHA-256 over the names and the text of this package's modules."""
    return source.digest()


def versions() -> dict[str, str]:
    """Versions of what the numbers rest on."""
    named = {"twofront": twofront.__version__, "python": platform.python_version()}
    for package in ("numpy", "llvmlite", "pyarrow"):
        named[package] = metadata.version(package)
    return named


def write_manifest(folder: Path, manifest: Mapping[str, Any]) -> None:
    """Write `run.json` whole or not at all."""
    write_text(folder / FILE, json.dumps(manifest, indent=1, ensure_ascii=False) + "\n")


def read_manifest(folder: Path) -> dict[str, Any]:
    """Read `run.json`, or say what is wrong with the folder."""
    path = folder / FILE
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        what = "does not exist" if not folder.exists() else f"holds no {FILE}"
        raise UserError(f"{folder}: no run here, since the folder {what}; `twofront run CASE` makes one") from None
    except Exception as error:  # the libraries of object stores have exceptions of their own
        raise UserError(f"{path}: cannot be read ({reason(error)})") from None
    try:
        found = json.loads(text)
    except json.JSONDecodeError as error:
        raise UserError(
            f"{path}:{error.lineno}:{error.colno}: not JSON ({error.msg}); the parts beside it are untouched, "
            "but nothing says what they hold: restore the file or run again"
        ) from None
    if not isinstance(found, dict) or found.get("schema") != SCHEMA:
        given = found.get("schema", "none") if isinstance(found, dict) else "none"
        raise UserError(
            f"{path}: schema {given} found, {SCHEMA} understood; open it with the version of twofront that wrote it"
        )
    missing = [key for key in _NEEDED if key not in found]
    if missing:
        raise UserError(f"{path}: {', '.join(missing)} missing; restore the file or run again")
    return found


_NEEDED = (
    "case",
    "seed",
    "futures",
    "policies",
    "outcomes",
    "statuses",
    "structures",
    "parameters",
    "inputs",
    "units",
    "complete",
)
