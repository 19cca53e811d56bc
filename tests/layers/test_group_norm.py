"""GroupNorm, InstanceNorm: over space in each sample, and what they refuse."""

import jax.numpy as jnp
import numpy as np
import pytest

import luxnb as lx

RNG = np.random.default_rng(0)


@pytest.mark.parametrize("space", [(), (5,), (2, 3)], ids=str)
def test_moments_of_each_group_in_each_sample(space):
    layer = lx.GroupNorm(12, 3)
    x = jnp.asarray(RNG.normal(5, 3, (4, *space, 12)), jnp.float32)
    y, _ = layer(x, *layer.init(0))
    grouped = np.asarray(y).reshape(4, -1, 3, 4)
    np.testing.assert_allclose(grouped.mean((1, 3)), 0, atol=1e-5)
    np.testing.assert_allclose(grouped.std((1, 3)), 1, atol=1e-3)


def test_scale_and_bias_are_each_channels_own():
    layer = lx.GroupNorm(4, 2)
    x = jnp.asarray(RNG.normal(size=(2, 3, 4)), jnp.float32)
    ps, st = layer.init(0)
    plain, _ = layer(x, ps, st)
    scale, bias = np.arange(1.0, 5), np.arange(4.0)
    y, _ = layer(x, {"scale": jnp.asarray(scale), "bias": jnp.asarray(bias)}, st)
    np.testing.assert_allclose(y, np.asarray(plain) * scale + bias, rtol=1e-5, atol=1e-6)


def test_moments_of_each_channel_in_each_sample():
    layer = lx.InstanceNorm(3)
    ps, st = layer.init(0)
    assert list(ps) == list(st) == []
    x = jnp.asarray(RNG.normal(5, 3, (4, 6, 7, 3)), jnp.float32)
    y, _ = layer(x, ps, st)
    np.testing.assert_allclose(np.mean(y, (1, 2)), 0, atol=1e-5)
    np.testing.assert_allclose(np.std(y, (1, 2)), 1, atol=1e-4)


def test_running_values_are_means_over_the_batch():
    layer = lx.InstanceNorm(2, track_running=True, momentum=0.25)
    ps, st = layer.init(0)
    x = RNG.normal(5, 3, (4, 6, 2)).astype(np.float32)
    _, st = layer(jnp.asarray(x), ps, st)
    np.testing.assert_allclose(st.running_mean, 0.25 * x.mean(1).mean(0), rtol=1e-5)
    expected = 0.75 + 0.25 * x.var(1, ddof=1).mean(0)
    np.testing.assert_allclose(st.running_var, expected, rtol=1e-5)


def test_one_element_of_space_can_be_tested_but_not_trained_on():
    layer = lx.InstanceNorm(3, track_running=True)
    ps, st = layer.init(0)
    with pytest.raises(
        ValueError,
        match=r"InstanceNorm needs at least two elements in space, got x of shape \(4, 1, 3\)",
    ):
        layer(jnp.ones((4, 1, 3)), ps, st)
    y, _ = layer(jnp.ones((4, 1, 3)), ps, lx.testmode(st))
    np.testing.assert_allclose(y, np.ones((4, 1, 3)), rtol=1e-4)


def test_groups():
    with pytest.raises(
        ValueError, match=r"GroupNorm\.channels must be a multiple of groups = 3, got 4"
    ):
        lx.GroupNorm(4, 3)
    with pytest.raises(ValueError, match=r"GroupNorm\.groups must be a positive integer, got 0"):
        lx.GroupNorm(4, 0)


def test_other_fields():
    for kind, sizes in ((lx.GroupNorm, (4, 2)), (lx.InstanceNorm, (4,))):
        name = kind.__name__
        with pytest.raises(ValueError, match=rf"{name}\.eps must be positive, got 0"):
            kind(*sizes, eps=0)
        with pytest.raises(ValueError, match=rf"{name}\.channels must be a positive integer, got"):
            kind(-4, *sizes[1:])
        with pytest.raises(TypeError, match=rf"{name}\.activation must be a function, got 1"):
            kind(*sizes, 1)
    with pytest.raises(ValueError, match=r"InstanceNorm\.momentum must lie in \[0, 1\], got 2"):
        lx.InstanceNorm(4, momentum=2)


def test_inputs_of_another_shape():
    layer = lx.GroupNorm(4, 2)
    expected = r"expected x of shape \(batch, \*space, 4\); got "
    with pytest.raises(ValueError, match=expected + r"f32\[2,3\]"):
        layer(jnp.ones((2, 3)), *layer.init(0))
    with pytest.raises(ValueError, match=expected + r"f32\[4\]"):
        layer(jnp.ones(4), *layer.init(0))
    layer = lx.InstanceNorm(4)
    with pytest.raises(ValueError, match=expected + r"f32\[2,4\]"):
        layer(jnp.ones((2, 4)), *layer.init(0))
