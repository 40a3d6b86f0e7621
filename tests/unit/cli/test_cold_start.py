"""The measurement of a cold start: phases of a process of its own, warm the second time."""

from __future__ import annotations

from pathlib import Path

import pytest

from twofront.cli.cold_start import cold_start
from twofront.faults import UserError


def test_a_second_start_finds_every_stage_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TWOFRONT_CACHE_DIR", str(tmp_path))
    first, second = cold_start("baltic-2016"), cold_start("baltic-2016")
    assert (first.warm, second.warm) == (False, True)
    assert list(second.phases) == ["interpreter", "command", "case", "model's code", "kernels", "draws"]
    for found in (first, second):
        assert all(seconds > 0 for seconds in found.phases.values())
        assert found.ready == sum(found.phases.values())
        assert found.first_block > 0
        assert found.processor > 0
    assert second.processor < first.processor  # compiling all stages takes many times the rest


def test_a_case_that_is_not_there_is_named() -> None:
    with pytest.raises(UserError, match="no case `nowhere`"):
        cold_start("nowhere")
