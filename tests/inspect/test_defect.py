"""What is not finite in an array is counted as NumPy counts it."""

import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some
from hypothesis.extra.numpy import array_shapes, arrays

from luxnb.inspect.steps.defect import Defect, defect, extent

SPECIAL = some.sampled_from([0.0, 1.5, -3e38, np.nan, np.inf, -np.inf])


@given(arrays(np.float32, array_shapes(min_dims=0, min_side=0), elements=SPECIAL))
def test_counts_and_the_first(array):
    found, bad = defect(array), ~np.isfinite(array)
    if not bad.any():
        assert found is None
        return
    assert found is not None
    counts = (found.nan, found.infinite, found.negative_infinite)
    assert counts == (np.isnan(array).sum(), (array == np.inf).sum(), (array == -np.inf).sum())
    assert found.first == next(i for i in np.ndindex(array.shape) if bad[i])
    assert found.size == array.size


@given(arrays(np.float32, array_shapes(), elements=SPECIAL))
def test_infinity_may_be_a_number(array):
    found, nan = defect(array, only_nan=True), np.isnan(array)
    if not nan.any():
        assert found is None
        return
    assert found == Defect(array.size, nan.sum(), 0, 0, next(zip(*nan.nonzero(), strict=True)))


@pytest.mark.parametrize(
    "dtype", ["float16", "bfloat16", "float32", "float8_e5m2", "complex64", np.float64]
)
def test_dtypes(dtype):
    values = np.array([1.0, np.nan, 2.0, np.inf]).astype(jnp.dtype(dtype))
    assert defect(values) == Defect(4, 1, 1, 0, (1,))
    assert defect(values[::2]) is None
    assert extent(values[::2]) == (1, 2)


@pytest.mark.parametrize("value", [jnp.arange(3), np.array([True]), 3, True, jnp.zeros((0, 2))])
def test_what_cannot_be_wrong(value):
    assert defect(value) is None


def test_numbers_of_python():
    assert defect(float("nan")) == Defect(1, 1, 0, 0, ())
    assert defect(-np.inf) == Defect(1, 0, 0, 1, ())
    assert extent(2.5) == (2.5, 2.5)


def test_the_magnitude_of_a_large_complex_number_is_finite():
    assert defect(jnp.array([3e38 + 3e38j], jnp.complex64)) is None


def test_extent():
    assert extent(np.array([[3.0, -2.0], [1.0, 0.0]])) == (-2, 3)
    assert extent(np.zeros(0)) is None
    assert np.isnan(extent(np.array([1.0, np.nan]))).all()


def test_words():
    assert str(Defect(40, 3, 1, 0, (0, 2))) == "3 NaN, 1 Inf among 40 values, the first at [0, 2]"
    assert str(Defect(5000, 0, 0, 1200, (7,))) == "1,200 -Inf among 5,000 values, the first at [7]"
    assert str(Defect(1, 0, 1, 0, ())) == "Inf"
