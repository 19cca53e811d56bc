"""How many numbers, and how many bytes."""

import dataclasses
import math
from collections.abc import Iterator
from typing import NamedTuple

import jax
import numpy as np

from luxnb.core.layer import Layer
from luxnb.core.spec import is_array, is_key
from luxnb.inspect.node import Cost, Frozen, Node, Noted
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
    """Numbers, bytes and operations of a Node and of all below it, as often as it repeats."""

    parameters: int = 0
    parameter_bytes: int = 0
    frozen: int = 0  # parameters that are not trained, and not among `parameters`
    frozen_bytes: int = 0
    states: int = 0
    state_bytes: int = 0
    flops: int = 0
    output_bytes: int = 0
    backward_flops: int = 0
    kept_bytes: int = 0


def tally(node: Node, below: tuple[Tally, ...] | None = None) -> Tally:
    """The sums of a Node; `below` are those of its children, if they are known already.

    In a difference these are the sums of what is there now: what was removed is in none.
    """
    below = tuple(map(tally, node.children)) if below is None else below
    own = () if node.mark == "−" else (_own(node),)
    return _times(node.repeat, *own, *below)


def change(node: Node, below: tuple[Tally, ...] | None = None) -> Tally:
    """In a difference, by how much the sums of a Node grew, or shrank; `below` as in `tally`.

    All that was added or removed is marked, each Node; what was there before may stand between.
    """
    below = tuple(map(change, node.children)) if below is None else below
    now = () if node.mark == "−" else (_own(node),)
    before = () if node.mark == "+" else (_times(-1, _own_before(node)),)
    return _times(node.repeat, *now, *before, *below)


def _times(factor: int, *tallies: Tally) -> Tally:
    return Tally(*(factor * sum(column) for column in zip(*tallies, strict=True)))


def _own(node: Node) -> Tally:
    params = [now for value in node.params.values() for now in _now(value)]
    trained = [value for value in params if not isinstance(value, Frozen)]
    frozen = [value.value for value in params if isinstance(value, Frozen)]
    state = [now for value in node.state.values() for now in _now(value)]
    cost = node.cost or Cost()
    sizes = [number for own in (trained, frozen, state) for number in _count_and_bytes(own)]
    return Tally(
        *sizes,
        flops=cost.flops,
        output_bytes=cost.output_bytes,
        backward_flops=cost.backward_flops or 0,
        kept_bytes=cost.kept_bytes or 0,
    )


def _count_and_bytes(own: list) -> tuple[int, int]:
    arrays = list(_arrays(own)) if own else ()
    return sum(map(_elements, arrays)), sum(map(_bytes, arrays))


def _own_before(node: Node) -> Tally:
    """What a Node of a difference had itself; its `before`, or else its entries, say so."""
    if node.before is not None:
        return _own(node.before)
    entries = (
        {name: old for name, value in own.items() for old in _before(value)}
        for own in (node.params, node.state)
    )
    params, state = entries
    return _own(dataclasses.replace(node, params=params, state=state))


def _now(value) -> tuple:
    """What stands there now: nothing if it was removed."""
    if isinstance(value, Noted):
        return () if value.mark == "−" else (value.value,)
    return (value,)


def _before(value) -> tuple:
    if isinstance(value, Noted) and value.mark in ("+", "~"):
        return () if value.mark == "+" else (value.before,)
    return (value.value if isinstance(value, Noted) else value,)


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
    try:
        return math.prod(array.shape)
    except TypeError:  # another library's, with a size that is not known yet
        return 0


def _bytes(array) -> int:
    return _elements(array) * getattr(array.dtype, "itemsize", 0)
