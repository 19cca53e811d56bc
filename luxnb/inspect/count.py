"""How many numbers, and how many bytes."""

import math
from collections.abc import Iterator
from typing import NamedTuple

import jax
import numpy as np

from luxnb.core.layer import Layer
from luxnb.core.spec import is_array, is_key
from luxnb.inspect.node import Node
from luxnb.inspect.shapes import shapes


def count(what) -> int:
    """The number of parameters of a layer, or of array elements in a Tree (or any pytree).

    Random keys and modes are not counted, and an array that is met twice is counted once.

    >>> count(Dense(2, 3))
    9
    """
    return sum(map(_elements, _arrays(what)))


def nbytes(what) -> int:
    """The bytes of what `count` counts."""
    return sum(map(_bytes, _arrays(what)))


class Tally(NamedTuple):
    """Numbers and bytes of a Node and of all below it, as often as it repeats."""

    parameters: int
    parameter_bytes: int
    states: int
    state_bytes: int


def tally(node: Node, below: tuple[Tally, ...] | None = None) -> Tally:
    """The sums of a Node; `below` are those of its children, if they are known already."""
    below = tuple(map(tally, node.children)) if below is None else below
    own = (count(node.params), nbytes(node.params), count(node.state), nbytes(node.state))
    return Tally(*(node.repeat * sum(column) for column in zip(own, *below, strict=True)))


def _arrays(what) -> Iterator:
    seen = set()
    for leaf in jax.tree.leaves(shapes(what)[0] if isinstance(what, Layer) else what):
        if not is_array(leaf) or is_key(leaf):
            continue
        if isinstance(leaf, jax.Array | np.ndarray):  # a ShapeDtypeStruct may stand for several
            if id(leaf) in seen:
                continue
            seen.add(id(leaf))
        yield leaf


def _elements(array) -> int:
    return math.prod(array.shape)


def _bytes(array) -> int:
    return _elements(array) * getattr(array.dtype, "itemsize", 0)
