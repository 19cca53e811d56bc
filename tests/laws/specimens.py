"""The specimens: every layer in its variations, with an input and the names it must make.

A new layer adds its lines here and is held to every law of this folder.
"""

import functools
import operator
from dataclasses import dataclass, field
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

import luxnb as lx

TRAIN = lx.Mode.TRAIN


@dataclass(frozen=True)
class Specimen:
    """A layer, the shape of an input, and the shapes of its parameters and state by name.

    In `state`, a tuple is the shape of an array, "key" is a random key, and a Mode is itself.
    """

    name: str
    layer: lx.Layer
    shape: Any  # of an array, or a dict of such shapes
    params: dict = field(default_factory=dict)
    state: dict = field(default_factory=dict)

    @functools.cached_property
    def x(self):
        """An input, always the same one."""
        return self.inputs(1)[0]

    def inputs(self, count: int) -> list:
        """Different inputs."""
        rng = np.random.default_rng(0)

        def one(shape):
            return jnp.asarray(rng.normal(size=shape), jnp.float32)

        return [jax.tree.map(one, self.shape, is_leaf=is_shape) for _ in range(count)]

    @functools.cached_property
    def made(self):
        """Parameters and state."""
        return self.layer.init(0)


def is_shape(value) -> bool:
    return isinstance(value, tuple) and all(isinstance(n, int) for n in value)


@jax.jit
def compiled(layer, x, ps, st):
    """One call of any layer, compiled once a specimen for all laws."""
    return layer(x, ps, st)


# -- layers as a user would write them -------------------------------------------------------------


class Counter(lx.Layer):
    """Adds how often it was called: state that is neither a mode nor a key."""

    def init_state(self, key):
        return {"calls": jnp.zeros((), jnp.float32)}

    def forward(self, x, ps, st):
        st.calls = st.calls + 1
        return x + st.calls, st


class Gate(lx.Layer):
    """A child, and parameters and a state of its own."""

    inner: lx.Layer
    dims: int = 4

    def init_params(self, key):
        return {"gain": jax.random.normal(lx.key_for(key, "gain"), (self.dims,), jnp.float32)}

    def init_state(self, key):
        return {"last": jnp.zeros((self.dims,), jnp.float32)}

    def forward(self, x, ps, st):
        y, st.inner = self.inner(x, ps.inner, st.inner)
        y = y * jax.nn.sigmoid(ps.gain)
        st.last = y[0].astype(st.last.dtype)
        return y, st


class Join(lx.Layer):
    """A pair as one array."""

    def forward(self, x, ps, st):
        return jnp.concatenate(x, axis=-1), st


class Weighted(lx.Layer):
    """Takes a dict, returns a dict."""

    dims: int

    def init_params(self, key):
        return {"weight": jnp.ones((self.dims,), jnp.float32)}

    def forward(self, x, ps, st):
        return {"product": x["a"] * ps.weight * x["b"]}, st


class Blocks(lx.Layer):
    """Names its children itself."""

    blocks: tuple[lx.Layer, ...]

    def children(self):
        return {f"block_{i}": block for i, block in enumerate(self.blocks)}

    def with_child(self, name, child):
        return Blocks(tuple((self.children() | {name: child}).values()))

    def forward(self, x, ps, st):
        for name, block in self.children().items():
            x, st[name] = block(x, ps[name], st[name])
        return x, st


OURS = (Counter, Gate, Join, Weighted, Blocks)


# -- the table -------------------------------------------------------------------------------------


def _affine(n_in, n_out):
    return {"weight": (n_in, n_out), "bias": (n_out,)}


def _kernel(*shape):
    return {"weight": shape, "bias": (shape[-1],)}


def _scaled(n):
    return {"scale": (n,), "bias": (n,)}


def _running(n):
    return {"running_mean": (n,), "running_var": (n,), "mode": TRAIN}


_DROP = {"key": "key", "mode": TRAIN}

