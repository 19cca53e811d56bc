"""Pages that know the live view's script, and the explorer's."""

import pytest

from tests.notebook.blank_page import BlankPage
from tests.notebook.explore_page import CHOICES, DENSE, MLP, ExplorePage


@pytest.fixture
def page(browser):
    """The live view's script in an otherwise blank page, with a pretended anywidget model."""
    context = browser.new_context(viewport={"width": 920, "height": 420}, device_scale_factor=2)
    yield BlankPage(context.new_page())
    context.close()


@pytest.fixture
def explorer(browser):
    """The explorer's script in an otherwise blank page, with a pretended kernel."""
    context = browser.new_context(viewport={"width": 1100, "height": 700})
    yield ExplorePage(context.new_page())
    context.close()


@pytest.fixture
def mlp(explorer):
    """It shows a small model, with its first layer chosen."""
    explorer.load().tell(MLP, choices=CHOICES)
    explorer.row("layer_1").click()
    explorer.say(DENSE)
    yield explorer
    assert explorer.errors() == []
