"""What is compiled once for equal layers still knows where it stands and who looks."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import luxnb as lx
from luxnb.core.compiled import compiled

TRACES = []


@compiled
def run(layer, x, ps, st):
    TRACES.append(layer)
    return layer(x, ps, st)


class Wrapper(lx.Layer):
    inner: lx.Layer

    def forward(self, x, ps, st):
        y, st.inner = run(self.inner, x, ps.inner, st.inner)
        return y, st


X = jnp.ones((2, 3))


def traces_of(call) -> int:
    TRACES.clear()
    call()
    return len(TRACES)


def test_equal_layers_are_traced_once():
    ps, st = Wrapper(lx.Dense(3, 3, jnp.sin)).init(0)
    for expected in (1, 0):
        assert traces_of(lambda: Wrapper(lx.Dense(3, 3, jnp.sin))(X, ps, st)) == expected
    assert traces_of(lambda: Wrapper(lx.Dense(3, 3, jnp.cos))(X, ps, st)) == 1
    assert traces_of(lambda: Wrapper(lx.Dense(3, 3, jnp.sin))(X[:1], ps, st)) == 1


def test_the_numbers_are_those_of_the_layer():
    layer = lx.Chain(lx.Dense(3, 3, jnp.sin), lx.Dropout(0.5))
    ps, st = layer.init(0)
    expected, new = layer(X, ps, st)
    y, after = Wrapper(layer)(X, {"inner": ps}, {"inner": st})
    np.testing.assert_allclose(y, expected, rtol=1e-6)
    assert after.inner.layer_2.key == new.layer_2.key


def test_each_place_is_seen_under_its_own_path():
    block = Wrapper(lx.Chain(lx.Dense(3, 3)))
    model = lx.Chain(a=block, b=block)
    ps, st = model.init(0)
    model(X, ps, st)  # nobody looks: the programs kept from this must not serve who does
    outputs = lx.capture(model)(X, ps, st)[2]
    assert set(outputs) == {
        *("a.inner.layer_1", "a.inner", "a"),
        *("b.inner.layer_1", "b.inner", "b", ""),
    }
    assert not np.allclose(outputs["a.inner"], outputs["b.inner"])


def test_errors_name_the_path_each_time():
    model = lx.Chain(a=Wrapper(lx.Dense(4, 3)))
    for _ in range(2):
        with pytest.raises(ValueError, match=r"expected x of shape \(…, 4\)") as e:
            model(X, *model.init(0))
        assert e.value.luxnb_path == "a.inner"


def test_it_can_be_transformed():
    layer = Wrapper(lx.Dense(3, 3, jnp.sin))
    ps, st = layer.init(0)

    def loss(ps):
        return jnp.sum(layer(X, ps, st)[0])

    expected = jax.grad(lambda p: jnp.sum(jnp.sin(X @ p.weight + p.bias)))(ps.inner)
    np.testing.assert_allclose(jax.grad(loss)(ps).inner.weight, expected.weight, rtol=1e-5)
    with jax.checking_leaks():
        jax.eval_shape(jax.vmap(lambda x: layer(x, ps, st)), X[None])
