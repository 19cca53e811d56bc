"""lx.summary: what may be given, what comes back, what is remembered, and what errors leave."""

import time

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

import luxnb as lx
from luxnb import BatchNorm, Chain, Dense, Dropout, Embedding, Function, Layer, Mode, summary, view
from luxnb.core.probe import probe
from tests.benchmarks.models import GPT2, MLP

MODEL = Chain(Dense(8, 16, jax.nn.relu), Dense(16, 4))
FLOPS = 5 * 16 * (2 * 8 + 2) + 5 * 4 * (2 * 16 + 1)


@pytest.mark.parametrize(
    "x",
    [
        (5, 8),
        (np.int64(5), 8),
        np.zeros((5, 8)),
        jnp.zeros((5, 8)),
        jax.ShapeDtypeStruct((5, 8), jnp.float32),
        jax.ShapeDtypeStruct((5, 8), np.float64),
    ],
    ids=["shape", "numpy shape", "numpy", "array", "spec", "wide spec"],
)
def test_an_array_or_its_shape(x):
    seen = summary(MODEL, x)
    assert seen.flops == FLOPS
    assert seen.output == jax.ShapeDtypeStruct((5, 4), jnp.float32)
    assert seen.x == jax.ShapeDtypeStruct((5, 8), jnp.float32)


def test_a_pytree_of_arrays_and_shapes():
    model = Function(lambda x: {"sum": x["a"] + x["b"][0], "ids": x["b"][1]})
    seen = summary(model, {"a": (2, 3), "b": [np.ones(3), jax.ShapeDtypeStruct((7,), int)]})
    assert seen.output["sum"].shape == (2, 3)
    assert seen.output["ids"] == jax.ShapeDtypeStruct((7,), jnp.int32)
    pair = summary(lx.Bilinear(3, 4, 5), ((2, 3), (2, 4)))
    assert pair.output.shape == (2, 5)
    assert summary(Function(jnp.sin), ()).output.shape == ()


@pytest.mark.parametrize(
    ("x", "error", "message"),
    [
        (np.array(["a"]), TypeError, r"x must be an array of numbers, a shape .* got <U1\[1\]"),
        (np.array([{}]), TypeError, r"x must be .* got object\[1\]"),
        ("text", TypeError, r"x must be .* got 'text'"),
        ({"a": object}, TypeError, "x must be .* got <class 'object'>"),
        (3.5, TypeError, "x must be .* got 3.5"),
        ([4, 8], TypeError, "x must be .* got 4; a shape is a tuple"),
        (8, TypeError, "x must be .* got 8; a shape is a tuple"),
        ((True, 8), TypeError, "x must be .* got True"),
        ((-1, 8), ValueError, r"x: no size of a shape can be negative, got \(-1, 8\)"),
    ],
    ids=repr,
)
def test_wrong_inputs(x, error, message):
    with pytest.raises(error, match=message):
        summary(MODEL, x)


def test_other_wrong_arguments():
    with pytest.raises(TypeError, match=r"summary needs a layer, got .*write summary"):
        summary((5, 8), MODEL)
    with pytest.raises(TypeError, match=r"mode must be Mode.TRAIN or Mode.TEST, got 'train'"):
        summary(MODEL, (5, 8), mode="train")
    with pytest.raises(TypeError, match="optimizer must have an init, as those of optax, got 3"):
        summary(MODEL, (5, 8), optimizer=3)
    with pytest.raises(TypeError, match="Chain needs its parameters as a Tree, got 'ps'"):
        summary(MODEL, (5, 8), "ps")


def test_memory_by_closed_formulas():
    seen = summary(MODEL, (5, 8), backward=True, optimizer=optax.adam(1e-3))
    parameters = 8 * 16 + 16 + 16 * 4 + 4
    assert (seen.parameters, seen.parameter_bytes) == (parameters, 4 * parameters)
    assert seen.optimizer_bytes == 2 * 4 * parameters + 4  # two moments, and a counter of steps
    assert seen.activation_bytes == 4 * 5 * (16 + 4)
    assert seen.kept_bytes == 5 * 16 * (4 + 1)  # what goes on, and where relu lets it through
    assert seen.state_bytes == 0
    assert summary(Chain(BatchNorm(6)), (5, 6)).state_bytes == 2 * 4 * 6


def test_what_was_not_asked_for_is_none():
    seen = summary(MODEL, (5, 8))
    assert seen.backward_flops is seen.kept_bytes is seen.optimizer_bytes is None
    assert seen.root.cost.backward_flops is None


def test_frozen_parameters_are_no_parameters():
    seen = summary(Chain(lx.Frozen(Dense(8, 8)), Dense(8, 8)), (5, 8))
    assert seen.parameters == 8 * 8 + 8


def test_the_mode():
    """Forward as in a test, backward as in training, unless a state or a mode is given."""
    model = Chain(Dropout(0.5))
    params, state = model.init(0)

    def mode(*args, **options):
        return summary(model, (5, 8), *args, **options)["layer_1"].state["mode"]

    assert mode() is Mode.TEST
    assert mode(backward=True) is Mode.TRAIN
    assert mode(params, state) is Mode.TRAIN
    assert mode(params, lx.testmode(state), backward=True) is Mode.TEST
    assert mode(params, state, mode=Mode.TEST) is Mode.TEST
    assert mode(mode=Mode.TRAIN) is Mode.TRAIN
    assert summary(BatchNorm(3), (1, 3)).output.shape == (1, 3)  # in training this is an error


