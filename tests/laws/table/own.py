"""Layers as a user would write them."""

import jax
import jax.numpy as jnp

import luxnb as lx
from tests.laws.specimen import DROP, TRAIN, Specimen, affine


class Counter(lx.Layer):
    """Adds how often it was called: state that is neither a mode nor a key."""

    def init_state(self, key):
        return {"calls": jnp.zeros((), jnp.float32)}

    def forward(self, x, ps, st):
        st.calls = st.calls + 1
        return x + st.calls.astype(x.dtype), st


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
        y = y * jax.nn.sigmoid(ps.gain)[None]
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
        return {"product": x["a"] * ps.weight[None] * x["b"]}, st


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


@lx.compact(
    hidden=lx.Dense(3, 4, jnp.tanh),
    drop=lx.Dropout(0.5),
    blocks=lx.Chain(lx.Dense(4, 4), lx.Dense(4, 4)),
    gain=lx.Param(lx.init.ones(), (4,)),
    calls=lx.State(lx.init.zeros()),
    key=lx.RandomKey(),
    mode=lx.Mode.TRAIN,
    power=2,
)
def compacted(m, x):
    """Everything that a compact layer can do."""
    x = m.drop(m.hidden(x))
    for block in m.blocks:
        x = x + block(x)
    m.calls = m.calls + 1
    if m.mode is lx.Mode.TRAIN:
        key, m.key = jax.random.split(m.key)
        x = x + jax.random.normal(key, x.shape, x.dtype)
    return m.gain[None] * x**m.power @ m.hidden.weight.T


@lx.compact(inner=lx.Dense(3, 3), power=2)
def square(m, x):
    return m.inner(x) ** m.power


SPECIMENS = [
    Specimen("own counter", Counter(), (2, 3), {}, {"calls": ()}, remembers=True),
    Specimen(
        "own gate",
        Gate(lx.Chain(lx.Dense(3, 4), lx.Dropout(0.2))),
        (2, 3),
        {"gain": (4,), "inner": {"layer_1": affine(3, 4), "layer_2": {}}},
        {"last": (4,), "inner": {"layer_1": {}, "layer_2": DROP}},
        remembers=True,
    ),
    Specimen("own pytree", Weighted(3), {"a": (2, 3), "b": (2, 3)}, {"weight": (3,)}, draws=False),
    Specimen(
        "own blocks",
        Blocks((lx.Dense(3, 3), Counter())),
        (2, 3),
        {"block_0": affine(3, 3), "block_1": {}},
        {"block_0": {}, "block_1": {"calls": ()}},
        remembers=True,
    ),
    Specimen(
        "own compact",
        compacted,
        (2, 3),
        {
            "gain": (4,),
            "hidden": affine(3, 4),
            "drop": {},
            "blocks": {"layer_1": affine(4, 4), "layer_2": affine(4, 4)},
        },
        {
            "calls": (),
            "key": "key",
            "mode": TRAIN,
            "hidden": {},
            "drop": DROP,
            "blocks": {"layer_1": {}, "layer_2": {}},
        },
        remembers=True,
    ),
    Specimen(
        "own compact, edited",
        lx.replace(lx.replace(square, "inner", lx.Dense(3, 2)), "power", 3),
        (2, 3),
        {"inner": affine(3, 2)},
        {"inner": {}},
    ),
]
