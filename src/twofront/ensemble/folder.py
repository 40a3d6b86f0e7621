"""Where a run is written, and what is never overwritten by accident."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from twofront.ensemble import manifest, paths, store
from twofront.ensemble.place import is_url, place_of, reason, remove, within_process
from twofront.faults import UserError

__all__ = ["RunFolder", "claim", "newest", "reopen"]

RUNS = Path("runs")
_DERIVED = ("report.html", "claims.json")
_OURS = (manifest.FILE, paths.FILE, store.FOLDER, *_DERIVED)


class RunFolder:
    """A folder that is this run's alone."""

    def __init__(self, path: Path, *, made: Sequence[Path] = ()) -> None:
        self.path = path
        self._made = made
        """The folders that were made for it, innermost first."""

    def empty(self) -> None:
        """Remove what an earlier run left, and nothing else; then make room for parts."""
        for name in _OURS:
            remove(self.path / name)
        (self.path / store.FOLDER).mkdir(parents=True, exist_ok=True)

    def clear(self, names: Iterable[str]) -> None:
        """Remove parts and other files that are to be done again, what killed writers left, and an old report."""
        store.drop_temporary(self.path)
        for name in names:
            remove(self.path / (name if name == paths.FILE else f"{store.FOLDER}/{name}"))
        for name in _DERIVED:
            remove(self.path / name)
        (self.path / store.FOLDER).mkdir(parents=True, exist_ok=True)

    def check_seen_by_others(self) -> None:
        """Raise `UserError` if only this process could see what it writes."""
        if within_process(self.path):
            raise UserError(
                f"{self.path}: lies in the memory of this process, where no other worker can write; name a folder or "
                "another URL, or take the engine threads"
            )

    def discard_if_made(self) -> None:
        """Take back what was made for a run that could not begin."""
        for path in self._made:
            if path.exists() and not any(path.iterdir()):
                path.rmdir()

    def discard(self) -> None:
        """Take back a folder in which nothing was finished."""
        for name in _OURS:
            remove(self.path / name)
        self.discard_if_made()


def reopen(path: Path) -> RunFolder:
    """Take the folder of an earlier run to go on with it."""
    return RunFolder(path)


def claim(out: str | Path | None, case_name: str, *, force: bool = False) -> RunFolder:
    """Take `out`, or the next free `runs/<case>-<n>`, for a new run.

    A folder with a run in it is refused unless `force`; one with anything else in it always.
    """
    try:
        return _numbered(case_name) if out is None else _named(place_of(out), force=force)
    except UserError:
        raise
    except Exception as error:  # the libraries behind URLs have exceptions of their own
        where = RUNS if out is None else out
        remedy = "name a folder or URL you may write: --out DIR"
        raise UserError(f"{where}: cannot write a run here ({reason(error)}); {remedy}") from None


def _numbered(case_name: str) -> RunFolder:
    number = 1
    above = () if RUNS.exists() else (RUNS,)
    while True:
        path = RUNS / f"{case_name}-{number}"
        try:
            path.mkdir(parents=True)
        except FileExistsError:
            number += 1
            continue
        return RunFolder(path, made=(path, *above))


def _named(path: Path, *, force: bool) -> RunFolder:
    if path.exists() and not path.is_dir():
        raise UserError(f"{path}: is a file, and a run is a folder; name another: --out DIR")
    made = not path.exists()
    if made or not is_url(path):
        path.mkdir(parents=True, exist_ok=True)
    held = sorted(item.name for item in path.iterdir()) if path.exists() else []
    if manifest.FILE in held or store.FOLDER in held:
        if not force:
            raise UserError(
                f"{path}: already holds a run; add --force to replace it, or name another folder: --out DIR"
            )
    elif held:
        raise UserError(
            f"{path}: holds {held[0]} and no run, so nothing is written there; name a new or empty folder: --out DIR"
        )
    probe = path / ".twofront-probe"
    probe.write_bytes(b"")
    probe.unlink()
    return RunFolder(path, made=(path,) if made else ())


def newest(case_name: str) -> Path | None:
    """Return the folder under `runs` with the last run of a case that was finished or kept, if there is one."""
    found: list[tuple[float, Path]] = []
    for path in RUNS.glob(f"*/{manifest.FILE}"):
        try:
            if manifest.read_manifest(path.parent)["case"] == case_name:
                found.append((path.stat().st_mtime, path.parent))
        except (UserError, KeyError, OSError):
            continue  # not a run that can be read
    return max(found)[1] if found else None
