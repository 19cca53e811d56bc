"""Losses of arrays: `loss(prediction, target, *, reduce=mean)`.

`reduce` makes one number of the losses of the samples; `None` returns them as they are.
"""

import jax
import jax.numpy as jnp
import optax

from luxnb.core.spec import short
from luxnb.core.types import Array


def cross_entropy(logits: Array, labels: Array, *, reduce=jnp.mean) -> Array:
    """-Σ_k p_k log softmax(logits)_k, where p is one-hot or the `labels` are its integers.

    `logits` is (*batch, classes); `labels` is (*batch) of integers or (*batch, classes).

    >>> float(cross_entropy(jnp.zeros((1, 4)), jnp.array([2])))  # log 4
    1.3862943649291992
    """
    if labels.shape == logits.shape:
        losses = -jnp.sum(labels * jax.nn.log_softmax(logits), axis=-1)
    elif labels.shape == logits.shape[:-1] and jnp.issubdtype(labels.dtype, jnp.integer):
        losses = optax.softmax_cross_entropy_with_integer_labels(logits, labels)
    else:
        raise ValueError(
            f"cross_entropy of logits {short(logits)} needs integer labels of shape "
            f"{logits.shape[:-1]} or one-hot labels of shape {logits.shape}, got {short(labels)}"
        )
    return losses if reduce is None else reduce(losses)


def mse(prediction: Array, target: Array, *, reduce=jnp.mean) -> Array:
    """(prediction - target)², of arrays of one shape.

    >>> float(mse(jnp.array([1.0, 2.0]), jnp.array([1.0, 4.0])))
    2.0
    """
    if prediction.shape != target.shape:  # (n,) and (n, 1) would broadcast to (n, n)
        raise ValueError(
            f"mse needs two arrays of one shape, got prediction {short(prediction)} "
            f"and target {short(target)}"
        )
    losses = jnp.square(prediction - target)
    return losses if reduce is None else reduce(losses)
