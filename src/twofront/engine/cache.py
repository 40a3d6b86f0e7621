"""What took long to make, kept on disk in a directory private to the user: compiled objects above all.

An entry is `<key>.<kind>`: the SHA-256 of its content, then the content. A key covers everything that the content
depends on. Whatever goes wrong here costs making it again, never a run. Entries that nobody has read for longest give
way once there are more than `MOST_BYTES`.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
import tempfile
import time
from pathlib import Path
from typing import Final

__all__ = ["MOST_BYTES", "OFF", "directory", "load", "save"]

MOST_BYTES: Final = 1 << 30
OFF: Final = "off"
"""Value of `TWOFRONT_CACHE_DIR` with which nothing is kept."""
_KEPT_SHARE: Final = 0.75
"""Of `MOST_BYTES`, what is left after entries gave way, so that this is rare."""
_DAY: Final = 86400.0
_DIGEST = 32


def directory() -> Path | None:
    """The cache directory, made if need be; None if it cannot be private to this user, or is switched off.

    `kernels` under `TWOFRONT_CACHE_DIR`, else `twofront/kernels` under `XDG_CACHE_HOME` or `~/.cache`.
    """
    chosen = os.environ.get("TWOFRONT_CACHE_DIR")
    if chosen == OFF:
        return None
    if chosen:
        path = Path(chosen) / "kernels"
    else:
        base = os.environ.get("XDG_CACHE_HOME")
        try:
            path = (Path(base) if base else Path.home() / ".cache") / "twofront" / "kernels"
        except RuntimeError:
            return None
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        if hasattr(os, "getuid"):
            status = path.stat()
            if status.st_uid != os.getuid():
                return None
            if stat.S_IMODE(status.st_mode) & 0o077:
                path.chmod(0o700)
    except OSError:
        return None
    return path


def load(key: str, kind: str = "o") -> bytes | None:
    """The content kept under `key`; None if there is none or it is damaged."""
    path = directory()
    if path is None:
        return None
    entry = path / f"{key}.{kind}"
    try:
        whole = entry.read_bytes()
        os.utime(entry)
    except OSError:
        return None
    digest, content = whole[:_DIGEST], whole[_DIGEST:]
    return content if hashlib.sha256(content).digest() == digest else None


def save(key: str, content: bytes, kind: str = "o") -> None:
    """Keep `content` under `key`: written aside and renamed, so that no reader sees half of it."""
    path = directory()
    if path is None:
        return
    name = None
    try:
        handle, name = tempfile.mkstemp(dir=path, suffix=".part")
        with os.fdopen(handle, "wb") as file:
            file.write(hashlib.sha256(content).digest())
            file.write(content)
        Path(name).replace(path / f"{key}.{kind}")
    except OSError:
        if name is not None:
            with contextlib.suppress(OSError):
                Path(name).unlink()
    _give_way(path)


def _give_way(folder: Path) -> None:
    """Remove what was read longest ago where all together is too much, and what broken writers left."""
    entries: list[tuple[float, int, str]] = []
    with contextlib.suppress(OSError), os.scandir(folder) as found:
        for entry in found:
            with contextlib.suppress(OSError):
                status = entry.stat()
                if entry.name.endswith(".part"):
                    if time.time() - status.st_mtime > _DAY:
                        Path(entry.path).unlink()
                else:
                    entries.append((status.st_mtime, status.st_size, entry.path))
    total = sum(size for _, size, _ in entries)
    if total <= MOST_BYTES:
        return
    for _, size, place in sorted(entries):
        if total <= MOST_BYTES * _KEPT_SHARE:
            return
        with contextlib.suppress(OSError):
            Path(place).unlink()
        total -= size
