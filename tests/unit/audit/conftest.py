"""Claims and rows of evidence written down in a line, and the invented case."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from twofront.audit.weighing import Weighed
from twofront.case import Case, Claim, Evidence, load_case
from twofront.case.claim import Claimed, ClaimedFigure, Finding, Kind, Quote, Rule, Test
from twofront.figures import parse

QUOTE = Quote("A minister", "an invented speech", "https://example.org/speech")


def _row(id_: str, value: float | None, grade: str = "B", source: str = "", **more: Any) -> Evidence:
    """A row of shells made in a year; each has a source of its own unless one is given."""
    given: dict[str, Any] = {
        "entity": "Somebody",
        "quantity": "shells made in a year",
        "low": None,
        "central": value,
        "high": None,
        "unit": "ratio",
        "period": "2024",
        "source": source or f"source of {id_}",
        "url": f"https://example.org/{id_}",
        "published": "2024-12-01",
        "grade": grade,
        "note": "",
        "line": 1,
        **more,
    }
    return Evidence(id=id_, **given)


def _test(share: float, *, over: tuple[str, ...] = (), **ends: str) -> Test:
    return Test(share=share, over=over, **{name: parse(text) for name, text in ends.items()})


def _claim(
    *values: str,
    kind: Kind = "ratio",
    claimed: str | None = "12",
    supported: Test | None = None,
    contradicted: Test | None = None,
    groups: Mapping[str, str] | None = None,
    **more: Any,
) -> Claim:
    """A claim with one figure for each expression, named a, b, c, …"""
    figures = tuple(
        ClaimedFigure(name, f"figure {name}", (groups or {}).get(name, ""), parse(text))
        for name, text in zip("abcdefghijkl", values, strict=False)
    )
    return Claim(
        id="X1",
        sentence="Twelve times as many.",
        quote=QUOTE,
        date="2025-07-05",
        kind=kind,
        figures=figures,
        claimed=None if claimed is None else Claimed(claimed, parse(claimed)),
        rule=Rule(supported or _test(0.5, at_least="claimed * 0.8"), contradicted or _test(1, below="claimed / 2")),
        **more,
    )


def _fact(*findings: Finding, supported: Test | None = None, contradicted: Test | None = None) -> Claim:
    return Claim(
        id="F1",
        sentence="It is so.",
        quote=QUOTE,
        date="2025-07-05",
        kind="fact",
        findings=findings,
        rule=Rule(supported or _test(0.75, at_least="1"), contradicted or _test(0.75, at_most="0")),
    )


@pytest.fixture(scope="session")
def invented() -> Case:
    """The invented case."""
    return load_case("two-straits")


@pytest.fixture(scope="session")
def row() -> Callable[..., Evidence]:
    """Write a row: ``row("N1", 3.0, "A", source="a yearbook")``."""
    return _row


@pytest.fixture(scope="session")
def band() -> Callable[..., Test]:
    """Write a test of a rule: ``band(0.5, at_least="claimed * 0.8")``."""
    return _test


@pytest.fixture(scope="session")
def claim() -> Callable[..., Claim]:
    """Write a claim: ``claim("N1", "N2 / N3", claimed="12")``."""
    return _claim


@pytest.fixture(scope="session")
def fact() -> Callable[..., Claim]:
    """Write a statement of fact: ``fact(Finding("N1", "yes", "it is"))``."""
    return _fact


@pytest.fixture(scope="session")
def weighed() -> Callable[..., Weighed]:
    """Hold a claim against rows: ``weighed(claim(…), row(…), row(…))``."""
    return lambda written, *found: Weighed(written, {item.id: item for item in found})
