"""A view never raises: what fails is shown as its repr, with one line why."""

import luxnb as lx
from luxnb.core.view import Viewable


class Broken(Viewable):
    def __repr__(self):
        return "<Broken & more>"


class Mute(Viewable):
    def __repr__(self):
        raise RuntimeError("no")


@lx.view.register(Broken)
def _(value):
    raise RuntimeError("no picture")


class Printer:
    def __init__(self):
        self.written = ""

    def text(self, text):
        self.written += text


def test_a_view_has_two_faces_and_its_text_is_its_repr():
    both = lx.View("plain", "<b>rich</b>")
    assert repr(both) == "plain"
    assert both._repr_mimebundle_() == {"text/plain": "plain", "text/html": "<b>rich</b>"}


def test_a_view_that_fails_shows_the_repr_and_why():
    expected = "<Broken & more>\n(no view: RuntimeError: no picture)"
    bundle = Broken()._repr_mimebundle_()
    assert str(Broken()) == bundle["text/plain"] == expected
    assert "<Broken" not in bundle["text/html"]
    assert "&lt;Broken &amp; more&gt;" in bundle["text/html"]


def test_a_repr_that_fails_is_survived():
    assert str(Mute()) == "<Mute: repr failed>"
    assert "&lt;Mute: repr failed&gt;" in Mute()._repr_mimebundle_()["text/html"]


def test_values_without_a_view_show_their_repr_escaped():
    shown = lx.view("<script>")
    assert shown.text == "'<script>'"
    assert "<script>" not in shown.html


def test_pretty_printing():
    printer = Printer()
    Broken()._repr_pretty_(printer, False)
    assert printer.written == str(Broken())
    printer = Printer()
    Broken()._repr_pretty_(printer, True)
    assert printer.written == "…"
