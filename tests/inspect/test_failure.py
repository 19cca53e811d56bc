"""A call that failed: every kind of wrong call with what is said of it, and where."""

import contextlib
import pickle
import re

import jax
import jax.numpy as jnp
import pytest

import luxnb as lx
from luxnb.inspect.failure import essence, failed
from tests.inspect.wrong_calls import CASES, MLP, PS, ST, Body, X, raises, run

EXCHANGED = "parameters and state are exchanged: write y, st = model(x, ps, st)"
TREE = "expected a Tree, got %s; write y, st = model(x, ps, st)"
DOT = "dot_general requires contracting dimensions to have the same shape, got %s"
EMPTY = "nothing is there; write ps, st = model.init(seed)"
FEATURES = "expected x of shape (…, %s), in_dims = %s; got %s"

# The message of the error, and by path what the Nodes say: their faults, and [remarks].
SAID = {
    "features": (
        "expected x of shape (…, 9), in_dims = 9; got f32[2,8]",
        {"layer_3": [FEATURES % (9, 9, "f32[2,8] (output of layer_2)")]},
    ),
    "input": (
        "expected x of shape (…, 4), in_dims = 4; got f32[2,5]",
        {"layer_1": [FEATURES % (4, 4, "f32[2,5] (input of the model)")]},
    ),
    "root": (
        "expected x of shape (…, 3), in_dims = 3; got f32[2,4]",
        {"": [FEATURES % (3, 3, "f32[2,4]")]},
    ),
    "input that is no array": (
        "expected x of shape (…, 4), in_dims = 4; got 'words'",
        {"layer_1": [FEATURES % (4, 4, "'words' (input of the model)")]},
    ),
    "channels": (
        "expected x of shape (batch, height, width, 3); got f32[1,8,8,1]",
        {"layer_1": ["expected x of shape (batch, height, width, 3); got f32[1,8,8,1] "
                     "(input of the model)"]},
    ),
    "axes": (
        "expected x of shape (batch, height, width, channels); got f32[8,8]",
        {"layer_1": ["expected x of shape (batch, height, width, channels); got f32[8,8] "
                     "(input of the model)"]},
    ),
    "indices": (
        "expected x to be integers, got f32[2,4]",
        {"layer_1": ["expected x to be integers, got f32[2,4] (input of the model)"]},
    ),
    "in a loop": (
        "expected x of shape (…, 4), in_dims = 4; got f32[2,5]",
        {"layer_2.cell": [FEATURES % (4, 4, "f32[2,5]")]},
    ),
    "under vmap": (
        "expected x of shape (…, 4), in_dims = 4; got f32[2,5]",
        {"layer_1": [FEATURES % (4, 4, "f32[2,5] (input of the model)")]},
    ),
    "addition": (
        "add got incompatible shapes for broadcasting: (2, 3), (2, 2).",
        {"layer_1": ["add got incompatible shapes for broadcasting: (2, 3), (2, 2)",
                     ["given f32[2,4], input of the model"]]},
    ),
    "product": (
        DOT % "(3,) and (2,).",
        {"layer_1": [DOT % "(3,) and (2,)", ["given f32[2,4], input of the model"]]},
    ),
    "exchanged": (
        "at layer_1, Dense(4, 8): the parameters have no entry 'weight', but the state has: "
        "write y, st = model(x, ps, st)",
        {"": [EXCHANGED]},
    ),
    "misspelt": (
        "at layer_4, Dense(8, 1): the parameters have no entry 'weight'; did you mean 'wieght'?",
        {"": ["parameters: layer_4.weight f32[8,1] is missing, but there is layer_4.wieght"],
         "layer_4": ["missing weight f32[8,1]", "unexpected wieght"]},
    ),
    "shape of a weight": (
        DOT % "(8,) and (9,).",
        {"": ["parameters: layer_4.weight is f32[9,1], expected f32[8,1]"],
         "layer_4": ["expected weight f32[8,1]", DOT % "(8,) and (9,)",
                     ["given f32[2,8], output of layer_3"]]},
    ),
    "another model": (
        "Chain(head=Dense(4, 1)): the parameters have no entry 'head'; there is 'layer_1', "
        "'layer_2', 'layer_3', 'layer_4'",
        {"": ["parameters: those of another model, with layer_1, layer_2, layer_3, layer_4; "
              "this one has head"]},
    ),
    "no parameters": (
        "Chain(Dense(4, 8), BatchNorm(8), Dropout(), Dense(8, 1)): the parameters have no entry "
        "'layer_1': write ps, st = model.init(seed)",
        {"": [f"parameters: {EMPTY}"]},
    ),
    "no state": (
        "Chain(Dense(4, 8), BatchNorm(8), Dropout(), Dense(8, 1)): the state has no entry "
        "'layer_1': write ps, st = model.init(seed)",
        {"": [f"state: {EMPTY}"]},
    ),
    "order": (
        "Chain needs its parameters as a Tree, got f32[2,4]; write y, st = layer(x, ps, st)",
        {"": [f"parameters: {TREE % 'f32[2,4]'}"]},
    ),
    "state that is no Tree": (
        "Chain needs its state as a Tree, got (1,); write y, st = layer(x, ps, st)",
        {"": [f"state: {TREE % '(1,)'}"]},
    ),
    "choice under jit": (
        "Attempted boolean conversion of traced array with shape bool[].\nThe error occurred",
        {"layer_1": ["TracerBoolConversionError: Attempted boolean conversion of traced array with "
                     "shape bool[]", ["given f32[2,4], input of the model"]]},
    ),
    "number under jit": (
        "Abstract tracer value encountered where concrete value is expected: traced array with "
        "shape float32[]\nThe problem arose",
        {"layer_1": ["ConcretizationTypeError: Abstract tracer value encountered where concrete "
                     "value is expected: traced array with shape float32[]",
                     ["given f32[2,4], input of the model"]]},
    ),
    "numpy under jit": (
        "The numpy.ndarray conversion method __array__() was called on traced array with shape "
        "float32[2,4]\nThe error occurred",
        {"layer_1": ["TracerArrayConversionError: The numpy.ndarray conversion method __array__() "
                     "was called on traced array with shape float32[2,4]",
                     ["given f32[2,4], input of the model"]]},
    ),
    "leak": (
        "Encountered an unexpected tracer. A function transformed by JAX had a side effect",
        {"layer_2": ["UnexpectedTracerError: Encountered an unexpected tracer",
                     ["given f32[2,4], output of layer_1"]]},
    ),
    "value": (
        "integer division or modulo by zero",
        {"layer_2": ["ZeroDivisionError: integer division or modulo by zero",
                     ["given f32[2,4], output of layer_1"]]},
    ),
    "forgotten state": (
        "Body.forward forgets the new state of 'a': write `x, st.a = self.a(x, ps.a, st.a)`",
        {"": ["Body.forward forgets the new state of 'a': write `x, st.a = self.a(x, ps.a, st.a)`",
              ["given f32[2,4]"]]},
    ),
    "misspelt state": (
        "at layer_1, Body(tests.inspect.wrong_calls.mistypes): the state has no entry 'sene'; "
        "did you mean 'seen'?",
        {"layer_1": ["the state has no entry 'sene'; did you mean 'seen'?",
                     ["given f32[2,4], input of the model"]]},
    ),
    "no state returned": (
        "Body.forward must return its output and its state: write `return y, st`",
        {"layer_1": ["Body.forward must return its output and its state: write `return y, st`",
                     ["given f32[2,4], input of the model"]]},
    ),
    "own error": (
        "Not today. Perhaps tomorrow.",
        {"layer_1": ["RuntimeError: Not today", ["given f32[2,4], input of the model"]]},
    ),
    "own key error": (
        "gate",
        {"layer_1": ["KeyError: gate", ["given f32[2,4], input of the model"]]},
    ),
    "init": ("no memory left", {"layer_2.body": ["RuntimeError: no memory left"]}),
}  # fmt: skip


