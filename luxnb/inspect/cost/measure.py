"""One trace of a model, and what each of its layers costs."""

import math
from collections import Counter
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.extend.core import Jaxpr
from jax.interpreters.partial_eval import dce_jaxpr

from luxnb.core.layer import Layer
from luxnb.core.probe import probing
from luxnb.core.spec import is_array
from luxnb.inspect.cost.operations import UNKNOWN
from luxnb.inspect.cost.program import Step, flops_by_path, steps
from luxnb.inspect.cost.scope import AROUND, Marker, Places, is_mark
from luxnb.inspect.cost.source import Sources
from luxnb.inspect.node import Cost
from luxnb.inspect.trace import Call


@dataclass(frozen=True, eq=False)
class Measured:
    """What one call of a model costs, by the paths of its layers; nothing was computed."""

    output: Any  # a pytree of shapes
    first_calls: dict[str, Call]
    calls: Counter  # how often each layer is called
    costs: dict[str, Cost]
    remarks: dict[str, tuple[str, ...]]


def measure(model: Layer, x, params, state, *, backward: bool) -> Measured:
    """Trace a call of the model with shapes, and count. What the call raises is raised.

    With `backward` the gradient by the parameters is traced as well: whatever it takes beyond the
    forward pass, wherever in the program, are backward operations.
    """
    function = _with_gradient if backward else _forward
    leaves, structure = jax.tree.flatten((x, params, state))
    is_traced = [is_array(leaf) for leaf in leaves]

    def call(*arrays):
        remaining = iter(arrays)  # what is no array is for the model to refuse
        values = [next(remaining) if t else v for v, t in zip(leaves, is_traced, strict=True)]
        return function(model, *jax.tree.unflatten(structure, values))

    marker = Marker()
    with probing(marker):
        arrays = [leaf for leaf, traced in zip(leaves, is_traced, strict=True) if traced]
        traced, shapes = jax.make_jaxpr(call, return_shape=True)(*arrays)
    return _read(model, marker, traced.jaxpr, shapes, backward)


def _read(model, marker: Marker, program: Jaxpr, shapes, backward: bool) -> Measured:
    places = Places(model)
    result, kept = (len(jax.tree.leaves(part)) for part in shapes[:2])
    forward = list(steps(_living(program, result), places))
    flops = flops_by_path(forward)
    columns = {"flops": flops, "output_bytes": _output_bytes(forward, places)}
    if backward:
        both = flops_by_path(steps(_living(program, len(program.outvars)), places))
        columns["backward_flops"] = both - flops
        columns["kept_bytes"] = _kept_bytes(
            program, program.outvars[result : result + kept], places
        )
    first_calls = {call.path: call for call in reversed(marker.calls)}
    costs = {
        path: Cost(**{name: column[path] for name, column in columns.items()})
        for path in {**first_calls, **dict.fromkeys(path for c in columns.values() for path in c)}
    }
    calls = _calls(forward)
    return Measured(shapes[0][0], first_calls, calls, costs, _remarks(forward))


def _forward(model, x, params, state):
    with jax.named_scope(AROUND):
        return model(x, params, state), (), ()


def _with_gradient(model, x, params, state):
    """The result, what the gradient keeps of the forward pass, and the gradient by parameters."""
    with jax.named_scope(AROUND):
        y, pullback, state = jax.vjp(lambda ps: model(x, ps, state), params, has_aux=True)
        return (y, state), jax.tree.leaves(pullback), pullback(jax.tree.map(_cotangent, y))


def _cotangent(y):
    if jnp.issubdtype(jnp.result_type(y), jnp.inexact):
        return jnp.ones_like(y)
    return np.zeros(jnp.shape(y), jax.dtypes.float0)  # integers have no gradient


def _living(program: Jaxpr, results: int) -> Jaxpr:
    """The program without what none of its first results needs; XLA leaves it away as well."""
    used = [index < results for index in range(len(program.outvars))]
    return dce_jaxpr(program, used, instantiate=True)[0]


def _calls(steps: list[Step]) -> Counter:
    """How often each layer returns; of several arrays that it returns some may be of no use."""
    by_array = Counter()
    for step in steps:
        if is_mark(step.equation):
            by_array[step.path or "", step.equation.params["name"]] += step.times
    calls = Counter()
    for (path, _), times in by_array.items():
        calls[path] = max(calls[path], times)
    return calls


def _output_bytes(steps: list[Step], places: Places) -> Counter:
    """Of what each layer returns, but for what it has from a layer inside it, or from x."""
    bytes, sources, seen = Counter(), Sources(places), set()
    for step in filter(lambda step: is_mark(step.equation), steps):
        source = sources.of(step.program, step.equation.invars[0])
        if source and not source.is_returned and (step.run, source.made) not in seen:
            seen.add((step.run, source.made))
            bytes[step.path or ""] += step.times * _bytes(step.equation.outvars[0].aval)
    return bytes


def _kept_bytes(program: Jaxpr, kept: list, places: Places) -> Counter:
    """Of what is kept for the backward pass, but for what was given to the model."""
    bytes, sources, seen = Counter(), Sources(places), set()
    for variable in kept:
        source = sources.of(program, variable)
        if source and (source.made, variable.aval.shape) not in seen:
            seen.add((source.made, variable.aval.shape))
            bytes[source.path] += _bytes(variable.aval)
    return bytes


def _bytes(aval) -> int:
    return math.prod(aval.shape) * getattr(aval.dtype, "itemsize", 0)


def _remarks(steps: list[Step]) -> dict[str, tuple[str, ...]]:
    """What of a layer could not be counted."""
    found: dict[str, dict[str, None]] = {}
    for step in steps:
        name = step.equation.primitive.name
        if name == "while":
            found.setdefault(step.path or "", {})["a while loop, counted as one turn"] = None
        elif name in UNKNOWN:
            found.setdefault(step.path or "", {})[f"{name} is not counted"] = None
    return {path: tuple(words) for path, words in found.items()}
