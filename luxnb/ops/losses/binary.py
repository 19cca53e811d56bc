"""Losses of yes and no, element by element, and of the overlap of two regions."""

import jax
import jax.numpy as jnp
import optax

from luxnb.core.types import Array
from luxnb.ops.losses.shared import (
    above_zero,
    at_least_tiny,
    floats,
    from_0_to_1,
    log,
    not_negative,
    reduced,
    same_shape,
)


def binary_cross_entropy(
    logits: Array,
    labels: Array,
    *,
    probabilities: bool = False,
    label_smoothing: float = 0.0,
    reduce=jnp.mean,
) -> Array:
    """-y log p - (1 - y) log(1 - p), where p = σ(logits), or the `logits` are probabilities.

    `labels` y are 0 and 1, False and True, or between; `label_smoothing` α makes them
    (1 - α) y + α / 2.

    >>> float(binary_cross_entropy(jnp.array([0.0]), jnp.array([1])))  # log 2
    0.6931471824645996
    """
    same_shape("binary_cross_entropy", logits, labels)
    from_0_to_1("binary_cross_entropy", "label_smoothing", label_smoothing)
    y = (1 - label_smoothing) * floats(labels, logits) + label_smoothing / 2
    if probabilities:
        losses = -y * log(logits) - (1 - y) * log(1 - logits)
    else:
        losses = optax.sigmoid_binary_cross_entropy(logits, y)
    return reduced(losses, reduce)


def binary_focal(
    logits: Array,
    labels: Array,
    *,
    gamma: float = 2.0,
    probabilities: bool = False,
    reduce=jnp.mean,
) -> Array:
    """-y (1 - p)^gamma log p - (1 - y) p^gamma log(1 - p): what is easy counts for less.

    `logits`, `labels` and `probabilities` as in `binary_cross_entropy`, which it is for gamma = 0.

    T.-Y. Lin et al., Focal Loss for Dense Object Detection, ICCV 2017.

    >>> float(binary_focal(jnp.array([0.0]), jnp.array([1])))  # log 2 / 4
    0.1732867956161499
    """
    same_shape("binary_focal", logits, labels)
    not_negative("binary_focal", "gamma", gamma)
    y = floats(labels, logits)
    if probabilities:
        p, not_p, log_p, log_not_p = logits, 1 - logits, log(logits), log(1 - logits)
    else:
        p, not_p = jax.nn.sigmoid(logits), jax.nn.sigmoid(-logits)  # 1 - p would lose its digits
        log_p, log_not_p = jax.nn.log_sigmoid(logits), jax.nn.log_sigmoid(-logits)
    yes = -(at_least_tiny(not_p) ** gamma) * log_p
    no = -(at_least_tiny(p) ** gamma) * log_not_p
    return reduced(y * yes + (1 - y) * no, reduce)


def dice(prediction: Array, target: Array, *, smooth: float = 1.0, reduce=jnp.mean) -> Array:
    """1 - (2 Σ p y + smooth) / (Σ p² + Σ y² + smooth), summed over all axes but the batch.

    `prediction` p are probabilities (batch, …), `target` y of the same shape 0 and 1.

    F. Milletari et al., V-Net: Fully Convolutional Neural Networks for Volumetric Medical Image
    Segmentation, 3DV 2016.

    >>> dice(jnp.ones((1, 3)), jnp.array([[1, 1, 0]]), smooth=1.0, reduce=None)
    Array([0.16666669], dtype=float32)
    """
    same_shape("dice", prediction, target)
    above_zero("dice", "smooth", smooth)
    y = floats(target, prediction)
    axes = tuple(range(1, prediction.ndim))
    overlap = jnp.sum(prediction * y, axes)
    sizes = jnp.sum(jnp.square(prediction), axes) + jnp.sum(jnp.square(y), axes)
    return reduced(1 - (2 * overlap + smooth) / (sizes + smooth), reduce)


def hinge(prediction: Array, target: Array, *, reduce=jnp.mean) -> Array:
    """max(0, 1 - target · prediction), where targets are -1 and 1.

    >>> hinge(jnp.array([0.5, 2.0]), jnp.array([-1, 1]), reduce=None)
    Array([1.5, 0. ], dtype=float32)
    """
    same_shape("hinge", prediction, target)
    return reduced(jax.nn.relu(1 - floats(target, prediction) * prediction), reduce)


def squared_hinge(prediction: Array, target: Array, *, reduce=jnp.mean) -> Array:
    """max(0, 1 - target · prediction)², where targets are -1 and 1.

    >>> squared_hinge(jnp.array([0.5, 2.0]), jnp.array([-1, 1]), reduce=None)
    Array([2.25, 0.  ], dtype=float32)
    """
    same_shape("squared_hinge", prediction, target)
    margins = 1 - floats(target, prediction) * prediction
    return reduced(jnp.square(jax.nn.relu(margins)), reduce)
