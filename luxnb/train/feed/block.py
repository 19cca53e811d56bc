"""Block: batches stacked on the host, on their way to the device."""

import threading
from typing import Any

import jax
import numpy as np

from luxnb.train.feed.form import Form

ALIGNMENT = 64  # bytes: memory that begins at a multiple of it a CPU device uses as it is


class Block:
    """Room for the batches of some steps from `start` on, filled from the front.

    One that is sealed was handed out, and is not written to any more.
    """

    def __init__(self, form: Form, start: int):
        self.start, self.n, self.sealed = start, 0, False
        self._form, self._lock = form, threading.Lock()
        self._host = [_empty(leaf) for leaf in jax.tree.leaves(form.stacked)]
        self._device: Any = None

    @property
    def end(self) -> int:
        """The step after its last."""
        return self.start + self.n

    @property
    def room(self) -> int:
        """How many batches can be added."""
        return 0 if self.sealed else self._form.capacity - self.n

    def add(self, leaves: list[np.ndarray], n: int) -> None:
        """Copy n stacked batches behind those it has."""
        for host, leaf in zip(self._host, leaves, strict=True):
            host[self.n : self.n + n] = leaf
        self.n += n
        self.sealed = not self.room

    def on_device(self) -> Any:
        """Its arrays on the device, moved there once; of a sealed block, from any thread."""
        with self._lock:
            if self._device is None:
                arrays = jax.tree.unflatten(self._form.structure, self._host)
                self._device = jax.device_put(arrays)
                self._host = []
            return self._device


def _empty(spec: jax.ShapeDtypeStruct) -> np.ndarray:
    dtype = np.dtype(spec.dtype)
    size = spec.size * dtype.itemsize
    memory = np.empty(size + ALIGNMENT, np.uint8)
    begin = -memory.ctypes.data % ALIGNMENT
    return memory[begin : begin + size].view(dtype).reshape(spec.shape)
