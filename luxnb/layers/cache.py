"""The cache for generation: room in the state for what the tokens before have left.

A layer that remembers has the entry `cache` in its state, an empty Tree until `with_cache`.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import lax
from jax.core import Tracer

from luxnb.core.layer import Layer
from luxnb.core.tree import Tree
from luxnb.core.types import Array


def with_cache(
    model: Layer, state: Tree, batch_size: int, max_length: int, dtype: Any = jnp.float32
) -> Tree:
    """The state with an empty cache in every causal attention and position embedding, for sequences
    of up to `max_length` tokens.

    Calls then go on where the last one ended: give the prompt, of any length, then one token after
    the other; what comes out is what the whole sequence at once would give. Past `max_length` it is
    NaN, or an error where no `jit` keeps the position from being known. Begin anew from the state
    that `with_cache` returned.

    In each attention: `cache.key`, `cache.value` (batch_size, max_length, kv_heads, head_dims) of
    `dtype`, `cache.position` (). Give an encoder none: apply it to the state of the decoder alone.
    A layer that is applied more than once to a token, as in `Repeated`, cannot use a cache.

    >>> model = Chain(Embedding(50, 8), TransformerBlock(8, 2, causal=True), Dense(8, 50))
    >>> ps, st = model.init(0)
    >>> st = with_cache(model, testmode(st), batch_size=1, max_length=16)
    >>> logits, st = model(jnp.array([[3, 1, 4]]), ps, st)
    >>> logits, st = model(logits[:, -1:].argmax(-1), ps, st)
    >>> logits.shape, int(st.layer_2.attention.cache.position)
    ((1, 1, 50), 4)
    """
    for name, size in (("batch_size", batch_size), ("max_length", max_length)):
        if not isinstance(size, int) or size < 1:
            raise ValueError(f"with_cache needs a positive {name}, got {size!r}")
    without = _state_of(model, None)
    room = _state_of(model, Room(batch_size, max_length, jnp.dtype(dtype)))
    if jax.tree.structure(without) == jax.tree.structure(room):
        raise ValueError(
            f"no layer of this model keeps a cache, such as causal attention: {model!r}"
        )
    return _fill(Tree.of(state), without, room)  # type: ignore[arg-type]


class Room(NamedTuple):
    """How much each cache of a model must hold."""

    batch_size: int
    max_length: int
    dtype: Any


_room = jax.make_user_context(None)  # a variable that jit and eval_shape know of in their caches


def _state_of(model: Layer, room: Room | None) -> Tree:
    """The shapes of a fresh state. `init` is asked, for it alone knows the form that wrappers give
    to the state of what they wrap: a `Stacked` layer has n caches."""
    with _room(room):
        return jax.eval_shape(model.init, jax.random.key(0))[1]


def _fill(state, without, room):
    """Zeros for what is in `room` but not in `without`, and otherwise what `state` has."""
    if not isinstance(room, Tree):
        return state
    if not without:
        return jax.tree.map(lambda v: jnp.zeros(v.shape, v.dtype), room)
    return state.replace(**{n: _fill(state[n], without[n], room[n]) for n in room})


# -- what layers with a cache do -------------------------------------------------------------------


def empty_cache(entries: Callable[[Room], dict[str, Array]]) -> dict[str, Array]:
    """The entry `cache` of `init_state`: nothing, or within `with_cache` these entries."""
    room: Room | None = _room.value
    return {} if room is None else entries(room)


def append(cache: Tree, key: Array, value: Array) -> tuple[Tree, Array]:
    """The cache with keys and values (batch, length, kv_heads, head_dims) written at its position,
    which moves on; and whether there was room."""
    (batch, length), (size, room) = key.shape[:2], cache.key.shape[:2]
    if batch != size:
        raise ValueError(f"the cache has room for a batch of {size}, got a batch of {batch}")
    after, fits = advance(cache, length, room)

    def written(old, new):
        return lax.dynamic_update_slice_in_dim(old, new.astype(old.dtype), cache.position, axis=1)

    return after.replace(key=written(cache.key, key), value=written(cache.value, value)), fits


def advance(cache: Tree, count: int, room: int) -> tuple[Tree, Array]:
    """The cache with its position moved by `count`, and whether that is within `room`."""
    end = cache.position + count
    fits = end <= room
    if count > room or not (isinstance(fits, Tracer) or fits):
        raise ValueError(
            f"no room for {count} more tokens: {cache.position} of {room} places are taken"
        )
    return cache.replace(position=end), fits
