"""Recurrence: a cell over time."""

from dataclasses import KW_ONLY, dataclass

import jax
import jax.numpy as jnp

from luxnb.core import observe
from luxnb.core.compiled import compiled
from luxnb.core.layer import Layer
from luxnb.core.spec import short
from luxnb.layers.cell import check_cells
from luxnb.layers.checks import positive
from luxnb.layers.sequences import Sequences, form, matching, sequences, where


class Recurrence(Layer):
    """Run a cell over time: y_t, carry_t = cell(x_t, carry_{t-1}), from the first t to the last;
    with `reverse`, from the last to the first.

    x is (batch, time, features), y is (batch, time, hidden_dims): y[:, t] belongs to x[:, t] in
    either direction. With `return_sequence=False`, y (batch, hidden_dims) is what the last step
    gives. With `return_carry` the output is the pair (y, carry), carry being the final one.

    In place of x, a dict may also say how to begin, and where sequences end that are padded to one
    size: `{"x": x, "carry": carry, "lengths": lengths}`, where `lengths` are integers (batch,), or
    instead of them `"mask"`, booleans (batch, time); "x" with any of the others. In the padding the
    carry stays as it is and y is zero, so the last step and the final carry are those of each
    sequence's own end (with `reverse`, its beginning), and the padding gets no gradient.

    `cell` is a layer that maps (x, carry) to (y, carry) and has `initial_carry(ps, batch)`:
    RNNCell, LSTMCell, GRUCell, CellChain or your own. Its state, a Dropout's key say, goes from
    step to step. `unroll` steps are compiled as one; with `remat` a step is computed again in the
    backward pass, so that memory grows with the carries only.

    Parameters and state: those of the cell, under `cell`.

    >>> spiral = Chain(Recurrence(LSTMCell(2, 8), return_sequence=False), Dense(8, 1))
    >>> ps, st = spiral.init(0)
    >>> spiral(jnp.ones((16, 50, 2)), ps, st)[0].shape
    (16, 1)
    >>> encoder = Recurrence(GRUCell(2, 8), return_carry=True)
    >>> ps, st = encoder.init(0)
    >>> padded = {"x": jnp.ones((3, 5, 2)), "lengths": jnp.array([5, 2, 4])}
    >>> (y, carry), st = encoder(padded, ps, st)
    >>> y.shape, carry
    ((3, 5, 8), Tree(hidden=f32[3,8]))
    """

    cell: Layer
    _: KW_ONLY
    return_sequence: bool = True
    return_carry: bool = False
    reverse: bool = False
    unroll: int = 1
    remat: bool = False

    def check(self):
        check_cells(self, "cell")
        positive(self, "unroll")

    def forward(self, x, ps, st):
        way = Way(self.return_sequence, self.reverse, self.unroll, self.remat)
        (y, carry), st.cell = over_time(self.cell, way, sequences(x), ps.cell, st.cell)
        return ((y, carry) if self.return_carry else y), st


@jax.tree_util.register_static
@dataclass(frozen=True)
class Way:
    """In which way a cell goes over time."""

    return_sequence: bool
    reverse: bool
    unroll: int
    remat: bool


@compiled
def over_time(cell, way: Way, given: Sequences, ps, st):
    """`((y, carry), st)`: the outputs, or the last one, the final carry, and the cell's state."""
    xs = jax.tree.map(lambda v: v.swapaxes(0, 1), given.x)
    carry, blank = _beginning(cell, xs, given.carry, ps, st)

    def step(loop, inputs):
        carry, last, st = loop
        x, valid = inputs
        (y, after), st = cell((x, carry), ps, st)
        if valid is not None:
            after, y = jax.tree.map(
                lambda new, old: where(valid, new, old),
                (after, y),
                (carry, blank if way.return_sequence else last),
            )
        return ((after, None, st), y) if way.return_sequence else ((after, y, st), None)

    if way.remat:
        step = observe.checkpoint(step, prevent_cse=False)  # a scan prevents it already
    loop = carry, None if way.return_sequence else blank, st
    inputs = xs, None if given.mask is None else given.mask.T
    (carry, last, st), ys = observe.scan(step, loop, inputs, reverse=way.reverse, unroll=way.unroll)
    y = jax.tree.map(lambda v: v.swapaxes(0, 1), ys) if way.return_sequence else last
    return (y, carry), st


def _beginning(cell, xs, carry, ps, st):
    """The first carry, and zeros like an output. Learns from the shapes of one step."""
    batch = jax.tree.leaves(xs)[0].shape[1:2]
    initial = cell.initial_carry(ps, batch)
    carry = initial if carry is None else matching(carry, initial)
    x = jax.tree.map(lambda v: jax.ShapeDtypeStruct(v.shape[1:], v.dtype), xs)
    result, _ = jax.eval_shape(lambda x, carry: cell((x, carry), ps, st), x, carry)
    if not isinstance(result, tuple) or len(result) != 2:
        raise ValueError(f"a cell returns (y, carry), st; {cell!r} returned {short(result)}, st")
    y, after = result
    if form(after) != form(carry):
        raise ValueError(
            f"a cell returns a carry like the one it was given, {short(carry)}; "
            f"{cell!r} returned {short(after)}"
        )
    carry = jax.tree.map(lambda v, new: v.astype(new.dtype), carry, after)  # x may be wider than ps
    return carry, jax.tree.map(lambda v: jnp.zeros(v.shape, v.dtype), y)
