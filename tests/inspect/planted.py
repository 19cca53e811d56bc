"""Models with one number somewhere that is not finite, and where that is."""

from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

import luxnb as lx

NAN, INF = jnp.nan, jnp.inf


@dataclass(frozen=True)
class Case:
    """What `locate_nonfinite` is given, and what it must find."""

    name: str
    model: lx.Layer
    x: Any
    kind: str
    path: str
    array: str
    counts: tuple[int, int, int] = (1, 0, 0)  # NaN, Inf, −Inf
    first: tuple[int, ...] = (1, 0)
    changed: tuple[tuple[str, Any], ...] = ()  # entries of the parameters
    changed_state: tuple[tuple[str, Any], ...] = ()
    loops: tuple[tuple[str, int], ...] = ()
    loss: Any = None

    def made(self):
        """Parameters and state, with what is planted."""
        ps, st = self.model.init(0)
        for path, value in self.changed:
            ps = ps.at[path].set(value)
        for path, value in self.changed_state:
            st = st.at[path].set(value)
        return ps, st


# -- layers that go wrong -------------------------------------------------------------------------


def poison(x):
    """One NaN, at [1, 0]."""
    return x.at[1, 0].set(NAN)


def stop_at_zero(x):
    """sqrt(0): itself finite, its derivative is not."""
    return jnp.sqrt(x - jax.lax.stop_gradient(x))


@jax.custom_vjp
def fails_on_the_way_back(x):
    return x


fails_on_the_way_back.defvjp(
    lambda x: (x, None),
    lambda _, ct: (jnp.where(ct == 0, 0, poison(ct)),),  # where it is not used, nothing fails
)

BAD, BACK = lx.Function(poison), lx.Function(fails_on_the_way_back)


class Before(lx.Layer):
    """Own lines before the layer inside."""

    inner: lx.Layer
    function: Any

    def forward(self, x, ps, st):
        y, st.inner = self.inner(self.function(x), ps.inner, st.inner)
        return jnp.nan_to_num(y), st


class After(lx.Layer):
    """Own lines after the layer inside."""

    inner: lx.Layer
    function: Any

    def forward(self, x, ps, st):
        y, st.inner = self.inner(x, ps.inner, st.inner)
        return self.function(y), st


class Through(lx.Layer):
    """The layer inside goes through a transformation of JAX."""

    inner: lx.Layer
    transformation: Any

    def forward(self, x, ps, st):
        def call(x):
            return self.inner(x, ps.inner, st.inner)[0]

        return self.transformation(call)(x), st


class Gain(lx.Layer):
    """A parameter of its own, of which the square root is taken, before the layer inside."""

    inner: lx.Layer = lx.Identity()

    def init_params(self, key):
        return {"gain": jnp.ones(2)}

    def forward(self, x, ps, st):
        y, st.inner = self.inner(x + jnp.sqrt(ps.gain)[None], ps.inner, st.inner)
        return y, st


class Doubling(lx.Layer):
    """A state that grows."""

    def init_state(self, key):
        return {"total": jnp.full((2,), 2e38)}

    def forward(self, x, ps, st):
        st.total = 2 * st.total
        return x, st


class Pair(lx.Layer):
    """Returns a dict."""

    def forward(self, x, ps, st):
        return {"a": x, "b": poison(x)}, st


class Sum(lx.Layer):
    """Takes a pytree."""

    def forward(self, x, ps, st):
        return sum(jnp.sum(leaf) for leaf in jax.tree.leaves(x)), st


class Scaled(lx.Layer):
    """Takes anything that can be multiplied."""

    def forward(self, x, ps, st):
        return 2 * x, st


class Clock(lx.Layer):
    """A cell that counts its steps, and applies a function in one of them."""

    step: int
    function: Any = poison

    def initial_carry(self, ps, batch):
        return jnp.zeros(batch)

    def forward(self, x, ps, st):
        x, carry = x
        y = jnp.where((carry == self.step - 1)[:, None], self.function(x), x)
        return (y, carry + 1), st


