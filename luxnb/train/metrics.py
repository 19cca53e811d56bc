"""Metrics of (prediction, target): one number a batch, a mean over its samples."""

import jax.numpy as jnp

from luxnb.core.types import Array


def accuracy(logits: Array, labels: Array) -> Array:
    """The share of samples whose largest logit is that of the label.

    `logits` is (*batch, classes); `labels` is (*batch) of integers, or one-hot like `logits`.

    >>> float(accuracy(jnp.array([[2.0, 1.0], [0.0, 3.0]]), jnp.array([0, 0])))
    0.5
    """
    if not jnp.issubdtype(labels.dtype, jnp.integer):
        labels = jnp.argmax(labels, axis=-1)
    if labels.shape != logits.shape[:-1]:
        raise ValueError(
            f"accuracy: labels have shape {labels.shape}, but (*batch) of the logits is "
            f"{logits.shape[:-1]}"
        )
    return jnp.mean(jnp.argmax(logits, axis=-1) == labels)
