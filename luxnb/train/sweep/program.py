"""The compiled program of a sweep: the step of the run, mapped over its members.

As for a run, one executable takes any number of steps; see `luxnb.train.program.program`.
"""

import functools
import math
from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from luxnb.core.spec import specs
from luxnb.train.feed.feed import Portion
from luxnb.train.program.plan import Plan, Shapes
from luxnb.train.program.program import blank, trace
from luxnb.train.state import TrainState
from luxnb.train.sweep.members import Members, choose, rows_of
from luxnb.train.sweep.memory import check_memory

ROWS = 2**19  # numbers in the metrics of one dispatch, at most


@functools.lru_cache(maxsize=16)
def trace_members(plan: Plan, members: Shapes) -> "MembersProgram":
    """The program of so many members that all have this plan."""
    return MembersProgram(plan, members)


class MembersProgram:
    """Takes steps with all members, of which those whose loss is not finite stand still.

    A row of its metrics is how many live, then each metric of every member; NaN stands for those
    that live no more, and for their number when it is zero.
    """

    def __init__(self, plan: Plan, members: Shapes):
        self.plan, self.members = plan, members
        alone = trace(plan)
        self.metrics, self.executor = alone.names, alone.executor
        self.count = len(members.tree.steps)
        each = [f"{name}[{i}]" for name in self.metrics for i in range(self.count)]
        self.names = ("members", *each)
        bounded = 2 ** int(math.log2(ROWS / len(self.names)))  # steps in one dispatch, at most
        self.capacity = max(1, min(alone.capacity, bounded))
        make = _one_step if self.executor == "step" else _loop
        shape = self.capacity, len(self.names)
        self._function = make(mapped(alone.advance), plan.source, shape)

    @functools.cached_property
    def _executable(self):
        arguments = [self.members.tree, np.int32(0), np.int32(0), self.plan.arrays.tree]
        if self.executor == "step":
            arguments.insert(1, jax.ShapeDtypeStruct((self.capacity, len(self.names)), "float32"))
        donated = (0, 1) if self.executor == "step" else ()
        jitted = jax.jit(self._function, donate_argnums=donated)
        compiled = jitted.lower(*specs(arguments)).compile()
        check_memory(compiled, self.count)
        return compiled

    @functools.cached_property
    def _blank(self):
        return blank((self.capacity, len(self.names)))

    def compile(self) -> None:
        """Have the executable ready."""
        _ = self._executable

    def run(self, ts: Members, step: int, n: int, key, portion: Portion):
        """As `Program.run`; each member has a key of its own, so `key` is of no use here."""
        source = np.int32(portion.origin), portion.arrays
        if self.executor == "loop":
            return self._executable(ts, np.int32(n), *source)
        ts, rows = self._blank(ts)  # copies: each step overwrites what it is given
        for _ in range(n):
            ts, rows = self._executable(ts, rows, np.int32(step), *source)
        return ts, rows


def mapped(advance: Callable) -> Callable:
    """`members, row = advance_all(members, origin, orders, arrays)`: the step of every member."""

    def advance_all(members: Members, origin, orders, arrays):
        step = members.step

        def one(rows, order):  # `step` is not mapped, so that all can share the batch of a stream
            ts = TrainState(model=members.model, step=step, **rows)
            after, finite, row = advance(ts, origin, order, arrays)
            return rows_of(after), finite, row

        rows = rows_of(members)
        after, finite, metrics = jax.vmap(one)(rows, orders)
        live = members.live & finite
        count = jnp.sum(live, dtype=jnp.float32)
        row = [jnp.where(count > 0, count, jnp.nan)[None], *jnp.where(live, metrics.T, jnp.nan)]
        kept, steps = choose(live, after, rows), jnp.where(live, step + 1, members.steps)
        moved = Members(model=members.model, step=step + 1, steps=steps, keys=members.keys, **kept)
        return moved, jnp.concatenate(row)

    return advance_all


def _loop(advance_all, source, shape):
    """n steps in one dispatch; the outer loop is over epochs, each with its own orders of rows."""

    def loop(members, n, origin, arrays):
        begin, end = members.step, members.step + n

        def epoch(carry):
            now = carry[0].step
            orders = _orders(source, carry[0])
            stop = jnp.minimum(end, source.until(now))

            def one(carry):
                members, rows = carry
                after, row = advance_all(members, origin, orders, arrays)
                return after, lax.dynamic_update_slice(rows, row[None], (members.step - begin, 0))

            return lax.while_loop(lambda c: (c[0].step < stop) & c[0].live.any(), one, carry)

        start = members, jnp.zeros(shape, jnp.float32)
        return lax.while_loop(lambda c: (c[0].step < end) & c[0].live.any(), epoch, start)

    return loop


def _one_step(advance_all, source, shape):
    """One step a dispatch; its metrics go to a row of the buffer that passes through."""

    def one(members, rows, begin, origin, arrays):
        after, row = advance_all(members, origin, _orders(source, members), arrays)
        return after, lax.dynamic_update_slice(rows, row[None], (members.step - begin, 0))

    return one


def _orders(source, members: Members):
    return jax.vmap(source.order, in_axes=(0, None))(members.keys, members.step)
