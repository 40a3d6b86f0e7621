"""What all tests share: options, a real browser, and the reference results beside the checkout."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest
from playwright.sync_api import Browser, ConsoleMessage, Error, Page, Request, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
BROWSER_FIXTURES = {"browser", "chromium", "page"}
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
NO_BROWSER = "left out with --no-browser"

# Seconds on a busy machine say nothing about the code; in CI the same examples are tried each time.
hypothesis.settings.register_profile("local", deadline=None)
hypothesis.settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
hypothesis.settings.load_profile("ci" if os.environ.get("CI") else "local")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare `--no-browser`."""
    parser.addoption(
        "--no-browser",
        action="store_true",
        help="leave out the tests that need a browser (the summary says so)",
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark what uses the browser, and leave it out where that was asked for."""
    for item in items:
        if BROWSER_FIXTURES & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.browser)
        if config.getoption("--no-browser") and item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.skip(reason=NO_BROWSER))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say which tests did not run and why, where nobody can miss it."""
    if config.getoption("--no-browser"):
        terminalreporter.write_line("browser tests: left out (--no-browser)", yellow=True)
    if not (ROOT.parent / "shared").is_dir():
        terminalreporter.write_line(f"reference results: {missing_targets()}", yellow=True)


def missing_targets() -> str:
    """Why the comparisons with reference results cannot run."""
    return f"skipped, since there is no folder {os.path.relpath(ROOT.parent / 'shared', ROOT)}"


@pytest.fixture(scope="session")
def shared_targets() -> Path:
    """The folder `../shared` with reference results; tests that need it are skipped without it."""
    folder = ROOT.parent / "shared"
    if not folder.is_dir():
        pytest.skip(missing_targets())
    return folder


@pytest.fixture(scope="session")
def chromium() -> Path:
    """The system's Chromium; without it, a failure that names the command which installs it."""
    for name in BROWSERS:
        found = shutil.which(name)
        if found:
            return Path(found)
    is_root = hasattr(os, "geteuid") and os.geteuid() == 0
    pytest.fail(
        f"no browser: none of {', '.join(BROWSERS)} is installed. To install one:\n"
        f"    {'' if is_root else 'sudo '}apt-get install chromium\n"
        "or leave these tests out: ./test --no-browser",
        pytrace=False,
    )


@pytest.fixture(scope="session")
def browser(chromium: Path) -> Iterator[Browser]:
    """One running browser for the whole session, with a profile of its own."""
    with sync_playwright() as driver:
        running = driver.chromium.launch(
            executable_path=chromium, headless=True, args=list(FLAGS), chromium_sandbox=False
        )
        yield running
        running.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A fresh page that may reach this machine only, and that must not complain.

    The test fails at its end if the page asked for anything from outside, or if its scripts raised
    an error or wrote one to the console.
    """
    faults: list[str] = []

    def note_request(request: Request) -> None:
        local = ("file:", "data:", "blob:", "about:", "http://127.0.0.1", "http://localhost")
        if not request.url.startswith(local):
            faults.append(f"asked for {request.url}")

    def note_message(message: ConsoleMessage) -> None:
        if message.type == "error":
            faults.append(f"console: {message.text}")

    def note_error(error: Error) -> None:
        faults.append(f"script: {error.message}")

    context = browser.new_context(viewport={"width": 1280, "height": 900})
    opened = context.new_page()
    opened.on("request", note_request)
    opened.on("console", note_message)
    opened.on("pageerror", note_error)
    yield opened
    context.close()
    assert not faults, "the page misbehaved:\n  " + "\n  ".join(faults)
