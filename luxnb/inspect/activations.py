"""activations: what the outputs of all layers are like, over a batch."""

import dataclasses
import functools
import math
import types
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import jax
import jax.core
import jax.numpy as jnp
import numpy as np

from luxnb.core.capture import capture
from luxnb.core.layer import Layer
from luxnb.core.mode import Mode
from luxnb.core.spec import is_array, is_key, short
from luxnb.inspect.node import Node
from luxnb.inspect.sample import stride
from luxnb.inspect.statistics import Statistics, measured
from luxnb.inspect.stats import StatisticsTree
from luxnb.inspect.walk import walk

# The range of activation functions that are flat at both ends.
_RANGES = (
    (-1, 1, (jnp.tanh, jax.lax.tanh, jax.nn.hard_tanh, jax.nn.soft_sign)),
    (0, 1, (jax.nn.sigmoid, jax.lax.logistic, jax.nn.hard_sigmoid)),
)
NEAR = 0.01  # of the range: there the slope of tanh is at most 4 % of its steepest


class Activations(StatisticsTree):
    """The `Statistics` of every layer's output, by path; seen as the model's tree.

    `activations["layer_1"]` is that layer's, `[""]` the model's own; a second call of a layer is
    `layer_1#2`. `dead` is the share of units, the entries of the last axis, that are zero for the
    whole batch (and all turns of a loop); `saturated`, where the layer has a tanh or a sigmoid, the
    share of values at an end of its range. `mode` is "train", "test" or "" where no layer asks.
    """

    def __init__(self, root: Node, entries, mode: str, outputs: Mapping[str, Any] | None):
        super().__init__(root, entries)
        self.mode, self._outputs = mode, outputs

    @property
    def outputs(self) -> Mapping[str, Any]:
        """The arrays themselves, by path, if they were to be kept."""
        if self._outputs is None:
            raise AttributeError(
                "the outputs were not kept: write activations(model, x, ps, st, keep=True).outputs"
            )
        return self._outputs


def activations(model: Layer, x, ps, st, *, exact: bool = False, keep: bool = False) -> Activations:
    """Mean, spread, range, zeros and a histogram of every layer's output for the batch `x`, with
    the share of units that are dead and of values that are saturated.

    One compiled call in the mode that `st` is in, which does not change. Large outputs are sampled
    unless `exact`, and thrown away unless `keep`. A layer in a loop is seen over all turns; one
    inside a `vmap` cannot be seen, and is left without.

    >>> model = Chain(Dense(2, 32, jax.nn.relu), Dense(32, 1, jnp.tanh))
    >>> found = lx.activations(model, jnp.ones((100, 2)), *model.init(0))
    >>> list(found), found["layer_1"].shape, found["layer_2"].saturated
    (['layer_1', 'layer_2', ''], (100, 32), 0.0)
    """
    if not isinstance(model, Layer):
        raise TypeError(f"activations needs a layer, got {short(model)}")
    for leaf in jax.tree.leaves((x, ps, st)):
        if isinstance(leaf, jax.ShapeDtypeStruct | jax.core.Tracer):
            raise TypeError(
                "activations needs numbers, got shapes alone: call it outside of jit, with "
                "parameters and state that init has made"
            )
    seen, outputs = _seen(model, x, ps, st, exact, keep)
    seen = {
        path: jax.tree.map(_statistics, value, is_leaf=_is_look) for path, value in seen.items()
    }
    entries = {
        ".".join(
            filter(None, (path, jax.tree_util.keystr(place, simple=True, separator=".")))
        ): leaf
        for path, value in seen.items()
        for place, leaf in jax.tree_util.tree_leaves_with_path(value)
        if isinstance(leaf, Statistics)
    }
    return Activations(_node(walk(model, ps, st), seen), entries, _mode(st), outputs)


def _mode(st) -> str:
    modes = jax.tree.leaves(st, is_leaf=lambda value: isinstance(value, Mode))
    return " and ".join(dict.fromkeys(mode.value for mode in modes if isinstance(mode, Mode)))


