"""Fresh parameters and state: what each layer makes itself, then what its children make.

Not under one `jit`: the compiler would meet every draw of a deep model anew, and take seconds for
each model; alone, a draw is compiled once for each shape and serves every layer and every model.
"""

import contextvars
from collections.abc import Mapping

import jax
import jax.numpy as jnp

from luxnb.core.errors import explain, note_place
from luxnb.core.keys import key_for
from luxnb.core.spec import short
from luxnb.core.tree import Tree, check_name
from luxnb.core.types import Key

_path: contextvars.ContextVar[str] = contextvars.ContextVar("path of what is made", default="")


def make(layer, key: Key) -> tuple[Tree, Tree]:
    """The parameters and the state of `layer` and of all below it."""
    try:
        own = _own(layer, key)
        below = layer.init_children(key)
    except Exception as error:
        note_place(error, _path.get(), layer, "was making its parameters and state")
        if not _path.get():
            explain(error, layer, None, None, None)
        raise
    params, state = (Tree.of(mine | theirs) for mine, theirs in zip(own, below, strict=True))
    return params, state


def make_children(layer, key: Key) -> tuple[dict, dict]:
    """What each child makes, by its name, with a key that is its name's."""
    params, state = {}, {}
    for name, child in layer.children().items():
        above = _path.get()
        token = _path.set(f"{above}.{name}" if above else name)
        try:
            params[name], state[name] = child.init(key_for(key, name))
        finally:
            _path.reset(token)
    return params, state


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
