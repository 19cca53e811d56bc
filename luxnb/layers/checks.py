"""Rules that several layers share, each as one sentence with the field, the rule and the value."""

import numpy as np

from luxnb.core.layer import Layer
from luxnb.core.spec import short
from luxnb.ops.value import Value


def positive(layer, *names: str) -> None:
    """Each named field is a positive int."""
    for name in names:
        value = getattr(layer, name)
        if not _is_int(value) or value < 1:
            raise ValueError(
                f"{type(layer).__name__}.{name} must be a positive integer, got {value!r}"
            )


def integers(layer, *names: str) -> None:
    """Each named field is an int."""
    for name in names:
        value = getattr(layer, name)
        if not _is_int(value):
            raise ValueError(f"{type(layer).__name__}.{name} must be an integer, got {value!r}")


def above_zero(layer, *names: str) -> None:
    """Each named field is a number > 0."""
    for name in names:
        value = getattr(layer, name)
        if not value > 0:
            raise ValueError(f"{type(layer).__name__}.{name} must be positive, got {value}")


def from_0_to_1(layer, *names: str) -> None:
    """Each named field is a number from 0 to 1, ends included."""
    for name in names:
        value = getattr(layer, name)
        if not 0 <= value <= 1:
            raise ValueError(f"{type(layer).__name__}.{name} must lie in [0, 1], got {value}")


def feature_shape(layer, name: str) -> None:
    """The named field is a positive int or a tuple of at least one."""
    value = getattr(layer, name)
    shape = value if isinstance(value, tuple) else (value,)
    if not shape or not all(_is_int(n) and n > 0 for n in shape):
        raise ValueError(
            f"{type(layer).__name__}.{name} must be a positive integer or a tuple of them, "
            f"got {value!r}"
        )


def sizes(layer, name: str, most: int) -> None:
    """The named field is a tuple of positive ints, one for each of at most `most` axes of space."""
    value = getattr(layer, name)
    good = isinstance(value, tuple) and 1 <= len(value) <= most
    if not good or not all(_is_int(n) and n > 0 for n in value):
        raise ValueError(
            f"{type(layer).__name__}.{name} must be a tuple of 1 to {most} positive integers, "
            f"one for each axis of space, got {value!r}"
        )


def are_layers(layer, *names: str) -> None:
    """Each named field is a layer, which a function is not."""
    for name in names:
        value = getattr(layer, name)
        if not isinstance(value, Layer):
            raise TypeError(
                f"{type(layer).__name__}.{name} must be a layer, got {value!r}; "
                "a function is one as Function(f)"
            )


def plain_functions(layer, *names: str) -> None:
    """Each named field is a function of one value; a layer has its place in a Chain."""
    for name in names:
        value, where = getattr(layer, name), f"{type(layer).__name__}.{name}"
        if isinstance(value, type) and issubclass(value, Layer):
            raise TypeError(f"{where} must be a function, got a class of layers: {value.__name__}")
        if isinstance(value, type) and issubclass(value, Value):
            raise TypeError(f"{where} is the class {value.__name__}; write {value.__name__}()")
        if isinstance(value, Layer):
            raise TypeError(
                f"{where} must be a function, got a layer; put it in a Chain: {value!r}"
            )
        if not callable(value):
            raise TypeError(f"{where} must be a function, got {value!r}")


def initialisers(layer, *names: str) -> None:
    """Each named field is None or a function (key, shape) -> array."""
    for name in names:
        value, where = getattr(layer, name), f"{type(layer).__name__}.{name}"
        if isinstance(value, type):
            raise TypeError(f"{where} is the class {value.__name__}; write {value.__name__}()")
        if value is not None and not callable(value):
            raise TypeError(f"{where} must be a function (key, shape) -> array, got {value!r}")


def last_axis(x, size: int, name: str) -> None:
    """x is an array with `size` features on its last axis."""
    shape = getattr(x, "shape", None)
    if not shape or shape[-1] != size:
        raise ValueError(f"expected x of shape (…, {size}), {name} = {size}; got {short(x)}")


def channels_last(x, channels: int, space: int = 0) -> None:
    """x is (batch, *space, channels) with at least so many axes of space."""
    shape = getattr(x, "shape", None)
    if not shape or len(shape) < space + 2 or shape[-1] != channels:
        raise ValueError(f"expected x of shape (batch, *space, {channels}); got {short(x)}")


def trailing_axes(x, shape: int | tuple[int, ...]) -> tuple[int, ...]:
    """x is an array whose last axes have this shape; their numbers."""
    expected = shape if isinstance(shape, tuple) else (shape,)
    given = getattr(x, "shape", None)
    if given is None or tuple(given[-len(expected) :]) != expected:
        sizes = ", ".join(map(str, expected))
        raise ValueError(f"expected x of shape (…, {sizes}); got {short(x)}")
    return tuple(range(len(given) - len(expected), len(given)))


def space_axes(x, axes: int, channels: int | None = None) -> None:
    """x is (batch, *space, channels) with that many axes of space."""
    shape = getattr(x, "shape", None)
    if shape is None or len(shape) != axes + 2 or (channels and shape[-1] != channels):
        space = ", ".join(("depth", "height", "width")[-axes:])
        last = channels or "channels"
        raise ValueError(f"expected x of shape (batch, {space}, {last}); got {short(x)}")


def per_axis(value: int | tuple[int, ...], axes: int, where: str) -> tuple[int, ...]:
    """An int means the same for each axis of space."""
    values = value if isinstance(value, tuple) else (value,) * axes
    if len(values) != axes or not all(_is_int(v) and v > 0 for v in values):
        raise ValueError(f"{where} must be a positive integer or {axes} of them, got {value!r}")
    return values


def window_padding(value, axes: int, where: str):
    """Padding as `"SAME"`, `"VALID"`, or one pair (before, after) for each axis of space."""
    if value in ("SAME", "VALID"):
        return value
    values = value if isinstance(value, tuple) else (value,) * axes
    pairs = tuple(v if isinstance(v, tuple) else (v, v) for v in values)
    if len(pairs) == axes and all(
        len(pair) == 2 and all(_is_int(v) and v >= 0 for v in pair) for pair in pairs
    ):
        return pairs
    raise ValueError(
        f'{where} must be "SAME", "VALID", an integer ≥ 0, or {axes} integers or pairs '
        f"(before, after), got {value!r}"
    )


def _is_int(value) -> bool:
    return isinstance(value, int | np.integer) and not isinstance(value, bool)
