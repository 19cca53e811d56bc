"""From a layer, or a Tree, to its Nodes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import jax
import numpy as np

from luxnb.core.layer import Layer
from luxnb.core.spec import is_array, short
from luxnb.core.tree import Tree
from luxnb.inspect.node import Node, Shared
from luxnb.inspect.shapes import shapes


def walk(layer: Layer, params=None, state=None) -> Node:
    """The Nodes of a layer with what is given, or else with the shapes that `init` would give.

    Whatever does not fit the layer is shown as it is and named in `faults`; nothing raises.
    """
    faults = ()
    try:
        expected_params, expected_state = shapes(layer)
    except Exception as error:
        expected_params = expected_state = None
        faults = (f"init fails: {type(error).__name__}: {error}",)
    parts = (
        _Part("parameters", "", params if params is not None else expected_params, expected_params),
        _Part("state", "~", state if state is not None else expected_state, expected_state),
    )
    return _node(layer, "", "", *parts, faults, {})


def walk_tree(tree: Tree) -> Node:
    """The Nodes of a Tree alone: all its arrays are `params`."""
    nothing = _Part("state", "~", None, None)
    return _node(None, "", "", _Part("entries", "", tree, None), nothing, (), {})


@dataclass(frozen=True)
class _Part:
    """The parameters, or the state, of one Node: what is there and what the layer declares."""

    what: str
    sign: str
    given: Any
    expected: Tree | None

    def below(self, name: str) -> "_Part":
        """The part of a child; what is not there has no part."""
        given = self.given.get(name) if isinstance(self.given, Mapping) else None
        expected = self.expected.get(name) if self.expected is not None else None
        return _Part(self.what, self.sign, given, expected if isinstance(expected, Tree) else None)

    def own(self, children) -> dict[str, Any]:
        given = self.given if isinstance(self.given, Mapping) else {}
        return {str(name): value for name, value in given.items() if name not in children}

    def faults(self, children) -> tuple[str, ...]:
        """What is missing, unexpected, or of another shape than the layer declares."""
        if self.given is self.expected or self.given is None:
            return ()
        if not isinstance(self.given, Mapping):
            return (f"{self.what}: expected a Tree, got {short(self.given)}",)
        found = [f"no {self.what} for {name}" for name in children if name not in self.given]
        if self.expected is None:
            return tuple(found)
        mine = {name: value for name, value in self.expected.items() if name not in children}
        found += [
            f"missing {self.sign}{name} {short(value)}"
            for name, value in mine.items()
            if name not in self.given
        ]
        for name, value in self.own(children).items():
            if name not in mine:
                found.append(f"unexpected {self.sign}{name}")
            elif _shape(value) != _shape(mine[name]):
                found.append(f"expected {self.sign}{name} {short(mine[name])}")
        return tuple(found)


def _node(layer, name, path, params: _Part, state: _Part, faults, seen: dict[int, str]) -> Node:
    children = layer.children() if layer is not None else {}
    own_params, own_state = params.own(children), state.own(children)
    for part in (params, state):
        if layer is not None or part.expected:  # a layer's own Tree, empty at first, may be filled
            faults += part.faults(children)
    # An own Tree that is empty, a cache without room, says nothing in a model.
    nested = {
        name: None
        for own in (own_params, own_state)
        for name, value in own.items()
        if _is_tree(value) and (value or layer is None)
    }
    prefix = f"{path}." if path else ""
    return Node(
        path,
        name,
        layer,
        {n: _once(v, prefix + n, seen) for n, v in own_params.items() if not _is_tree(v)},
        {n: _once(v, prefix + n, seen) for n, v in own_state.items() if not _is_tree(v)},
        tuple(
            _node(child, n, prefix + n, params.below(n), state.below(n), (), seen)
            for n, child in {**children, **nested}.items()
        ),
        faults,
    )


def _is_tree(value) -> bool:
    return isinstance(value, Mapping)


def _shape(value):
    return tuple(value.shape) if is_array(value) else None


def _once(value, path: str, seen: dict[int, str]):
    """The value, or where it was met before when it is the very same array."""
    if not isinstance(value, jax.Array | np.ndarray):
        return value
    first = seen.setdefault(id(value), path)
    return value if first == path else Shared(first, value)
