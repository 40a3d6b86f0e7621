"""The audit as a whole: words by date, staleness, variants, revisions, lists, and the texts that it writes."""

import json
import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import twofront
from twofront.audit.cards import Audit, audit_of, claims, evidence_day
from twofront.audit.data import RATINGS, reviews
from twofront.audit.words import figure_of
from twofront.case import Case, Evidence, Revision, bundled_cases, load_case
from twofront.ensemble import run
from twofront.faults import UserError
from twofront.figures import resolver

BUNDLED = bundled_cases()["two-straits"]


@pytest.fixture(scope="module")
def audited() -> Audit:
    return claims("two-straits", futures=120)


def edited(folder: Path, *edits: tuple[str, str, str]) -> Path:
    """A copy of the invented case with texts replaced: file, old, new."""
    shutil.copytree(BUNDLED, folder / "case")
    for file, old, new in edits:
        path = folder / "case" / file
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        assert not old or old in text, old
        path.write_text(text.replace(old, new, 1) if old else new, encoding="utf-8")
    return folder / "case"


def test_the_package_is_the_call() -> None:
    public: Any = twofront
    found = public.claims("two-straits")
    assert isinstance(found, Audit)
    assert [card.id for card in found.cards] == ["T1", "T2", "T3"]


def test_the_invented_claims_by_hand(audited: Audit) -> None:
    """Yearbooks give 3.0 and 1.875; three fourths of what is claimed (3) is reached by half of the weight."""
    card = audited.card("T1")
    assert [round(dot.value, 3) for dot in card.dots] == [3.0, 1.875]
    assert [dot.weight for dot in card.dots] == [0.5, 0.5]
    assert (card.verdict.word, card.verdict.share, card.verdict.confidence) == ("supported", 0.5, "low")
    growth = audited.card("T3")
    assert growth.dots[0].value == pytest.approx(2 ** (1 / 4) - 1, abs=1e-3)
    assert growth.said.claimed == pytest.approx((4 / 3) ** (1 / 4) - 1, abs=1e-3)
    assert growth.verdict.word == "supported"


def test_variants_are_judged_by_the_same_rule_with_their_own_number(audited: Audit) -> None:
    card = audited.card("T1")
    assert [(s.date, s.claimed, s.verdict.word) for s in card.by_date] == [
        ("2029-06", 1.0, "supported"),
        ("2029-12-01", 3.0, "supported"),
    ]


def test_a_variant_may_have_its_own_rule(tmp_path: Path) -> None:
    old = "        claimed: {value: 1}\n"
    new = (
        old + "        rule: {supported: {at_most: claimed, share: 0.5}, contradicted: {above: claimed, share: 0.9}}\n"
    )
    card = claims(edited(tmp_path, ("claims.yaml", old, new))).card("T1")
    assert card.by_date[0].verdict.word == "contradicted"
    assert card.verdict.word == "supported"


def test_on_the_day_only_what_was_public_counts(tmp_path: Path) -> None:
    """The second yearbook, of December, was not public on the first; without it all that is left supports."""
    card = claims("two-straits").card("T1")
    assert card.said.on_the_day == "supported"
    assert card.by_date[0].on_the_day == "not checkable", "in June 2029 neither yearbook was out"
    first = "S0001,Corvana,shells made in a year,,1200000,,round/year,2029,The invented yearbook of industry,"
    first += "https://example.org/yearbook,"
    late = ("evidence.csv", f"{first}2029-11-04", f"{first}2030-01-04")
    early = ("evidence.csv", "https://example.org/second,2029-12", "https://example.org/second,2029-11")
    moved = claims(edited(tmp_path, late, early)).card("T1")
    assert (moved.said.on_the_day, moved.verdict.word) == ("contradicted", "supported")


def test_as_of_a_day_beside_today() -> None:
    found = claims("two-straits", revision=Revision(as_of="2029-11-30"))
    card = found.card("T1")
    assert found.as_of == "2029-11-30"
    assert card.earlier is not None
    assert (card.earlier.word, card.earlier.share, card.verdict.share) == ("supported", 1.0, 0.5)
    assert found.card("T2").earlier is not None
    assert "as of 2029-11-30" in str(found.table().columns[-1].header)
    earlier = found.card("T2").earlier
    assert earlier is not None
    assert earlier.word == "needs a run"


