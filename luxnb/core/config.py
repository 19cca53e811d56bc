"""A layer written as the call that makes it: `Dense(64, 128, jax.nn.relu)`."""

import dataclasses
import functools
import re

import jax


def constructor_call(layer) -> str:
    """The constructor call with every field that differs from its default."""
    words = [
        f"{field.name}={source(value)}" if by_name else source(value)
        for field, value, by_name in given_fields(layer)
    ]
    return f"{type(layer).__name__}({', '.join(words)})"


def given_fields(layer):
    """(field, value, whether it must be named) of each field that is not at its default."""
    by_name = False
    # A base class may have keyword-only fields before the positional ones of its subclass.
    for field in sorted(dataclasses.fields(layer), key=lambda f: bool(f.kw_only)):
        if not field.init:
            continue
        value = getattr(layer, field.name)
        if is_default(field, value):
            by_name = True  # what follows a skipped field can no longer be positional
        else:
            yield field, value, by_name or field.kw_only


def is_default(field: dataclasses.Field, value) -> bool:
    if field.default is not dataclasses.MISSING:
        return value is field.default or (
            type(value) is type(field.default) and value == field.default
        )
    if field.default_factory is not dataclasses.MISSING:
        return value == field.default_factory()
    return False


def source(value) -> str:
    """A value as Python: its repr, and functions by the name under which users find them."""
    if isinstance(value, functools.partial):
        words = [source(value.func), *map(source, value.args)]
        words += [f"{name}={source(v)}" for name, v in value.keywords.items()]
        return f"functools.partial({', '.join(words)})"
    if isinstance(value, tuple):
        inner = ", ".join(map(source, value))
        return f"({inner},)" if len(value) == 1 else f"({inner})"
    if callable(value) and (place := public_name(value)):
        return ".".join(place)
    if callable(value) and not dataclasses.is_dataclass(value):
        return function_name(value)
    try:
        return repr(value)
    except Exception:
        return f"<{type(value).__name__}: repr failed>"


_PUBLIC = (
    ("jax.nn", jax.nn),
    ("jax.numpy", jax.numpy),
    ("jax.lax", jax.lax),
    ("jax.scipy.special", jax.scipy.special),
    ("jax.numpy.linalg", jax.numpy.linalg),
    ("jax.numpy.fft", jax.numpy.fft),
    ("jax.random", jax.random),
    ("jax", jax),
)


def public_name(function) -> tuple[str, str] | None:
    """("jax.nn", "relu"): where users find a function of JAX, which says `jax._src` of itself."""
    name = getattr(function, "__name__", None)
    if name and (getattr(function, "__module__", None) or "").startswith("jax."):
        for public, namespace in _PUBLIC:
            if getattr(namespace, name, None) is function:
                return public, name
    for name, policy in vars(jax.checkpoint_policies).items():  # some of them have no name
        if policy is function:
            return "jax.checkpoint_policies", name
    return None


def function_name(function) -> str:
    """`jax.nn.relu`, `operator.add`, `my_function`, `λ at model.py:12`; never an address."""
    if place := public_name(function):
        return ".".join(place)
    name = getattr(function, "__qualname__", None) or getattr(function, "__name__", None)
    if name is None:
        return type(function).__name__ + "()"
    if "<lambda>" in name:
        return f"λ at {_place(function)}"
    module = getattr(function, "__module__", None) or ""
    if module.startswith("luxnb.") or module in ("__main__", "builtins", ""):
        return name
    return f"{module.removeprefix('_')}.{name}"


def _place(function) -> str:
    code = getattr(function, "__code__", None)
    if code is None:
        return "?"
    file = code.co_filename.replace("\\", "/")
    # A notebook cell's file is named after the process; "cell" is the same on every run.
    in_cell = re.search(r"ipykernel_\d+/\d+\.py$|^<ipython-input", file)
    return f"{'cell' if in_cell else file.rsplit('/', 1)[-1]}:{code.co_firstlineno}"
