"""What a person sees of a layer, of a Tree, of any Node: registered with `luxnb.core.view.view`."""

from typing import Any

import jax

from luxnb.core.layer import Layer
from luxnb.core.stateful import Stateful
from luxnb.core.tree import Tree
from luxnb.core.view import View, view
from luxnb.display.html import html
from luxnb.display.row import table
from luxnb.display.text import terminal_width, text
from luxnb.inspect.fold import fold
from luxnb.inspect.frozen import frozen_in_place
from luxnb.inspect.node import Node
from luxnb.inspect.walk import walk, walk_tree


@view.register
def view_layer(layer: Layer, params=None, state=None) -> View:
    """The layer's tree, with the shapes of what is given or of what `init` would make."""
    if params is not None or state is not None:
        return card(walk(layer, params, state))
    key = (id(layer), terminal_width(), jax.config.jax_enable_x64)  # type: ignore[attr-defined]
    known = _seen.get(key)
    if known is None:
        root = walk(layer)
        known = (layer, card(root))
        if not root.faults:  # who mends what was wrong with `init` must see it
            _seen[key] = known
            if len(_seen) > MOST_SEEN:
                _seen.pop(next(iter(_seen)), None)
    return known[1]


# What was seen of the same layer, which is kept so that no other can have its id; equal layers may
# look unequal, `Dropout(0)` and `Dropout(False)`.
_seen: dict[Any, tuple[Layer, View]] = {}
MOST_SEEN = 32


@view.register
def view_tree(tree: Tree) -> View:
    """Names, shapes, dtypes and bytes of a Tree alone."""
    return card(walk_tree(tree))


@view.register
def view_stateful(net: Stateful) -> View:
    """The model's tree with the parameters and the state that it has now."""
    return view(net.model, net.params, net.state)


@view.register
def card(root: Node, notes: tuple[str, ...] = ()) -> View:
    """Any Node with all below it: equal neighbours folded, a total, and `notes` below that."""
    words = table(fold(frozen_in_place(root)), notes)
    return View(text(words, terminal_width()), html(words))
