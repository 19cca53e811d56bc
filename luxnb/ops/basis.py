"""Basis functions: frozen values that print as their call, `basis.Chebyshev(3)`.

`basis(x)` are the n functions of the basis at x, on a new last axis: (*batch) → (*batch, n). What
is needed of them is computed in float32 at least, and returned in the dtype of x.

M. Abramowitz, I. Stegun, Handbook of Mathematical Functions, 1964, chapter 22 (the recurrences).
"""

import jax.numpy as jnp

from luxnb.core.types import Array
from luxnb.ops.value import Value


class _Basis(Value):
    """The first `n` functions of a family; `functions(x)` are at least that many."""

    n: int

    def check(self):
        if not isinstance(self.n, int) or isinstance(self.n, bool) or self.n < 1:
            self.refuse("n", "a positive integer, the number of functions")

    def __call__(self, x) -> Array:
        x = jnp.asarray(x)
        dtype = jnp.result_type(x, float)
        wide = x.astype(jnp.promote_types(dtype, jnp.float32))
        return jnp.stack(self.functions(wide)[: self.n], axis=-1).astype(dtype)

    def functions(self, x: Array) -> list[Array]:
        raise NotImplementedError


class Chebyshev(_Basis):
    """T_0(x), …, T_{n-1}(x), the Chebyshev polynomials of the first kind: T_k(cos θ) = cos kθ.

    By the recurrence T_{k+1} = 2x T_k - T_{k-1}, which has its derivatives everywhere, also at ±1
    and beyond.

    >>> Chebyshev(4)(0.5)  # 1, x, 2x² - 1, 4x³ - 3x
    Array([ 1. ,  0.5, -0.5, -1. ], dtype=float32)
    """

    def functions(self, x):
        found = [jnp.ones_like(x), x]
        for _ in range(2, self.n):
            found.append(2 * x * found[-1] - found[-2])
        return found


class Legendre(_Basis):
    """P_0(x), …, P_{n-1}(x), the Legendre polynomials, orthogonal on [-1, 1].

    By the recurrence (k + 1) P_{k+1} = (2k + 1) x P_k - k P_{k-1}.

    >>> Legendre(3)(0.5)  # 1, x, (3x² - 1) / 2
    Array([ 1.   ,  0.5  , -0.125], dtype=float32)
    """

    def functions(self, x):
        found = [jnp.ones_like(x), x]
        for k in range(1, self.n - 1):
            found.append(((2 * k + 1) * x * found[-1] - k * found[-2]) / (k + 1))
        return found


class Polynomial(_Basis):
    """1, x, x², …, x^{n-1}.

    >>> Polynomial(4)(2.0)
    Array([1., 2., 4., 8.], dtype=float32)
    """

    def functions(self, x):
        return [x**k for k in range(self.n)]


class Sin(_Basis):
    """sin x, sin 2x, …, sin nx.

    >>> Sin(2)(jnp.pi / 2).round(6)
    Array([ 1., -0.], dtype=float32)
    """

    def functions(self, x):
        return [jnp.sin(k * x) for k in range(1, self.n + 1)]


class Cos(_Basis):
    """cos x, cos 2x, …, cos nx; `Fourier` has the constant too.

    >>> Cos(3)(0.0)
    Array([1., 1., 1.], dtype=float32)
    """

    def functions(self, x):
        return [jnp.cos(k * x) for k in range(1, self.n + 1)]


class Fourier(_Basis):
    """1, cos x, sin x, cos 2x, sin 2x, …: the first n of them, orthogonal over a period 2π.

    Counted from 0, function 2k - 1 is cos kx and function 2k is sin kx.

    >>> Fourier(5)(0.0)
    Array([1., 1., 0., 1., 0.], dtype=float32)
    """

    def functions(self, x):
        found = [jnp.ones_like(x)]
        for k in range(1, self.n // 2 + 1):
            found += [jnp.cos(k * x), jnp.sin(k * x)]
        return found
