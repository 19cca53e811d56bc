"""mlp and conv_norm_activation: the Chains that they make."""

import jax
import jax.numpy as jnp
import pytest

import luxnb as lx

relu, tanh = jax.nn.relu, jnp.tanh


def test_mlp():
    assert lx.mlp(2, (8, 4, 1)) == lx.Chain(
        block_1=lx.Dense(2, 8, relu), block_2=lx.Dense(8, 4, relu), block_3=lx.Dense(4, 1)
    )
    assert lx.mlp(2, 1) == lx.mlp(2, (1,)) == lx.mlp(2, [1]) == lx.Chain(block_1=lx.Dense(2, 1))
    assert lx.mlp(2, (3,), tanh, activate_last=True) == lx.Chain(block_1=lx.Dense(2, 3, tanh))


def test_mlp_with_norm_and_dropout():
    model = lx.mlp(2, (8, 1), tanh, norm=lx.BatchNorm, dropout=0.3)
    assert model.block_1 == lx.Chain(
        dense=lx.Dense(2, 8), norm=lx.BatchNorm(8), activation=tanh, dropout=lx.Dropout(0.3)
    )
    assert model.block_2 == lx.Dense(8, 1)
    assert list(lx.mlp(2, (8, 1), dropout=0.3).block_1.children()) == [
        "dense",
        "activation",
        "dropout",
    ]
    last = lx.mlp(2, (8, 1), norm=lx.BatchNorm, activate_last=True).block_2
    assert last == lx.Chain(dense=lx.Dense(8, 1), norm=lx.BatchNorm(1), activation=relu)


def test_mlp_with_a_norm_of_ones_own():
    model = lx.mlp(2, (8, 1), norm=lambda channels: lx.BatchNorm(channels, momentum=0.5))
    assert model.block_1.norm == lx.BatchNorm(8, momentum=0.5)


def test_residual_blocks_where_the_size_is_kept():
    model = lx.mlp(4, (4, 8, 8), tanh, residual=True)
    assert model == lx.Chain(
        block_1=lx.SkipConnection(lx.Dense(4, 4, tanh)),
        block_2=lx.Dense(4, 8, tanh),
        block_3=lx.SkipConnection(lx.Dense(8, 8)),
    )


def test_options_of_dense():
    model = lx.mlp(2, (8, 1), use_bias=False, init_weight=lx.init.ones())
    assert model.block_1 == lx.Dense(2, 8, relu, use_bias=False, init_weight=lx.init.ones())
    assert model.block_2 == lx.Dense(8, 1, use_bias=False, init_weight=lx.init.ones())


def test_a_built_model_is_edited_like_any_other():
    model = lx.mlp(2, (8, 1), norm=lx.BatchNorm)
    model = lx.replace(model, "block_1.norm", lx.Identity())
    model = lx.replace(model, "block_2.activation", tanh)
    assert model.block_1.norm == lx.Identity()
    assert model.block_2 == lx.Dense(8, 1, tanh)


def test_conv_norm_activation():
    model = lx.conv_norm_activation((3, 3), 3, (8, 4), tanh, stride=2, padding="SAME")
    same = {"stride": 2, "padding": "SAME", "use_bias": False}
    assert model == lx.Chain(
        block_1=lx.Chain(conv=lx.Conv((3, 3), 3, 8, **same), norm=lx.BatchNorm(8), activation=tanh),
        block_2=lx.Chain(conv=lx.Conv((3, 3), 8, 4, **same), norm=lx.BatchNorm(4), activation=tanh),
    )
    y, _ = model(jnp.ones((2, 8, 8, 3)), *model.init(0))
    assert y.shape == (2, 2, 2, 4)


def test_convolution_without_norm_has_a_bias():
    model = lx.conv_norm_activation((3,), 2, 4, norm=None)
    assert model == lx.Chain(block_1=lx.Chain(conv=lx.Conv((3,), 2, 4), activation=relu))
    both = lx.conv_norm_activation((3,), 2, 4, use_bias=True)
    assert both.block_1.conv.use_bias and both.block_1.norm == lx.BatchNorm(4)


@pytest.mark.parametrize("dims", [(), 0, (3, 0), (3, 2.0)], ids=repr)
def test_sizes(dims):
    with pytest.raises(
        ValueError, match=r"mlp needs dims, a positive integer for each block, got .*"
    ):
        lx.mlp(2, dims)
    with pytest.raises(
        ValueError,
        match=r"conv_norm_activation needs channels, a positive integer for each block, got .*",
    ):
        lx.conv_norm_activation((3,), 2, dims)


def test_what_the_layers_refuse():
    with pytest.raises(ValueError, match=r"Dense\.in_dims must be a positive integer, got 0"):
        lx.mlp(0, (3,))
    with pytest.raises(ValueError, match=r"Dropout\.rate must lie in .*, got 2"):
        lx.mlp(2, (3, 1), dropout=2)
    with pytest.raises(TypeError, match="unexpected keyword argument 'strides'"):
        lx.conv_norm_activation((3,), 2, 3, strides=2)
