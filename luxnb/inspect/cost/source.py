"""Where in a program an array is made, through all programs in it."""

from typing import Any, NamedTuple

from jax.extend.core import Jaxpr, JaxprEqn, Literal, Var

from luxnb.inspect.cost.program import programs
from luxnb.inspect.cost.scope import Places, is_mark


class Source(NamedTuple):
    """The layer that made an array, the array there, and whether some layer returned it since."""

    path: str
    made: tuple[Any, ...]  # with those of the programs around, of which one may run several times
    is_returned: bool


class Sources:
    """The sources of arrays in one trace."""

    def __init__(self, places: Places):
        self._places = places
        self._makers: dict[Jaxpr, dict[Var, JaxprEqn]] = {}

    def of(self, program: Jaxpr, variable: Any, path: str | None = None) -> Source | None:
        """Where `variable` of a program at `path` is made; None if it is given to the program, or
        constant: that takes no room."""
        equation = None if isinstance(variable, Literal) else self._maker(program, variable)
        if equation is None:
            return None
        if is_mark(equation):
            found = self.of(program, equation.invars[0], path)
            return found and found._replace(is_returned=True)
        here = self._places.path(path, equation)
        below = programs(equation)
        results: list[Any] = equation.outvars
        if len(below) == 1 and len(below[0][0].outvars) == len(results):
            inner = below[0][0]
            result = inner.outvars[results.index(variable)]
            if result not in inner.invars:  # else a loop collects what goes around in it
                found = self.of(inner, result, here)
                return found and found._replace(made=(results[0], *found.made))
        return Source(here or "", (variable,), False)

    def _maker(self, program: Jaxpr, variable: Var) -> JaxprEqn | None:
        if program not in self._makers:
            self._makers[program] = _makers(program)
        return self._makers[program].get(variable)


def _makers(program: Jaxpr) -> dict[Var, JaxprEqn]:
    """By what each array is made that depends on something given."""
    given, makers = set(program.invars), {}
    for equation in program.eqns:
        if any(value in given or value in makers for value in _variables(equation)):
            makers.update(dict.fromkeys(equation.outvars, equation))
    return makers


def _variables(equation: JaxprEqn):
    return (value for value in equation.invars if not isinstance(value, Literal))
