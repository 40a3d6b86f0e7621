"""The panel on rival structures: its tables say what was found, and its ranks can be read on a small screen."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

import pytest
from playwright.sync_api import Page

from twofront.analyse import Sample, policy_orders, structure_shares
from twofront.analyse.structures import ALL, drawn_structures
from twofront.analyse.variance import VarianceSplitter
from twofront.ensemble import Run
from twofront.present.facts import COMPARED, Facts
from twofront.present.numbers import percent
from twofront.present.structural import label_of


@pytest.fixture(scope="module")
def sample(small_run: Run) -> Sample:
    return Sample(small_run)


def rows(report: Path, figure: str) -> list[list[list[str]]]:
    """The tables behind a figure, as texts."""
    page = report.read_text(encoding="utf-8")
    found = re.search(rf'<figure id="fig-{figure}".*?</figure>', page, re.DOTALL)
    assert found is not None
    tables: list[list[list[str]]] = []
    for body in re.findall(r"<tbody>(.*?)</tbody>", found.group(), re.DOTALL):
        lines = re.findall(r"<tr>(.*?)</tr>", body, re.DOTALL)
        cells = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", line, re.DOTALL) for line in lines]
        tables.append([[unescape(re.sub(r"<[^>]+>", "", cell)).strip() for cell in line] for line in cells])
    return tables


def test_every_law_that_was_drawn_has_its_outcomes(report: Path, small_run: Run, sample: Sample) -> None:
    (table,) = rows(report, "structures")
    said = {line[0].split("; ", 1)[1] for line in table}
    facts = Facts(small_run)
    for item in drawn_structures(sample):
        for law, chosen in item.laws():
            label = f"{label_of(facts, item.name)}: {law.replace('_', ' ')}"
            assert label in said
            assert f"{int(chosen.sum()):,}" in {line[1] for line in table if line[0].endswith(label)}


def test_a_war_is_shown_for_its_own_theatre_alone(report: Path, small_run: Run) -> None:
    (table,) = rows(report, "structures")
    for theatre in small_run.case.world.theatres:
        wars = [line[0] for line in table if line[0].startswith(f"{theatre.label}, ")]
        assert wars
        assert all(f"; War, {theatre.label}: " in name for name in wars)


def test_shares_are_those_of_the_analysis(report: Path, sample: Sample) -> None:
    whole, by_structure = rows(report, "structure-shares")
    name = "any_war_chance"
    shares = {item.structure: item for item in structure_shares(sample, name)}
    split = VarianceSplitter(sample).split(sample.of(sample.present, name))
    assert split is not None
    (line,) = [line for line in whole if line[0] == "Chance of any war"]
    alone = shares[ALL].share
    assert line[2].startswith("under 0.1%" if alone < 0.001 else percent(alone))
    total = max(alone, split.structures[ALL].share)
    assert line[3].startswith("under 0.1%" if total < 0.001 else percent(total))
    assert line[4] == f"{percent(split.total_at_most)} or less"
    assert line[5].startswith(percent(split.parameters.share))
    assert len(by_structure) == len(whole)
    assert len(by_structure[0]) == 1 + len(sample.run.structure_options)


def test_parts_of_a_bar_add_up_to_one(small_run: Run) -> None:
    from twofront.present.structural import shares

    figure = shares(Facts(small_run))
    assert figure is not None
    sums: dict[str, float] = {}
    for row in figure.panels[0].spec["data"]["values"]:
        assert row["value"] >= 0
        sums[row["label"]] = sums.get(row["label"], 0.0) + row["value"]
    assert len(sums) > 5
    assert all(value == pytest.approx(1.0) for value in sums.values())


def test_orders_are_those_of_the_analysis(report: Path, small_run: Run, sample: Sample) -> None:
    tables = rows(report, "structure-orders")
    facts = Facts(small_run)
    for item in policy_orders(sample, COMPARED):
        table = tables.pop(0)
        assert table[0][1] == facts.policy_label(item.overall[0])
        assert table[0][3] == facts.policy_label(item.overall[-1])
        assert [line[4:] for line in table[1:]] == [[str(n) for n in (w.same, w.open, w.turned)] for w in item.laws]
        if item.turned:
            assert len(tables.pop(0)) == len(item.turned)
    assert not tables


def test_policies_shrink_to_their_letters_where_there_is_little_room(page: Page, report: Path, small_run: Run) -> None:
    wanted = {policy.label for policy in small_run.case.policies}
    for width, letters in ((1280, False), (360, True)):
        page.set_viewport_size({"width": width, "height": 900})
        page.goto(report.as_uri())
        page.wait_for_function("document.documentElement.dataset.charts === 'drawn'", timeout=60_000)
        labels = page.locator("#fig-structure-orders [data-spec]").first.locator(".role-axis-label text")
        texts = [text for text in labels.all_text_contents() if text]
        if letters:
            assert set("ABCDE"[: len(wanted)]) <= set(texts)
        else:
            assert wanted <= {text[2:] for text in texts}
