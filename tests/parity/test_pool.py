"""Pooling against PyTorch, in values and gradients, also where elements are equal."""

import jax.numpy as jnp
import numpy as np
import pytest

import luxnb as lx
from tests.parity.agree import assert_agree, random, torch
from tests.windows import same_padding

FUNCTIONAL = torch.nn.functional


def pool(name, axes):
    return getattr(FUNCTIONAL, f"{name}_pool{axes}d")


def called(layer):
    return lambda x: layer(x, {}, {})[0]


def last(function):
    """The function of channels first, given and returning channels last."""
    return lambda x: function(x.movedim(-1, 1)).movedim(1, -1)


def ties(*shape):
    """Few different numbers, so that each window has equal elements."""
    return np.random.default_rng(0).integers(-1, 2, shape).astype(float)


def pads(layer, space):
    """The padding of the layer as torch's pad takes it: the last axis first."""
    axes = len(space)
    stride = layer.window if layer.stride is None else layer.stride
    each = [v if isinstance(v, tuple) else (v,) * axes for v in (stride, layer.dilation)]
    pairs = same_padding(space, layer.window, *each)
    return [n for pair in reversed(pairs) for n in pair]


MAX = [
    (lx.MaxPool((2,)), (7,)),
    (lx.MaxPool((1,), stride=2), (7,)),
    (lx.MaxPool((2, 3)), (5, 7)),
    (lx.MaxPool((2, 2, 1)), (4, 5, 2)),
    (lx.MaxPool((3, 3), stride=2), (7, 6)),
    (lx.MaxPool((3, 3), stride=1, padding=1), (4, 4)),
    (lx.MaxPool((3, 4), stride=(1, 2), padding=(1, 2)), (5, 6)),
    (lx.MaxPool((5, 2), stride=(1, 2), padding=(2, 0), dilation=(2, 1)), (9, 6)),
    (lx.MaxPool((7,), stride=2, padding=3, dilation=2), (16,)),
    (lx.MaxPool((9,), stride=1, padding=4), (16,)),
    (lx.MaxPool((2, 3, 2), stride=1, dilation=2), (4, 5, 3)),
]


@pytest.mark.parametrize("case", MAX, ids=str)
@pytest.mark.parametrize("draw", [random, ties])
def test_max_pool(case, draw):
    layer, space = case

    def theirs(x):
        stride = layer.stride or layer.window
        return pool("max", len(space))(x, layer.window, stride, layer.padding, layer.dilation)

    assert_agree(called(layer), last(theirs), draw(2, *space, 3) - 5)


UNEVEN = [
    (lx.MaxPool((3, 2), padding="SAME", stride=2), (6, 5)),
    (lx.MaxPool((4, 3), padding="SAME", stride=(1, 2), dilation=(1, 2)), (5, 6)),
    (lx.MaxPool((2,), padding="SAME"), (5,)),
]


@pytest.mark.parametrize("case", UNEVEN, ids=str)
def test_max_pool_same(case):
    layer, space = case

    def theirs(x):
        x = FUNCTIONAL.pad(x, pads(layer, space), value=-torch.inf)
        stride = layer.stride or layer.window
        return pool("max", len(space))(x, layer.window, stride, 0, layer.dilation)

    assert_agree(called(layer), last(theirs), random(2, *space, 3) - 5)


def test_max_pool_padding_pairs():
    layer = lx.MaxPool((3, 2), padding=((0, 2), 1), stride=2)

    def theirs(x):
        return FUNCTIONAL.max_pool2d(FUNCTIONAL.pad(x, (1, 1, 0, 2), value=-torch.inf), (3, 2), 2)

    assert_agree(called(layer), last(theirs), random(2, 5, 5, 3) - 5)


