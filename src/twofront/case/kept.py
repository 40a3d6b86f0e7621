"""`load_case`: a case by its name or folder, kept as it was loaded for the next time.

Reading and checking a large case takes a second or two; a case that has been read before, by the same code and with
every file byte for byte the same, is taken from the user's private cache (`twofront.engine.cache`) as it was then.
What lies there is trusted as the compiled code beside it is: nobody else can write to it. A case with faults is never
kept, so its faults are found again each time.
"""

from __future__ import annotations

import hashlib
import json
import pickle
import sys
from importlib import metadata
from pathlib import Path
from typing import Final

from twofront.case.bundled import find_case
from twofront.case.model import Case
from twofront.case.revision import Revision
from twofront.engine import cache, source

__all__ = ["load_case"]

_KIND: Final = "case"
_MOST_BYTES: Final = 20_000_000
"""Of all files together; a larger case is read each time."""
_READERS: Final = ("pydantic", "ruamel.yaml", "ruamel.yaml.clib")
_BROKEN: Final = (pickle.UnpicklingError, AttributeError, EOFError, ImportError, IndexError, KeyError, TypeError)


def load_case(name_or_path: str | Path, *, revision: Revision | None = None, anew: bool = False) -> Case:
    """Read a bundled case by its name, or a case's folder; ``revision`` strikes or regrades evidence.

    ``anew``: read and check every file even if this very case was loaded before.

    Raises `twofront.faults.Faults` with everything that is wrong in all of its files at once, and
    `twofront.faults.UserError` if there is no such case.
    """
    folder = find_case(name_or_path)
    key = _key(folder, revision or None)
    known = None if anew or not key else _kept(key)
    if known is not None:
        return known
    from twofront.case.load import read_case

    found = read_case(folder, revision=revision)
    # Where a file or the code was changed in between, nobody can say what was read.
    if key and key == _key(folder, revision or None):
        cache.save(key, pickle.dumps(found, pickle.HIGHEST_PROTOCOL), _KIND)
    return found


def _kept(key: str) -> Case | None:
    content = cache.load(key, _KIND)
    if content is None:
        return None
    try:
        found = pickle.loads(content)
    except _BROKEN:
        return None
    return found if isinstance(found, Case) else None


def _key(folder: Path, revision: Revision | None) -> str:
    """What a loaded case depends on; empty where that cannot be said, so that it is read each time."""
    code = source.model_digest()
    if not code:
        return ""
    total = hashlib.sha256()
    read_by = [sys.version, *(f"{name} {metadata.version(name)}" for name in _READERS)]
    given = None if revision is None else revision.to_json()
    total.update(json.dumps([code, read_by, str(folder), given]).encode())
    try:
        files = sorted(path for path in folder.iterdir() if path.suffix in (".yaml", ".csv") and path.is_file())
        if sum(path.stat().st_size for path in files) > _MOST_BYTES:
            return ""
        for path in files:
            content = path.read_bytes()
            total.update(f"\0{path.name}\0{len(content)}\0".encode("utf-8", "surrogateescape"))
            total.update(content)
    except OSError:
        return ""
    return total.hexdigest()
