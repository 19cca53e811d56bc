"""Arrays as short text: `f32[64,128]`. Reads shape and dtype only, never a value."""

import functools

import jax

_SHORT = {
    "float64": "f64", "float32": "f32", "float16": "f16", "bfloat16": "bf16",
    "int64": "i64", "int32": "i32", "int16": "i16", "int8": "i8", "int4": "i4",
    "uint64": "u64", "uint32": "u32", "uint16": "u16", "uint8": "u8", "uint4": "u4",
    "complex64": "c64", "complex128": "c128", "bool": "bool",
}  # fmt: skip


def is_array(value) -> bool:
    """Whether `value` has a shape and a dtype: an array, a tracer, a ShapeDtypeStruct."""
    if issubclass(type(value), type):  # np.float32 itself has both
        return False
    try:
        return isinstance(value.shape, tuple) and hasattr(value, "dtype")
    except Exception:
        return False


def is_key(value) -> bool:
    """Whether `value` is a typed random key (or an array of them)."""
    return is_array(value) and _is_key_dtype(value.dtype)


def specs(tree):
    """The same pytree with a `ShapeDtypeStruct` for each array."""
    return jax.tree.map(spec, tree)


def spec(leaf):
    """The shape and dtype of an array as a `ShapeDtypeStruct`; whatever else it is, as it is."""
    return jax.ShapeDtypeStruct(leaf.shape, leaf.dtype) if is_array(leaf) else leaf


def short_dtype(dtype) -> str:
    try:
        return _short_dtype(dtype)
    except TypeError:  # another library's, without a hash
        return str(dtype)


@functools.lru_cache(maxsize=256)  # NumPy takes its time to say the name of a dtype
def _short_dtype(dtype) -> str:
    return "key" if _is_key_dtype(dtype) else _SHORT.get(str(dtype), str(dtype))


def _is_key_dtype(dtype) -> bool:
    kind = getattr(dtype, "type", None)  # other libraries' dtypes, which NumPy refuses, have none
    return isinstance(kind, type) and issubclass(kind, jax.dtypes.prng_key)


def short(value) -> str:
    """`f32[64,128]` for an array, nested the same way for a tuple, list or mapping of arrays."""
    try:
        return _short(value)
    except Exception:
        return f"<{type(value).__name__}: repr failed>"


def _short(value) -> str:
    if is_array(value):
        return f"{short_dtype(value.dtype)}[{','.join(map(str, value.shape))}]"
    if isinstance(value, tuple | list):
        inner = ", ".join(short(v) for v in value)
        return f"({inner},)" if len(value) == 1 else f"({inner})"
    if hasattr(value, "items"):
        return "{" + ", ".join(f"{k}: {short(v)}" for k, v in value.items()) + "}"
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "…"
