"""capture: every output inside of a model by its path; sow: what lies between them."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import luxnb as lx
from luxnb.core import observe
from luxnb.core.observe import is_observed
from tests.laws.table.own import Counter
from tests.same import assert_close, assert_same

X = jnp.asarray(np.random.default_rng(0).normal(size=(4, 3)), jnp.float32)


class Sows(lx.Layer):
    """Shows the half of its input under a name."""

    name: str = "half"

    def forward(self, x, ps, st):
        lx.sow(self.name, x / 2)
        return x, st


class Loop(lx.Layer):
    """Its layer, twice a step."""

    layer: lx.Layer
    steps: int = 3

    def forward(self, x, ps, st):
        def body(carry, _):
            x, state = carry
            for _ in range(2):
                x, state = self.layer(x, ps.layer, state)
            return (x, state), None

        (x, st.layer), _ = observe.scan(body, (x, st.layer), None, length=self.steps)
        return x, st


class Under(lx.Layer):
    """Runs its layer under a transformation that does not watch."""

    change: object
    layer: lx.Layer

    def forward(self, x, ps, st):
        def run(x):
            return self.layer(x, ps.layer, st.layer)[0]

        return self.change(run)(x), st


MODELS = {
    "chain": lx.Chain(lx.Dense(3, 5, jnp.tanh), lx.Dropout(0.5), lx.BatchNorm(5), lx.Dense(5, 2)),
    "skip": lx.SkipConnection(lx.Chain(zebra=lx.Dense(3, 3), apple=jnp.sin)),
    "counter": lx.Chain(Counter(), Counter()),
    "sows": lx.Chain(Sows(), lx.Dense(3, 2)),
    "loop": Loop(lx.Chain(lx.Dense(3, 3, jnp.tanh), Counter())),
}


def paths(model, x=X):
    return list(lx.capture(model)(x, *model.init(0))[2])


# -- which outputs ---------------------------------------------------------------------------------


def test_every_output_by_path_in_the_order_in_which_they_ended():
    inner = lx.Chain(zebra=lx.Dense(3, 3), apple=jnp.sin)
    model = lx.Chain(lx.Dense(3, 3), lx.SkipConnection(inner), last=lx.Dense(3, 1))
    expected = ["layer_1", "layer_2.layer.zebra", "layer_2.layer.apple", "layer_2.layer", "layer_2"]
    assert paths(model) == [*expected, "last", ""]
    captured = jax.jit(lx.capture(model))
    assert list(captured(X, *model.init(0))[2]) == [*expected, "last", ""]


def test_the_outputs_are_those_of_the_layers():
    model = lx.Chain(lx.Dense(3, 5, jnp.tanh), lx.Dense(5, 2))
    ps, st = model.init(0)
    y, _, outputs = lx.capture(model)(X, ps, st)
    hidden, _ = model.layer_1(X, ps.layer_1, st.layer_1)
    np.testing.assert_array_equal(outputs["layer_1"], hidden)
    assert outputs["layer_2"] is outputs[""] is y


@pytest.mark.parametrize("name", MODELS)
def test_output_and_state_are_those_of_the_plain_call(name):
    model = MODELS[name]
    ps, st = model.init(0)
    y, new, outputs = lx.capture(model)(X, ps, st)
    assert_same((y, new), model(X, ps, st))
    assert_same(outputs[""], y)
    assert_close(jax.jit(lx.capture(model))(X, ps, st), (y, new, outputs))


def test_a_layer_called_again_is_numbered():
    class Twice(lx.Layer):
        layer: lx.Layer

        def forward(self, x, ps, st):
            for _ in range(3):
                x, st.layer = self.layer(x, ps.layer, st.layer)
            return x, st

    model = Twice(Counter())
    _, _, outputs = lx.capture(model)(jnp.zeros(2), *model.init(0))
    assert list(outputs) == ["layer", "layer#2", "layer#3", ""]
    assert [float(v[0]) for v in outputs.values()] == [1, 3, 6, 6]


def test_what_runs_in_a_scan_is_stacked_over_its_steps():
    model = lx.Chain(loop=Loop(Counter()))
    y, _, outputs = lx.capture(model)(jnp.zeros(()), *model.init(0))
    assert list(outputs) == ["loop.layer", "loop.layer#2", "loop", ""]
    np.testing.assert_array_equal(outputs["loop.layer"], [1, 6, 15])
    np.testing.assert_array_equal(outputs["loop.layer#2"], [3, 10, 21])
    assert float(y) == 21


def test_any_pytree_is_an_output():
    class Pair(lx.Layer):
        def forward(self, x, ps, st):
            return {"one": x, "two": (x, x)}, st

    _, _, outputs = jax.jit(lx.capture(lx.Chain(Pair())))(X, *lx.Chain(Pair()).init(0))
    assert outputs["layer_1"]["two"][1].shape == X.shape


# -- sow -------------------------------------------------------------------------------------------


def test_what_is_sown_stands_under_the_path_of_its_layer():
    model = lx.Chain(lx.Chain(inside=Sows()), Sows("third"))
    ps, st = model.init(0)
    _, _, outputs = lx.capture(model)(X, ps, st)
    assert list(outputs) == [
        "layer_1.inside.half",
        "layer_1.inside",
        "layer_1",
        "layer_2.third",
        "layer_2",
        "",
    ]
    np.testing.assert_array_equal(outputs["layer_1.inside.half"], X / 2)
    assert paths(Sows()) == ["half", ""]


def test_sown_twice_and_sown_in_a_loop():
    model = Loop(Sows(), 5)
    _, _, outputs = jax.jit(lx.capture(model))(X, *model.init(0))
    assert list(outputs) == ["layer.half", "layer", "layer.half#2", "layer#2", ""]
    assert outputs["layer.half#2"].shape == (5, *X.shape)


def test_without_capture_sow_does_nothing():
    assert lx.sow("a", X) is None

    class Silent(lx.Layer):
        def forward(self, x, ps, st):
            _ = x / 2
            return x, st

    sown, silent = (
        str(jax.make_jaxpr(model)(X, *model.init(0)))
        for model in (lx.Chain(Sows(), jnp.sin), lx.Chain(Silent(), jnp.sin))
    )
    assert sown == silent


# -- purity ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", MODELS)
def test_a_model_is_the_same_program_before_during_and_after(name):
    """Capturing leaves no trace, and what nobody watches is not computed for it."""
    model = MODELS[name]
    ps, st = model.init(0)
    before = str(jax.make_jaxpr(model)(X, ps, st))
    lx.capture(model)(X, ps, st)
    assert str(jax.make_jaxpr(model)(X, ps, st)) == before
    unused = jax.jit(lambda *a: lx.capture(model)(*a)[:2]).lower(X, ps, st)
    plain = jax.jit(lambda *a: model(*a)).lower(X, ps, st)
    one, other = (made.compile().cost_analysis()["flops"] for made in (unused, plain))
    assert one == other


@pytest.mark.parametrize("name", MODELS)
def test_under_jit_grad_and_vmap_nothing_leaks(name):
    model = MODELS[name]
    ps, st = model.init(0)
    captured = lx.capture(model)

    def loss(ps, x):
        _, new, outputs = captured(x, ps, st)
        return sum(jnp.sum(jnp.square(v)) for v in outputs.values()), new

    with jax.checking_leaks():
        _, _, outputs = jax.jit(captured)(X, ps, st)
        gradient, _ = jax.jit(jax.grad(loss, has_aux=True))(ps, X)
        _, _, mapped = jax.vmap(captured, in_axes=(0, None, None))(X[None], ps, st)
    assert jax.tree.structure(gradient) == jax.tree.structure(ps)
    assert_close({k: v[0] for k, v in mapped.items()}, dict(outputs))


def test_gradients_by_what_is_inside():
    model = lx.Chain(lx.Dense(3, 2), jnp.tanh)
    ps, st = model.init(0)

    def hidden(ps):
        return lx.capture(model)(X, ps, st)[2]["layer_1"].sum()

    gradient = jax.grad(hidden)(ps)
    np.testing.assert_allclose(gradient.layer_1.bias, [4, 4])
    np.testing.assert_allclose(gradient.layer_1.weight, np.tile(X.sum(0)[:, None], 2), rtol=1e-6)


@pytest.mark.parametrize(
    "change",
    [jax.jit, jax.vmap, jax.checkpoint, lambda run: jax.jacfwd(run)],
    ids=["jit", "vmap", "checkpoint", "jacfwd"],
)
def test_what_runs_where_nobody_watches_is_left_out(change):
    model = lx.Chain(Under(change, lx.Chain(Sows(), lx.Dense(3, 3))), jnp.sin)
    with jax.checking_leaks():
        for captured in (lx.capture(model), jax.jit(lx.capture(model))):
            _, _, outputs = captured(X, *model.init(0))
            assert list(outputs) == ["layer_1", "layer_2", ""]


def test_an_error_inside_leaves_nobody_watching():
    model = lx.Chain(Sows(), lx.Dense(7, 1))
    with pytest.raises(ValueError, match=r"expected x of shape \(…, 7\)") as error:
        lx.capture(model)(X, *model.init(0))
    assert error.value.luxnb_path == "layer_2"
    assert not is_observed()


@pytest.mark.parametrize("value", [jnp.sin, None, lx.Dense], ids=["function", "none", "class"])
def test_only_layers_are_captured(value):
    with pytest.raises(TypeError, match=r"capture needs a layer, got "):
        lx.capture(value)
