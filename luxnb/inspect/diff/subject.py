"""From what is compared to its Nodes: register another type with `subject`."""

import functools
from collections.abc import Mapping
from typing import Any, NamedTuple

from luxnb.core.layer import Layer
from luxnb.core.stateful import Stateful
from luxnb.inspect.frozen import frozen_in_place
from luxnb.inspect.node import Node
from luxnb.inspect.walk import walk, walk_tree


class Subject(NamedTuple):
    """What is compared: only two of one kind are. None is the kind of what cannot be compared."""

    kind: str | None
    root: Node


@functools.singledispatch
def subject(value) -> Subject:
    """The Nodes of a value, and what kind of thing it is."""
    if isinstance(value, Mapping):
        return Subject("a Tree", tree(value))
    return Subject(None, Node("", ""))


@subject.register
def of_layer(layer: Layer) -> Subject:
    return Subject("a layer", model(layer))


@subject.register
def of_stateful(net: Stateful) -> Subject:
    return Subject("a layer", model(net.model, net.params, net.state))


def model(layer: Layer, params=None, state=None) -> Node:
    """A layer with the parameters and the state that it has, or would have."""
    return frozen_in_place(walk(layer, params, state))


def tree(value) -> Node:
    """A Tree, or any pytree of mappings, tuples and lists, as an optimiser's state is."""
    return walk_tree(named(value))  # type: ignore[arg-type]


def named(value) -> Any:
    """A pytree as nested dicts: `{"0": {"mu": …}}`. Names may be anything, unlike in a Tree."""
    if isinstance(value, Mapping):
        found = {str(name): named(inner) for name, inner in value.items()}
        if len(found) < len(value):
            raise ValueError("a mapping with two names that are written alike cannot be compared")
        return found
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return {name: named(getattr(value, name)) for name in value._fields}  # type: ignore
    if isinstance(value, tuple | list):
        return {str(i): named(inner) for i, inner in enumerate(value)}
    return value
