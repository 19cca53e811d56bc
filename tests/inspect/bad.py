"""Layers that break a law each, as somebody might write them who does not know it yet."""

import dataclasses
import functools
import random
import time

import jax
import jax.numpy as jnp
import numpy as np

import luxnb as lx

CALLS = []
TABLE = jnp.array([1.0, 2.0, 3.0], jnp.bfloat16)
GENERATOR = np.random.default_rng(0)


class Pass(lx.Layer):
    """Nothing wrong here."""

    def forward(self, x, ps, st):
        return x, st


# -- a layer as a value ---------------------------------------------------------------------------


class Held(lx.Layer):
    table: object

    def forward(self, x, ps, st):
        return x, st


class ClassAttribute(lx.Layer):
    taps = jnp.array([1.0, 2.0, 1.0], jnp.bfloat16)

    def forward(self, x, ps, st):
        return x * self.taps.astype(x.dtype)[None], st


class Given(lx.Layer):
    function: object

    def forward(self, x, ps, st):
        return self.function(x), st


def adding(table):
    def add(x):
        return x + table.astype(x.dtype)[None]

    return add


ADD_BY_CLOSURE = adding(TABLE)
ADD_BY_PARTIAL = functools.partial(jnp.multiply, jnp.array(2.0, jnp.bfloat16))


class ReadsTable(lx.Layer):
    def forward(self, x, ps, st):
        return x * TABLE.astype(x.dtype)[None], st


class Sizes:
    """Equal only to itself, because it says nothing else."""

    width = 3

    def __repr__(self):
        return "Sizes()"


@dataclasses.dataclass(frozen=True)
class GoodSizes:
    width: int = 3


class NeverEqual(lx.Layer):
    def __eq__(self, other):
        return False

    __hash__ = lx.Layer.__hash__

    def forward(self, x, ps, st):
        return x, st


class Doubled(lx.Layer):
    dims: int

    def __init__(self, dims):
        object.__setattr__(self, "dims", 2 * dims)
        self.__post_init__()

    def forward(self, x, ps, st):
        return x, st


class Unpicklable(lx.Layer):
    def __reduce__(self):
        raise RuntimeError("no pickles today")

    def forward(self, x, ps, st):
        return x, st


# -- init -----------------------------------------------------------------------------------------


class Scales(lx.Layer):
    """A weight, which each subclass makes in another way."""

    def forward(self, x, ps, st):
        return x * ps.weight[None], st


class GlobalInit(Scales):
    def init_params(self, key):
        return {"weight": jnp.asarray(np.random.normal(size=3), jnp.float32)}


class PythonInit(Scales):
    def init_params(self, key):
        return {"weight": jnp.full(3, random.gauss(0, 1), jnp.float32)}


class OwnSeed(Scales):
    def init_params(self, key):
        return {"weight": jax.random.normal(jax.random.key(0), (3,))}


class FailingInit(Scales):
    def init_params(self, key):
        raise OSError("no such file: weights.npz")


class ConcreteInit(Scales):
    def init_params(self, key):
        seed = int(jax.random.randint(key, (), 0, 100))
        return {"weight": jnp.full(3, seed / 100, jnp.float32)}


class OneKey(lx.Layer):
    def init_params(self, key):
        weight = jax.random.normal(key, (3,))
        return {"weight": weight, "bias": jax.random.normal(key, (3,))}

    def forward(self, x, ps, st):
        return x * ps.weight[None] + ps.bias[None], st


# -- a call ---------------------------------------------------------------------------------------


class OnlyOutput(lx.Layer):
    def forward(self, x, ps, st):
        return x


class Forgets(lx.Layer):
    body: lx.Layer

    def forward(self, x, ps, st):
        y, _ = self.body(x, ps.body, st.body)
        return y, st


class NewEntry(lx.Layer):
    def forward(self, x, ps, st):
        return x, {**st, "mean": x.mean()}


class NoEntry(lx.Layer):
    def forward(self, x, ps, st):
        st.count = 1
        return x, st


class SetsItself(lx.Layer):
    def forward(self, x, ps, st):
        self.last = x
        return x, st


class Grows(lx.Layer):
    def init_state(self, key):
        return {"last": jnp.zeros(3)}

    def forward(self, x, ps, st):
        st.last = x[:1]
        return x, st


class Rounds(lx.Layer):
    def init_state(self, key):
        return {"count": 0}

    def forward(self, x, ps, st):
        st.count = jnp.asarray(st.count + 1, jnp.float32)
        return x, st


class Words(lx.Layer):
    def forward(self, x, ps, st):
        return "y", st


class Noisy(lx.Layer):
    std: float = 0.1

    def forward(self, x, ps, st):
        noise = np.random.normal(size=x.shape)
        return x + self.std * noise.astype(np.float32), st


class PythonNoise(lx.Layer):
    def forward(self, x, ps, st):
        return x * random.random(), st


class OwnGenerator(lx.Layer):
    def forward(self, x, ps, st):
        return x * GENERATOR.random(), st


class Counts(lx.Layer):
    def forward(self, x, ps, st):
        CALLS.append(None)
        return x * len(CALLS), st


class CountsItself(lx.Layer):
    def forward(self, x, ps, st):
        object.__setattr__(self, "calls", getattr(self, "calls", 0) + 1)
        return x * vars(self)["calls"], st


class Clock(lx.Layer):
    def forward(self, x, ps, st):
        return x * (time.perf_counter() % 1), st


class WritesIntoX(lx.Layer):
    def forward(self, x, ps, st):
        x += 1
        return x, st


