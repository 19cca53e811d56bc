"""save: a Standing becomes a file."""

import os

import jax
import numpy as np

from luxnb.train.checkpoint import container, sharded
from luxnb.train.checkpoint.record import recorded, without_keys
from luxnb.train.running.standing import Standing
from luxnb.train.task import Task


def save(path: str | os.PathLike, standing: Standing, task: Task) -> None:
    """Write all that it takes to go on in the place of what is at `path`, or change nothing."""
    arrays, metadata = recorded(standing, task)
    arrays, keys = without_keys(arrays)
    if sharded.is_spread(arrays):
        sharded.write(path, arrays, {**metadata, "keys": keys})
        return
    values = jax.device_get(list(arrays.values()))  # of a dict it would sort the names
    arrays = dict(zip(arrays, map(np.asarray, values), strict=True))
    container.write(path, arrays, {**metadata, "keys": keys})
