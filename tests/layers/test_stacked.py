"""Stacked and Repeated: what runs how often, with which parameters and which state."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import luxnb as lx
from tests.laws.table.own import Counter, Join
from tests.same import assert_close, assert_same, bits

X = jnp.asarray(np.random.default_rng(0).normal(size=(4, 3)), jnp.float32)
BLOCK = lx.Chain(lx.Dense(3, 3, jnp.tanh), lx.Dropout(0.5), lx.BatchNorm(3))


def stacked(values):
    return jax.tree.map(lambda *v: jnp.stack(v), *values)


def as_chain(options):
    """The layer, its parameters and state; and of the chain that it stands for."""
    layer, chain = lx.Stacked(BLOCK, 3, **options), lx.Chain(*[BLOCK] * 3)
    return layer, *layer.init(0), chain, *chain.init(0)


def test_it_begins_as_the_chain_does():
    _, ps, st, _, chain_ps, chain_st = as_chain({})
    assert_same(ps.layer, stacked(chain_ps.values()))
    assert_same(st.layer, stacked(chain_st.values()))


def test_more_copies_leave_the_first_ones_as_they_were():
    few, many = (lx.Stacked(BLOCK, n).init(0) for n in (2, 5))
    assert bits(jax.tree.map(lambda v: v[:2], many)) == bits(few)


@pytest.mark.parametrize("options", [{}, {"remat": True}, {"unroll": 2}], ids=str)
@pytest.mark.parametrize("mode", [lx.trainmode, lx.testmode], ids=["train", "test"])
def test_it_does_what_the_chain_does(options, mode):
    """Values, gradients, masks of dropout, running values; also in the next call."""
    layer, ps, st, chain, chain_ps, chain_st = as_chain(options)
    st, chain_st = mode(st), mode(chain_st)

    def loss(layer, x, ps, st):
        y, st = layer(x, ps, st)
        return (y**2).sum(), (y, st)

    gradient = jax.jit(jax.value_and_grad(loss, (1, 2), has_aux=True), static_argnums=0)
    for _ in range(2):
        (_, (y, st)), (by_x, by_ps) = gradient(layer, X, ps, st)
        (_, (expected, chain_st)), (chain_by_x, chain_by_ps) = gradient(
            chain, X, chain_ps, chain_st
        )
        assert_close(y, expected)
        assert_close(st.layer, stacked(chain_st.values()))
        assert_close(by_x, chain_by_x, rtol=1e-4, atol=1e-5)
        assert_close(by_ps.layer, stacked(chain_by_ps.values()), rtol=1e-4, atol=1e-5)


def test_each_copy_drops_other_elements():
    layer = lx.Stacked(lx.Dropout(0.5), 2)
    x = jnp.ones((100, 100))
    _, _, outputs = lx.capture(layer)(x, *layer.init(0))
    first, both = outputs["layer"] > 0
    assert 0.45 < float(first.mean()) < 0.55
    assert 0.2 < float(both.mean()) < 0.3  # one mask twice would leave a half


def test_it_compiles_no_longer_for_more_copies():
    def equations(n):
        layer = lx.Stacked(BLOCK, n)
        made = jax.eval_shape(layer.init, jax.random.key(0))
        return str(jax.make_jaxpr(layer)(X, *made)).count("\n")

    assert equations(2) == equations(50)


def test_an_unrolled_loop_is_none():
    def text(unroll):
        layer = lx.Stacked(lx.Dense(3, 3), 4, unroll=unroll)
        return jax.jit(layer).lower(X, *layer.init(0)).as_text()

    assert "stablehlo.while" in text(1)
    assert "stablehlo.while" not in text(4)


def test_rematerialised_copies_keep_only_what_they_are_given():
    """Of what is inside of the block, as wide as ten inputs, nothing is kept for the gradient."""
    block = lx.Chain(lx.Dense(3, 30, jnp.tanh), lx.Dense(30, 3))

    def kept(remat):
        layer = lx.Stacked(block, 5, remat=remat)
        ps, st = layer.init(0)
        _, pull = jax.vjp(lambda x, ps: layer(x, ps, st)[0], X, ps)
        return {leaf.shape for leaf in jax.tree.leaves(pull)}

    assert (5, 4, 30) in kept(False)
    assert (5, 4, 30) not in kept(True)


@pytest.mark.parametrize("remat", [False, True])
def test_capture_shows_every_copy(remat):
    layer = lx.Stacked(lx.Chain(lx.Dense(3, 3), jnp.tanh), 4, remat=remat)
    ps, st = layer.init(0)
    y, _, outputs = jax.jit(lx.capture(layer))(X, ps, st)
    assert {path: v.shape for path, v in outputs.items()} == {
        "layer.layer_1": (4, 4, 3),
        "layer.layer_2": (4, 4, 3),
        "layer": (4, 4, 3),
        "": (4, 3),
    }
    np.testing.assert_array_equal(outputs["layer"][-1], y)
    np.testing.assert_allclose(
        outputs["layer.layer_1"][1],
        outputs["layer"][0] @ ps.layer.layer_1.weight[1] + ps.layer.layer_1.bias[1],
        rtol=1e-5,
        atol=1e-6,
    )


def test_stacks_in_stacks():
    layer = lx.Stacked(lx.Stacked(lx.Dense(3, 3), 2), 5)
    ps, st = layer.init(0)
    assert ps.layer.layer.weight.shape == (5, 2, 3, 3)
    assert layer(X, ps, st)[0].shape == X.shape


def test_pytrees_go_through():
    class Swap(lx.Layer):
        def forward(self, x, ps, st):
            return {"a": x["b"] + 1, "b": x["a"]}, st

    y, _ = lx.Stacked(Swap(), 3)(
        {"a": jnp.zeros(2), "b": jnp.zeros(2)}, {"layer": {}}, {"layer": {}}
    )
    assert [float(v[0]) for v in y.values()] == [2, 1]


@pytest.mark.parametrize(
    ("layer", "x", "shapes"),
    [
        (lx.Dense(3, 4), X, r"f32\[4,3\] and returned f32\[4,4\]"),
        (lx.Dense(3, 3), X.astype(jnp.bfloat16), r"bf16\[4,3\] and returned f32\[4,3\]"),
        (Join(), (X, X), r"\(f32\[4,3\], f32\[4,3\]\) and returned f32\[4,6\]"),
    ],
    ids=["shape", "dtype", "structure"],
)
def test_copies_fit_each_other(layer, x, shapes):
    model = lx.Stacked(layer, 2)
    with pytest.raises(
        ValueError,
        match=rf"a layer that is stacked must return what it is given, of the same shape and "
        rf"dtype: {type(layer).__name__}\(.*\) was given {shapes}",
    ):
        model(x, *model.init(0))


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: lx.Stacked(lx.Dense(3, 3), 0), "Stacked.n must be a positive integer, got 0"),
        (lambda: lx.Stacked(jnp.sin, 2), "Stacked.layer must be a layer, got .*; a function is "),
        (lambda: lx.Stacked(lx.Identity(), 2, unroll=0), "Stacked.unroll must be a positive int"),
        (lambda: lx.Repeated(lx.Identity(), 1.5), "Repeated.n must be a positive integer, got 1.5"),
        (lambda: lx.Repeated(jnp.sin, 2), "Repeated.layer must be a layer, got .*; a function is "),
    ],
)
def test_fields(make, says):
    with pytest.raises((ValueError, TypeError), match=says):
        make()


def test_repeated_composes():
    """Unlike Lux's RepeatedLayer, which gives the first input to all."""
    y, _ = lx.Repeated(lx.Function(lambda x: 2 * x + 1), 4)(1.0, {"layer": {}}, {"layer": {}})
    assert y == 31


def test_repeated_passes_its_state_on():
    layer = lx.Repeated(Counter(), 3)
    y, st = layer(jnp.zeros(()), *layer.init(0))
    assert st.layer.calls == 3
    assert y == 1 + 2 + 3


def test_repeated_injects_the_input():
    double = lx.Function(lambda pair: 10 * pair[0] + pair[1])
    y, _ = lx.Repeated(double, 3, input_injection=True)(1, {"layer": {}}, {"layer": {}})
    assert y == 1111


def test_capture_shows_every_time():
    layer = lx.Repeated(lx.Dense(3, 3), 3)
    _, _, outputs = lx.capture(layer)(X, *layer.init(0))
    assert list(outputs) == ["layer", "layer#2", "layer#3", ""]
