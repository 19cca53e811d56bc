"""Programs that run once or twice: compiled in a fraction of the time, though they run slower."""

from collections.abc import Callable

import jax


def jit(function: Callable) -> Callable:
    """`jax.jit` that asks the CPU's compiler for no optimisation; elsewhere, as it is."""
    on_cpu = jax.default_backend() == "cpu"
    return jax.jit(
        function, compiler_options={"xla_backend_optimization_level": 0} if on_cpu else None
    )
