"""Where the arrays of each layer are at home: in the parameters, in the state, or frozen above."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import jax

from luxnb.core.layer import Layer
from luxnb.core.mode import Mode
from luxnb.core.spec import is_array
from luxnb.core.tree import Tree
from luxnb.inspect.frozen import frozen_in_place
from luxnb.inspect.node import Frozen, Node
from luxnb.inspect.shapes import shapes
from luxnb.inspect.walk import walk


@dataclass(frozen=True)
class Home:
    """The place of one array: in the parameters or in the state of a model, and where there."""

    is_param: bool
    path: str
    form: Any  # what another value must share to take its place


# What each layer owns, by the path of the layer and the name of the array.
Homes = dict[str, dict[str, Home]]


def homes(layer: Layer) -> Homes:
    """The home of every array of a model, with the layer that declares it.

    What a `Frozen` keeps in its state is still a parameter of the layer that it froze.
    """
    params, state = shapes(layer)
    marked_params = with_paths(params, lambda path, value: Home(True, path, form(value)))
    marked_state = with_paths(state, lambda path, value: Home(False, path, form(value)))
    return dict(_homes(frozen_in_place(walk(layer, marked_params, marked_state))))


def with_paths(tree: Tree, function: Callable[[str, Any], Any], above: str = "") -> Tree:
    """The Tree with `function(path, value)` in the place of each value."""
    changed = {}
    for name, value in tree.items():
        path = f"{above}{name}"
        if isinstance(value, Tree):
            changed[name] = with_paths(value, function, f"{path}.")
        else:
            changed[name] = function(path, value)
    return Tree.of(changed)


def form(value) -> Any:
    """What two values share that can take each other's place: shapes, but not dtypes."""
    if isinstance(value, Mode):
        return Mode
    leaves, structure = jax.tree.flatten(value)
    return structure, [tuple(leaf.shape) if is_array(leaf) else type(leaf) for leaf in leaves]


def _homes(node: Node) -> Iterator[tuple[str, dict[str, Home]]]:
    """(path, what it owns) of each layer; a Tree that is no layer's belongs to the one above."""
    yield node.path, dict(_own(node))
    for child in node.children:
        if child.layer is not None:
            yield from _homes(child)


def _own(node: Node, above: str = "") -> Iterator[tuple[str, Home]]:
    for sign, own in (("", node.params), ("~", node.state)):
        for name, home in own.items():
            yield sign + above + name, home.value if isinstance(home, Frozen) else home
    for child in node.children:
        if child.layer is None:
            yield from _own(child, f"{above}{child.name}.")
