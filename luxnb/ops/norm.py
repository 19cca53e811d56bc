"""Normalisation: by an array's own moments, by given ones, and moving averages of them.

Computed in at least float32 and rounded once, to the dtype that x and scale have together.
"""

import functools

import jax
import jax.numpy as jnp
from jax import lax

from luxnb.core.types import Array
from luxnb.ops.shape import along_last


def normalise(
    x: Array,
    axes: tuple[int, ...],
    eps: float,
    scale: Array | None = None,
    bias: Array | None = None,
) -> tuple[Array, Array, Array]:
    """y = (x - μ) / √(σ² + eps) · scale + bias, μ, and the biased variance σ².

    The moments are over `axes`, which stay, of size 1; scale and bias lie along the last axes of x.
    """
    wide, scale, bias, dtype = _prepared(x, scale, bias)
    y, mean, variance = _normalise(wide, scale, bias, axes, eps)
    return y.astype(dtype), mean, variance


def normalise_by(
    x: Array,
    mean: Array,
    variance: Array,
    eps: float,
    scale: Array | None = None,
    bias: Array | None = None,
) -> Array:
    """(x - μ) / √(σ² + eps) · scale + bias by given moments; all lie along the last axes of x."""
    wide, scale, bias, dtype = _prepared(x, scale, bias)
    mean, variance = (along_last(v.astype(wide.dtype), x) for v in (mean, variance))
    return ((wide - mean) * (lax.rsqrt(variance + eps) * scale) + bias).astype(dtype)


def over_root_mean_square(
    x: Array, axes: tuple[int, ...], eps: float, scale: Array | None = None
) -> Array:
    """x / √(E[x²] + eps) · scale, E over `axes`; scale lies along the last axes of x."""
    wide, scale, _, dtype = _prepared(x, scale, None)
    square = jnp.mean(jnp.square(wide), axes, keepdims=True)
    return (wide * lax.rsqrt(square + eps) * scale).astype(dtype)


def moments(x: Array, axes: tuple[int, ...]) -> tuple[Array, Array]:
    """Mean and biased variance E[(x - μ)²] over `axes`, which stay, of size 1."""
    mean = jnp.mean(x, axes, keepdims=True)
    return mean, jnp.mean(jnp.square(x - mean), axes, keepdims=True)


def moving(old: Array, new: Array, momentum: float) -> Array:
    """(1 - momentum) · old + momentum · new, in old's dtype: `momentum` weighs the new value."""
    return (1 - momentum) * old + momentum * new.astype(old.dtype)


@functools.partial(jax.custom_jvp, nondiff_argnums=(3, 4))
def _normalise(x, scale, bias, axes, eps):
    mean, variance = moments(x, axes)
    z = (x - mean) * lax.rsqrt(variance + eps)
    return z * scale + bias, mean, variance


@_normalise.defjvp
def _normalise_jvp(axes, eps, primals, tangents):
    """With z = (x - μ) / s and s = √(σ² + eps): dz = (dx - E[dx] - z · E[z · dx]) / s.

    Ordered so that the reverse pass sums over x twice, each sum serving x and a parameter; left to
    itself, differentiation also sums what is known to be zero, and takes half as long again.
    """
    (x, scale, bias), (dx, dscale, dbias) = primals, tangents
    mean, variance = moments(x, axes)
    over_s = lax.rsqrt(variance + eps)
    z = (x - mean) * over_s
    dmean = jnp.mean(dx, axes, keepdims=True)
    along_z = jnp.mean(z * dx, axes, keepdims=True)
    slope = over_s * scale
    dy = slope * dx + (dbias - slope * dmean) + z * (dscale - slope * along_z)
    return (z * scale + bias, mean, variance), (dy, dmean, 2 * along_z / over_s)


def _prepared(x: Array, scale: Array | None, bias: Array | None):
    """x, scale and bias in the dtype to compute in and with as many axes; the dtype of the result.

    What is not given is the number that changes nothing, which costs nothing once compiled.
    """
    dtype = jnp.result_type(x, float if scale is None else scale)
    wide = jnp.promote_types(dtype, jnp.float32)
    scale, bias = (
        jnp.full((1,) * x.ndim, neutral, wide)
        if given is None
        else along_last(given.astype(wide), x)
        for given, neutral in ((scale, 1), (bias, 0))
    )
    return x.astype(wide), scale, bias, dtype
