"""Attention against PyTorch's, with the same weights."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import luxnb as lx
from luxnb.ops.attention import attention_weights, causal_mask, weighted_sum
from tests.parity.agree import assert_agree, random, torch
from tests.parity.test_embedding import complex_rotation

RNG = np.random.default_rng(0)
scaled_dot_product = torch.nn.functional.scaled_dot_product_attention


def some(*shape):
    """A mask in which every query may attend to something."""
    mask = RNG.random(shape) < 0.6
    mask[..., 0] = True
    return mask


# -- the mathematics -------------------------------------------------------------------------------


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("kv_heads", [1, 2, 6])
@pytest.mark.parametrize("batch", [1, 2])
def test_dot_product_attention(batch, kv_heads, causal):
    """Queries and keys of different number, causal from the top left; all heads, groups, one."""

    def ours(query, key, value):
        mask = causal_mask(3, 5)[None, None] if causal else None
        return weighted_sum(attention_weights(query, key, mask), value)

    def theirs(query, key, value):
        arrays = (v.transpose(1, 2) for v in (query, key, value))
        return scaled_dot_product(*arrays, is_causal=causal, enable_gqa=True).transpose(1, 2)

    shapes = (batch, 3, 6, 4), (batch, 5, kv_heads, 4), (batch, 5, kv_heads, 4)
    assert_agree(ours, theirs, *(random(*shape, seed=i) for i, shape in enumerate(shapes)))


@pytest.mark.parametrize("outer", [(2, 6), (1, 6), (2, 1), (1, 1)], ids=str)
def test_dot_product_attention_with_masks(outer):
    def ours(query, key, value, mask):
        return weighted_sum(attention_weights(query, key, mask), value)

    def theirs(query, key, value, mask):
        arrays = (v.transpose(1, 2) for v in (query, key, value))
        return scaled_dot_product(*arrays, attn_mask=mask).transpose(1, 2)

    shapes = (2, 3, 6, 4), (2, 5, 6, 4), (2, 5, 6, 4)
    arrays = (random(*shape, seed=i) for i, shape in enumerate(shapes))
    assert_agree(ours, theirs, *arrays, some(*outer, 3, 5))


# -- the layer -------------------------------------------------------------------------------------


def parameters(layer):
    """Numbers for all parameters in one array, and the function that makes a Tree of it.

    In one, because the gradient by the bias of the keys is zero: it moves all scores of a query by
    the same amount. What is relative to the largest of its array would be rounding errors alone.
    """
    leaves, structure = jax.tree.flatten(layer.init(0)[0])
    ends = np.cumsum([v.size for v in leaves])

    def tree(flat):
        parts = zip(leaves, ends, strict=True)
        return structure.unflatten([flat[e - v.size : e].reshape(v.shape) for v, e in parts])

    return random(ends[-1]), tree


def with_torch(layer, theirs, inputs):
    """`layer(x, ps, st)`, x made of `inputs` by name, is `theirs(inputs, ps)`."""
    flat, tree = parameters(layer)
    _, st = layer.init(0)

    def ours(flat, *arrays):
        x = dict(zip(inputs, arrays, strict=True))
        y, _, seen = lx.capture(layer)(x, tree(flat), st)
        return y, seen["weights"]

    def reference(flat, *arrays):
        return theirs(dict(zip(inputs, arrays, strict=True)), tree(flat))

    assert_agree(ours, reference, flat, *inputs.values())


def multihead(inputs, ps, heads, **masks):
    """torch.nn.MultiheadAttention, which has True in masks for what is masked."""
    query, key = inputs["query"], inputs.get("key", inputs["query"])
    value = inputs.get("value", key)
    dims = query.shape[-1]
    use_bias = "bias" in ps.q_proj
    module = torch.nn.MultiheadAttention(
        dims, heads, bias=use_bias, kdim=key.shape[-1], vdim=value.shape[-1], batch_first=True
    )
    projections = ps.q_proj, ps.k_proj, ps.v_proj
    weights = [p.weight.T for p in projections]
    same = {w.shape for w in weights} == {(dims, dims)}
    names = [f"{name}_proj_weight" for name in "qkv"]
    given = (
        {"in_proj_weight": torch.cat(weights)} if same else dict(zip(names, weights, strict=True))
    )
    given["out_proj.weight"] = ps.out_proj.weight.T
    if use_bias:
        given["in_proj_bias"] = torch.cat([p.bias for p in projections])
        given["out_proj.bias"] = ps.out_proj.bias
    options = {"average_attn_weights": False, **masks}
    return torch.func.functional_call(module, given, (query, key, value), options)


@pytest.mark.parametrize("use_bias", [True, False])
@pytest.mark.parametrize("batch", [1, 2])
def test_self_attention(batch, use_bias):
    layer = lx.MultiHeadAttention(6, 2, use_bias=use_bias)
    with_torch(layer, lambda x, ps: multihead(x, ps, 2), {"query": random(batch, 4, 6)})


def test_cross_attention():
    layer = lx.MultiHeadAttention(6, 3)
    inputs = {"query": random(2, 4, 6), "key": random(2, 5, 6)}
    with_torch(layer, lambda x, ps: multihead(x, ps, 3), inputs)


def test_keys_and_values_of_other_sizes():
    layer = lx.MultiHeadAttention(6, 2, key_dims=3, value_dims=5)
    inputs = {"query": random(2, 4, 6), "key": random(2, 7, 3), "value": random(2, 7, 5)}
    with_torch(layer, lambda x, ps: multihead(x, ps, 2), inputs)


@pytest.mark.parametrize("lengths", [(4, 4), (3, 5), (5, 3)], ids=str)
def test_causal(lengths):
    layer = lx.MultiHeadAttention(6, 2, causal=True)
    q, kv = lengths

    def theirs(inputs, ps):
        later = torch.ones(q, kv, dtype=torch.bool).triu(1)
        return multihead(inputs, ps, 2, attn_mask=later)

    with_torch(layer, theirs, {"query": random(2, q, 6), "key": random(2, kv, 6)})


@pytest.mark.parametrize("shape", [(3, 5), (2, 3, 5), (2, 2, 3, 5), (2, 1, 3, 5)], ids=str)
def test_masks(shape):
    """PyTorch takes (q, kv) or (batch · heads, q, kv)."""
    layer = lx.MultiHeadAttention(6, 2)

    def theirs(inputs, ps):
        mask = inputs["mask"]
        if mask.ndim > 2:
            mask = mask.reshape(2, -1, 3, 5).expand(2, 2, 3, 5).reshape(4, 3, 5)
        return multihead(inputs, ps, 2, attn_mask=~mask)

    inputs = {"query": random(2, 3, 6), "key": random(2, 5, 6), "mask": some(*shape)}
    with_torch(layer, theirs, inputs)


@pytest.mark.parametrize("causal", [False, True])
def test_padding_and_a_mask_together(causal):
    layer = lx.MultiHeadAttention(6, 2, causal=causal)

    def theirs(inputs, ps):
        mask = inputs["mask"].tril() if causal else inputs["mask"]
        return multihead(inputs, ps, 2, attn_mask=~mask, key_padding_mask=~inputs["key_mask"])

    inputs = {"query": random(2, 5, 6), "mask": some(5, 5), "key_mask": some(2, 5)}
    with_torch(layer, theirs, inputs)


def grouped(inputs, ps, heads, kv_heads, base=None):
    """Projections, heads, rotation and groups by PyTorch's functions; causal."""
    x = inputs["query"]

    def project(p, count):
        return torch.nn.functional.linear(x, p.weight.T, p.bias).unflatten(-1, (count, -1))

    query, key = project(ps.q_proj, heads), project(ps.k_proj, kv_heads)
    if base:
        query, key = (complex_rotation(v, torch.arange(x.shape[1]), base) for v in (query, key))
    value = project(ps.v_proj, kv_heads)
    arrays = [v.transpose(1, 2) for v in (query, key, value)]
    y = scaled_dot_product(*arrays, is_causal=True, enable_gqa=True)
    y = y.transpose(1, 2).flatten(2)
    return torch.nn.functional.linear(y, ps.out_proj.weight.T, ps.out_proj.bias)


