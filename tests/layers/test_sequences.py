"""What recurrent layers may be given: padded sequences, a carry to begin with; and nothing else."""

import re

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import luxnb as lx
from tests.same import assert_close, assert_same

RNG = np.random.default_rng(0)


def normal(*shape):
    return jnp.asarray(RNG.normal(size=shape), jnp.float32)


@pytest.mark.parametrize("cell", [lx.RNNCell(2, 3), lx.LSTMCell(2, 3), lx.GRUCell(2, 3)], ids=repr)
def test_whatever_the_padding_holds(cell):
    """Not even NaN gets into outputs or gradients."""
    layer = lx.Recurrence(cell, return_carry=True)
    ps, st = layer.init(0)
    x, lengths = normal(3, 5, 2), jnp.array([5, 2, 0])
    padding = np.arange(5)[None, :, None] >= np.asarray(lengths)[:, None, None]

    @jax.jit
    @jax.value_and_grad
    def loss(floats):
        x, ps = floats
        y, _ = layer({"x": x, "lengths": lengths}, ps, st)
        return sum(jnp.sum(jnp.sin(leaf)) for leaf in jax.tree.leaves(y))

    expected = loss((x, ps))
    got = loss((jnp.where(padding, jnp.nan, x), ps))
    assert_same(got, expected)
    np.testing.assert_array_equal(expected[1][0][np.broadcast_to(padding, x.shape)], 0)


def test_a_mask_may_have_holes():
    """What is masked might as well not be there."""
    x, mask = normal(1, 4, 2), np.array([[True, False, True, False]])
    layer = lx.Recurrence(lx.GRUCell(2, 3), return_carry=True)
    ps, st = layer.init(0)
    (y, carry), _ = layer({"x": x, "mask": mask}, ps, st)
    (without, expected), _ = layer(x[:, ::2], ps, st)
    assert_close(carry, expected)
    assert_close(y[:, ::2], without)
    assert_same(y[:, 1::2], jnp.zeros((1, 2, 3)))


def test_a_carry_is_given_as_it_is_returned_or_as_a_dict():
    layer = lx.Recurrence(lx.LSTMCell(2, 3), return_carry=True)
    ps, st = layer.init(0)
    x = normal(2, 6, 2)
    (whole, _), _ = layer(x, ps, st)
    (_, carry), _ = layer(x[:, :4], ps, st)
    as_dict = {"memory": np.asarray(carry.memory), "hidden": np.asarray(carry.hidden)}
    for given in (carry, as_dict):
        (rest, _), _ = layer({"x": x[:, 4:], "carry": given}, ps, st)
        assert_close(rest, whole[:, 4:])


def test_integers_need_no_features():
    class Embed(lx.Layer):
        def forward(self, x, ps, st):
            return jax.nn.one_hot(x, 4), st

    layer = lx.Recurrence(lx.CellChain(Embed(), lx.GRUCell(4, 3)))
    y, _ = layer(jnp.array([[0, 1, 3]]), *layer.init(0))
    assert y.shape == (1, 3, 3)


# -- what is refused -------------------------------------------------------------------------------

LAYER = lx.Recurrence(lx.LSTMCell(2, 3))


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (
            jnp.ones((5, 2)),
            "expected x of shape (batch, time, features); got f32[5,2]: "
            "write x[None] for a single sequence, x[..., None] for a single feature",
        ),
        (jnp.ones(5), "expected x of shape (batch, time, features); got f32[5]"),
        (
            (jnp.ones((1, 5, 2)), jnp.ones((1, 4, 2))),
            "expected x of shape (batch, time, features); got (f32[1,5,2], f32[1,4,2])",
        ),
        ([[1.0, 2.0]], "expected x of shape (batch, time, features); got ((1.0, 2.0),)"),
        (jnp.ones((1, 5, 3)), "expected x of shape (…, 2), in_dims = 2; got f32[1,3]"),
        (
            {"x": jnp.ones((1, 5, 2)), "length": jnp.ones(1)},
            'expected x, or a dict of "x" and any of "carry" and either "lengths" or "mask"; '
            "got {x: f32[1,5,2], length: f32[1]}",
        ),
        (
            {"x": jnp.ones((1, 5, 2)), "lengths": np.ones(1, int), "mask": np.ones((1, 5), bool)},
            'expected x, or a dict of "x" and any of "carry" and either "lengths" or "mask"',
        ),
        ({"carry": jnp.ones(1)}, 'expected x, or a dict of "x" and any of'),
        (
            {"x": jnp.ones((1, 5, 2)), "lengths": jnp.ones(1)},
            "expected lengths as integers of shape (1,); got f32[1]",
        ),
        (
            {"x": jnp.ones((1, 5, 2)), "lengths": jnp.ones((1, 5), int)},
            "expected lengths as integers of shape (1,); got i32[1,5]",
        ),
        (
            {"x": jnp.ones((1, 5, 2)), "mask": jnp.ones((1, 5))},
            "expected mask as booleans of shape (1, 5); got f32[1,5]",
        ),
        (
            {"x": jnp.ones((1, 5, 2)), "mask": jnp.ones((5, 1), bool)},
            "expected mask as booleans of shape (1, 5); got bool[5,1]",
        ),
        (
            {"x": jnp.ones((1, 5, 2)), "carry": {"hidden": jnp.ones((1, 3))}},
            "expected a carry like {hidden: f32[1,3], memory: f32[1,3]}; got {hidden: f32[1,3]}",
        ),
        (
            {"x": jnp.ones((1, 5, 2)), "carry": (jnp.ones((1, 3)), jnp.ones((1, 3)))},
            "expected a carry like {hidden: f32[1,3], memory: f32[1,3]}; got (f32[1,3], f32[1,3])",
        ),
        (
            {"x": jnp.ones((1, 5, 2)), "carry": {"hidden": jnp.ones(3), "memory": jnp.ones(3)}},
            "got {hidden: f32[3], memory: f32[3]}",
        ),
    ],
)
def test_inputs_of_another_form(given, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        LAYER(given, *LAYER.init(0))
