"""A run as the EMA workbench reads it: by its layout, and by the workbench itself where it is installed."""

from __future__ import annotations

import io
import json
import tarfile
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from twofront.ensemble import Run, run
from twofront.ensemble.ema import export_ema
from twofront.faults import UserError

INSTALL = "the EMA workbench is not installed: pip install ema-workbench"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return run("two-straits", 60, seed=2, out=tmp_path_factory.mktemp("ema") / "run")


def test_the_archive_holds_every_experiment(made: Run, tmp_path: Path) -> None:
    path = export_ema(made, tmp_path / "sub" / "x.tar.gz")
    with tarfile.open(path) as archive:
        files = {name: archive.extractfile(name).read() for name in archive.getnames()}  # pyright: ignore
    about = json.loads(files["metadata.json"])
    experiments = pl.read_csv(io.BytesIO(files["experiments.csv"]))
    rows = 60 * len(made.policies)
    assert experiments.height == rows
    assert experiments.columns[-3:] == ["scenario", "policy", "model"]
    assert list(about["experiments"]) == experiments.columns
    assert [name for _, name, _ in about["outcomes"]] == list(made.outcome_names)
    frame = made.frame()
    draw = made.parameter_names[0]
    assert np.array_equal(experiments[draw].to_numpy(), frame[f"in.{draw}"].to_numpy())
    assert experiments["scenario"].to_list() == frame["future"].to_list()
    assert experiments["policy"].to_list() == frame["policy"].cast(pl.String).to_list()
    for _, name, file in about["outcomes"]:
        values = np.array([float(line) for line in files[file].decode().split()])
        assert np.array_equal(values, frame[name].to_numpy(), equal_nan=True), name
    levers = made.manifest["levers"]["build_up"]
    built = experiments.filter(pl.col("policy") == "build_up")
    for lever, value in levers.items():
        assert set(built[f"lever.{lever}"]) == {value}
    assert not list(path.parent.glob("*.part"))


def test_the_workbench_loads_and_peels_it(made: Run) -> None:
    workbench = pytest.importorskip("ema_workbench", reason=INSTALL)
    prim = pytest.importorskip("ema_workbench.analysis.prim", reason=INSTALL)
    path = export_ema(made, outcomes=["any_war_chance", "second_front_chance"])
    assert path == made.folder / "ema.tar.gz"
    experiments, outcomes = workbench.load_results(str(path))
    assert list(outcomes) == ["any_war_chance", "second_front_chance"]
    assert np.array_equal(
        outcomes["any_war_chance"], made.frame(["any_war_chance"])["any_war_chance"].to_numpy(), equal_nan=True
    )
    assert set(experiments["policy"]) == set(made.policies)
    assert experiments["policy"].dtype.name == "category"
    interest = outcomes["any_war_chance"] > np.quantile(outcomes["any_war_chance"], 0.7)
    inputs = experiments.drop(columns=["scenario", "policy", "model"])
    box = prim.Prim(inputs, interest, threshold=0.2).find_box()
    assert box is not None


def test_what_cannot_be_exported_is_told(made: Run, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="did you mean `any_war_chance`"):
        export_ema(made, outcomes=["any_war_chanse"])
    (tmp_path / "file").write_text("x")
    with pytest.raises(UserError, match="cannot be written"):
        export_ema(made, tmp_path / "file" / "x.tar.gz")
