"""The report as text: every section, every number promised, a table behind each chart, nothing from outside."""

import re
from html import unescape
from itertools import pairwise
from pathlib import Path

import pytest

from twofront.analyse import headline
from twofront.analyse.outcomes import CHANCE
from twofront.ensemble import Run, run
from twofront.present.numbers import change_span, level_span
from twofront.present.report import write_report

SECTIONS = (
    "answer", "notices", "deterrence", "wars", "hazards", "second-front-section", "magazines", "policies",
    "sensitivity", "rival-structures", "claims", "levers", "parameters", "evidence", "laws", "limits", "reproduce",
)  # fmt: skip
FIGURES = (
    "margins", "margins-by-policy", "objectives", "forces", "protecting", "hazards", "second-front", "differences",
    "regret", "drivers", "campaign", "structures", "structure-shares", "structure-orders",
)  # fmt: skip


@pytest.fixture(scope="module")
def text(report: Path) -> str:
    return report.read_text(encoding="utf-8")


def body(text: str) -> str:
    """The page without its scripts and styles, as one line of words."""
    bare = re.sub(r"<(script|style).*?</\1>", " ", text, flags=re.DOTALL)
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", bare)))


def test_sections_stand_in_their_order(text: str) -> None:
    places = [text.index(f'<section id="{name}"') for name in SECTIONS]
    assert places == sorted(places)


@pytest.mark.parametrize("name", FIGURES)
def test_each_figure_has_a_title_a_table_n_and_limits(text: str, name: str) -> None:
    found = re.search(rf'<figure id="fig-{name}".*?</figure>', text, re.DOTALL)
    assert found is not None
    figure = found.group()
    assert re.search(r"<h3[^>]*>[^<]{12,}</h3>", figure)
    assert "n = " in figure
    assert "<strong>Limits.</strong>" in figure
    assert "<strong>Source.</strong>" in figure
    assert figure.count("<table>") >= 1
    assert figure.count("<caption>") == figure.count("<table>")
    assert 'role="img" aria-label="' in figure


def test_headline_numbers_are_on_the_page_with_their_outcomes(text: str, small_run: Run) -> None:
    table = headline(small_run)
    words = body(text)
    for name in ("any_war_chance", "double_war_chance", "second_front_chance.fixed"):
        for policy in table.policies:
            level = level_span(table.levels[policy, name], CHANCE)
            assert f'title="{name}">{level}' in text, (policy, name)
            if policy != table.policies[0]:
                assert change_span(table.differences[policy, name], CHANCE) in words


def test_margins_lead(text: str) -> None:
    assert text.index('id="fig-margins"') < text.index('id="fig-objectives"') < text.index('id="fig-differences"')


def test_every_parameter_lever_policy_and_claim_is_there(text: str, small_run: Run) -> None:
    words = body(text)
    for parameter in small_run.case.parameters:
        assert f'id="p-{parameter.name}"' in text
        assert " ".join(parameter.means.split()) in words
    for lever in small_run.case.levers:
        assert " ".join(lever.means.split()) in words
        assert " ".join(lever.provocation.split()) in words
    for policy in small_run.case.policies:
        assert " ".join(policy.means.split()) in words
    for claim in small_run.case.claims:
        assert " ".join(claim.sentence.split()) in words
        for id_ in (*claim.supporting, *claim.against):
            assert f'href="#ev-{id_}"' in text
            assert f'id="ev-{id_}"' in text


def test_it_says_what_it_is_not(text: str) -> None:
    words = body(text)
    assert "is not a probability" in words
    assert "The anchor is an input" in words
    assert "psychology of leaders" in words
    assert "aggressor" not in words.lower()


def test_it_can_be_reproduced_from_what_it_says(text: str, small_run: Run) -> None:
    assert "twofront run two-straits --futures 300 --seed 7" in text
    assert small_run.hash is not None
    assert small_run.hash in text
    assert small_run.manifest["case_hash"] in text


def test_nothing_is_fetched(text: str) -> None:
    assert not re.search(r"""(?:src|srcset)\s*=\s*["']?(?:https?:)?//""", text)
    assert not re.search(r"<link\b|@import|url\(", re.sub(r"<script.*?</script>", "", text, flags=re.DOTALL))
    assert "default-src 'none'" in text


def test_no_future_is_embedded(report: Path) -> None:
    assert report.stat().st_size < 4_000_000


def test_headings_do_not_skip_a_level(text: str) -> None:
    bare = re.sub(r"<(script|style).*?</\1>", " ", text, flags=re.DOTALL)
    levels = [int(found) for found in re.findall(r"<h([1-6])", bare)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_a_run_of_the_present_course_alone_has_a_report_too(tmp_path: Path) -> None:
    case_run = run("two-straits", 40, ["present_course"], seed=3, out=tmp_path / "alone")
    words = body(write_report(case_run).read_text(encoding="utf-8"))
    assert "Deterrence margins" in words
    assert "Which policy holds up" not in words


def test_a_folder_will_do(small_run: Run) -> None:
    assert write_report(str(small_run.folder)) == small_run.folder / "report.html"
    assert not list(small_run.folder.glob("*.tmp"))
