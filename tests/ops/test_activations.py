"""Activations of our own: values that compare, stable far out and near 0."""

import copy
import pickle
import re

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import luxnb as lx
from luxnb.ops import activations
from luxnb.ops.activations import identity

PLAIN = [
    activations.gelu_erf,
    activations.gelu_tanh,
    activations.gelu_sigmoid,
    activations.lisht,
    activations.logcosh,
    activations.tanhshrink,
]
VALUES = [
    activations.leaky_relu(0.2),
    activations.elu(0.5),
    activations.celu(2.0),
    activations.softshrink(0.25),
    activations.hardshrink(0.25),
    activations.threshold_relu(0.25),
]
FAR = [-1e6, -100.0, -20.0, -0.25, -1e-30, -0.0, 0.0, 1e-30, 0.25, 20.0, 100.0, 1e6]


def named(activation):
    return getattr(activation, "__name__", repr(activation))


def test_identity():
    value = object()
    assert identity(value) is value


def test_none_is_missing_here():
    public = {
        name
        for name, value in vars(activations).items()
        if getattr(value, "__module__", None) == activations.__name__ and not name.startswith("_")
    }
    here = {f.__name__ for f in PLAIN} | {type(v).__name__ for v in VALUES} | {"identity"}
    assert public - {"T"} == here
    assert all(name in activations.__doc__ for name in here)


def test_the_names_that_are_said_to_be_in_jax_are():
    said = re.search(r"In `jax.nn`: (.*?)\.", activations.__doc__, re.DOTALL).group(1)
    names = re.findall(r"\w+", re.sub(r"\(.*?\)", "", said))
    assert len(names) == 21
    assert [name for name in names if not callable(getattr(jax.nn, name, None))] == []


@pytest.mark.parametrize("activation", PLAIN + VALUES, ids=named)
@pytest.mark.parametrize("dtype", [jnp.float32, jnp.bfloat16], ids=["float32", "bfloat16"])
def test_values_and_slopes_are_finite_and_keep_the_dtype(activation, dtype):
    x = jnp.array(FAR, dtype)
    y, slope = activation(x), jax.vmap(jax.grad(activation))(x)
    assert y.dtype == slope.dtype == dtype
    assert np.isfinite(np.asarray(y, float)).all()
    assert np.isfinite(np.asarray(slope, float)).all()
    assert np.abs(np.asarray(slope, float)).max() < 2
    second = jax.vmap(jax.grad(jax.grad(activation)))(x)
    assert np.isfinite(np.asarray(second, float)).all()


@pytest.mark.parametrize("activation", PLAIN + VALUES, ids=named)
def test_nothing_hides_a_nan(activation):
    assert np.isnan(activation(jnp.float32(np.nan)))


@pytest.mark.parametrize("activation", PLAIN + VALUES, ids=named)
def test_numpy_and_strict_dtypes(activation):
    x = np.linspace(-2, 2, 9, dtype=np.float32)
    with jax.numpy_dtype_promotion("strict"), jax.numpy_rank_promotion("raise"):
        np.testing.assert_array_equal(activation(x), activation(jnp.asarray(x)))


def test_logcosh_near_zero_and_far_out():
    """Relative precision, against float64 in a form for each."""
    near = np.array([1e-12, 1e-4, 0.01, 0.3, 0.999, 1.0, 1.001, 5.0])
    expected = np.log1p(np.cosh(near) - 1)
    expected[:2] = near[:2] ** 2 / 2
    np.testing.assert_allclose(activations.logcosh(near.astype(np.float32)), expected, rtol=3e-6)
    far = np.array([-1e6, 300.0])
    np.testing.assert_allclose(
        activations.logcosh(far.astype(np.float32)), np.abs(far) - np.log(2), rtol=1e-6
    )


@pytest.mark.parametrize("value", VALUES, ids=str)
def test_they_are_values(value):
    again = eval(repr(value), {"activations": activations})
    for other in (again, pickle.loads(pickle.dumps(value)), copy.deepcopy(value)):
        assert other == value and hash(other) == hash(value) and repr(other) == repr(value)
    assert value != type(value)()
    with pytest.raises(AttributeError):
        value.slope = 3


def test_different_kinds_are_different():
    assert len({activations.elu(0.5), activations.celu(0.5), activations.elu(0.5)}) == 2


def test_numpy_numbers_print_as_pythons():
    assert repr(activations.elu(np.float64(0.5))) == "activations.elu(0.5)"


def test_as_the_activation_of_a_layer():
    layer = lx.Dense(2, 3, activations.softshrink(0.2))
    assert repr(layer) == "Dense(2, 3, activations.softshrink(0.2))"
    assert eval(repr(layer), vars(lx).copy()) == layer
    assert pickle.loads(pickle.dumps(layer)) == layer
    assert "Dense(2 => 3, softshrink(0.2))" in str(layer)
    traced = []
    run = jax.jit(lambda layer, x, ps: traced.append(0) or layer(x, ps, {})[0], static_argnums=0)
    for _ in range(2):
        run(lx.Dense(2, 3, activations.softshrink(0.2)), jnp.ones((1, 2)), layer.init(0)[0])
    assert len(traced) == 1


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda: activations.leaky_relu("a"),
            r"leaky_relu\.slope must be a finite number, got 'a'",
        ),
        (lambda: activations.elu(np.inf), r"elu\.alpha must be a finite number, got inf"),
        (lambda: activations.elu(True), r"elu\.alpha must be a finite number, got True"),
        (lambda: activations.celu(0), r"celu\.alpha must be a finite number > 0, got 0"),
        (
            lambda: activations.softshrink(-1),
            r"softshrink\.threshold must be a finite number ≥ 0, got -1",
        ),
        (
            lambda: activations.hardshrink(float("nan")),
            r"hardshrink\.threshold must be a finite number ≥ 0, got nan",
        ),
        (
            lambda: activations.threshold_relu(None),
            r"threshold_relu\.threshold must be a finite number, got None",
        ),
        (
            lambda: activations.elu(jnp.ones(3)),
            r"elu\.alpha must be a finite number, got f32\[3\]; make it first, "
            r"then call it: activations\.elu\(\)\(…\)",
        ),
    ],
)
def test_parameters(make, message):
    with pytest.raises(ValueError, match=rf"^activations\.{message}$"):
        make()


def test_a_class_is_no_activation():
    with pytest.raises(TypeError, match=r"Dense\.activation is the class elu; write elu\(\)"):
        lx.Dense(2, 3, activations.elu)
