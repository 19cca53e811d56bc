"""WeightNorm: fresh weights as they were, names below a container, zeros, and what it refuses."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import luxnb as lx

X = jnp.asarray(np.random.default_rng(0).normal(size=(5, 3)), jnp.float32)


def test_fresh_weights_are_those_of_the_layer():
    inner = lx.Chain(lx.Dense(3, 4, jnp.tanh), lx.Dense(4, 2))
    layer = lx.WeightNorm(inner, ("layer_1.weight", "layer_2.bias"))
    ps, st = lx.Chain(layer=layer).init(0)
    alone = lx.Chain(layer=lx.Chain(layer=inner)).init(0)  # at the same path
    direction = ps.layer.layer.layer_1.weight_v
    np.testing.assert_array_equal(direction, alone[0].layer.layer.layer_1.weight)
    y, _ = lx.Chain(layer=layer)(X, ps, st)
    expected, _ = lx.Chain(layer=lx.Chain(layer=inner))(X, *alone)
    np.testing.assert_allclose(y, expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(("axis", "over"), [(-1, 0), (1, 0), (0, 1), (None, None)])
def test_lengths(axis, over):
    ps, _ = lx.WeightNorm(lx.Dense(3, 4), axis=axis).init(0)
    length = np.linalg.norm(ps.layer.weight_v, axis=over)
    np.testing.assert_allclose(ps.layer.weight_g, length, rtol=1e-6)


def test_the_length_of_v_does_not_matter():
    layer = lx.WeightNorm(lx.Dense(3, 4))
    ps, st = layer.init(0)
    y, _ = layer(X, ps, st)
    same, _ = layer(X, ps.at["layer.weight_v"].apply(lambda v: 3 * v), st)
    np.testing.assert_allclose(same, y, rtol=1e-5)


def test_the_names_keep_their_places():
    ps, _ = lx.WeightNorm(lx.Dense(3, 4), ("bias", "weight")).init(0)
    assert list(ps.layer) == ["weight_g", "weight_v", "bias_g", "bias_v"]


def test_the_state_of_the_layer_goes_on():
    layer = lx.WeightNorm(lx.BatchNorm(3), ("scale",))
    ps, st = layer.init(0)
    _, new = layer(X, ps, st)
    np.testing.assert_allclose(new.layer.running_mean, 0.1 * np.mean(X, 0), rtol=1e-4)


def test_fresh_zeros_are_zero_and_can_learn():
    layer = lx.WeightNorm(lx.Dense(3, 4, init_weight=lx.init.zeros()))
    ps, st = layer.init(0)

    def loss(ps):
        return jnp.sum(jnp.square(layer(X, ps, st)[0] - 1))

    bias = ps.layer.bias[None]
    np.testing.assert_array_equal(layer(X, ps, st)[0], np.broadcast_to(bias, (5, 4)))
    gradient = jax.grad(loss)(ps)
    assert (gradient.layer.weight_g != 0).all()
    later = jax.tree.map(lambda p, g: p - 0.01 * g, ps, gradient)
    assert loss(later) < loss(ps)
    assert (jax.grad(loss)(later).layer.weight_v != 0).any()


def test_a_direction_of_zeros_has_finite_gradients():
    layer = lx.WeightNorm(lx.Dense(3, 4))
    ps, st = layer.init(0)
    ps = ps.at["layer.weight_v"].apply(lambda v: v.at[:, 1].set(0))
    y, _ = layer(X, ps, st)
    np.testing.assert_array_equal(y[:, 1], np.full(5, ps.layer.bias[1]))
    gradient = jax.grad(lambda ps: layer(X, ps, st)[0].sum())(ps)
    assert all(np.isfinite(g).all() for g in jax.tree.leaves(gradient))


KINDS = pytest.mark.parametrize("kind", [lx.WeightNorm, lx.SpectralNorm])


@KINDS
@pytest.mark.parametrize("names", [(), "weight", ("weight", "weight"), (1,), None], ids=repr)
def test_names(kind, names):
    with pytest.raises(
        ValueError,
        match=rf"{kind.__name__}\.names must be a tuple of different names of parameters, "
        r"such as \('weight',\), got .*",
    ):
        kind(lx.Dense(3, 4), names)


@KINDS
def test_unknown_names(kind):
    told = rf"{kind.__name__}\.names must name parameters of its layer, got "
    with pytest.raises(ValueError, match=told + r"'wieght'; did you mean 'weight'\?"):
        kind(lx.Dense(3, 4), ("wieght",))
    model = lx.Chain(lx.Dense(3, 4), lx.Dense(4, 2))
    with pytest.raises(ValueError, match=told + r"'layer_2\.wait'; did you mean 'layer_2\.weight"):
        kind(model, ("layer_1.weight", "layer_2.wait"))
    with pytest.raises(ValueError, match=told + r"'layer_1'; did you mean"):
        kind(model, ("layer_1",))
    with pytest.raises(ValueError, match=told + r"'weight'$"):
        kind(lx.Flatten())


@KINDS
def test_axes(kind):
    with pytest.raises(
        ValueError,
        match=rf"{kind.__name__}\.axis must be an axis of each parameter, got 1 for 'bias', "
        r"f32\[4\]",
    ):
        kind(lx.Dense(3, 4), ("weight", "bias"), axis=1)


@KINDS
def test_axes_are_integers(kind):
    with pytest.raises(ValueError, match=rf"{kind.__name__}\.axis must be an integer, got 0\.5"):
        kind(lx.Dense(3, 4), axis=0.5)


@KINDS
def test_layers(kind):
    with pytest.raises(TypeError, match=rf"{kind.__name__}\.layer must be a layer, got .*"):
        kind(jnp.tanh)
