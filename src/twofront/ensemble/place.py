"""Where a run is written: a folder, or a URL that fsspec understands (`s3://bucket/run`, `memory://run`).

A URL becomes a path of the library universal-pathlib, which reads and lists like one of `pathlib`. The two differ in
how a file gets there whole: in a folder it is written aside, forced to the disk and renamed; an object store shows an
object when all of it has arrived.
"""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Callable, Generator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

from twofront.faults import UserError, nearest

__all__ = [
    "TEMPORARY",
    "Unreachable",
    "is_url",
    "locked",
    "opened",
    "place_of",
    "reason",
    "remove",
    "replace_whole",
    "within_process",
    "write_text",
]

TEMPORARY = ".tmp"
"""Ending of files that are not whole; nobody reads them."""

_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")
_LOCAL = ("file://", "local://")


class Unreachable(UserError):
    """A URL that cannot be used at all."""


def place_of(where: str | Path) -> Path:
    """The folder or URL; what is returned behaves like a `pathlib.Path` in either case.

    Raises `Unreachable` for a URL whose protocol is unknown or whose library is missing.
    """
    if not isinstance(where, str) or not _URL.match(where):
        return Path(where) if isinstance(where, str) else where
    for prefix in _LOCAL:
        if where.startswith(prefix):
            return Path(where.removeprefix(prefix))
    try:
        from upath import UPath
    except ImportError:
        raise Unreachable(
            f"{where}: writing to or reading from a URL needs fsspec and universal-pathlib; "
            "install them: pip install 'twofront[cluster]'"
        ) from None
    from fsspec import available_protocols, get_filesystem_class

    protocol = where.split("://")[0]
    try:
        get_filesystem_class(protocol)
        found: Any = UPath(where)
        found.exists()
    except ImportError as error:
        raise Unreachable(f"{where}: {error}; install it beside twofront, or name a folder") from None
    except Exception as error:  # whatever the library of the protocol raises
        if protocol not in available_protocols() and "rotocol not known" in str(error):
            near = nearest(protocol, available_protocols())
            hint = f"did you mean `{near}://`?" if near else "such as s3://, gs://, abfs://, file:// or memory://"
            raise Unreachable(f"{where}: no protocol `{protocol}` is known; {hint} Or name a folder") from None
        raise Unreachable(f"{where}: cannot be used ({reason(error)}); name another URL or a folder") from None
    return found


def is_url(path: Path) -> bool:
    """Whether `path` lies behind a URL."""
    return not isinstance(path, Path)  # pyright: ignore[reportUnnecessaryIsInstance]


def within_process(path: Path) -> bool:
    """Whether nobody but this process can see what is written there."""
    return is_url(path) and "memory" in str(getattr(path, "protocol", ""))


def reason(error: BaseException) -> str:
    """Why a file could not be read or written, in a few words."""
    told = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return " ".join(str(told).split())


@contextmanager
def opened(path: Path) -> Generator[Any]:
    """What Parquet readers take for `path`: its name, or the open file behind a URL."""
    if not is_url(path):
        yield path
        return
    with path.open("rb") as file:
        yield file


def replace_whole(path: Path, write: Callable[[Any], None]) -> None:
    """Let `write` fill a file (given a name or an open file), so that `path` is whole or as it was, at any moment.

    When this returns, the file outlives a loss of power. Raises `OSError` if that cannot be had.
    """
    if is_url(path):
        buffer = BytesIO()
        write(buffer)
        try:
            path.write_bytes(buffer.getvalue())
        except OSError:
            raise
        except Exception as error:  # the libraries of object stores have exceptions of their own
            raise OSError(reason(error)) from error
        return
    # Two processes may write one part, if a worker was believed to be dead.
    temporary = path.with_name(f"{path.name}.{os.getpid()}-{secrets.token_hex(4)}{TEMPORARY}")
    try:
        write(temporary)
        _force(temporary)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    _force(path.parent)


def write_text(path: Path, text: str) -> None:
    """Write a text so that `path` is whole or as it was."""
    data = text.encode()

    def write(sink: Any) -> None:
        if isinstance(sink, Path):
            sink.write_bytes(data)
        else:
            sink.write(data)

    replace_whole(path, write)


def _force(path: Path) -> None:
    """Have the system put a file, or the names in a folder, on the disk."""
    if os.name != "posix" and path.is_dir():
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def remove(path: Path) -> None:
    """Remove a file, or a folder and all in it; nothing where there is nothing."""
    if not path.is_dir():
        path.unlink(missing_ok=True)
        return
    for item in list(path.iterdir()):
        remove(item)
    if path.exists():  # a folder of an object store is gone with its last object
        path.rmdir()


@contextmanager
def locked(path: Path) -> Generator[None]:
    """Refuse a second process that would write into the same folder; the lock ends with the process.

    Nothing is locked behind a URL or where the file system knows no locks: two writers then do the same work twice.
    """
    if is_url(path) or os.name != "posix":
        yield
        return
    import fcntl

    handle = os.open(path, os.O_RDONLY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise UserError(f"{path}: another process is writing this run; wait for it or stop it") from None
        except OSError:
            pass
        yield
    finally:
        os.close(handle)