SPECIMENS = [
    Specimen("dense", lx.Dense(3, 4), (2, 3), _affine(3, 4)),
    Specimen("dense activation", lx.Dense(3, 4, jnp.tanh), (2, 3), _affine(3, 4)),
    Specimen("dense no bias", lx.Dense(3, 4, use_bias=False), (2, 3), {"weight": (3, 4)}),
    Specimen("dense no batch", lx.Dense(3, 4), (3,), _affine(3, 4)),
    Specimen("dense two batch axes", lx.Dense(3, 4), (2, 5, 3), _affine(3, 4)),
    Specimen(
        "dense initialisers",
        lx.Dense(3, 4, init_weight=lx.init.kaiming_normal(1.0), init_bias=lx.init.zeros()),
        (2, 3),
        _affine(3, 4),
    ),
    Specimen("conv 1-d", lx.Conv((3,), 2, 4), (2, 7, 2), _kernel(3, 2, 4)),
    Specimen("conv 2-d", lx.Conv((3, 2), 2, 3), (2, 5, 4, 2), _kernel(3, 2, 2, 3)),
    Specimen("conv 3-d", lx.Conv((2, 2, 2), 1, 2), (1, 3, 3, 3, 1), _kernel(2, 2, 2, 1, 2)),
    Specimen(
        "conv activation, no bias",
        lx.Conv((3,), 2, 4, jax.nn.softplus, use_bias=False),
        (2, 7, 2),
        {"weight": (3, 2, 4)},
    ),
    Specimen("conv stride", lx.Conv((3, 3), 1, 2, stride=2), (1, 7, 7, 1), _kernel(3, 3, 1, 2)),
    Specimen(
        "conv stride by axis",
        lx.Conv((3, 3), 1, 2, stride=(1, 2)),
        (1, 6, 7, 1),
        _kernel(3, 3, 1, 2),
    ),
    Specimen("conv padding", lx.Conv((3,), 2, 4, padding=2), (2, 5, 2), _kernel(3, 2, 4)),
    Specimen(
        "conv padding pairs",
        lx.Conv((3, 3), 1, 2, padding=((2, 0), 1)),
        (1, 4, 4, 1),
        _kernel(3, 3, 1, 2),
    ),
    Specimen(
        "conv same",
        lx.Conv((4, 3), 1, 2, padding="SAME", stride=2),
        (1, 5, 5, 1),
        _kernel(4, 3, 1, 2),
    ),
    Specimen("conv valid", lx.Conv((3,), 1, 2, padding="VALID"), (1, 5, 1), _kernel(3, 1, 2)),
    Specimen("conv dilation", lx.Conv((3,), 1, 2, dilation=2), (1, 7, 1), _kernel(3, 1, 2)),
    Specimen("conv groups", lx.Conv((3,), 4, 6, groups=2), (2, 5, 4), _kernel(3, 2, 6)),
    Specimen("conv depthwise", lx.Conv((3,), 3, 6, groups=3), (2, 5, 3), _kernel(3, 1, 6)),
    Specimen("max pool 1-d", lx.MaxPool((2,)), (2, 7, 3)),
    Specimen("max pool 2-d", lx.MaxPool((2, 3)), (2, 4, 7, 2)),
    Specimen("max pool 3-d", lx.MaxPool((2, 2, 2), stride=1), (1, 3, 3, 3, 1)),
    Specimen("max pool padding", lx.MaxPool((3, 3), stride=2, padding=1), (1, 5, 5, 2)),
    Specimen("max pool same", lx.MaxPool((3,), stride=2, padding="SAME"), (1, 6, 2)),
    Specimen("max pool dilation", lx.MaxPool((2,), stride=1, dilation=2), (1, 6, 2)),
    Specimen("batch norm", lx.BatchNorm(3), (4, 3), _scaled(3), _running(3)),
    Specimen("batch norm image", lx.BatchNorm(2), (2, 3, 3, 2), _scaled(2), _running(2)),
    Specimen("batch norm plain", lx.BatchNorm(3, affine=False), (4, 3), {}, _running(3)),
    Specimen(
        "batch norm activation",
        lx.BatchNorm(3, jnp.tanh, momentum=0.3, eps=1e-3),
        (4, 3),
        _scaled(3),
        _running(3),
    ),
    Specimen("dropout", lx.Dropout(0.3), (4, 5), {}, _DROP),
    Specimen("dropout nothing", lx.Dropout(0.0), (4, 5), {}, _DROP),
    Specimen("flatten", lx.Flatten(), (2, 3, 4)),
    Specimen("identity", lx.Identity(), (2, 3)),
    Specimen("function", lx.Function(jnp.sin), (2, 3)),
    Specimen(
        "skip",
        lx.SkipConnection(lx.Dense(3, 3, jnp.tanh)),
        (2, 3),
        {"layer": _affine(3, 3)},
        {"layer": {}},
    ),
    Specimen(
        "skip product",
        lx.SkipConnection(lx.Dropout(0.5), operator.mul),
        (2, 3),
        {"layer": {}},
        {"layer": _DROP},
    ),
    Specimen(
        "skip layer",
        lx.SkipConnection(lx.Dense(3, 2), lx.Chain(Join(), lx.Dense(5, 4))),
        (2, 3),
        {"layer": _affine(3, 2), "connection": {"layer_1": {}, "layer_2": _affine(5, 4)}},
        {"layer": {}, "connection": {"layer_1": {}, "layer_2": {}}},
    ),
    Specimen(
        "chain",
        lx.Chain(lx.Dense(3, 4, jnp.tanh), lx.Dropout(0.5), lx.Dense(4, 2)),
        (4, 3),
        {"layer_1": _affine(3, 4), "layer_2": {}, "layer_3": _affine(4, 2)},
        {"layer_1": {}, "layer_2": _DROP, "layer_3": {}},
    ),
    Specimen(
        "chain named",
        lx.Chain(encoder=lx.Dense(3, 2), norm=lx.BatchNorm(2), decoder=lx.Dense(2, 3)),
        (4, 3),
        {"encoder": _affine(3, 2), "norm": _scaled(2), "decoder": _affine(2, 3)},
        {"encoder": {}, "norm": _running(2), "decoder": {}},
    ),
    Specimen(
        "chain nested",
        lx.Chain(lx.Chain(lx.Dense(3, 3), jnp.sin), lx.SkipConnection(lx.Chain(lx.Dropout(0.1)))),
        (4, 3),
        {
            "layer_1": {"layer_1": _affine(3, 3), "layer_2": {}},
            "layer_2": {"layer": {"layer_1": {}}},
        },
        {"layer_1": {"layer_1": {}, "layer_2": {}}, "layer_2": {"layer": {"layer_1": _DROP}}},
    ),
    Specimen(
        "chain of images",
        lx.Chain(lx.Conv((3, 3), 1, 2, jnp.tanh), lx.MaxPool((2, 2)), lx.Flatten(), lx.Dense(8, 3)),
        (2, 6, 6, 1),
        {"layer_1": _kernel(3, 3, 1, 2), "layer_2": {}, "layer_3": {}, "layer_4": _affine(8, 3)},
        {"layer_1": {}, "layer_2": {}, "layer_3": {}, "layer_4": {}},
    ),
    Specimen("own counter", Counter(), (2, 3), {}, {"calls": ()}),
    Specimen(
        "own gate",
        Gate(lx.Chain(lx.Dense(3, 4), lx.Dropout(0.2))),
        (2, 3),
        {"gain": (4,), "inner": {"layer_1": _affine(3, 4), "layer_2": {}}},
        {"last": (4,), "inner": {"layer_1": {}, "layer_2": _DROP}},
    ),
    Specimen("own pytree", Weighted(3), {"a": (2, 3), "b": (2, 3)}, {"weight": (3,)}),
    Specimen(
        "own blocks",
        Blocks((lx.Dense(3, 3), Counter())),
        (2, 3),
        {"block_0": _affine(3, 3), "block_1": {}},
        {"block_0": {}, "block_1": {"calls": ()}},
    ),
]
