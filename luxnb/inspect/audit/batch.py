"""Laws of many inputs: vmap equals a loop, and the samples of a batch do not mix."""

from collections.abc import Iterator

import jax
import jax.numpy as jnp

from luxnb.core.spec import is_array, is_key
from luxnb.inspect.audit.case import Case, Untried
from luxnb.inspect.audit.finding import Remark, fault, note
from luxnb.inspect.audit.leaves import by_up_to, close, differences, listed, named, same
from luxnb.inspect.audit.lines import commented
from luxnb.inspect.audit.quick import jit


def vmap_equals_a_loop(case: Case) -> Iterator[Remark]:
    case.must_compile()
    case.must_be_pure()
    if not jax.tree.leaves(case.x) or not all(map(is_array, jax.tree.leaves(case.x))):
        raise Untried("x holds no arrays")
    xs = [case.x, jax.tree.map(_another, case.x)]
    mapped = jit(jax.vmap(lambda x, ps, st: case.call(x, ps, st), (0, None, None)))
    results = mapped(jax.tree.map(lambda *both: jnp.stack(both), *xs), case.params, case.state)
    for i, x in enumerate(xs):
        got = jax.tree.map(lambda leaf, i=i: leaf[i], results)
        if differing := differences(case.run(x, case.state), got, close):
            yield fault(
                f"Under vmap and in a loop differ: {listed(differing)}.",
                commented(("x.mean(axis=-1)", "no names of axes, no callbacks: only arrays")),
            )
            return


def samples_do_not_mix(case: Case) -> Iterator[Remark]:
    case.must_be_pure()
    size = _batch_size(case)
    for row in (0, size - 1):
        if mixed := _mixed(case, case.test_state, row, size):
            yield fault(
                f"Where x[{row}] alone changes, {mixed}. (The first axis is the batch.)",
                commented(
                    ("axes = tuple(range(1, x.ndim))", "all but the batch"),
                    ("mean = x.mean(axes, keepdims=True)", ""),
                ),
                case.line(r"\.(mean|sum|max|min|std|var|prod|norm|cumsum|sort)\b|softmax|\.T\b"),
            )
            return
    if case.has_mode and any(_mixed(case, case.state, row, size) for row in (0, size - 1)):
        yield note("in training they do, as in BatchNorm")


def _batch_size(case: Case) -> int:
    """The length of the first axis of everything in x."""
    arrays = [leaf for leaf in jax.tree.leaves(case.x) if is_array(leaf)]
    if not arrays or max(leaf.ndim for leaf in arrays) < 2:
        raise Untried("it takes an x of shape (batch, …)")
    sizes = {leaf.shape[0] if leaf.ndim else 0 for leaf in arrays}
    if len(sizes) > 1:
        raise Untried("the arrays in x differ in their first axis, the batch")
    (size,) = sizes
    if size < 2:
        raise Untried(f"it takes a batch of two or more, and x holds {size}")
    y = jax.tree.leaves(case.tested[0])
    if not any(is_array(leaf) and leaf.shape[:1] == (size,) for leaf in y):
        raise Untried("y has no axis for the batch")
    if all(same(leaf, _with_another_row(leaf, 0)) for leaf in arrays):
        raise Untried("the samples in x are all alike")
    return size


def _mixed(case: Case, state, row: int, size: int) -> str:
    """`y[1] changes too, by up to 0.3`, of the first other sample that changes with this one."""
    x = jax.tree.map(lambda leaf: _with_another_row(leaf, row), case.x)
    before, after = case.run(case.x, state)[0], case.run(x, state)[0]
    for (path, a), b in zip(named(before, "y"), jax.tree.leaves(after), strict=True):
        if not is_array(a) or is_key(a) or a.shape[:1] != (size,):
            continue
        for other in range(size):
            if other != row and not close(a[other], b[other]):
                return f"{path}[{other}] changes too,{by_up_to(a[other], b[other])}"
    return ""


# -- other inputs, which are likely to be allowed where this one is -------------------------------


def _another(leaf):
    """An array of the same form with other numbers; the same where nothing comes to mind."""
    if is_key(leaf) or leaf.dtype == bool:
        return leaf
    return _first_other(leaf, [jnp.roll(leaf, 1, axis=0)] if leaf.ndim else [])


def _with_another_row(leaf, row: int):
    """The array with one row, along its first axis, exchanged for another."""
    if not is_array(leaf) or is_key(leaf) or leaf.dtype == bool:
        return leaf
    return leaf.at[row].set(_first_other(leaf[row], [leaf[(row + 1) % len(leaf)]]))


def _first_other(leaf, candidates: list):
    if jnp.issubdtype(leaf.dtype, jnp.inexact):
        candidates = [*candidates, leaf * 0.5, leaf + 0.5]
    return next((other for other in candidates if not same(other, leaf)), leaf)
