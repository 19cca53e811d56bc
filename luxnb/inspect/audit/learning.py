"""Laws of gradients: they are finite, and whatever init makes is used and can learn."""

from collections.abc import Iterator

import jax
import numpy as np
from jax.interpreters.partial_eval import dce_jaxpr

from luxnb.core.cast import is_floats
from luxnb.core.spec import is_key, short
from luxnb.inspect.audit.case import Case, Untried
from luxnb.inspect.audit.finding import Remark, fault, hint
from luxnb.inspect.audit.leaves import named
from luxnb.inspect.audit.lines import commented

_STEEP = r"sqrt|\blog|norm\(|arc(sin|cos)|\bpower\(|\*\*|/"
_GUARDS = (
    ("norm(", "jnp.sqrt(jnp.sum(x * x, axis=-1, keepdims=True) + 1e-6)"),
    ("log", "jnp.log(jnp.maximum(x, 1e-6))"),
    ("sqrt", "jnp.sqrt(jnp.maximum(x, 1e-6))"),
    ("/", "x / jnp.maximum(total, 1e-6)"),
    ("", "jnp.where(ok, f(jnp.where(ok, x, 1.0)), 0.0)"),
)


def gradients_are_finite(case: Case) -> Iterator[Remark]:
    case.must_compile()
    y, found = case.gradients.at(1.0)
    if not y:
        raise Untried("y holds no floats")
    if any(is_floats(leaf) and _bad(leaf) for leaf in jax.tree.leaves(case.x)):
        raise Untried("x itself is not finite")
    bad = [f"y {short(leaf)} holds {_bad(leaf)}" for leaf in y if _bad(leaf)] or [
        f"The gradient by {path} {short(leaf)} holds {_bad(leaf)}"
        for path, leaf in found.items()
        if _bad(leaf)
    ]
    if bad:
        yield fault(f"{bad[0]}.", *_guarded(case))
        return
    y, found = case.gradients.at(0.0)
    for path, leaf in found.items():
        if _bad(leaf) and not any(map(_bad, y)):
            text = f"At x = 0, y is finite but the gradient by {path} {short(leaf)} holds "
            yield hint(f"{text}{_bad(leaf)}.", *_guarded(case))
            return


def _guarded(case: Case) -> tuple[str, str]:
    """What to write instead of the line that is likely to blame, and that line."""
    here = case.line(_STEEP)
    write = next(write for word, write in _GUARDS if word in here)
    return commented((write, "guard what goes in; what comes out is too late")), here


def _bad(leaf) -> str:
    array = np.asarray(leaf, np.float64)
    count = int(array.size - np.isfinite(array).sum())
    what = "NaN" if np.isnan(array).any() else "infinity"
    return f"{what} in {count} of {array.size} places" if count else ""


# -- use ------------------------------------------------------------------------------------------


def everything_is_used(case: Case) -> Iterator[Remark]:
    read, written = _read_and_written(case)
    for path, leaf in [*named(case.params, "ps"), *named(case.state, "st")]:
        if path not in read | written and not is_key(leaf):  # an unused key does no harm
            name, where = path.split(".")[-1], "params" if path.startswith("ps") else "state"
            yield hint(
                f"{path} {short(leaf)} is never {'read' if where == 'params' else 'used'}.",
                commented((path, f'in forward; or leave "{name}" out of init_{where}')),
            )
    for path, leaf in named(case.params, "ps"):
        if path in read and _cannot_learn(case, path):
            yield hint(
                f"{path} {short(leaf)} is read, but its gradient is zero: it cannot learn.",
                commented((path, "with no round, argmax, > or stop_gradient on the way to y")),
            )


def _cannot_learn(case: Case, path: str) -> bool:
    try:
        y, found = case.gradients.at(1.0)
    except Exception:  # told at the law before
        return False
    return bool(y) and path in found and found[path].size > 0 and not np.any(found[path])


def _read_and_written(case: Case) -> tuple[set[str], set[str]]:
    """The paths of what a call reads, and of the state that it writes, in training or testing."""
    given = zip((case.x, case.params, case.state), ("x", "ps", "st"), strict=True)
    inputs = [path for tree, root in given for path, _ in named(tree, root)]
    entries = [path for path, _ in named(case.state, "st")]
    read: set[str] = set()
    written: set[str] = set()
    for program in case.programs:
        jaxpr = program.jaxpr
        y, states = jaxpr.outvars[: -len(entries) or None], jaxpr.outvars[-len(entries) :]
        new = [variable not in jaxpr.invars for variable in states] if entries else []
        _, used = dce_jaxpr(jaxpr, [True] * len(y) + new)
        read |= {path for path, is_used in zip(inputs, used, strict=True) if is_used}
        written |= {path for path, is_new in zip(entries, new, strict=True) if is_new}
    return read, written
