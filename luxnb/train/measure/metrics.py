"""Metrics of (prediction, target): a mean over the samples of a batch, or a ratio of sums.

Losses are metrics as well, `metrics={"mae": losses.mae}`. Options are given by
`functools.partial(metrics.top_k_accuracy, k=3)`, which `fit(metrics=…)` takes as well.

A metric returns a number, and the mean over batches is that of its numbers, weighted by their rows;
or a `Ratio`, of which numerators and denominators are added. What is neither, such as a perplexity
or r², is made of those afterwards: `np.exp(run.validation["loss"])`.
"""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from luxnb.core.spec import short
from luxnb.core.types import Array

# -- numbers and ratios --------------------------------------------------------------------------


class Ratio(NamedTuple):
    """What a metric returns that is a ratio of sums: its mean over batches is that of the sums.

    Σ numerator / Σ denominator. A pytree of two numbers. Where nothing was counted, 0 / 0, the
    metric of that step is NaN, which a curve leaves out; a mean over batches has no part of it.

    >>> def masked_accuracy(logits, target):
    ...     labels, mask = target
    ...     return Ratio(jnp.sum((logits.argmax(-1) == labels) * mask), jnp.sum(mask))
    >>> ratio = masked_accuracy(jnp.eye(3), (jnp.array([0, 2, 2]), jnp.array([1, 1, 0])))
    >>> float(quotient(ratio))
    0.5
    """

    numerator: Any
    denominator: Any


def quotient(metric: Any) -> Array:
    """What was measured, as one number: the quotient of a `Ratio`, or the number as it is.

    >>> float(quotient(Ratio(3, 4))), float(quotient(0.5))
    (0.75, 0.5)
    """
    if not isinstance(metric, Ratio):
        return jnp.asarray(metric)
    numerator, denominator = as_ratio(metric)
    counted = denominator != 0  # not 0 / 0, which is an error to whoever looks for NaN
    return jnp.where(counted, numerator / jnp.where(counted, denominator, 1), jnp.nan)


def as_ratio(metric: Any, weight: Any = 1.0) -> Ratio:
    """A `Ratio` as it is; a number as (number · weight) / weight, the weight being its batch's.

    Over batches, ratios are added part by part: Σ m·w / Σ w is the weighted mean of the numbers.

    >>> [float(part) for part in as_ratio(0.5, 32)]
    [16.0, 32.0]
    """
    if isinstance(metric, Ratio):
        return Ratio(*map(_floats, metric))
    return Ratio(_floats(metric) * _floats(weight), _floats(weight))


def _floats(number: Any) -> Array:
    number = jnp.asarray(number)
    return number.astype(jnp.promote_types(number.dtype, jnp.float32))


def check_metric(name: str, metric: Any) -> None:
    """Raise unless a metric is one number, or a `Ratio` of two; shapes of them will do."""
    for part in metric if isinstance(metric, Ratio) else (metric,):
        if jnp.shape(part) != ():
            raise ValueError(
                f"metric {name!r} must be one number, or a metrics.Ratio of two, got "
                f"{short(metric)}"
            )


# -- of classes ----------------------------------------------------------------------------------


def accuracy(logits: Array, labels: Array, *, ignore: int | None = None) -> Array | Ratio:
    """The share of samples whose largest logit is that of the label.

    `logits` is (*batch, classes); `labels` is (*batch) of integers, or one-hot like `logits`.
    Samples with the label `ignore`, such as -1 for padding, are not counted.

    >>> float(accuracy(jnp.array([[2.0, 1.0], [0.0, 3.0]]), jnp.array([0, 0])))
    0.5
    """
    labels = _labels("accuracy", logits, labels)
    return _share(jnp.argmax(logits, axis=-1) == labels, labels, ignore)


def top_k_accuracy(
    logits: Array, labels: Array, *, k: int = 5, ignore: int | None = None
) -> Array | Ratio:
    """The share of samples whose label is among the `k` largest logits; of equal ones, the first.

    `logits`, `labels` and `ignore` as in `accuracy`, which it is for k = 1.

    >>> float(top_k_accuracy(jnp.array([[3.0, 2.0, 1.0]]), jnp.array([1]), k=2))
    1.0
    """
    labels = _labels("top_k_accuracy", logits, labels)
    if not isinstance(k, int) or isinstance(k, bool) or not 1 <= k <= logits.shape[-1]:
        raise ValueError(
            f"top_k_accuracy: k must be an integer from 1 to the {logits.shape[-1]} classes, "
            f"got {k!r}"
        )
    _, largest = jax.lax.top_k(logits, k)
    return _share(jnp.any(largest == labels[..., None], axis=-1), labels, ignore)


def _labels(metric: str, logits: Array, labels: Array) -> Array:
    if not jnp.issubdtype(labels.dtype, jnp.integer):
        labels = jnp.argmax(labels, axis=-1)
    if labels.shape != logits.shape[:-1]:
        raise ValueError(
            f"{metric}: labels have shape {labels.shape}, but (*batch) of the logits is "
            f"{logits.shape[:-1]}"
        )
    return labels


def _share(right: Array, labels: Array, ignore: int | None) -> Array | Ratio:
    if ignore is None:
        return jnp.mean(right)
    counted = labels != ignore
    return Ratio(jnp.sum(right & counted), jnp.sum(counted))


# -- of yes and no -------------------------------------------------------------------------------


def precision(logits: Array, labels: Array, *, threshold: float = 0.0) -> Ratio:
    """TP / (TP + FP): the share of those above the threshold that are so.

    `labels` are 0 and 1, or False and True, of the shape of `logits`; yes is a logit above
    `threshold`, which for probabilities is 0.5.

    >>> float(quotient(precision(jnp.array([2.0, 1.0, -1.0]), jnp.array([1, 0, 1]))))
    0.5
    """
    said, true = _yes("precision", logits, labels, threshold)
    return Ratio(jnp.sum(said & true), jnp.sum(said))


def recall(logits: Array, labels: Array, *, threshold: float = 0.0) -> Ratio:
    """TP / (TP + FN): the share of those that are so that lie above the threshold.

    Arguments as in `precision`.

    >>> float(quotient(recall(jnp.array([2.0, 1.0, -1.0]), jnp.array([1, 1, 1]))))
    0.6666666865348816
    """
    said, true = _yes("recall", logits, labels, threshold)
    return Ratio(jnp.sum(said & true), jnp.sum(true))


def f1(logits: Array, labels: Array, *, threshold: float = 0.0) -> Ratio:
    """2 TP / (2 TP + FP + FN): the harmonic mean of precision and recall.

    Arguments as in `precision`.

    >>> float(quotient(f1(jnp.array([2.0, 1.0, -1.0]), jnp.array([1, 0, 1]))))
    0.5
    """
    said, true = _yes("f1", logits, labels, threshold)
    return Ratio(2 * jnp.sum(said & true), jnp.sum(said) + jnp.sum(true))


def _yes(metric: str, logits: Array, labels: Array, threshold: float) -> tuple[Array, Array]:
    if logits.shape != labels.shape:
        raise ValueError(
            f"{metric} needs two arrays of one shape, got prediction {short(logits)} and target "
            f"{short(labels)}"
        )
    return logits > threshold, labels > 0.5
