"""ConvTranspose as the transpose of Conv, its sizes and fresh parameters, and what it refuses."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.stats

import luxnb as lx

PAIRS = [
    # fields of both layers, the kernel, the space of the convolution's input and of its output
    ({"stride": 2}, (3, 2), (7, 6), (3, 3)),
    ({"stride": (1, 3), "padding": ((0, 2), 1)}, (3, 3), (5, 4), (5, 2)),
    ({"stride": 3, "padding": "SAME"}, (4, 2), (6, 9), (2, 3)),
    ({"padding": "SAME", "dilation": 2}, (3, 2), (5, 4), (5, 4)),
    ({"stride": 2, "groups": 2, "padding": "SAME"}, (3,), (8,), (4,)),
    ({"stride": 2, "padding": "VALID", "dilation": (1, 2, 1)}, (2, 2, 1), (4, 5, 3), (2, 2, 2)),
]


@pytest.mark.parametrize(("fields", "kernel", "large", "small"), PAIRS, ids=str)
def test_it_is_the_transpose_of_conv(fields, kernel, large, small):
    """<conv(y), x> = <y, conv transpose(x)> for any y and x, with the two axes of channels of the
    weight exchanged."""
    rng = np.random.default_rng(0)
    conv = lx.Conv(kernel, 4, 6, use_bias=False, **fields)
    transpose = lx.ConvTranspose(kernel, 6, 4, use_bias=False, **fields)
    y, x = rng.normal(size=(2, *large, 4)), rng.normal(size=(2, *small, 6))
    with jax.enable_x64(True):
        weight = jnp.asarray(rng.normal(size=(*kernel, 4 // conv.groups, 6)))
        down, _ = conv(y, {"weight": weight}, {})
        up, _ = transpose(x, {"weight": jnp.swapaxes(weight, -1, -2)}, {})
        assert down.shape == x.shape
        seen = tuple(slice(n) for n in up.shape[1:-1])  # a stride can leave a rest at the end
        np.testing.assert_allclose((down * x).sum(), (y[:, *seen] * up).sum(), rtol=1e-10)


@pytest.mark.parametrize("output_padding", [0, 1, 2])
def test_output_padding_chooses_the_size_that_conv_had(output_padding):
    conv = lx.Conv((4,), 1, 1, stride=3, padding=1)
    transpose = lx.ConvTranspose((4,), 1, 1, stride=3, padding=1, output_padding=output_padding)
    x = jnp.ones((1, 11 + output_padding, 1))
    y, _ = conv(x, *conv.init(0))
    assert transpose(y, *transpose.init(0))[0].shape == x.shape


@pytest.mark.parametrize(
    ("fields", "space", "expected"),
    [
        ({}, (5,), (7,)),
        ({"stride": 2}, (5,), (11,)),
        ({"stride": 2, "padding": 1, "output_padding": 1}, (5,), (10,)),
        ({"dilation": 4, "padding": ((1, 3),)}, (5,), (9,)),
        ({"stride": 4, "padding": "SAME"}, (5,), (20,)),
        ({"stride": 4, "padding": "VALID"}, (5,), (19,)),
    ],
    ids=str,
)
def test_sizes_as_the_docstring_says(fields, space, expected):
    layer = lx.ConvTranspose((3,), 1, 1, **fields)
    y, _ = layer(jnp.ones((1, *space, 1)), *layer.init(0))
    assert y.shape == (1, *expected, 1)


@pytest.mark.parametrize("groups", [1, 4])
def test_the_range_of_fresh_parameters(groups):
    """U(±1/√fan) with fan = kernel · out_channels / groups, as PyTorch."""
    ps, _ = lx.ConvTranspose((3, 3), 100, 800, groups=groups).init(0)
    limit = (9 * 800 / groups) ** -0.5
    for drawn in (ps.weight, ps.bias):
        scaled = np.asarray(drawn, float).ravel() / limit
        assert np.abs(scaled).max() <= 1
        assert scipy.stats.kstest(scaled[:2000], scipy.stats.uniform(-1, 2).cdf).pvalue > 1e-3


def test_own_initialisers():
    layer = lx.ConvTranspose(
        (2,), 3, 4, groups=1, init_weight=lx.init.ones(), init_bias=lx.init.ones()
    )
    y, _ = layer(jnp.ones((1, 2, 3)), *layer.init(0))
    np.testing.assert_array_equal(y[0, :, 0], [4, 7, 4])


@pytest.mark.parametrize("value", [2, -1, (1,), (1, 2), (0.0, 0), True, None], ids=repr)
def test_output_paddings(value):
    with pytest.raises(
        ValueError,
        match=r"ConvTranspose\.output_padding must be an integer or 2 of them, each ≥ 0 and less "
        r"than the stride or the dilation, got .*",
    ):
        lx.ConvTranspose((3, 3), 1, 1, stride=2, output_padding=value)


def test_output_padding_and_same():
    with pytest.raises(
        ValueError,
        match=r'ConvTranspose\.output_padding must be 0 with padding "SAME", which is '
        r"size' = size · stride, got 1",
    ):
        lx.ConvTranspose((3,), 1, 1, stride=2, padding="SAME", output_padding=1)


def test_other_fields():
    with pytest.raises(ValueError, match=r"ConvTranspose\.kernel must be a tuple of 1 to 3 posit"):
        lx.ConvTranspose(3, 1, 1)
    with pytest.raises(ValueError, match=r"ConvTranspose\.stride must be a positive integer or 2"):
        lx.ConvTranspose((3, 3), 1, 1, stride=0)
    with pytest.raises(ValueError, match=r"ConvTranspose\.dilation must be a positive integer or"):
        lx.ConvTranspose((3, 3), 1, 1, dilation=(1,))
    with pytest.raises(ValueError, match=r'ConvTranspose\.padding must be "SAME", "VALID", an in'):
        lx.ConvTranspose((3, 3), 1, 1, padding=-1)
    with pytest.raises(
        ValueError, match=r"ConvTranspose\.out_channels must be a multiple of groups = 2, got 3"
    ):
        lx.ConvTranspose((3,), 2, 3, groups=2)
    with pytest.raises(
        ValueError, match=r"ConvTranspose\.in_channels must be a multiple of groups = 2, got 3"
    ):
        lx.ConvTranspose((3,), 3, 2, groups=2)
    with pytest.raises(TypeError, match=r"ConvTranspose\.activation must be a function, got None"):
        lx.ConvTranspose((3,), 1, 1, None)
    with pytest.raises(TypeError, match=r"ConvTranspose\.init_bias is the class zeros; write zer"):
        lx.ConvTranspose((3,), 1, 1, init_bias=lx.init.zeros)


def test_inputs_of_another_shape():
    layer = lx.ConvTranspose((3, 3), 2, 1)
    with pytest.raises(
        ValueError, match=r"expected x of shape \(batch, height, width, 2\); got f32\[1,5,5,1\]"
    ):
        layer(jnp.ones((1, 5, 5, 1)), *layer.init(0))


def test_more_padding_than_there_is():
    layer = lx.ConvTranspose((3,), 1, 1, padding=2)
    with pytest.raises(ValueError, match=r"padding = 2 leaves nothing of y for x f32\[1,2,1\]"):
        layer(jnp.ones((1, 2, 1)), *layer.init(0))
    assert layer(jnp.ones((1, 3, 1)), *layer.init(0))[0].shape == (1, 1, 1)
