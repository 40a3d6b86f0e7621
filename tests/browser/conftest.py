"""One small run of the invented case, with its report, for all tests of the report."""

from __future__ import annotations

from pathlib import Path

import pytest

from twofront.ensemble import Run, run
from twofront.present.report import write_report


@pytest.fixture(scope="session")
def small_run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Some hundred futures of the invented case under every policy."""
    return run("two-straits", 300, seed=7, out=tmp_path_factory.mktemp("runs") / "small")


@pytest.fixture(scope="session")
def report(small_run: Run) -> Path:
    """The report of that run."""
    return write_report(small_run)
