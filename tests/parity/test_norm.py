"""LayerNorm, RMSNorm, GroupNorm against PyTorch's: values and gradients, also higher ones."""

import jax
import jax.numpy as jnp
import pytest

import luxnb as lx
from tests.parity.agree import assert_agree, random, torch

F = torch.nn.functional


def channels_first(x):
    return x.movedim(-1, 1)


def channels_last(x):
    return x.movedim(1, -1)


def affine(n, *below):
    """A scale and a bias."""
    return 1 + random(n, *below, seed=7), random(n, *below, seed=8)


@pytest.mark.parametrize(
    ("batch", "shape"),
    [((), (5,)), ((1,), (5,)), ((2, 3), (5,)), ((4,), (3, 4)), ((1, 2), (2, 3, 2))],
    ids=str,
)
def test_layer_norm(batch, shape):
    layer = lx.LayerNorm(shape, jax.nn.silu, eps=1e-3)

    def ours(x, scale, bias):
        return layer(x, {"scale": scale, "bias": bias}, {})[0]

    def theirs(x, scale, bias):
        return F.silu(F.layer_norm(x, shape, scale, bias, 1e-3))

    assert_agree(ours, theirs, 2 + 3 * random(*batch, *shape), *affine(*shape))


def test_layer_norm_by_default():
    layer = lx.LayerNorm(5, affine=False)
    small = 1e-3 * random(4, 5)  # so that eps counts
    assert_agree(lambda x: layer(x, {}, {})[0], lambda x: F.layer_norm(x, (5,)), small)


@pytest.mark.parametrize(
    ("batch", "shape"), [((), (5,)), ((1,), (5,)), ((2, 3), (5,)), ((4,), (3, 4))], ids=str
)
def test_rms_norm(batch, shape):
    layer = lx.RMSNorm(shape, jax.nn.silu, eps=1e-3)

    def ours(x, scale):
        return layer(x, {"scale": scale}, {})[0]

    def theirs(x, scale):
        return F.silu(F.rms_norm(x, shape, scale, 1e-3))

    assert_agree(ours, theirs, 2 + 3 * random(*batch, *shape), affine(*shape)[0])


def test_rms_norm_by_default():
    layer = lx.RMSNorm(5, affine=False)
    small = 1e-3 * random(4, 5)
    assert_agree(lambda x: layer(x, {}, {})[0], lambda x: F.rms_norm(x, (5,), eps=1e-5), small)


@pytest.mark.parametrize(
    ("space", "groups"),
    [((), 1), ((), 2), ((4,), 1), ((4,), 3), ((4,), 6), ((3, 2), 2), ((2, 1, 3), 3)],
    ids=str,
)
def test_group_norm(space, groups):
    layer = lx.GroupNorm(6, groups, jax.nn.silu)

    def ours(x, scale, bias):
        return layer(x, {"scale": scale, "bias": bias}, {})[0]

    def theirs(x, scale, bias):
        return channels_last(F.silu(F.group_norm(channels_first(x), groups, scale, bias)))

    assert_agree(ours, theirs, 2 + 3 * random(3, *space, 6), *affine(6))


def test_group_norm_without_scale_and_bias():
    layer = lx.GroupNorm(6, 2, eps=1e-2, affine=False)
    assert_agree(
        lambda x: layer(x, {}, {})[0],
        lambda x: channels_last(F.group_norm(channels_first(x), 2, eps=1e-2)),
        random(3, 4, 6),
    )


def test_higher_derivatives():
    """The rule for the gradient is itself differentiated rightly: here the second derivative along
    a vector, and its gradient. (PyTorch's own `layer_norm` has a wrong third derivative.)"""
    layer = lx.LayerNorm(5)

    def ours(x, scale, bias, along):
        def loss(x):
            return jnp.sum(jnp.sin(layer(x, {"scale": scale, "bias": bias}, {})[0]))

        return jax.jvp(jax.grad(loss), (x,), (along,))[1]

    def theirs(x, scale, bias, along):
        z = (x - x.mean(1, keepdim=True)) / (x.var(1, keepdim=True, correction=0) + 1e-5).sqrt()
        loss = torch.sin(z * scale + bias).sum()
        (gradient,) = torch.autograd.grad(loss, x, create_graph=True)
        return torch.autograd.grad((gradient * along).sum(), x, create_graph=True)[0]

    assert_agree(ours, theirs, 2 * random(4, 5), *affine(5), random(4, 5, seed=3))
