"""Hyper-parameters that are meant for all members of a sweep, as one value for each."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from luxnb.train.step.hyperparameters import hyperparameters


def spread(optimizer_state: Any, values: Mapping[str, Any], members: int) -> dict[str, Any]:
    """The values, repeated where one is given for all; `optimizer_state` is that of all members."""
    there = hyperparameters(optimizer_state)

    def each(name, value):
        one_for_all = name in there and np.shape(value) == there[name].shape[1:]
        return np.stack([np.asarray(value)] * members) if one_for_all else value

    return {name: each(name, value) for name, value in values.items()}
