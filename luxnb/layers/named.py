"""The rules of a wrapper that changes some parameters of its layer, which it names."""

import jax

from luxnb.core.spec import short
from luxnb.core.tree import nearest
from luxnb.layers.checks import are_layers


def check_named(wrapper, layer, names, axis: int | None) -> None:
    """`names` are different paths of parameters of `layer`, all of which have that axis, if any."""
    are_layers(wrapper, "layer")
    kind = type(wrapper).__name__
    are_names = isinstance(names, tuple) and all(isinstance(name, str) for name in names)
    if not are_names or not names or len(set(names)) < len(names):
        raise ValueError(
            f"{kind}.names must be a tuple of different names of parameters, "
            f"such as ('weight',), got {names!r}"
        )
    params, _ = jax.eval_shape(layer.init, 0)
    leaves = jax.tree_util.tree_leaves_with_path(params)
    arrays = {jax.tree_util.keystr(path, simple=True, separator="."): leaf for path, leaf in leaves}
    for name in names:
        if name not in arrays:
            raise ValueError(
                f"{kind}.names must name parameters of its layer, got {name!r}"
                f"{nearest(name, arrays)}"
            )
        array = arrays[name]
        if axis is not None and axis not in range(-array.ndim, array.ndim):
            raise ValueError(
                f"{kind}.axis must be an axis of each parameter, got {axis!r} for {name!r}, "
                f"{short(array)}"
            )
