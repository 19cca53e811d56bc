"""TransformerBlock: its parts, its dropout, and what it refuses."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import luxnb as lx
from tests.same import assert_same

X = jnp.asarray(np.random.default_rng(0).normal(size=(2, 5, 8)), jnp.float32)


def test_parts_are_named_and_can_be_exchanged():
    block = lx.TransformerBlock(8, 2)
    assert list(block.children()) == ["norm_1", "attention", "dropout_1", "norm_2", "mlp"]
    gated = lx.replace(block, "mlp", lx.Dense(8, 8, init_weight=lx.init.zeros(), use_bias=False))
    silent = lx.replace(gated, "attention.out_proj", lx.Dense(8, 8, init_weight=lx.init.zeros()))
    ps, st = silent.init(0)
    np.testing.assert_allclose(
        silent(X, ps, st)[0], X + ps.attention.out_proj.bias[None, None], rtol=1e-6
    )
    for name, child in block.children().items():
        assert lx.replace(block, name, child).children() == block.children()


def test_dropout_is_in_four_places():
    """All rates are 1: what remains of each branch is zero, so the block is the identity."""
    block = lx.TransformerBlock(8, 2, dropout=1.0)
    ps, st = block.init(0)
    assert_same(block(X, ps, st)[0], X)
    assert_same(block(X, ps, lx.testmode(st))[0], lx.TransformerBlock(8, 2)(X, ps, st)[0])
    rates = [
        layer.rate
        for layer in (
            block.children()["attention"].children()["attention_dropout"],
            block.children()["dropout_1"],
            *block.children()["mlp"][1::2],
        )
    ]
    assert rates == [1.0] * 4


def test_a_dict_comes_back_with_all_it_had():
    block = lx.TransformerBlock(8, 2)
    ps, st = block.init(0)
    key_mask = jnp.ones((2, 5), bool)
    y, _ = jax.jit(block)({"x": X, "key_mask": key_mask}, ps, st)
    assert_same(y["key_mask"], key_mask)
    np.testing.assert_allclose(y["x"], block(X, ps, st)[0], rtol=1e-5, atol=1e-6)


def test_fields():
    for fields, message in [
        ({"dims": 0}, r"dims must be a positive integer, got 0"),
        ({"heads": 3}, r"dims must be a multiple of heads = 3, got 8"),
        ({"mlp_ratio": 0}, r"mlp_ratio must be positive, got 0"),
        ({"dropout": -1}, r"dropout must lie in \[0, 1\], got -1"),
    ]:
        with pytest.raises(ValueError, match=message):
            lx.TransformerBlock(**{"dims": 8, "heads": 2, **fields})
    with pytest.raises(TypeError, match=r"TransformerBlock\.activation must be a function, got No"):
        lx.TransformerBlock(8, 2, None)


def test_inputs():
    block = lx.TransformerBlock(8, 2)
    with pytest.raises(ValueError, match="expected an array, or a dict of x, mask, key_mask; got"):
        block({"query": X}, *block.init(0))
    with pytest.raises(ValueError, match="expected x to be a dict of some of"):
        block({"x": X, "padding": X}, *block.init(0))


@pytest.mark.parametrize(
    ("name", "part"),
    [("attention", lx.MultiHeadAttention(8, 2, out_dims=1)), ("mlp", lx.Dense(8, 1))],
)
def test_a_part_that_would_be_broadcast(name, part):
    block = lx.TransformerBlock(8, 2, **{name: part})
    expected = rf"TransformerBlock\.{name} must return what it is given, f32\[2,5,8\]; got "
    with pytest.raises(ValueError, match=expected + r"f32\[2,5,1\]"):
        block(X, *block.init(0))
