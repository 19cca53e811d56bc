"""How an array lies on several devices, where it does."""

import math

import jax


def layout(value) -> str:
    """`P('data', None)`; nothing for what lies on one device, or whole on each."""
    sharding = _sharding(value)
    if sharding is None:
        return ""
    if isinstance(sharding, jax.sharding.NamedSharding):
        return f"P({', '.join(map(repr, sharding.spec))})"
    return f"over {sharding.num_devices} devices"


def bytes_on_a_device(value) -> int:
    """How many bytes of an array lie on each of its devices."""
    sharding = _sharding(value)
    shape = value.shape if sharding is None else sharding.shard_shape(value.shape)
    return math.prod(shape) * getattr(value.dtype, "itemsize", 0)


def _sharding(value) -> jax.sharding.Sharding | None:
    """The sharding that cuts an array into pieces, if there is one."""
    try:
        sharding = value.sharding
        if sharding is None or sharding.num_devices == 1 or sharding.is_fully_replicated:
            return None
        return sharding
    except Exception:  # a shape, a tracer, NumPy's, or a mesh that has no devices yet
        return None
