"""Space made larger, or smaller, by interpolation."""

import math
from dataclasses import KW_ONLY

from luxnb.core.layer import Layer
from luxnb.core.spec import short
from luxnb.layers.checks import space_axes
from luxnb.layers.space import any_space
from luxnb.ops.resize import linear, nearest

AXES = {"nearest": None, "linear": 1, "bilinear": 2, "trilinear": 3}


class Upsample(Layer):
    """Space of another size: each element of y is the nearest of x, or between its neighbours.

    x is (batch, *space, channels): 1 axis of space for "linear", 2 for "bilinear", 3 for
    "trilinear", 1 to 3 for "nearest". Give either `size`, that of y, or `scale`, and
    size' = ⌊size · scale⌋; each is one number or one for each axis. Element i of y lies
    in x, along each axis,

    - nearest: at ⌊i / scale⌋;
    - linear, align_corners=False: at (i + 1/2) / scale - 1/2, where elements are cells and their
      values are at the centres; never outside of the first and the last centre;
    - linear, align_corners=True: at i · (size - 1) / (size' - 1), the first at the first and the
      last at the last,

    where a scale that is not given is size' / size. As PyTorch's `interpolate`.

    Parameters: none. State: none.

    >>> layer = Upsample("linear", scale=2)
    >>> ps, st = layer.init(0)
    >>> layer(jnp.array([0.0, 4.0]).reshape(1, 2, 1), ps, st)[0].ravel()
    Array([0., 1., 3., 4.], dtype=float32)
    >>> Upsample("bilinear", size=(8, 6))(jnp.ones((1, 5, 5, 3)), ps, st)[0].shape
    (1, 8, 6, 3)
    """

    mode: str = "nearest"
    _: KW_ONLY
    scale: float | tuple[float, ...] | None = None
    size: int | tuple[int, ...] | None = None
    align_corners: bool = False

    def check(self):
        if self.mode not in AXES:
            names = ", ".join(map(repr, AXES))
            raise ValueError(f"Upsample.mode must be one of {names}, got {self.mode!r}")
        if (self.scale is None) == (self.size is None):
            raise ValueError(
                "Upsample needs either scale or size, "
                f"got scale = {self.scale!r} and size = {self.size!r}"
            )
        if self.align_corners and self.mode == "nearest":
            raise ValueError('Upsample.align_corners must be False for "nearest", got True')
        if self.scale is None:
            self._numbers("size", int, "a positive integer")
        else:
            self._numbers("scale", int | float, "a positive number")

    def _numbers(self, name, kind, rule):
        value, axes = getattr(self, name), AXES[self.mode]
        values = value if isinstance(value, tuple) else (value,)
        good = all(isinstance(v, kind) and 0 < v < math.inf and v is not True for v in values)
        count = len(values) == axes if axes else 1 <= len(values) <= 3
        if not good or (isinstance(value, tuple) and not count):
            raise ValueError(
                f"Upsample.{name} must be {rule} or {axes or '1 to 3'} of them, got {value!r}"
            )

    def forward(self, x, ps, st):
        axes = self._axes(x)
        scales = self.scale if isinstance(self.scale, tuple) else (self.scale,) * axes
        sizes = self.size if isinstance(self.size, tuple) else (self.size,) * axes
        y = x
        for axis, (scale, size) in enumerate(zip(scales, sizes, strict=True), 1):
            size = size or math.floor(x.shape[axis] * scale)
            if size < 1:
                raise ValueError(f"scale = {scale} leaves nothing of axis {axis} of x {short(x)}")
            if self.mode == "nearest":
                y = nearest(y, axis, size, scale)
            else:
                y = linear(y, axis, size, scale, self.align_corners)
        return y, st

    def _axes(self, x) -> int:
        """How many axes of space x has, and must have."""
        given = self.scale if self.size is None else self.size
        axes = len(given) if isinstance(given, tuple) else AXES[self.mode]
        if axes is None:
            return any_space(x)
        space_axes(x, axes)
        return axes
