"""Memory does not grow with the number of futures; results do not depend on how many there are."""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap
from pathlib import Path

import made_up
import pytest

FAKES = Path(made_up.__file__)

RUN = """
    import importlib.util, json, sys
    import numpy as np
    spec = importlib.util.spec_from_file_location("fakes", sys.argv[1])
    fakes = importlib.util.module_from_spec(spec)
    sys.modules["fakes"] = fakes
    spec.loader.exec_module(fakes)
    from twofront.ensemble.folder import claim
    from twofront.ensemble.runner import evaluate_into

    class Wide(fakes.FakeModel):
        def evaluate(self, values, structures, *, paths=True):
            results = super().evaluate(values, structures, paths=paths)
            scale = 1.0 + np.arange(60)[None, :, None]
            return fakes.FakeResults(results.outcomes[:, :1] * scale, results.status, results.paths)

    model = Wide(policy_names=("present_course",), outcome_names=[f"outcome_{i}" for i in range(60)])
    folder, futures = claim(sys.argv[2], "fake"), int(sys.argv[3])
    run = evaluate_into(folder, model, fakes.FakeSampler(), futures, fakes.ABOUT, workers=2, unit=16384)
    first = run.manifest["units"][0]["digests"][0]
    print(json.dumps({"peak": run.manifest["peak_bytes"], "first": first, "hash": run.hash}))
"""


def evaluate(folder: Path, futures: int) -> dict[str, object]:
    """Peak memory and hashes of a run in a process of its own."""
    arguments = [sys.executable, "-c", textwrap.dedent(RUN), str(FAKES), str(folder), str(futures)]
    done = subprocess.run(arguments, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def sizes(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, object], dict[str, object]]:
    """One run with enough futures to fill every buffer, and one four times as long."""
    top = tmp_path_factory.mktemp("scale")
    return evaluate(top / "small", 250_000), evaluate(top / "large", 1_000_000)


def test_memory_is_flat(sizes: tuple[dict[str, int], dict[str, int]]) -> None:
    small, large = sizes
    outcomes_more = (1_000_000 - 250_000) * 60 * 8
    assert large["peak"] - small["peak"] < 0.1 * outcomes_more
    assert large["peak"] < 1.5e9


def test_the_first_futures_are_the_same(sizes: tuple[dict[str, str], dict[str, str]]) -> None:
    small, large = sizes
    assert small["first"] == large["first"]
    assert small["hash"] != large["hash"]
