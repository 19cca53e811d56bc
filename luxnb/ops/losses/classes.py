"""Losses of one class among several, whose probabilities lie along an axis.

`labels` are integers, of the logits' shape without that axis, or a distribution along it, one-hot
or soft, of the logits' shape. An integer that is no class, also -1, makes the loss NaN, where it is
seen at once, and has no gradient.
"""

import jax
import jax.numpy as jnp
import optax

from luxnb.core.spec import short
from luxnb.core.types import Array
from luxnb.ops.losses.shared import (
    at_least_tiny,
    floats,
    from_0_to_1,
    log,
    not_negative,
    reduced,
    same_shape,
)


def cross_entropy(
    logits: Array,
    labels: Array,
    *,
    axis: int = -1,
    label_smoothing: float = 0.0,
    ignore: int | None = None,
    probabilities: bool = False,
    reduce=jnp.mean,
) -> Array:
    """-Σ_k y_k log p_k, where p = softmax(logits), or the `logits` are probabilities.

    `logits` is (*batch, classes), or has its classes on another `axis`; `labels` y is (*batch) of
    integers, or of the logits' shape, one-hot or soft. `label_smoothing` α makes y
    (1 - α) y + α / classes. Samples whose integer is `ignore` have no loss, and `reduce`, which is
    then given `where=`, leaves them out. Any other integer that is no class makes the loss NaN.

    >>> float(cross_entropy(jnp.zeros((1, 4)), jnp.array([2])))  # log 4
    1.3862943649291992
    >>> logits = jnp.array([[3.0, 0.0], [0.0, 0.0]])
    >>> cross_entropy(logits, jnp.array([1, -1]), ignore=-1, reduce=None)
    Array([3.0485873, 0.       ], dtype=float32)
    """
    labels = _checked("cross_entropy", logits, labels, axis)
    from_0_to_1("cross_entropy", "label_smoothing", label_smoothing)
    if ignore is not None and not _are_integers(labels):
        raise ValueError(f"cross_entropy can only ignore an integer label, got {short(labels)}")
    if _are_integers(labels) and not probabilities and label_smoothing == 0:
        losses = optax.softmax_cross_entropy_with_integer_labels(logits, labels, axis=axis)
    else:
        log_p = log(logits) if probabilities else jax.nn.log_softmax(logits, axis)
        losses = _at_labels(-log_p, labels, axis)
        if label_smoothing:
            evenly = -jnp.mean(log_p, axis)
            losses = (1 - label_smoothing) * losses + label_smoothing * evenly
    losses = _or_nan(losses, labels, logits.shape[axis])
    if ignore is None:
        return reduced(losses, reduce)
    kept = labels != ignore
    return reduced(jnp.where(kept, losses, 0), reduce, where=kept)


def focal(
    logits: Array,
    labels: Array,
    *,
    gamma: float = 2.0,
    axis: int = -1,
    probabilities: bool = False,
    reduce=jnp.mean,
) -> Array:
    """-Σ_k y_k (1 - p_k)^gamma log p_k: samples that are easy count for less.

    All but `gamma` as in `cross_entropy`, which it is for gamma = 0.

    T.-Y. Lin et al., Focal Loss for Dense Object Detection, ICCV 2017.

    >>> float(focal(jnp.zeros((1, 2)), jnp.array([1])))  # log 2 / 4
    0.1732867956161499
    """
    labels = _checked("focal", logits, labels, axis)
    not_negative("focal", "gamma", gamma)
    if probabilities:
        log_p, not_p = log(logits), 1 - logits
    else:
        log_p = jax.nn.log_softmax(logits, axis)
        not_p = -jnp.expm1(log_p)  # 1 - p would lose its digits
    weighted = -(at_least_tiny(not_p) ** gamma) * log_p
    losses = _or_nan(_at_labels(weighted, labels, axis), labels, logits.shape[axis])
    return reduced(losses, reduce)


def kl_divergence(
    logits: Array,
    target: Array,
    *,
    axis: int = -1,
    label_smoothing: float = 0.0,
    probabilities: bool = False,
    reduce=jnp.mean,
) -> Array:
    """Σ_k y_k (log y_k - log p_k), where p = softmax(logits), or the `logits` are probabilities.

    `target` y is a distribution along `axis`, of the logits' shape; `label_smoothing` as in
    `cross_entropy`. 0 where both are the same, else positive.

    >>> kl_divergence(jnp.zeros((1, 2)), jnp.array([[1.0, 0.0]]))  # log 2
    Array(0.6931472, dtype=float32)
    """
    same_shape("kl_divergence", logits, target)
    from_0_to_1("kl_divergence", "label_smoothing", label_smoothing)
    y = (1 - label_smoothing) * floats(target, logits) + label_smoothing / logits.shape[axis]
    log_p = log(logits) if probabilities else jax.nn.log_softmax(logits, axis)
    return reduced(jnp.sum(y * (log(y) - log_p), axis), reduce)


def _checked(loss: str, logits: Array, labels: Array, axis: int) -> Array:
    """The labels, as integers of at least 32 bits, or as floats where they are distributions."""
    if not -logits.ndim <= axis < logits.ndim:
        raise ValueError(f"{loss}: logits {short(logits)} have no axis {axis}")
    if labels.shape == logits.shape:
        return floats(labels, logits)
    axis %= logits.ndim
    batch = logits.shape[:axis] + logits.shape[axis + 1 :]
    if labels.shape != batch or not _are_integers(labels):
        raise ValueError(
            f"{loss} of logits {short(logits)} needs integer labels of shape {batch} or one-hot "
            f"labels of shape {logits.shape}, got {short(labels)}"
        )
    labels = jnp.asarray(labels)
    return labels.astype(jnp.int32) if labels.dtype.itemsize < 4 else labels


def _are_integers(labels: Array) -> bool:
    return jnp.issubdtype(labels.dtype, jnp.integer)


def _at_labels(losses: Array, labels: Array, axis: int) -> Array:
    """Of a loss for each class, that of the label, or their mean under the labels' distribution."""
    if not _are_integers(labels):
        return jnp.sum(labels * losses, axis)
    return jnp.squeeze(jnp.take_along_axis(losses, jnp.expand_dims(labels, axis), axis), axis)


def _or_nan(losses: Array, labels: Array, classes: int) -> Array:
    """NaN where the label is no class; -1 would count as the last one, as everywhere in Python."""
    if not _are_integers(labels):
        return losses
    return jnp.where((labels >= 0) & (labels < classes), losses, jnp.nan)
