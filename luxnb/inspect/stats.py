"""stats: what the numbers are like in every array of a Tree, or of a model with its parameters."""

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import jax

from luxnb.core.layer import Layer
from luxnb.core.spec import is_array, is_key, short
from luxnb.core.stateful import Stateful
from luxnb.core.tree import nearest
from luxnb.core.view import Viewable
from luxnb.inspect.node import Frozen, Node, Shared
from luxnb.inspect.statistics import Statistics, statistics
from luxnb.inspect.walk import walk, walk_tree


class StatisticsTree(Mapping[str, Statistics], Viewable):
    """The `Statistics` of many arrays, by path; seen as the tree that they stand in.

    >>> model = Chain(Dense(2, 32), BatchNorm(32))
    >>> found = stats(model, *model.init(0))
    >>> found["layer_1.bias"].size, found["layer_2.~running_var"].mean
    (32, 1.0)
    """

    def __init__(self, root: Node, entries: dict[str, Statistics]):
        self.root, self._entries = root, entries

    def __getitem__(self, path: str) -> Statistics:
        if path not in self._entries:
            raise KeyError(f"no array at {path!r}{nearest(path, self._entries)}")
        return self._entries[path]

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self):
        return len(self._entries)

    def __repr__(self):
        return f"<{type(self).__name__} of {len(self)} arrays>"


def stats(what, params=None, state=None, *, exact: bool = False) -> Any:
    """Mean, spread, range, zeros, non-finite values and a histogram of an array; or of every array
    in a Tree, in any pytree (an optimiser's state), in a model's parameters and state.

    `stats(array)` is a `Statistics`, with `mean`, `std`, `low`, `high`, `zeros`, `nans`,
    `infinities`, `counts`. `stats(params)` and `stats(model, params, state)` are a
    `StatisticsTree`: `["layer_1.weight"]` is that array's, and a state's array has a `~` before
    its name. Of an array with more than 65,536 elements as many are looked at, evenly spread, and
    it is marked as sampled, unless `exact`.

    >>> stats(jnp.arange(5)).mean
    2.0
    >>> ps, st = Dense(64, 10).init(0)
    >>> [(path, found.shape) for path, found in stats(ps).items()]
    [('weight', (64, 10)), ('bias', (10,))]
    """
    if isinstance(what, Stateful):
        what, params, state = what.model, what.params, what.state
    if isinstance(what, Layer):
        if params is None:
            raise TypeError(
                f"{type(what).__name__} holds no arrays itself: write stats(model, params) or "
                "stats(model, params, state)"
            )
        return _tree(walk(what, params, state), exact)
    if params is not None or state is not None:
        raise TypeError(
            f"parameters and state go with a layer, got {short(what)}: write "
            "stats(model, params, state), or stats(params)"
        )
    if is_array(what):
        return statistics(what, exact=exact)
    if jax.tree.structure(what) == jax.tree.structure(0):
        raise TypeError(f"stats needs an array or a pytree of arrays, got {short(what)}")
    return _tree(walk_tree(_named(what)), exact)  # type: ignore[arg-type]


def _tree(root: Node, exact: bool) -> StatisticsTree:
    known: dict[int, Statistics] = {}  # an array that is met twice is looked at once

    def of(array) -> Statistics:
        if id(array) not in known:
            known[id(array)] = statistics(array, exact=exact)
        return known[id(array)]

    entries: dict[str, Statistics] = {}
    return StatisticsTree(_node(root, of, entries), entries)


def _node(node: Node, of: Callable, entries: dict[str, Statistics]) -> Node:
    """The Node with `Statistics` in place of arrays, which are told to `entries` by path."""

    def look(sign: str, own: Mapping) -> dict[str, Any]:
        prefix = f"{node.path}.{sign}" if node.path else sign
        return {name: _looked(value, prefix + name, of, entries) for name, value in own.items()}

    return dataclasses.replace(
        node,
        params=look("", node.params),
        state=look("~", node.state),
        children=tuple(_node(child, of, entries) for child in node.children),
    )


def _looked(value, path: str, of: Callable, entries: dict[str, Statistics]):
    if isinstance(value, Shared | Frozen):
        return dataclasses.replace(value, value=_looked(value.value, path, of, entries))

    def look(place, leaf):
        if not is_array(leaf) or is_key(leaf) or isinstance(leaf, jax.ShapeDtypeStruct):
            return leaf  # a state that is not given is shown with the shapes it would have
        below = jax.tree_util.keystr(place, simple=True, separator=".")
        found = entries[f"{path}.{below}" if below else path] = of(leaf)
        return found

    return jax.tree_util.tree_map_with_path(look, value)


def _named(pytree) -> dict[str, Any]:
    """Any pytree as nested dicts, under the names and numbers of its places."""
    named: dict[str, Any] = {}
    for place, leaf in jax.tree_util.tree_leaves_with_path(pytree):
        *above, name = (jax.tree_util.keystr((key,), simple=True) for key in place)
        inner = named
        for step in above:
            inner = inner.setdefault(step, {})
        inner[name] = leaf
    return named
