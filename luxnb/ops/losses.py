"""Losses of arrays: `loss(prediction, target, *, reduce=mean)`.

`reduce` makes one number of the losses of the samples; `None` returns them as they are.
"""

import jax
import jax.numpy as jnp
import optax

from luxnb.core.types import Array


def cross_entropy(logits: Array, labels: Array, *, reduce=jnp.mean) -> Array:
    """-Σ_k p_k log softmax(logits)_k, where p is one-hot or the `labels` are its integers.

    `logits` is (*batch, classes); `labels` is (*batch) of integers or (*batch, classes).

    >>> float(cross_entropy(jnp.zeros((1, 4)), jnp.array([2])))  # log 4
    1.3862943649291992
    """
    if jnp.issubdtype(labels.dtype, jnp.integer):
        _same_shape("cross_entropy", "integer labels", labels.shape, "(*batch)", logits.shape[:-1])
        losses = optax.softmax_cross_entropy_with_integer_labels(logits, labels)
    else:
        _same_shape("cross_entropy", "labels", labels.shape, "logits", logits.shape)
        losses = -jnp.sum(labels * jax.nn.log_softmax(logits), axis=-1)
    return losses if reduce is None else reduce(losses)


def mse(prediction: Array, target: Array, *, reduce=jnp.mean) -> Array:
    """(prediction - target)², of arrays of one shape.

    >>> float(mse(jnp.array([1.0, 2.0]), jnp.array([1.0, 4.0])))
    2.0
    """
    _same_shape("mse", "target", target.shape, "prediction", prediction.shape)
    losses = jnp.square(prediction - target)
    return losses if reduce is None else reduce(losses)


def _same_shape(loss, name, shape, other, wanted):
    """(n,) against (n, 1) would broadcast to (n, n) without a word."""
    if shape != wanted:
        raise ValueError(f"{loss}: {name} have shape {shape}, but {other} {wanted}")
