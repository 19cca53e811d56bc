"""The compiled program of a training: one executable, whatever the number of steps asked of it.

Two executors run the same step. *Loop* takes n steps in one dispatch: n is an argument, so the
machine code, and with it every bit, is the same however steps are grouped. *Step* dispatches
each step. A convolution in a compiled loop is many times slower on CPU (XLA leaves its fast path),
so the choice falls by the program and the platform, never by the clock.
"""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jax
import jax.core
import jax.numpy as jnp
import numpy as np
from jax import lax

from luxnb.core.spec import short
from luxnb.train.data import rows_of, rows_of_step, take
from luxnb.train.shuffle import round_keys
from luxnb.train.state import TrainState
from luxnb.train.step import pure_step


@dataclass(frozen=True)
class Plan:
    """All that decides the machine code: equal plans share one compiled program."""

    objective: Callable
    optimizer: Any
    batch_size: int
    ts: Any  # a TrainState of shapes, flattened and hashable
    data: Any  # the same of the data
    precision: Any  # of products of matrices, which is JAX's configuration

    @classmethod
    def of(cls, objective, optimizer, batch_size, ts, data) -> "Plan":
        precision = jax.config.jax_default_matmul_precision  # type: ignore[attr-defined]
        return cls(objective, optimizer, batch_size, _shapes(ts), _shapes(data), precision)


@functools.lru_cache(maxsize=16)
def trace(plan: Plan) -> "Program":
    """Trace the step, once; what is wrong in the model or the objective comes to light here."""
    return Program(plan)


class Program:
    """A step that was traced, and its executable, which is compiled at the first use."""

    def __init__(self, plan: Plan):
        self._ts, self._data = _tree(plan.ts), _tree(plan.data)
        rows = rows_of(self._data)
        self.steps_per_epoch = rows // plan.batch_size
        advance, self.names, jaxpr = _trace_advance(plan, self._ts, self._data, rows)
        by_step = jax.default_backend() == "cpu" and _has_convolution(jaxpr)
        self.executor = "step" if by_step else "loop"
        self.capacity = 256 if by_step else 16384  # steps in one dispatch, at most
        self._function = (_one_step if by_step else _loop)(
            advance, self.steps_per_epoch, (self.capacity, len(self.names))
        )

    @functools.cached_property
    def _executable(self):
        def shape(value):
            return jax.ShapeDtypeStruct(value.shape, value.dtype)

        key = jax.eval_shape(lambda: jax.random.key(0))
        arguments = [self._ts, np.int32(0), key, self._data]
        if self.executor == "step":
            arguments.insert(1, jax.ShapeDtypeStruct((self.capacity, len(self.names)), "float32"))
        donated = (0, 1) if self.executor == "step" else ()
        jitted = jax.jit(self._function, donate_argnums=donated)
        return jitted.lower(*jax.tree.map(shape, arguments)).compile()

    @functools.cached_property
    def _blank(self):
        """A copy of a TrainState and an empty buffer for metrics, in one dispatch."""
        shape = self.capacity, len(self.names)
        return jax.jit(lambda ts: (jax.tree.map(jnp.copy, ts), jnp.zeros(shape, jnp.float32)))

    def compile(self) -> None:
        """Have the executable ready."""
        _ = self._executable

    def run(self, ts: TrainState, step: int, n: int, key, data) -> tuple[TrainState, jax.Array]:
        """Start n ≤ capacity steps from `ts`, which stands at `step` and stays as it is.

        Returns at once, with arrays that will hold the TrainState after them and the metrics,
        (capacity, metrics), of which n rows are meant: up to the first loss that is not finite.
        """
        if self.executor == "loop":
            return self._executable(ts, np.int32(n), key, data)
        ts, rows = self._blank(ts)  # copies: each step overwrites what it is given
        for _ in range(n):
            ts, rows = self._executable(ts, rows, np.int32(step), key, data)
        return ts, rows


