"""Conv and ConvTranspose against PyTorch, in values and in gradients by x, weight and bias."""

import jax
import jax.numpy as jnp
import pytest

import luxnb as lx
from tests.parity.agree import assert_agree, random, torch
from tests.windows import same_padding

FUNCTIONAL = torch.nn.functional
CORRELATE = {1: FUNCTIONAL.conv1d, 2: FUNCTIONAL.conv2d, 3: FUNCTIONAL.conv3d}
TRANSPOSE = {
    1: FUNCTIONAL.conv_transpose1d,
    2: FUNCTIONAL.conv_transpose2d,
    3: FUNCTIONAL.conv_transpose3d,
}


def channels_first(x):
    return x.movedim(-1, 1)


def channels_last(y):
    return y.movedim(1, -1)


def outermost(weight):
    """(*kernel, a, b) as (b, a, *kernel), where `conv` has (out, in // groups, *kernel)."""
    return weight.movedim((-1, -2), (0, 1))


def padded(x, pairs):
    """x, channels first, with zeros before and after each axis of space."""
    return FUNCTIONAL.pad(x, [n for pair in reversed(pairs) for n in pair])


def each(value, axes):
    return value if isinstance(value, tuple) else (value,) * axes


CONV = [
    (lx.Conv((3,), 4, 6), (1,), (7,)),
    (lx.Conv((3,), 4, 6, use_bias=False), (2,), (7,)),
    (lx.Conv((3, 2), 4, 6, jnp.tanh), (2,), (5, 6)),
    (lx.Conv((2, 3, 1), 4, 6), (2,), (4, 4, 3)),
    (lx.Conv((3, 3), 4, 6, stride=2), (2,), (7, 6)),
    (lx.Conv((3, 3), 4, 6, stride=(1, 3), padding=(2, 0)), (2,), (5, 7)),
    (lx.Conv((3, 3), 4, 6, padding=1, dilation=2), (2,), (4, 5)),
    (lx.Conv((3, 3), 4, 6, padding=((0, 2), 1), stride=2), (2,), (4, 5)),
    (lx.Conv((3, 3), 4, 6, padding="VALID"), (2,), (4, 5)),
    (lx.Conv((4, 3), 4, 6, padding="SAME"), (2,), (5, 5)),
    (lx.Conv((4, 3), 4, 6, padding="SAME", stride=(2, 3)), (2,), (5, 6)),
    (lx.Conv((3, 2), 4, 6, padding="SAME", dilation=(2, 3)), (2,), (6, 5)),
    (lx.Conv((2, 2), 4, 6, padding="SAME", stride=3), (2,), (6, 7)),
    (lx.Conv((3,), 4, 6, groups=2, stride=2), (2,), (7,)),
    (lx.Conv((3, 3), 4, 8, groups=4, padding=1), (2,), (5, 4)),
    (lx.Conv((9, 8), 2, 2, groups=2), (2,), (10, 9)),
    (lx.Conv((1, 1), 3, 4), (2,), (5, 4)),
    (lx.Conv((1, 1), 3, 4, stride=2, padding=1), (2,), (5, 4)),
    (lx.Conv((3, 3), 4, 4, groups=4, padding="SAME", dilation=2, stride=2), (2,), (6, 5)),
    (lx.Conv((2, 2, 2), 4, 6, groups=2, padding=((1, 0), 0, 1)), (1,), (3, 3, 2)),
]


def named(case):
    layer, batch, space = case
    return f"{layer!r} of {batch + space}"


@pytest.mark.parametrize("case", CONV, ids=named)
def test_conv(case):
    layer, batch, space = case
    axes = len(space)
    stride, dilation = each(layer.stride, axes), each(layer.dilation, axes)
    if layer.padding == "SAME":
        pairs = same_padding(space, layer.kernel, stride, dilation)
    elif layer.padding == "VALID":
        pairs = [(0, 0)] * axes
    else:
        pairs = [each(pads, 2) for pads in each(layer.padding, axes)]

    def theirs(x, weight, *bias):
        y = CORRELATE[axes](
            padded(channels_first(x), pairs),
            outermost(weight),
            *bias,
            stride=stride,
            dilation=dilation,
            groups=layer.groups,
        )
        return channels_last(y if layer.activation is not jnp.tanh else torch.tanh(y))

    assert_agree(called(layer), theirs, *arrays(layer, batch, space))


def called(layer):
    """The layer as a function of x and its parameters."""
    return lambda x, *ps: layer(x, dict(zip(("weight", "bias"), ps, strict=False)), {})[0]


def arrays(layer, batch, space):
    shapes = [leaf.shape for leaf in jax.tree.leaves(layer.init(0)[0])]
    return random(*batch, *space, layer.in_channels), *(random(*shape) for shape in shapes)


