"""BatchNorm against NumPy over several steps: biased to normalise, unbiased to remember."""

import jax.numpy as jnp
import numpy as np
import pytest

import luxnb as lx

RNG = np.random.default_rng(0)


@pytest.mark.parametrize("momentum", [0.1, 0.3, 1.0])
@pytest.mark.parametrize("space", [(), (4,), (2, 3)], ids=str)
def test_running_values_over_several_steps(space, momentum):
    layer = lx.BatchNorm(3, momentum=momentum, eps=1e-3)
    ps, st = layer.init(0)
    ps = ps.replace(scale=jnp.array([1.0, 2.0, 3.0]), bias=jnp.array([0.0, -1.0, 1.0]))
    scale, bias = np.asarray(ps.scale), np.asarray(ps.bias)
    mean, variance = np.zeros(3), np.ones(3)
    for step in range(4):
        x = RNG.normal(step, 1 + step, (5, *space, 3)).astype(np.float32)
        y, st = layer(x, ps, st)
        axes = tuple(range(x.ndim - 1))
        expected = (x - x.mean(axes)) / np.sqrt(x.var(axes) + 1e-3) * scale + bias
        np.testing.assert_allclose(y, expected, rtol=1e-4, atol=1e-4)
        mean = (1 - momentum) * mean + momentum * x.mean(axes)
        variance = (1 - momentum) * variance + momentum * x.var(axes, ddof=1)
        np.testing.assert_allclose(st.running_mean, mean, rtol=1e-4, atol=1e-5)
        np.testing.assert_allclose(st.running_var, variance, rtol=1e-4)
    test = lx.testmode(st)
    y, new = layer(x, ps, test)
    expected = (x - mean) / np.sqrt(variance + 1e-3) * scale + bias
    np.testing.assert_allclose(y, expected, rtol=1e-4, atol=1e-4)
    assert new is test


def test_without_scale_and_bias():
    layer = lx.BatchNorm(3, affine=False)
    ps, st = layer.init(0)
    assert list(ps) == []
    y, _ = layer(RNG.normal(5, 3, (100, 3)).astype(np.float32), ps, st)
    np.testing.assert_allclose(np.mean(y, 0), 0, atol=1e-5)
    np.testing.assert_allclose(np.std(y, 0), 1, atol=1e-4)


def test_activation():
    layer = lx.BatchNorm(1, jnp.exp)
    y, _ = layer(jnp.array([[-1.0], [1.0]]), *layer.init(0))
    np.testing.assert_allclose(y, np.exp([[-1], [1]]), rtol=1e-4)


def test_one_sample_can_be_tested_but_not_trained_on():
    layer = lx.BatchNorm(3)
    ps, st = layer.init(0)
    with pytest.raises(
        ValueError,
        match=r"BatchNorm needs at least two elements per channel to train, got x of shape "
        r"\(1, 3\); use a larger batch, or testmode\(state\)",
    ):
        layer(jnp.ones((1, 3)), ps, st)
    y, _ = layer(jnp.ones((1, 3)), ps, lx.testmode(st))
    np.testing.assert_allclose(y, np.ones((1, 3)), rtol=1e-4)
    assert layer(jnp.ones((1, 2, 3)), ps, st)[0].shape == (1, 2, 3)


def test_untracked_there_is_no_state_and_testing_is_training():
    layer = lx.BatchNorm(3, track_running=False)
    ps, st = layer.init(0)
    assert list(st) == []
    x = jnp.asarray(RNG.normal(5, 3, (10, 3)), jnp.float32)
    y, new = layer(x, ps, lx.testmode(st))
    assert list(new) == []
    np.testing.assert_allclose(np.mean(y, 0), 0, atol=1e-5)
    with pytest.raises(
        ValueError,
        match=r"BatchNorm needs at least two elements per channel to train, got x of shape "
        r"\(1, 3\); use a larger batch\n",
    ):
        layer(x[:1], ps, st)


@pytest.mark.parametrize("momentum", [-0.1, 1.1, float("nan")])
def test_momentum(momentum):
    with pytest.raises(
        ValueError, match=rf"BatchNorm\.momentum must lie in \[0, 1\], got {momentum}"
    ):
        lx.BatchNorm(3, momentum=momentum)


def test_other_fields():
    with pytest.raises(ValueError, match=r"BatchNorm\.eps must be positive, got 0"):
        lx.BatchNorm(3, eps=0)
    with pytest.raises(ValueError, match=r"BatchNorm\.channels must be a positive integer, got 0"):
        lx.BatchNorm(0)
    with pytest.raises(TypeError, match=r"BatchNorm\.activation must be a function, got 'relu'"):
        lx.BatchNorm(3, "relu")


def test_inputs_of_another_shape():
    layer = lx.BatchNorm(3)
    with pytest.raises(
        ValueError, match=r"expected x of shape \(…, 3\), channels = 3; got f32\[2,4\]"
    ):
        layer(jnp.ones((2, 4)), *layer.init(0))
