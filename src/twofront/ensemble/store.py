"""Parts of `futures.parquet`: one row per future and policy, in the order future, policy.

A part says of itself which run it belongs to and what its values were hashed to, so that a run can be taken up again
from its parts alone. Measured choices are in `docs/decisions/0006-run-folder.md` and `0011-streams-and-engines.md`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from twofront.ensemble import hashing
from twofront.ensemble.manifest import Unit
from twofront.ensemble.model import Floats
from twofront.ensemble.place import TEMPORARY, opened, reason, remove, replace_whole

__all__ = [
    "FOLDER",
    "Layout",
    "Spoilt",
    "WrittenUnit",
    "damage",
    "drop_temporary",
    "part_name",
    "part_range",
    "parts",
    "read_part",
    "read_rows",
    "read_whole",
    "write_part",
    "write_table",
]

FOLDER = "futures.parquet"

_PART = re.compile(r"part-(\d+)-(\d+)\.parquet")
_ABOUT = b"twofront"
_ROW_GROUP = 131_072


class Spoilt(Exception):
    """A part is not what was written; the text says why."""


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns of a part. `parameters` is empty where inputs are regenerated instead of stored."""

    policies: tuple[str, ...]
    outcomes: tuple[str, ...]
    """Those that are evaluated and hashed."""
    statuses: tuple[str, ...]
    structures: tuple[tuple[str, tuple[str, ...]], ...]
    parameters: tuple[str, ...]
    kept: tuple[str, ...] | None = None
    """Those that are stored, in the same order; all if None."""

    @property
    def stored(self) -> tuple[str, ...]:
        """The outcomes that have a column."""
        return self.outcomes if self.kept is None else self.kept

    def stored_places(self) -> list[int]:
        """Where the values of the stored outcomes lie in a row, and last the status."""
        place = {name: number for number, name in enumerate(self.outcomes)}
        return [*(place[name] for name in self.stored), len(self.outcomes)]

    def schema(self) -> Any:
        """The Arrow schema. No column has nulls (an undefined value is NaN and a status says why)."""
        text = pa.dictionary(pa.int32(), pa.string())
        fields = [pa.field("future", pa.int64(), False), pa.field("policy", text, False)]
        fields += [pa.field(f"in.{name}", pa.float64(), False) for name in self.parameters]
        fields += [pa.field(f"structure.{name}", text, False) for name, _ in self.structures]
        fields += [pa.field("status", text, False), pa.field("weight.base", pa.float64(), False)]
        fields += [pa.field(name, pa.float64(), False) for name in self.stored]
        return pa.schema(fields)


@dataclass(frozen=True, slots=True)
class WrittenUnit:
    """A finished unit, what came of its futures, and the size of its part."""

    unit: Unit
    status_counts: tuple[tuple[int, ...], ...]
    """By policy and status."""
    stored_bytes: int


def part_name(lo: int, hi: int) -> str:
    """File name of the part that holds the futures `lo` to `hi - 1`."""
    return f"part-{lo:09d}-{hi:09d}.parquet"


def part_range(path: Path) -> tuple[int, int]:
    """The futures a part holds, from its name."""
    found = _PART.fullmatch(path.name)
    if found is None:
        raise ValueError(f"{path.name} is not the name of a part")
    return int(found[1]), int(found[2])


def parts(run_folder: Path) -> list[Path]:
    """The finished parts of a run, in the order of their futures."""
    folder = run_folder / FOLDER
    if not folder.is_dir():
        return []
    return sorted((path for path in folder.iterdir() if _PART.fullmatch(path.name)), key=part_range)


def drop_temporary(run_folder: Path) -> None:
    """Remove what writers that were killed have left."""
    for folder in (run_folder, run_folder / FOLDER):
        if folder.is_dir():
            for path in list(folder.iterdir()):
                if path.name.endswith(TEMPORARY):
                    remove(path)


def _coded(codes: npt.NDArray[np.integer[Any]], names: Sequence[str]) -> Any:
    return pa.DictionaryArray.from_arrays(codes.astype(np.int32), pa.array(list(names), pa.string()))


def part_table(layout: Layout, lo: int, rows: Floats, structures: Floats, values: Floats | None) -> Any:
    """The Arrow table of one part.

    `rows` is indexed by future, policy and outcome, the status code last; `structures` and `values` by name and
    future.
    """
    futures, policies, width = rows.shape
    columns: list[Any] = [
        pa.array(np.repeat(np.arange(lo, lo + futures, dtype=np.int64), policies)),
        _coded(np.tile(np.arange(policies), futures), layout.policies),
    ]
    if layout.parameters:
        assert values is not None
        repeated = np.repeat(values, policies, axis=1)
        columns += [pa.array(row) for row in repeated]
    for (_, options), row in zip(layout.structures, structures, strict=True):
        columns.append(_coded(np.repeat(row.astype(np.int32), policies), options))
    columns.append(_coded(rows[:, :, -1].reshape(-1).astype(np.int32), layout.statuses))
    columns.append(pa.array(np.ones(futures * policies)))
    by_row = rows.reshape(futures * policies, width)
    columns += [pa.array(np.ascontiguousarray(by_row[:, place])) for place in layout.stored_places()[:-1]]
    return pa.Table.from_arrays(columns, schema=layout.schema())


