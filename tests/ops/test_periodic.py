"""Reduction to one period, against Python's exact fractions."""

from fractions import Fraction

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from luxnb.ops.periodic import sin_cos, within_period

numbers = st.floats(-1e6, 1e6, width=32)
periods = st.floats(2**-10, 1000, width=32)


@settings(deadline=None)
@given(numbers, periods)
def test_exactly_within_a_period(x, period):
    got = float(within_period(jnp.float32(x), jnp.float32(period)))
    rest = Fraction(x) - Fraction(got)
    assert rest % Fraction(period) == 0
    assert -Fraction(period) / 2 < Fraction(got) <= Fraction(period) / 2


@settings(deadline=None)
@given(st.integers(-(2**20), 2**20), st.integers(-8, 8))
@example(0, -1)  # 0 and −3, of which the remainder is −0
def test_periodic_to_the_bit(eighths, turns):
    """x and x + 3k, none of them rounded, across 0 and across the middle of a period."""
    x = np.array([eighths / 8, eighths / 8 + 3 * turns], np.float32)
    for values in sin_cos(x[:, None], (3.0,)):
        assert values[0, 0].tobytes() == values[1, 0].tobytes()


def test_large_numbers_are_as_precise_as_small_ones():
    x = np.array([0.25, 12345.25, -98764.75, 1048576.25], np.float32)  # a quarter of a turn
    sin, cos = sin_cos(x[:, None], (1.0,))
    np.testing.assert_allclose(sin, 1, rtol=1e-6)
    np.testing.assert_allclose(cos, 0, atol=1e-6)


@pytest.mark.parametrize("x", [0.0, 1.5, -1.5, 3.0, -3.0, 1e30], ids=str)
def test_gradients_at_the_seams(x):
    """d sin(2πx/3) / dx, also where the period is cut."""
    sin = jax.grad(lambda x: sin_cos(x[None], (3.0,))[0].sum())(jnp.float32(x))
    angle = 2 * np.pi * float(Fraction(float(np.float32(x))) % 3) / 3
    np.testing.assert_allclose(sin, 2 * np.pi / 3 * np.cos(angle), rtol=1e-5)
