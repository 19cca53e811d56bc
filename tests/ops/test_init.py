"""Initialisers: ranges, moments and laws of their distributions."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.stats

from luxnb.ops import init

KEY = jax.random.key(0)
SHAPE = (3, 3, 8, 200)  # fan_in = 72, 14400 numbers
FAN_IN = 72


def test_fan_in_is_the_product_of_all_axes_but_the_last():
    assert init.fan_in((64, 10)) == 64
    assert init.fan_in(SHAPE) == FAN_IN
    assert init.fan_in((5,)) == 1


def test_constants():
    np.testing.assert_array_equal(init.zeros()(KEY, (2, 3)), np.zeros((2, 3)))
    np.testing.assert_array_equal(init.ones()(KEY, (2, 3)), np.ones((2, 3)))


UNIFORM = [
    (init.uniform(), 1),
    (init.uniform(0.25), 0.25),
    (init.fan_in_uniform(), FAN_IN**-0.5),
    (init.kaiming_uniform(), (6 / FAN_IN) ** 0.5),
    (init.kaiming_uniform(1.0), (3 / FAN_IN) ** 0.5),
]
NORMAL = [
    (init.normal(), 1),
    (init.normal(0.02), 0.02),
    (init.kaiming_normal(), (2 / FAN_IN) ** 0.5),
    (init.kaiming_normal(1.0), FAN_IN**-0.5),
]


@pytest.mark.parametrize(("initialiser", "limit"), UNIFORM, ids=repr)
def test_uniform(initialiser, limit):
    drawn = np.asarray(initialiser(KEY, SHAPE), float).ravel()
    assert np.abs(drawn).max() <= limit
    assert scipy.stats.kstest(drawn / limit, scipy.stats.uniform(-1, 2).cdf).pvalue > 1e-3


@pytest.mark.parametrize(("initialiser", "std"), NORMAL, ids=repr)
def test_normal(initialiser, std):
    drawn = np.asarray(initialiser(KEY, SHAPE), float).ravel()
    assert scipy.stats.kstest(drawn / std, scipy.stats.norm.cdf).pvalue > 1e-3


ALL = [init.zeros(), init.ones(), *(i for i, _ in UNIFORM + NORMAL)]


@pytest.mark.parametrize("initialiser", ALL, ids=repr)
def test_they_are_values_that_draw_float32(initialiser):
    drawn = initialiser(KEY, (4, 5))
    assert drawn.shape == (4, 5) and drawn.dtype == jnp.float32
    np.testing.assert_array_equal(drawn, initialiser(KEY, (4, 5)))
    again = eval(repr(initialiser), {"init": init})
    assert again == initialiser and hash(again) == hash(initialiser)
    with jax.enable_x64(True):
        assert initialiser(KEY, (4, 5)).dtype == jnp.float32
    with pytest.raises(AttributeError):
        initialiser.gain = 3


def test_no_inputs_at_all():
    """A weight of fan-in 0 has no elements, and no division by zero."""
    for initialiser in (init.fan_in_uniform(), init.kaiming_uniform(), init.kaiming_normal()):
        assert initialiser(KEY, (0, 3)).shape == (0, 3)
