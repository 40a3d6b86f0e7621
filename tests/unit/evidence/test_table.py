"""The table of evidence: columns, filters, and what is amiss."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import polars as pl
import pytest

import twofront
from twofront.case import Case, Evidence, Revision, load_case
from twofront.evidence import Citation, EvidenceTable, cutoff_of, open_evidence
from twofront.evidence.table import year_before
from twofront.faults import UserError


def table_of(case: Case, *rows: Evidence) -> EvidenceTable:
    held = replace(case, evidence={row.id: row for row in rows})
    return EvidenceTable(held, rows)


@pytest.fixture(scope="module")
def whole(case: Case) -> EvidenceTable:
    return open_evidence(case)


def test_it_is_public() -> None:
    public: Any = twofront
    found = public.open_evidence("two-straits")
    assert isinstance(found, EvidenceTable)
    assert found.ids == ("S0001", "S0002", "S0003", "S0004", "S0005", "S0006")


def test_the_frame_holds_every_row_with_its_types(whole: EvidenceTable, case: Case) -> None:
    frame = whole.frame
    assert frame["id"].to_list() == list(case.evidence)
    for name in ("period_start", "period_end", "published"):
        assert frame.schema[name] == pl.Date
    for name in ("low", "central", "high", "value_low", "value", "value_high"):
        assert frame.schema[name] == pl.Float64
    assert frame.filter(pl.col("unit") == "text")["value"].null_count() == frame.filter(pl.col("unit") == "text").height
    numbers = frame.filter(pl.col("unit") != "text")
    assert numbers["value"].null_count() == 0
    assert (numbers["value_low"] <= numbers["value"]).all()
    assert (numbers["value"] <= numbers["value_high"]).all()
    assert frame["published"].null_count() == 0


def test_values_are_in_base_units(case: Case, row: Callable[..., Evidence]) -> None:
    table = table_of(
        case,
        row("A1", unit="round/month", low=1.0, central=2.0, high=3.0),
        row("A2", unit="mn_usd current", central=500.0),
        row("A3", unit="percent of gdp", central=2.0),
        row("A4", unit="day", central=365.25, period="2029-02", published="2029"),
    )
    frame = table.frame
    assert frame["value"].to_list() == pytest.approx([24, 0.5, 0.02, 1])
    assert frame.select("value_low", "value_high").row(0) == pytest.approx((12, 36))
    assert frame["price_basis"].to_list() == ["", "usd current", "", ""]
    assert frame["family"].to_list() == ["round / time", "money", "a plain number", "time"]
    assert frame.select("period_start", "period_end", "published", "published_text").row(3) == (
        date(2029, 2, 1),
        date(2029, 2, 28),
        date(2029, 12, 31),
        "2029",
    )


def test_a_frame_without_rows_keeps_its_columns(whole: EvidenceTable) -> None:
    nothing = whole.where(lambda _: False)
    assert nothing.frame.schema == whole.frame.schema
    assert (len(nothing), nothing.conflicts(), nothing.weak_carriers(), nothing.sources().height) == (0, (), (), 0)


def test_filters_chain_and_commute(whole: EvidenceTable) -> None:
    one = whole.entity("russia").quantity("artillery ammunition output").period("2024").grade("A", "B")
    other = whole.grade("B", "A").period("2024-01/2024-12").quantity("Artillery ammunition output").entity("Russia")
    assert isinstance(one, EvidenceTable)
    assert one.ids == other.ids
    assert "B0001" in one.ids
    assert "B0003" not in one.ids  # grade C
    assert set(one.ids) <= set(whole.entity("russia").ids)


def test_an_actor_may_be_named_as_the_case_does(whole: EvidenceTable) -> None:
    assert whole.entity("united_states").ids == whole.entity("United States").ids
    assert len(whole.entity("united_states")) > 100


def test_an_entity_is_found_among_others(case: Case, row: Callable[..., Evidence]) -> None:
    table = table_of(case, row("A1", entity="France, Italy"), row("A2", entity="Italy"), row("A3", entity="Italian"))
    assert table.entity("italy").ids == ("A1", "A2")
    assert table.entity("France, Italy").ids == ("A1",)


def test_a_quantity_is_found_with_its_qualifiers_only(case: Case, row: Callable[..., Evidence]) -> None:
    names = ("defence spending", "defence spending, share of GDP", "defence spending plans")
    table = table_of(case, *(row(f"A{n}", quantity=name) for n, name in enumerate(names)))
    assert table.quantity("defence spending").ids == ("A0", "A1")


def test_a_unit_finds_what_converts_into_it(case: Case, row: Callable[..., Evidence]) -> None:
    units = ("round/year", "missile/day", "round", "mn_usd current", "bn_usd current", "mn_usd constant 2021", "mn_usd")
    table = table_of(case, *(row(f"A{n}", unit=unit) for n, unit in enumerate(units)))
    assert table.unit("round/month").ids == ("A0", "A1")
    assert table.unit("mn_usd current").ids == ("A3", "A4")
    assert table.unit("money").ids == ("A3", "A4", "A5", "A6")
    year_2025 = table_of(case, row("A1", unit="mn_usd current", period="2025"), row("A2", unit="mn_usd current"))
    assert year_2025.unit("bn_usd").ids == ("A1",)


def test_conversion_is_never_silent(case: Case, row: Callable[..., Evidence]) -> None:
    table = table_of(case, row("A1", unit="round/year", low=12.0, central=24.0), row("A2", unit="mn_usd current"))
    assert table.unit("round/year").in_unit("round/month").select("low", "central", "high", "unit").row(0) == (
        1.0,
        2.0,
        None,
        "round/month",
    )
    with pytest.raises(UserError, match="A2"):
        table.in_unit("round/month")
    with pytest.raises(UserError, match="restate"):
        table.only("A2").in_unit("mn_usd constant 2021")


@pytest.mark.parametrize(
    ("ask", "words"),
    [
        (lambda t: t.entity("Rusia"), "did you mean `Russia`?"),
        (lambda t: t.quantity("artilery fire"), "did you mean `artillery fire`?"),
        (lambda t: t.unit("rounds/year"), "did you mean `round/year`?"),
        (lambda t: t.source("SIPRI 2062"), "did you mean `SIPRI 2026`?"),
        (lambda t: t.source(" "), "not part of a source"),
        (lambda t: t.grade("E"), "allowed: A, B, C, D"),
        (lambda t: t.period("early 2024"), "write 2024, 2025-07"),
        (lambda t: t.public("July"), "write it like 2025-07-05"),
        (lambda t: t.only("B00001"), "did you mean `B0001`?"),
    ],
)
def test_what_is_not_there_is_told(whole: EvidenceTable, ask: Callable[[EvidenceTable], object], words: str) -> None:
    with pytest.raises(UserError) as told:
        ask(whole)
    assert words in str(told.value)


def test_rows_without_a_period_hold_at_no_time_in_particular(case: Case, row: Callable[..., Evidence]) -> None:
    table = table_of(case, row("A1", period=""), row("A2", period="2028/2029"), row("A3", period="2030"))
    assert table.period("2029-06").ids == ("A2",)
    assert table.period("").ids == ("A1",)


def test_what_was_public_on_a_day(case: Case, row: Callable[..., Evidence]) -> None:
    dates = ("2025", "2025-07", "2025-07-05", "2025-06", "2024")
    table = table_of(case, *(row(f"A{n}", published=day) for n, day in enumerate(dates)))
    assert table.public("2025-07-05").ids == ("A2", "A3", "A4")
    assert table.public("2025").ids == table.ids


def test_stale_is_older_than_a_year_before_the_cutoff(case: Case, row: Callable[..., Evidence]) -> None:
    assert cutoff_of(case) == date(2026, 11, 30)
    dates = ("2025-11-29", "2025-11-30", "2025-11", "2025-10", "2024", "2026")
    table = table_of(case, *(row(f"A{n}", published=day) for n, day in enumerate(dates)))
    assert table.stale().ids == ("A0", "A3", "A4")
    assert table.stale("2025-07-05").ids == ()
    assert table.stale("2026-01-01").ids == ("A4",)
    assert year_before(date(2028, 2, 29)) == date(2027, 2, 28)


def test_a_weak_carrier_has_a_better_row_beside_it(case: Case, row: Callable[..., Evidence]) -> None:
    table = table_of(
        case,
        row("A1", grade="D"),
        row("A2", grade="C", central=900.0),
        row("A3", grade="D", quantity="shells fired"),
        row("A4", grade="B", quantity="shells fired", period="2030"),
        row("A5", grade="D", quantity="shells stored"),
        row("A6", grade="D", quantity="shells stored"),
        row("A7", grade="A", quantity="shells stored", entity="Corvana"),
    )
    ((weak),) = table.weak_carriers()
    assert (weak.row.id, [better.id for better in weak.better]) == ("A1", ["A2"])


def test_sources_are_counted(case: Case, row: Callable[..., Evidence]) -> None:
    table = table_of(
        case,
        row("A1", source="one", grade="C", published="2028"),
        row("A2", source="one", grade="B", published="2029-03"),
        row("A3", source="two"),
    )
    found = table.sources()
    assert found["source"].to_list() == ["one", "two"]
    assert found.row(0) == ("one", 2, "B", date(2028, 12, 31), date(2029, 3, 31), 0)


def test_who_cites_a_row(invented: Case) -> None:
    table = open_evidence(invented)
    assert Citation("parameter", "shell_capacity.corvana", "low") in table.citations["S0002"]
    assert Citation("contrary", "shell_capacity.corvana", "contrary") in table.citations["S0002"]
    assert {c.name for c in table.citations["S0001"] if c.kind == "claim"}
    used = dict(zip(table.frame["id"], table.frame["used_by"], strict=True))
    assert used["S0002"] == len(table.citations["S0002"])
    assert table.unused().ids == ()


def test_a_row_that_nothing_cites_is_unused(invented: Case, row: Callable[..., Evidence]) -> None:
    more = replace(invented, evidence={**invented.evidence, "S0009": row("S0009")})
    assert open_evidence(more).unused().ids == ("S0009",)


def test_a_claim_cites_rows_in_its_words_and_in_its_arithmetic(invented: Case, row: Callable[..., Evidence]) -> None:
    claim = invented.claims[0]
    held = {name: row(name) for name in ("S0010", "S0011", "S0012", "S0013")}
    for text in ("said in S0010, and not S00111", "S0011.low * 12 / (S0012 + 3)"):
        changed = replace(claim, sentence=text) if hasattr(claim, "sentence") else claim
        case = replace(invented, evidence={**invented.evidence, **held}, claims=(changed,))
        unused = open_evidence(case).unused().ids
        assert "S0013" in unused
        assert [name for name in held if name not in unused] == (["S0010"] if "said" in text else ["S0011", "S0012"])


def test_struck_rows_are_not_in_the_table(case: Case) -> None:
    revised = load_case("rutte-2025", revision=Revision(as_of="2025-07-05"))
    table = open_evidence(revised)
    assert 0 < len(table) < len(case.evidence)
    assert table.ids == open_evidence(case).public("2025-07-05").ids


def test_what_rests_on_old_rows(invented: Case, row: Callable[..., Evidence]) -> None:
    old = replace(invented.evidence["S0001"], published="2028-01")
    table = open_evidence(replace(invented, evidence={**invented.evidence, "S0001": old}))
    ages = {(age.kind, age.name): age for age in table.ages()}
    parameter = ages["parameter", "shell_capacity.corvana"]
    assert (parameter.stale, parameter.fresh, parameter.wholly) == (("S0001",), ("S0002",), False)
    claim = ages["claim", invented.claims[0].id]
    assert "S0001" in claim.stale
    assert not claim.wholly
    assert all(age.wholly for age in table.only("S0001").ages())
    assert not any(age.stale for age in open_evidence(invented).ages())
