"""The page of claims in a real browser. The page fixture fails on any outside request and on any error."""

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page

from twofront.audit.cards import Audit, claims
from twofront.present.claims import claims_page

WIDTHS = (1280, 390)


@pytest.fixture(scope="session")
def audited() -> Audit:
    return claims("two-straits", futures=200)


@pytest.fixture(scope="session")
def written(audited: Audit, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("claims") / "claims.html"
    path.write_text(claims_page(audited), encoding="utf-8")
    return path


def opened(page: Page, path: Path, width: int = 1280) -> Page:
    page.set_viewport_size({"width": width, "height": 900})
    page.context.set_offline(True)
    page.goto(path.as_uri())
    page.wait_for_function("document.documentElement.dataset.charts === 'drawn'", timeout=60_000)
    return page


@pytest.mark.parametrize("width", WIDTHS)
def test_every_verdict_is_there_in_words(page: Page, written: Path, audited: Audit, width: int) -> None:
    opened(page, written, width)
    for card in audited.cards:
        badge = page.locator(f"#claim-{card.id} .ruling .verdict")
        assert badge.inner_text() == card.verdict.word
        assert badge.is_visible()
        row = page.locator(f".verdicts tr:has(a[href='#claim-{card.id}'])")
        assert card.verdict.word in row.inner_text()
        assert card.verdict.confidence in row.inner_text()


@pytest.mark.parametrize("width", WIDTHS)
def test_every_picture_is_drawn_within_its_place(page: Page, written: Path, width: int) -> None:
    opened(page, written, width)
    pictures = page.locator("[data-spec]")
    assert pictures.count() == 3
    assert page.locator("[data-spec][data-drawn=yes] svg.marks").count() == 3
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    for place in range(3):
        box, drawn = pictures.nth(place).bounding_box(), pictures.nth(place).locator("svg.marks").bounding_box()
        assert box is not None
        assert drawn is not None
        assert drawn["height"] > 40
        assert drawn["x"] + drawn["width"] <= box["x"] + box["width"] + 1


def test_the_picture_shows_what_was_claimed_and_every_figure(page: Page, written: Path) -> None:
    opened(page, written)
    labels = " ".join(page.locator("#claim-T1 .role-axis-label text").all_text_contents())
    assert "claimed 2029-06" in labels
    assert "claimed 2029-12-01" in labels
    assert "yearbook" in labels
    assert "second yearbook" in labels
    assert page.locator("#claim-T1 .mark-symbol path").count() == 4


def test_all_dates_of_the_speaker_stand_on_one_line(page: Page, written: Path) -> None:
    opened(page, written)
    assert page.locator("#claim-T1 .dates").inner_text() == "2029-06 1 (supported) → 2029-12-01 3 (supported)"


def test_contrary_evidence_is_open_and_the_figures_one_click_away(page: Page, written: Path) -> None:
    opened(page, written)
    card = page.locator("#claim-T1")
    assert card.get_by_text("contradicts S0001").is_visible()
    figures = card.locator("details.data li").first
    assert not figures.is_visible()
    card.locator("details.data summary").click()
    assert figures.is_visible()


def test_reviews_can_be_read_by_a_tool(page: Page, written: Path, audited: Audit) -> None:
    opened(page, written)
    found = json.loads(page.locator("script[type='application/ld+json']").text_content() or "")
    assert [item["@type"] for item in found] == ["ClaimReview"] * 3
    assert [item["claimReviewed"] for item in found] == [card.claim.sentence for card in audited.cards]


def test_without_scripts_everything_but_pictures_is_there(page: Page, written: Path, audited: Audit) -> None:
    browser = page.context.browser
    assert browser is not None
    context = browser.new_context(java_script_enabled=False)
    plain = context.new_page()
    plain.goto(written.as_uri())
    for card in audited.cards:
        assert plain.locator(f"#claim-{card.id} .ruling .verdict").inner_text() == card.verdict.word
    context.close()


def test_nothing_is_fetched(written: Path) -> None:
    text = written.read_text(encoding="utf-8")
    assert not re.search(r"""(?:src|srcset)\s*=\s*["']?(?:https?:)?//""", text)
    assert "default-src 'none'" in text
    assert written.stat().st_size < 1_500_000
