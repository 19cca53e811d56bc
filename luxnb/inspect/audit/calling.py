"""Laws of one call: what it returns, what it may depend on, and what it may change."""

import random
import re
from collections.abc import Iterator

import jax
import jax.numpy as jnp
import numpy as np

from luxnb.core.spec import is_key
from luxnb.inspect.audit.around import things
from luxnb.inspect.audit.case import Case
from luxnb.inspect.audit.finding import Remark, fault, hint
from luxnb.inspect.audit.leaves import forms, listed, parted, same
from luxnb.inspect.audit.lines import DRAW, commented, in_state
from luxnb.inspect.audit.start import GENERATORS


def returns_output_and_state(case: Case) -> Iterator[Remark]:
    _, new = case.result
    was, becomes = forms(case.state, "st"), forms(new, "st")
    for path in [path for path in was if becomes[path] != was[path]]:
        (_, _, shape), (_, _, new_shape) = was[path].partition("["), becomes[path].partition("[")
        name = path.split(".")[-1]
        yield fault(
            f"{path} comes in as {was[path]} and goes out as {becomes[path]}.",
            f"{path} = new.astype({path}.dtype)"
            if shape == new_shape
            else commented((f'return {{"{name}": …}}', f"in init_state, as {becomes[path]}")),
        )


def same_inputs_same_output(case: Case) -> Iterator[Remark]:
    case.must_run()
    if case.differing:
        yield _culprit(case, f"Two calls differ: {listed(case.differing)}.")
    case.must_be_pure()


def _culprit(case: Case, text: str) -> Remark:
    """What else than x, ps and st the output depends on."""
    _, around, _ = case.first
    for name in around:
        if name in GENERATORS:
            return fault(f"{text} It draws from {name}.", DRAW, case.line(GENERATORS[name]))
    if around:
        return _changed(case, around[0], f"{text} It depends on {{}}, which it changes.")
    here = case.line(r"\btime\.|default_rng|urandom|uuid")
    return fault(f"{text} Something outside of x, ps and st decides.", DRAW, here)


def changes_nothing_around(case: Case) -> Iterator[Remark]:
    _, around, printed = case.first
    case.must_be_pure()
    yield from _written_into(case)
    for name in around:
        if name in GENERATORS:
            yield fault(f"It draws from {name}, as others do.", DRAW, case.line(GENERATORS[name]))
        else:
            yield _changed(case, name, "It changes {}.")
    if printed.strip():
        yield hint(
            f"It prints {printed.strip().splitlines()[0]!r}: under jit once, while tracing.",
            'jax.debug.print("{}", x)',
            case.line(r"\bprint\("),
        )


def _written_into(case: Case) -> Iterator[Remark]:
    """Whether inputs that can be written to, NumPy's arrays, are."""
    given = case.x, case.params, case.state
    copies = jax.tree.map(_writable, given)
    try:
        case.call(*copies)
    except Exception:  # such as for x.at, which NumPy's arrays do not have
        return
    for before, after, root in zip(given, copies, ("x", "ps", "st"), strict=True):
        for words in parted(before, after, root, lambda a, b: is_key(a) or same(a, b)):
            here = case.line(r"[-+*/@]=|\]\s*=[^=]|out=")
            path = words.partition(" by ")[0]
            yield fault(
                f"It writes into {path}, an array that the caller still uses.",
                _not_in_place(here),
                here,
            )


def _writable(leaf):
    """A NumPy copy; random keys have none."""
    is_plain = isinstance(leaf, jax.Array) and not jnp.issubdtype(leaf.dtype, jax.dtypes.prng_key)
    return np.array(leaf) if is_plain else leaf


def _not_in_place(here: str) -> str:
    """`x += 1` as `x = x + 1`, `x[0] = 1` as `x = x.at[0].set(1)`."""
    if found := re.match(r"(\w+)\s*([-+*/@])=\s*(.+)$", here):
        name, operator, rest = found.groups()
        return f"{name} = {name} {operator} {rest}"
    if found := re.match(r"(\w+)\[(.+)\]\s*=\s*(.+)$", here):
        name, place, rest = found.groups()
        return f"{name} = {name}.at[{place}].set({rest})"
    return commented(("x = x.at[place].set(value)", "a copy"))


def _changed(case: Case, name: str, text: str) -> Remark:
    """An attribute or a variable in which forward keeps something."""
    entry = name.split(".")[-1]
    write = DRAW if _is_generator(case, name) else in_state(entry.lower().lstrip("_"))
    shown = name if "." in name else f"the variable {name}"
    return fault(text.format(shown), write, case.line(rf"\b{re.escape(entry)}\b"))


def _is_generator(case: Case, name: str) -> bool:
    kinds = np.random.Generator | np.random.RandomState | random.Random
    return any(t.name == name and isinstance(t.value, kinds) for t in things(case.layer))
