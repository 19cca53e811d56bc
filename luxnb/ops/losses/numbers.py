"""Losses of numbers: how far a prediction is from its target, element by element."""

import jax
import jax.numpy as jnp
import optax

from luxnb.core.types import Array
from luxnb.ops.losses.shared import (
    above_zero,
    floats,
    log,
    not_negative,
    reduced,
    same_shape,
)


def mse(prediction: Array, target: Array, *, reduce=jnp.mean) -> Array:
    """(prediction - target)², of arrays of one shape.

    >>> float(mse(jnp.array([1.0, 2.0]), jnp.array([1.0, 4.0])))
    2.0
    """
    same_shape("mse", prediction, target)
    return reduced(jnp.square(prediction - target), reduce)


def mae(prediction: Array, target: Array, *, reduce=jnp.mean) -> Array:
    """|prediction - target|, of arrays of one shape; its slope is 0 where they are equal.

    >>> float(mae(jnp.array([1.0, 2.0]), jnp.array([1.0, 4.0])))
    1.0
    """
    same_shape("mae", prediction, target)
    difference = prediction - target
    return reduced(difference * jnp.sign(difference), reduce)  # the slope of jnp.abs at 0 is 1


def huber(prediction: Array, target: Array, *, delta: float = 1.0, reduce=jnp.mean) -> Array:
    """d² / 2 where d = |prediction - target| ≤ delta, and delta · (d - delta / 2) beyond.

    P. J. Huber, Robust Estimation of a Location Parameter, 1964.

    >>> huber(jnp.array([0.5, 3.0]), jnp.zeros(2), reduce=None)
    Array([0.125, 2.5  ], dtype=float32)
    """
    same_shape("huber", prediction, target)
    above_zero("huber", "delta", delta)
    return reduced(optax.huber_loss(prediction, target, delta=delta), reduce)


def msle(prediction: Array, target: Array, *, offset: float = 1.0, reduce=jnp.mean) -> Array:
    """(log(prediction + offset) - log(target + offset))², for numbers above -offset.

    With the usual offset of 1, and well below it, small numbers count by their difference, large
    ones by their ratio.

    >>> float(msle(jnp.array([0.0, 9.0]), jnp.array([0.0, 9.0])))
    0.0
    """
    same_shape("msle", prediction, target)
    above_zero("msle", "offset", offset)
    # log(x + c) = log(1 + x / c) + log c, and log c goes away; log1p is exact for small x.
    ours, theirs = jnp.divide(prediction, offset), jnp.divide(target, offset)
    return reduced(jnp.square(jnp.log1p(ours) - jnp.log1p(theirs)), reduce)


def poisson(prediction: Array, target: Array, *, log_rate: bool = False, reduce=jnp.mean) -> Array:
    """rate - target · log(rate): how unlikely counts are, but for what the rate cannot change.

    `prediction` is the rate, not negative, or with `log_rate` its logarithm, any number.

    >>> float(poisson(jnp.array([1.0]), jnp.array([3])))
    1.0
    """
    same_shape("poisson", prediction, target)
    counts = floats(target, prediction)
    rate = jnp.exp(prediction) if log_rate else prediction
    return reduced(rate - counts * (prediction if log_rate else log(prediction)), reduce)


def siamese_contrastive(
    distance: Array, different: Array, *, margin: float = 1.0, reduce=jnp.mean
) -> Array:
    """(1 - y) · distance² + y · max(0, margin - distance)².

    `distance` is that of the two of a pair; y, `different`, is 0 where they are alike and 1 where
    they are not: those should be at least `margin` apart.

    R. Hadsell, S. Chopra, Y. LeCun, Dimensionality Reduction by Learning an Invariant Mapping,
    CVPR 2006.

    >>> siamese_contrastive(jnp.array([0.5, 0.5]), jnp.array([0, 1]), margin=2.0, reduce=None)
    Array([0.25, 2.25], dtype=float32)
    """
    same_shape("siamese_contrastive", distance, different)
    not_negative("siamese_contrastive", "margin", margin)
    y = floats(different, distance)
    near, far = jnp.square(distance), jnp.square(jax.nn.relu(margin - distance))
    return reduced((1 - y) * near + y * far, reduce)
