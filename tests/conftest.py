"""What all tests share: the CPU, one option, and pictures kept as golden files."""

import os
import shutil
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

os.environ.setdefault("JAX_PLATFORMS", "cpu")


def pytest_addoption(parser):
    parser.addoption(
        "--golden", action="store_true", help="write golden files anew instead of comparing"
    )


@pytest.fixture
def golden(request):
    """`golden(name, text)`: the text equals tests/…/golden/name, or becomes it with --golden."""

    def check(name: str, text: str) -> None:
        file = Path(request.path).parent / "golden" / name
        if request.config.getoption("--golden"):
            file.parent.mkdir(exist_ok=True)
            file.write_text(text, encoding="utf-8", newline="\n")
        assert text == file.read_text(encoding="utf-8"), f"{name} changed; look, then --golden"

    return check


CHROMIUM = ("chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="module")
def browser():
    """A headless Chromium; where there is none its tests are skipped, but in CI it is required."""
    path = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if path is None:
        missing = "no Chromium found; `sudo apt-get install chromium` or your system's package"
        (pytest.fail if os.environ.get("CI") else pytest.skip)(missing)
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        chromium = playwright.chromium.launch(executable_path=path, args=arguments)
        yield chromium
        chromium.close()
