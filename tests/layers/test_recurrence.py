"""Recurrence: its directions and ends, the state inside, cells of users, and what it refuses."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

import luxnb as lx
from tests.same import assert_close, assert_same

RNG = np.random.default_rng(0)


def normal(*shape):
    return jnp.asarray(RNG.normal(size=shape), jnp.float32)


class Sum(lx.Layer):
    """A cell as a user writes it: all that it has seen, in a carry that is an array."""

    def initial_carry(self, ps, batch):
        return jnp.zeros((*batch, 2), jnp.float32)

    def forward(self, x, ps, st):
        x, carry = x
        carry = carry + x
        return ({"sum": carry, "last": x}, carry), st


def test_a_cell_of_ones_own():
    x = normal(3, 5, 2)
    layer = lx.Recurrence(Sum(), return_carry=True)
    (y, carry), _ = layer(x, *layer.init(0))
    assert_close(y["sum"], np.cumsum(x, axis=1))
    assert_same(y["last"], x)
    assert_close(carry, np.sum(x, axis=1))


def test_it_ends_and_begins_where_each_sequence_does():
    x, lengths = normal(3, 5, 2), np.array([5, 2, 0])
    mask = np.arange(5) < lengths[:, None]
    sums = np.cumsum(np.where(mask[..., None], x, 0), axis=1)
    layer = lx.Recurrence(Sum(), return_carry=True)
    (y, carry), _ = layer({"x": x, "lengths": lengths}, *layer.init(0))
    assert_close(y["sum"], np.where(mask[..., None], sums, 0))
    assert_close(carry, sums[:, -1])
    last = layer.__replace__(return_sequence=False)
    (y, _), _ = last({"x": x, "mask": mask}, *last.init(0))
    assert_close(y["last"], np.stack([x[0, 4], x[1, 1], np.zeros(2)]))
    (y, _), _ = last.__replace__(reverse=True)({"x": x, "mask": mask}, *last.init(0))
    assert_close(y["last"], np.stack([x[0, 0], x[1, 0], np.zeros(2)]))


def test_reverse_reads_from_the_last_to_the_first():
    x = normal(2, 4, 2)
    layer = lx.Recurrence(Sum(), reverse=True)
    y, _ = layer(x, *layer.init(0))
    assert_close(y["sum"], np.cumsum(x[:, ::-1], axis=1)[:, ::-1])


def test_no_time_at_all():
    layer = lx.Recurrence(lx.LSTMCell(2, 3), return_carry=True)
    for return_sequence, shape in ((True, (4, 0, 3)), (False, (4, 3))):
        layer = layer.__replace__(return_sequence=return_sequence)
        (y, carry), _ = layer(jnp.ones((4, 0, 2)), *layer.init(0))
        assert_same(y, jnp.zeros(shape))
        assert_same(carry.memory, jnp.zeros((4, 3)))


def test_the_state_of_a_cell_goes_from_step_to_step():
    """Dropout draws anew at each step, as if the cell were called for each."""
    cell = lx.CellChain(lx.GRUCell(2, 4), lx.Dropout(0.5), lx.RNNCell(4, 3))
    layer = lx.Recurrence(cell)
    ps, st = layer.init(0)
    x = jnp.ones((2, 6, 2))
    y, after, seen = lx.capture(layer)(x, ps, st)
    carry, state, outputs = cell.initial_carry(ps.cell, (2,)), st.cell, []
    for t in range(6):
        (out, carry), state = cell((x[:, t], carry), ps.cell, state)
        outputs.append(out)
    assert_close(y, jnp.stack(outputs, 1))
    assert_same(after.cell, state)
    dropped = np.asarray(seen["cell.layer_2"] == 0)
    assert len(np.unique(dropped, axis=0)) > 1
    kept, unchanged = layer(x, ps, lx.testmode(st))
    assert_same(unchanged, lx.testmode(st))
    assert not np.allclose(kept, y)


def test_every_step_can_be_seen():
    layer = lx.Recurrence(lx.LSTMCell(2, 3))
    y, _, seen = lx.capture(layer)(normal(4, 5, 2), *layer.init(0))
    hidden, carry = seen["cell"]
    assert_same(hidden.swapaxes(0, 1), y)
    assert carry.memory.shape == (5, 4, 3)


def test_memory_with_and_without_remat():
    x = normal(8, 200, 4)
    layer = lx.Recurrence(lx.LSTMCell(4, 32))
    ps, st = layer.init(0)

    def compiled(layer):
        return jax.jit(jax.grad(lambda ps: jnp.sum(layer(x, ps, st)[0]))).lower(ps).compile()

    plain, remat = compiled(layer), compiled(layer.__replace__(remat=True))
    assert_close(remat(ps), plain(ps))
    assert remat.memory_analysis().temp_size_in_bytes < (
        plain.memory_analysis().temp_size_in_bytes / 2
    )


def test_a_wider_input_than_the_parameters():
    layer = lx.Recurrence(lx.LSTMCell(2, 3), return_carry=True)
    ps, st = layer.init(0)
    ps = jax.tree.map(lambda v: v.astype(jnp.bfloat16), ps)
    (y, carry), _ = layer(jnp.ones((1, 4, 2)), ps, st)
    assert y.dtype == carry.hidden.dtype == carry.memory.dtype == jnp.float32


def test_sequence_to_sequence():
    """What a decoder writes is what it says when it is given, step by step, what it wrote."""
    encoder = lx.Recurrence(lx.LSTMCell(1, 8), return_carry=True)
    decoder = lx.CellChain(memory=lx.LSTMCell(1, 8), readout=lx.Dense(8, 1))
    (ps_e, st_e), (ps_d, st_d) = encoder.init(0), decoder.init(1)
    read = normal(2, 5, 1)
    (_, carry), _ = encoder(read, ps_e, st_e)
    first = read[:, -1], lx.Tree(memory=carry)

    def write(last, _):
        (y, carry), _ = decoder(last, ps_d, st_d)
        return (y, carry), y

    _, written = jax.lax.scan(write, first, length=7)
    given = jnp.concatenate([read[:, -1][None], written[:-1]]).swapaxes(0, 1)
    forced = lx.Recurrence(decoder)
    y, _ = forced({"x": given, "carry": {"memory": carry}}, lx.Tree(cell=ps_d), lx.Tree(cell=st_d))
    assert_close(y, written.swapaxes(0, 1))


def test_spirals_are_told_apart():
    """Clockwise or not: seen in the order of the points only."""
    turn = np.linspace(0, 4 * np.pi, 20) + RNG.uniform(0, 2 * np.pi, (64, 1))
    spiral = np.stack([np.cos(turn), np.sin(turn)], -1) * np.linspace(0.1, 1, 20)[:, None]
    label = np.arange(64) % 2
    x = jnp.asarray(np.where(label[:, None, None], spiral, spiral * [1, -1]), jnp.float32)
    model = lx.Chain(lx.Recurrence(lx.LSTMCell(2, 8), return_sequence=False), lx.Dense(8, 1))
    ps, st = model.init(0)
    optimizer = optax.adam(0.02)

    def loss(ps):
        return jnp.mean(optax.sigmoid_binary_cross_entropy(model(x, ps, st)[0][:, 0], label))

    @jax.jit
    def train(ps):
        def step(loop, _):
            ps, memory = loop
            change, memory = optimizer.update(jax.grad(loss)(ps), memory)
            return (optax.apply_updates(ps, change), memory), None

        return jax.lax.scan(step, (ps, optimizer.init(ps)), length=100)[0][0]

    logits = model(x, train(ps), st)[0][:, 0]
    assert np.mean((logits > 0) == label) > 0.95


# -- what it refuses -------------------------------------------------------------------------------


@pytest.mark.parametrize("cell", [lx.Dense(2, 3), lx.Chain(lx.LSTMCell(2, 3)), lx.LSTMCell, None])
def test_cells(cell):
    with pytest.raises(
        TypeError,
        match=r"Recurrence\.cell must be a cell, a layer with initial_carry\(ps, batch\), got .*; "
        r"CellChain makes a cell of several layers",
    ):
        lx.Recurrence(cell)


def test_unroll():
    with pytest.raises(ValueError, match=r"Recurrence\.unroll must be a positive integer, got 0"):
        lx.Recurrence(lx.LSTMCell(2, 3), unroll=0)


class Wrong(lx.Layer):
    """Not quite a cell."""

    returns: str

    def initial_carry(self, ps, batch):
        return jnp.zeros((*batch, 2), jnp.float32)

    def forward(self, x, ps, st):
        x, carry = x
        return {"only y": x, "a carry of its own": (x, (carry, carry))}[self.returns], st


def test_wrong_cells():
    for returns, message in {
        "only y": r"a cell returns \(y, carry\), st; Wrong\('only y'\) returned f32\[1,2\], st",
        "a carry of its own": r"a cell returns a carry like the one it was given, f32\[1,2\]; "
        r".* returned \(f32\[1,2\], f32\[1,2\]\)",
    }.items():
        layer = lx.Recurrence(Wrong(returns))
        with pytest.raises(ValueError, match=message):
            layer(jnp.ones((1, 5, 2)), *layer.init(0))


def test_an_error_inside_names_the_cell():
    model = lx.Chain(lx.Recurrence(lx.CellChain(lx.GRUCell(2, 4), lx.GRUCell(3, 4))))
    with pytest.raises(ValueError, match="in_dims = 3") as error:
        model(jnp.ones((1, 5, 2)), *model.init(0))
    assert error.value.luxnb_path == "layer_1.cell.layer_2"
