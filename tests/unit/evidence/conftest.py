"""Rows of evidence made by hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from twofront.case import Case, Evidence, load_case

ROW = Evidence(
    id="A1",
    entity="Auria",
    quantity="shells made",
    low=None,
    central=100.0,
    high=None,
    unit="round/year",
    period="2029",
    source="The yearbook",
    url="https://example.org",
    published="2029-06",
    grade="B",
    note="",
    line=2,
)
"""What the rows of a test have in common."""


@pytest.fixture
def row() -> Callable[..., Evidence]:
    """Make a row: ``row("A2", central=120.0)``; ``central=None`` with ``low`` and ``high`` for a range."""

    def make(id_: str = "A1", **changes: object) -> Evidence:
        return replace(ROW, id=id_, **changes)  # pyright: ignore[reportArgumentType]

    return make


@pytest.fixture(scope="session")
def invented() -> Case:
    """The invented case."""
    return load_case("two-straits")


@pytest.fixture(scope="session")
def case() -> Case:
    """The real case."""
    return load_case("rutte-2025")
