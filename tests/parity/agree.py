"""Agreement with PyTorch: values and gradients, in float32 and in float64.

Import `assert_agree` and `torch` from here in a test module, which then is skipped, and says so,
where PyTorch is not installed; in CI that is an error.
"""

import os
from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
import pytest

try:
    import torch
except ImportError:
    if os.environ.get("CI"):
        raise
    message = 'no PyTorch to compare with: pip install -e ".[test]"'
    pytest.skip(message, allow_module_level=True)

torch.set_num_threads(1)

FORWARD = {"float32": 1e-5, "float64": 1e-10}
GRADIENT = {"float32": 1e-4, "float64": 1e-10}


def assert_agree(
    ours: Callable, theirs: Callable, *arrays, forward=FORWARD, gradient=GRADIENT
) -> None:
    """`ours(*arrays)`, of JAX, and `theirs(*tensors)`, of PyTorch, are the same function.

    Both are given the same numbers in our layout and return an array, or a tuple of arrays, in our
    layout: `theirs` permutes by itself, so that its gradients come back in our layout too. Floats
    among the arguments are differentiated: by the gradient of Σ y · c with one random c. Integers
    and booleans are passed on. Tolerances are relative to the largest number of the one array.
    """
    for dtype in ("float32", "float64"):
        given = [_as(dtype, a) for a in arrays]
        with jax.enable_x64(dtype == "float64"):
            values, gradients = _ours(ours, given)
        expected, expected_gradients = _theirs(theirs, given)
        _compare("value", values, expected, dtype, forward[dtype])
        _compare("gradient", gradients, expected_gradients, dtype, gradient[dtype])


def random(*shape, seed: int = 0) -> np.ndarray:
    """Normal numbers, always the same ones for a shape and a seed."""
    return np.random.default_rng([seed, *shape]).normal(size=shape)


def _as(dtype: str, array) -> np.ndarray:
    array = np.asarray(array)
    return array.astype(dtype) if np.issubdtype(array.dtype, np.floating) else array


def _is_float(array: np.ndarray) -> bool:
    return np.issubdtype(array.dtype, np.floating)


def _cotangents(values) -> list[np.ndarray]:
    return [random(*np.shape(v), seed=i + 1) for i, v in enumerate(values)]


def _ours(function, given):
    places = [i for i, a in enumerate(given) if _is_float(a)]

    @jax.jit
    def run(floats):
        def outputs(floats):
            arrays = list(map(jnp.asarray, given))
            for i, value in zip(places, floats, strict=True):
                arrays[i] = value
            return jax.tree.leaves(function(*arrays))

        values, pull = jax.vjp(outputs, floats)
        seeds = [jnp.asarray(c, v.dtype) for c, v in zip(_cotangents(values), values, strict=True)]
        return values, pull(seeds)[0]

    return run([jnp.asarray(given[i]) for i in places])


def _theirs(function, given):
    tensors = [torch.tensor(a, requires_grad=_is_float(a)) for a in given]
    result = function(*tensors)
    values = list(result) if isinstance(result, tuple | list) else [result]
    total = sum(
        (v * torch.tensor(c)).sum() for v, c in zip(values, _cotangents(values), strict=True)
    )
    total.backward()
    gradients = [
        (torch.zeros_like(t) if t.grad is None else t.grad).numpy()
        for t in tensors
        if t.requires_grad
    ]
    return [v.detach().numpy() for v in values], gradients


def _compare(what: str, got, expected, dtype: str, tolerance: float) -> None:
    assert len(got) == len(expected)
    for i, (one, other) in enumerate(zip(got, expected, strict=True)):
        one = np.asarray(one)
        assert one.shape == other.shape, f"{what} {i}: {one.shape} against {other.shape}"
        assert one.dtype == dtype, f"{what} {i} is {one.dtype}"
        scale = np.abs(other).max(initial=0) or 1.0
        error = np.abs(one - other).max(initial=0) / scale
        assert error <= tolerance, f"{what} {i} in {dtype}: relative error {error:.2e}"
