"""The report in a real browser. The page fixture fails on any outside request and on any error."""

from pathlib import Path

import pytest
from playwright.sync_api import Page

WIDTHS = (1280, 360)


def opened(page: Page, report: Path, width: int) -> Page:
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(report.as_uri())
    page.wait_for_function("document.documentElement.dataset.charts === 'drawn'", timeout=60_000)
    return page


@pytest.mark.parametrize("width", WIDTHS)
def test_every_chart_is_drawn(page: Page, report: Path, width: int) -> None:
    opened(page, report, width)
    charts = page.locator("[data-spec]")
    assert charts.count() > 20
    assert page.locator("[data-spec][data-drawn=yes] svg.marks").count() == charts.count()
    size = "all => all.map(e => [e.getBoundingClientRect().width, e.clientHeight])"
    sizes = charts.locator("svg.marks").evaluate_all(size)
    assert all(w > 200 and h > 40 for w, h in sizes), sizes


@pytest.mark.parametrize("width", WIDTHS)
def test_the_page_does_not_scroll_sideways(page: Page, report: Path, width: int) -> None:
    opened(page, report, width)
    page.locator("main details").evaluate_all("all => all.forEach(e => { e.open = true; })")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("width", WIDTHS)
def test_no_chart_is_wider_than_its_place(page: Page, report: Path, width: int) -> None:
    opened(page, report, width)
    wide = page.evaluate(
        """[...document.querySelectorAll('[data-spec]')].filter(e =>
           e.querySelector('svg.marks').getBoundingClientRect().right > e.getBoundingClientRect().right + 1)
           .map(e => e.dataset.spec)"""
    )
    assert wide == []


def test_the_filter_finds_parameters(page: Page, report: Path) -> None:
    opened(page, report, 1280)
    rows = page.locator("#rows-parameters tbody tr")
    page.fill("#filter-parameters", "campaign_m")
    shown = rows.locator("visible=true")
    assert 0 < shown.count() < rows.count()
    assert "campaign_m" in (shown.first.text_content() or "")
    page.fill("#filter-parameters", "no such thing at all")
    assert rows.locator("visible=true").count() == 0
    assert (page.text_content("#rows-parameters-count") or "").startswith("0 of")


def test_a_source_is_one_click_away(page: Page, report: Path) -> None:
    opened(page, report, 1280)
    link = page.locator("#claims dl a.ev").first
    target = (link.get_attribute("href") or "").removeprefix("#")
    link.click()
    assert page.locator(f"[id='{target}']").is_visible()


def test_every_source_is_a_dot_on_the_range(page: Page, report: Path) -> None:
    opened(page, report, 1280)
    box = page.locator("[data-dots='shell_capacity.corvana']")
    box.locator("summary").click()
    box.locator("svg.marks").wait_for()
    said = "all => all.map(e => e.getAttribute('aria-label') || '')"
    dots = box.locator("svg.marks .mark-symbol path").evaluate_all(said)
    assert len(dots) == 2
    assert any("S0001" in text and "100,000" in text for text in dots), dots
    assert any("S0002" in text for text in dots), dots


def test_charts_follow_a_dark_theme(page: Page, report: Path) -> None:
    page.emulate_media(color_scheme="dark")
    opened(page, report, 1280)
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    label = page.evaluate("getComputedStyle(document.querySelector('[data-spec] .role-axis-label text')).fill")
    assert ground == "rgb(21, 25, 30)"
    assert label == "rgb(228, 231, 235)"


def test_without_scripts_the_tables_are_there(page: Page, report: Path) -> None:
    browser = page.context.browser
    assert browser is not None
    context = browser.new_context(java_script_enabled=False)
    plain = context.new_page()
    plain.goto(report.as_uri())
    assert plain.locator("figure details summary").count() > 10
    plain.locator("#fig-margins details summary").click()
    assert plain.locator("#fig-margins table").is_visible()
    assert plain.get_by_text("The charts need JavaScript").is_visible()
    context.close()