TRANSPOSED = [
    (lx.ConvTranspose((3,), 4, 6), (1,), (5,)),
    (lx.ConvTranspose((3,), 4, 6, use_bias=False, stride=2), (2,), (5,)),
    (lx.ConvTranspose((3, 2), 4, 6, jnp.tanh), (2,), (3, 4)),
    (lx.ConvTranspose((2, 3, 1), 4, 6, stride=(1, 2, 2)), (2,), (2, 3, 3)),
    (lx.ConvTranspose((4, 4), 4, 6, stride=2, padding=1), (2,), (3, 4)),
    (lx.ConvTranspose((3, 3), 4, 6, stride=2, padding=1, output_padding=1), (2,), (3, 4)),
    (
        lx.ConvTranspose((3, 2), 4, 6, stride=(2, 3), padding=(1, 0), output_padding=(0, 2)),
        (2,),
        (3, 4),
    ),
    (lx.ConvTranspose((2, 3), 4, 6, padding=2, dilation=(3, 2)), (2,), (3, 4)),
    (lx.ConvTranspose((2,), 4, 6, dilation=3, output_padding=2), (2,), (4,)),
    (lx.ConvTranspose((2, 2), 4, 6, stride=3, output_padding=1), (2,), (3, 2)),
    (lx.ConvTranspose((3,), 4, 6, groups=2, stride=2, padding=1), (2,), (5,)),
    (lx.ConvTranspose((3, 3), 4, 8, groups=4, stride=2, output_padding=1), (2,), (3, 2)),
    (lx.ConvTranspose((2, 2, 2), 4, 6, groups=2, stride=2, padding=1), (1,), (3, 3, 2)),
    (lx.ConvTranspose((3, 3), 4, 6, padding="VALID", stride=2), (2,), (3, 2)),
]


@pytest.mark.parametrize("case", TRANSPOSED, ids=named)
def test_conv_transpose(case):
    layer, batch, space = case

    def theirs(x, weight, *bias):
        y = TRANSPOSE[len(space)](
            channels_first(x),
            weight.movedim((-2, -1), (0, 1)),
            *bias,
            stride=layer.stride,
            padding=0 if layer.padding == "VALID" else layer.padding,
            output_padding=layer.output_padding,
            groups=layer.groups,
            dilation=layer.dilation,
        )
        return channels_last(y if layer.activation is not jnp.tanh else torch.tanh(y))

    assert_agree(called(layer), theirs, *arrays(layer, batch, space))


CROPPED = [
    # layer, and what is cut from each axis, before and after, of PyTorch's output without padding
    (lx.ConvTranspose((4, 3), 2, 3, stride=2, padding="SAME"), ((1, 1), (0, 1))),
    (lx.ConvTranspose((3, 4), 2, 3, padding="SAME"), ((1, 1), (1, 2))),
    (lx.ConvTranspose((3, 2), 2, 3, padding="SAME", dilation=2, stride=(2, 1)), ((1, 2), (1, 1))),
    (lx.ConvTranspose((3, 3), 2, 3, padding=((0, 2), 1), stride=2), ((0, 2), (1, 1))),
    (lx.ConvTranspose((1, 2), 2, 3, padding="SAME", stride=(3, 4)), ((0, -2), (0, -2))),
]


@pytest.mark.parametrize(("layer", "cut"), CROPPED, ids=str)
def test_conv_transpose_with_padding_that_pytorch_lacks(layer, cut):
    def theirs(x, weight, bias):
        y = TRANSPOSE[2](
            channels_first(x),
            weight.movedim((-2, -1), (0, 1)),
            None,
            stride=layer.stride,
            dilation=layer.dilation,
        )
        y = padded(y, [(-before, -after) for before, after in cut])
        return channels_last(y) + bias

    assert_agree(called(layer), theirs, *arrays(layer, (2,), (3, 4)))


@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("kernel", [1, 2, 4, 5])
def test_same_multiplies_the_size_by_the_stride(kernel, stride):
    layer = lx.ConvTranspose((kernel,), 1, 1, stride=stride, padding="SAME")
    y, _ = layer(jnp.ones((1, 4, 1)), *layer.init(0))
    assert y.shape == (1, 4 * stride, 1)


@pytest.mark.parametrize("layer_space", [((3, 3), 4, 2), ((3,), 5, 1), ((2, 2, 2), 3, 1)], ids=str)
@pytest.mark.parametrize("groups", [1, 2])
def test_forward_derivatives(layer_space, groups):
    """Also those of the transposed convolution, which has a rule of its own."""
    kernel, size, stride = layer_space
    layer = lx.ConvTranspose(kernel, 4, 2, stride=stride, groups=groups)
    with jax.enable_x64(True):
        x, weight, bias = map(jnp.asarray, arrays(layer, (1,), (size,) * len(kernel)))
        changes = tuple(jnp.asarray(random(*a.shape, seed=9)) for a in (x, weight, bias))
        y, dy = jax.jvp(called(layer), (x, weight, bias), changes)
        seed = jnp.asarray(random(*y.shape, seed=10))
        gradients = jax.vjp(called(layer), x, weight, bias)[1](seed)
        inner = sum((g * c).sum() for g, c in zip(gradients, changes, strict=True))
        assert abs((dy * seed).sum() - inner) < 1e-10 * abs(inner)
