"""activations: the outputs of all layers over a batch, against a forward pass by NumPy."""

import doctest

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import luxnb as lx
from luxnb import Chain, Dense, Dropout, Layer, Mode
from luxnb.inspect import activations as module
from luxnb.inspect.activations import Activations, activations

RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(64, 5)).astype(np.float32)


def dense(x, params):
    return x.astype(np.float64) @ np.asarray(params.weight, float) + np.asarray(params.bias, float)


def test_each_layer_as_numpy_computes_it():
    model = Chain(Dense(5, 16, jax.nn.relu), Dense(16, 3, jnp.tanh))
    ps, st = model.init(0)
    found = activations(model, X, ps, st)
    hidden = np.maximum(dense(X, ps.layer_1), 0)
    y = np.tanh(dense(hidden, ps.layer_2))
    assert isinstance(found, Activations)
    assert list(found) == ["layer_1", "layer_2", ""]
    for path, values in {"layer_1": hidden, "layer_2": y, "": y}.items():
        each = found[path]
        assert each.shape == values.shape and not each.sampled
        np.testing.assert_allclose(
            (each.mean, each.std, each.low, each.high),
            (values.mean(), values.std(), values.min(), values.max()),
            atol=1e-6,
        )
    assert found["layer_1"].zeros == (hidden == 0).mean()
    assert found["layer_1"].dead == (hidden == 0).all(0).mean()
    assert found["layer_2"].saturated == pytest.approx((np.abs(y) > 0.98).mean())


def test_dead_units():
    model = Dense(3, 4, jax.nn.relu)
    ps, st = model.init(0)
    bias = jnp.array([-100.0, 100.0, -100.0, -100.0])
    found = activations(model, jnp.ones((10, 7, 3)), ps.replace(bias=bias), st)[""]
    assert (found.dead, found.zeros, found.saturated) == (0.75, 0.75, None)


def test_one_row_tells_nothing_of_dead_units():
    model = Dense(3, 4, jax.nn.relu)
    assert activations(model, jnp.ones((1, 3)), *model.init(0))[""].dead is None
    assert activations(model, jnp.ones(3), *model.init(0))[""].dead is None


@pytest.mark.parametrize(
    ("function", "ends"),
    [(jnp.tanh, (-1, 1)), (jax.nn.sigmoid, (0, 1)), (jax.nn.hard_tanh, (-1, 1))],
)
def test_saturated_values(function, ends):
    model = Dense(2, 2, function, use_bias=False)
    params = {"weight": 100 * jnp.eye(2)}
    x = jnp.array([[-1.0, 1.0], [0.0, 1.0]])
    assert activations(model, x, params, model.init(0)[1])[""].saturated == 0.75
    y = model(x, params, model.init(0)[1])[0]
    assert (float(y.min()), float(y.max())) == pytest.approx(ends)


def test_a_layer_that_is_called_again_is_seen_again():
    model = lx.Repeated(Dense(5, 5, jnp.tanh), 3)
    ps, st = model.init(0)
    found = activations(model, X, ps, st)
    assert list(found) == ["layer", "layer#2", "layer#3", ""]
    x = X
    for path in ("layer", "layer#2", "layer#3"):
        x = np.tanh(dense(x, ps.layer))
        assert found[path].mean == pytest.approx(x.mean(), abs=1e-6)
        assert found[path].saturated is not None
    assert [node.path for node in found.root.children] == ["layer", "layer#2", "layer#3"]


def test_a_loop_is_seen_over_all_its_turns():
    model = lx.Stacked(Dense(5, 5, jnp.tanh), 4)
    ps, st = model.init(0)
    found = activations(model, X, ps, st)["layer"]
    x, turns = X, []
    for turn in range(4):
        x = np.tanh(dense(x, jax.tree.map(lambda leaf, n=turn: leaf[n], ps.layer)))
        turns.append(x)
    assert found.shape == (4, 64, 5)
    assert found.mean == pytest.approx(np.mean(turns), abs=1e-6)


def test_outputs_of_several_arrays():
    class Pair(Layer):
        def forward(self, x, ps, st):
            return {"twice": 2 * x, "ones": (jnp.ones(3), 4)}, st

    found = activations(Chain(Pair()), X, *Chain(Pair()).init(0))
    assert found["layer_1.twice"].high == pytest.approx(2 * X.max())
    assert found["layer_1.ones.0"].shape == (3,) and found["layer_1.ones.1"].mean == 4
    assert set(found.root.output) == {"twice", "ones"}


