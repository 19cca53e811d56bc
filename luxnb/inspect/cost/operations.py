"""How many floating-point operations one equation is: a rule for each primitive that is no
operation an element.

Counted is whatever takes or makes floating-point numbers, as XLA counts it: a comparison, a choice
or a conversion is one operation an element; to move numbers is none. A function such as exp is one
operation, which XLA lists apart, as a transcendental. Integers, and so random bits, are none.
"""

import math

import jax.numpy as jnp
from jax.extend.core import JaxprEqn, jaxprs_in_params

from luxnb.inspect.cost.convolution import convolution

MOVES = frozenset({
    "after_all", "all_gather", "all_to_all", "bitcast_convert_type", "broadcast_in_dim",
    "broadcast_to", "complex", "concatenate", "copy", "copy_p", "device_put", "dynamic_slice",
    "dynamic_update_slice", "empty", "freeze", "gather", "get", "imag", "iota",
    "layout_constraint", "name", "new_ref", "optimization_barrier", "pad", "pbroadcast",
    "ppermute", "pvary", "real", "reshape", "reshard", "rev", "scatter", "sharding_constraint",
    "slice", "split", "squeeze", "stack", "stop_gradient", "swap", "tile", "transpose",
    "unstack", "with_memory_space_constraint", "zeros_like",
})  # fmt: skip
# The number of these depends on the values, or nobody sees it.
UNKNOWN = frozenset({
    "custom_call", "dot_product_attention_bwd", "dot_product_attention_fwd", "eig", "eigh",
    "ffi_call", "hessenberg", "io_callback", "pallas_call", "pure_callback",
    "ragged_dot_general", "random_gamma", "scaled_dot", "schur", "svd", "tridiagonal",
})  # fmt: skip


def operations(equation: JaxprEqn) -> int:
    """The operations of one equation; none if it runs a program, whose equations are counted."""
    name = equation.primitive.name
    if name in MOVES or name in UNKNOWN or not _is_float(equation):
        return 0
    if name not in RULES and any(jaxprs_in_params(equation.params)):
        return 0
    return RULES.get(name, _elementwise)(equation)


def _is_float(equation: JaxprEqn) -> bool:
    dtypes = map(_dtype, (*equation.invars, *equation.outvars))
    return any(dtype is not None and jnp.issubdtype(dtype, jnp.inexact) for dtype in dtypes)


def _dtype(value):
    return getattr(value.aval, "dtype", None)


def _given(equation: JaxprEqn, index: int = 0) -> tuple[int, ...]:
    return equation.invars[index].aval.shape  # type: ignore[attr-defined]


def _made(equation: JaxprEqn) -> tuple[int, ...]:
    return equation.outvars[0].aval.shape  # type: ignore[attr-defined]


# -- rules -----------------------------------------------------------------------------------------


def _elementwise(equation: JaxprEqn) -> int:
    return math.prod(_made(equation))


def _elementwise_in(equation: JaxprEqn) -> int:
    return math.prod(_given(equation))


def _convert(equation: JaxprEqn) -> int:
    """A change of the weak type alone is nothing."""
    is_same = _dtype(equation.invars[0]) == _dtype(equation.outvars[0])
    return 0 if is_same else _elementwise(equation)


def _power(equation: JaxprEqn) -> int:
    """By repeated squaring, and one division for a negative exponent."""
    exponent = equation.params["y"]
    size = abs(exponent)
    steps = max(size.bit_length() + size.bit_count() - 2, 0) + (exponent < 0)
    return steps * _elementwise(equation)


def _logistic(equation: JaxprEqn) -> int:
    """1 / (1 + exp(-x))."""
    return 4 * _elementwise(equation)


def _dot(equation: JaxprEqn) -> int:
    (contracted, _), _ = equation.params["dimension_numbers"]
    return 2 * _elementwise(equation) * math.prod(_given(equation)[axis] for axis in contracted)


def _reduce(equation: JaxprEqn) -> int:
    """One less than there are numbers, for each result."""
    results = len(equation.outvars)
    return results * (_elementwise_in(equation) - _elementwise(equation))


def _window(equation: JaxprEqn) -> int:
    window = math.prod(equation.params["window_dimensions"])
    return _elementwise(equation) * (window - 1)


def _window_gradient(equation: JaxprEqn) -> int:
    """Each number of the source looks for its place in a window, and is added there."""
    return _elementwise_in(equation) * math.prod(equation.params["window_dimensions"])


def _scatter(equation: JaxprEqn) -> int:
    return math.prod(_given(equation, 2))


def _sort(equation: JaxprEqn) -> int:
    """Comparisons of the keys, n ⌈log₂ n⌉."""
    length = _given(equation)[equation.params["dimension"]]
    return _elementwise_in(equation) * math.ceil(math.log2(length)) if length > 1 else 0


def _fourier(equation: JaxprEqn) -> int:
    """5 n log₂ n for n complex numbers, half of it where one side is real."""
    lengths = equation.params["fft_lengths"]
    given = _given(equation)
    batch = math.prod(given[: len(given) - len(lengths)])
    points = math.prod(lengths)
    is_real = "RFFT" in equation.params["fft_type"].name
    return round(5 * batch * points * math.log2(points or 1) / (1 + is_real))


def _cholesky(equation: JaxprEqn) -> int:
    """n³ / 3 for each matrix."""
    return _elementwise_in(equation) * _given(equation)[-1] // 3


def _triangular_solve(equation: JaxprEqn) -> int:
    """n² for each of the right-hand sides."""
    return math.prod(_given(equation, 1)) * _given(equation)[-1]


def _lu(equation: JaxprEqn) -> int:
    """m n² - n³ / 3 for each matrix of m rows, n the smaller side."""
    *batch, rows, columns = _given(equation)
    long, short = max(rows, columns), min(rows, columns)
    return math.prod(batch) * (long * short**2 - short**3 // 3)


def _qr(equation: JaxprEqn) -> int:
    """Twice that of LU: Householder's reflections."""
    return 2 * _lu(equation)


RULES = {
    "convert_element_type": _convert,
    "integer_pow": _power,
    "logistic": _logistic,
    "dot_general": _dot,
    "conv_general_dilated": convolution,
    "sort": _sort,
    "top_k": _elementwise_in,
    "fft": _fourier,
    "cholesky": _cholesky,
    "triangular_solve": _triangular_solve,
    "lu": _lu,
    "qr": _qr,
    "reduce": _reduce,
    **{f"reduce_{kind}": _reduce for kind in ("sum", "prod", "max", "min")},
    "argmax": _reduce,
    "argmin": _reduce,
    "reduce_window": _window,
    **{f"reduce_window_{kind}": _window for kind in ("sum", "max", "min")},
    "select_and_scatter": _window_gradient,
    "select_and_scatter_add": _window_gradient,
    "select_and_gather_add": _window,
    **{f"scatter-{kind}": _scatter for kind in ("add", "sub", "mul", "min", "max")},
}
