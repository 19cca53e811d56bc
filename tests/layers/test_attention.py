"""MultiHeadAttention: its ways to be called, its masks, its dropout, and what it refuses."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import luxnb as lx
from tests.same import assert_same

RNG = np.random.default_rng(0)


def random(*shape):
    return jnp.asarray(RNG.normal(size=shape), jnp.float32)


LAYER = lx.MultiHeadAttention(6, 2)
PS, ST = LAYER.init(0)
X, OTHER = random(2, 4, 6), random(2, 4, 6)


def test_the_ways_to_say_the_same():
    itself, _ = LAYER(X, PS, ST)
    for x in ((X, X), (X, X, X), {"query": X}, {"query": X, "key": X}, lx.Tree(query=X)):
        assert_same(LAYER(x, PS, ST)[0], itself)
    others, _ = LAYER((X, OTHER), PS, ST)
    for x in ((X, OTHER, OTHER), {"query": X, "key": OTHER}):
        assert_same(LAYER(x, PS, ST)[0], others)
    assert np.abs(others - itself).max() > 1e-3


def test_a_value_alone_goes_with_the_queries_as_keys():
    y, _ = LAYER({"query": X, "value": OTHER}, PS, ST)
    assert_same(y, LAYER((X, X, OTHER), PS, ST)[0])


def test_nothing_to_attend_to_gives_the_bias_of_the_output():
    key_mask = jnp.array([[True] * 4, [False] * 4])

    def output(ps):
        return LAYER({"query": X, "key_mask": key_mask}, ps, ST)[0]

    y = output(PS)
    np.testing.assert_allclose(y[1], jnp.broadcast_to(PS.out_proj.bias, (4, 6)), rtol=1e-6)
    np.testing.assert_allclose(y[0], LAYER(X, PS, ST)[0][0], rtol=1e-5, atol=1e-6)
    gradients = jax.grad(lambda ps: jnp.sum(output(ps) ** 2))(PS)
    assert all(np.isfinite(g).all() for g in jax.tree.leaves(gradients))


def test_what_is_masked_has_no_influence():
    key_mask = jnp.array([[True, True, False, True]] * 2)
    changed = X.at[:, 2].set(1e6)
    one, other = (
        LAYER({"query": X, "key": key, "key_mask": key_mask}, PS, ST)[0] for key in (X, changed)
    )
    assert_same(one, other)


def test_dropout_drops_weights():
    layer = lx.MultiHeadAttention(6, 2, dropout=0.5)
    ps, st = layer.init(0)
    x = random(1, 100, 6)
    _, new, seen = lx.capture(layer)(x, ps, st)
    weights, dropped = seen["weights"], seen["attention_dropout"]
    np.testing.assert_allclose(weights.sum(-1), 1, rtol=1e-5)
    kept = np.asarray(dropped != 0)
    assert abs(kept.mean() - 0.5) < 5 * 0.5 / np.sqrt(kept.size)
    np.testing.assert_allclose(dropped[kept], 2 * weights[kept], rtol=1e-6)
    again = layer(x, ps, new)[0]
    assert np.abs(again - layer(x, ps, st)[0]).max() > 1e-3
    assert_same(layer(x, ps, lx.testmode(st))[0], lx.MultiHeadAttention(6, 2)(x, ps, st)[0])


def test_bfloat16_is_near_float32():
    half = jax.tree.map(lambda v: v.astype(jnp.bfloat16), (X, PS))
    y, _ = LAYER(half[0], half[1], ST)
    full = jax.tree.map(lambda v: v.astype(jnp.float32), half)
    expected, _ = LAYER(full[0], full[1], ST)
    np.testing.assert_allclose(y.astype(jnp.float32), expected, atol=0.02)

    def loss(x, ps):
        return jnp.sum(LAYER(x, ps, ST)[0].astype(jnp.float32) ** 2)

    one, other = (jax.grad(loss, argnums=(0, 1))(*v) for v in (half, full))
    for a, b in zip(jax.tree.leaves(one), jax.tree.leaves(other), strict=True):
        np.testing.assert_allclose(a.astype(jnp.float32), b, atol=0.03 * np.abs(b).max() + 0.02)


def test_children_can_be_exchanged():
    frozen = lx.Dense(6, 6, use_bias=False, init_weight=lx.init.zeros())
    layer = lx.replace(LAYER, "out_proj", frozen)
    assert layer == lx.MultiHeadAttention(6, 2, out_proj=frozen)
    assert not np.any(layer(X, *layer.init(0))[0])
    for name, child in LAYER.children().items():
        assert lx.replace(LAYER, name, child).children() == LAYER.children()


def test_sizes_follow_the_fields():
    layer = lx.replace(LAYER, "kv_heads", 1)
    assert layer.init(0)[0].k_proj.weight.shape == (6, 3)
    assert lx.MultiHeadAttention(np.int64(6), np.int64(2)) == LAYER


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"dims": 0}, r"\.dims must be a positive integer, got 0"),
        ({"heads": 0}, r"\.heads must be a positive integer, got 0"),
        ({"heads": 4}, r"\.dims must be a multiple of heads = 4, got 6; or give head_dims"),
        ({"kv_heads": 0}, r"\.kv_heads must be a positive integer, got 0"),
        ({"heads": 3, "kv_heads": 2}, r"\.kv_heads must divide heads = 3, got 2"),
        ({"head_dims": -1}, r"\.head_dims must be a positive integer, got -1"),
        ({"dropout": 1.5}, r"\.dropout must lie in \[0, 1\], got 1.5"),
        (
            {"rotary": lx.RotaryEmbedding(6)},
            r"\.rotary must have dims = head_dims = 3, got RotaryEmbedding\(6\)",
        ),
    ],
)
def test_fields(fields, message):
    with pytest.raises(ValueError, match=f"MultiHeadAttention{message}"):
        lx.MultiHeadAttention(**{"dims": 6, "heads": 2, **fields})


def test_a_projection_is_a_layer():
    with pytest.raises(TypeError, match=r"MultiHeadAttention\.q_proj is a child and must be a la"):
        lx.MultiHeadAttention(6, 2, q_proj=jnp.tanh)
    with pytest.raises(
        TypeError, match=r"MultiHeadAttention\.rotary is a child and must be a layer"
    ):
        lx.MultiHeadAttention(6, 2, rotary=True)


ARRAYS = r"expected query \(batch, q, 6\), key \(batch, kv, 6\) and value \(batch, kv, 6\); got "
NAMES = "expected x to be a dict of some of .'query', 'key', 'value', 'mask', 'key_mask'.; got "


@pytest.mark.parametrize(
    ("x", "message"),
    [
        (random(4, 6), ARRAYS + r"f32\[4,6\]"),
        (random(2, 4, 5), ARRAYS + r"f32\[2,4,5\]"),
        ((random(2, 4, 6), random(1, 4, 6)), ARRAYS + r"\(f32\[2,4,6\], f32\[1,4,6\]\)"),
        ((X, X, random(2, 3, 6)), ARRAYS),
        ((X, random(2, 4, 5)), ARRAYS),
        ((X, X, X, X), ARRAYS),
        ((X,), ARRAYS),
        ({"query": X, "padding": X}, NAMES),
        ({"key": X}, NAMES),
    ],
)
def test_inputs(x, message):
    with pytest.raises(ValueError, match=message):
        LAYER(x, PS, ST)


@pytest.mark.parametrize(
    "mask",
    [jnp.ones((4, 4)), *(jnp.ones(s, bool) for s in [(4,), (4, 5), (3, 4, 4), (2, 3, 4, 4)])],
    ids=lambda m: str(m.shape),
)
def test_masks_of_another_shape(mask):
    expected = r"mask bool\[4,4\], bool\[2,4,4\] or bool\[2,2,4,4\], \(\(batch, heads,\) q, kv\); "
    with pytest.raises(ValueError, match=f"expected {expected}got "):
        LAYER({"query": X, "mask": mask}, PS, ST)
    with pytest.raises(ValueError, match=r"expected key_mask bool\[2,4\], \(batch, kv\); got "):
        LAYER({"query": X, "key_mask": mask}, PS, ST)
