"""How many operations a convolution is, without those on padding."""

import numpy as np


def convolution(equation) -> int:
    """A multiplication and an addition for each tap of the kernel that falls on a given number.

    A tap on padding is none, nor is one between numbers that are spread out, as they are in the
    gradient of a convolution with strides.
    """
    params, numbers = equation.params, equation.params["dimension_numbers"]
    given, kernel = (value.aval.shape for value in equation.invars)
    made = equation.outvars[0].aval.shape
    into, out = kernel[numbers.rhs_spec[1]], kernel[numbers.rhs_spec[0]]  # of one group; of all
    operations = 2 * made[numbers.out_spec[0]] * into * out
    for axis in range(len(made) - 2):
        operations *= _taps(
            given[numbers.lhs_spec[2 + axis]],
            kernel[numbers.rhs_spec[2 + axis]],
            made[numbers.out_spec[2 + axis]],
            stride=params["window_strides"][axis],
            before=params["padding"][axis][0],
            spread=params["lhs_dilation"][axis],
            dilation=params["rhs_dilation"][axis],
        )
    return operations


def _taps(given, kernel, made, *, stride, before, spread, dilation) -> int:
    """How often a tap falls on a number, along one axis."""
    places = np.arange(made)[:, None] * stride + np.arange(kernel) * dilation - before
    inside = (places >= 0) & (places <= (given - 1) * spread) & (places % spread == 0)
    return int(np.count_nonzero(inside))
