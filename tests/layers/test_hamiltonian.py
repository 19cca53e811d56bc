"""HamiltonianNN: the signs of Hamilton's equations, what is conserved, and what it refuses."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import luxnb as lx
from tests.laws.table.own import Counter

RNG = np.random.default_rng(0)


def oscillator(x):
    """A mass of 2 on a spring of stiffness 3: H = p² / 4 + 3 q² / 2."""
    q, p = jnp.split(x, 2, axis=-1)
    return jnp.sum(p**2 / 4 + 3 * q**2 / 2, axis=-1)


def net():
    return lx.Chain(lx.Dense(4, 8, jnp.tanh), lx.Dense(8, 1))


def test_the_oscillator():
    """dq/dt = p / m and dp/dt = -k q."""
    layer = lx.HamiltonianNN(lx.Function(oscillator))
    x = RNG.normal(size=(5, 6)).astype(np.float32)
    y, _ = layer(x, *layer.init(0))
    np.testing.assert_allclose(y, np.concatenate([x[:, 3:] / 2, -3 * x[:, :3]], -1), rtol=1e-6)


def test_a_pair_is_answered_by_a_pair():
    layer = lx.HamiltonianNN(lx.Function(lambda pair: oscillator(jnp.concatenate(pair, -1))))
    q, p = RNG.normal(size=(2, 5, 3)).astype(np.float32)
    velocity, force = layer((q, p), *layer.init(0))[0]
    np.testing.assert_allclose(velocity, p / 2, rtol=1e-6)
    np.testing.assert_allclose(force, -3 * q, rtol=1e-6)


def test_a_list_is_a_pair_too():
    layer = lx.HamiltonianNN(lx.Function(lambda pair: jnp.sum(pair[0] * pair[1], -1)))
    q, p = jnp.ones((2, 4)), jnp.full((2, 4), 2.0)
    velocity, force = layer([q, p], *layer.init(0))[0]
    np.testing.assert_array_equal(velocity, q)
    np.testing.assert_array_equal(force, -p)


def test_energy_does_not_change_along_the_motion():
    """dH/dt = ∇H · (dq/dt, dp/dt) = 0, whatever the model."""
    layer = lx.HamiltonianNN(net())
    ps, st = layer.init(0)
    x = jnp.asarray(RNG.normal(size=(20, 4)), jnp.float32)

    def energy(x):
        return layer.model(x, ps.model, st.model)[0]

    y, _ = layer(x, ps, st)
    _, change = jax.jvp(energy, (x,), (y,))
    assert np.abs(y).max() > 0.1
    np.testing.assert_allclose(change, 0, atol=1e-6)


def test_the_flow_keeps_volumes():
    """Its divergence is 0: the trace of ∂y/∂x."""
    layer = lx.HamiltonianNN(net())
    ps, st = layer.init(0)
    jacobian = jax.jacobian(lambda x: layer(x, ps, st)[0])(jnp.array([0.1, -0.4, 0.7, 0.2]))
    np.testing.assert_allclose(np.trace(jacobian), 0, atol=1e-6)


def test_derivatives_of_the_third_order():
    """H = q⁴ / 4 + p²/2, so dp/dt = -q³ and its derivatives by q are -3q², -6q, -6."""
    layer = lx.HamiltonianNN(lx.Function(lambda x: x[..., 0] ** 4 / 4 + x[..., 1] ** 2 / 2))
    made = layer.init(0)

    def force(q):
        return layer(jnp.stack([q, jnp.ones(())]), *made)[0][1]

    for order in range(4):
        expected = [-8.0, -12.0, -12.0, -6.0][order]
        np.testing.assert_allclose(jax.jit(force)(2.0), expected, rtol=1e-6)
        force = jax.grad(force)


def test_the_state_of_the_model_is_threaded():
    layer = lx.HamiltonianNN(lx.Chain(Counter(), oscillator))
    ps, st = layer.init(0)
    for calls in (1, 2, 3):
        y, st = jax.jit(layer)(jnp.ones((2, 4)), ps, st)
        assert float(st.model.layer_1.calls) == calls
        np.testing.assert_allclose(y[:, 2:], -3 * (1.0 + calls), rtol=1e-6)


def test_what_the_model_does_can_be_captured():
    layer = lx.HamiltonianNN(lx.Chain(lx.Dense(4, 3, jnp.tanh), lx.Dense(3, 1)))
    ps, st = layer.init(0)
    x = jnp.ones((2, 4))
    y, _, outputs = jax.jit(lx.capture(layer))(x, ps, st)
    assert list(outputs) == ["model.layer_1", "model.layer_2", "model", ""]
    h, _ = layer.model(x, ps.model, st.model)
    np.testing.assert_allclose(outputs["model"], h, rtol=1e-6)
    np.testing.assert_array_equal(outputs[""], y)


@pytest.mark.parametrize("made", [(2, 3), (2, 1, 1), (), (1,)], ids=str)
def test_one_number_a_sample(made):
    layer = lx.HamiltonianNN(lx.Function(lambda x: jnp.zeros(made) + x.sum()))
    shape = ",".join(map(str, made))
    with pytest.raises(
        ValueError,
        match=r"expected HamiltonianNN\.model to return one number a sample, of shape \(2,\) or "
        rf"\(2, 1\); got f32\[{shape}\]",
    ):
        layer(jnp.ones((2, 4)), *layer.init(0))


@pytest.mark.parametrize(
    ("x", "given"),
    [
        (jnp.ones((2, 3)), r"f32\[2,3\]"),
        (jnp.ones(()), r"f32\[\]"),
        ((jnp.ones((2, 3)), jnp.ones((2, 2))), r"\(f32\[2,3\], f32\[2,2\]\)"),
        ((jnp.ones((2, 2)),) * 3, r"\(f32\[2,2\], f32\[2,2\], f32\[2,2\]\)"),
        ((jnp.ones((2, 2)),), r"\(f32\[2,2\],\)"),
        (None, "None"),
    ],
    ids=["odd", "number", "unlike", "three", "one", "nothing"],
)
def test_inputs_of_another_shape(x, given):
    layer = lx.HamiltonianNN(lx.Function(oscillator))
    with pytest.raises(
        ValueError,
        match=r"expected x of shape \(…, 2 · d\), positions before momenta, or a pair of two "
        rf"\(…, d\); got {given}",
    ):
        layer(x, *layer.init(0))


def test_the_model_is_a_layer():
    with pytest.raises(
        TypeError,
        match=r"HamiltonianNN\.model must be a layer, got .*; a function is one as Function\(f\)",
    ):
        lx.HamiltonianNN(oscillator)
