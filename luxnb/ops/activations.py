"""Activations that `jax.nn` lacks, or takes only with parameters.

| here | is |
|---|---|
| `identity` | x |
| `gelu_erf`, `gelu_tanh`, `gelu_sigmoid` | x · Φ(x), exactly and by two approximations of Φ |
| `lisht`, `logcosh`, `tanhshrink` | x · tanh x, log cosh x, x - tanh x |
| `leaky_relu(slope)`, `elu(alpha)`, `celu(alpha)` | those of `jax.nn`, as values |
| `softshrink(threshold)`, `hardshrink(threshold)` | small x become 0 |
| `threshold_relu(threshold)` | x above the threshold, else 0 |

In `jax.nn`: relu, relu6, leaky_relu, elu, celu, selu, gelu, silu (swish), mish, softplus,
squareplus, sigmoid, log_sigmoid, tanh, soft_sign, hard_sigmoid, hard_silu (hard swish), hard_tanh,
glu, softmax, log_softmax. The randomised leaky ReLU is the layer `RReLU`.

Those with parameters are values: `leaky_relu(0.2)` equals its like and prints as that call. Faster,
less exact forms of sigmoid and tanh are not here: on each device XLA has its own already.
"""

import math
from typing import TypeVar

import jax
import jax.numpy as jnp

from luxnb.core.types import Array
from luxnb.ops.value import Value

T = TypeVar("T")


def identity(x: T) -> T:
    """x."""
    return x


def gelu_erf(x: Array) -> Array:
    """x · Φ(x), where Φ(x) = (1 + erf(x / √2)) / 2 is the normal distribution function.

    D. Hendrycks, K. Gimpel, Gaussian Error Linear Units, arXiv 1606.08415.
    """
    return jax.nn.gelu(x, approximate=False)


def gelu_tanh(x: Array) -> Array:
    """x · (1 + tanh(√(2 / π) · (x + 0.044715 x³))) / 2, nearly `gelu_erf`; `jax.nn.gelu`."""
    return jax.nn.gelu(x, approximate=True)


def gelu_sigmoid(x: Array) -> Array:
    """x · σ(1.702 x), roughly `gelu_erf`."""
    return x * jax.nn.sigmoid(1.702 * x)


def lisht(x: Array) -> Array:
    """x · tanh(x).

    S. K. Roy et al., LiSHT: Non-Parametric Linearly Scaled Hyperbolic Tangent, arXiv 1901.05894.
    """
    return x * jnp.tanh(x)


def logcosh(x: Array) -> Array:
    """log(cosh(x)): about x² / 2 near 0 and |x| - log 2 far from it."""
    small = jnp.abs(x) < 1
    # Near 0 the second form loses all its digits; far from it the first one overflows.
    near = jnp.log1p(2 * jnp.square(jnp.sinh(jnp.where(small, x, 0) / 2)))
    far = jnp.abs(x) + (jnp.log1p(jnp.exp(-2 * jnp.abs(x))) - math.log(2))
    return jnp.where(small, near, far)


def tanhshrink(x: Array) -> Array:
    """x - tanh(x)."""
    return x - jnp.tanh(x)


class leaky_relu(Value):
    """x where x ≥ 0, else slope · x.

    >>> leaky_relu(0.2)(jnp.array([-1.0, 2.0]))
    Array([-0.2,  2. ], dtype=float32)
    >>> leaky_relu(0.2) == leaky_relu(0.2)
    True
    """

    slope: float = 0.01

    def check(self):
        self.number("slope")

    def __call__(self, x: Array) -> Array:
        return jax.nn.leaky_relu(x, self.slope)


class elu(Value):
    """x where x > 0, else alpha · (exp(x) - 1).

    D.-A. Clevert et al., Fast and Accurate Deep Network Learning by ELUs, ICLR 2016.
    """

    alpha: float = 1.0

    def check(self):
        self.number("alpha")

    def __call__(self, x: Array) -> Array:
        return jax.nn.elu(x, self.alpha)


class celu(Value):
    """x where x > 0, else alpha · (exp(x / alpha) - 1); its slope at 0 is 1 for every alpha.

    J. T. Barron, Continuously Differentiable Exponential Linear Units, arXiv 1704.07483.
    """

    alpha: float = 1.0

    def check(self):
        self.number("alpha", "> 0", low=math.ulp(0))

    def __call__(self, x: Array) -> Array:
        return jax.nn.celu(x, self.alpha)


class softshrink(Value):
    """Every x nearer to 0 by `threshold`, and 0 where |x| ≤ threshold: the lasso's step.

    >>> softshrink(0.5)(jnp.array([-2.0, 0.3, 1.0]))
    Array([-1.5,  0. ,  0.5], dtype=float32)
    """

    threshold: float = 0.5

    def check(self):
        self.number("threshold", "≥ 0", low=0)

    def __call__(self, x: Array) -> Array:
        return jnp.where(jnp.abs(x) <= self.threshold, 0, x - self.threshold * jnp.sign(x))


class hardshrink(Value):
    """x where |x| > threshold, else 0."""

    threshold: float = 0.5

    def check(self):
        self.number("threshold", "≥ 0", low=0)

    def __call__(self, x: Array) -> Array:
        return jnp.where(jnp.abs(x) <= self.threshold, 0, x)


class threshold_relu(Value):
    """x where x > threshold, else 0.

    K. Konda et al., Zero-bias autoencoders and the benefits of co-adapting features, ICLR 2015.
    """

    threshold: float = 1.0

    def check(self):
        self.number("threshold")

    def __call__(self, x: Array) -> Array:
        return jnp.where(x <= self.threshold, 0, x)
