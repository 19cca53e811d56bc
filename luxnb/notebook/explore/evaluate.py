"""A model seen by shapes alone: what each layer is given, returns and costs, and where it fails."""

import dataclasses
from typing import Any

from luxnb.core.errors import Failure
from luxnb.core.layer import Layer
from luxnb.core.mode import testmode
from luxnb.inspect.cost.costed import costed
from luxnb.inspect.failure import failed
from luxnb.inspect.node import Node
from luxnb.inspect.shapes import shapes
from luxnb.inspect.walk import walk


def evaluate(model: Layer, x: Any = None) -> Node:
    """The model's Nodes; with shapes `x` also outputs and costs in test mode, as in `summary`, or
    the fault that prevents them.

    Nothing is computed, and nothing raises.
    """
    root = walk(model)
    if x is None or root.faults:  # what cannot make its parameters cannot be called
        return root
    params, state = shapes(model)
    try:
        return costed(model, x, params, testmode(state))[0]
    except Exception as error:
        failure = getattr(error, "luxnb_failure", None)
        if isinstance(failure, Failure):
            return failed(failure)
        return dataclasses.replace(root, faults=(f"{type(error).__name__}: {error}",))