def caught(call):
    with pytest.raises(Exception) as info:
        call()
    return info.value


def every(node):
    yield node
    for child in node.children:
        yield from every(child)


def said(root):
    return {
        node.path: [*node.faults, *([list(node.remarks)] if node.remarks else [])]
        for node in every(root)
        if node.faults or node.remarks
    }


@pytest.mark.parametrize("name", CASES)
def test_what_is_said_and_where(name):
    message, expected = SAID[name]
    error = caught(CASES[name])
    assert str(error.args[0]).startswith(message)
    assert said(failed(error.luxnb_failure)) == expected


@pytest.mark.parametrize("name", CASES)
def test_later_calls_are_intact(name):
    error = caught(CASES[name])
    before = MLP(X, PS, ST)[0]
    failed(error.luxnb_failure)
    after = MLP(X, PS, ST)[0]
    assert (before == after).all()
    assert said(failed(caught(CASES["features"]).luxnb_failure)) == SAID["features"][1]


# -- shapes up to there ---------------------------------------------------------------------------


def outputs(root):
    return {n.path: lx.core.spec.short(n.output) for n in every(root) if n.output is not None}


def test_layers_that_ran_have_outputs_and_later_ones_have_none():
    model = lx.Chain(
        lx.Dense(4, 8), inner=lx.Chain(lx.Dense(8, 6), lx.Dense(5, 2)), last=lx.Dense(2, 1)
    )
    root = failed(caught(lambda: run(model)).luxnb_failure)
    assert outputs(root) == {"layer_1": "f32[2,8]", "inner.layer_1": "f32[2,6]"}
    assert said(root) == {
        "inner.layer_2": [FEATURES % (5, 5, "f32[2,6] (output of inner.layer_1)")]
    }


