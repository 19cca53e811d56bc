"""The statistics of one array, against NumPy's; and how far a sample may be from the whole."""

import math
import subprocess
import sys
import time
from types import SimpleNamespace

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from scipy import stats as scipy_stats

from luxnb.inspect import sample
from luxnb.inspect.sample import SAMPLE, stride
from luxnb.inspect.statistics import BUCKETS, CHUNK, statistics

RANDOM = np.random.default_rng(0)
NORMAL = RANDOM.normal(0.5, 2.0, (200, 300))

DTYPES = [
    *(jnp.float32, jnp.float16, jnp.bfloat16, jnp.float8_e4m3fn, jnp.float8_e5m2),
    *(jnp.int32, jnp.int16, jnp.int8, jnp.uint8, jnp.uint32, jnp.int4, jnp.uint4, jnp.bool_),
]


def check(found, values):
    """Against NumPy, in float64, of the finite ones."""
    values = np.asarray(values).astype(np.float64).ravel()
    finite = values[np.isfinite(values)]
    assert found.looked_at == found.size == values.size and not found.sampled
    np.testing.assert_allclose(
        (found.mean, found.std, found.low, found.high),
        (finite.mean(), finite.std(), finite.min(), finite.max()),
        rtol=1e-12,
        atol=1e-12,
    )
    assert found.zeros == (values == 0).mean()
    assert found.nans == np.isnan(values).sum()
    assert found.infinities == np.isinf(values).sum()
    assert len(found.counts) == BUCKETS and sum(found.counts) == finite.size


@pytest.mark.parametrize("dtype", DTYPES, ids=lambda dtype: dtype.__name__)
def test_every_dtype(dtype):
    is_small = jnp.dtype(dtype).itemsize == 1
    array = jnp.asarray(np.round(NORMAL) if is_small else NORMAL).astype(dtype)
    found = statistics(array)
    check(found, array)
    assert (found.shape, found.dtype) == ((200, 300), array.dtype)


@pytest.mark.parametrize(
    "array",
    [
        *(NORMAL, NORMAL.T, NORMAL[::3, ::-2], np.asfortranarray(NORMAL), NORMAL > 0),
        *(NORMAL.astype(np.longdouble), NORMAL.astype(">f4"), np.arange(7)),
        *(np.float32(3.5), np.array(2.5)),
    ],
)
def test_arrays_of_numpy(array):
    check(statistics(array), array)


def test_what_is_not_finite_is_counted_apart():
    array = jnp.array([0.0, jnp.nan, 1.0, jnp.inf, -jnp.inf, 3.0, jnp.nan, jnp.nan])
    found = statistics(array)
    check(found, array)
    assert (found.nans, found.infinities, found.mean, found.high) == (3, 2, 4 / 3, 3.0)


def test_nothing_finite():
    found = statistics(jnp.full(5, jnp.nan))
    assert (found.nans, found.counts, found.edges) == (5, (), ())
    assert all(map(math.isnan, (found.mean, found.std, found.low, found.high)))


def test_no_elements():
    found = statistics(jnp.zeros((0, 3)))
    assert (found.size, found.looked_at, found.counts, found.sampled) == (0, 0, (), False)


def test_complex_numbers_have_magnitudes():
    array = jnp.array([3 + 4j, 0, complex(jnp.nan, 1)])
    found = statistics(array)
    assert (found.low, found.high, found.nans, found.note) == (0, 5, 1, "magnitudes")


def test_a_sum_in_few_bits_is_not_lost():
    array = jnp.full(60_000, 0.1, jnp.bfloat16)  # added up in bfloat16 it stops at 32
    assert statistics(array).mean == float(jnp.bfloat16(0.1))


def test_the_histogram_is_numpys():
    found = statistics(NORMAL)
    counts, edges = np.histogram(NORMAL, BUCKETS)
    assert np.abs(np.subtract(found.counts, counts)).sum() <= 2  # a value on an edge may fall over
    np.testing.assert_allclose(found.edges, edges, rtol=1e-12)
    assert statistics(np.arange(48)).counts == (2,) * 24


@pytest.mark.parametrize("size", [1.7e308, 5e-324, 1e-320, 1e300])
def test_the_largest_and_smallest_numbers(size):
    found = statistics(np.array([-size, 0, size / 2, size]))
    assert (found.low, found.high, sum(found.counts)) == (-size, size, 4)


def test_all_alike():
    found = statistics(jnp.full((4, 4), 7.0))
    assert (found.mean, found.std, sum(found.counts)) == (7, 0, 16)


def test_more_than_is_held_at_once():
    array = RANDOM.normal(size=CHUNK + 17)
    check(statistics(array, exact=True), array)


# -- samples ---------------------------------------------------------------------------------------

SHAPES = some.lists(some.integers(1, 4000), min_size=1, max_size=4)


