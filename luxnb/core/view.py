"""That a value can be looked at, in a cell or a terminal. How is registered by the display room."""

import functools
import html
from dataclasses import dataclass


@dataclass(frozen=True)
class View:
    """The two faces of a value: plain text, and HTML that needs no script. Both say the same."""

    text: str
    html: str

    def __repr__(self):
        return self.text

    def _repr_mimebundle_(self, include=None, exclude=None):
        return {"text/plain": self.text, "text/html": self.html}


@functools.singledispatch
def view(value, *args, **options) -> View:
    """What a person sees of `value`: a `View` with text and HTML.

    `view(model)` is the model's tree with the shapes of its parameters and state;
    `view(model, params, state)` is the tree of what is really there; `view(params)`, a Tree alone.
    A view never raises for a value's sake, never changes it, and never reads an array's elements.
    """
    text = _safe_repr(value)
    return View(text, f"<pre>{html.escape(text)}</pre>")


class Viewable:
    """Gives a class the notebook's and the terminal's view through `view(self)`."""

    __slots__ = ()

    def __str__(self):
        return _safe_view(self).text

    def _repr_mimebundle_(self, include=None, exclude=None):
        return _safe_view(self)._repr_mimebundle_()

    def _repr_pretty_(self, printer, cycle):
        printer.text("…" if cycle else _safe_view(self).text)


def _safe_view(value) -> View:
    try:
        return view(value)
    except Exception as error:  # a picture that fails must not take the cell with it
        text = f"{_safe_repr(value)}\n(no view: {type(error).__name__}: {error})"
        return View(text, f"<pre>{html.escape(text)}</pre>")


def _safe_repr(value) -> str:
    try:
        return repr(value)
    except Exception:
        return f"<{type(value).__name__}: repr failed>"
