"""The system's browser answers to the fixtures that the browser tests use."""

from playwright.sync_api import Page


def test_a_page_runs_scripts(page: Page) -> None:
    page.set_content("<h1></h1><script>document.querySelector('h1').textContent = 6 * 7</script>")
    assert page.inner_text("h1") == "42"
