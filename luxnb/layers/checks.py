"""Rules that several layers share, each as one sentence with the field, the rule and the value."""

from luxnb.core.spec import short


def positive(layer, *names: str) -> None:
    """Each named field is a positive int, or a non-empty tuple of them."""
    for name in names:
        value = getattr(layer, name)
        numbers = value if isinstance(value, tuple) else (value,)
        good = all(isinstance(n, int) and not isinstance(n, bool) and n > 0 for n in numbers)
        if not numbers or not good:
            raise ValueError(
                f"{type(layer).__name__}.{name} must be a positive integer, got {value!r}"
            )


def last_axis(x, size: int, name: str) -> None:
    """x is an array with `size` features on its last axis."""
    shape = getattr(x, "shape", None)
    if not shape or shape[-1] != size:
        raise ValueError(f"expected x of shape (…, {size}), {name} = {size}; got {short(x)}")


def space_axes(x, axes: int, channels: int | None = None) -> None:
    """x is (batch, *space, channels) with that many axes of space."""
    shape = getattr(x, "shape", None)
    if shape is None or len(shape) != axes + 2 or (channels and shape[-1] != channels):
        space = ", ".join(("depth", "height", "width")[-axes:]) if axes <= 3 else f"{axes} of space"
        last = channels or "channels"
        raise ValueError(f"expected x of shape (batch, {space}, {last}); got {short(x)}")


def per_axis(value: int | tuple[int, ...], axes: int, where: str) -> tuple[int, ...]:
    """An int means the same for each axis of space."""
    values = (value,) * axes if isinstance(value, int) else value
    if len(values) != axes or not all(isinstance(v, int) and v > 0 for v in values):
        raise ValueError(f"{where} must be a positive integer or {axes} of them, got {value!r}")
    return values


def window_padding(value, axes: int, where: str):
    """Padding as `"SAME"`, `"VALID"`, or one pair (before, after) for each axis of space."""
    if value in ("SAME", "VALID"):
        return value
    if isinstance(value, int):
        value = ((value, value),) * axes
    if isinstance(value, tuple):
        pairs = tuple((v, v) if isinstance(v, int) else v for v in value)
        if len(pairs) == axes and all(len(p) == 2 and min(p) >= 0 for p in pairs):
            return pairs
    raise ValueError(
        f'{where} must be "SAME", "VALID", an integer ≥ 0, or {axes} integers or pairs '
        f"(before, after), got {value!r}"
    )