def test_what_was_sown_is_there():
    class Sower(Layer):
        def forward(self, x, ps, st):
            lx.sow("half", x / 2)
            return x, st

    found = activations(Chain(Sower()), X, *Chain(Sower()).init(0))
    assert found["layer_1.half"].high == pytest.approx(X.max() / 2)
    assert found["layer_1.half"].dead is None
    assert found.root.children[0].children[0].path == "layer_1.half"


def test_what_is_inside_a_vmap_is_left_without():
    class Mapped(Layer):
        inner: Layer

        def forward(self, x, ps, st):
            y, _ = jax.vmap(lambda row: self.inner(row, ps.inner, st.inner))(x)
            return y, st

    model = Mapped(Dense(5, 2))
    found = activations(model, X, *model.init(0))
    assert list(found) == [""]
    assert found.root.children[0].output is None


def test_the_mode_is_said_and_the_state_stays():
    model = Chain(Dropout(0.5), lx.BatchNorm(5))
    ps, st = model.init(0)
    before = jax.tree.map(lambda leaf: leaf, st)
    found = activations(model, X, ps, st)
    assert found.mode == "train" and 0.3 < found["layer_1"].zeros < 0.7
    np.testing.assert_array_equal(st.layer_2.running_mean, before.layer_2.running_mean)
    tested = activations(model, X, ps, lx.testmode(st))
    assert tested.mode == "test" and tested["layer_1"].zeros == 0
    mixed = st.replace(layer_1=st.layer_1.replace(mode=Mode.TEST))
    assert activations(model, X, ps, mixed).mode == "test and train"
    assert activations(Dense(5, 2), X, *Dense(5, 2).init(0)).mode == ""


def test_large_outputs_are_sampled_and_not_kept():
    model = Chain(Dense(5, 512), Dense(512, 2))
    ps, st = model.init(0)
    x = RANDOM.normal(size=(600, 5)).astype(np.float32)
    found, exact = (activations(model, x, ps, st, exact=exact) for exact in (False, True))
    assert found["layer_1"].sampled and not found["layer_2"].sampled
    assert not exact["layer_1"].sampled
    assert found["layer_1"].mean == pytest.approx(exact["layer_1"].mean, abs=0.01)
    with pytest.raises(AttributeError, match=r"not kept: write activations\(model, x, ps, st, kee"):
        _ = found.outputs
    kept = activations(model, x, ps, st, keep=True)
    np.testing.assert_allclose(kept.outputs["layer_1"], dense(x, ps.layer_1), atol=1e-5)


def test_it_is_compiled_once(monkeypatch):
    calls = []
    forward = Dense.forward
    monkeypatch.setattr(
        Dense, "forward", lambda self, *args: calls.append(self) or forward(self, *args)
    )
    model = Dense(5, 7)
    ps, st = model.init(0)
    for _ in range(3):
        activations(model, X, ps, st)
    assert len(calls) == 1


def test_no_unit_and_no_batch():
    model = Dense(5, 3, jnp.tanh)
    found = activations(model, jnp.zeros((0, 5)), *model.init(0))[""]
    assert (found.size, found.dead, found.saturated) == (0, None, None)


def test_what_cannot_be_looked_at():
    model = Dense(5, 2)
    ps, st = model.init(0)
    with pytest.raises(TypeError, match=r"^activations needs a layer, got \{weight: f32\[5,2\]"):
        activations(ps, X, ps, st)
    shape = jax.ShapeDtypeStruct((4, 5), jnp.float32)
    with pytest.raises(TypeError, match=r"needs numbers, got shapes alone: call it outside of jit"):
        activations(model, shape, ps, st)
    with pytest.raises(TypeError, match=r"needs numbers"):
        jax.jit(lambda x: activations(model, x, ps, st)[""].mean)(X)
    wrong = Chain(model, Dense(7, 1))
    with pytest.raises(ValueError) as caught:
        activations(wrong, X, *wrong.init(0))
    assert caught.value.luxnb_path == "layer_2"


def test_one_name_for_the_functions_and_for_what_layers_return():
    model = Chain(Dense(5, 2, lx.activations.elu(0.5)))
    assert list(lx.activations(model, X, *model.init(0))) == ["layer_1", ""]
    assert lx.activations(model, X, *model.init(0), keep=True).outputs[""].shape == (64, 2)
    assert "dead" in lx.activations.__call__.__doc__


def test_its_example():
    finder = doctest.DocTestFinder()
    names = {**vars(lx), "lx": lx, "jax": jax, "jnp": jnp}
    (example,) = finder.find(activations, module=module, globs=names)
    assert doctest.DocTestRunner().run(example) == (0, 3)