GROUPED = lx.MultiHeadAttention(
    6, 4, kv_heads=2, head_dims=8, out_dims=5, causal=True, rotary=lx.RotaryEmbedding(8, base=99.0)
)


def test_groups_and_rotary():
    flat, tree = parameters(GROUPED)
    _, st = GROUPED.init(0)
    assert_agree(
        lambda x, ps: GROUPED(x, tree(ps), st)[0],
        lambda x, ps: grouped({"query": x}, tree(ps), 4, 2, 99.0),
        random(2, 5, 6),
        flat,
    )


# -- generation ------------------------------------------------------------------------------------


@pytest.mark.parametrize("split", [(1, 1, 1, 1), (2, 1, 1), (1, 3)], ids=str)
def test_generation_is_the_full_computation(split):
    """A prompt and then tokens; also the gradients through the cache."""
    flat, tree = parameters(GROUPED)
    _, st = GROUPED.init(0)

    def ours(x, flat):
        state = lx.with_cache(GROUPED, st, 2, 5, x.dtype)
        ends = np.cumsum(split)
        ys = []
        for start, end in zip(ends - split, ends, strict=True):
            y, state = GROUPED(x[:, start:end], tree(flat), state)
            ys.append(y)
        return jnp.concatenate(ys, axis=1)

    assert_agree(
        ours,
        lambda x, ps: grouped({"query": x}, tree(ps), 4, 2, 99.0),
        random(2, 4, 6),
        flat,
    )