class Attempt(lx.Layer):
    """Tries the layer inside, which fails, and goes on with another."""

    first: lx.Layer
    second: lx.Layer

    def forward(self, x, ps, st):
        try:
            y, st.first = self.first(x, ps.first, st.first)
        except TypeError:
            y, st.second = self.second(x, ps.second, st.second)
        return y, st


def refuse(x):
    raise TypeError("no")


@lx.compact(hidden=lx.Dense(2, 2), bad=BAD)
def compacted(m, x):
    return m.bad(m.hidden(x))


def loop(call):
    def step(carry):
        return carry[0] + 1, call(carry[1])

    return lambda x: jax.lax.while_loop(lambda carry: carry[0] < 3, step, (0, x))[1]


def branch(call):
    return lambda x: jax.lax.cond(x.sum() > 0, call, lambda x: x, x)


def forward_mode(call):
    return lambda x: jax.jvp(call, (x,), (x,))[1]


def copies(bad: int, n: int = 5):
    """Biases of n stacked layers, of which that of one is negative."""
    return jnp.ones((n, 2)).at[bad - 1].set(-1.0)


X = jnp.ones((3, 2))
SEQUENCE = jnp.ones((3, 6, 2))
DENSE = lx.Dense(2, 2)
CHAIN = lx.Chain(DENSE, lx.Dense(2, 2, jnp.tanh), lx.Chain(DENSE, lx.Scale(2)))
ROOT = lx.Stacked(lx.Dense(2, 2, jnp.sqrt), 5)
ROOTS = (("layer_1.layer.weight", jnp.zeros((5, 2, 2))), ("layer_1.layer.bias", copies(3)))
IN_TURN_3 = (("layer_1.layer", 3),)


# -- and where ------------------------------------------------------------------------------------

BEFORE = [
    Case("input", CHAIN, poison(X), "input", "", "the input x"),
    Case("input in a dict", Sum(), {"a": X, "b": poison(X)}, "input", "", "the input x['b']"),
    Case("input in a tuple", Sum(), (X, (X, poison(X))), "input", "", "the input x[1][1]"),
    Case("NumPy input", CHAIN, np.array([[0, 1], [-np.inf, 0]], np.float32),
         "input", "", "the input x", (0, 0, 1)),
    Case("bfloat16 input", Scaled(), jnp.array([[0, 1], [INF, NAN]], jnp.bfloat16),
         "input", "", "the input x", (1, 1, 0)),
    Case("complex input", Scaled(), jnp.array([[0j, 1], [complex(0, np.nan), 0]]),
         "input", "", "the input x"),
    Case("number as input", Scaled(), float("inf"), "input", "", "the input x", (0, 1, 0), ()),
    Case("parameter", CHAIN, X, "parameter", "layer_2", "parameter weight",
         changed=(("layer_2.weight", poison(jnp.ones((2, 2)))),)),
    Case("parameter deep below", CHAIN, X, "parameter", "layer_3.layer_2", "parameter bias",
         (0, 0, 1), (1,), changed=(("layer_3.layer_2.bias", jnp.array([0, -INF])),)),
    Case("parameter of one copy", ROOT, X, "parameter", "layer", "parameter bias",
         (0, 1, 0), (3, 1), changed=(("layer.bias", jnp.ones((5, 2)).at[3, 1].set(INF)),)),
    Case("own parameter of a container", lx.Chain(DENSE, Gain(DENSE)), X, "parameter", "layer_2",
         "parameter gain", first=(0,), changed=(("layer_2.gain", jnp.array([NAN, 0])),)),
    Case("state", lx.Chain(DENSE, lx.BatchNorm(2)), X, "state", "layer_2", "state running_var",
         (0, 1, 0), (1,), changed_state=(("layer_2.running_var", jnp.array([1, INF])),)),
    Case("frozen parameter", lx.Chain(lx.Frozen(DENSE)), X, "state", "layer_1",
         "state frozen.weight",
         changed_state=(("layer_1.frozen.weight", poison(jnp.ones((2, 2)))),)),
]  # fmt: skip

