"""The compiled program of a training: one executable, whatever the number of steps asked of it.

Two executors run the same step. *Loop* takes n steps in one dispatch: n is an argument, so the
machine code, and with it every bit, is the same however steps are grouped. *Step* dispatches
each step. A convolution in a compiled loop is many times slower on CPU (XLA leaves its fast path),
so the choice falls by the program and the platform, never by the clock.
"""

import functools

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from luxnb.core.spec import specs
from luxnb.train.feed.feed import Portion
from luxnb.train.feed.source import Source
from luxnb.train.program.convolution import has_convolution
from luxnb.train.program.plan import Plan
from luxnb.train.program.trace import trace_advance
from luxnb.train.state import TrainState


@functools.lru_cache(maxsize=16)
def trace(plan: Plan) -> "Program":
    """Trace the step, once; what is wrong in the model or the objective comes to light here."""
    return Program(plan)


class Program:
    """A step that was traced, and its executable, which is compiled at the first use."""

    def __init__(self, plan: Plan):
        self.plan = plan
        self.advance, self.names, self.jaxpr = trace_advance(plan)
        by_step = jax.default_backend() == "cpu" and has_convolution(self.jaxpr)
        self.executor = "step" if by_step else "loop"
        self.capacity = 256 if by_step else 16384  # steps in one dispatch, at most
        self._function = (_one_step if by_step else _loop)(
            self.advance, plan.source, (self.capacity, len(self.names))
        )

    @functools.cached_property
    def _executable(self):
        ts, rows = self.plan.ts, jax.ShapeDtypeStruct((self.capacity, len(self.names)), "float32")
        key = jax.eval_shape(lambda: jax.random.key(0))
        source = np.int32(0), key, np.int32(0), self.plan.arrays.tree
        if self.executor == "loop":
            return jax.jit(self._function).lower(*specs((ts.tree, *source))).compile()
        flat = jax.jit(_flat(self._function, ts.structure), donate_argnums=(0, 1))
        return flat.lower(*specs((list(ts.leaves), rows, *source))).compile()

    @functools.cached_property
    def _blank(self):
        return blank((self.capacity, len(self.names)))

    def compile(self) -> None:
        """Have the executable ready."""
        _ = self._executable

    def run(
        self, ts: TrainState, step: int, n: int, key, portion: Portion
    ) -> tuple[TrainState, jax.Array]:
        """Start n ≤ capacity steps from `ts`, which stands at `step` and stays as it is.

        Returns at once, with arrays that will hold the TrainState after them and the metrics,
        (capacity, metrics), of which n rows are meant: up to the first loss that is not finite.
        """
        source = key, np.int32(portion.origin), portion.arrays
        if self.executor == "loop":
            return self._executable(ts, np.int32(n), *source)
        ts, rows = self._blank(ts)  # copies: each step overwrites what it is given
        leaves, structure = jax.tree.flatten(ts)
        for _ in range(n):
            leaves, rows = self._executable(leaves, rows, np.int32(step), *source)
        return jax.tree.unflatten(structure, leaves), rows


def blank(shape: tuple[int, int]):
    """A function that gives a copy of a TrainState and an empty buffer for metrics, at once."""
    return jax.jit(lambda ts: (jax.tree.map(jnp.copy, ts), jnp.zeros(shape, jnp.float32)))


def _loop(advance, source: Source, shape):
    """n steps in one dispatch; the outer loop is over epochs, each with its own order of rows."""

    def loop(ts, n, key, origin, arrays):
        begin, end = ts.step, ts.step + n

        def epoch(carry):
            order = source.order(key, carry[0].step)
            stop = jnp.minimum(end, source.until(carry[0].step))

            def one(carry):
                ts, _, rows = carry
                after, finite, row = advance(ts, origin, order, arrays)
                rows = lax.dynamic_update_slice(rows, row[None], (ts.step - begin, 0))
                return after, finite, rows

            return lax.while_loop(lambda c: (c[0].step < stop) & c[1], one, carry)

        start = ts, jnp.bool_(True), jnp.zeros(shape, jnp.float32)
        ts, _, rows = lax.while_loop(lambda c: (c[0].step < end) & c[1], epoch, start)
        return ts, rows

    return loop


def _one_step(advance, source: Source, shape):
    """One step a dispatch; its metrics go to a row of the buffer that passes through."""

    def one(ts, rows, begin, key, origin, arrays):
        after, _, row = advance(ts, origin, source.order(key, ts.step), arrays)
        return after, lax.dynamic_update_slice(rows, row[None], (ts.step - begin, 0))

    return one


def _flat(one, structure):
    """A step from leaves to leaves: to take a model of many layers apart, and to build it again,
    for each dispatch would take Python longer than the dispatch."""

    def flat(leaves, *others):
        ts, rows = one(jax.tree.unflatten(structure, leaves), *others)
        return jax.tree.leaves(ts), rows

    return flat
