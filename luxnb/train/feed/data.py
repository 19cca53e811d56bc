"""Data in memory: a pytree of arrays with one row a sample, checked once and kept on the device."""

from collections.abc import Iterator
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from luxnb.core.keys import as_key, key_for
from luxnb.core.spec import is_array, short
from luxnb.train.feed.shuffle import round_keys, rows_at


def on_device(data: Any) -> Any:
    """The arrays of `data` on the device, once they are seen to be finite and of one length."""
    check_rows(data)
    data = jax.tree.map(lambda leaf: leaf if isinstance(leaf, jax.Array) else as_numpy(leaf), data)
    for path, leaf in jax.tree_util.tree_leaves_with_path(data):
        check_finite("data" + jax.tree_util.keystr(path), leaf)
    return jax.tree.map(jnp.asarray, data)


def check_rows(data: Any) -> None:
    """Raise unless `data` are arrays with the same number of rows, and at least one."""
    leaves = jax.tree_util.tree_leaves_with_path(data)
    if not leaves:
        raise ValueError("the data hold no array; give (x, y)")
    lengths = {}
    for path, leaf in leaves:
        name = "data" + jax.tree_util.keystr(path)
        if not is_array(leaf) or not leaf.shape:
            raise TypeError(f"{name} must be an array with one row a sample, got {short(leaf)}")
        lengths[name] = leaf.shape[0]
    if len(set(lengths.values())) > 1:
        rows = ", ".join(f"{name} has {n} rows" for name, n in lengths.items())
        raise ValueError(f"all arrays of the data must have as many rows: {rows}")
    if not next(iter(lengths.values())):
        raise ValueError("the data have no rows")


def as_numpy(array: Any) -> np.ndarray:
    """An array of any library as NumPy's, without a copy where its memory can be read."""
    if isinstance(array, np.ndarray):
        return array
    return np.asarray(array.detach() if hasattr(array, "detach") else array)  # PyTorch's


def check_finite(name: str, array, *, first: int = 0) -> None:
    """Raise if an array holds NaN or infinity; the message says in which row, from `first` on."""
    if not jnp.issubdtype(array.dtype, jnp.inexact):
        return
    module: Any = np if isinstance(array, np.ndarray) else jnp
    finite = module.isfinite(array)
    if not finite.all():
        row = int(np.argwhere(~np.asarray(finite))[0, 0])
        value = np.asarray(array[row])[~np.asarray(finite[row])].ravel()[0]
        raise ValueError(
            f"{name} holds {value} in row {first + row}; drop such rows, or replace the value, "
            "as jnp.nan_to_num does"
        )


def rows_of(data: Any) -> int:
    return jax.tree.leaves(data)[0].shape[0]


def check_batch_size(batch_size: int, rows: int) -> None:
    if not isinstance(batch_size, int) or isinstance(batch_size, bool) or batch_size < 1:
        raise ValueError(f"batch_size must be a positive integer, got {batch_size!r}")
    if batch_size > rows:
        raise ValueError(f"batch_size = {batch_size} is more than the {rows} rows of the data")


def data_key(seed):
    """The key of the order of rows; "/" keeps it apart from every layer's."""
    return key_for(as_key(seed), "/data")


def rows_of_step(keys, step, rows: int, batch_size: int):
    """The row numbers of the batch of one step: whole batches of a permuted epoch.

    What is left over at the end of an epoch is not used in it; every epoch is permuted anew.
    """
    position = step % (rows // batch_size) * batch_size
    numbers = rows_at(keys, position + jnp.arange(batch_size, dtype=jnp.int32), rows)
    # Else XLA computes a row's number anew for each element of the row.
    return jax.lax.optimization_barrier(numbers)


def take(data: Any, rows) -> Any:
    """Those rows of every array."""
    return jax.tree.map(
        lambda a: a.at[rows].get(mode="promise_in_bounds", unique_indices=True), data
    )


def batches(data: Any, *, batch_size: int, epochs: int = 1, seed: int = 0) -> Iterator[Any]:
    """Shuffled batches, in the very order in which `fit` takes them.

    >>> x = jnp.arange(6.0)
    >>> [b.shape for b in batches(x, batch_size=4, epochs=2)]
    [(4,), (4,)]
    """
    data = on_device(data)
    rows = rows_of(data)
    check_batch_size(batch_size, rows)
    key, per_epoch = data_key(seed), rows // batch_size

    @jax.jit
    def batch(data, step):
        keys = round_keys(key, step // per_epoch)
        return take(data, rows_of_step(keys, step, rows, batch_size))

    return (batch(data, jnp.int32(step)) for step in range(epochs * per_epoch))
