"""RReLU: slopes from a key in the state."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.stats

import luxnb as lx
from tests.same import assert_same


def slopes(layer, st, shape=(100, 80)):
    y, new = layer(-jnp.ones(shape), {}, st)
    return -np.asarray(y), new


def test_slopes_are_uniform():
    drawn, _ = slopes(lx.RReLU(0.2, 0.6), lx.RReLU(0.2, 0.6).init(0)[1])
    assert drawn.min() >= 0.2 and drawn.max() <= 0.6
    assert scipy.stats.kstest(drawn.ravel(), scipy.stats.uniform(0.2, 0.4).cdf).pvalue > 1e-3
    for a, b in [(drawn[1:], drawn[:-1]), (drawn[:, 1:], drawn[:, :-1])]:  # independent
        assert scipy.stats.pearsonr(a.ravel(), b.ravel()).pvalue > 1e-3


def test_the_default_range_is_that_of_the_paper():
    drawn, _ = slopes(lx.RReLU(), lx.RReLU().init(0)[1])
    assert scipy.stats.kstest(drawn.ravel(), scipy.stats.uniform(1 / 8, 5 / 24).cdf).pvalue > 1e-3


def test_the_same_state_gives_the_same_slopes_and_the_next_others():
    layer = lx.RReLU()
    _, st = layer.init(0)
    first, new = slopes(layer, st)
    assert_same(slopes(layer, st), (first, new))
    second, _ = slopes(layer, new)
    assert scipy.stats.pearsonr(first.ravel(), second.ravel()).pvalue > 1e-3


def test_what_is_positive_passes():
    layer = lx.RReLU()
    x = jnp.arange(5.0)
    for state in (layer.init(0)[1], lx.testmode(layer.init(0)[1])):
        np.testing.assert_array_equal(layer(x, {}, state)[0], x)


def test_the_slopes_are_the_same_in_every_dtype():
    layer = lx.RReLU()
    _, st = layer.init(0)
    single, _ = layer(-jnp.ones(50), {}, st)
    with jax.enable_x64(True):
        double, _ = layer(-jnp.ones(50, jnp.float64), {}, st)
    np.testing.assert_array_equal(single, double)


def test_one_slope():
    layer = lx.RReLU(0.5, 0.5)
    y, _ = layer(jnp.array([-2.0, 2.0]), *layer.init(0))
    np.testing.assert_array_equal(y, [-1, 2])


def test_ranges():
    with pytest.raises(ValueError, match=r"RReLU\.high must be at least low = 0\.5, got 0\.2"):
        lx.RReLU(0.5, 0.2)
    with pytest.raises(ValueError, match=r"RReLU\.low must be a finite number, got nan"):
        lx.RReLU(float("nan"))
    with pytest.raises(ValueError, match=r"RReLU\.high must be a finite number, got 'x'"):
        lx.RReLU(high="x")
