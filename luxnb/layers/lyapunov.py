"""Models with a prescribed value at one point: Lyapunov functions, and shifts of the output."""

from collections.abc import Callable
from dataclasses import KW_ONLY

import jax.numpy as jnp

from luxnb.core.layer import Layer
from luxnb.core.spec import short
from luxnb.core.types import Array
from luxnb.layers.checks import last_axis
from luxnb.ops.lyapunov import difference, squared_distance, squared_norm
from luxnb.ops.shape import along_last
from luxnb.ops.value import is_number

Point = float | tuple[float, ...]


class PositiveDefinite(Layer):
    """A function to learn that is 0 at `x0` and positive elsewhere:
    V(x) = psi(model(x) - model(x0)) + r(x, x0).

    It is that for any model if psi(0) = 0, psi ≥ 0, r(x0, x0) = 0 and r > 0 elsewhere, as for
    the defaults, Σ v² and Σ (x - x0)². x is (*batch, n), `x0` n numbers or one for all, V is
    (*batch). The model, (*batch, n) → (*batch, m), is called on x and then on x0 as a batch of
    one, so it must treat each sample by itself. V(x0) is 0 exactly.

    Parameters and state: those of the model under `model`.

    N. Gaby, F. Zhang, X. Ye, Lyapunov-Net: A Deep Neural Network Architecture for Lyapunov
    Function Approximation, CDC 2022.

    >>> layer = PositiveDefinite(Dense(2, 16, jax.nn.tanh), (1.0, -1.0))
    >>> layer(jnp.array([[1.0, -1.0], [1.0, 2.0]]), *layer.init(0))[0] > 0
    Array([False,  True], dtype=bool)
    """

    model: Layer
    x0: Point = 0.0
    _: KW_ONLY
    psi: Callable[[Array], Array] = squared_norm
    r: Callable[[Array, Array], Array] = squared_distance

    def check(self):
        _layer(self, self.model)
        _numbers(self, "x0")
        for name in ("psi", "r"):
            if not callable(getattr(self, name)):
                raise TypeError(
                    f"PositiveDefinite.{name} must be a function, got {getattr(self, name)!r}"
                )

    def forward(self, x, ps, st):
        x, x0 = _with_point(x, self.x0, "x0")
        parts = {"psi": self.psi(_from_point(self, x, x0, ps, st)), "r": self.r(x, x0)}
        for name, value in parts.items():
            if value.shape != x.shape[:-1]:
                raise ValueError(
                    f"expected PositiveDefinite.{name} to return one number a sample, of shape "
                    f"{x.shape[:-1]}; got {short(value)}"
                )
        return parts["psi"] + parts["r"], st


class ShiftTo(Layer):
    """Shift the output of a model such that y(input) = output:
    y(x) = model(x) - model(input) + output.

    x is (*batch, n), y is (*batch, m); `input` is n numbers, `output` m numbers, or one for all.
    The model is called on x and then on `input` as a batch of one, so it must treat each sample by
    itself. y(input) is `output` exactly.

    Parameters and state: those of the model under `model`.

    >>> layer = ShiftTo(Dense(2, 3, jax.nn.tanh), 0.0, (1.0, 2.0, 3.0))
    >>> layer(jnp.zeros((1, 2)), *layer.init(0))[0]
    Array([[1., 2., 3.]], dtype=float32)
    """

    model: Layer
    input: Point
    output: Point

    def check(self):
        _layer(self, self.model)
        _numbers(self, "input")
        _numbers(self, "output")

    def forward(self, x, ps, st):
        x, point = _with_point(x, self.input, "input")
        y = _from_point(self, x, point, ps, st)
        if isinstance(self.output, tuple) and len(self.output) != y.shape[-1]:
            raise ValueError(
                f"ShiftTo.output has {len(self.output)} numbers, but the model returns {short(y)}"
            )
        return y + _as_axes(self.output, y), st


def _from_point(layer, x: Array, point: Array, ps, st) -> Array:
    """model(x) - model(point); `st` is written to."""
    y, st.model = layer.model(x, ps.model, st.model)
    y0, st.model = layer.model(point, ps.model, st.model)
    if y.ndim != x.ndim or y.shape[:-1] != x.shape[:-1]:
        raise ValueError(
            f"expected {type(layer).__name__}.model to return (…, features) for x {short(x)}; "
            f"got {short(y)}"
        )
    return difference(y, y0, jnp.all(x == point, axis=-1, keepdims=True))


def _with_point(x, point: Point, name: str) -> tuple[Array, Array]:
    """x of floats, and the point in the dtype of x and with as many axes."""
    if isinstance(point, tuple):
        last_axis(x, len(point), f"len({name})")
    elif not getattr(x, "shape", None):
        raise ValueError(f"expected x of shape (…, features); got {short(x)}")
    x = jnp.asarray(x)
    x = x.astype(jnp.result_type(x, float))
    return x, _as_axes(point, x)


def _as_axes(point: Point, x: Array) -> Array:
    """The numbers along the last axis of x, the same for all of its samples."""
    numbers = jnp.broadcast_to(jnp.asarray(point, x.dtype), x.shape[-1:])
    return along_last(numbers, x)


def _numbers(layer, name: str) -> None:
    value = getattr(layer, name)
    numbers = value if isinstance(value, tuple) and value else (value,)
    if not all(map(is_number, numbers)):
        raise ValueError(
            f"{type(layer).__name__}.{name} must be a finite number or a tuple of them, "
            f"got {value!r}"
        )


def _layer(layer, model) -> None:
    if not isinstance(model, Layer):
        raise TypeError(
            f"{type(layer).__name__}.model must be a layer, got {model!r}; "
            "a function is one as Function(f)"
        )
