"""Where in a model an error happened: a note on the error, which unfolds when it is printed."""

import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jax

from luxnb.core.spec import short, spec
from luxnb.core.view import Viewable, view

LONGEST = 160  # of a layer's repr, or of an input's shapes: a note is for reading


def note_place(error: Exception, path: str, layer, what: str) -> None:
    """Add "at layer_1: Dense(2, 3) was given …". Only the innermost layer speaks, where it was."""
    with contextlib.suppress(Exception):  # an error may refuse new attributes
        if hasattr(error, "luxnb_path"):
            return
        error.luxnb_path = path  # type: ignore[attr-defined]
        what = what if len(what) <= LONGEST else f"{what[: LONGEST - 1]}…"
        error.add_note(_Note(f"{f'at {path}: ' if path else ''}{brief(layer)} {what}"))


def brief(layer) -> str:
    """The layer's repr, or its type alone where that would be too long to read."""
    try:
        shown = repr(layer)
    except Exception:
        return f"{type(layer).__name__}(…)"
    return shown if len(shown) <= LONGEST else f"{type(layer).__name__}(…)"


@dataclass(frozen=True, eq=False, repr=False)
class Failure(Viewable):
    """A call that failed: of which model, where in it, and with what. Shapes stand for arrays.

    It is `error.luxnb_failure`; as the last line of a cell it is the model's tree, opened at the
    layer that failed, with the shapes up to there. Of a failed `init` there is no x, and neither
    parameters nor state.
    """

    model: Any
    path: str  # of the innermost layer that was running
    x: Any
    params: Any
    state: Any
    reason: str  # the type of the error and its message

    def __repr__(self):
        return f"<Failure at {self.path or 'the model itself'}: {self.reason}>"

    def __reduce__(self):
        return str, (repr(self),)  # an error may travel where the model cannot


# The notebook room knows how to show a failure in a cell.
presenter: Callable[[Exception, Failure], None] | None = None


def explain(error: Exception, model, x, params, state) -> None:
    """Let the error know the whole call, of which `model` is the outermost layer.

    Nothing is looked into before somebody looks: an error may be caught and forgotten.
    """
    with contextlib.suppress(Exception):
        if hasattr(error, "luxnb_failure"):
            return
        path = getattr(error, "luxnb_path", "")
        failure = Failure(model, path, _shapes(x), _shapes(params), _shapes(state), _reason(error))
        error.luxnb_failure = failure  # type: ignore[attr-defined]
        for note in getattr(error, "__notes__", ()):
            if isinstance(note, _Note):
                note.failure = failure
        if presenter is not None:
            presenter(error, failure)


class _Note(str):
    """One line to whoever reads it; with the tree of the model below it where it is printed."""

    __slots__ = ("failure",)
    failure: Failure

    def __str__(self):
        line = super().__str__()
        try:
            return f"{line}\n{view(self.failure).text}"
        except Exception:  # whatever is wrong with the picture, the error is what matters
            return line

    def __reduce__(self):
        return str, (super().__str__(),)  # an error that travels takes the line along


def _reason(error: Exception) -> str:
    name = type(error).__name__
    try:
        # Of a KeyError, str is the repr of its message.
        text = error.args[0] if isinstance(error, KeyError) and len(error.args) == 1 else error
        return f"{name}: {text}" if str(text) else name
    except Exception:
        return f"{name}: <no message: it cannot be printed>"


def _shapes(tree):
    try:
        return jax.tree.map(_shape, tree)
    except Exception:  # whatever it is, it is no pytree
        return short(tree)


def _shape(leaf):
    try:
        return spec(leaf)
    except Exception:  # an array of another library
        return short(leaf)
