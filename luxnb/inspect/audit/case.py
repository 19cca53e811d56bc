"""Case: a layer under audit, an input, and the facts that several laws need, found out once."""

from collections.abc import Callable
from functools import cached_property
from typing import Any, Literal

import jax
import jax.numpy as jnp
import numpy as np

from luxnb.core.compact import is_compact
from luxnb.core.layer import Layer
from luxnb.core.mode import testmode
from luxnb.core.spec import is_array
from luxnb.core.types import Key
from luxnb.inspect.audit.around import functions
from luxnb.inspect.audit.explain import line_with
from luxnb.inspect.audit.gradients import Gradients
from luxnb.inspect.audit.leaves import differences, forms
from luxnb.inspect.audit.quick import jit
from luxnb.inspect.audit.snapshot import Printed, changes, snapshot


class Untried(Exception):
    """Raised by a law that cannot be tried; says why."""


class fact:
    """A property that is found out once. If that fails, it fails with the same error each time,
    by which the audit knows that it was told already."""

    def __init__(self, find: Callable):
        self.find, self.__doc__ = find, find.__doc__

    def __get__(self, case, owner=None) -> Any:
        known = vars(case).setdefault("facts", {})
        if self not in known:
            try:
                known[self] = self.find(case), None
            except Exception as error:
                known[self] = None, error
        value, error = known[self]
        if error is not None:
            raise error
        return value


class Case:
    """A layer, or what makes one, an input and a key; and what prints while they are tried."""

    def __init__(self, make: Callable[[], Layer], x, key: Key, printed: Printed):
        self.make, self.key, self.printed = make, key, printed
        self.x = jax.tree.map(_as_jax, x)

    @fact
    def layer(self) -> Layer:
        return self.make()

    @cached_property
    def is_compact(self) -> bool:
        """Whether it is written in the short form; what was never made is not."""
        try:
            return is_compact(self.layer)
        except Exception:
            return False

    @fact
    def made(self):
        """Parameters and state, and the names of what changed while they were made."""
        before = snapshot(self.layer)
        made = self.layer.init(self.key)
        return made, changes(before, snapshot(self.layer))

    @fact
    def promised(self):
        """The shapes of parameters and state by `jax.eval_shape`."""
        return jax.eval_shape(lambda key: self.layer.init(key), self.key)

    @property
    def params(self):
        return self.made[0][0]

    @property
    def state(self):
        return self.made[0][1]

    @property
    def test_state(self):
        return testmode(self.state)

    @cached_property
    def has_mode(self) -> bool:
        return jax.tree.structure(self.test_state) != jax.tree.structure(self.state)

    # -- calls, as they are ---------------------------------------------------------------------

    def call(self, x, ps, st):
        """The layer as a function of its own, which no cache of JAX knows."""
        return self.layer(x, ps, st)

    @fact
    def first(self):
        """Output and new state of a call, what changed around the layer, what was printed."""
        before, length = snapshot(self.layer), len(self.printed.text)
        result = self.call(self.x, self.params, self.state)
        for leaf in jax.tree.leaves(result[0]):
            if not is_array(leaf) and not isinstance(leaf, bool | int | float | complex):
                raise TypeError(
                    f"{type(self.layer).__name__}.forward must return arrays, in a pytree of any "
                    f"form, got {leaf!r}"
                )
        return result, changes(before, snapshot(self.layer)), self.printed.text[length:]

    @property
    def result(self):
        """Output and new state of a call, without any transformation."""
        return self.first[0]

    @fact
    def differing(self) -> list[str]:
        """By what further calls, with the same inputs, differ from the first."""
        for _ in range(2):
            again = self.call(self.x, self.params, self.state)
            if found := differences(self.result, again):
                return found
        return []

    @fact
    def pure(self) -> bool:
        """That equal calls give equal results; else an error."""
        if self.differing:
            raise ValueError("two calls with the same inputs differ")
        return True

    # -- calls, compiled ------------------------------------------------------------------------

    @fact
    def compiled(self):
        """The layer under jit, and what it gives."""
        self.must_run()
        jitted = jit(lambda x, ps, st: self.call(x, ps, st))
        return jitted, jitted(self.x, self.params, self.state)

    def run(self, x, state):
        """A further call: compiled if that can be, because it may be one of many."""
        self.must_run()
        try:
            call, _ = self.compiled
        except Exception:
            call = self.call
        return call(x, self.params, state)

    @fact
    def tested(self):
        """Output and state in test mode."""
        return self.run(self.x, self.test_state)

    @fact
    def programs(self):
        """The jaxprs of a call in training and in testing."""
        self.must_compile()
        return [self.traced(state) for state in (self.state, self.test_state)]

    def traced(self, state):
        """The jaxpr of a call, traced anew."""
        return jax.make_jaxpr(lambda x, ps, st: self.call(x, ps, st))(self.x, self.params, state)

    def shapes(self, x, ps, state):
        """The shapes and dtypes that a call returns, traced anew."""
        return jax.eval_shape(lambda x, ps, st: self.call(x, ps, st), x, ps, state)

    @fact
    def gradients(self) -> Gradients:
        """Gradients of a second call: after the first, a state is no longer all zeros."""
        self.must_compile()
        _, new = self.result
        state = new if forms(new, "st") == forms(self.state, "st") else self.state
        return Gradients(self.call, self.x, self.params, state)

    # -- what a law may ask for before it tries; an error says that it cannot -------------------

    def must_run(self) -> None:
        _ = self.result

    def must_be_pure(self) -> None:
        """Comparing calls means nothing where equal ones differ."""
        _ = self.result, self.pure

    def must_compile(self) -> None:
        _ = self.result, self.compiled

    # -- the author's source --------------------------------------------------------------------

    def line(self, pattern: str, of: Literal["forward", "init"] = "forward") -> str:
        """The first line that matches, in what makes arrays or in all the rest."""
        written = functions(self.layer)
        return line_with(pattern, [f for f in written if _makes_arrays(f) == (of == "init")])


def _makes_arrays(function) -> bool:
    return function.__name__ in ("init_params", "init_state", "init_children")


def _as_jax(leaf):
    return jnp.asarray(leaf) if isinstance(leaf, np.ndarray) else leaf
