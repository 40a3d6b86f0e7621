"""A report tells how far it has come, and is the same each time."""

from __future__ import annotations

from pathlib import Path

import pytest

from twofront.ensemble import run as evaluate
from twofront.present.report import render


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[tuple[str, float]], str, str]:
    """What was told while a page was made, that page, and the same page made again."""
    run = evaluate("baltic-2016", 60, seed=3, out=Path(tmp_path_factory.mktemp("runs")) / "small")
    told: list[tuple[str, float]] = []
    return told, render(run, lambda what, share: told.append((what, share))), render(run)


def test_every_part_is_told_before_it_is_made(pages: tuple[list[tuple[str, float]], str, str]) -> None:
    told, page, _ = pages
    shares = [share for _, share in told]
    assert shares == sorted(shares)
    assert 0 <= shares[0] < shares[-1] < 1
    names = [what.removeprefix("report: ") for what, _ in told]
    assert len(set(names)) == len(names) > 10
    for title in ("Deterrence margins", "What the answer hangs on", "Rival structures"):
        assert title in names
        assert title in page


def test_a_report_made_again_is_the_same(pages: tuple[list[tuple[str, float]], str, str]) -> None:
    _, page, again = pages
    assert page == again
