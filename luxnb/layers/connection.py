"""How containers join several outputs: by a function of all of them, or by a layer."""

import operator

import jax.numpy as jnp
import numpy as np

from luxnb.core.config import source
from luxnb.core.layer import Layer
from luxnb.core.spec import is_array, short

# Functions of two arrays that broadcast; so are the ufuncs of jax.numpy and NumPy.
_OPERATORS = frozenset(
    getattr(operator, name)
    for name in ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "and_", "or_", "xor")
)


def check_connection(layer, name: str, count: int) -> None:
    """The named field is a layer, or a function that can take `count` values."""
    connection, where = getattr(layer, name), f"{type(layer).__name__}.{name}"
    if isinstance(connection, type) and issubclass(connection, Layer):
        raise TypeError(
            f"{where} must be a function or a layer, got a class of layers: {connection.__name__}"
        )
    if not callable(connection):
        raise TypeError(f"{where} must be a function or a layer, got {connection!r}")
    takes = _operands(connection)
    if takes and takes != count:
        raise ValueError(
            f"{where} joins {count} outputs, but {source(connection)} takes {takes}; "
            "write a function of all of them"
        )


def join(layer, name: str, values: tuple, ps, st):
    """The values joined by the named field, which if it is a layer is given them as a tuple."""
    connection = getattr(layer, name)
    if isinstance(connection, Layer):
        y, st[name] = connection(values, ps[name], st[name])
        return y
    if _operands(connection):
        same_shapes(f"{type(layer).__name__}.{name} = {source(connection)}", values)
    return connection(*values)


def same_shapes(who: str, values: tuple) -> None:
    """Arrays that are to be joined element by element have one shape: none is broadcast."""
    if all(map(is_array, values)) and len({v.shape for v in values}) > 1:
        shapes = " and ".join(map(short, values))
        raise ValueError(f"{who} needs outputs of one shape, got {shapes}")


def _operands(function) -> int:
    """How many arrays an elementwise function takes; 0 for any other function."""
    if isinstance(function, jnp.ufunc | np.ufunc):
        return function.nin
    return 2 * (function in _OPERATORS)
