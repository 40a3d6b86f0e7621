"""Sources beside ranges: who is compared with whom, and in which unit."""

from __future__ import annotations

from twofront.case import load_case
from twofront.present.sources import disagreements, dots


def test_dots_are_in_the_unit_of_the_case_and_name_their_source() -> None:
    case = load_case("two-straits")
    found = dots(case)["shell_capacity.corvana"]
    assert [row["value"] for row in found["rows"]] == [50_000, 100_000]
    assert "S0001 The invented yearbook of industry" in found["rows"][1]["told"]
    assert (found["ranges"][0]["low"], found["ranges"][0]["high"]) == (50_000, 100_000)


def test_judgements_have_no_dot() -> None:
    case = load_case("two-straits")
    bare = {p.name for p in case.parameters if not p.evidence}
    assert bare
    assert not bare & set(dots(case))


def test_the_widest_disagreement_comes_first() -> None:
    found = disagreements(load_case("rutte-2025"))
    assert found is not None
    apart = [float(row[-1].text.rstrip("×").replace(",", "")) for row in found.tables[0].rows]
    assert apart == sorted(apart, reverse=True)
    assert apart[-1] > 1
    assert all(";" in row[2].text for row in found.tables[0].rows), "each compares at least two sources"
