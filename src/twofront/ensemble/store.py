"""Parts of `futures.parquet`: one row per future and policy, in the order future, policy.

Measured choices are in `docs/decisions/0006-run-folder.md`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from twofront.ensemble.model import Floats

__all__ = [
    "FOLDER",
    "Layout",
    "damage",
    "part_name",
    "part_range",
    "parts",
    "read_part",
    "read_rows",
    "write_part",
    "write_table",
]

FOLDER = "futures.parquet"

_PART = re.compile(r"part-(\d+)-(\d+)\.parquet")


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns of a part. `parameters` is empty where inputs are regenerated instead of stored."""

    policies: tuple[str, ...]
    outcomes: tuple[str, ...]
    statuses: tuple[str, ...]
    structures: tuple[tuple[str, tuple[str, ...]], ...]
    parameters: tuple[str, ...]

    def schema(self) -> Any:
        """The Arrow schema. No column has nulls (an undefined value is NaN and a status says why)."""
        text = pa.dictionary(pa.int32(), pa.string())
        fields = [pa.field("future", pa.int64(), False), pa.field("policy", text, False)]
        fields += [pa.field(f"in.{name}", pa.float64(), False) for name in self.parameters]
        fields += [pa.field(f"structure.{name}", text, False) for name, _ in self.structures]
        fields += [pa.field("status", text, False), pa.field("weight.base", pa.float64(), False)]
        fields += [pa.field(name, pa.float64(), False) for name in self.outcomes]
        return pa.schema(fields)


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
    found = [path for path in folder.glob("part-*.parquet") if _PART.fullmatch(path.name)]
    return sorted(found, key=part_range)


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
    by_outcome = np.ascontiguousarray(rows.reshape(futures * policies, width).T)
    columns.append(_coded(by_outcome[-1].astype(np.int32), layout.statuses))
    columns.append(pa.array(np.ones(futures * policies)))
    columns += [pa.array(row) for row in by_outcome[:-1]]
    return pa.Table.from_arrays(columns, schema=layout.schema())


def write_table(table: Any, path: Path, *, floats: Sequence[str], texts: Sequence[str]) -> None:
    """Write `table` under a temporary name and rename it, so that `path` is whole or absent."""
    temporary = path.with_name(path.name + ".tmp")
    try:
        encoding: dict[str, Any] = {
            "compression": "lz4",
            "use_dictionary": list(texts),
            "use_byte_stream_split": list(floats),
            "write_statistics": ["future", "policy"],
        }
        pq.write_table(table, temporary, row_group_size=131_072, **encoding)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def write_part(folder: Path, layout: Layout, lo: int, rows: Floats, structures: Floats, values: Floats | None) -> int:
    """Write the part of the futures from `lo` on; return its size in bytes."""
    path = folder / FOLDER / part_name(lo, lo + len(rows))
    texts = ["policy", "status", *(f"structure.{name}" for name, _ in layout.structures)]
    table = part_table(layout, lo, rows, structures, values)
    write_table(table, path, floats=layout.outcomes, texts=texts)
    return path.stat().st_size


def damage(path: Path, policies: int) -> str | None:
    """Why a part cannot be whole, judged by its footer; None if nothing speaks against it."""
    try:
        rows = pq.read_metadata(path).num_rows
    except (OSError, pa.ArrowException) as error:
        return f"it is no Parquet file or is cut short ({error})"
    lo, hi = part_range(path)
    if rows != (hi - lo) * policies:
        return f"it holds {rows} rows where its name says {(hi - lo) * policies}"
    return None


def read_part(path: Path, columns: Sequence[str]) -> Any:
    """The named columns of a part, as an Arrow table."""
    return pq.read_table(path, columns=list(columns))


def read_rows(path: Path, layout: Layout) -> Floats:
    """The values of a part as they were hashed: by future, policy and outcome, the status code last."""
    table = pq.read_table(path, columns=[*layout.outcomes, "status"])
    rows = np.empty((table.num_rows, len(layout.outcomes) + 1))
    for index, name in enumerate(layout.outcomes):
        rows[:, index] = table.column(name).to_numpy()
    codes = {name: float(code) for code, name in enumerate(layout.statuses)}
    column = table.column("status").combine_chunks()
    column = column if isinstance(column, pa.DictionaryArray) else column.dictionary_encode()
    names = column.dictionary.to_pylist()
    rows[:, -1] = np.array([codes[name] for name in names])[column.indices.to_numpy()]
    return rows.reshape(-1, len(layout.policies), len(layout.outcomes) + 1)
