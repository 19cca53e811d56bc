"""Bound: a layer together with its parameters and its draft of the state, for one call.

It is the `m` of a compact layer, through which a body calls sub-layers without passing on their
parameters and state.
"""

import dataclasses
from collections.abc import Callable, Iterator

from luxnb.core.call import inside
from luxnb.core.draft import Draft
from luxnb.core.layer import Layer
from luxnb.core.tree import Tree, nearest


class Bound:
    """`m.name` is a sub-layer ready to be called, a parameter, an entry of the state or a field;
    `m.name = value` writes the state."""

    __slots__ = ("_draft", "_layer", "_params")
    _layer: Layer
    _params: Tree
    _draft: Draft

    def __init__(self, layer: Layer, params: Tree, draft: Draft):
        object.__setattr__(self, "_layer", layer)
        object.__setattr__(self, "_params", params)
        object.__setattr__(self, "_draft", draft)

    def __getattr__(self, name):
        if name.startswith("_"):
            raise AttributeError(name)
        if name in self._layer.children():
            return BoundLayer(self._layer.children()[name], name, self._below)
        return _entry(self._layer, name, self._params, self._draft)

    def __setattr__(self, name, value):
        if name not in self._draft or name in self._layer.children():
            raise AttributeError(self._refusal(name))
        self._draft[name] = value

    def __dir__(self):
        return _names(self._layer)

    def _below(self, name: str, run: Callable):
        y, self._draft[name] = run(self._params[name], self._draft[name])
        return y

    def _refusal(self, name: str) -> str:
        who = type(self._layer).__name__
        if name in self._params and name not in self._layer.children():
            return f"{who} cannot write its parameter {name!r}: parameters change by training only"
        if name in _names(self._layer):
            return f"{who} cannot write {name!r}: it is a part of the layer, which is a value"
        return f"{who} has no state {name!r}: declare it, @compact({name}=State(init.zeros(), …))"


class BoundLayer:
    """A sub-layer that is called as `m.hidden(x)`, or looked into: `m.hidden.weight`."""

    __slots__ = ("_layer", "_name", "_run_above")

    def __init__(self, layer: Layer, name: str, run_above: Callable):
        self._layer, self._name, self._run_above = layer, name, run_above

    def __call__(self, x):
        return self._run_above(self._name, lambda ps, st: self._layer(x, ps, st))

    def __getattr__(self, name):
        if name.startswith("_"):
            raise AttributeError(name)
        if name in self._layer.children():
            return BoundLayer(self._layer.children()[name], name, self._below)
        return self._run_above(self._name, lambda ps, st: (_entry(self._layer, name, ps, st), st))

    def __iter__(self) -> Iterator["BoundLayer"]:
        for name, child in self._layer.children().items():
            yield BoundLayer(child, name, self._below)

    def __len__(self):
        return len(self._layer.children())

    def __getitem__(self, index):
        return list(self)[index]

    def __dir__(self):
        return _names(self._layer)

    def _below(self, name: str, run: Callable):
        def here(ps, st):
            with inside(self._layer, ps, st):
                y, new = run(ps[name], st[name])
            return y, st.replace(**{name: new})

        return self._run_above(self._name, here)


def _entry(layer: Layer, name: str, params, state):
    """A parameter, an entry of the state, or a field of the layer."""
    if name in params:
        return params[name]
    if name in state:
        return state[name]
    if name in _names(layer):
        return getattr(layer, name)
    known = [*layer.children(), *params, *state, *_names(layer)]
    raise AttributeError(
        f"{type(layer).__name__} has no part {name!r}{nearest(name, dict.fromkeys(known))}"
    )


def _names(layer: Layer) -> list[str]:
    return [field.name for field in dataclasses.fields(layer)]  # type: ignore[arg-type]
