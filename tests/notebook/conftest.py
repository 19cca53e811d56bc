"""A page that knows the live view's script."""

import pytest

from tests.notebook.blank_page import BlankPage


@pytest.fixture
def page(browser):
    """The live view's script in an otherwise blank page, with a pretended anywidget model."""
    context = browser.new_context(viewport={"width": 920, "height": 420}, device_scale_factor=2)
    yield BlankPage(context.new_page())
    context.close()
