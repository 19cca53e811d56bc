"""One call of a layer: names for profiles, a note on errors, and no state forgotten."""

from __future__ import annotations

import contextlib
import contextvars
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import jax

from luxnb.core.draft import Draft, settle
from luxnb.core.errors import brief, explain, note_place
from luxnb.core.missing import say_whose
from luxnb.core.observe import tell
from luxnb.core.probe import probe
from luxnb.core.spec import short
from luxnb.core.tree import Tree


@dataclass(eq=False)
class Frame:
    """A layer that is running: its place in the model and which children changed their state."""

    layer: Any
    name: str
    parent: Frame | None
    params: Tree
    draft: Draft
    changed: set[str] = field(default_factory=set)  # names only: an array could outlive its trace

    @property
    def path(self) -> str:
        """The dotted path from the outermost layer, which itself has the empty path."""
        if self.parent is None:
            return ""
        above = self.parent.path
        return f"{above}.{self.name}" if above else self.name


def path_here() -> str:
    """The path of the layer that is running; of the outermost, and outside of any, it is empty."""
    frame = _running.get()
    return frame.path if frame else ""


_running: contextvars.ContextVar[Frame | None] = contextvars.ContextVar("running", default=None)


def call(layer, x, ps, st):
    """`layer.forward` with everything that every layer's call has in common."""
    __tracebackhide__ = True
    parent = _running.get()
    ps, st = _trees(x, ps, st, layer)
    name = _name_in(parent, layer, ps, st)
    frame = Frame(layer, name or type(layer).__name__, parent, ps, Draft(st))
    token = _running.set(frame)
    try:
        with jax.named_scope(frame.name):
            told = probe()
            if told is not None:
                x = told.enter(frame.path, layer, x)
            y, new = _unpack(layer.forward(x, ps, frame.draft), layer)
            new = _settled(frame, st, new)
            if told is not None:
                y = told.leave(frame.path, layer, y)
            tell(frame.path, y)
    except Exception as error:
        _note(error, frame, x, ps, st)
        if parent is None:
            explain(error, layer, x, ps, st)
        raise
    finally:
        _running.reset(token)
    if parent is not None and name is not None and new is not st:
        parent.changed.add(name)
    return y, new


@contextlib.contextmanager
def inside(layer, ps, st) -> Iterator[None]:
    """Stand in a layer without calling it, so that whatever is called below has its right path."""
    parent = _running.get()
    name = _name_in(parent, layer, ps, st) or type(layer).__name__
    token = _running.set(Frame(layer, name, parent, ps, Draft(st)))
    try:
        with jax.named_scope(name):
            yield
    finally:
        _running.reset(token)


def _note(error: Exception, frame: Frame, x, ps, st) -> None:
    with contextlib.suppress(Exception):  # of an odd error, or an odd x
        if not hasattr(error, "luxnb_path"):  # this layer is the innermost
            place = f"at {frame.path}, " * bool(frame.path) + brief(frame.layer)
            say_whose(error, place, ps, st)
            note_place(error, frame.path, frame.layer, f"was given x: {short(x)}")


def _trees(x, ps, st, layer) -> tuple[Tree, Tree]:
    __tracebackhide__ = True
    try:
        return _as_tree(ps, "parameters", layer), _as_tree(st, "state", layer)
    except Exception as error:
        if _running.get() is None:
            explain(error, layer, x, ps, st)
        raise


def _as_tree(value, what, layer) -> Tree:
    __tracebackhide__ = True
    if isinstance(value, Draft):
        return settle(value)
    if isinstance(value, Mapping):
        return Tree.of(value)
    raise TypeError(
        f"{type(layer).__name__} needs its {what} as a Tree, got {short(value)}; "
        "write y, st = layer(x, ps, st)"
    )


def _name_in(parent, layer, ps, st) -> str | None:
    """A child is known by the state or the parameters it is handed, else by being the only one."""
    if parent is None:
        return None
    children = parent.layer.children()
    for given, value in ((parent.draft, st), (parent.params, ps)):  # parameters may be shared
        for name in children:
            if name in given and given[name] is value:
                return name
    same = [name for name, child in children.items() if child is layer]
    return same[0] if len(same) == 1 else None


def _unpack(result, layer):
    if isinstance(result, tuple) and len(result) == 2 and isinstance(result[1], Draft | Mapping):
        return result
    raise TypeError(
        f"{type(layer).__name__}.forward must return its output and its state: write `return y, st`"
    )


def _settled(frame: Frame, old: Tree, new) -> Tree:
    new = settle(new) if isinstance(new, Draft) else Tree.of(new)
    for name in old:
        if name in frame.changed and name in new and new[name] is old[name]:
            raise ValueError(
                f"{type(frame.layer).__name__}.forward forgets the new state of {name!r}: write "
                f"`x, st.{name} = self.{name}(x, ps.{name}, st.{name})`"
            )
    if new is not old and jax.tree.structure(new) != jax.tree.structure(old):
        raise ValueError(
            f"{type(frame.layer).__name__}.forward changed the structure of its state from {old!r} "
            f"to {new!r}; the names and modes that come in must go out"
        )
    return new