def test_a_layer_that_fails_when_it_is_called_again_has_no_output():
    def twice(layer, x, ps, st):
        x, st.a = layer.a(x, ps.a, st.a)
        x, st.a = layer.a(x, ps.a, st.a)
        return x, st

    root = failed(caught(lambda: run(Body(twice))).luxnb_failure)
    assert outputs(root) == {}
    assert said(root) == {"a": [FEATURES % (4, 4, "f32[2,3] (output of a)")]}


def test_what_a_forward_makes_between_two_layers_is_nobodys_output():
    def between(layer, x, ps, st):
        x, st.a = layer.a(x + 1, ps.a, st.a)
        x, st.b = layer.b(x * 2, ps.b, st.b)
        return x, st

    root = failed(caught(lambda: run(Body(between))).luxnb_failure)
    assert said(root) == {"b": [FEATURES % (4, 4, "f32[2,3]")]}


def test_an_error_that_shapes_do_not_repeat_still_has_its_place():
    tries = iter([RuntimeError("once"), None])

    def moody(x):
        if (error := next(tries)) is not None:
            raise error
        return x

    error = caught(lambda: run(lx.Chain(lx.Dense(4, 4), moody, lx.Dense(4, 4))))
    assert said(failed(error.luxnb_failure)) == {"layer_2": ["RuntimeError: once"]}


def test_a_layer_that_is_no_child_fails_in_the_one_that_calls_it():
    stranger = lx.Dense(3, 1)
    made = stranger.init(0)
    error = caught(lambda: run(Body(lambda layer, x, ps, st: stranger(x, *made))))
    assert said(failed(error.luxnb_failure)) == {
        "": [FEATURES % (3, 3, "f32[2,4] (input of the model)")]
    }


def test_it_can_be_looked_at_inside_of_another_model():
    failure = caught(CASES["features"]).luxnb_failure
    seen = []

    def looks(x):
        seen.append(said(failed(failure)))
        return x

    run(lx.Chain(inner=lx.Chain(looks)))
    assert seen == [SAID["features"][1]]


# -- parameters that do not fit -------------------------------------------------------------------


def faults(params, state=ST, x=X):
    return failed(caught(lambda: MLP(x, params, state)).luxnb_failure).faults


def test_every_misfit_is_named_but_not_more_than_three():
    assert faults(lx.Tree(layer_4=PS.layer_4))[:4] == (
        "parameters: layer_1.weight f32[4,8] is missing",
        "parameters: layer_1.bias f32[8] is missing",
        "parameters: layer_2.scale f32[8] is missing",
        "parameters: and 1 more",
    )


def test_parameters_too_many_are_named_when_something_else_fails():
    params = lx.Tree.of({**PS.to_dict(), "old": {"weight": jnp.ones(3)}})
    assert faults(params, x=jnp.ones((2, 5)))[0] == (
        "parameters: old.weight is nothing that the model has"
    )


def test_parameters_that_fit_in_another_dtype_are_no_misfit():
    assert faults(lx.cast(PS, jnp.bfloat16), x=jnp.ones((2, 5))) == ()


def test_a_state_that_has_grown_is_no_misfit():
    model = lx.Chain(lx.TransformerBlock(4, 2, causal=True), head=lx.Dense(9, 1))
    ps, st = model.init(0)
    grown = lx.with_cache(model, lx.testmode(st), batch_size=1, max_length=8)
    assert len(jax.tree.leaves(grown)) > len(jax.tree.leaves(st))
    root = failed(caught(lambda: model(jnp.ones((1, 2, 4)), ps, grown)).luxnb_failure)
    assert said(root) == {"head": [FEATURES % (9, 9, "f32[1,2,4] (output of layer_1)")]}


def test_an_entry_of_another_tree_is_not_called_a_parameter():
    settings = lx.Tree(rate=1.0)
    error = caught(lambda: run(lx.Chain(lambda x: x * settings.scale)))
    assert str(error) == "no entry 'scale'; there is 'rate'"


def test_the_kind_of_the_error_is_kept():
    assert type(caught(CASES["misspelt"])) is AttributeError
    assert type(caught(CASES["no parameters"])) is KeyError


