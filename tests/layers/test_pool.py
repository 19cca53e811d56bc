"""MaxPool against plain loops over windows; the edges of all pools, and what they refuse."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import luxnb as lx
from tests.windows import largest, same_padding

RNG = np.random.default_rng(0)

CASES = [
    (lx.MaxPool((2,)), (7,), (2,), [(0, 0)], (1,)),
    (lx.MaxPool((2, 3)), (5, 7), (2, 3), [(0, 0)] * 2, (1, 1)),
    (lx.MaxPool((2, 2, 1)), (4, 5, 2), (2, 2, 1), [(0, 0)] * 3, (1, 1, 1)),
    (lx.MaxPool((3, 3), stride=2), (7, 6), (2, 2), [(0, 0)] * 2, (1, 1)),
    (lx.MaxPool((3, 3), stride=(1, 2), padding=1), (5, 6), (1, 2), [(1, 1)] * 2, (1, 1)),
    (lx.MaxPool((3, 2), padding=((0, 2), 1)), (5, 6), (3, 2), [(0, 2), (1, 1)], (1, 1)),
    (lx.MaxPool((3,), stride=2, padding="SAME"), (6,), (2,), "SAME", (1,)),
    (lx.MaxPool((3,), stride=2, padding="VALID"), (6,), (2,), [(0, 0)], (1,)),
    (lx.MaxPool((2, 2), stride=1, dilation=(2, 1)), (5, 4), (1, 1), [(0, 0)] * 2, (2, 1)),
    (lx.MaxPool((3,), stride=2, padding="SAME", dilation=2), (8,), (2,), "SAME", (2,)),
]


@pytest.mark.parametrize(("layer", "space", "stride", "padding", "dilation"), CASES, ids=repr)
def test_against_loops(layer, space, stride, padding, dilation):
    x = RNG.normal(size=(2, *space, 3)).astype(np.float32) - 5  # zeros as padding would win
    if padding == "SAME":
        padding = same_padding(space, layer.window, stride, dilation)
    y, _ = layer(x, *layer.init(0))
    np.testing.assert_array_equal(y, largest(x, layer.window, stride, padding, dilation))


POOLS = pytest.mark.parametrize("pool", [lx.MaxPool, lx.MeanPool, lx.LPPool])


def test_windows_of_nothing_but_padding():
    """Nothing is larger than -∞, and the sum of nothing is 0."""
    x = jnp.ones((1, 2, 1))
    fields = {"stride": 1, "padding": 2}
    for pool, edge in ((lx.MaxPool, -np.inf), (lx.MeanPool, 0), (lx.LPPool, 0)):
        layer = pool((2,), **fields)
        y, _ = layer(x, *layer.init(0))
        assert y.ravel()[0] == y.ravel()[-1] == edge
    layer = lx.MeanPool((2,), count_padding=False, **fields)
    np.testing.assert_array_equal(layer(x, *layer.init(0))[0].ravel(), [0, 1, 1, 1, 0])


def test_padding_counts_or_not():
    x = jnp.ones((1, 3, 1))
    for layer, expected in (
        (lx.MeanPool((3,), stride=1, padding=1), [2 / 3, 1, 2 / 3]),
        (lx.MeanPool((3,), stride=1, padding=1, count_padding=False), [1, 1, 1]),
        (lx.MeanPool((3,), stride=1, padding="SAME"), [1, 1, 1]),
    ):
        np.testing.assert_allclose(layer(x, *layer.init(0))[0].ravel(), expected, rtol=1e-6)


def test_a_norm_of_zeros_has_no_gradient():
    layer = lx.LPPool((2,))
    ps, st = layer.init(0)
    x = jnp.array([0.0, 0.0, 3.0, 4.0]).reshape(1, 4, 1)
    gradient = jax.grad(lambda x: layer(x, ps, st)[0].sum())(x)
    np.testing.assert_allclose(gradient.ravel(), [0, 0, 0.6, 0.8], rtol=1e-6)


@pytest.mark.parametrize("p", [0, 0.5, -1, float("inf"), float("nan"), "2", True, None])
@pytest.mark.parametrize(
    ("name", "pool"),
    [
        ("LPPool", lambda p: lx.LPPool((2,), p)),
        ("GlobalLPPool", lx.GlobalLPPool),
        ("AdaptiveLPPool", lambda p: lx.AdaptiveLPPool((2,), p)),
    ],
)
def test_orders_of_norms(name, pool, p):
    with pytest.raises(
        ValueError, match=rf"^{name}\.p must be a finite number of at least 1, got {p!r}"
    ):
        pool(p)


@POOLS
@pytest.mark.parametrize("window", [2, (), (1, 2, 3, 4), (0,)], ids=repr)
def test_windows(pool, window):
    with pytest.raises(
        ValueError,
        match=rf"^{pool.__name__}\.window must be a tuple of 1 to 3 positive integers, .* got .*",
    ):
        pool(window)


@POOLS
def test_stride_padding_and_dilation(pool):
    name = pool.__name__
    with pytest.raises(
        ValueError, match=rf"^{name}\.stride must be a positive integer or 2 of them"
    ):
        pool((2, 2), stride=0)
    with pytest.raises(
        ValueError, match=rf"^{name}\.dilation must be a positive integer or 2 of th"
    ):
        pool((2, 2), dilation=(1,))
    with pytest.raises(ValueError, match=rf'^{name}\.padding must be "SAME", "VALID", an integer'):
        pool((2, 2), padding="same")


@POOLS
def test_inputs_of_another_shape(pool):
    layer = pool((2, 2))
    with pytest.raises(
        ValueError, match=r"expected x of shape \(batch, height, width, channels\); got f32\[4,4\]"
    ):
        layer(jnp.ones((4, 4)), *layer.init(0))


@POOLS
def test_inputs_smaller_than_the_window(pool):
    layer = pool((2, 3), dilation=2, padding=(0, 1))
    with pytest.raises(
        ValueError,
        match=r"expected x with width of at least 3, so that a window fits; got f32\[1,4,2,1\]",
    ):
        layer(jnp.ones((1, 4, 2, 1)), *layer.init(0))
