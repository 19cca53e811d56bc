"""Attention, transformer blocks, and the parts of a vision transformer."""

import jax

import luxnb as lx
from tests.laws.specimen import DROP, Bools, Specimen, affine, kernel, scaled


def projections(q=4, k=4, v=4, inner=4, kv_inner=4, out=4):
    return {
        "q_proj": affine(q, inner),
        "k_proj": affine(k, kv_inner),
        "v_proj": affine(v, kv_inner),
        "attention_dropout": {},
        "out_proj": affine(inner, out),
    }


def states(**more):
    """The state of attention; what it has itself comes before that of its children."""
    children = {"q_proj": {}, "k_proj": {}, "v_proj": {}, "attention_dropout": DROP, "out_proj": {}}
    return more | children


MLP = {"layer_1": affine(4, 8), "layer_2": {}, "layer_3": affine(8, 4), "layer_4": {}}
MLP_STATE = {"layer_1": {}, "layer_2": DROP, "layer_3": {}, "layer_4": DROP}


def block(attention=None, norm=None):
    norm = scaled(4) if norm is None else norm
    attention = projections() if attention is None else attention
    return {"norm_1": norm, "attention": attention, "dropout_1": {}, "norm_2": norm, "mlp": MLP}


def block_state(attention):
    return {
        "norm_1": {},
        "attention": attention,
        "dropout_1": DROP,
        "norm_2": {},
        "mlp": MLP_STATE,
    }


SPECIMENS = [
    Specimen(
        "attention",
        lx.MultiHeadAttention(4, 2, dropout=0.3),
        (2, 3, 4),
        projections(),
        states(),
    ),
    Specimen(
        "attention causal, rotary, in groups",
        lx.MultiHeadAttention(
            4, 2, kv_heads=1, head_dims=4, causal=True, rotary=lx.RotaryEmbedding(4)
        ),
        (2, 3, 4),
        projections(inner=8, kv_inner=4) | {"rotary": {}},
        states(cache={}) | {"rotary": {}},
    ),
    Specimen(
        "attention to others",
        lx.MultiHeadAttention(
            4, 2, key_dims=3, value_dims=2, out_dims=5, out_proj=lx.Dense(4, 5, use_bias=False)
        ),
        ((2, 3, 4), (2, 5, 3), (2, 5, 2)),
        projections(k=3, v=2, out=5) | {"out_proj": {"weight": (4, 5)}},
        states(),
    ),
    Specimen(
        "attention with masks",
        lx.MultiHeadAttention(4, 2, use_bias=False),
        {"query": (2, 3, 4), "mask": Bools((2, 2, 3, 3)), "key_mask": Bools((2, 3))},
        {n: {"weight": w["weight"]} if w else {} for n, w in projections().items()},
        states(),
    ),
    Specimen(
        "transformer block",
        lx.TransformerBlock(4, 2, jax.nn.silu, mlp_ratio=2, causal=True, dropout=0.2),
        (2, 3, 4),
        block(),
        block_state(states(cache={})),
    ),
    Specimen(
        "transformer block with a mask",
        lx.TransformerBlock(
            4, 2, mlp_ratio=2, norm_1=lx.LayerNorm(4, affine=False), norm_2=lx.Identity()
        ),
        {"x": (2, 3, 4), "key_mask": Bools((2, 3))},
        block(norm={}),
        block_state(states()),
    ),
    Specimen(
        "patch embedding",
        lx.PatchEmbedding((4, 6), (2, 3), 1, 4),
        (2, 4, 6, 1),
        {"projection": kernel(2, 3, 1, 4)},
        {"projection": {}},
    ),
    Specimen("class token", lx.ClassToken(3), (2, 4, 3), {"token": (3,)}),
]
