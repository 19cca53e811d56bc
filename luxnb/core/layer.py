"""Layer: an immutable value that makes parameters and state, and is a pure function of them."""

import dataclasses
from typing import Any, dataclass_transform, final

import jax

from luxnb.core.call import call
from luxnb.core.config import constructor_call
from luxnb.core.fields import freeze_fields
from luxnb.core.keys import as_key, key_for
from luxnb.core.tree import Tree
from luxnb.core.view import Viewable


@dataclass_transform(frozen_default=True, field_specifiers=(dataclasses.field,))
class Layer(Viewable):
    """The base of every layer. A subclass is a frozen dataclass: its fields are hyper-parameters
    and sub-layers, and it holds no array. Equal fields make equal layers with equal hashes.

    Write `forward`, and of the others what is needed:

    - `check(self)`: raise ValueError when a field is wrong.
    - `init_params(self, key)`, `init_state(self, key)`: dicts of the layer's own arrays; take the
      key of each by name, `key_for(key, "weight")`, and the others never change.
    - `children(self)`: sub-layers by name; the fields that are layers, unless you say otherwise.
    - `forward(self, x, ps, st)`: `(y, st)`, where `st` is this layer's own draft.

    >>> class Affine(Layer):
    ...     dims: int
    ...     def init_params(self, key):
    ...         return {"scale": jnp.ones(self.dims), "shift": jnp.zeros(self.dims)}
    ...     def forward(self, x, ps, st):
    ...         return ps.scale * x + ps.shift, st
    >>> layer = Affine(3)
    >>> ps, st = layer.init(jax.random.key(0))
    >>> y, st = layer(jnp.ones((2, 3)), ps, st)
    """

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        for name in ("__call__", "init"):
            if name in vars(cls):
                raise TypeError(f"{cls.__name__}.{name} is not yours to write: write forward")
        dataclasses.dataclass(frozen=True, repr=False)(cls)
        jax.tree_util.register_static(cls)

    def __post_init__(self):
        freeze_fields(self)
        self.check()

    # -- what an author writes ------------------------------------------------------------------

    def check(self) -> None:
        """Raise ValueError when a field breaks a rule; called by the constructor."""

    def init_params(self, key) -> dict[str, Any]:
        """This layer's own parameters, without those of its children."""
        return {}

    def init_state(self, key) -> dict[str, Any]:
        """This layer's own state, without that of its children."""
        return {}

    def children(self) -> dict[str, "Layer"]:
        """The sub-layers by name, in order."""
        values = ((f.name, getattr(self, f.name)) for f in dataclasses.fields(self))  # type: ignore[arg-type]
        return {name: value for name, value in values if isinstance(value, Layer)}

    def with_child(self, name: str, child: "Layer") -> "Layer":
        """The same layer with one child exchanged."""
        return dataclasses.replace(self, **{name: child})  # type: ignore[type-var]

    def forward(self, x, ps, st):
        """The output for input `x` with parameters `ps` and state `st`, and the new state."""
        raise TypeError(
            f"{type(self).__name__} has no forward: write `def forward(self, x, ps, st)`"
        )

    # -- what a user calls ----------------------------------------------------------------------

    @final
    def init(self, key) -> tuple[Tree, Tree]:
        """Fresh parameters and state, in one compiled program.

        `key` is a seed or a random key. Each array's key is folded in from its path of names.
        `jax.eval_shape(layer.init, key)` gives all shapes for nothing.
        """
        return _init(self, as_key(key))

    @final
    def __call__(self, x, ps, st) -> tuple[Any, Tree]:
        """`y, st = layer(x, ps, st)`: pure, the same inputs always give the same outputs."""
        __tracebackhide__ = True
        return call(self, x, ps, st)

    def __repr__(self):
        return constructor_call(self)


@jax.jit
def _init(layer: Layer, key):
    return _make(layer, key)


def _make(layer: Layer, key) -> tuple[Tree, Tree]:
    # "/" cannot stand in a name, so these two keys are never a child's.
    params = dict(layer.init_params(key_for(key, "/params")))
    state = dict(layer.init_state(key_for(key, "/state")))
    for name, child in layer.children().items():
        if name in params or name in state:
            raise ValueError(f"{type(layer).__name__} has both a child and an array named {name!r}")
        params[name], state[name] = _make(child, key_for(key, name))
    return Tree.of(params), Tree.of(state)
