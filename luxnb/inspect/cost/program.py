"""All equations that a program runs, each with its layer and how often it runs."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from jax.extend.core import Jaxpr, JaxprEqn, jaxprs_in_params

from luxnb.inspect.cost.operations import RULES, UNKNOWN, operations
from luxnb.inspect.cost.scope import Places


class Step(NamedTuple):
    """An equation, the path of the layer in which it stands, and how often it runs."""

    path: str | None
    equation: JaxprEqn
    times: int
    program: Jaxpr  # in which it stands
    run: object  # of that program, which may be run at several places


def steps(
    program: Jaxpr, places: Places, path: str | None = None, times: int = 1
) -> Iterator[Step]:
    """Every equation that runs: in a loop as often as it turns, where the way parts those of the
    dearest branch. How often a `while` turns is not known: once."""
    run = object()
    for equation in program.eqns:
        here = places.path(path, equation)
        yield Step(here, equation, times, program, run)
        inner = [
            list(steps(below, places, here, times * turns)) for below, turns in programs(equation)
        ]
        if is_branching(equation):
            inner = [max(inner, key=lambda branch: sum(flops_by_path(branch).values()))]
        for branch in inner:
            yield from branch


def programs(equation: JaxprEqn) -> list[tuple[Jaxpr, int]]:
    """The programs that an equation runs, and how often it runs each."""
    name, params = equation.primitive.name, equation.params
    if name in RULES or name in UNKNOWN:  # in a scatter, say, is how two numbers become one
        return []
    if name == "scan":
        return [(params["jaxpr"], params["length"])]
    if name == "custom_linear_solve":
        return [(params["jaxprs"].solve.jaxpr, 1)]
    if is_branching(equation):
        on = params.get("branches_platforms") or ()
        chosen = params["branches"] if None not in on else [params["branches"][on.index(None)]]
        return [(branch.jaxpr, 1) for branch in chosen]
    times = params["mesh"].size if name == "shard_map" else 1
    return [(below, times) for below in jaxprs_in_params(params)]


def is_branching(equation: JaxprEqn) -> bool:
    return equation.primitive.name == "cond"


def flops_by_path(steps: Iterable[Step]) -> Counter:
    """The operations of each layer itself."""
    flops = Counter()
    for step in steps:
        number = operations(step.equation)
        if number:
            flops[step.path or ""] += step.times * number
    return flops
