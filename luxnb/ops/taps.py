"""Weighted sums of a few elements along an axis: what resampling and adaptive windows are made of.

The gradient of JAX's gather is a scatter, which adds one row after the other and is many times
slower than the gather. Here the gradient is a gather again: that of the transposed taps.
"""

import functools

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from luxnb.core.types import Array
from luxnb.ops.pool import along_axis

MOST_TAPS = 64  # of more, each one operation, the gradient stays the scatter that JAX makes


def tap(x: Array, axis: int, index: np.ndarray, weight: np.ndarray) -> Array:
    """y_i = Σ_k weight[i, k] · x[index[i, k]] along `axis`.

    `index` and `weight` are constants (outputs, taps). Weights that are all 1 leave the dtype of x,
    any other need floats.
    """
    index_back, weight_back = _transposed(index, weight, x.shape[axis])
    if index_back.shape[1] > MOST_TAPS:
        return _gathered(x, axis, index, weight)
    gather = jax.custom_jvp(lambda x: _gathered(x, axis, index, weight))

    @gather.defjvp
    def _(given, changes):
        y = gather(*given)
        like = jax.ShapeDtypeStruct(y.shape, y.dtype)

        def back(y):
            return _gathered(y, axis, index_back, weight_back)

        return y, jax.linear_transpose(back, like)(*changes)[0]

    return gather(x)


def _gathered(x: Array, axis: int, index: np.ndarray, weight: np.ndarray) -> Array:
    x = jnp.asarray(x)

    def term(k):
        places = (*(slice(None),) * axis, index[:, k])
        picked = x.at[places].get(mode="promise_in_bounds")
        if (weight[:, k] == 1).all():
            return picked
        return picked * along_axis(weight[:, k], axis, picked)

    return functools.reduce(lax.add, map(term, range(index.shape[1])))


def _transposed(index: np.ndarray, weight: np.ndarray, size: int):
    """For each of `size` inputs the outputs it is summed into, and with which weights."""
    used = np.nonzero(weight)
    output, source, weight = used[0], index[used], weight[used]
    by_input = np.argsort(source, kind="stable")
    source, output, weight = source[by_input], output[by_input], weight[by_input]
    count = np.bincount(source, minlength=size)
    place = np.arange(len(source)) - np.repeat(np.cumsum(count) - count, count)
    index_back = np.zeros((size, count.max(initial=1)), int)
    weight_back = np.zeros(index_back.shape)
    index_back[source, place], weight_back[source, place] = output, weight
    return index_back, weight_back
