"""Laws of compiling: jit gives the same numbers, and every trace the same program."""

import re
from collections.abc import Iterator

import jax

from luxnb.inspect.audit.case import Case
from luxnb.inspect.audit.finding import Remark, fault
from luxnb.inspect.audit.leaves import close, differences, listed, same
from luxnb.inspect.audit.lines import COUNT, commented


def jit_gives_the_same(case: Case) -> Iterator[Remark]:
    _, compiled = case.compiled
    case.must_be_pure()
    if differing := differences(case.result, compiled, close):
        yield fault(f"With and without jit differ: {listed(differing)}.", COUNT)


def every_trace_is_the_same(case: Case) -> Iterator[Remark]:
    first, _ = case.programs
    case.must_be_pure()
    second = case.traced(case.state)
    one, two = (
        re.sub(r" at 0x[0-9a-f]+", "", str(jaxpr)).splitlines() for jaxpr in (first, second)
    )
    lines = [pair for pair in zip(one, two, strict=False) if pair[0] != pair[1]]
    if lines:
        was, becomes = (line.strip() for line in lines[0])
        yield fault(f"Traced again, `{was}` is `{becomes}`.", COUNT)
    elif len(one) != len(two) or not all(map(same, first.consts, second.consts)):
        yield fault("Traced again, the program is another one.", COUNT)
    else:
        yield from _leaks(case)


def _leaks(case: Case) -> Iterator[Remark]:
    """Values of a trace that are kept when it is over."""
    try:
        with jax.checking_leaks():
            case.shapes(case.x, case.params, case.state)
    except Exception as error:
        if "Leaked" not in str(error):
            raise
        yield fault(
            "It keeps a traced value outside, which has no numbers and means nothing later.",
            commented(
                ('lx.sow("hidden", hidden)', "in forward, and to see it"),
                ("y, st, seen = lx.capture(layer)(x, ps, st)", ""),
            ),
        )
