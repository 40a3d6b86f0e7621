"""A run as a reader sees it: its manifest, its rows, its paths and the inputs that led to them."""

from __future__ import annotations

import warnings
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from twofront.ensemble import hashing, paths, reading, store
from twofront.ensemble.manifest import read_manifest
from twofront.ensemble.place import opened, place_of
from twofront.ensemble.store import Layout
from twofront.faults import UserError, listed, nearest

if TYPE_CHECKING:
    import polars as pl
    from duckdb import DuckDBPyConnection

    from twofront.case import Case
    from twofront.parameters.sampling import Sampler

__all__ = ["Run", "RunWarning", "open_run"]

_MOST_DRAWN_BYTES = 200_000_000
"""Draws that are kept in memory once they have been made."""


class RunWarning(UserWarning):
    """Something about a run that its reader should know."""


class Run:
    """A run folder.

    `damaged` maps the name of a part that cannot be read to the reason; the other parts are not affected.
    """

    def __init__(self, folder: Path, manifest: dict[str, Any]) -> None:
        self.folder = folder
        self.manifest = manifest
        self.damaged: dict[str, str] = {}
        self._parts = self._sound_parts()
        self._drawn: dict[tuple[int, int], pl.DataFrame] = {}

    def __repr__(self) -> str:
        state = "" if self.complete else ", incomplete"
        return f"<Run {self.folder}: {self.futures} futures x {len(self.policies)} policies{state}>"

    # ---- what it is -------------------------------------------------------------------------------------

    @property
    def hash(self) -> str | None:
        """The output hash; None while the run is incomplete."""
        return self.manifest.get("output_hash")

    @property
    def complete(self) -> bool:
        """Whether every future asked for is there and readable."""
        return bool(self.manifest["complete"]) and not self.damaged

    @property
    def futures(self) -> int:
        """Futures that were asked for."""
        return self.manifest["futures"]

    @property
    def seed(self) -> int:
        """Seed of the draws."""
        return self.manifest["seed"]

    @property
    def policies(self) -> tuple[str, ...]:
        """Names of the policies, the present course first."""
        return tuple(self.manifest["policies"])

    @property
    def outcome_names(self) -> tuple[str, ...]:
        """Names of the outcome columns."""
        return tuple(self.manifest["outcomes"])

    @property
    def parameter_names(self) -> tuple[str, ...]:
        """Names of the parameters; their columns are `in.<name>`."""
        return tuple(self.manifest["parameters"])

    @property
    def structure_options(self) -> dict[str, tuple[str, ...]]:
        """The rival laws of each structure; its column is `structure.<name>`."""
        return {name: tuple(options) for name, options in self.manifest["structures"].items()}

    @property
    def ranges(self) -> list[tuple[int, int]]:
        """The futures that can be read, as ranges `lo` to `hi - 1`."""
        return [store.part_range(path) for path in self._parts]

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column that `frame` can give."""
        return (
            "future",
            "policy",
            *(f"in.{name}" for name in self.parameter_names),
            *(f"structure.{name}" for name in self.structure_options),
            "status",
            "weight.base",
            *self.outcome_names,
        )

    @property
    def rows(self) -> int:
        """Rows that can be read: one per future and policy."""
        return sum(hi - lo for lo, hi in self.ranges) * len(self.policies)

    @property
    def schema(self) -> dict[str, Any]:
        """The Polars type of every column."""
        return {name: self._type(name) for name in self.columns}

    @property
    def part_files(self) -> tuple[Path, ...]:
        """The files that can be read, in the order of their futures."""
        return tuple(self._parts)

    @property
    def inputs_drawn_again(self) -> bool:
        """Whether inputs were too many to store and are drawn again from the futures' numbers."""
        return self.manifest["inputs"] != "stored"

    @cached_property
    def case(self) -> Case:
        """The case, read again; warns if it has changed since the run."""
        from twofront.case import Revision, load_case, policies_from_json, with_policies

        case = load_case(self.manifest["case_source"], revision=Revision.from_json(self.manifest.get("revision")))
        if case.hash != self.manifest["case_hash"]:
            warnings.warn(f"the case {self.manifest['case']} has changed since {self.folder} was made", RunWarning, 2)
        return with_policies(case, policies_from_json(self.manifest.get("added_policies"), case))

    # ---- what it holds ----------------------------------------------------------------------------------

    @cached_property
    def outcomes(self) -> pl.DataFrame:
        """Structures, status, weight and outcomes: one row per future and policy, in that order."""
        return self.frame([name for name in self.columns if not name.startswith("in.")])

    def frame(self, columns: Iterable[str] | None = None) -> pl.DataFrame:
        """The named columns (all by default) of every row, ordered by future and policy.

        Inputs that were not stored are drawn again; nobody needs to know which.
        """
        import polars as pl

        wanted = list(self.columns if columns is None else dict.fromkeys(columns))
        pieces = list(self.pieces(wanted))
        return pl.concat(pieces) if pieces else pl.DataFrame(schema={name: self._type(name) for name in wanted})

    def pieces(self, columns: Iterable[str]) -> Iterator[pl.DataFrame]:
        """The named columns part by part, for runs that are larger than memory."""
        wanted = list(dict.fromkeys(columns))
        self.check_columns(wanted)
        for lo, hi in self.ranges:
            piece = self.part(lo, hi, wanted)
            if len(piece):
                yield piece

    def part(self, lo: int, hi: int, columns: Sequence[str]) -> pl.DataFrame:
        """The named columns of one of `ranges`; no rows, and a warning, where it cannot be read."""
        import polars as pl

        drawn = [name for name in columns if name.startswith("in.")] if self.inputs_drawn_again else []
        stored = [name for name in columns if name not in drawn]
        piece = self._read(self.folder / store.FOLDER / store.part_name(lo, hi), stored or ["future"])
        if piece is None:
            return pl.DataFrame(schema={name: self._type(name) for name in columns})
        if drawn:
            values = self.sampler().columns([name.removeprefix("in.") for name in drawn], lo, hi)
            repeated = [np.repeat(row, len(self.policies)) for row in values]
            piece = piece.with_columns(**dict(zip(drawn, map(pl.Series, repeated), strict=True)))
        return piece.select(columns)

    def lazy(self) -> pl.LazyFrame:
        """Every column of every row as a lazy Polars frame; reads the columns and parts that a query needs."""
        return reading.lazy(self)

    def duckdb(self) -> DuckDBPyConnection:
        """A DuckDB connection with the views `futures` (every column of every row) and `paths`."""
        return reading.connect(self)

    def sql(self, query: str) -> pl.DataFrame:
        """What a query gives on the views of `duckdb`; names with dots are quoted."""
        return reading.answer(self, query)

    def quantiles(
        self, columns: Sequence[str], levels: Sequence[float] = (0.05, 0.5, 0.95), *, exact: bool | None = None
    ) -> pl.DataFrame:
        """Quantiles under each policy, with their error stated; from a sketch where the run is large."""
        return reading.quantiles(self, columns, levels, exact=exact)

    def draws(self, lo: int = 0, hi: int | None = None) -> pl.DataFrame:
        """Inputs of the futures `lo` to `hi - 1`, one row each, drawn again from the case and the seed."""
        import polars as pl

        hi = self.futures if hi is None else hi
        if (lo, hi) in self._drawn:
            return self._drawn[lo, hi]
        sampler = self.sampler()
        drawn = sampler.draw(lo, hi)
        columns: dict[str, Any] = {"future": np.arange(lo, hi)}
        values = drawn.values[list(sampler.uncertain)]
        columns |= {f"in.{name}": row for name, row in zip(self.parameter_names, values, strict=True)}
        for (name, options), row in zip(self.structure_options.items(), drawn.structures, strict=True):
            columns[f"structure.{name}"] = pl.Series(np.array(options)[row.astype(int)], dtype=pl.Enum(options))
        found = pl.DataFrame(columns)
        # Many analyses of one run want the same draws, which take longer to make than to use.
        if sum(piece.estimated_size() for piece in (*self._drawn.values(), found)) <= _MOST_DRAWN_BYTES:
            self._drawn[lo, hi] = found
        return found

    @cached_property
    def paths(self) -> pl.DataFrame | None:
        """Quantiles and counts of the monthly series, or None where the run kept none."""
        import polars as pl

        path = self.folder / paths.FILE
        if not path.exists():
            return None
        try:
            with opened(path) as source:
                return pl.read_parquet(source)
        except Exception as error:
            raise UserError(f"{path}: cannot be read ({error}); the parts beside it are not affected") from None

    def recomputed_digests(self, only: Collection[tuple[int, int]] | None = None) -> dict[str, list[str]]:
        """Digests of the values as stored, by part (of all, or of `only` these ranges); see the manifest's `units`."""
        found: dict[str, list[str]] = {}
        for path in [path for path in self._parts if only is None or store.part_range(path) in only]:
            try:
                found[path.name] = hashing.digests(store.read_rows(path, self._layout()))
            except Exception as error:
                self._leave_out(path, str(error))
        return found

    # ---- within -----------------------------------------------------------------------------------------

    @cached_property
    def _own_sampler(self) -> Sampler:
        sampler = self._sampler_of({}, None)
        drawn = tuple(sampler.parameter_names[row] for row in sampler.uncertain)
        for what, now, then in (
            ("parameters", drawn, self.parameter_names),
            ("structures", tuple(sampler.structure_options), tuple(self.structure_options)),
        ):
            if now != then:
                other = sorted(set(now) ^ set(then))
                which = listed(other, most=4) if other else "in another order"
                raise UserError(
                    f"{self.folder}: its inputs cannot be drawn again, since this version of twofront draws other "
                    f"{what} from the case {self.manifest['case']} ({which}); run again, or use the version that "
                    "`run.json` names"
                )
        return sampler

    def _layout(self) -> Layout:
        return Layout(
            self.policies,
            self.outcome_names,
            tuple(self.manifest["statuses"]),
            tuple(self.structure_options.items()),
            () if self.inputs_drawn_again else self.parameter_names,
        )

    @property
    def sampling(self) -> str:
        """How the draws are spread: one of `twofront.parameters.designs.DESIGNS`."""
        return self.manifest.get("sampling", "random")

    def sampler(
        self,
        *,
        structures: Mapping[str, str] | None = None,
        shifts: Mapping[str, float] | None = None,
        unchanged: bool = True,
    ) -> Sampler:
        """Draws of this run, future by future; `UserError` where the case has changed since (if it must be unchanged).

        `structures` are held beside those that the run held; `shifts` move ranges, see `Sampler`.
        """
        if unchanged and self.case.hash != self.manifest["case_hash"]:
            raise UserError(
                f"{self.folder}: its inputs cannot be drawn again, since the case {self.manifest['case']} has changed; "
                "restore the case or run again"
            )
        return self._sampler_of(structures, shifts) if structures or shifts else self._own_sampler

    def _sampler_of(self, structures: Mapping[str, str] | None, shifts: Mapping[str, float] | None) -> Sampler:
        from twofront.parameters.sampling import Sampler

        return Sampler(
            self.case,
            self.seed,
            fixed=self.manifest.get("fixed", {}),
            structures={**self.manifest.get("fixed_structures", {}), **(structures or {})},
            shifts=shifts,
            design=self.sampling,
        )

    def check_columns(self, wanted: Sequence[str]) -> None:
        """Raise `UserError` for a column that the run does not have."""
        known = set(self.columns)
        for name in wanted:
            if name not in known:
                near = nearest(name, known)
                hint = f"did you mean `{near}`?" if near else f"there are {listed(self.columns)}"
                raise UserError(f"{self.folder}: no column `{name}`; {hint}")

    def _sound_parts(self) -> list[Path]:
        sound: list[Path] = []
        present = {path.name: path for path in store.parts(self.folder)}
        expected = [store.part_name(unit["lo"], unit["hi"]) for unit in self.manifest["units"]]
        for name in [*expected, *(name for name in present if name not in expected)]:
            path = present.get(name, self.folder / store.FOLDER / name)
            if path.name not in present:
                self._leave_out(path, "it is missing")
            elif (reason := store.damage(path, len(self.policies))) is not None:
                self._leave_out(path, reason)
            else:
                sound.append(path)
        return sorted(sound, key=store.part_range)

    def _leave_out(self, path: Path, reason: str) -> None:
        self.damaged[path.name] = reason
        if hasattr(self, "_parts") and path in self._parts:
            self._parts.remove(path)
        lo, hi = store.part_range(path)
        warnings.warn(
            f"{path}: left out, since {reason}; the futures {lo} to {hi - 1} are lost, all others are not affected",
            RunWarning,
            stacklevel=3,
        )

    def _type(self, column: str) -> Any:
        import polars as pl

        if column == "future":
            return pl.Int64
        if column == "policy":
            return pl.Enum(self.policies)
        if column == "status":
            return pl.Enum(self.manifest["statuses"])
        if column.startswith("structure."):
            return pl.Enum(self.structure_options[column.removeprefix("structure.")])
        return pl.Float64

    def _read(self, path: Path, columns: Sequence[str]) -> pl.DataFrame | None:
        import polars as pl

        try:
            frame = pl.from_arrow(store.read_part(path, columns))
        except Exception as error:  # whatever the reader raises, the other parts are still good
            self._leave_out(path, f"it cannot be read ({error})")
            return None
        assert isinstance(frame, pl.DataFrame)
        return frame.with_columns(frame[name].cast(self._type(name)) for name in columns if self._is_text(name))

    def _is_text(self, column: str) -> bool:
        return column in ("policy", "status") or column.startswith("structure.")


def open_run(folder: str | Path) -> Run:
    """Open a run, in a folder or behind a URL that fsspec understands.

    Parts that cannot be read are left out with a `RunWarning` that names them.
    """
    folder = place_of(folder)
    return Run(folder, read_manifest(folder))
