"""Quantiles, SQL and the lazy frame over five million rows, in the memory that half a million take."""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap
from pathlib import Path

import made_up
import pytest

FAKES = Path(made_up.__file__)

PRELUDE = """
    import importlib.util, json, sys
    import numpy as np
    spec = importlib.util.spec_from_file_location("fakes", sys.argv[1])
    fakes = importlib.util.module_from_spec(spec)
    sys.modules["fakes"] = fakes
    spec.loader.exec_module(fakes)
    names = [f"outcome_{i}" for i in range(24)]
"""
WRITE = """
    from twofront.ensemble import runner
    from twofront.ensemble.folder import claim
    runner._MOST_STORED_INPUTS = 0

    class Wide(fakes.FakeModel):
        def evaluate(self, values, structures, *, paths=True):
            results = super().evaluate(values, structures, paths=paths)
            scale = 1.0 + np.arange(24)[None, :, None]
            return fakes.FakeResults(results.outcomes[:, :1] ** scale, results.status, results.paths)

    policies = tuple(f"policy_{i}" for i in range(10))
    model = Wide(policy_names=policies, outcome_names=names)
    futures = int(sys.argv[3])
    runner.evaluate_into(
        claim(sys.argv[2], "fake"), model, fakes.FakeSampler(), futures, fakes.ABOUT, workers=1, unit=16384
    )
"""
READ = """
    import polars as pl
    from twofront.ensemble import open_run
    from twofront.ensemble.opened import Run
    from twofront.ensemble.runner import peak_bytes

    class Drawn:
        def columns(self, names, lo, hi):
            return [fakes.FakeSampler().draw(lo, hi).values[fakes.FakeSampler.parameter_names.index(n)] for n in names]

    Run.sampler = lambda self: Drawn()
    run = open_run(sys.argv[2])
    found = run.quantiles([*names, "in.pull"], [0.05, 0.5, 0.95], exact=False)
    by_sql = run.sql('SELECT count(*) AS n, avg("in.push") AS x FROM futures WHERE "in.pull" < 0.5').row(0)
    wanted = pl.col("in.pull") < 0.001
    few = run.lazy().filter(wanted, pl.col("policy") == "policy_3").select("outcome_7").collect(engine="streaming")
    mid = dict(zip(found["column"][::-1], found["q0.5"][::-1]))
    told = {"rows": run.rows, "n": by_sql[0], "x": by_sql[1], "few": len(few), "mid": mid["in.pull"]}
    print(json.dumps({**told, "peak": peak_bytes()}))
"""


def work(code: str, *arguments: object) -> str:
    """What a process of its own prints."""
    text = textwrap.dedent(PRELUDE) + textwrap.dedent(code)
    command = [sys.executable, "-c", text, str(FAKES), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, float], dict[str, float]]:
    """What is read of a run with half a million rows, and of one with five million."""
    top = tmp_path_factory.mktemp("reading")
    found: list[dict[str, float]] = []
    for futures in (50_000, 500_000):
        work(WRITE, top / str(futures), futures)
        found.append(json.loads(work(READ, top / str(futures))))
    return found[0], found[1]


def test_memory_of_reading_is_flat(read: tuple[dict[str, float], dict[str, float]]) -> None:
    small, large = read
    assert (small["rows"], large["rows"]) == (500_000, 5_000_000)
    a_column_more = 8 * (large["rows"] - small["rows"])
    assert large["peak"] - small["peak"] < 4 * a_column_more, "26 columns were read"
    assert large["peak"] < 400e6


def test_what_is_read_is_right(read: tuple[dict[str, float], dict[str, float]]) -> None:
    for found in read:
        assert found["n"] == pytest.approx(found["rows"] / 2, rel=1e-4)
        assert found["x"] == pytest.approx(0.5, abs=1e-3)
        assert found["mid"] == pytest.approx(0.5, abs=0.01)
        assert found["few"] == pytest.approx(found["rows"] / 10 / 1000, rel=0.1)