def _trace_advance(plan, ts, data, rows: int):
    """`after, finite, row = advance(ts, keys, data)`, from the one trace of the user's code."""
    step, names, trees = pure_step(plan.objective, plan.optimizer), [], []

    def advance(ts, keys, data):
        batch = take(data, rows_of_step(keys, ts.step, rows, plan.batch_size))
        after, metrics = step(ts, batch)
        names.extend(metrics)
        _check_same(ts, after)
        _check_numbers(metrics)
        row = jnp.stack([jnp.asarray(m, jnp.float32) for m in metrics.values()])
        leaves, tree = jax.tree.flatten((after, jnp.isfinite(metrics["loss"]), row))
        trees.append(tree)
        return leaves

    keys = jax.eval_shape(round_keys, jax.eval_shape(lambda: jax.random.key(0)), 0)
    jaxpr = jax.make_jaxpr(advance)(ts, keys, data)

    def replay(*arguments):
        leaves = jax.core.eval_jaxpr(jaxpr.jaxpr, jaxpr.consts, *jax.tree.leaves(arguments))
        return jax.tree.unflatten(trees[0], leaves)

    return replay, tuple(names), jaxpr.jaxpr


def _loop(advance, per_epoch: int, shape):
    """n steps in one dispatch; the outer loop is over epochs, each with its own order of rows."""

    def loop(ts, n, key, data):
        begin, end = ts.step, ts.step + n

        def epoch(carry):
            number = carry[0].step // per_epoch
            keys = round_keys(key, number)
            stop = jnp.minimum(end, (number + 1) * per_epoch)

            def one(carry):
                ts, _, rows = carry
                after, finite, row = advance(ts, keys, data)
                rows = lax.dynamic_update_slice(rows, row[None], (ts.step - begin, 0))
                return after, finite, rows

            return lax.while_loop(lambda c: (c[0].step < stop) & c[1], one, carry)

        start = ts, jnp.bool_(True), jnp.zeros(shape, jnp.float32)
        ts, _, rows = lax.while_loop(lambda c: (c[0].step < end) & c[1], epoch, start)
        return ts, rows

    return loop


def _one_step(advance, per_epoch: int, shape):
    """One step a dispatch; its metrics go to a row of the buffer that passes through."""

    def one(ts, rows, begin, key, data):
        after, _, row = advance(ts, round_keys(key, ts.step // per_epoch), data)
        return after, lax.dynamic_update_slice(rows, row[None], (ts.step - begin, 0))

    return one


def _check_same(before, after) -> None:
    old, new = (jax.tree_util.tree_leaves_with_path(ts) for ts in (before, after))
    if [path for path, _ in old] != [path for path, _ in new]:
        raise ValueError(
            "the objective must return a state with the entries of the one it is given"
        )
    for (path, a), (_, b) in zip(old, new, strict=True):
        if jnp.shape(a) != jnp.shape(b) or a.dtype != b.dtype:
            name = jax.tree_util.keystr(path).lstrip(".")
            raise ValueError(
                f"a step changes {name} from {short(a)} to {short(b)}; "
                "shapes and types must stay as they are"
            )


def _check_numbers(metrics) -> None:
    for name, value in metrics.items():
        if jnp.shape(value) != ():
            raise ValueError(f"metric {name!r} must be one number, got {short(value)}")


def _has_convolution(jaxpr) -> bool:
    return any(
        equation.primitive.name == "conv_general_dilated"
        or any(_has_convolution(inner) for inner in _inner(equation.params.values()))
        for equation in jaxpr.eqns
    )


def _inner(values):
    """The programs inside an equation: bodies of loops, branches, calls."""
    for value in values:
        if isinstance(value, tuple | list):
            yield from _inner(value)
        elif hasattr(value, "jaxpr"):
            yield value.jaxpr
        elif hasattr(value, "eqns"):
            yield value


def _shapes(tree):
    leaves, structure = jax.tree.flatten(tree)
    return tuple(jax.ShapeDtypeStruct(leaf.shape, leaf.dtype) for leaf in leaves), structure


def _tree(shapes):
    leaves, structure = shapes
    return jax.tree.unflatten(structure, leaves)
