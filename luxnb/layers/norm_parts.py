"""What normalising layers hold: a scale and a bias, and running moments."""

import jax.numpy as jnp

from luxnb.core.mode import Mode
from luxnb.core.types import Array
from luxnb.ops.norm import moving


def fresh_affine(shape: int | tuple[int, ...]) -> dict:
    """Parameters that change nothing yet."""
    return {"scale": jnp.ones(shape, jnp.float32), "bias": jnp.zeros(shape, jnp.float32)}


def fresh_running(channels: int) -> dict:
    """State that changes nothing yet: mean 0 and variance 1."""
    return {
        "running_mean": jnp.zeros(channels, jnp.float32),
        "running_var": jnp.ones(channels, jnp.float32),
        "mode": Mode.TRAIN,
    }


def remember(st, mean: Array, variance: Array, count: int, momentum: float) -> None:
    """Move the running values in the draft `st` towards moments (…, channels) of `count` elements.

    All axes but the last are averaged; the variance, which comes biased, is remembered unbiased.
    """
    channels = mean.shape[-1]
    mean, variance = (v.reshape(-1, channels).mean(0) for v in (mean, variance))
    st.running_mean = moving(st.running_mean, mean, momentum)
    st.running_var = moving(st.running_var, variance * (count / (count - 1)), momentum)