def test_the_model_as_of_a_day_needs_futures() -> None:
    found = claims("two-straits", revision=Revision(as_of="2029-11-30"), futures=40)
    earlier = found.card("T2").earlier
    assert earlier is not None
    assert earlier.n == 40


def test_a_struck_source_is_gone_and_said() -> None:
    found = claims("two-straits", revision=Revision(without=("S0002",)))
    card = found.card("T1")
    assert (card.verdict.share, card.verdict.n, card.struck) == (1.0, 1, ("S0002",))
    assert card.against == ()
    found = claims("two-straits", revision=Revision(grades={"S0002": "A"}))
    assert found.card("T1").verdict.word == "supported", "a figure is no better than the worst row it rests on"


def test_a_better_grade_weighs_more_where_the_whole_figure_is_better() -> None:
    graded = Revision(grades={"S0002": "A", "S0004": "A"})
    card = claims("two-straits", revision=graded).card("T1")
    assert [dot.weight for dot in card.dots] == [0.2, 0.8]


def test_old_rows_are_counted_from_the_end_of_the_evidence(invented: Case, tmp_path: Path) -> None:
    assert evidence_day(invented).isoformat() == "2030-07-01"
    assert all(card.stale is None for card in claims(invented).cards)
    old = ("evidence.csv", "https://example.org/second,2029-12", "https://example.org/second,2029-06")
    card = claims(edited(tmp_path, old)).card("T1")
    assert card.stale is not None
    assert (card.stale.rows, card.stale.of, card.stale.before) == (("S0002",), 3, "2029-07-01")
    assert card.stale.without == "supported"
    assert "1 of 3 rows" in claims(load_case(tmp_path / "case")).to_markdown()


def test_further_lists_and_their_choice(tmp_path: Path) -> None:
    text = "schema: 1\ntitle: Other voices\nclaims:\n" + (BUNDLED / "claims.yaml").read_text(encoding="utf-8").split(
        "claims:\n", 1
    )[1].replace("id: T", "id: U")
    folder = edited(tmp_path, ("claims-others.yaml", "", text))
    found = claims(folder)
    assert [card.id for card in found.cards] == ["T1", "T2", "T3", "U1", "U2", "U3"]
    assert [item.title for item in found.lists] == ["What is said in Brevia", "Other voices"]
    assert [card.id for card in claims(folder, only="others").cards] == ["U1", "U2", "U3"]
    assert [card.id for card in claims(folder, only="claims").cards] == ["T1", "T2", "T3"]
    with pytest.raises(UserError, match="no list of claims `other`; did you mean `others`"):
        claims(folder, only="other")
    assert load_case(folder).hash != load_case(BUNDLED).hash


def test_a_run_gives_the_verdicts_of_the_model(tmp_path: Path) -> None:
    made = run("two-straits", 100, ["present_course"], seed=3, out=tmp_path / "run")
    found = claims("two-straits", made)
    assert found.card("T2").verdict.n == 100
    assert found.futures == "100 futures of the run"
    assert claims("two-straits", made.folder).to_json() == found.to_json()
    with pytest.raises(UserError, match=r"is a run of two-straits, not of rutte-2025"):
        claims("rutte-2025", made)


# ---- texts --------------------------------------------------------------------------------------------------------


def test_json_holds_every_card(audited: Audit) -> None:
    data = json.loads(audited.to_json())
    assert data["schema"] == 1
    assert data["case_hash"] == audited.case.hash
    assert [item["id"] for item in data["claims"]] == ["T1", "T2", "T3"]
    first = data["claims"][0]
    assert first["verdict"]["word"] == "supported"
    assert first["figures"][0]["evidence"] == ["S0001", "S0004"]
    assert [item["claimed"] for item in first["by_date"]] == [1.0, 3.0]
    assert data["counts"] == audited.counts()


