"""The transformer block and the vision transformer against PyTorch's."""

import jax
import numpy as np
import pytest

import luxnb as lx
from tests.parity.agree import assert_agree, torch
from tests.parity.test_attention import parameters, random, some


def encoder_layer(x, ps, heads, **masks):
    """torch.nn.TransformerEncoderLayer, norm_first, with our parameters."""
    hidden, out = ps.mlp.layer_1, ps.mlp.layer_3
    projections = [ps.attention[f"{name}_proj"] for name in "qkv"]
    module = torch.nn.TransformerEncoderLayer(
        x.shape[-1],
        heads,
        hidden.weight.shape[1],
        dropout=0.0,
        activation=lambda v: torch.nn.functional.gelu(v, approximate="tanh"),
        norm_first=True,
        batch_first=True,
    )
    given = {
        "self_attn.in_proj_weight": torch.cat([p.weight.T for p in projections]),
        "self_attn.in_proj_bias": torch.cat([p.bias for p in projections]),
        "self_attn.out_proj.weight": ps.attention.out_proj.weight.T,
        "self_attn.out_proj.bias": ps.attention.out_proj.bias,
        "linear1.weight": hidden.weight.T,
        "linear1.bias": hidden.bias,
        "linear2.weight": out.weight.T,
        "linear2.bias": out.bias,
        "norm1.weight": ps.norm_1.scale,
        "norm1.bias": ps.norm_1.bias,
        "norm2.weight": ps.norm_2.scale,
        "norm2.bias": ps.norm_2.bias,
    }
    return torch.func.functional_call(module, given, (x,), masks)


@pytest.mark.parametrize(("batch", "causal"), [(1, False), (3, True)])
def test_block(batch, causal):
    block = lx.TransformerBlock(6, 2, mlp_ratio=1.5, causal=causal)
    flat, tree = parameters(block)
    _, st = block.init(0)

    def theirs(x, ps):
        later = torch.ones(4, 4, dtype=torch.bool).triu(1)
        return encoder_layer(x, tree(ps), 2, src_mask=later if causal else None)

    assert_agree(lambda x, ps: block(x, tree(ps), st)[0], theirs, random(batch, 4, 6), flat)


def test_blocks_pass_their_masks_on():
    block = lx.TransformerBlock(6, 2)
    model = lx.Chain(block, block)
    flat, tree = parameters(model)
    _, st = model.init(0)

    def ours(x, mask, key_mask, ps):
        y, _ = model({"x": x, "mask": mask, "key_mask": key_mask}, tree(ps), st)
        assert y.keys() == {"x", "mask", "key_mask"}
        return y["x"]

    def theirs(x, mask, key_mask, ps):
        for p in tree(ps).values():
            x = encoder_layer(x, p, 2, src_mask=~mask, src_key_padding_mask=~key_mask)
        return x

    assert_agree(ours, theirs, random(2, 4, 6), some(4, 4), some(2, 4), flat)


def test_patches():
    """A patch flattened, times the weight: in rows from the top, from the left in a row."""
    layer = lx.PatchEmbedding((4, 6), (2, 3), 2, 5)
    _, st = layer.init(0)

    def theirs(x, weight, bias):
        patches = torch.nn.functional.unfold(x.permute(0, 3, 1, 2), (2, 3), stride=(2, 3))
        return patches.mT @ weight.permute(2, 0, 1, 3).reshape(12, 5) + bias

    assert_agree(
        lambda x, weight, bias: layer(x, {"projection": {"weight": weight, "bias": bias}}, st)[0],
        theirs,
        random(3, 4, 6, 2),
        random(2, 3, 2, 5),
        random(5),
    )


def test_vision_transformer():
    model = lx.vision_transformer(6, 3, 2, dims=8, depth=2, heads=2, classes=5, mlp_ratio=2)
    flat, tree = parameters(model)
    _, st = model.init(0)

    def theirs(x, flat):
        ps = tree(flat)
        weight, bias = ps.patches.projection.weight.permute(3, 2, 0, 1), ps.patches.projection.bias
        y = torch.nn.functional.conv2d(x.permute(0, 3, 1, 2), weight, bias, stride=3)
        y = y.flatten(2).mT
        y = torch.cat([ps.token.token.expand(len(y), 1, 8), y], dim=1) + ps.positions.weight
        for block in (ps.block_1, ps.block_2):
            y = encoder_layer(y, block, 2)
        y = torch.nn.functional.layer_norm(y, (8,), ps.norm.scale, ps.norm.bias)
        return torch.nn.functional.linear(y[:, 0], ps.head.weight.T, ps.head.bias)

    assert_agree(lambda x, ps: model(x, tree(ps), st)[0], theirs, random(2, 6, 6, 2), flat)


def test_fresh_parameters_of_a_vision_transformer():
    """The token starts at zero, positions near it."""
    ps, _ = lx.vision_transformer(32, 4, 3, dims=64, depth=1, heads=2, classes=5).init(0)
    assert not np.any(ps.token.token)
    assert np.std(ps.positions.weight) == pytest.approx(0.02, rel=0.05)
    assert jax.tree.leaves(ps.positions)[0].shape == (65, 64)