# -- in the compiled call ------------------------------------------------------------------------


class _Look(NamedTuple):
    """What leaves the compiled call of one output."""

    spec: "_Spec"
    sample: jax.Array
    dead: jax.Array | None
    saturated: jax.Array | None


@jax.tree_util.register_static
@dataclasses.dataclass(frozen=True)
class _Spec:
    shape: tuple[int, ...]
    dtype: Any


def _is_look(value) -> bool:
    return isinstance(value, _Look)


@jax.jit(static_argnames=("exact", "keep"))
def _seen(model: Layer, x, ps, st, exact: bool, keep: bool):
    _, _, outputs = capture(model)(x, ps, st)
    layers = dict(_layers(model))
    seen = type(outputs)(
        (path, jax.tree.map(functools.partial(_look, _of(path, layers), exact), ys))
        for path, ys in outputs.items()
    )
    return seen, outputs if keep else None


def _layers(layer: Layer, path: str = "") -> Iterator[tuple[str, Layer]]:
    yield path, layer
    for name, child in layer.children().items():
        yield from _layers(child, f"{path}.{name}" if path else name)


def _of(path: str, layers: Mapping[str, Layer]) -> Layer | None:
    """The layer whose output is at `path`; None for what was sown."""
    return layers.get(path, layers.get(path.partition("#")[0]))


def _look(layer: Layer | None, exact: bool, y):
    y = y if is_array(y) else jnp.asarray(y)
    if is_key(y):
        return y
    is_real = layer is not None and jnp.issubdtype(y.dtype, jnp.floating)
    return _Look(
        _Spec(y.shape, y.dtype),
        y.reshape(-1)[:: 1 if exact else stride(y.shape)],
        _dead(y) if is_real else None,
        _saturated(y, layer) if is_real else None,
    )


def _dead(y) -> jax.Array | None:
    """The share of units that are zero everywhere; of a single value that would say nothing."""
    if y.ndim < 2 or math.prod(y.shape[:-1]) < 2 or not y.size:
        return None
    return jnp.all(y == 0, axis=tuple(range(y.ndim - 1))).mean()


def _saturated(y, layer) -> jax.Array | None:
    """The share of values at an end of the range of the layer's activation function."""
    values = [getattr(layer, field.name) for field in dataclasses.fields(layer)]
    for low, high, functions in _RANGES:
        if y.size and any(value is function for value in values for function in functions):
            near = NEAR * (high - low)
            return ((y < low + near) | (y > high - near)).mean()
    return None


# -- out of it -----------------------------------------------------------------------------------


def _statistics(look):
    if not _is_look(look):
        return look
    sample = np.asarray(look.sample)
    found = measured([sample], shape=look.spec.shape, dtype=look.spec.dtype)
    dead, saturated = (None if share is None else float(share) for share in look[2:])
    return dataclasses.replace(found, dead=dead, saturated=saturated)


def _node(node: Node, seen: Mapping[str, Any]) -> Node:
    """The layer with its output alone; further calls, and what was sown, stand below it."""
    prefix = f"{node.path}." if node.path else ""
    known = {child.path for child in node.children}
    children = [_node(child, seen) for child in node.children if child.layer is not None]
    for path, value in seen.items():
        name = path.removeprefix(prefix)
        if path.startswith(prefix) and path not in known and name and "." not in name:
            children.append(Node(path, name, output=value))
    return Node(
        *(node.path, node.name, node.layer),
        children=tuple(children),
        faults=node.faults,
        output=seen.get(node.path),
    )


class Functions(types.ModuleType):
    """`lx.activations` is the module of activation functions; called, it is `activations`."""

    def __call__(self, model: Layer, x, ps, st, *, exact: bool = False, keep: bool = False):
        return activations(model, x, ps, st, exact=exact, keep=keep)

    __call__.__doc__ = activations.__doc__
