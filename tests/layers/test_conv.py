"""Conv against plain loops over windows, for each of its fields, and what it refuses."""

import jax.numpy as jnp
import numpy as np
import pytest
import scipy.stats

import luxnb as lx
from tests.windows import correlate, same_padding

RNG = np.random.default_rng(0)

CASES = [
    # layer, space, stride, padding, dilation by axis as the loops need them
    (lx.Conv((3,), 4, 6), (7,), (1,), [(0, 0)], (1,)),
    (lx.Conv((3, 2), 4, 6), (5, 6), (1, 1), [(0, 0)] * 2, (1, 1)),
    (lx.Conv((2, 3, 1), 4, 6), (4, 4, 3), (1, 1, 1), [(0, 0)] * 3, (1, 1, 1)),
    (lx.Conv((3, 3), 4, 6, stride=2), (7, 6), (2, 2), [(0, 0)] * 2, (1, 1)),
    (lx.Conv((3, 3), 4, 6, stride=(1, 3)), (5, 7), (1, 3), [(0, 0)] * 2, (1, 1)),
    (lx.Conv((3, 3), 4, 6, padding=1), (4, 5), (1, 1), [(1, 1)] * 2, (1, 1)),
    (lx.Conv((3, 3), 4, 6, padding=(2, 0)), (4, 5), (1, 1), [(2, 2), (0, 0)], (1, 1)),
    (lx.Conv((3, 3), 4, 6, padding=((0, 2), 1)), (4, 5), (1, 1), [(0, 2), (1, 1)], (1, 1)),
    (lx.Conv((3, 3), 4, 6, padding="VALID"), (4, 5), (1, 1), [(0, 0)] * 2, (1, 1)),
    (lx.Conv((4, 3), 4, 6, padding="SAME"), (5, 5), (1, 1), "SAME", (1, 1)),
    (lx.Conv((4, 3), 4, 6, padding="SAME", stride=2), (5, 6), (2, 2), "SAME", (1, 1)),
    (lx.Conv((3,), 4, 6, padding="SAME", dilation=2, stride=3), (8,), (3,), "SAME", (2,)),
    (lx.Conv((3, 2), 4, 6, dilation=(2, 3)), (6, 5), (1, 1), [(0, 0)] * 2, (2, 3)),
    (lx.Conv((3,), 4, 6, groups=2), (5,), (1,), [(0, 0)], (1,)),
    (lx.Conv((3,), 4, 8, groups=4), (5,), (1,), [(0, 0)], (1,)),
    (lx.Conv((3,), 4, 6, use_bias=False), (5,), (1,), [(0, 0)], (1,)),
    (lx.Conv((1, 1), 4, 6), (2, 2), (1, 1), [(0, 0)] * 2, (1, 1)),
]


@pytest.mark.parametrize(("layer", "space", "stride", "padding", "dilation"), CASES, ids=repr)
def test_against_loops(layer, space, stride, padding, dilation):
    ps, st = layer.init(0)
    x = RNG.normal(size=(2, *space, 4)).astype(np.float32)
    if padding == "SAME":
        padding = same_padding(space, layer.kernel, stride, dilation)
    bias = np.asarray(ps.bias) if layer.use_bias else 0
    expected = correlate(x, np.asarray(ps.weight), stride, padding, dilation, layer.groups) + bias
    y, new = layer(x, ps, st)
    np.testing.assert_allclose(y, expected, rtol=1e-4, atol=1e-5)
    assert new is st


@pytest.mark.parametrize(
    ("layer", "space", "expected"),
    [
        (lx.Conv((3, 3), 1, 1), (28, 28), (26, 26)),
        (lx.Conv((5, 5), 1, 1, stride=2, padding=2), (28, 27), (14, 14)),
        (lx.Conv((3,), 1, 1, padding="SAME", stride=2), (7,), (4,)),
        (lx.Conv((3,), 1, 1, dilation=4), (9,), (1,)),
    ],
    ids=repr,
)
def test_sizes_as_the_docstring_says(layer, space, expected):
    y, _ = layer(jnp.ones((1, *space, 1)), *layer.init(0))
    assert y.shape == (1, *expected, 1)


def test_activation_and_bias():
    layer = lx.Conv((1,), 1, 2, jnp.exp, init_weight=lx.init.zeros(), init_bias=lx.init.ones())
    y, _ = layer(jnp.ones((1, 3, 1)), *layer.init(0))
    np.testing.assert_allclose(y, np.full((1, 3, 2), np.e), rtol=1e-6)


@pytest.mark.parametrize("groups", [1, 2])
def test_the_range_of_fresh_parameters(groups):
    """U(±1/√fan_in) with fan_in = kernel · in_channels / groups, as PyTorch."""
    ps, _ = lx.Conv((3, 3), 8, 600, groups=groups).init(0)
    limit = (9 * 8 / groups) ** -0.5
    for drawn in (ps.weight, ps.bias):
        scaled = np.asarray(drawn, float).ravel() / limit
        assert np.abs(scaled).max() <= 1
        assert scipy.stats.kstest(scaled, scipy.stats.uniform(-1, 2).cdf).pvalue > 1e-3


