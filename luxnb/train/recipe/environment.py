"""Environment: what else decides the bits of a run: versions, device, threads, flags."""

import importlib.metadata
import os
import platform
from typing import Any

import jax
import jaxlib.version
import numpy
import optax

FLAGS = ("XLA_FLAGS", "NVIDIA_TF32_OVERRIDE")
SWITCHES = (
    "jax_enable_x64",
    "jax_default_prng_impl",
    "jax_threefry_partitionable",
    "jax_numpy_dtype_promotion",
    "jax_disable_jit",
)


def environment() -> dict[str, Any]:
    """Of this process, as data for JSON."""
    device = jax.devices()[0]
    return {
        "luxnb": installed("luxnb"),
        "jax": jax.__version__,
        "jaxlib": jaxlib.version.__version__,
        "numpy": numpy.__version__,
        "optax": optax.__version__,
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "processor": _processor(),
        "platform": device.platform,
        "device": device.device_kind,
        "device_count": jax.device_count(),
        "cpu_threads": _threads(),
        **{name: os.environ.get(name, "") for name in FLAGS},
        **{name: _plain(getattr(jax.config, name)) for name in SWITCHES},
    }


def installed(package: str) -> str:
    """The version of a package."""
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:  # run from a folder
        return "unknown"


def _plain(switch: Any) -> Any:
    """A switch as JSON has it, where it is one of an enumeration."""
    return getattr(switch, "value", switch)


def _threads() -> int:
    """The cores that this process may use: XLA divides its sums by them."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _processor() -> str:
    """The CPU by its name: XLA compiles for its instructions."""
    try:
        with open("/proc/cpuinfo") as file:
            names = (line.split(":", 1)[1].strip() for line in file if "model name" in line)
            return next(names, "") or platform.processor()
    except OSError:
        return platform.processor()
