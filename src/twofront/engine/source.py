"""This package's own source as it stands on disk: what is kept there goes by the code that made it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Final

import twofront

__all__ = ["BEYOND_THE_MODEL", "digest", "files", "model_digest"]

PACKAGE: Final = Path(twofront.__file__).parent

BEYOND_THE_MODEL: Final = ("analyse", "audit", "cli", "ensemble", "present", "web")
"""Parts that stand to the right of `twofront.future` in the order of imports: the model knows nothing of them."""

_SUFFIXES: Final = (".py", ".toml")
_TICK: Final = 0.05
"""Seconds by which a file system's clock may lag."""


@cache
def digest(*without: str) -> str:
    """SHA-256 over names and text of this package's modules and bundled forms, but the parts ``without``."""
    total = hashlib.sha256()
    for name, path in files(without):
        text = path.read_bytes()
        total.update(f"{name}\0{len(text)}\0".encode())
        total.update(text)
    return total.hexdigest()


def model_digest() -> str:
    """Digest of all code that a loaded case or the stages of its model can come from.

    Empty where a file has changed since this process began: what was imported may then be other than what stands on
    disk, and nothing that it makes may be kept under either's name.
    """
    newest = max(path.stat().st_ctime for _, path in files(BEYOND_THE_MODEL))
    return "" if newest > twofront.BEGAN - _TICK else digest(*BEYOND_THE_MODEL)


def files(without: Sequence[str]) -> list[tuple[str, Path]]:
    """Names within the package and paths of its modules and bundled forms, but the parts ``without``."""
    found = [path for path in PACKAGE.rglob("*") if path.suffix in _SUFFIXES]
    named = sorted((path.relative_to(PACKAGE).as_posix(), path) for path in found)
    return [(name, path) for name, path in named if name.split("/", 1)[0] not in without]