class WritesIntoPlace(lx.Layer):
    def forward(self, x, ps, st):
        if isinstance(x, np.ndarray):
            x[0] = 0
        return x, st


class Keeps(lx.Layer):
    def forward(self, x, ps, st):
        CALLS.append(None)
        return x, st


class DrawsInVain(lx.Layer):
    def forward(self, x, ps, st):
        np.random.normal()
        return x, st


class Prints(lx.Layer):
    def forward(self, x, ps, st):
        print("shape", x.shape)
        return x, st


# -- randomness -----------------------------------------------------------------------------------


class Shakes(lx.Layer):
    """A key and a mode, which each subclass uses in another way."""

    def init_state(self, key):
        return {"key": key, "mode": lx.Mode.TRAIN}


class NoTestMode(lx.Layer):
    def init_state(self, key):
        return {"key": key}

    def forward(self, x, ps, st):
        key, st.key = jax.random.split(st.key)
        return x + jax.random.normal(key, x.shape, x.dtype), st


class TestsAtRandom(Shakes):
    def forward(self, x, ps, st):
        if st.mode is lx.Mode.TEST:
            return x + jax.random.normal(st.key, x.shape, x.dtype), st
        key, st.key = jax.random.split(st.key)
        return x + jax.random.normal(key, x.shape, x.dtype), st


class NeverSplits(Shakes):
    def forward(self, x, ps, st):
        if st.mode is lx.Mode.TEST:
            return x, st
        return x + jax.random.normal(st.key, x.shape, x.dtype), st


class DrawsTwice(Shakes):
    def forward(self, x, ps, st):
        if st.mode is lx.Mode.TEST:
            return x, st
        key, st.key = jax.random.split(st.key)
        scale = jax.random.normal(key, x.shape, x.dtype)
        return x * scale + jax.random.normal(key, x.shape, x.dtype), st


# -- tracing --------------------------------------------------------------------------------------


class Asks(lx.Layer):
    def forward(self, x, ps, st):
        if x.sum() > 0:
            return x, st
        return -x, st


class Loops(lx.Layer):
    def forward(self, x, ps, st):
        while jnp.abs(x).max() > 1:
            x = x / 2
        return x, st


class Asserts(lx.Layer):
    def forward(self, x, ps, st):
        assert jnp.isfinite(x).all()
        return x, st


class UsesNumPy(lx.Layer):
    def forward(self, x, ps, st):
        return np.tanh(x), st


class Reads(lx.Layer):
    def forward(self, x, ps, st):
        scale = float(x[0, 0])
        return x * scale, st


class Picks(lx.Layer):
    def forward(self, x, ps, st):
        return x[x > 0], st


class Sized(lx.Layer):
    def init_state(self, key):
        return {"size": 3}

    def forward(self, x, ps, st):
        return x + jnp.zeros(st.size, x.dtype)[None], st


class Sees(lx.Layer):
    """Does otherwise while it is traced."""

    def forward(self, x, ps, st):
        return (x * 2 if isinstance(x, jax.core.Tracer) else x), st


SEEDS = iter(range(1000))  # changes, and cannot be seen to


class Wanders(lx.Layer):
    """Another program at each trace, though not another result."""

    def forward(self, x, ps, st):
        for _ in range(next(SEEDS) % 5):
            x = x + 0
        return x, st


class Cell:
    """Keeps values where nobody looks for them."""

    __slots__ = ("value",)


CELL = Cell()


class Leaks(lx.Layer):
    def forward(self, x, ps, st):
        CELL.value = jnp.tanh(x)
        return CELL.value, st


# -- gradients, use -------------------------------------------------------------------------------


class RootOfZero(lx.Layer):
    def init_params(self, key):
        return {"scale": jnp.zeros(3)}

    def forward(self, x, ps, st):
        return x * jnp.sqrt(ps.scale)[None], st


class Logs(lx.Layer):
    def forward(self, x, ps, st):
        return jnp.log(x), st


class Normalises(lx.Layer):
    def forward(self, x, ps, st):
        length = jnp.linalg.norm(x, axis=-1, keepdims=True)
        return x / (1e-6 + length), st


class Unused(lx.Layer):
    def init_params(self, key):
        return {"scale": jnp.ones(3), "bias": jnp.zeros(3)}

    def init_state(self, key):
        return {"count": 0}

    def forward(self, x, ps, st):
        return x * ps.scale[None], st


class Steps(lx.Layer):
    def init_params(self, key):
        return {"threshold": jnp.zeros(3)}

    def forward(self, x, ps, st):
        return jnp.where(x > ps.threshold[None], x, 0), st


# -- batches, dtypes ------------------------------------------------------------------------------


class KnowsItsAxes(lx.Layer):
    """Leaves out the last sample when it can see the batch."""

    def forward(self, x, ps, st):
        is_mapped = isinstance(x, jax.core.Tracer) and "Batch" in type(x).__name__
        return (x + 1 if is_mapped else x), st


class Centres(lx.Layer):
    def forward(self, x, ps, st):
        mean = x.mean(axis=0, keepdims=True)
        return x - mean, st


class Widens(lx.Layer):
    def forward(self, x, ps, st):
        return x * np.full((1, 1), 2, np.float32), st


class NarrowState(lx.Layer):
    def init_state(self, key):
        return {"last": jnp.zeros(3, jnp.float32)}

    def forward(self, x, ps, st):
        st.last = x[0]
        return x, st


class Mixes(lx.Layer):
    def forward(self, x, ps, st):
        return x * jnp.arange(3)[None], st
