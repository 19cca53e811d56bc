"""The law of dtypes: what comes in as bfloat16 goes out as bfloat16, and none is mixed."""

from collections.abc import Iterator

import jax
import jax.numpy as jnp

from luxnb.core.cast import cast, is_floats
from luxnb.core.spec import short, short_dtype
from luxnb.inspect.audit.case import Case, Untried
from luxnb.inspect.audit.explain import explain, line_of
from luxnb.inspect.audit.finding import Remark, fault, hint
from luxnb.inspect.audit.leaves import forms, named
from luxnb.inspect.audit.lines import commented


def dtypes_are_kept(case: Case) -> Iterator[Remark]:
    case.must_compile()
    case.must_be_pure()
    floats = filter(is_floats, jax.tree.leaves((case.x, case.params)))
    given = {leaf.dtype for leaf in floats}
    if not given:
        raise Untried("neither x nor ps holds floats")
    if len(given) > 1:
        raise Untried(f"x and ps mix {' and '.join(sorted(map(short_dtype, given)))}")
    for dtype in dict.fromkeys((*given, jnp.dtype("bfloat16"))):
        if found := next(_lost(case, dtype), None):
            yield found
            return
    if line := _mixed(case, case.x, case.params, case.state):
        yield hint(
            "Two dtypes meet here, and JAX picks the wider in silence.",
            commented(("a.astype(b.dtype)", "say which")),
            line,
        )


def _lost(case: Case, dtype) -> Iterator[Remark]:
    """What has another dtype when all floats in x and in ps have this one."""
    x, ps = cast((case.x, case.params), dtype)
    for state in (case.state, case.test_state):
        try:
            y, new = case.shapes(x, ps, state)
        except Exception as error:
            yield explain(error, f"With {short_dtype(dtype)}: ")
            return
        for path, leaf in named(y, "y"):
            if is_floats(leaf) and leaf.dtype != dtype:
                here = _mixed(case, x, ps, state)
                yield fault(
                    f"x and ps are {short_dtype(dtype)}, but {path} is {short(leaf)}.",
                    "jax.random.normal(key, x.shape, x.dtype)"
                    if "random." in here
                    else commented(
                        ("jnp.asarray(constant, x.dtype)", "or st.table.astype(x.dtype)")
                    ),
                    here,
                )
        usual, was, becomes = forms(case.result[1], "st"), forms(state, "st"), forms(new, "st")
        for path in was:
            if becomes[path] != was[path] == usual[path]:
                yield fault(
                    f"With {short_dtype(dtype)}, {path} comes in as {was[path]} and goes out as "
                    f"{becomes[path]}.",
                    f"{path} = new.astype({path}.dtype)",
                )


def _mixed(case: Case, x, ps, state) -> str:
    """The line at which dtypes meet that are not the same."""
    try:
        with jax.numpy_dtype_promotion("strict"):
            case.shapes(x, ps, state)
    except Exception as error:
        return line_of(error)
    return ""
