"""Goes on with a run that ended early: what its manifest says, and which of its parts are whole.

The manifest is written before the first part and says all that the values depend on. Parts say of themselves what run
they belong to and what they hold, so nothing else needs to have outlived the end of the earlier run.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from twofront.ensemble import paths, store
from twofront.ensemble.engines import workers_here
from twofront.ensemble.keeping import kept_outcomes
from twofront.ensemble.manifest import code_hash, read_manifest
from twofront.ensemble.place import opened, place_of
from twofront.ensemble.store import Layout, Spoilt, WrittenUnit
from twofront.faults import UserError

if TYPE_CHECKING:
    from twofront.case import Case

__all__ = ["Earlier", "Stock", "layout_of"]


@dataclass(frozen=True)
class Stock:
    """What an earlier run has left."""

    whole: tuple[WrittenUnit, ...]
    spoilt: Mapping[str, str]
    """Why, by the name of a file that is done again."""
    missing: tuple[tuple[int, int], ...]
    """Units that are to be evaluated, those of spoilt parts among them."""


def layout_of(manifest: Mapping[str, Any]) -> Layout:
    """The columns of a run's parts."""
    kept = tuple(manifest["outcomes"])
    every = tuple(manifest.get("hashed_outcomes", kept))
    return Layout(
        tuple(manifest["policies"]),
        every,
        tuple(manifest["statuses"]),
        tuple((name, tuple(options)) for name, options in manifest["structures"].items()),
        tuple(manifest["parameters"]) if manifest["inputs"] == "stored" else (),
        None if kept == every else kept,
    )


class Earlier:
    """A run that was begun. Raises `UserError` where there is none, or one of another version."""

    def __init__(self, where: str | Path) -> None:
        self.folder = place_of(where)
        self.manifest = read_manifest(self.folder)
        needed = ("stamp", "unit", "until", "watched", "code_hash", "case_source", "executor")
        if any(key not in self.manifest for key in needed):
            raise UserError(
                f"{self.folder}: this run was made before runs could be resumed; start again with --out DIR"
            )

    def check_given(
        self,
        *,
        futures: int | None,
        seed: int | None,
        unit: int | None,
        sampling: str | None,
        until: str | None,
        watched: Sequence[str] | None,
        policies: Sequence[str] | None,
        fixed: Mapping[str, float] | None,
        structures: Mapping[str, str] | None,
        revision: Any,
        keep: Sequence[str] | None,
        policy_files: Sequence[str | Path],
    ) -> None:
        """Raise `UserError` where something is given that the run was not begun with. None: not given."""
        manifest, goal = self.manifest, self.manifest["until"]
        recorded = tuple(manifest["policies"])
        every = manifest.get("hashed_outcomes", manifest["outcomes"])
        kept = () if keep is None else kept_outcomes(keep, every, 0, beside=manifest["watched"]) or every
        if policy_files:
            raise UserError(f"{self.folder}: its policies are in its manifest; leave the files out to go on")
        for what, given, began in (
            ("futures", futures, manifest["futures"] if goal is None else goal["most_futures"]),
            ("seed", seed, manifest["seed"]),
            ("units of futures", unit, manifest["unit"]),
            ("sampling", sampling, manifest["sampling"]),
            ("until", until, goal and goal["asked"]),
            ("watched outcomes", watched and sorted(watched), sorted(manifest["watched"])),
            ("policies", policies and tuple(dict.fromkeys([recorded[0], *policies])), recorded),
            ("fixed parameters", fixed, manifest["fixed"]),
            ("fixed structures", structures, manifest["fixed_structures"]),
            ("the revision", revision, manifest["revision"]),
            ("outcomes", tuple(kept) or None, tuple(manifest["outcomes"])),
        ):
            self._check(what, given, began)

    def check_case(self, given: Case | str | Path | None) -> None:
        """Raise `UserError` if this is not the case that the run was begun with."""
        from twofront.case import Revision, load_case

        if given is None:
            return
        if isinstance(given, str | Path):
            given = load_case(given, revision=Revision.from_json(self.manifest["revision"]))
        began = f"{self.manifest['case']} ({self.manifest['case_hash'][:12]})"
        self._check("the case", f"{given.name} ({given.hash[:12]})", began)

    def _check(self, what: str, given: object, began: object) -> None:
        if given is not None and given != began:
            raise UserError(
                f"{self.folder}: was begun with {what} {_shown(began)}, and {_shown(given)} is given; "
                "leave it out to go on, or start another run: --out DIR"
            )

    def check_code(self) -> None:
        """Raise `UserError` if this is not the code that the run was begun with."""
        then = self.manifest["code_hash"]
        if then != code_hash():
            import twofront

            version = self.manifest.get("versions", {}).get("twofront", "unknown")
            raise UserError(
                f"{self.folder}: was begun with twofront {version}, code {then[:12]}, and this is twofront "
                f"{twofront.__version__}, code {code_hash()[:12]}; parts of two codes do not make one run: go on with "
                "that version, or start again: --out DIR"
            )

    def stock(self) -> Stock:
        """Read every part and say which are whole. Parts that are not of this run's cut are spoilt too."""
        layout, stamp = layout_of(self.manifest), self.manifest["stamp"]
        units = list(self._units())
        spoilt: dict[str, str] = {}
        found = {path.name: path for path in store.parts(self.folder)}
        if units[0] and (reason := self._spoilt_paths()) is not None:
            spoilt[paths.FILE] = reason
            found.pop(store.part_name(*units[0]), None)  # the sample lies in the first unit
        expected = {store.part_name(*unit): unit for unit in units}
        spoilt |= dict.fromkeys((name for name in found if name not in expected), "it is no part of this run")
        candidates = [found[name] for name in expected if name in found]

        def read(path: Path) -> WrittenUnit | str:
            try:
                return store.read_whole(path, layout, stamp)
            except Spoilt as why:
                return str(why)

        whole: list[WrittenUnit] = []
        with ThreadPoolExecutor(workers_here()) as pool:
            for path, item in zip(candidates, pool.map(read, candidates), strict=True):
                if isinstance(item, str):
                    spoilt[path.name] = item
                else:
                    whole.append(item)
        done = {(item.unit.lo, item.unit.hi) for item in whole}
        return Stock(tuple(whole), spoilt, tuple(unit for unit in units if unit not in done))

    def _units(self) -> Iterator[tuple[int, int]]:
        futures, unit = self.manifest["futures"], self.manifest["unit"]
        for lo in range(0, futures, unit):
            yield lo, min(lo + unit, futures)

    def _spoilt_paths(self) -> str | None:
        """Why the monthly series are to be computed again; None where nothing is amiss."""
        import polars as pl

        path = self.folder / paths.FILE
        if not self.manifest["paths"]["names"] or not (self.folder / store.FOLDER).is_dir():
            return None
        if not path.exists():
            # Written before the first part: where that is not there either, nothing is lost.
            first = next(self._units())
            return "it is missing" if (self.folder / store.FOLDER / store.part_name(*first)).exists() else None
        try:
            with opened(path) as source:
                pl.read_parquet(source)
        except Exception as error:  # whatever the reader raises, it is written again
            return f"it cannot be read ({error})"
        return None


def _shown(value: object) -> str:
    if value is None:
        return "none"
    if isinstance(value, Mapping):
        return ", ".join(f"{key}={item}" for key, item in value.items()) or "none"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ", ".join(map(str, value)) or "none"
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)
