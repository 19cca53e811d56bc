"""The Nodes of a model with what each layer is given, returns and costs."""

import dataclasses
import functools
from typing import Any

import jax

from luxnb.core.layer import Layer
from luxnb.core.spec import specs
from luxnb.inspect.cost.measure import Measured, measure
from luxnb.inspect.node import Node
from luxnb.inspect.walk import walk


def costed(model: Layer, x, params, state, backward: bool = False) -> tuple[Node, Any]:
    """The Node of a model for input `x`, with those of its layers, and the shapes it returns.

    All but the model may be shapes. What the call raises is raised. Again for the same model and
    shapes it is not traced again.
    """
    leaves, structure = jax.tree.flatten((x, params, state))
    x64 = jax.config.jax_enable_x64  # type: ignore[attr-defined]
    options = backward, x64
    measured = _measured(model, structure, tuple(specs(leaves)), *options)
    if all(isinstance(leaf, jax.ShapeDtypeStruct) for leaf in leaves):
        return _of_shapes(model, structure, tuple(leaves), *options), measured.output
    return _filled(walk(model, params, state), measured), measured.output


@functools.lru_cache(maxsize=64)
def _measured(model, structure, leaves, backward, x64) -> Measured:
    # x64 stands in the cache's key because it decides dtypes.
    return measure(model, *jax.tree.unflatten(structure, leaves), backward=backward)


@functools.lru_cache(maxsize=64)
def _of_shapes(model, structure, leaves, backward, x64) -> Node:
    _, params, state = jax.tree.unflatten(structure, leaves)
    measured = _measured(model, structure, tuple(specs(leaves)), backward, x64)
    return _filled(walk(model, params, state), measured)


def _filled(node: Node, measured: Measured, calls_above: int = 1) -> Node:
    call = measured.first_calls.get(node.path)
    calls = measured.calls[node.path] or calls_above  # of constants none are known
    return dataclasses.replace(
        node,
        given=call and call.given,
        output=call and call.returned,
        cost=measured.costs.get(node.path),
        remarks=(*node.remarks, *_remarks(node, measured, calls, calls_above)),
        children=tuple(_filled(child, measured, calls) for child in node.children),
    )


def _remarks(node: Node, measured: Measured, calls: int, calls_above: int):
    """That it is called several times where it stands, or never, and what could not be counted."""
    times, rest = divmod(calls, calls_above)
    if times > 1 and not rest and not any(word.startswith(f"{times} ") for word in node.remarks):
        yield f"{times} calls"
    if node.layer is not None and node.path not in measured.costs:
        yield "not called"
    yield from measured.remarks.get(node.path, ())
