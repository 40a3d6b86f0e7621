"""What a name means, and what the evidence says about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from twofront.case import Case, Evidence, Revision, load_case
from twofront.evidence import inquire, provenance
from twofront.faults import UserError


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("", "case"),
        ("  ", "case"),
        ("shell_capacity.russia", "parameter"),
        ("shell_capacity", "quantity"),
        ("capacity", "quantity"),
        ("B0001", "row"),
        ("united_states", "entity"),
        ("united states", "entity"),
        ("artillery fire", "measured"),
        ("Artillery ammunition output, 152 mm, new", "measured"),
        ("round/month", "unit"),
        ("percent of gdp", "unit"),
        ("money", "unit"),
        ("text", "unit"),
        ("sipri", "source"),
        ("RUSI, Ore to Ordnance", "source"),
    ],
)
def test_what_a_name_is(case: Case, name: str, kind: str) -> None:
    found = inquire(case, name)
    assert found.kind == kind
    assert len(found.table) > 0


@pytest.mark.parametrize(
    ("name", "close"),
    [
        ("shell_capacity.rusia", "shell_capacity.russia"),
        ("B00001", "B0001"),
        ("Rusia", "Russia"),
        ("artilery fire", "artillery fire"),
    ],
)
def test_nothing_of_that_name(case: Case, name: str, close: str) -> None:
    with pytest.raises(UserError) as told:
        inquire(case, name)
    assert f"did you mean `{close}`?" in str(told.value)
    assert "neither a parameter" in str(told.value)


def test_a_parameter_with_what_supports_it_and_what_does_not(invented: Case) -> None:
    found = inquire(invented, "shell_capacity.corvana")
    assert found.table.ids == ("S0001", "S0002")
    assert [row.id for row in found.contrary] == ["S0002"]
    assert [pair.ids for pair in found.conflicts()] == [("S0002", "S0001")]
    assert found.beside() == ()
    (provided,) = found.parameters
    assert provided.entries == ("capacity of shell/corvana",)


def test_a_quantity_means_all_of_its_parameters(invented: Case) -> None:
    found = inquire(invented, "shell_capacity")
    assert {p.parameter.name for p in found.parameters} == {
        p.name for p in invented.parameters if p.name.startswith("shell_capacity.")
    }


def test_a_row_leads_to_those_that_cite_it(invented: Case) -> None:
    found = inquire(invented, "S0002")
    assert [p.parameter.name for p in found.parameters] == ["shell_capacity.corvana"]
    assert [pair.ids for pair in found.conflicts()] == [("S0002", "S0001")]
    assert found.contrary == ()


def test_what_is_said_beside_a_row(case: Case) -> None:
    beside = {row.id for row in inquire(case, "B0015").beside()}
    assert {"B0008", "B0010"} <= beside  # new rounds only, of one calibre and of two
    assert "B0015" not in beside
    assert "B0013" not in beside  # a requirement, not output


def test_parameters_that_rest_on_one_source_alone(invented: Case, row: Callable[..., Evidence]) -> None:
    alone = inquire(invented, "S0001").alone()
    assert alone == ()  # the other bounds rest on S0002 and on a judgement
    parameter = invented.parameter("shell_capacity.corvana")
    bounds = {key: replace(bound, evidence=("S0001",), judgement="") for key, bound in parameter.bounds.items()}
    bare = replace(parameter, bounds=bounds, figures=())
    others = tuple(bare if p is parameter else p for p in invented.parameters)
    changed = replace(invented, parameters=others)
    assert [p.name for p in inquire(changed, "S0001").alone()] == ["shell_capacity.corvana"]
    assert [p.name for p in inquire(changed, "The invented yearbook of industry").alone()] == ["shell_capacity.corvana"]
    bounds["mode"] = replace(bounds["mode"], evidence=(), judgement="between both")
    judged = replace(parameter, bounds=bounds, figures=())
    others = tuple(judged if p is parameter else p for p in invented.parameters)
    assert inquire(replace(invented, parameters=others), "S0001").alone() == ()


def test_a_struck_row_says_nothing() -> None:
    revised = load_case("two-straits", revision=Revision(without=("S0001",)))
    with pytest.raises(UserError, match="`S0001` is struck"):
        inquire(revised, "S0001")
    found = inquire(revised, "shell_capacity.corvana")
    assert "S0001" not in found.table.ids
    assert found.conflicts() == ()


def test_provenance_of_a_revised_case_names_every_parameter() -> None:
    revised = load_case("two-straits", revision=Revision(without=("S0001", "S0002")))
    assert [p.parameter.name for p in provenance(revised)] == [p.name for p in revised.parameters]


def test_what_is_struck_is_told_apart_from_what_is_left(invented: Case) -> None:
    parameter = invented.parameter("shell_capacity.corvana")
    rows = dict(invented.evidence)
    struck = {"S0001": rows.pop("S0001")}
    low = replace(parameter.bounds["low"], evidence=("S0001", "S0002"))
    changed = replace(parameter, bounds={**parameter.bounds, "low": low})
    others = tuple(changed if p is parameter else p for p in invented.parameters)
    (found,) = provenance(replace(invented, evidence=rows, struck=struck, parameters=others), parameter.name)
    source = next(source for source in found.sources if source.bound == "low")
    assert [row.id for row in source.rows] == ["S0002"]
    assert source.struck == ("S0001",)
