"""check: the audit of a layer, one finding a law. No layer can make it raise."""

import dataclasses
import inspect
from collections.abc import Callable, Iterator

import jax
import numpy as np

from luxnb.core.keys import as_key
from luxnb.core.layer import Layer
from luxnb.core.spec import short
from luxnb.inspect.audit.case import Case, Untried
from luxnb.inspect.audit.explain import explain
from luxnb.inspect.audit.finding import Audit, Finding, Remark, Verdict
from luxnb.inspect.audit.laws import LAWS, Law
from luxnb.inspect.audit.lines import short_form
from luxnb.inspect.audit.snapshot import undisturbed

_NEEDED = "check needs a layer, or a function without arguments that makes one"
VERDICTS = {"fault": Verdict.BROKEN, "hint": Verdict.HINT, "note": Verdict.KEPT}


def check(layer: Layer | Callable[[], Layer], x, key=0) -> Audit:
    """Whether a layer keeps the laws on which luxnb and JAX rely, tried with the input `x`.

    Shown in a cell, or printed, it has a line for each law: ✓ kept, ✗ broken, ! worth a look,
    – not tried, because …; and where a law is broken, what was seen, the line to write instead,
    and why there is such a law. `audit.ok`, and the audit itself, is true when none is broken.

    Instead of a layer you may give a function that makes one, `check(lambda: Mine(3), x)`; then a
    constructor that refuses is a finding like any other. `x` is a batch of two or more samples,
    batch first; `key`, a seed or a random key, makes the parameters.

    >>> class Shift(Layer):
    ...     dims: int
    ...     def init_params(self, key):
    ...         return {"by": jnp.zeros(self.dims)}
    ...     def forward(self, x, ps, st):
    ...         return x + ps.by
    >>> audit = check(Shift(3), jnp.ones((2, 3)))
    >>> audit.ok
    False
    >>> [(finding.law, finding.remarks[0].write) for finding in audit.broken]
    [('A call returns the output and the state', 'return y, st')]
    """
    make, key = _maker(layer), as_key(key)
    _check_input(x)
    with undisturbed() as printed:
        case = Case(make, x, key, printed)
        try:
            made = case.layer
        except Exception:  # told at the first law
            made = None
        if made is not None and not isinstance(made, Layer):
            raise TypeError(f"{_NEEDED}, but {layer!r} made {made!r}")
        return Audit(made, short(case.x), tuple(_findings(case)))


def _maker(layer) -> Callable[[], Layer]:
    if isinstance(layer, Layer):
        return lambda: layer
    try:
        inspect.signature(layer).bind()
    except (TypeError, ValueError):
        raise TypeError(f"{_NEEDED}, got {layer!r}") from None
    return layer


def _check_input(x) -> None:
    for leaf in jax.tree.leaves(x):
        is_number = isinstance(leaf, jax.Array | np.ndarray | np.generic | int | float | complex)
        if not is_number or (isinstance(leaf, np.ndarray) and leaf.dtype.kind not in "biufcV"):
            raise TypeError(f"check needs an input made of arrays of numbers, got {short(leaf)}")


def _findings(case: Case) -> Iterator[Finding]:
    """A finding for each law; an error that many laws meet is told at the first alone."""
    told: list[tuple[Exception, int]] = []
    for number, law in enumerate(LAWS, 1):
        yield _finding(number, law, case, told)


def _finding(number: int, law: Law, case: Case, told: list) -> Finding:
    remarks: list[Remark] = []
    try:
        for remark in law.test(case):
            remarks.append(remark)
    except Untried as reason:
        return _untried(number, law, str(reason))
    except Exception as error:
        if known := [where for other, where in told if other is error]:
            return _untried(number, law, f"law {known[0]} is broken")
        told.append((error, number))
        if not remarks:
            remarks.append(explain(error))
    remarks.sort(key=lambda remark: tuple(VERDICTS).index(remark.kind))
    if case.is_compact:
        remarks = [dataclasses.replace(r, write=short_form(r.write)) for r in remarks]
    verdict = VERDICTS[remarks[0].kind] if remarks else Verdict.KEPT
    return Finding(number, law.text, law.why, verdict, tuple(remarks))


def _untried(number: int, law: Law, because: str) -> Finding:
    return Finding(number, law.text, law.why, Verdict.UNTRIED, because=because)
