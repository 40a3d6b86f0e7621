"""A run as the EMA workbench's own analysis reads it: its archive of experiments and outcomes.

`ema_workbench.load_results` (2.4 and later) opens the file: a gzipped tar with `experiments.csv`, one file of numbers
for each outcome and `metadata.json`. Each row is an experiment: the draws of one future (scenario) under one policy.
Nothing of the workbench is needed to write it.
"""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from twofront.faults import UserError, listed, nearest

if TYPE_CHECKING:
    import polars as pl

    from twofront.ensemble.opened import Run

__all__ = ["FILE", "export_ema"]

FILE: Final = "ema.tar.gz"
VERSION: Final = 0.1
"""Of the archive's layout."""
USABLE: Final = ("ok", "undefined")
LEVER: Final = "lever."


def export_ema(
    run: Run | str | Path,
    path: str | Path | None = None,
    *,
    outcomes: Sequence[str] | None = None,
    told: Callable[[str, float], None] = lambda *_: None,
) -> Path:
    """Write a run as an archive of the EMA workbench and return its path (`ema.tar.gz` in the run's folder).

    Uncertainties are the drawn parameters by their names and `structure.*`, levers `lever.*`, and `scenario`, `policy`
    and `model` stand beside as in the workbench. `outcomes`: all of the run by default. Rows that failed, or whose
    declared prior no intercept reproduced, are left out, since the workbench has no status; `left_out` in
    `metadata.json` counts them by status. Raises `UserError` for an outcome that does not exist, or where nothing
    can be written.
    """
    import polars as pl

    from twofront.ensemble.opened import open_run

    opened = open_run(run) if isinstance(run, str | Path) else run
    names = _outcomes(opened, outcomes)
    target = Path(path) if path is not None else opened.folder / FILE
    told("reading the run", 0.05)
    inputs = [f"in.{name}" for name in opened.parameter_names]
    structures = [f"structure.{name}" for name in opened.structure_options]
    frame = opened.frame(["future", "policy", "status", *inputs, *structures, *names])
    usable = frame["status"].cast(pl.String).is_in(USABLE)
    lost = frame.filter(~usable)["status"].cast(pl.String).value_counts().iter_rows()
    left_out = {str(status): int(count) for status, count in lost}
    frame = frame.filter(usable)
    if frame.is_empty():
        raise UserError(f"{opened.folder}: no row can be used, so there is nothing to export")
    told("levers", 0.3)
    experiments = _experiments(opened, frame, inputs, structures)
    try:
        _written(target, experiments, frame, names, left_out, told)
    except OSError as error:
        raise UserError(f"`{target}` cannot be written: {(error.strerror or str(error)).lower()}") from None
    return target


def _outcomes(run: Run, wanted: Sequence[str] | None) -> list[str]:
    for name in wanted or ():
        if name not in run.outcome_names:
            near = nearest(name, run.outcome_names)
            hint = f"did you mean `{near}`?" if near else f"there are {listed(run.outcome_names)}"
            raise UserError(f"{run.folder}: no outcome `{name}`; {hint}")
    return list(dict.fromkeys(wanted)) if wanted else list(run.outcome_names)


def _experiments(run: Run, frame: pl.DataFrame, inputs: Sequence[str], structures: Sequence[str]) -> pl.DataFrame:
    """Columns in the workbench's order: uncertainties, levers, then scenario, policy and model."""
    import polars as pl

    settings: dict[str, dict[str, float]] = run.manifest.get("levers", {})
    levers = list(next(iter(settings.values()), {}))
    policies = frame["policy"].cast(pl.String)
    columns: list[Any] = [
        *(pl.col(name).alias(name.removeprefix("in.")) for name in inputs),
        *(pl.col(name).cast(pl.String) for name in structures),
        *(
            pl.Series(LEVER + lever, policies.replace_strict({p: float(s[lever]) for p, s in settings.items()}))
            for lever in levers
        ),
        pl.col("future").alias("scenario"),
        policies.alias("policy"),
        pl.lit(str(run.manifest["case"])).alias("model"),
    ]
    return frame.select(columns)


def _written(
    target: Path,
    experiments: pl.DataFrame,
    frame: pl.DataFrame,
    names: Sequence[str],
    left_out: dict[str, int],
    told: Callable[[str, float], None],
) -> None:
    import polars as pl

    types = {
        name: "float64" if kind == pl.Float64 else "int64" if kind == pl.Int64 else "category"
        for name, kind in experiments.schema.items()
    }
    # The files of outcomes are numbered: a name may hold what a path must not.
    files = {name: f"outcome-{place}.csv" for place, name in enumerate(names)}
    about = {
        "version": VERSION,
        "outcomes": [["ScalarOutcome", name, files[name]] for name in names],
        "experiments": types,
        "left_out": left_out,
    }
    temporary = target.with_name(target.name + ".part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tarfile.open(temporary, "w:gz", compresslevel=4) as archive:
            told("experiments", 0.4)
            _add(archive, "experiments.csv", experiments.write_csv().encode())
            for place, name in enumerate(names):
                told(name, 0.5 + 0.5 * place / len(names))
                # NaN in words: an empty line would be no row.
                text = frame.select(pl.col(name).fill_null(float("nan"))).write_csv(include_header=False)
                _add(archive, files[name], text.encode())
            _add(archive, "metadata.json", json.dumps(about).encode())
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)


def _add(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    entry = tarfile.TarInfo(name)
    entry.size = len(content)
    archive.addfile(entry, io.BytesIO(content))