def test_not_a_number_wins():
    x = np.array([1.0, np.nan, 2.0, 3.0, 4.0, np.nan, np.nan, 0.0])
    got = called(lx.MaxPool((3,), stride=1))(jnp.asarray(x.reshape(1, 8, 1), jnp.float32))
    expected = FUNCTIONAL.max_pool1d(torch.tensor(x.reshape(1, 1, 8)), 3, 1)
    np.testing.assert_array_equal(got.ravel(), expected.numpy().ravel())


MEAN = [
    (lx.MeanPool((2,)), (7,)),
    (lx.MeanPool((2, 2)), (5, 6)),
    (lx.MeanPool((2, 3)), (5, 7)),
    (lx.MeanPool((2, 2, 1)), (4, 5, 2)),
    (lx.MeanPool((3, 2, 2), stride=1, padding=1), (3, 3, 2)),
    (lx.MeanPool((3, 3), stride=2), (7, 6)),
    (lx.MeanPool((3, 3), stride=1, padding=1), (4, 4)),
    (lx.MeanPool((3, 3), stride=2, padding=1, count_padding=False), (4, 5)),
    (lx.MeanPool((2, 2), stride=1, padding=1, count_padding=False), (3, 4)),
    (lx.MeanPool((4,), stride=1, padding=2), (6,)),
]


@pytest.mark.parametrize("case", MEAN, ids=str)
def test_mean_pool(case):
    layer, space = case

    def theirs(x):
        stride = layer.stride or layer.window
        return pool("avg", len(space))(
            x, layer.window, stride, layer.padding, count_include_pad=layer.count_padding
        )

    assert_agree(called(layer), last(theirs), random(2, *space, 3))


def unfolded(x, window, stride, padding, dilation):
    """(batch, channels, elements of the window, windows) of x (batch, channels, height, width)."""
    x = FUNCTIONAL.pad(x, padding)
    parts = FUNCTIONAL.unfold(x, window, dilation=dilation, stride=stride)
    return parts.unflatten(1, (x.shape[1], -1))


WINDOWS = [
    # stride, padding of the layer, of torch (left, right, top, bottom), dilation, size of y
    ((2, 2), ((0, 2), 1), (1, 1, 0, 2), (1, 1), (3, 4)),
    ((1, 2), 0, (0, 0, 0, 0), (2, 1), (2, 3)),
    ((1, 1), (1, 2), (2, 2, 1, 1), (2, 2), (4, 8)),
]


@pytest.mark.parametrize("counted", [True, False])
@pytest.mark.parametrize(("stride", "padding", "pad", "dilation", "size"), WINDOWS, ids=str)
def test_mean_pool_dilated_and_padded_unevenly(stride, padding, pad, dilation, size, counted):
    layer = lx.MeanPool(
        (3, 2), stride=stride, padding=padding, dilation=dilation, count_padding=counted
    )

    def theirs(x):
        total = unfolded(x, (3, 2), stride, pad, dilation).sum(2)
        count = unfolded(torch.ones_like(x), (3, 2), stride, pad, dilation).sum(2)
        return (total / (6 if counted else count)).unflatten(2, size)

    assert_agree(called(layer), last(theirs), random(2, 6, 6, 3)[:, : 6 if dilation[0] == 2 else 5])


@pytest.mark.parametrize("case", [((3, 2), 2, (6, 5)), ((2, 2), 1, (3, 3)), ((4,), 3, (8,))])
def test_mean_pool_same_counts_no_padding(case):
    window, stride, space = case
    layer = lx.MeanPool(window, stride=stride, padding="SAME")

    def theirs(x):
        def mean(x):
            x = FUNCTIONAL.pad(x, pads(layer, space))
            return pool("avg", len(space))(x, window, stride)

        return mean(x) / mean(torch.ones_like(x))

    assert_agree(called(layer), last(theirs), random(2, *space, 3))


LP = [
    (lx.LPPool((2,)), (7,)),
    (lx.LPPool((2, 3), 4), (5, 7)),
    (lx.LPPool((2, 2, 2), 2, stride=1), (3, 4, 2)),
    (lx.LPPool((3, 3), stride=2), (7, 6)),
]


