"""The law of randomness: training draws anew at each step, testing draws nothing."""

from collections.abc import Iterator

import jax

from luxnb.core.spec import is_key
from luxnb.inspect.audit.case import Case
from luxnb.inspect.audit.explain import line_of
from luxnb.inspect.audit.finding import Remark, fault, hint, note
from luxnb.inspect.audit.leaves import listed, named, parted, same
from luxnb.inspect.audit.lines import commented
from luxnb.inspect.audit.start import DRAWS


def trains_anew_and_tests_alike(case: Case) -> Iterator[Remark]:
    case.must_be_pure()
    yield from _drawn_twice(case)
    keys = [path for path, leaf in named(case.state, "st") if is_key(leaf)]
    moved = [words.split(" ")[0] for words in parted(case.test_state, case.tested[1], "st")]
    if moved_keys := [path for path in moved if path in keys]:
        yield fault(f"In test mode {moved_keys[0]} is split, so something is drawn.", _guard(case))
        return
    if moved:
        yield note(f"in test mode it writes {listed(moved)}")
    if keys and parted(case.tested[0], _with_other_keys(case, case.test_state), "y"):
        yield fault(f"In test mode y depends on the random key {keys[0]}.", _guard(case))
    elif keys:
        yield from _same_every_step(case, keys)


def _with_other_keys(case: Case, state):
    return case.run(case.x, jax.tree.map(lambda v: _other_key(v) if is_key(v) else v, state))[0]


def _other_key(key):
    """Another key, or as many others as there are in an array of keys."""
    data = jax.random.key_data(key)
    return jax.random.wrap_key_data(data ^ 1, impl=jax.random.key_impl(key))


def _guard(case: Case) -> str:
    lines = [("if st.mode is lx.Mode.TEST:", ""), ("    return x, st", "")]
    if not case.has_mode:
        lines.insert(0, ('return {"key": key, "mode": lx.Mode.TRAIN}', "in init_state"))
        lines[1] = (lines[1][0], "in forward")
    return commented(*lines) if not case.has_mode else "\n".join(code for code, _ in lines)


def _same_every_step(case: Case, keys: list[str]) -> Iterator[Remark]:
    """A key that is used in training, but goes out as it came in."""
    y, new = case.run(case.x, case.state)
    leaves = dict(named(new, "st"))
    before = dict(named(case.state, "st"))
    stay = [path for path in keys if same(before[path], leaves[path])]
    if stay and parted(y, _with_other_keys(case, case.state), "y"):
        yield fault(
            f"{stay[0]} goes out as it came in: every step draws the same numbers.",
            f"key, {stay[0]} = jax.random.split({stay[0]})",
            case.line(r"\b(st|m)\.\w*key|split\("),
        )


def _drawn_twice(case: Case) -> Iterator[Remark]:
    try:
        with jax.debug_key_reuse(True):
            case.shapes(case.x, case.params, case.state)
    except jax.errors.KeyReuseError as error:
        yield hint(
            "One key is used twice in a call.",
            "key, other, st.key = jax.random.split(st.key, 3)",
            line_of(error) or case.line(DRAWS),
        )
    except Exception:  # it cannot be traced, which is told at its own law
        return
