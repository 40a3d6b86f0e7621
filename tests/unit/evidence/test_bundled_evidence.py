"""The bundled cases: every number has a source or a judgement, every row is used or listed as unused."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from twofront.case import Case, bundled_cases, load_case
from twofront.evidence import open_evidence
from twofront.figures import Evidence, measure_of
from twofront.figures.period import day_of, period_of

CASES = sorted(bundled_cases())


@pytest.fixture(scope="module", params=CASES)
def each(request: pytest.FixtureRequest) -> Case:
    return load_case(request.param)


def unfounded(case: Case) -> list[str]:
    """Bounds and sources of parameters that rest on nothing: no row with an address and a date, and no judgement."""

    def rests(ids: tuple[str, ...], judgement: str) -> bool:
        return bool(judgement.strip()) or (bool(ids) and all(living(case.evidence, id_) for id_ in ids))

    found = [
        f"{parameter.name} {key}"
        for parameter in case.parameters
        for key, bound in parameter.bounds.items()
        if not rests(bound.evidence, bound.judgement)
    ]
    return found + [
        f"{parameter.name} {figure.role}"
        for parameter in case.parameters
        for figure in parameter.figures
        if not rests(figure.ids, figure.judgement)
    ]


def living(rows: Mapping[str, Evidence], id_: str) -> bool:
    row = rows.get(id_)
    return row is not None and bool(re.match(r"https?://\S+\.\S+", row.url)) and day_of(row.published).year > 1900


def test_every_number_has_a_source_or_a_judgement(each: Case) -> None:
    assert unfounded(each) == []
    assert all(parameter.bounds for parameter in each.parameters)


def test_a_number_that_rests_on_nothing_is_found(each: Case) -> None:
    parameter = each.parameters[0]
    key, bound = next(iter(parameter.bounds.items()))
    for changed in (
        replace(bound, evidence=(), judgement=" "),
        replace(bound, evidence=("NONE",), judgement=""),
    ):
        broken = replace(parameter, bounds={**parameter.bounds, key: changed}, figures=())
        case = replace(each, parameters=(broken, *each.parameters[1:]))
        assert unfounded(case) == [f"{parameter.name} {key}"]


def named_in(folder: Path) -> set[str]:
    """Words of a case and its claims that may be ids, comments left out, without knowing how either is read."""
    words: set[str] = set()
    for file in (folder / "case.yaml", *folder.glob("claims*.yaml")):
        for line in file.read_text(encoding="utf-8").splitlines():
            words.update(re.findall(r"[A-Za-z][A-Za-z0-9_]*", line.split(" #")[0]))
    return words


def test_every_row_is_used_or_listed_as_unused(each: Case) -> None:
    table = open_evidence(each)
    unused = set(table.unused().ids)
    named = named_in(each.folder)
    assert {id_ for id_ in each.evidence if id_ in named} == set(each.evidence) - unused
    assert unused | set(table.citations) == set(each.evidence)
    assert not unused & set(table.citations)


def weakly_founded(case: Case) -> list[str]:
    """Bounds and sources whose every row is of grade D although the case has a better row that says the same."""
    weak = {found.row.id for found in open_evidence(case).weak_carriers()}
    worst = {row.id for row in case.evidence.values() if row.grade == "D"}

    def poorly(ids: tuple[str, ...]) -> bool:
        return bool(ids) and set(ids) <= worst and bool(set(ids) & weak)

    found = [f"{p.name} {key}" for p in case.parameters for key, bound in p.bounds.items() if poorly(bound.evidence)]
    return found + [f"{p.name} {f.role}" for p in case.parameters for f in p.figures if poorly(f.ids)]


def test_nothing_rests_on_a_weak_carrier_where_there_is_a_better_row(each: Case) -> None:
    assert weakly_founded(each) == []


def test_a_number_on_a_weak_carrier_is_found(case: Case) -> None:
    parameter = case.parameter("air_defence_standing_demand.united_states")
    high = replace(parameter.bounds["high"], evidence=("G0172",))
    broken = replace(parameter, bounds={**parameter.bounds, "high": high}, figures=())
    others = tuple(broken if p is parameter else p for p in case.parameters)
    assert weakly_founded(replace(case, parameters=others)) == [f"{parameter.name} high"]


def spliced(case: Case) -> list[str]:
    """Figures that one expression makes of rows of several definitions, and bounds that do without `across`."""

    def definitions(ids: tuple[str, ...]) -> set[str]:
        found = (case.evidence[id_] for id_ in ids if id_ in case.evidence)
        return {measure_of(row.unit, row.quantity).definition for row in found} - {""}

    figures = [f"{p.name} {f.role}" for p in case.parameters for f in p.figures if len(definitions(f.ids)) > 1]
    bounds = [
        f"{p.name} {key}"
        for p in case.parameters
        for key, bound in p.bounds.items()
        if bound.derive and "across(" not in bound.derive and len(definitions(bound.evidence)) > 1
    ]
    return figures + bounds


def test_definitions_are_never_spliced(each: Case) -> None:
    assert spliced(each) == []


def test_a_splice_is_found(case: Case) -> None:
    parameter = case.parameter("core_share.united_states")
    figure = replace(parameter.figures[0], ids=("A01316", "A01475"))  # SIPRI and NATO
    broken = replace(parameter, figures=(figure,))
    others = tuple(broken if p is parameter else p for p in case.parameters)
    assert spliced(replace(case, parameters=others)) == [f"{parameter.name} {figure.role}"]


def unnamed_conflicts(case: Case) -> list[str]:
    """Conflicts by rule with a row that supports a parameter which neither cites nor names the other side."""
    table = open_evidence(case)
    found: list[str] = []
    for pair in table.conflicts():
        for mine, other in (pair.ids, pair.ids[::-1]):
            supported = {use.name for use in table.citations.get(mine, ()) if use.kind == "parameter"}
            silent = supported - {use.name for use in table.citations.get(other, ())}
            found += [
                f"{name} rests on {mine}; {other} contradicts it: cite it, or add it to `contrary`"
                for name in sorted(silent)
            ]
    return found


def test_no_conflict_with_what_supports_a_parameter_is_passed_over(each: Case) -> None:
    assert unnamed_conflicts(each) == []


def test_a_conflict_that_is_passed_over_is_found(case: Case) -> None:
    parameter = case.parameter("shell_attack_use.europe")
    silent = replace(parameter, contrary=tuple(id_ for id_ in parameter.contrary if id_ != "B0074"))
    others = tuple(silent if p is parameter else p for p in case.parameters)
    found = unnamed_conflicts(replace(case, parameters=others))
    assert found
    assert all("shell_attack_use.europe" in line and "B0074" in line for line in found)


def test_every_row_keeps_to_the_grammar(each: Case) -> None:
    """`load_case` has checked units and periods; here what it cannot know: that a text is short enough to be a name."""
    for row in each.evidence.values():
        measure_of(row.unit, row.quantity)
        period_of(row.period)
        assert len(row.entity) <= 60, row.id
        assert len(row.quantity) <= 130, row.id
        assert "  " not in row.quantity, row.id
        assert row.quantity == row.quantity.strip(" ,"), row.id


def test_like_quantities_share_one_spelling(each: Case) -> None:
    """No two quantities or entities differ in case, in brackets or in the order of their words alone."""
    for names in ({row.quantity for row in each.evidence.values()}, {row.entity for row in each.evidence.values()}):
        spelt: dict[tuple[str, ...], str] = {}
        for name in sorted(names):
            words = tuple(sorted(re.findall(r"\w+", name.casefold())))
            assert words not in spelt, f"`{name}` and `{spelt[words]}`"
            spelt[words] = name
