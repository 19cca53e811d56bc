"""Layer: an immutable value that makes parameters and state, and is a pure function of them."""

import dataclasses
from typing import Any, dataclass_transform, final

import jax

from luxnb.core.call import call
from luxnb.core.config import constructor_call
from luxnb.core.fields import check_class, freeze_fields
from luxnb.core.keys import as_key
from luxnb.core.making import make, make_children
from luxnb.core.pickling import pickled_fields, unpickled
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
        check_class(cls, Layer)
        dataclasses.dataclass(frozen=True, repr=False)(cls)
        cls.__setattr__ = _refuse_setattr
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

    def init_children(self, key) -> tuple[dict[str, Any], dict[str, Any]]:
        """Parameters and state of the children, by name. A wrapper that keeps them in another
        form, frozen, split or in several copies, makes that form here; few layers need to."""
        return make_children(self, key)

    def with_child(self, name: str, child: "Layer") -> "Layer":
        """The same layer with one child exchanged."""
        if name not in {f.name for f in dataclasses.fields(self)}:  # type: ignore[arg-type]
            raise TypeError(
                f"{type(self).__name__} names its children itself: write with_child beside children"
            )
        return dataclasses.replace(self, **{name: child})  # type: ignore[type-var]

    def forward(self, x, ps, st) -> tuple[Any, Any]:
        """The output for input `x` with parameters `ps` and state `st`, and the new state."""
        raise TypeError(
            f"{type(self).__name__} has no forward: write `def forward(self, x, ps, st)`"
        )

    # -- what a user calls ----------------------------------------------------------------------

    @final
    def init(self, key) -> tuple[Tree, Tree]:
        """Fresh parameters and state.

        `key` is a seed or a random key. Each array's key is folded in from its path of names.
        `jax.eval_shape(layer.init, key)` gives all shapes for nothing.
        """
        return make(self, as_key(key))

    @final
    def __call__(self, x, ps, st) -> tuple[Any, Tree]:
        """`y, st = layer(x, ps, st)`: pure, the same inputs always give the same outputs."""
        __tracebackhide__ = True
        return call(self, x, ps, st)

    def __repr__(self):
        return constructor_call(self)

    def __replace__(self, /, **changes) -> "Layer":
        return dataclasses.replace(self, **changes)  # type: ignore[type-var]

    def __reduce__(self):
        return unpickled, (type(self), pickled_fields(self))

    def __copy__(self):
        return self

    def __deepcopy__(self, memo):
        return self


def _refuse_setattr(self, name, value):
    raise TypeError(
        f"{type(self).__name__} is a value and cannot set {name!r}: declare fields in the class, "
        f"keep what changes in the state, copy by luxnb.replace(layer, {name!r}, value)"
    )