def write_table(table: Any, path: Path, *, floats: Sequence[str], texts: Sequence[str]) -> None:
    """Write `table` so that `path` is whole or absent."""
    encoding: dict[str, Any] = {
        "compression": "zstd",
        "compression_level": 1,
        "use_dictionary": list(texts),
        "use_byte_stream_split": list(floats),
        "write_statistics": ["future", "policy"],
        "write_page_checksum": True,
    }
    replace_whole(path, lambda sink: pq.write_table(table, sink, row_group_size=_ROW_GROUP, **encoding))


def write_part(
    folder: Path,
    layout: Layout,
    lo: int,
    rows: Floats,
    structures: Floats,
    values: Floats | None,
    *,
    digests: Sequence[str] = (),
    stamp: str = "",
) -> WrittenUnit:
    """Write the part of the futures from `lo` on, with the digests of its blocks and the stamp of its run."""
    hi = lo + len(rows)
    path = folder / FOLDER / part_name(lo, hi)
    texts = ["policy", "status", *(f"structure.{name}" for name, _ in layout.structures)]
    stored = () if layout.kept is None else tuple(hashing.digests(rows[:, :, layout.stored_places()]))
    codes = rows[:, :, -1].astype(np.int64)
    counts = tuple(
        tuple(map(int, np.bincount(codes[:, policy], minlength=len(layout.statuses))))
        for policy in range(len(layout.policies))
    )
    about = {"stamp": stamp, "digests": list(digests), "stored": list(stored), "status_counts": counts}
    table = part_table(layout, lo, rows, structures, values)
    table = table.replace_schema_metadata({_ABOUT: json.dumps(about, separators=(",", ":"))})
    write_table(table, path, floats=layout.stored, texts=texts)
    return WrittenUnit(Unit(lo, hi, tuple(digests), stored), counts, path.stat().st_size)


def damage(path: Path, policies: int) -> str | None:
    """Why a part cannot be whole, judged by its footer; None if nothing speaks against it."""
    try:
        with opened(path) as source:
            rows = pq.read_metadata(source).num_rows
    except (OSError, pa.ArrowException) as error:
        return f"it is no Parquet file or is cut short ({reason(error)})"
    lo, hi = part_range(path)
    if rows != (hi - lo) * policies:
        return f"it holds {rows} rows where its name says {(hi - lo) * policies}"
    return None


def read_whole(path: Path, layout: Layout, stamp: str) -> WrittenUnit:
    """Read all of a part and compare it with what it says of itself. Raises `Spoilt`."""
    if (broken := damage(path, len(layout.policies))) is not None:
        raise Spoilt(broken)
    lo, hi = part_range(path)
    try:
        table = _read(path, None)
        about = json.loads((table.schema.metadata or {})[_ABOUT])
        found_stamp, digests, stored = about["stamp"], tuple(about["digests"]), tuple(about["stored"])
        counts = tuple(tuple(map(int, row)) for row in about["status_counts"])
    except (KeyError, TypeError, ValueError) as error:
        raise Spoilt(f"it does not say which run it belongs to ({reason(error)})") from None
    except (OSError, pa.ArrowException) as error:
        raise Spoilt(f"it cannot be read ({reason(error)})") from None
    if found_stamp != stamp:
        raise Spoilt("it belongs to another run")
    if not table.schema.equals(layout.schema(), check_metadata=False):
        raise Spoilt("its columns are not those of the run")
    if tuple(hashing.digests(_rows(table, layout))) != (digests if layout.kept is None else stored):
        raise Spoilt("its values are not those that were hashed")
    return WrittenUnit(Unit(lo, hi, digests, stored), counts, path.stat().st_size)


def _read(path: Path, columns: Sequence[str] | None) -> Any:
    with opened(path) as source, pq.ParquetFile(source, page_checksum_verification=True) as file:
        return file.read(columns=None if columns is None else list(columns))


def read_part(path: Path, columns: Sequence[str]) -> Any:
    """The named columns of a part, as an Arrow table."""
    return _read(path, columns)


def read_rows(path: Path, layout: Layout) -> Floats:
    """The stored values of a part as they were hashed: by future, policy and outcome, the status code last."""
    return _rows(_read(path, [*layout.stored, "status"]), layout)


def _rows(table: Any, layout: Layout) -> Floats:
    rows = np.empty((table.num_rows, len(layout.stored) + 1))
    for index, name in enumerate(layout.stored):
        rows[:, index] = table.column(name).to_numpy()
    codes = {name: float(code) for code, name in enumerate(layout.statuses)}
    column = table.column("status").combine_chunks()
    column = column if isinstance(column, pa.DictionaryArray) else column.dictionary_encode()
    names = column.dictionary.to_pylist()
    rows[:, -1] = np.array([codes[name] for name in names])[column.indices.to_numpy()]
    return rows.reshape(-1, len(layout.policies), len(layout.stored) + 1)
