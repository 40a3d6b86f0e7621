"""A second process traces nothing, as long as neither case nor code has changed."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

import twofront
from twofront.engine import source

PROBE = """
import hashlib, json, sys
from twofront.case import kept, load, load_case
from twofront.engine import compiled

counts = {"traced": [], "read": 0}
trace, read = compiled.trace, load.read_case

def counted(stage):
    counts["traced"].append(stage.name)
    return trace(stage)

def counted_reading(*a, **k):
    counts["read"] += 1
    return read(*a, **k)

compiled.trace, load.read_case = counted, counted_reading
case = load_case("baltic-2016")
from twofront.future import FutureModel
from twofront.parameters.sampling import Sampler

model = FutureModel(case, policies=[])
prepared = model.prepare()
draws = Sampler(case, 1).draw(0, 24)
found = model.evaluate(draws.values, draws.structures)
bits = hashlib.sha256(found.outcomes.tobytes() + found.status.tobytes() + found.paths.tobytes()).hexdigest()
modules = [m.__file__ for n, m in sys.modules.items() if n.split(".")[0] == "twofront" and m.__file__]
print(json.dumps({**counts, "bits": bits, "hit": prepared.cache_hit, "modules": modules}))
"""


class Copy:
    """A copy of the package that may be changed, with a cache of its own."""

    def __init__(self, folder: Path) -> None:
        self.package = folder / "src" / "twofront"
        shutil.copytree(Path(twofront.__file__).parent, self.package, ignore=shutil.ignore_patterns("__pycache__"))
        self.environment = {
            **os.environ,
            "PYTHONPATH": str(self.package.parent),
            "PYTHONDONTWRITEBYTECODE": "1",
            "TWOFRONT_CACHE_DIR": str(folder / "cache"),
        }

    def start(self) -> subprocess.Popen[str]:
        time.sleep(0.2)  # code that changed just before is not trusted
        return subprocess.Popen([sys.executable, "-c", PROBE], env=self.environment, stdout=subprocess.PIPE, text=True)

    def finish(self, process: subprocess.Popen[str]) -> dict[str, Any]:
        told, _ = process.communicate(timeout=600)
        assert process.returncode == 0
        return json.loads(told)

    def run(self) -> dict[str, Any]:
        return self.finish(self.start())


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Copy:
    return Copy(tmp_path_factory.mktemp("package"))


@pytest.fixture(scope="module")
def both(copy: Copy) -> list[dict[str, Any]]:
    """What two processes found that began at once with an empty cache."""
    return [copy.finish(each) for each in [copy.start(), copy.start()]]


def test_two_processes_at_once_are_no_trouble(both: list[dict[str, Any]]) -> None:
    assert both[0]["bits"] == both[1]["bits"]
    assert all(each["traced"] and each["read"] for each in both)


def test_a_second_process_traces_and_reads_nothing_and_gives_the_same_bits(
    copy: Copy, both: list[dict[str, Any]]
) -> None:
    again = copy.run()
    assert (again["traced"], again["read"], again["hit"]) == ([], 0, True)
    assert again["bits"] == both[0]["bits"]


def test_all_code_that_runs_is_in_the_digest(both: list[dict[str, Any]], copy: Copy) -> None:
    counted = {str(copy.package / name) for name, _ in source.files(source.BEYOND_THE_MODEL)}
    loaded = set(both[0]["modules"])
    assert len(loaded) > 80
    assert loaded <= counted


def test_an_edited_law_is_traced_and_counts(copy: Copy, both: list[dict[str, Any]]) -> None:
    """First an edit that changes no number: everything is traced, and what that gives is known. Then one that does."""
    law = copy.package / "adjudicate" / "contest.py"
    text = law.read_text(encoding="utf-8")
    law.write_text(text + "# a remark\n", encoding="utf-8")
    remarked = copy.run()
    assert remarked["traced"]
    assert remarked["read"] == 1
    assert remarked["hit"]
    assert remarked["bits"] == both[0]["bits"]
    hazard = copy.package / "future" / "results.py"
    text = hazard.read_text(encoding="utf-8")
    assert "> case.threshold" in text
    hazard.write_text(text.replace("> case.threshold", "> 0.0 * case.threshold"), encoding="utf-8")
    edited = copy.run()
    assert edited["traced"]
    assert not edited["hit"]
    assert edited["bits"] != both[0]["bits"]
