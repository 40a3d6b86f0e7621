"""Runs of any size as tables: a lazy Polars frame, SQL on DuckDB, and quantiles without holding a column.

Inputs that a run did not store are drawn again from the number of the future wherever their columns are asked for, so
every reader sees the same columns whatever the size of the run. The one module that imports DuckDB.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from twofront.ensemble.model import USABLE, Floats
from twofront.ensemble.place import is_url
from twofront.faults import UserError

if TYPE_CHECKING:
    import duckdb
    import polars as pl

    from twofront.ensemble.opened import Run

__all__ = [
    "EXACT_ROWS",
    "RANK_ERROR",
    "RANK_ERROR_IN_TAILS",
    "answer",
    "connect",
    "lazy",
    "quantiles",
    "sketched_quantiles",
]

EXACT_ROWS = 2_000_000
"""Rows (future × policy) up to which quantiles are exact unless asked otherwise."""
RANK_ERROR = 0.01
"""A sketched quantile at level q is the exact quantile at some level within this of q."""
RANK_ERROR_IN_TAILS = 0.002
"""The same at or below 5% and at or above 95%."""
MEMORY = "512MB"
"""What DuckDB may hold before it goes to disk."""
_DRAWN = "twofront_drawn_again"
_GAP = 256


def lazy(run: Run) -> pl.LazyFrame:
    """Every column of every row, in the order future, policy, as a lazy frame.

    Parts are read one by one; of each, first what a filter needs, and the rest only where it leaves rows.
    """
    from polars.io.plugins import register_io_source

    def source(
        columns: list[str] | None, predicate: pl.Expr | None, most: int | None, _: int | None
    ) -> Iterator[pl.DataFrame]:
        wanted = list(run.columns) if columns is None else columns
        asked = [] if predicate is None else list(dict.fromkeys(predicate.meta.root_names()))
        left = most
        for lo, hi in run.ranges:
            if left is not None and left <= 0:
                return
            if predicate is not None and not len(run.part(lo, hi, asked).filter(predicate)):
                continue
            piece = run.part(lo, hi, [*wanted, *(name for name in asked if name not in wanted)])
            if predicate is not None:
                piece = piece.filter(predicate)
            piece = piece.select(wanted)
            if left is not None:
                piece = piece.head(left)
                left -= len(piece)
            yield piece

    return register_io_source(source, schema=run.schema, is_pure=True)


def connect(run: Run) -> duckdb.DuckDBPyConnection:
    """A connection of its own, in memory, with the view `futures` (and `paths`, where the run kept some).

    Names with dots are quoted: `select avg("in.shell_capacity.russia") from futures where policy = 'present'`.
    """
    from twofront.ensemble import paths

    connection = _connection()
    if is_url(run.folder):
        files_behind: Any = run.folder
        connection.register_filesystem(files_behind.fs)
    files = ", ".join(_text(str(path)) for path in run.part_files)
    names = list(run.columns)
    if files:
        columns = ", ".join(_column(run, name) for name in names)
        origin = f"read_parquet([{files}])"
        if run.inputs_drawn_again:
            types: Any = ["INTEGER", "BIGINT"], "DOUBLE"  # names are taken, though the stubs know only type objects
            how: Any = "arrow"
            connection.create_function(_DRAWN, _Drawn(run), *types, type=how)
    else:
        columns = ", ".join(f"NULL::{_sql_type(name)} AS {_name(name)}" for name in names) + " WHERE false"
        origin = ""
    connection.execute(f"CREATE VIEW futures AS SELECT {columns} {'FROM ' + origin if origin else ''}")
    if (run.folder / paths.FILE).exists():
        source = f"read_parquet({_text(str(run.folder / paths.FILE))})"
        connection.execute(f"CREATE VIEW paths AS SELECT * FROM {source}")
    return connection


def _connection() -> duckdb.DuckDBPyConnection:
    import duckdb

    connection = duckdb.connect(config={"memory_limit": MEMORY})
    connection.execute("SET enable_progress_bar = false")
    return connection


def answer(run: Run, query: str) -> pl.DataFrame:
    """What a query gives on the views of `connect`; `UserError` with DuckDB's reason if it gives nothing."""
    import duckdb
    import polars as pl

    with connect(run) as connection:
        try:
            found = pl.from_arrow(connection.sql(query).to_arrow_table())
        except duckdb.Error as error:
            raise UserError(f"{run.folder}: the query cannot be answered: {error}") from None
    assert isinstance(found, pl.DataFrame)
    return found