def test_lists_are_tuples():
    assert lx.Conv([3, 3], 1, 2, padding=[[0, 1], 2]) == lx.Conv((3, 3), 1, 2, padding=((0, 1), 2))


@pytest.mark.parametrize("kernel", [3, (), (1, 2, 3, 4), (3, 0), (3, 2.0), (True,)], ids=repr)
def test_kernels(kernel):
    with pytest.raises(
        ValueError,
        match=r"Conv\.kernel must be a tuple of 1 to 3 positive integers, one for each axis of "
        r"space, got .*",
    ):
        lx.Conv(kernel, 1, 1)


@pytest.mark.parametrize("name", ["stride", "dilation"])
@pytest.mark.parametrize("value", [0, (1,), (1, 2, 3), (1, 0), 1.0, None, True], ids=repr)
def test_strides_and_dilations(name, value):
    with pytest.raises(
        ValueError, match=rf"Conv\.{name} must be a positive integer or 2 of them, got .*"
    ):
        lx.Conv((3, 3), 1, 1, **{name: value})


@pytest.mark.parametrize(
    "padding",
    ["same", -1, (1,), (1, 2, 3), ((1, 2, 3), 1), (None, 1), (1.5, 1), ("SAME", "SAME"), None],
    ids=repr,
)
def test_paddings(padding):
    with pytest.raises(
        ValueError,
        match=r'Conv\.padding must be "SAME", "VALID", an integer ≥ 0, or 2 integers or pairs '
        r"\(before, after\), got .*",
    ):
        lx.Conv((3, 3), 1, 1, padding=padding)


def test_channels_and_groups():
    with pytest.raises(ValueError, match=r"Conv\.groups must be a positive integer, got 0"):
        lx.Conv((3,), 4, 4, groups=0)
    with pytest.raises(
        ValueError, match=r"Conv\.in_channels must be a multiple of groups = 2, got 3"
    ):
        lx.Conv((3,), 3, 4, groups=2)
    with pytest.raises(
        ValueError, match=r"Conv\.out_channels must be a multiple of groups = 2, got 5"
    ):
        lx.Conv((3,), 4, 5, groups=2)
    with pytest.raises(ValueError, match=r"Conv\.in_channels must be a positive integer, got -1"):
        lx.Conv((3,), -1, 5)


def test_functions():
    with pytest.raises(TypeError, match=r"Conv\.activation must be a function, got None"):
        lx.Conv((3,), 1, 1, None)
    with pytest.raises(TypeError, match=r"Conv\.init_weight is the class zeros; write zeros\(\)"):
        lx.Conv((3,), 1, 1, init_weight=lx.init.zeros)


@pytest.mark.parametrize(
    ("kernel", "shape", "expected"),
    [
        ((3,), (2, 5), r"\(batch, width, 2\); got f32\[2,5\]"),
        ((3, 3), (2, 5, 5, 1), r"\(batch, height, width, 2\); got f32\[2,5,5,1\]"),
        ((3, 3), (5, 5, 2), r"\(batch, height, width, 2\); got f32\[5,5,2\]"),
        ((1, 1, 1), (5, 5, 2), r"\(batch, depth, height, width, 2\); got f32\[5,5,2\]"),
    ],
)
def test_inputs_of_another_shape(kernel, shape, expected):
    layer = lx.Conv(kernel, 2, 1)
    with pytest.raises(ValueError, match=f"expected x of shape {expected}"):
        layer(jnp.ones(shape), *layer.init(0))


@pytest.mark.parametrize(
    ("layer", "shape", "expected"),
    [
        (lx.Conv((3, 5), 1, 1), (1, 4, 4, 1), r"width of at least 5, .* got f32\[1,4,4,1\]"),
        (lx.Conv((3, 3), 1, 1, dilation=2), (1, 4, 9, 1), r"height of at least 5, so that a win"),
        (lx.Conv((3,), 1, 1, dilation=3, padding=((1, 2),)), (1, 3, 1), r"width of at least 4, "),
        (lx.Conv((2, 1, 1), 1, 1, padding="VALID"), (1, 1, 9, 9, 1), r"depth of at least 2, so "),
    ],
    ids=str,
)
def test_inputs_smaller_than_the_kernel(layer, shape, expected):
    with pytest.raises(ValueError, match=f"expected x with {expected}"):
        layer(jnp.ones(shape), *layer.init(0))


def test_same_pads_whatever_is_missing():
    layer = lx.Conv((9,), 1, 1, padding="SAME")
    assert layer(jnp.ones((1, 2, 1)), *layer.init(0))[0].shape == (1, 2, 1)
