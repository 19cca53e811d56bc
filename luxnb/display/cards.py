"""What a person sees of a layer and of a Tree: registered with `luxnb.core.view.view`."""

from luxnb.core.layer import Layer
from luxnb.core.stateful import Stateful
from luxnb.core.tree import Tree
from luxnb.core.view import View, view
from luxnb.display.html import html
from luxnb.display.row import rows
from luxnb.display.text import terminal_width, text
from luxnb.inspect.fold import fold
from luxnb.inspect.node import Node
from luxnb.inspect.walk import walk, walk_tree


@view.register
def view_layer(layer: Layer, params=None, state=None) -> View:
    """The layer's tree, with the shapes of what is given or of what `init` would make."""
    return _card(walk(layer, params, state))


@view.register
def view_tree(tree: Tree) -> View:
    """Names, shapes, dtypes and bytes of a Tree alone."""
    return _card(walk_tree(tree))


@view.register
def view_stateful(net: Stateful) -> View:
    """The model's tree with the parameters and the state that it has now."""
    return view(net.model, net.params, net.state)


def _card(root: Node) -> View:
    row, total = rows(fold(root))
    return View(text(row, total, terminal_width()), html(row, total))