def test_figures_are_reproduced_from_evidence_alone(audited: Audit) -> None:
    """What the card shows is what the expressions of claims.yaml give over the rows, and nothing typed in."""
    resolve = resolver(audited.case.evidence)
    for card in audited.cards:
        for figure, dot in zip(card.claim.figures, card.dots, strict=False):
            if figure.value is not None:
                assert dot.value == pytest.approx(float(figure.value.value(resolve).in_unit(card.claim.unit)))


def test_markdown_tells_it_to_a_newsroom(audited: Audit) -> None:
    text = audited.to_markdown()
    assert "| T1 | Corvana makes three times as many shells in a year as Auria does. | supported | low | 50% |" in text
    assert "**Supported, low confidence: 50% of the weight of 2 figures**" in text
    assert "- **Against:**\n  - S0002 Corvana: shells made in a year, 600,000–900,000 round/year (2029)." in text
    assert "- **By date:** 2029-06 1 (supported) → 2029-12-01 3 (supported)" in text
    assert "Supported if at least 50% of the weight is at least 2.4 (claimed × 0.8)." in text
    assert "- **Against:** none found. Nobody in this invented world has written against it." in text
    assert (
        "- **Cite the original:** A minister of Brevia, an invented speech, 2029-12-01. https://example.org/speech"
        in text
    )
    assert "nan" not in text.lower().replace("finance", "")


def test_the_table_has_a_row_for_each(audited: Audit) -> None:
    table = audited.table()
    assert [str(column.header) for column in table.columns] == [
        "id", "said", "kind", "verdict", "confidence", "share", "on its day → now",
    ]  # fmt: skip
    assert table.row_count == 3


# ---- ClaimReview ----------------------------------------------------------------------------------------------------


def test_a_review_for_every_verdict_and_none_without(audited: Audit) -> None:
    assert len(reviews(audited)) == sum(card.verdict.is_given for card in audited.cards) == 3
    assert len(reviews(audit_of(audited.case))) == 2, "T2 needs a run"


def test_reviews_have_the_fields_of_schema_org(audited: Audit) -> None:
    day = re.compile(r"\d{4}-\d{2}-\d{2}\Z")
    for review, card in zip(reviews(audited), audited.cards, strict=True):
        assert review["@context"] == "https://schema.org"
        assert review["@type"] == "ClaimReview"
        assert review["claimReviewed"] == card.claim.sentence
        assert day.match(review["datePublished"])
        assert review["author"]["@type"] == "Organization"
        assert review["author"]["name"]
        item = review["itemReviewed"]
        assert item["@type"] == "Claim"
        assert item["author"]["@type"] in ("Person", "Organization")
        assert item["author"]["name"] == card.claim.quote.who
        assert item["datePublished"] == card.claim.date
        assert item["appearance"]["url"].startswith("https://")
        rating = review["reviewRating"]
        assert rating["@type"] == "Rating"
        assert rating["worstRating"] <= rating["ratingValue"] <= rating["bestRating"]
        assert rating["ratingValue"] == RATINGS[card.verdict.word]
        assert rating["alternateName"] == card.verdict.word.capitalize()
        assert "url" not in review, "nobody knows where it will be published"


def test_the_date_of_a_review_is_the_evidence_not_the_clock(audited: Audit) -> None:
    assert {review["datePublished"] for review in reviews(audited)} == {"2030-07-01"}


def test_a_year_is_not_a_number_of_things(row: Callable[..., Evidence]) -> None:
    year = row("Y1", 2027, unit="calendar_year")
    assert figure_of(year) == "2027"
    assert figure_of(replace(year, low=2025, high=2029)) == "2025–2027–2029"
    assert figure_of(row("N1", 2027, unit="round")) == "2,027 round"
    assert figure_of(row("N2", None, unit="text")) == ""
    assert figure_of(row("N3", 1, unit="yes/no")) == "yes"
    assert figure_of(row("N4", None, unit="percent", low=10, high=20)) == "10–20%"