@given(SHAPES)
@settings(max_examples=300, deadline=None)
def test_the_stride_is_in_step_with_no_side(shape):
    step = stride(tuple(shape))
    assert -(-math.prod(shape) // step) <= SAMPLE
    if math.prod(shape) > SAMPLE:
        assert all(math.gcd(step, side) == 1 for side in shape)
        assert all(step % divisor for divisor in range(2, math.isqrt(step) + 1))
    else:
        assert step == 1


@pytest.mark.parametrize("seed", range(5))
def test_a_sample_of_noise_is_as_good_as_chance(seed):
    array = np.random.default_rng(seed).normal(3, 2, (1000, 768))
    found = statistics(array)
    assert found.sampled and 0.4 * SAMPLE < found.looked_at <= SAMPLE
    error = 5 * 2 / math.sqrt(found.looked_at)
    assert abs(found.mean - array.mean()) < error
    assert abs(found.std - array.std()) < error
    edges = np.array([-np.inf, *found.edges[1:-1], np.inf])
    expected = np.diff(scipy_stats.norm.cdf(edges, 3, 2)) * found.looked_at
    kept = expected > 20
    assert scipy_stats.chisquare(
        np.array(found.counts)[kept], expected[kept] * np.array(found.counts)[kept].sum()
        / expected[kept].sum()
    ).pvalue > 1e-6  # fmt: skip


@pytest.mark.parametrize("shape", [(4096, 256), (256, 4096), (3, 3, 512, 512), (1_000_003,)])
@pytest.mark.parametrize("period", [2, 3, 4, 8, 16, 64, 100, 256, 512])
def test_structure_is_met_in_its_proportions(shape, period):
    """Every period-th element is one: in a sample as often as in the array, or nearly."""
    array = (np.arange(math.prod(shape)) % period == 0).astype(np.float32).reshape(shape)
    found = statistics(array)
    assert found.sampled
    assert abs(found.mean - array.mean()) <= 2 / found.looked_at * period


@pytest.mark.parametrize("axis", [0, 1])
def test_no_row_and_no_column_is_passed_over(axis):
    places = np.indices((768, 1024))[axis].astype(np.float32)
    values = places.ravel()[:: stride(places.shape)]
    met = np.bincount(values.astype(int))
    assert met.min() >= met.max() - 2 > 0


def test_exact_looks_at_all():
    array = jnp.zeros((512, 512)).at[17, 31].set(jnp.nan)
    assert statistics(array).sampled
    found = statistics(array, exact=True)
    assert (found.looked_at, found.nans, found.sampled) == (512 * 512, 1, False)


def test_a_large_array_is_quick():
    array = jnp.zeros((8192, 1024))
    statistics(array)
    start = time.perf_counter()
    statistics(array)
    assert time.perf_counter() - start < 0.1  # some 2 ms


def test_a_sharded_array_is_sampled_where_it_lies():
    code = """
import os
os.environ["XLA_FLAGS"] = "--xla_force_host_platform_device_count=4"
import jax, jax.numpy as jnp, numpy as np
from luxnb.inspect.statistics import statistics
mesh = jax.make_mesh((2, 2), ("a", "b"), (jax.sharding.AxisType.Auto,) * 2)
values = np.random.default_rng(0).normal(size=(512, 640)).astype(np.float32)
for spec in (("a", "b"), ("a", None), (None, None)):
    array = jax.device_put(values, jax.NamedSharding(mesh, jax.P(*spec)))
    exact, found = statistics(array, exact=True), statistics(array)
    assert exact.looked_at == values.size, exact.looked_at
    np.testing.assert_allclose(exact.mean, values.mean(dtype=float), rtol=1e-9)
    np.testing.assert_allclose(exact.std, values.std(dtype=float), rtol=1e-9)
    assert 25_000 < found.looked_at <= 65_536, found.looked_at
    assert abs(found.mean - values.mean()) < 5 / found.looked_at**0.5
"""
    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True, timeout=120)


def test_of_an_array_on_another_device_only_the_sample_travels(monkeypatch):
    array = jnp.asarray(RANDOM.normal(size=(700, 500)), jnp.bfloat16)
    here, travelled = statistics(array), []
    monkeypatch.setattr(sample, "_is_far", lambda array: True)
    numpy = SimpleNamespace(asarray=lambda x: travelled.append(x.size) or np.asarray(x))
    monkeypatch.setattr(sample, "np", numpy)
    there = statistics(array)
    assert travelled == [there.looked_at] and there.looked_at <= SAMPLE
    assert (there.mean, there.counts) == (here.mean, here.counts)


# -- no numbers ------------------------------------------------------------------------------------


def test_what_has_no_numbers_says_so():
    deleted = jnp.ones(3)
    deleted.delete()
    for array, note in [
        (deleted, "deleted"),
        (jax.random.key(0), "random key"),
        (jax.random.split(jax.random.key(0)), "random keys"),
        (jax.ShapeDtypeStruct((3,), jnp.float32), "no values"),
        (np.array(["a", "b"]), "no numbers"),
        (np.array([None]), "no numbers"),
        (np.array(["2020-01-01"], "M8[D]"), "no numbers"),
    ]:
        found = statistics(array)
        assert (found.note, found.looked_at, found.shape) == (note, 0, tuple(array.shape))


def test_inside_of_jit_there_are_no_values():
    notes = []
    jax.jit(lambda x: notes.append(statistics(x).note) or x)(jnp.ones(3))
    assert notes == ["no values"]


def test_a_donated_array_is_said_to_be_gone():
    array = jnp.ones((64, 64))
    jax.block_until_ready(jax.jit(lambda x: x + 1, donate_argnums=0)(array))
    assert statistics(array).note == "deleted"


def test_what_is_looked_at_can_still_be_donated():
    array = jnp.ones((512, 512))
    place = array.unsafe_buffer_pointer()
    statistics(array)
    assert jax.jit(lambda x: x + 1, donate_argnums=0)(array).unsafe_buffer_pointer() == place


def test_no_array_at_all():
    with pytest.raises(TypeError, match=r"^statistics needs an array, got \(f32\[2\], 3\)$"):
        statistics((jnp.ones(2), 3))
