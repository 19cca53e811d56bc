"""PositiveDefinite and ShiftTo: exact at their point, smooth around it, and what they refuse."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import luxnb as lx
from tests.laws.table.own import Counter

RNG = np.random.default_rng(0)
POINT = (0.3, -1.7, 0.9)


def net(out=5):
    return lx.Chain(lx.Dense(3, 64, jnp.tanh), lx.Dense(64, out))


def among_others(n):
    """Normal samples, every third of which is the point."""
    return RNG.normal(size=(n, 3)).astype(np.float32), np.arange(n) % 3 == 0


@pytest.mark.parametrize("run", [lambda layer: layer, jax.jit], ids=["eager", "jit"])
@pytest.mark.parametrize("n", [1, 7, 100])
def test_exactly_zero_at_the_point_and_positive_elsewhere(run, n):
    layer = lx.PositiveDefinite(net(), POINT)
    x, at_point = among_others(n)
    x[at_point] = POINT
    v, _ = run(layer)(x, *layer.init(0))
    assert v.shape == (n,)
    np.testing.assert_array_equal(v[at_point], 0)
    assert (v[~at_point] > 0).all()


@pytest.mark.parametrize("run", [lambda layer: layer, jax.jit], ids=["eager", "jit"])
@pytest.mark.parametrize("n", [1, 7, 100])
def test_shifted_exactly(run, n):
    layer = lx.ShiftTo(net(2), POINT, (0.1, -2.3))
    x, at_point = among_others(n)
    x[at_point] = POINT
    y, _ = run(layer)(x, *layer.init(0))
    np.testing.assert_array_equal(
        y[at_point], np.tile(np.float32([0.1, -2.3]), (at_point.sum(), 1))
    )


def test_a_shift_is_the_same_everywhere():
    layer = lx.ShiftTo(net(2), POINT, 4.0)
    ps, st = layer.init(0)
    x, _ = among_others(20)
    y, _ = layer(x, ps, st)
    moved = y - layer.model(x, ps.model, st.model)[0]
    np.testing.assert_allclose(moved, np.broadcast_to(moved[0], moved.shape), atol=1e-6)
    assert np.abs(moved - 4).max() > 0.1


def test_the_curvature_at_the_point_is_kept():
    """∇V = 0 and ∇∇V = 2 JᵀJ + 2 I, with the model's Jacobian J at x0."""
    layer = lx.PositiveDefinite(net(), POINT)
    ps, st = layer.init(0)
    x0 = jnp.array(POINT)
    jacobian = jax.jacobian(lambda x: layer.model(x, ps.model, st.model)[0])(x0)
    expected = 2 * jacobian.T @ jacobian + 2 * np.eye(3)

    def v(x):
        return layer(x, ps, st)[0]

    np.testing.assert_array_equal(jax.grad(v)(x0), np.zeros(3))
    np.testing.assert_allclose(jax.hessian(v)(x0), expected, rtol=1e-4, atol=1e-5)


def test_one_number_for_all_features():
    x, _ = among_others(4)
    made = net().init(0)
    one, many = lx.PositiveDefinite(net(), 0.5), lx.PositiveDefinite(net(), (0.5, 0.5, 0.5))
    given = [{"model": part} for part in made]
    np.testing.assert_array_equal(one(x, *given)[0], many(x, *given)[0])


def test_integers_are_numbers_too():
    layer = lx.PositiveDefinite(lx.Identity(), 0.5)
    np.testing.assert_allclose(layer(np.array([[1, 2]]), *layer.init(0))[0], [5.0])


@pytest.mark.parametrize("kind", ["definite", "shift"])
def test_the_state_passes_the_model_twice(kind):
    layer = {
        "definite": lx.PositiveDefinite(Counter()),
        "shift": lx.ShiftTo(Counter(), 0.0, 0.0),
    }[kind]
    ps, st = layer.init(0)
    _, _, outputs = lx.capture(layer)(jnp.ones((2, 3)), ps, st)
    assert list(outputs) == ["model", "model#2", ""]
    assert outputs["model"].shape == (2, 3) and outputs["model#2"].shape == (1, 3)
    for calls in (2, 4):
        _, st = layer(jnp.ones((2, 3)), ps, st)
        assert float(st.model.calls) == calls


def test_their_reprs():
    assert repr(lx.PositiveDefinite(lx.Identity())) == "PositiveDefinite(Identity())"
    layer = lx.PositiveDefinite(lx.Identity(), [1.0, 2], r=jnp.subtract)
    assert repr(layer) == "PositiveDefinite(Identity(), (1.0, 2), r=jax.numpy.subtract)"
    assert repr(lx.ShiftTo(lx.Identity(), 0, (1.5,))) == "ShiftTo(Identity(), 0, (1.5,))"


# -- what they refuse ------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "functions"), [("psi", {"psi": jnp.abs}), ("r", {"r": jnp.add})])
def test_one_number_a_sample(name, functions):
    layer = lx.PositiveDefinite(lx.Identity(), **functions)
    with pytest.raises(
        ValueError,
        match=rf"expected PositiveDefinite\.{name} to return one number a sample, of shape \(2,\); "
        r"got f32\[2,3\]",
    ):
        layer(jnp.ones((2, 3)), *layer.init(0))


@pytest.mark.parametrize(
    "layer", [lx.PositiveDefinite(lx.Function(jnp.sum)), lx.ShiftTo(lx.Function(jnp.sum), 0.0, 0.0)]
)
def test_models_that_join_samples(layer):
    with pytest.raises(
        ValueError,
        match=rf"expected {type(layer).__name__}\.model to return \(…, features\) for x "
        r"f32\[2,3\]; got f32\[\]",
    ):
        layer(jnp.ones((2, 3)), *layer.init(0))


def test_points_of_another_size():
    layer = lx.PositiveDefinite(lx.Identity(), (0.0, 1.0))
    with pytest.raises(
        ValueError, match=r"expected x of shape \(…, 2\), len\(x0\) = 2; got f32\[2,3\]"
    ):
        layer(jnp.ones((2, 3)), *layer.init(0))
    layer = lx.ShiftTo(lx.Identity(), 0.0, (0.0, 1.0))
    with pytest.raises(
        ValueError, match=r"ShiftTo\.output has 2 numbers, but the model returns f32\[2,3\]"
    ):
        layer(jnp.ones((2, 3)), *layer.init(0))
    with pytest.raises(ValueError, match=r"expected x of shape \(…, features\); got f32\[\]"):
        layer(jnp.ones(()), *layer.init(0))


def test_fields():
    with pytest.raises(
        TypeError, match=r"PositiveDefinite\.model must be a layer, got .*; a function is one as F"
    ):
        lx.PositiveDefinite(jnp.tanh)
    with pytest.raises(TypeError, match=r"ShiftTo\.model must be a layer, got None"):
        lx.ShiftTo(None, 0.0, 0.0)
    with pytest.raises(TypeError, match=r"PositiveDefinite\.psi must be a function, got 2"):
        lx.PositiveDefinite(lx.Identity(), psi=2)
    for name in ("input", "output"):
        for value in ("0", (), (1.0, None), float("nan")):
            with pytest.raises(
                ValueError,
                match=rf"ShiftTo\.{name} must be a finite number or a tuple of them, got .*",
            ):
                lx.ShiftTo(lx.Identity(), **({"input": 0.0, "output": 0.0} | {name: value}))
    with pytest.raises(TypeError, match=r"PositiveDefinite\.x0 is an array; a layer holds none"):
        lx.PositiveDefinite(lx.Identity(), np.zeros(3))
