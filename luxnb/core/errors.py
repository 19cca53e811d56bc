"""Where in a model an error happened: a note on the error, which unfolds when it is printed."""

import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jax

from luxnb.core.spec import is_array
from luxnb.core.view import Viewable, view

LONGEST = 160  # of a layer's repr: a note is for reading


def note_place(error: Exception, path: str, layer, what: str) -> None:
    """Add "at layer_1: Dense(2, 3) was given …". Only the innermost layer speaks, where it was."""
    if hasattr(error, "luxnb_path"):
        return
    with contextlib.suppress(Exception):  # an error may refuse new attributes
        error.luxnb_path = path  # type: ignore[attr-defined]
        shown = repr(layer)
        shown = shown if len(shown) <= LONGEST else f"{type(layer).__name__}(…)"
        error.add_note(f"{f'at {path}: ' if path else ''}{shown} {what}")


@dataclass(frozen=True, eq=False, repr=False)
class Failure(Viewable):
    """A call that failed: of which model, where in it, and with what. Shapes stand for arrays.

    It is `error.luxnb_failure`; as the last line of a cell it is the model's tree, opened at the
    layer that failed, with the shapes up to there.
    """

    model: Any
    path: str  # of the innermost layer that was running
    x: Any
    params: Any
    state: Any
    reason: str  # the type of the error and its message

    def __repr__(self):
        return f"<Failure at {self.path or 'the model itself'}: {self.reason}>"


# The notebook room knows how to show a failure in a cell.
presenter: Callable[[Exception, Failure], None] | None = None


def explain(error: Exception, model, x, params, state) -> None:
    """Let the error know the whole call, of which `model` is the outermost layer.

    Nothing is looked into before somebody looks: an error may be caught and forgotten.
    """
    if hasattr(error, "luxnb_failure"):
        return
    with contextlib.suppress(Exception):
        path = getattr(error, "luxnb_path", "")
        reason = f"{type(error).__name__}: {error}"
        failure = Failure(model, path, _shapes(x), _shapes(params), _shapes(state), reason)
        error.luxnb_failure = failure  # type: ignore[attr-defined]
        notes = getattr(error, "__notes__", [])
        if notes:
            notes[-1] = _Note(notes[-1], failure)
        if presenter is not None:
            presenter(error, failure)


class _Note(str):
    """One line to whoever reads it; with the tree of the model below it where it is printed."""

    __slots__ = ("_failure",)
    _failure: Failure

    def __new__(cls, line: str, failure: Failure):
        note = super().__new__(cls, line)
        note._failure = failure
        return note

    def __str__(self):
        line = super().__str__()
        try:
            return f"{line}\n{view(self._failure).text}"
        except Exception:  # whatever is wrong with the picture, the error is what matters
            return line

    def __reduce__(self):
        return str, (super().__str__(),)  # an error that travels takes the line along


def _shapes(tree):
    return jax.tree.map(_shape, tree)


def _shape(leaf):
    return jax.ShapeDtypeStruct(leaf.shape, leaf.dtype) if is_array(leaf) else leaf