IN_LAYERS = [
    Case("first layer", lx.Chain(BAD, DENSE), X, "output", "layer_1", "y"),
    Case("second layer", lx.Chain(DENSE, BAD, DENSE), X, "output", "layer_2", "y"),
    Case("last layer", lx.Chain(DENSE, DENSE, BAD), X, "output", "layer_3", "y"),
    Case("deep below", lx.Chain(DENSE, lx.Chain(DENSE, lx.Chain(a=DENSE, b=BAD)), BAD), X,
         "output", "layer_2.layer_2.b", "y"),
    Case("in a dict", lx.Chain(DENSE, Pair(), Sum()), X, "output", "layer_2", "y['b']"),
    Case("the model itself", BAD, X, "output", "", "y"),
    Case("compact", lx.Chain(DENSE, compacted), X, "output", "layer_2.bad", "y"),
    Case("before a child", lx.Chain(DENSE, Before(DENSE, poison)), X,
         "output", "layer_2", "x of inner"),
    Case("after a child", lx.Chain(DENSE, After(DENSE, poison)), X, "output", "layer_2", "y"),
    Case("overflow", lx.Chain(lx.Dense(2, 2), lx.Scale(2)), X, "output", "layer_1", "y",
         (0, 6, 0), (0, 0), changed=(("layer_1.weight", jnp.full((2, 2), 3e38)),)),
    Case("overflow of float16", lx.Chain(Scaled(), Scaled()), jnp.array([[1, -3e4]], jnp.float16),
         "output", "layer_2", "y", (0, 0, 1), (0, 1)),
    Case("after a failure", lx.Chain(Attempt(lx.Chain(lx.Function(refuse)), DENSE), BAD), X,
         "output", "layer_2", "y"),
    Case("new state", lx.Chain(DENSE, Doubling()), X, "new state", "layer_2", "new state total",
         (0, 2, 0), (0,)),
    Case("running variance", lx.Chain(lx.BatchNorm(2)), 1e20 * jnp.arange(6.0).reshape(3, 2),
         "new state", "layer_1", "new state running_var", (0, 2, 0), (0,)),
]  # fmt: skip

IN_LOOPS = [
    Case("turn of a recurrence", lx.Chain(lx.Recurrence(Clock(4))), SEQUENCE,
         "output", "layer_1.cell", "y[0]", loops=(("layer_1.cell", 4),)),
    Case("first turn", lx.Recurrence(Clock(1)), SEQUENCE,
         "output", "cell", "y[0]", loops=(("cell", 1),)),
    Case("reversed", lx.Recurrence(Clock(2), reverse=True), SEQUENCE,
         "output", "cell", "y[0]", loops=(("cell", 2),)),
    Case("rematerialised", lx.Recurrence(Clock(6), remat=True), SEQUENCE,
         "output", "cell", "y[0]", loops=(("cell", 6),)),
    Case("copy of a stack", lx.Chain(ROOT), X, "output", "layer_1.layer", "y", (6, 0, 0), (0, 0),
         changed=ROOTS, loops=IN_TURN_3),
    Case("rematerialised stack", lx.Chain(ROOT.__replace__(remat=True)), X,
         "output", "layer_1.layer", "y", (6, 0, 0), (0, 0), changed=ROOTS, loops=IN_TURN_3),
    Case("loop in a loop", lx.Stacked(lx.Chain(lx.Recurrence(Clock(4))), 2), SEQUENCE,
         "output", "layer.layer_1.cell", "y[0]",
         loops=(("layer.layer_1.cell", 4), ("layer", 1))),
    Case("repeated", lx.Repeated(lx.Function(lambda x: jnp.log(x - 1)), 3), jnp.full((3, 2), 9.0),
         "output", "layer", "y", (6, 0, 0), (0, 0), loops=(("layer", 3),)),
    Case("while_loop", Through(lx.Function(lambda x: jnp.sqrt(x - 0.7)), loop), X,
         "output", "inner", "y", (6, 0, 0), (0, 0), loops=(("inner", 2),)),
]  # fmt: skip

