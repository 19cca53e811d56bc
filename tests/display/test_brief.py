"""The numbers of an array in a few words."""

import jax.numpy as jnp
import numpy as np
import pytest

from luxnb.display.brief import FIXED, brief, not_finite, number, share
from luxnb.inspect.statistics import statistics


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"), (-0.0, "0"), (1.0, "1"), (0.25, "0.25"), (-0.0123456, "−0.0123"),
        (999.5, "1,000"), (12345.6, "12,346"), (-999_999, "−999,999"), (1234567, "1.23e6"),
        (1.2345e-7, "1.23e−7"), (-1e-120, "−1e−120"), (3e38, "3e38"), (0.0001, "0.0001"),
        (float("nan"), "NaN"), (float("inf"), "∞"), (float("-inf"), "−∞"),
    ],
)  # fmt: skip
def test_numbers(value, text):
    assert number(value) == text


@pytest.mark.parametrize(
    ("part", "text"),
    [(0, "0 %"), (1e-9, "<1 %"), (0.01, "1 %"), (0.505, "50 %"), (0.999, ">99 %"), (1, "100 %")],
)
def test_shares(part, text):
    assert share(part) == text


def said(array, **options):
    return brief(statistics(array), **options).replace(FIXED, " ")


def test_a_line():
    assert said(jnp.array([0.0, 1.0, 2.0, 3.0]), buckets=4) == "1.50 ± 1.12  0 ████ 3, 25 % zero"
    assert said(jnp.array([-0.5, 0.25, 0.25]), buckets=3) == "0.000 ± 0.354  −0.5 ▄·█ 0.25"


def test_the_mean_has_the_digits_of_the_spread():
    assert said(np.array([99.9999, 100.0001])).startswith("100.000000 ± 0.000100  100 ")
    assert said(np.array([1e6, 3e6])).startswith("2e6 ± 1e6  ")
    assert said(np.array([-1e-9, 1e-9])).startswith("0 ± 1e−9  −1e−9 ")


def test_arrays_of_one_number():
    assert said(jnp.zeros((3, 3))) == "all 0"
    assert said(jnp.full(70_000, -2.5)) == "≈all −2.5"
    assert said(jnp.array([1.0, jnp.nan])) == "all that is finite is 1"


def test_no_numbers():
    assert said(jnp.zeros((0, 2))) == "no elements"
    assert said(jnp.array([jnp.nan])) == ""
    assert said(np.array(["a"])) == "no numbers"


def test_what_is_sampled_is_marked():
    large = np.random.default_rng(0).normal(size=100_000)
    assert said(large).startswith("≈") and "≈" not in said(large[:1000])


def test_complex():
    assert said(np.array([3 + 4j, 0j])).endswith("50 % zero, magnitudes")


def test_what_is_not_finite():
    assert not_finite(statistics(jnp.array([jnp.nan, jnp.nan, jnp.inf, 1]))) == "2 NaN, 1 Inf of 4"
    assert not_finite(statistics(jnp.ones(3))) == ""


def test_lines_break_only_between_the_numbers():
    found = statistics(jnp.array([0.0, 1.0, 2.0, 3.0]))
    pieces = brief(found, 4, widths=(8, 6, 5, 3), gap=3).split(" ")
    assert pieces == [
        FIXED * 6,
        "1.50 ± 1.12".replace(" ", FIXED) + FIXED * 7,
        "0 ████ 3,".replace(" ", FIXED),
        "25 % zero".replace(" ", FIXED),
    ]