class _Drawn:
    """Values of a parameter (by its place in the run's list) in given futures, for DuckDB."""

    def __init__(self, run: Run) -> None:
        self._names = run.parameter_names
        self._sampler = run.sampler()

    def __call__(self, place: Any, futures: Any) -> Any:
        import pyarrow as pa

        numbers, back = np.unique(futures.to_numpy(zero_copy_only=False), return_inverse=True)
        name = self._names[place[0].as_py()]
        found = np.empty(len(numbers))
        ends = [*(np.flatnonzero(np.diff(numbers) > _GAP) + 1).tolist(), len(numbers)]
        begin = 0
        for end in ends:
            lo, hi = int(numbers[begin]), int(numbers[end - 1]) + 1
            found[begin:end] = self._sampler.columns([name], lo, hi)[0][numbers[begin:end] - lo]
            begin = end
        return pa.array(found[back])


def _column(run: Run, name: str) -> str:
    if name.startswith("in.") and run.inputs_drawn_again:
        place = run.parameter_names.index(name.removeprefix("in."))
        return f"{_DRAWN}({place}, future) AS {_name(name)}"
    return _name(name)


def _sql_type(column: str) -> str:
    if column == "future":
        return "BIGINT"
    return "VARCHAR" if column in ("policy", "status") or column.startswith("structure.") else "DOUBLE"


def _name(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _text(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def quantiles(
    run: Run, columns: Sequence[str], levels: Sequence[float] = (0.05, 0.5, 0.95), *, exact: bool | None = None
) -> pl.DataFrame:
    """Number, mean, standard deviation and quantiles of columns, under each policy.

    Rows whose status is not usable and values that are undefined are left out. Above `EXACT_ROWS` rows quantiles come
    from a sketch (t-digest, Dunning 2019) unless `exact`; `rank_error` says how far off their level may be: 0 where
    exact, see `RANK_ERROR`. Exact quantiles hold a column in memory, sketched ones do not.
    """
    import polars as pl

    run.check_columns(columns)
    exact = run.rows <= EXACT_ROWS if exact is None else exact
    how = "quantile_cont" if exact else "approx_quantile"
    asked = "[" + ", ".join(repr(float(level)) for level in levels) + "]"
    usable = ", ".join(_text(status) for status in USABLE)
    rows: list[dict[str, Any]] = []
    with connect(run) as connection:
        connection.execute("SET threads = 1")  # a sketch depends on the order of the rows
        for column in columns:
            value = f"CASE WHEN isnan({_name(column)}) THEN NULL ELSE {_name(column)} END"
            query = (
                f"SELECT policy, count(x), avg(x), stddev_samp(x), {how}(x, {asked}) "
                f"FROM (SELECT policy, {value} AS x FROM futures WHERE status IN ({usable})) GROUP BY policy"
            )
            found = {row[0]: row[1:] for row in connection.execute(query).fetchall()}
            for policy in run.policies:
                n, mean, deviation, values = found.get(policy, (0, None, None, None))
                values = values or [None] * len(levels)
                rows.append(
                    {"policy": policy, "column": column, "n": n, "mean": mean, "deviation": deviation}
                    | {f"q{level:g}": value for level, value in zip(levels, values, strict=True)}
                    | {"rank_error": 0.0 if exact else RANK_ERROR}
                )
    return pl.DataFrame(rows, infer_schema_length=None)


def sketched_quantiles(
    batches: Iterable[Mapping[str, Floats]], names: Sequence[str], levels: Sequence[float]
) -> dict[str, list[float]]:
    """Quantiles of columns that come in pieces (NaN: undefined), each piece read once and let go; see `RANK_ERROR`."""
    import pyarrow as pa

    places = {name: f"c{place}" for place, name in enumerate(names)}
    schema = pa.schema([pa.field(column, pa.float64()) for column in places.values()])

    def pieces() -> Iterator[Any]:
        for batch in batches:
            yield pa.RecordBatch.from_arrays([_defined(batch[name]) for name in names], schema=schema)

    asked = "[" + ", ".join(repr(float(level)) for level in levels) + "]"
    with _connection() as connection:
        connection.execute("SET threads = 1")
        connection.register("pieces", pa.RecordBatchReader.from_batches(schema, pieces()))
        columns = ", ".join(f"approx_quantile({column}, {asked})" for column in places.values())
        row = connection.execute(f"SELECT {columns} FROM pieces").fetchone()
    assert row is not None
    nothing = [float("nan")] * len(levels)
    return {name: nothing if values is None else list(values) for name, values in zip(names, row, strict=True)}


def _defined(values: npt.NDArray[np.float64]) -> Any:
    import pyarrow as pa

    return pa.array(values, mask=np.isnan(values))
