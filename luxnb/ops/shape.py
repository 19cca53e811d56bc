"""Arrays of different rank brought together on purpose, never by silent broadcasting."""

from luxnb.core.types import Array


def along_last(vector: Array, x: Array) -> Array:
    """`vector` (…, n) with as many axes as `x`; the new ones come first, of size 1."""
    return vector.reshape((1,) * (x.ndim - vector.ndim) + vector.shape)
