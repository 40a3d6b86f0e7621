"""The page on the case format says what the check does."""

from pathlib import Path
from typing import get_args

import pytest

from twofront.case.claim import Kind
from twofront.case.claim_schema import (
    ClaimText,
    FigureText,
    FindingText,
    QuoteText,
    RuleText,
    TestText,
    VariantText,
)
from twofront.case.evidence_table import HEADER
from twofront.case.names import CHALLENGERS_ONLY, PLAYERS_ONLY, RESPONDERS_ONLY
from twofront.case.needs import CONDITIONS
from twofront.case.schema import SHAPES, BesideText, CalibrationText, CaseText, LeverText, ParameterText
from twofront.quantities import STRUCTURES
from twofront.units import UNITS

DOCS = Path(__file__).parents[3] / "docs"
CLAIMS = (DOCS / "claims.md").read_text(encoding="utf-8")
PAGE = (DOCS / "case-format.md").read_text(encoding="utf-8")


def section(title: str) -> str:
    return PAGE.split(f"\n## {title}\n")[1].split("\n## ")[0]


def test_every_unit_is_listed() -> None:
    listed = section("Units")
    for name in UNITS:
        count, slash, per = name.partition("/")
        whole = f"`{name}`" in listed
        assert whole or (slash and count in {"round", "missile", "drone"} and f"`/{per}`" in listed), name


def test_every_shape_and_structure_is_told() -> None:
    assert all(f"`{name}`" in section("Parameters") for name in SHAPES)
    assert all(f"  {name}: {{" in PAGE and all(law in PAGE for law in laws) for name, laws in STRUCTURES.items())


def test_whom_a_quantity_is_read_for_is_told() -> None:
    told = section("Parameters").split("**For whom.**")[1].split("\n\n")[0]
    assert all(f"`{name}`" in told for name in CHALLENGERS_ONLY | RESPONDERS_ONLY | PLAYERS_ONLY)


def test_what_must_be_given_is_told() -> None:
    told = section("Parameters").split("**What must be given.**")[1].split("**Bounds.**")[0]
    assert all(f"`{name}`" in told for name in CONDITIONS)


def test_the_header_of_the_evidence_is_told() -> None:
    assert f"`{','.join(HEADER)}`" in section("Evidence")


@pytest.mark.parametrize("model", [ClaimText, FigureText, FindingText, QuoteText, RuleText, TestText, VariantText])
def test_every_key_of_a_claim_is_shown(model: type) -> None:
    fields = model.model_fields  # pyright: ignore[reportAttributeAccessIssue]
    for name, field in fields.items():
        key = field.alias or name
        assert f"{key}:" in CLAIMS, key


@pytest.mark.parametrize("kind", get_args(Kind))
def test_every_kind_of_claim_is_told(kind: str) -> None:
    assert f"| `{kind}` |" in CLAIMS
    assert f"  kind: {kind}\n" in CLAIMS


@pytest.mark.parametrize("model", [CaseText, ParameterText, LeverText, CalibrationText, BesideText])
def test_every_key_is_shown(model: type) -> None:
    fields = model.model_fields  # pyright: ignore[reportAttributeAccessIssue]
    for name, field in fields.items():
        key = field.alias or name
        assert f"{key}:" in PAGE, key
