"""What is frozen, at its place: parameters that a wrapper keeps in its state, so that nothing
trains them, shown with the layer that uses them.

Any layer can do so: it has one child, and keeps in its state, under the name `frozen`, a Tree of
those of the child's parameters that are not to be trained.
"""

import dataclasses

from luxnb.inspect.node import Frozen, Node

NAME = "frozen"


def frozen_in_place(node: Node) -> Node:
    """The same Nodes with every frozen parameter in the `params` of its layer, as a `Frozen`."""
    if not node.children:
        return node
    children = tuple(map(frozen_in_place, node.children))
    layers = [child for child in children if child.layer is not None]
    trees = [child for child in children if child.layer is None and child.name == NAME]
    if node.layer is not None and len(layers) == len(trees) == 1 and _fits(layers[0], trees[0]):
        children = tuple(
            _merged(child, trees[0]) if child is layers[0] else child
            for child in children
            if child is not trees[0]
        )
    return dataclasses.replace(node, children=children)


def _fits(layer: Node, frozen: Node) -> bool:
    """Whether what is frozen has a place in the layer that nothing else takes."""
    below = {child.name: child for child in layer.children}
    return not set(frozen.state) & set(layer.params) and all(
        tree.name in below and _fits(below[tree.name], tree) for tree in frozen.children
    )


def _merged(layer: Node, frozen: Node) -> Node:
    trees = {tree.name: tree for tree in frozen.children}
    kept = {name: Frozen(value) for name, value in frozen.state.items()}
    return dataclasses.replace(
        layer,
        params={**layer.params, **kept},
        children=tuple(
            _merged(child, trees[child.name]) if child.name in trees else child
            for child in layer.children
        ),
    )
