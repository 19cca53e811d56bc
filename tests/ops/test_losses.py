"""Losses: the shapes and options they refuse, extremes, dtypes, and the function that reduces."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from luxnb.ops import losses

RNG = np.random.default_rng(0)
NUMBERS = RNG.normal(size=(4, 3)).astype(np.float32)
OTHERS = RNG.normal(size=(4, 3)).astype(np.float32)
P = RNG.random((4, 3)).astype(np.float32)
ZERO_ONE = RNG.integers(0, 2, (4, 3))
CLASSES = RNG.integers(0, 3, 4)
SOFT = RNG.dirichlet(np.ones(3), 4).astype(np.float32)

# What each loss can be given, first in its domain and then as far out as it goes.
FAR = np.array([[1e4, -1e4, 0.0], [-300.0, 300.0, 0.0], [0.0, 0.0, 0.0], [88.0, -88.0, 1e-30]])
EDGE = np.array([[0.0, 1.0, 0.5], [1.0, 0.0, 1e-30], [1.0, 1.0, 1.0], [0.0, 0.0, 0.0]])
ONE_HOT = np.eye(3)[[0, 1, 2, 0]]
AS_PROBABILITIES = {"probabilities": True}
CASES = [
    (losses.mse, {}, NUMBERS, OTHERS, FAR / 1e3, EDGE),
    (losses.mae, {}, NUMBERS, OTHERS, FAR, EDGE),
    (losses.huber, {}, NUMBERS, OTHERS, FAR, EDGE),
    (losses.msle, {}, P, P[::-1], np.abs(FAR), EDGE),
    (losses.poisson, {}, P, ZERO_ONE, np.abs(FAR), ZERO_ONE),
    (losses.poisson, {"log_rate": True}, NUMBERS, ZERO_ONE, np.minimum(FAR, 9), ZERO_ONE),
    (losses.siamese_contrastive, {}, P, ZERO_ONE, np.abs(FAR) / 1e3, ZERO_ONE),
    (losses.binary_cross_entropy, {}, NUMBERS, ZERO_ONE, FAR, ZERO_ONE),
    (losses.binary_cross_entropy, {"label_smoothing": 0.1}, NUMBERS, ZERO_ONE, FAR, EDGE),
    (losses.binary_cross_entropy, AS_PROBABILITIES, P, ZERO_ONE, EDGE, ZERO_ONE),
    (losses.binary_focal, {}, NUMBERS, ZERO_ONE, FAR, ZERO_ONE),
    (losses.binary_focal, {"gamma": 0.5}, NUMBERS, ZERO_ONE, FAR, ZERO_ONE),
    (losses.binary_focal, {"gamma": 0}, NUMBERS, ZERO_ONE, FAR, ZERO_ONE),
    (losses.binary_focal, AS_PROBABILITIES, P, ZERO_ONE, EDGE, ZERO_ONE),
    (losses.dice, {}, P, ZERO_ONE, 0 * EDGE, 0 * ZERO_ONE),
    (losses.hinge, {}, NUMBERS, 2 * ZERO_ONE - 1, FAR, 2 * ZERO_ONE - 1),
    (losses.squared_hinge, {}, NUMBERS, 2 * ZERO_ONE - 1, FAR / 1e3, 2 * ZERO_ONE - 1),
    (losses.cross_entropy, {}, NUMBERS, CLASSES, FAR, CLASSES),
    (losses.cross_entropy, {}, NUMBERS, SOFT, FAR, ONE_HOT),
    (losses.cross_entropy, {"label_smoothing": 0.1}, NUMBERS, CLASSES, FAR, CLASSES),
    (losses.cross_entropy, AS_PROBABILITIES, SOFT, CLASSES, EDGE, CLASSES),
    (losses.focal, {}, NUMBERS, CLASSES, FAR, CLASSES),
    (losses.focal, {"gamma": 0.5}, NUMBERS, SOFT, FAR, ONE_HOT),
    (losses.focal, AS_PROBABILITIES | {"gamma": 0.5}, SOFT, CLASSES, EDGE, CLASSES),
    (losses.kl_divergence, {}, NUMBERS, SOFT, FAR, ONE_HOT),
    (losses.kl_divergence, AS_PROBABILITIES, SOFT, SOFT[::-1], EDGE, ONE_HOT),
]
NAMES = [" ".join([loss.__name__, *map(str, options)]) for loss, options, *_ in CASES]
cases = pytest.mark.parametrize("case", CASES, ids=NAMES)


def test_every_loss_is_here():
    public = {value for value in vars(losses).values() if callable(value)}
    assert {case[0] for case in CASES} == public and len(public) == 14


@cases
@pytest.mark.parametrize("dtype", ["float32", "float16"])
def test_extremes_are_finite_with_finite_slopes_in_the_dtype_of_the_prediction(case, dtype):
    loss, options, _, _, prediction, target = case
    if dtype == "float16":  # its largest number is 65504
        prediction = np.clip(prediction, -100, 100)
    target = target.astype(dtype) if target.dtype == float else target

    @jax.jit
    def both(prediction):
        each = loss(prediction, target, reduce=None, **options)
        return each, jax.grad(lambda p: loss(p, target, reduce=jnp.sum, **options))(prediction)

    for values in both(jnp.asarray(prediction, dtype)):
        assert values.dtype == dtype
        assert np.isfinite(np.asarray(values, float)).all()


@cases
def test_bfloat16_in_bfloat16_out(case):
    loss, options, prediction, target, *_ = case
    target = target.astype(jnp.bfloat16) if target.dtype == np.float32 else target
    y = jax.eval_shape(lambda p: loss(p, target, **options), prediction.astype(jnp.bfloat16))
    assert (y.shape, y.dtype) == ((), jnp.bfloat16)


@cases
def test_numpy_strict_dtypes_and_reductions(case):
    loss, options, prediction, target, *_ = case
    with jax.numpy_rank_promotion("raise"), jax.numpy_dtype_promotion("strict"):
        each = loss(prediction, target, reduce=None, **options)
        np.testing.assert_array_equal(
            each, loss(jnp.asarray(prediction), jnp.asarray(target), reduce=None, **options)
        )
        got = [loss(prediction, target, **options)]
        got += [loss(prediction, target, reduce=r, **options) for r in (jnp.sum, jnp.max, jnp.var)]
    each = np.asarray(each, float)
    np.testing.assert_allclose(
        got, [each.mean(), each.sum(), each.max(), each.var()], rtol=1e-5, atol=1e-6
    )


def test_mse():
    a, b = NUMBERS, OTHERS
    np.testing.assert_allclose(losses.mse(a, b), ((a - b) ** 2).mean(), rtol=1e-5)
    np.testing.assert_allclose(losses.mse(a, b, reduce=None), (a - b) ** 2, rtol=1e-5)


def test_msle_of_small_numbers():
    """By log1p: log(1 + 1e-6) has but one digit in float32."""
    loss = losses.msle(np.float32([1e-6]), np.float32([3e-6]))
    np.testing.assert_allclose(loss, 4e-12, rtol=1e-4)


def test_booleans_are_labels():
    yes = ZERO_ONE.astype(bool)
    for loss in (losses.binary_cross_entropy, losses.binary_focal, losses.dice):
        np.testing.assert_array_equal(loss(P, yes), loss(P, ZERO_ONE.astype(np.float32)))


SAME_SHAPE = sorted(
    {case[0] for case in CASES} - {losses.cross_entropy, losses.focal}, key=lambda f: f.__name__
)


@pytest.mark.parametrize("loss", SAME_SHAPE, ids=lambda f: f.__name__)
@pytest.mark.parametrize(
    ("one", "other"), [((4, 1), (4,)), ((4,), (4, 1)), ((4, 3), (1, 3)), ((4,), ())], ids=str
)
def test_shapes_that_would_broadcast(loss, one, other):
    def shown(shape):
        return rf"f32\[{','.join(map(str, shape))}\]"

    with pytest.raises(
        ValueError,
        match=f"^{loss.__name__} needs two arrays of one shape, got prediction {shown(one)} "
        f"and target {shown(other)}$",
    ):
        loss(jnp.ones(one), jnp.ones(other))


@pytest.mark.parametrize(
    ("loss", "options", "message"),
    [
        (losses.huber, {"delta": 0}, "delta must be a finite number > 0, got 0"),
        (losses.huber, {"delta": np.nan}, "delta must be a finite number > 0, got nan"),
        (losses.msle, {"offset": -1}, "offset must be a finite number > 0, got -1"),
        (losses.siamese_contrastive, {"margin": -1}, "margin must be a finite number ≥ 0, got -1"),
        (losses.binary_focal, {"gamma": -1}, "gamma must be a finite number ≥ 0, got -1"),
        (losses.focal, {"gamma": "2"}, "gamma must be a finite number ≥ 0, got '2'"),
        (losses.dice, {"smooth": 0}, "smooth must be a finite number > 0, got 0"),
        *(
            (
                loss,
                {"label_smoothing": value},
                rf"label_smoothing must lie in \[0, 1\], got {value}",
            )
            for loss in (losses.binary_cross_entropy, losses.cross_entropy, losses.kl_divergence)
            for value in (-0.1, 1.1, True)
        ),
    ],
)
def test_options(loss, options, message):
    with pytest.raises(ValueError, match=f"^{loss.__name__}: {message}$"):
        loss(NUMBERS, SOFT, **options)
