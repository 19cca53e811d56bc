"""Operations against XLA's own count, and bytes kept against what JAX's pullback holds."""

import jax
import jax.numpy as jnp
import pytest
from jax.extend.core import Var

import luxnb as lx
from luxnb import (
    BatchNorm,
    Bilinear,
    Chain,
    Conv,
    ConvTranspose,
    Dense,
    Dropout,
    GroupNorm,
    GRUCell,
    LayerNorm,
    LSTMCell,
    Maxout,
    MeanPool,
    MultiHeadAttention,
    Recurrence,
    Repeated,
    RMSNorm,
    Stacked,
    TransformerBlock,
)
from luxnb.core.probe import Probe, probing
from luxnb.inspect.shapes import shapes
from luxnb.inspect.summary import summary
from tests.benchmarks.models import GPT2, MLP, RESNET18

MODELS = {
    "MLP": (MLP, jax.ShapeDtypeStruct((4, 784), jnp.float32)),
    "ResNet-18": (RESNET18, jax.ShapeDtypeStruct((1, 224, 224, 3), jnp.float32)),
    "GPT-2": (GPT2, jax.ShapeDtypeStruct((1, 64), jnp.int32)),
}


def counted_by_xla(function, *args) -> tuple[float, float]:
    """XLA's operations, and its transcendental functions, which it does not count among them."""
    counted = jax.jit(function).lower(*args).cost_analysis()
    return counted.get("flops", 0), counted.get("transcendentals", 0)


def with_gradient(model):
    def function(x, ps, st):
        y, pullback, st = jax.vjp(lambda ps: model(x, ps, st), ps, has_aux=True)
        return y, st, pullback(jax.tree.map(jnp.ones_like, y))

    return function


def made(model, mode):
    """Shapes as `init` gives them, with keys of which XLA draws without counting integers."""
    ps, st = jax.eval_shape(lambda: model.init(jax.random.key(0, impl="rbg")))
    return ps, (lx.testmode(st) if mode is lx.Mode.TEST else st)


@pytest.mark.parametrize("mode", lx.Mode, ids=lambda mode: mode.value)
@pytest.mark.parametrize("name", MODELS)
def test_a_model_within_one_percent_of_xla(name, mode):
    model, x = MODELS[name]
    ps, st = made(model, mode)
    flops, _ = counted_by_xla(model, x, ps, st)
    assert summary(model, x, ps, st).flops == pytest.approx(flops, rel=0.01)


@pytest.mark.parametrize("name", MODELS)
def test_a_gradient_within_one_percent_of_xla(name):
    model, x = MODELS[name]
    ps, st = made(model, lx.Mode.TRAIN)
    flops, _ = counted_by_xla(with_gradient(model), x, ps, st)
    seen = summary(model, x, ps, st, backward=True)
    assert seen.flops + seen.backward_flops == pytest.approx(flops, rel=0.01)
    assert seen.flops == summary(model, x, ps, st).flops


LAYERS = [
    (Dense(64, 32, jnp.tanh), (16, 64)),
    (Bilinear(16, 24, 8), ((4, 16), (4, 24))),
    (Maxout(Dense(32, 16), Dense(32, 16)), (8, 32)),
    (Conv((3, 3), 16, 16, padding="SAME"), (2, 12, 12, 16)),
    (Conv((5, 3), 8, 16, stride=(2, 1), padding=((2, 1), 0), dilation=2), (2, 17, 12, 8)),
    (Conv((3,), 16, 32, groups=2, padding=2), (2, 11, 16)),
    (ConvTranspose((4, 4), 8, 16, stride=2, padding=1), (2, 6, 6, 8)),
    (BatchNorm(32), (64, 32)),
    (LayerNorm(256), (16, 256)),
    (RMSNorm(256), (16, 256)),
    (GroupNorm(32, 4), (2, 8, 8, 32)),
    (MeanPool((2, 2)), (2, 16, 16, 8)),
    (MultiHeadAttention(32, 4), (2, 10, 32)),
    (MultiHeadAttention(32, 4, kv_heads=2), (2, 10, 32)),
    (TransformerBlock(32, 4, jax.nn.silu, causal=True), (2, 10, 32)),
    (LSTMCell(16, 32), ((4, 16), {"hidden": (4, 32), "memory": (4, 32)})),
    (GRUCell(16, 32), ((4, 16), {"hidden": (4, 32)})),
    (Repeated(Dense(32, 32, jax.nn.relu), 3), (8, 32)),
    (Stacked(Dense(32, 32, jax.nn.relu), 3, unroll=3), (8, 32)),
    (Recurrence(LSTMCell(16, 32), unroll=6), (4, 6, 16)),
]


@pytest.mark.parametrize(("layer", "x"), LAYERS, ids=lambda value: repr(value)[:40])
def test_a_layer_within_two_percent_of_xla(layer, x):
    """And so within one where it is large: of what is small, XLA folds some constants."""
    seen = summary(layer, x)
    _, state = shapes(layer)
    counted = counted_by_xla(layer, seen.x, shapes(layer)[0], lx.testmode(state))
    assert seen.flops == pytest.approx(sum(counted), rel=0.02)


def bytes_held(model, x, ps, st):
    """Of the arrays that JAX's pullback holds, without those that the model was given."""

    def held(x, ps, st):
        return jax.tree.leaves(jax.vjp(lambda ps: model(x, ps, st), ps, has_aux=True)[1])

    with probing(Probe()):  # so that nothing is hidden in a program of its own
        program = jax.make_jaxpr(held)(x, ps, st).jaxpr
    made = {v for v in program.outvars if isinstance(v, Var)} - set(program.invars)
    return sum(v.aval.size * v.aval.dtype.itemsize for v in made)


@pytest.mark.parametrize(
    ("model", "shape"),
    [
        (Chain(Dense(8, 16, jnp.tanh), LayerNorm(16), Dense(16, 4)), (5, 8)),
        (Chain(Conv((3, 3), 16, 4, jnp.tanh), BatchNorm(4)), (2, 8, 8, 16)),
        (Stacked(Dense(8, 8, jnp.tanh), 5), (3, 8)),
        (Stacked(Dense(8, 8, jnp.tanh), 5, remat=True), (3, 8)),
        (Chain(*[TransformerBlock(16, 2)] * 3), (2, 5, 16)),
        (Recurrence(GRUCell(3, 4)), (2, 7, 3)),
    ],
    ids=["Dense", "Conv", "Stacked", "rematerialised", "attention", "Recurrence"],
)
def test_bytes_kept_for_the_backward_pass(model, shape):
    ps, st = model.init(0)
    held = bytes_held(model, jnp.ones(shape), ps, st)
    assert summary(model, shape, backward=True).kept_bytes == held > 0


def test_what_is_always_the_same_is_not_kept():
    """Dropout keeps which elements it drops, a bool each; and no zeros to put there."""
    seen = summary(Chain(Dense(8, 16), Dropout(0.5), Dense(16, 4)), (5, 8), backward=True)
    assert seen["layer_2"].cost.kept_bytes == 5 * 16 * (1 + 4)  # and what it gives the next layer