@pytest.mark.parametrize("case", LP, ids=str)
def test_lp_pool(case):
    layer, space = case

    def theirs(x):
        window = layer.window if len(space) > 1 else layer.window[0]
        return pool("lp", len(space))(x, layer.p, window, layer.stride)

    assert_agree(called(layer), last(theirs), random(2, *space, 3))


@pytest.mark.parametrize("p", [1, 1.5, 2, 3])
@pytest.mark.parametrize(("stride", "padding", "pad", "dilation", "size"), WINDOWS, ids=str)
def test_lp_pool_of_absolute_values(p, stride, padding, pad, dilation, size):
    layer = lx.LPPool((3, 2), p, stride=stride, padding=padding, dilation=dilation)

    def theirs(x):
        parts = unfolded(x, (3, 2), stride, pad, dilation)
        return (parts.abs() ** p).sum(2).pow(1 / p).unflatten(2, size)

    assert_agree(called(layer), last(theirs), random(2, 6, 6, 3)[:, : 6 if dilation[0] == 2 else 5])


@pytest.mark.parametrize("space", [(5,), (3, 4), (2, 3, 2)])
def test_global_pools(space):
    axes = tuple(range(1, len(space) + 1))
    x = random(2, *space, 3)
    assert_agree(called(lx.GlobalMaxPool()), lambda x: x.amax(axes, keepdim=True), x)
    assert_agree(called(lx.GlobalMeanPool()), lambda x: x.mean(axes, keepdim=True), x)
    norm = torch.linalg.vector_norm
    assert_agree(called(lx.GlobalLPPool(2)), lambda x: norm(x, 2, axes, keepdim=True), x)
    assert_agree(called(lx.GlobalLPPool(3)), lambda x: norm(x, 3, axes, keepdim=True), x)


def test_global_max_shares_the_gradient():
    assert_agree(
        called(lx.GlobalMaxPool()), lambda x: x.amax((1, 2), keepdim=True), ties(2, 3, 4, 3)
    )


ADAPTIVE = [
    # size, space: divides, does not divide, the same, one, larger, one element, all three axes
    ((3,), (6,)),
    ((3,), (7,)),
    ((5,), (7,)),
    ((7,), (7,)),
    ((1,), (6,)),
    ((7,), (3,)),
    ((6,), (3,)),
    ((4,), (1,)),
    ((3, 2), (7, 6)),
    ((3, 7), (8, 5)),
    ((2, 3, 4), (5, 3, 3)),
]


@pytest.mark.parametrize(("size", "space"), ADAPTIVE, ids=str)
@pytest.mark.parametrize("draw", [random, ties])
def test_adaptive_max_pool(size, space, draw):
    theirs = pool("adaptive_max", len(size))
    assert_agree(
        called(lx.AdaptiveMaxPool(size)), last(lambda x: theirs(x, size)), draw(2, *space, 3)
    )


@pytest.mark.parametrize(("size", "space"), ADAPTIVE, ids=str)
def test_adaptive_mean_pool(size, space):
    theirs = pool("adaptive_avg", len(size))
    assert_agree(
        called(lx.AdaptiveMeanPool(size)), last(lambda x: theirs(x, size)), random(2, *space, 3)
    )


@pytest.mark.parametrize("p", [2, 3])
@pytest.mark.parametrize(("size", "space"), ADAPTIVE[:-1], ids=str)
def test_adaptive_lp_pool(size, space, p):
    def theirs(x):
        parts = [x.abs() ** p]
        for axis, (m, n) in enumerate(zip(size, space, strict=True), 1):
            [whole] = parts
            cuts = [whole.narrow(axis, i * n // m, -(-(i + 1) * n // m) - i * n // m)
                    for i in range(m)]  # fmt: skip
            parts = [torch.cat([cut.sum(axis, keepdim=True) for cut in cuts], axis)]
        return parts[0] ** (1 / p)

    assert_agree(called(lx.AdaptiveLPPool(size, p)), theirs, random(2, *space, 3))
