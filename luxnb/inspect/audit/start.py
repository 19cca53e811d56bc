"""Laws of init: its arrays are a function of the key, each drawn with a key of its own."""

from collections.abc import Iterator

import jax
import numpy as np

from luxnb.core.keys import key_for
from luxnb.core.spec import is_array, is_key, short
from luxnb.inspect.audit.case import Case
from luxnb.inspect.audit.explain import line_of
from luxnb.inspect.audit.finding import Remark, fault, hint
from luxnb.inspect.audit.leaves import forms, listed, named, numbers, parted, same
from luxnb.inspect.audit.lines import drawn

DRAWS = r"random\.(?!split|fold_in|key|PRNGKey)\w+\("
GENERATORS = {"np.random": r"\b(np|numpy)\.random\b", "random": r"(?<![\w.])random\.\w"}


def same_key_same_arrays(case: Case) -> Iterator[Remark]:
    (params, state), changed = case.made
    new_params, new_state = case.layer.init(case.key)
    differing = parted(params, new_params, "ps") + parted(state, new_state, "st")
    generator = next((name for name in changed if name in GENERATORS), "")
    text = f"Made twice with one key, they differ: {listed(differing)}." if differing else ""
    if generator:
        text = f"{text} init draws from {generator}.".strip()
    if text:
        name = differing[0].split(" ")[0].split(".")[-1] if differing else "weight"
        here = case.line(GENERATORS[generator], "init") if generator else ""
        yield fault(text, drawn(name), here)
        return
    yield from _shapes(case)
    yield from _keys_of_its_own(case)


def _keys_of_its_own(case: Case) -> Iterator[Remark]:
    """A key that init makes itself is the same in every layer and for every seed."""
    program = jax.make_jaxpr(lambda key: case.layer.init(key))(case.key)
    if not any(eqn.primitive.name == "random_seed" for eqn in program.jaxpr.eqns):
        return
    others = case.layer.init(key_for(case.key, "another"))
    others = [leaf for _, leaf in _named(others)]
    for (path, leaf), other in zip(_named(case.made[0]), others, strict=True):
        if same(leaf, other) and _is_varied(leaf):
            yield fault(
                f"{path} {short(leaf)} is the same for every seed: init makes a key of its own.",
                drawn(path.split(".")[-1]),
                case.line(r"random\.(key|PRNGKey)\(", "init"),
            )


def _shapes(case: Case) -> Iterator[Remark]:
    """`jax.eval_shape(layer.init, key)` tells the truth."""
    for root, one, two in zip(("ps", "st"), case.promised, case.made[0], strict=True):
        promise, made = forms(one, root), forms(two, root)
        for path in [path for path in made if promise.get(path) != made[path]]:
            yield fault(
                f"{path} is {made[path]}, but jax.eval_shape says {promise.get(path, 'nothing')}."
            )


def each_array_its_own_key(case: Case) -> Iterator[Remark]:
    made, _ = case.made[0], case.promised
    try:
        with jax.debug_key_reuse(True):
            jax.eval_shape(lambda key: case.layer.init(key), case.key)
    except jax.errors.KeyReuseError as error:
        one, other = _alike(made)
        yield hint(
            f"{f'{one} equals {other}: two' if one else 'Two'} draws share one key.",
            drawn(other.split(".")[-1] or "bias"),
            line_of(error) or case.line(DRAWS, "init"),
        )


def _alike(made) -> tuple[str, str]:
    """The paths of two arrays of one form with the same numbers, though they are drawn."""
    met: dict = {}
    for path, leaf in _named(made):
        if is_array(leaf) and _is_varied(leaf):
            first = met.setdefault((short(leaf), numbers(leaf).tobytes()), path)
            if first != path:
                return first, path
    return "", ""


def _named(made) -> list:
    params, state = made
    return [*named(params, "ps"), *named(state, "st")]


def _is_varied(leaf) -> bool:
    """Not all ones, or all zeros."""
    return is_key(leaf) or len(np.unique(numbers(leaf))) > 1
