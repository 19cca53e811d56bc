"""The rules for the axes along which a mask is drawn."""

from luxnb.core.spec import short


def are_mask_axes(layer, name: str) -> None:
    """The named field is None or a tuple of different ints."""
    value = getattr(layer, name)
    if value is None:
        return
    are_ints = isinstance(value, tuple) and all(type(axis) is int for axis in value)
    if not are_ints or len(set(value)) < len(value):
        raise ValueError(
            f"{type(layer).__name__}.{name} must be None or a tuple of different integers, "
            f"got {value!r}"
        )


def has_axes(x, axes: tuple[int, ...] | None) -> None:
    """x is an array that has all these axes."""
    least = max((axis + 1 if axis >= 0 else -axis for axis in axes or ()), default=0)
    if len(getattr(x, "shape", ())) < least:
        raise ValueError(f"expected x with at least {least} axes, axes = {axes}; got {short(x)}")