def test_a_default_for_what_is_missing_works_as_ever():
    def body(layer, x, ps, st):
        return x * getattr(ps, "scale", 2.0) * ps.get("gain", 3.0), st

    assert float(run(Body(body))[0][0, 0]) == 6.0


# -- the essential sentence -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reason", "sentence"),
    [
        ("ValueError: expected x; got f32[2]", "expected x; got f32[2]"),
        ("TypeError: add got (2, 3), (2, 4).", "add got (2, 3), (2, 4)"),
        ("RuntimeError: stop", "RuntimeError: stop"),
        ("ValueError: One thing. Another thing.", "One thing"),
        ("ValueError: 0.5 is no integer, e.g. 1. Write 2", "0.5 is no integer, e.g. 1"),
        ("ValueError: first line\n\nlong explanation", "first line"),
        ("ValueError", "ValueError"),
        ("", ""),
    ],
)
def test_essence(reason, sentence):
    assert essence(reason) == sentence


# -- errors and inputs of every kind --------------------------------------------------------------


class Slots(Exception):
    __slots__ = ()


class Mute(Exception):
    def __str__(self):
        raise RuntimeError("no words")


class Hidden(lx.Layer):
    def __repr__(self):
        raise RuntimeError("no repr")

    def forward(self, x, ps, st):
        raise ValueError("hidden")


def endless(layer, x, ps, st):
    return endless(layer, x, ps, st)


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        (raises(Slots()), "Slots"),
        (raises(Mute()), "Mute: <no message: it cannot be printed>"),
        (raises(ValueError()), "ValueError"),
        (raises(StopIteration()), "StopIteration"),
        (raises(RuntimeError(1, b"2")), "RuntimeError: (1, b'2')"),
        (raises(KeyError()), "KeyError"),
        (endless, "RecursionError: maximum recursion depth exceeded"),
    ],
)
def test_odd_errors(body, fault):
    error = caught(lambda: run(lx.Chain(Body(body))))
    root = failed(error.luxnb_failure)
    assert said(root)["layer_1"][0].startswith(fault)


def test_a_layer_without_a_repr():
    error = caught(lambda: run(lx.Chain(Hidden())))
    assert error.__notes__[0][:] == "at layer_1: Hidden(…) was given x: f32[2,4]"
    assert said(failed(error.luxnb_failure))["layer_1"][0] == "hidden"


@pytest.mark.parametrize("kind", [KeyboardInterrupt, SystemExit])
def test_interrupts_are_no_failures(kind):
    with pytest.raises(kind) as info:
        run(Body(raises(kind())))
    assert vars(info.value) == {}


@pytest.mark.parametrize(
    "x",
    [None, 3, "words", object, {1: X, "a": X}, [X] * 2000, (), {"a": [X, (X, None)]}],
    ids=["None", "int", "str", "type", "unsorted", "large", "empty", "nested"],
)
def test_odd_inputs(x):
    error = caught(lambda: run(lx.Chain(Body(raises(ValueError("no")))), x))
    (note,) = [note[:] for note in error.__notes__ if "given x" in note]
    assert len(note) < 400
    assert said(failed(error.luxnb_failure))["layer_1"][0].startswith("no")


@pytest.mark.parametrize("params", [3, None, "ps", {1: 2}, [X]], ids=repr)
def test_odd_parameters(params):
    error = caught(lambda: MLP(X, params, ST))
    assert failed(error.luxnb_failure).faults


def test_plain_dicts_are_trees():
    error = caught(lambda: MLP(jnp.ones((2, 5)), PS.to_dict(), ST.to_dict()))
    assert said(failed(error.luxnb_failure)) == SAID["input"][1]


def test_an_error_can_be_sent_elsewhere_with_its_line():
    error = caught(CASES["value"])  # a lambda cannot be pickled, and is in its model
    copy = pickle.loads(pickle.dumps(error))
    assert type(copy) is ZeroDivisionError
    assert copy.args == error.args
    assert copy.__notes__[0].startswith("at layer_2: Function(")
    assert re.match("<Failure at layer_2: ZeroDivisionError", copy.luxnb_failure)


def test_a_failure_holds_shapes_and_no_arrays():
    failure = caught(CASES["shape of a weight"]).luxnb_failure
    leaves = jax.tree.leaves((failure.x, failure.params, failure.state))
    assert leaves
    assert all(isinstance(leaf, jax.ShapeDtypeStruct) for leaf in leaves)


def test_a_caught_error_costs_little_and_traces_nothing():
    calls = []

    def body(layer, x, ps, st):
        calls.append(1)
        raise ValueError("no")

    model = Body(body)
    made = model.init(0)
    with contextlib.suppress(ValueError):
        model(X, *made)
    assert len(calls) == 1
