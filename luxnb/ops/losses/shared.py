"""What losses share: what they refuse, logarithms near zero, and the one number at the end."""

import jax.numpy as jnp
from jax import lax

from luxnb.core.spec import short
from luxnb.core.types import Array
from luxnb.ops.value import is_number


def same_shape(loss: str, prediction: Array, target: Array) -> None:
    """Raise unless both have one shape: (n,) and (n, 1) would broadcast to (n, n)."""
    if prediction.shape != target.shape:
        raise ValueError(
            f"{loss} needs two arrays of one shape, got prediction {short(prediction)} "
            f"and target {short(target)}"
        )


def above_zero(loss: str, name: str, value) -> None:
    """Raise unless the option is a number > 0."""
    if not is_number(value) or value <= 0:
        raise ValueError(f"{loss}: {name} must be a finite number > 0, got {short(value)}")


def not_negative(loss: str, name: str, value) -> None:
    """Raise unless the option is a number ≥ 0."""
    if not is_number(value) or value < 0:
        raise ValueError(f"{loss}: {name} must be a finite number ≥ 0, got {short(value)}")


def from_0_to_1(loss: str, name: str, value) -> None:
    """Raise unless the option is a number from 0 to 1."""
    if not is_number(value) or not 0 <= value <= 1:
        raise ValueError(f"{loss}: {name} must lie in [0, 1], got {short(value)}")


def floats(labels: Array, like: Array) -> Array:
    """Labels to compute with: integers and booleans as floats of the predictions' kind."""
    labels = jnp.asarray(labels)
    if jnp.issubdtype(labels.dtype, jnp.floating):
        return labels
    return labels.astype(jnp.result_type(like, float))


def at_least_tiny(x: Array) -> Array:
    """max(x, 1e-12), except that the gradient passes where x is below."""
    x = jnp.asarray(x)
    least = max(1e-12, float(jnp.finfo(x.dtype).tiny))  # float16 ends at 6e-5
    return x + lax.stop_gradient(jnp.maximum(least - x, 0))


def log(p: Array) -> Array:
    """log max(p, 1e-12), with the slope 1 / max(p, 1e-12)."""
    return jnp.log(at_least_tiny(p))


def reduced(losses: Array, reduce, **where) -> Array:
    """One number of them, or as they are."""
    return losses if reduce is None else reduce(losses, **where)