IN_TRANSFORMATIONS = [
    Case("jit", Through(BAD, jax.jit), X, "output", "inner", "y"),
    Case("vmap", Through(lx.Function(lambda x: jnp.sqrt(x - 1)), jax.vmap),
         X.at[1, 0].set(0.5), "output", "inner", "y"),
    Case("checkpoint", Through(lx.Chain(DENSE, BAD), jax.checkpoint), X,
         "output", "inner.layer_2", "y"),
    Case("cond", Through(BAD, branch), X, "output", "inner", "y"),
    Case("jvp", Through(BAD, forward_mode), X, "output", "inner", "y"),
    Case("grad", lx.HamiltonianNN(lx.Chain(BAD, lx.Dense(2, 1))), X,
         "output", "model.layer_1", "y"),
]  # fmt: skip

GRADIENTS = [
    Case("root of zero", lx.Chain(DENSE, lx.Function(stop_at_zero), DENSE), X,
         "gradient", "layer_2", "gradient by x", (0, 0, 6), (0, 0),
         changed=(("layer_3.weight", -jnp.ones((2, 2))),)),
    Case("where", lx.Chain(DENSE, lx.Function(lambda x: jnp.where(x > 0, jnp.sqrt(x), 0))), X,
         "gradient", "layer_2", "gradient by x", (6, 0, 0), (0, 0),
         changed=(("layer_1.weight", -jnp.ones((2, 2))), ("layer_1.bias", jnp.full(2, 2.0)))),
    Case("norm of zero", lx.Chain(DENSE, lx.Function(lambda x: jnp.linalg.norm(x, axis=-1))), X,
         "gradient", "layer_2", "gradient by x", (6, 0, 0), (0, 0),
         changed=(("layer_1.weight", jnp.zeros((2, 2))), ("layer_1.bias", jnp.zeros(2)))),
    Case("custom rule", lx.Chain(DENSE, DENSE, BACK, DENSE), X,
         "gradient", "layer_3", "gradient by x"),
    Case("parameter alone", lx.Chain(DENSE, Gain()), X, "gradient", "layer_2", "gradient by gain",
         (0, 1, 0), (0,), changed=(("layer_2.gain", jnp.array([0.0, 1.0])),)),
    Case("parameter before the rest", lx.Chain(BACK, DENSE, BACK, Gain()), X,
         "gradient", "layer_4", "gradient by gain",
         (0, 1, 0), (0,), changed=(("layer_4.gain", jnp.array([0.0, 1.0])),)),
    Case("a parent's gain is not it", lx.Chain(Gain(BACK)), X,
         "gradient", "layer_1.inner", "gradient by x"),
    Case("after a child", lx.Chain(DENSE, After(DENSE, fails_on_the_way_back)), X,
         "gradient", "layer_2", "gradient by y of inner"),
    Case("before a child", lx.Chain(DENSE, Before(DENSE, fails_on_the_way_back)), X,
         "gradient", "layer_2", "gradient by x"),
    Case("loss", lx.Chain(DENSE), X, "loss", "", "the loss", (1, 0, 0), (),
         loss=lambda y: jnp.log(-jnp.sum(y**2) - 1)),
    Case("gradient of the loss", lx.Chain(DENSE), X, "loss", "", "the gradient of the loss by y",
         loss=lambda y: jnp.sum(fails_on_the_way_back(y))),
    Case("turn of a recurrence", lx.Chain(DENSE, lx.Recurrence(Clock(4, fails_on_the_way_back))),
         SEQUENCE, "gradient", "layer_2.cell", "gradient by x[0]", loops=(("layer_2.cell", 4),)),
    Case("rematerialised stack", lx.Chain(DENSE, lx.Stacked(BACK, 4, remat=True)), X,
         "gradient", "layer_2.layer", "gradient by x", loops=(("layer_2.layer", 4),)),
    Case("vmap", lx.Chain(DENSE, Through(lx.Function(jnp.abs), jax.vmap), Through(
         lx.Function(stop_at_zero), jax.vmap)), X,
         "gradient", "layer_3.inner", "gradient by x", (0, 6, 0), (0, 0)),
    Case("checkpoint", lx.Chain(DENSE, Through(lx.Chain(BACK, DENSE), jax.checkpoint)), X,
         "gradient", "layer_2.inner.layer_1", "gradient by x"),
]  # fmt: skip
