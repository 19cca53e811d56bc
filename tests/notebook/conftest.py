"""A headless Chromium for the tests that need one."""

import os
import shutil

import pytest

from tests.notebook.blank_page import BlankPage

NAMES = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
MISSING = (
    "no Chromium found, so the live view was not tried in a browser; "
    "`sudo apt-get install chromium` (or your system's package) brings it"
)


@pytest.fixture(scope="session")
def browser():
    """One browser for all tests; required where CI is set, else its tests are skipped."""
    path = next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(MISSING)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser):
    """The live view's script in an otherwise blank page, with a pretended anywidget model."""
    context = browser.new_context(viewport={"width": 920, "height": 420}, device_scale_factor=2)
    yield BlankPage(context.new_page())
    context.close()
