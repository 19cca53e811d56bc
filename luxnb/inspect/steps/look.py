"""look: the identity, except that somebody is shown the value when it is computed, and its
cotangent when that is computed in a backward pass.

Inside of `vmap`, `grad` or `checkpoint` a layer is called with tracers, which hold no numbers yet.
An operation of our own goes the way of all operations: whoever comes to compute it has the numbers,
with the axis of the `vmap`, and `eval_shape` computes nothing and shows nothing. Compiled it is
nothing at all. The rules are those of the chapter on primitives in the manual of JAX.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

import jax
from jax.extend.core import Primitive
from jax.interpreters import ad, batching, mlir

from luxnb.core.spec import is_key
from luxnb.inspect.steps.defect import is_numeric


def look(value, show: Callable[[Any], None], show_cotangent: Callable[[Any], None]):
    """The same value; `show` and `show_cotangent` are called with arrays, perhaps several times."""
    return _look.bind(value, show=show, show_cotangent=show_cotangent)


def look_into(tree, show: Callable[[str, Any], None], show_cotangent: Callable[[str, Any], None]):
    """The same pytree; the two are called with the place of an array in it, `['carry'].hidden` or
    "" where it is all, and the array. Numbers of Python and of NumPy are shown at once."""

    def one(path, leaf):
        place = jax.tree_util.keystr(path)
        if isinstance(leaf, jax.Array) and not is_key(leaf):
            return look(leaf, partial(show, place), partial(show_cotangent, place))
        if is_numeric(leaf):
            show(place, leaf)
        return leaf

    return jax.tree_util.tree_map_with_path(one, tree)


def nobody(*_) -> None:
    """For what need not be shown."""


def _compute(value, *, show, show_cotangent):
    show(value)
    return value


def _differentiate(primals, tangents, *, show, show_cotangent):
    (value,), (tangent,) = primals, tangents
    if type(tangent) is not ad.Zero:
        tangent = look(tangent, nobody, show_cotangent)
    return look(value, show, show_cotangent), tangent


def _transpose(cotangent, value, *, show, show_cotangent):
    if type(cotangent) is ad.Zero:
        return [cotangent]
    return [look(cotangent, show_cotangent, nobody)]


def _batch(values, axes, **shows):
    return _look.bind(*values, **shows), axes[0]


_look = Primitive("look")
_look.def_impl(_compute)
_look.def_abstract_eval(lambda value, **shows: value)
ad.primitive_jvps[_look] = _differentiate
ad.primitive_transposes[_look] = _transpose
batching.primitive_batchers[_look] = _batch
mlir.register_lowering(_look, lambda context, value, **shows: [value])