def test_models_that_have_no_gradient():
    class Count(Layer):
        def init_params(self, key):
            return {"steps": jnp.zeros((), jnp.int32)}

        def init_state(self, key):
            return {"key": key}

        def forward(self, x, ps, st):
            return {"ids": x + ps.steps, "word": None}, st

    seen = summary(Count(), jax.ShapeDtypeStruct((3,), jnp.int32), backward=True)
    assert (seen.flops, seen.backward_flops, seen.kept_bytes) == (0, 0, 0)
    embedded = summary(Embedding(10, 4), jax.ShapeDtypeStruct((3,), jnp.int32), backward=True)
    assert embedded.backward_flops == 3 * 4  # its sums at the rows


def test_nothing_is_computed_and_nothing_allocated():
    before = {id(array) for array in jax.live_arrays()}
    summary(GPT2, jax.ShapeDtypeStruct((1, 32), jnp.int32))
    assert not [a for a in jax.live_arrays() if id(a) not in before and a.size > 1000]
    ps, st = MODEL.init(0)
    ps.layer_1.weight.delete()
    assert summary(MODEL, (5, 8), ps, st).flops == FLOPS


def test_a_node_by_its_path():
    seen = summary(GPT2, jax.ShapeDtypeStruct((1, 32), jnp.int32))
    node = seen["block_3.attention.q_proj"]
    assert (node.layer, node.output.shape) == (Dense(768, 768), (1, 32, 768))
    assert seen[""] is seen.root
    with pytest.raises(KeyError, match=r"no layer at 'block_3.atention'; did you mean 'block_"):
        seen["block_3.atention"]


def test_rows_for_a_table():
    rows = summary(MODEL, (5, 8), backward=True).to_rows()
    assert [row["path"] for row in rows] == ["", "layer_1", "layer_2"]
    assert [row["layer"] for row in rows] == ["Chain", "Dense", "Dense"]
    assert rows[1]["output"] == "f32[5,16]"
    assert sum(row["flops"] for row in rows) == FLOPS
    assert sum(row["parameters"] for row in rows) == lx.count(MODEL)


def test_again_it_is_not_traced():
    traces = []
    model = Chain(Dense(8, 8), Function(lambda x: (traces.append(0), x)[1]))
    ps, st = model.init(0)
    first, again = summary(model, (5, 8)), summary(model, jnp.ones((5, 8)))
    summary(model, (5, 8), ps, lx.testmode(st))
    assert len(traces) == 1
    assert first.root is summary(model, (5, 8)).root
    assert view(first).text == view(again).text
    summary(model, (6, 8))
    summary(model, (5, 8), backward=True)
    assert len(traces) == 3


def test_again_it_is_fast():
    x = jax.ShapeDtypeStruct((1, 64), jnp.int32)
    summary(GPT2, x)
    times = []
    for _ in range(20):
        start = time.perf_counter()
        summary(GPT2, x)
        times.append(time.perf_counter() - start)
    assert min(times) < 0.005


def test_x64_is_another_summary():
    with jax.enable_x64(True):
        assert summary(MODEL, (5, 8)).activation_bytes == 8 * 5 * (16 + 4)
    assert summary(MODEL, (5, 8)).activation_bytes == 4 * 5 * (16 + 4)


# -- errors ----------------------------------------------------------------------------------------


def everything(*classes):
    return [dict(vars(cls)) for cls in classes]


def test_an_error_is_the_models_own_and_leaves_everything_intact():
    classes = (Layer, Chain, Dense, Dropout, BatchNorm, lx.Tree)
    before, good = everything(*classes), view(summary(MLP, (4, 784))).text
    for options in ({}, {"backward": True}):
        with pytest.raises(ValueError, match="784") as caught:
            summary(MLP, (4, 785), **options)
        assert caught.value.luxnb_failure.model is MLP
        assert caught.value.luxnb_failure.path == "layer_1"
    assert everything(*classes) == before
    assert probe() is None
    assert view(summary(MLP, (4, 784))).text == good
    assert summary(MLP, (2, 784)).output.shape == (2, 10)
    ps, st = MLP.init(0)
    assert MLP(jnp.ones((2, 784)), ps, st)[0].shape == (2, 10)


def test_parameters_that_do_not_fit():
    ps, st = MODEL.init(0)
    wrong = ps.at["layer_2.weight"].set(jnp.ones((3, 4)))
    with pytest.raises((TypeError, ValueError)) as caught:
        summary(MODEL, (5, 8), wrong, st)
    assert caught.value.luxnb_path == "layer_2"
    with pytest.raises((KeyError, AttributeError)) as caught:
        summary(MODEL, (5, 8), st, ps)
    assert caught.value.luxnb_failure.model is MODEL


# -- its view --------------------------------------------------------------------------------------


def test_its_view_says_what_it_knows():
    seen = summary(MODEL, (5, 8), backward=True, optimizer=optax.sgd(0.1, momentum=0.9))
    text, html = view(seen).text, view(seen).html
    assert "f32[5,16]" in text and "f32[5,16]" in html
    for said in (
        "For x f32[5,8] in train mode: 2.10 kFLOP forward,",
        "848 B of the optimizer",  # a number for each of 212 parameters
    ):
        assert said in " ".join(text.split()) and said in html
    assert repr(seen) == "<Summary of Chain for f32[5,8]>"


def test_the_same_text_on_every_run():
    x = jax.ShapeDtypeStruct((1, 16), jnp.int32)
    assert view(summary(GPT2, x)) == view(summary(GPT2, x))
