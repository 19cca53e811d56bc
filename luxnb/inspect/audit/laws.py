"""All laws, in the order in which they are tried, each with the reason for it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from luxnb.inspect.audit import (
    batch,
    calling,
    compiled,
    copies,
    drawing,
    dtypes,
    learning,
    start,
    value,
)
from luxnb.inspect.audit.case import Case
from luxnb.inspect.audit.finding import Remark


@dataclass(frozen=True)
class Law:
    """A law in plain words, why there is one, and what tries it."""

    text: str
    why: str
    test: Callable[[Case], Iterator[Remark]]


LAWS = (
    Law(
        "It holds no array",
        "Arrays live in ps and st. There they are trained, saved and sent to a device; inside of "
        "a layer, jit takes them for constants.",
        value.holds_no_array,
    ),
    Law(
        "Equal fields make an equal layer",
        "jit keeps one program for all layers that are equal, and a model that is loaded must "
        "equal the one that was saved.",
        value.equals_its_equals,
    ),
    Law(
        "Its repr makes it again",
        "What is printed says all there is to know, and can be pasted into a program.",
        copies.repr_makes_it_again,
    ),
    Law(
        "It can be pickled",
        "A model that is saved, or sent to another process, travels as a pickle.",
        copies.survives_pickling,
    ),
    Law(
        "The same key makes the same parameters and state",
        "The seed is the whole secret of a start: whoever has it can repeat it.",
        start.same_key_same_arrays,
    ),
    Law(
        "Each array is drawn with a key of its own",
        "Two draws with one key give the same numbers, so weights that should be independent "
        "start as copies.",
        start.each_array_its_own_key,
    ),
    Law(
        "A call returns the output and the state",
        "y, st = layer(x, ps, st) is how every layer is called. Containers, fit and scan rely on "
        "it, and hand the state, in the same form, to the next call.",
        calling.returns_output_and_state,
    ),
    Law(
        "The same inputs give the same output",
        "A call that depends on x, ps and st alone can be compiled, differentiated, and repeated "
        "to the last bit.",
        calling.same_inputs_same_output,
    ),
    Law(
        "A call changes nothing around it",
        "jit runs forward once, to trace it. What Python does on the side happens then, and never "
        "again.",
        calling.changes_nothing_around,
    ),
    Law(
        "Training draws anew, testing draws nothing",
        "A key is good for one draw: used again it gives the same noise at every step. And a "
        "trained model has one answer.",
        drawing.trains_anew_and_tests_alike,
    ),
    Law(
        "Under jit it gives the same numbers",
        "jit makes it fast. It runs forward with stand-ins for the arrays, which have a shape "
        "and a dtype but no numbers yet.",
        compiled.jit_gives_the_same,
    ),
    Law(
        "Every trace gives the same program",
        "When jit traces is its own affair: for a new shape, after a restart. It must find the "
        "same program each time.",
        compiled.every_trace_is_the_same,
    ),
    Law(
        "Output and gradients are finite",
        "One NaN in a gradient, and after the next step every weight is NaN.",
        learning.gradients_are_finite,
    ),
    Law(
        "Everything that init makes is used",
        "What is never read is never trained. Most often a name is mistyped, or a line forgotten.",
        learning.everything_is_used,
    ),
    Law(
        "Under vmap it equals a loop",
        "vmap runs many inputs, or many models, as one program. What it gives is what each would "
        "give alone.",
        batch.vmap_equals_a_loop,
    ),
    Law(
        "The samples of a batch do not mix",
        "Else the answer for one picture depends on which others happen to lie in its batch.",
        batch.samples_do_not_mix,
    ),
    Law(
        "The dtype is kept: bfloat16 in, bfloat16 out",
        "One float32 constant makes everything after it float32: twice the memory, half the speed.",
        dtypes.dtypes_are_kept,
    ),
)
