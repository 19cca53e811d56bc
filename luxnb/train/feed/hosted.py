"""Data on the host: a thread gathers the rows of the coming steps and moves them to the device."""

import dataclasses
import functools
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from luxnb.core.spec import short
from luxnb.train.feed.data import (
    as_numpy,
    check_batch_size,
    check_rows,
    data_key,
    rows_of,
    rows_of_step,
)
from luxnb.train.feed.digest import describe_arrays
from luxnb.train.feed.form import Form
from luxnb.train.feed.prefetch import Prefetch
from luxnb.train.feed.shuffle import round_keys
from luxnb.train.feed.source import Stacked


def on_host(data: Any) -> "OnHost":
    """Keep these arrays in the machine's memory or, as np.memmap, on its disk while they are used.

    The rows of the coming steps go to the device ahead of time, in the very same order as from
    the device, so that every bit of the training is the same. `fit` does so by itself with data
    that would take more than 40 % of the device's memory.

    >>> x = np.linspace(-1, 1, 64, dtype=np.float32)[:, None]
    >>> kept = on_host((x, 3 * x))
    >>> kept
    on_host((f32[64,1], f32[64,1]))
    >>> here, there = (
    ...     fit(Dense(1, 1), data, loss=losses.mse, optimizer=optax.sgd(0.1), steps=9)
    ...     for data in ((x, 3 * x), kept)
    ... )
    >>> here.fingerprint == there.fingerprint
    True
    """
    return OnHost(data)


@dataclasses.dataclass(frozen=True, eq=False)
class OnHost:
    """A pytree of arrays with one row a sample, that is to stay where it is; see `on_host`."""

    data: Any

    def __post_init__(self):
        check_rows(self.data)
        object.__setattr__(self, "data", jax.tree.map(as_numpy, self.data))

    def __repr__(self):
        return f"on_host({short(self.data)})"


@dataclasses.dataclass(frozen=True, eq=False)
class Hosted:
    """The Feed of a pytree of NumPy arrays, shuffled as `Permuted` does it."""

    data: Any
    batch_size: int

    source = Stacked()
    rewindable = True

    @classmethod
    def of(cls, kept: OnHost, batch_size: int) -> "Hosted":
        check_batch_size(batch_size, rows_of(kept.data))
        return cls(kept.data, batch_size)

    @property
    def arrays(self) -> Any:
        return self._form.stacked

    @property
    def steps_per_epoch(self) -> int:
        return rows_of(self.data) // self.batch_size

    def open(self, seed, step: int = 0, position: Any = None) -> Prefetch:
        return Prefetch(
            _Gathering(self.data, self.batch_size, self._form, seed, step), self._form, step
        )

    def describe(self) -> dict:
        rows = rows_of(self.data)
        return {"kind": "rows", "rows": rows, "batch_size": self.batch_size, "arrays": self._arrays}

    def __repr__(self):
        return f"rows of {short(self.data)} on the host, in batches of {self.batch_size}"

    @functools.cached_property
    def _form(self) -> Form:
        def batch(array):
            return jax.ShapeDtypeStruct((self.batch_size, *array.shape[1:]), array.dtype)

        return Form.of(jax.tree.map(batch, self.data))

    @functools.cached_property
    def _arrays(self) -> dict:
        return describe_arrays(self.data)


class _Gathering:
    """Draws as many batches as fit a block at a time."""

    def __init__(self, data: Any, batch_size: int, form: Form, seed: Any, step: int):
        self._arrays, self._form, self._step = jax.tree.leaves(data), form, step
        self._rows, self._batch_size = rows_of(data), batch_size
        self._device = _host_device()
        self._key = jax.device_put(data_key(seed), self._device)

    def draw(self, most: int) -> tuple[list[np.ndarray], int]:
        sizes = self._rows, self._batch_size, self._form.capacity
        with jax.default_device(self._device):
            numbers = np.asarray(_numbers(self._key, np.int32(self._step), *sizes))
        leaves = [array.take(numbers, axis=0, mode="clip") for array in self._arrays]
        self._form.check_finite(leaves)
        self._step += len(numbers)
        return leaves, len(numbers)

    def place(self) -> None:
        return None

    def beyond(self, place: Any, n: int) -> None:
        return None


@functools.partial(jax.jit, static_argnums=(2, 3, 4))
def _numbers(key, step, rows: int, batch_size: int, n: int):
    """The row numbers of n steps, (n, batch size): those that `Permuted` takes."""

    def of(step):
        return rows_of_step(round_keys(key, step // (rows // batch_size)), step, rows, batch_size)

    return jax.lax.map(of, step + jnp.arange(n, dtype=jnp.int32))


def _host_device():
    """The CPU, so that numbers of rows need not wait for the steps under way on another device."""
    try:
        return jax.local_devices(backend="cpu")[0]
    except RuntimeError:  # switched off
        return jax.local_devices()[0]
