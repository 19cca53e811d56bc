"""Fresh parameters and state: what each layer makes itself, then what its children make.

Not under one `jit`: the compiler would meet every draw of a deep model anew, and take seconds for
each model; alone, a draw is compiled once for each shape and serves every layer and every model.
"""

from collections.abc import Mapping

import jax
import jax.numpy as jnp

from luxnb.core.errors import note_place
from luxnb.core.keys import key_for
from luxnb.core.spec import short
from luxnb.core.tree import Tree, check_name
from luxnb.core.types import Key


def make(layer, key: Key, path: str = "") -> tuple[Tree, Tree]:
    """The parameters and the state of `layer`, which stands at `path` in the model."""
    try:
        params, state = _own(layer, key)
    except Exception as error:
        note_place(error, path, layer, "was making its parameters and state")
        raise
    for name, child in layer.children().items():
        inner = f"{path}.{name}" if path else name
        params[name], state[name] = make(child, key_for(key, name), inner)
    return Tree.of(params), Tree.of(state)


def _own(layer, key: Key) -> tuple[dict, dict]:
    """What the layer makes itself, under names that none of its children has."""
    # "/" cannot stand in a name, so these two keys are never a child's.
    params = _named(layer, "init_params", key_for(key, "/params"))
    state = _named(layer, "init_state", key_for(key, "/state"))
    for name in [*params, *state]:
        check_name(name, f"{type(layer).__name__}.{name}")
        if name in layer.children():
            raise ValueError(f"{type(layer).__name__} has both a child and an array named {name!r}")
    return params, state


def _named(layer, method: str, key: Key) -> dict:
    made = getattr(layer, method)(key)
    if not isinstance(made, Mapping):
        raise TypeError(
            f"{type(layer).__name__}.{method} must return a dict of names to arrays, "
            f"got {short(made)}"
        )
    # JAX would sort the names of a dict; a Tree keeps their order.
    trees = {name: Tree.of(v) if isinstance(v, Mapping) else v for name, v in made.items()}
    return {name: jax.tree.map(_array, value) for name, value in trees.items()}


def _array(value) -> jax.Array:
    """A number becomes an array of a definite dtype, else the first step would change its type."""
    return jnp.asarray(value, jnp.result_type(value))
