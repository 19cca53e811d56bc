"""Filled: the base of all initialisers, a value with a dtype."""

import contextlib
from dataclasses import KW_ONLY

import jax
import jax.numpy as jnp
from jax.typing import DTypeLike

from luxnb.core.types import Array, Key, Shape
from luxnb.ops.value import Value

_DTYPES = ("float16", "bfloat16", "float32", "float64", "complex64", "complex128")
_HALF = ("float16", "bfloat16")


class Filled(Value):
    """Makes an array of a shape; a subclass writes `fill`, in a dtype of at least 32 bits."""

    _: KW_ONLY
    dtype: DTypeLike = "float32"

    def __post_init__(self):
        # By its name, which compares, hashes and prints the same however it was given.
        if self.dtype is not None:  # which NumPy takes for float64
            with contextlib.suppress(TypeError):
                object.__setattr__(self, "dtype", jnp.dtype(self.dtype).name)
        if self.dtype not in _DTYPES:
            self.refuse("dtype", f"one of {', '.join(_DTYPES)}")
        super().__post_init__()

    @property
    def is_complex(self) -> bool:
        return self.dtype in ("complex64", "complex128")

    def __call__(self, key: Key, shape: Shape) -> Array:
        if jax.dtypes.canonicalize_dtype(self.dtype) != self.dtype:
            raise ValueError(
                f'{self!r} needs 64 bits: call jax.config.update("jax_enable_x64", True) first'
            )
        wide = jnp.dtype("float32" if self.dtype in _HALF else self.dtype)
        return self.fill(key, tuple(shape), wide).astype(self.dtype)

    def fill(self, key: Key, shape: Shape, dtype: jnp.dtype) -> Array:
        raise NotImplementedError
