"""Compiled objects kept on disk, in a directory private to the user.

An entry is `<key>.o`: the SHA-256 of the object, then the object. A key covers everything the object depends on.
Whatever goes wrong here costs a compilation, never a run.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
import tempfile
from pathlib import Path

__all__ = ["directory", "load", "save"]

_DIGEST = 32


def directory() -> Path | None:
    """The cache directory, made if need be; None if it cannot be private to this user.

    `kernels` under `TWOFRONT_CACHE_DIR`, else `twofront/kernels` under `XDG_CACHE_HOME` or `~/.cache`.
    """
    chosen = os.environ.get("TWOFRONT_CACHE_DIR")
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


def load(key: str) -> bytes | None:
    """The object kept under `key`; None if there is none or it is damaged."""
    path = directory()
    if path is None:
        return None
    try:
        content = (path / f"{key}.o").read_bytes()
    except OSError:
        return None
    digest, code = content[:_DIGEST], content[_DIGEST:]
    return code if hashlib.sha256(code).digest() == digest else None


def save(key: str, code: bytes) -> None:
    """Keep `code` under `key`: written aside and renamed, so that no reader sees half of it."""
    path = directory()
    if path is None:
        return
    name = None
    try:
        handle, name = tempfile.mkstemp(dir=path, suffix=".part")
        with os.fdopen(handle, "wb") as file:
            file.write(hashlib.sha256(code).digest())
            file.write(code)
        Path(name).replace(path / f"{key}.o")
    except OSError:
        if name is not None:
            with contextlib.suppress(OSError):
                Path(name).unlink()
