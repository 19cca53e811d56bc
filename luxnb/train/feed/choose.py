"""Which feed the data are for: what they are, and how large."""

import contextlib
import os
from typing import Any

import jax
import numpy as np

from luxnb.core.spec import is_array
from luxnb.train.feed.feed import Feed
from luxnb.train.feed.hosted import Hosted, OnHost
from luxnb.train.feed.resident import Resident
from luxnb.train.feed.stream import Stream

BATCH_SIZE = 32
SHARE = 0.4  # of the device's memory, above which data stay on the host


def feed_of(data: Any, batch_size: int | None) -> Feed:
    """The data of `fit` as a Feed; a Feed as it is, or with another batch size."""
    if is_stream(data):
        if batch_size is not None:
            raise ValueError(
                "batch_size is for rows in memory, and the data are a stream, whose batches are as "
                "they come: make them of that size, and leave batch_size out"
            )
        return data if isinstance(data, Stream) else Stream(data)
    if isinstance(data, Resident | Hosted):
        if batch_size in (None, data.batch_size):
            return data
        data = OnHost(data.data) if isinstance(data, Hosted) else data.data
    size = BATCH_SIZE if batch_size is None else batch_size
    if stays_on_host(data):
        return Hosted.of(data if isinstance(data, OnHost) else OnHost(data), size)
    return Resident.of(data, size)


def stays_on_host(data: Any) -> bool:
    """Whether somebody said so, or there is too much of it for the device."""
    return isinstance(data, OnHost) or _bytes_on_host(data) > SHARE * device_memory()


def is_stream(data: Any) -> bool:
    """Whether it gives batches; what is a pytree of arrays has rows.

    A list of tuples, dicts or Trees is a list of batches, and a list of arrays is such a pytree.
    """
    if isinstance(data, Stream):
        return True
    if isinstance(data, Resident | Hosted | OnHost | str | bytes) or is_array(data):
        return False
    if type(data) is list:
        return bool(data) and not any(map(_is_leaf, data))
    return _is_leaf(data) and (hasattr(data, "__iter__") or callable(data))


def _is_leaf(value: Any) -> bool:
    return jax.tree_util.all_leaves([value])


def _bytes_on_host(data: Any) -> int:
    """Of arrays that are not on the device yet."""
    leaves = [leaf for leaf in jax.tree.leaves(data) if is_array(leaf)]
    leaves = [leaf for leaf in leaves if not isinstance(leaf, jax.Array)]
    return sum(int(np.prod(leaf.shape)) * leaf.dtype.itemsize for leaf in leaves)


def device_memory() -> float:
    """Bytes of memory of the device that trains; infinite when nobody knows."""
    device = jax.local_devices()[0]
    stats = None
    with contextlib.suppress(Exception):  # some devices do not keep any
        stats = device.memory_stats()
    if stats and stats.get("bytes_limit"):
        return float(stats["bytes_limit"])
    if device.platform == "cpu":
        with contextlib.suppress(AttributeError, ValueError, OSError):  # not on Windows
            return float(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))
    return float("inf")
