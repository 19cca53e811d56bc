"""Children that a layer keeps in several copies, stacked: one more axis in front of each array."""

import jax

from luxnb.core.layer import Layer
from luxnb.core.spec import is_array
from luxnb.inspect.shapes import shapes


def copies(layer: Layer | None, params, state) -> dict[str, str]:
    """`12 copies` for each child of which a layer declares so many.

    `params` and `state` are the shapes that the layer declares. All arrays of such a child have
    one more axis in front than those that the child alone declares, and all of the same length.
    """
    if layer is None or params is None or type(layer).init_children is Layer.init_children:
        return {}
    found = {}
    for name, child in layer.children().items():
        times = _times((params.get(name), state.get(name)), child)
        if times is not None:
            found[name] = f"{times} copies"
    return found


def _times(declared, child: Layer) -> int | None:
    try:
        alone = shapes(child)
    except Exception:  # a child that only its parent can make
        return None
    if jax.tree.structure(declared) != jax.tree.structure(alone):
        return None
    pairs = list(zip(jax.tree.leaves(declared), jax.tree.leaves(alone), strict=True))
    if not pairs or not all(is_array(leaf) for pair in pairs for leaf in pair):
        return None
    fronts = {many.shape[:1] for many, one in pairs if many.shape[1:] == one.shape}
    if len(fronts) != 1 or not all(many.shape[1:] == one.shape for many, one in pairs):
        return None
    (front,) = fronts
    return front[0] if len(front) == 1 else None
