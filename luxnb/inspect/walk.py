"""From a layer, or a Tree, to its Nodes."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import jax
import numpy as np

from luxnb.core.layer import Layer
from luxnb.core.spec import is_array, short
from luxnb.core.tree import Tree
from luxnb.inspect.copies import copies
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
    params = params if params is not None else expected_params
    state = state if state is not None else expected_state
    node = _whole(layer, params, state, expected_params, expected_state, faults)
    if _is_tree(params) and _is_tree(state) and _is_faulty(node):
        exchanged = _whole(layer, state, params, expected_params, expected_state, faults)
        if not _is_faulty(exchanged):
            return dataclasses.replace(exchanged, faults=(EXCHANGED,))
    return node


MOST_NAMES = 6  # in a sentence
EXCHANGED = "parameters and state are exchanged: write parameters first, then state"


def _whole(layer, params, state, expected_params, expected_state, faults) -> Node:
    parts = (
        _Part("parameters", "", params, expected_params),
        _Part("state", "~", state, expected_state),
    )
    return _node(layer, "", "", *parts, faults, {})


def _is_faulty(node: Node) -> bool:
    return bool(node.faults) or any(map(_is_faulty, node.children))


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
        given = self.given.get(name) if _is_tree(self.given) else None
        expected = self.expected.get(name) if self.expected is not None else None
        return _Part(self.what, self.sign, given, expected if isinstance(expected, Tree) else None)

    def own(self, children) -> dict[str, Any]:
        given = self.given if _is_tree(self.given) else {}
        return {str(name): value for name, value in given.items() if name not in children}

    def faults(self, children) -> tuple[str, ...]:
        """What is missing, unexpected, or of another shape than the layer declares."""
        if self.given is self.expected or self.given is None:
            return ()
        if not _is_tree(self.given):
            return (f"{self.what}: expected a Tree, got {short(self.given)}",)
        lacking = [name for name in children if name not in self.given]
        found = [f"no {self.what} for {_some(lacking)}"] if lacking else []
        if self.expected is None:
            return tuple(found)
        mine = {name: value for name, value in self.expected.items() if name not in children}
        own = self.own(children)
        found += [
            f"{what} {_some(names)}"
            for what, names in (
                ("missing", [self._said(n, v) for n, v in mine.items() if n not in self.given]),
                ("unexpected", [self.sign + name for name in own if name not in mine]),
                ("expected", [self._said(n, mine[n]) for n in own if _differ(n, own, mine)]),
            )
            if names
        ]
        return tuple(found)

    def _said(self, name, value) -> str:
        return f"{self.sign}{name} {short(value)}"


def _node(layer, name, path, params: _Part, state: _Part, faults, seen: dict, remark=None) -> Node:
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
    remarks = copies(layer, params.expected, state.expected)
    return Node(
        path,
        name,
        layer,
        {n: _once(v, prefix + n, seen) for n, v in own_params.items() if not _is_tree(v)},
        {n: _once(v, prefix + n, seen) for n, v in own_state.items() if not _is_tree(v)},
        tuple(
            _node(child, n, prefix + n, params.below(n), state.below(n), (), seen, remarks.get(n))
            for n, child in {**children, **nested}.items()
        ),
        faults,
        remarks=(remark,) if remark else (),
    )


def _some(names: list[str]) -> str:
    """The names; of many the first, and how many there are besides."""
    more = f" and {len(names) - MOST_NAMES:,} more" * (len(names) > MOST_NAMES)
    return ", ".join(names[:MOST_NAMES]) + more


def _is_tree(value) -> bool:
    return issubclass(type(value), Mapping)  # what a value says of its class may be a lie


def _shape(value):
    return tuple(value.shape) if is_array(value) else None


def _differ(name: str, own: Mapping, mine: Mapping) -> bool:
    return name in mine and _shape(own[name]) != _shape(mine[name])


def _once(value, path: str, seen: dict[int, str]):
    """The value, or where it was met before when it is the very same array."""
    try:
        value.__class__  # noqa: B018  (asked for by whoever looks at it)
    except Exception:
        return _Mute(f"<{type(value).__name__}: not to be asked>")
    if not is_array(value) or not isinstance(value, jax.Array | np.ndarray):
        return value
    first = seen.setdefault(id(value), path)
    return value if first == path else Shared(first, value)


@dataclass(frozen=True, repr=False)
class _Mute:
    """Stands for a value that raises as soon as somebody looks at it."""

    said: str

    def __repr__(self):
        return self.said
