"""The short form makes the layer that one would write by hand, and says what it cannot do."""

import pickle

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import luxnb as lx
from luxnb.core.spec import is_key
from tests.same import assert_same

X = np.random.default_rng(0).normal(size=(5, 2)).astype(np.float32)


@lx.compact(
    hidden=lx.Dense(2, 3, jnp.tanh),
    drop=lx.Dropout(0.5),
    gain=lx.Param(lx.init.normal(), (3,)),
    count=lx.State(lx.init.zeros()),
    key=lx.RandomKey(),
    power=2,
)
def short(m, x):
    """A net."""
    m.count = m.count + 1
    key, m.key = jax.random.split(m.key)
    x = m.drop(m.hidden(x)) + jax.random.normal(key, (3,))
    return m.gain * x**m.power


class Long(lx.Layer):
    """The same by hand."""

    hidden: lx.Layer = lx.Dense(2, 3, jnp.tanh)
    drop: lx.Layer = lx.Dropout(0.5)
    power: int = 2

    def init_params(self, key):
        return {"gain": lx.init.normal()(lx.key_for(key, "gain"), (3,))}

    def init_state(self, key):
        return {"count": jnp.zeros(()), "key": lx.key_for(key, "key")}

    def forward(self, x, ps, st):
        st.count = st.count + 1
        key, st.key = jax.random.split(st.key)
        x, st.hidden = self.hidden(x, ps.hidden, st.hidden)
        x, st.drop = self.drop(x, ps.drop, st.drop)
        return ps.gain * (x + jax.random.normal(key, (3,))) ** self.power, st


def test_it_is_the_long_form():
    for seed in (0, 1):
        ps, st = short.init(seed)
        assert_same((ps, st), Long().init(seed))
        for state in (st, lx.testmode(st)):
            assert_same(short(X, ps, state), Long()(X, ps, state))


def test_what_it_is_called():
    assert repr(short) == "short"
    assert str(short).splitlines()[0].startswith("short ")
    assert type(short).__doc__ == "A net."
    assert isinstance(short, lx.Layer)
    assert short.hidden == lx.Dense(2, 3, jnp.tanh)


def test_edits():
    wide = lx.replace(lx.replace(short, "hidden.activation", jnp.sin), "power", 3)
    assert repr(wide) == (
        "replace(replace(short, 'hidden', Dense(2, 3, jax.numpy.sin)), 'power', 3)"
    )
    assert eval(repr(wide), {**vars(lx), "short": short, "jax": jax}) == wide
    assert wide != short
    assert pickle.loads(pickle.dumps(wide)) == wide
    assert lx.count(lx.replace(short, "gain", lx.Param(lx.init.ones(), (3, 1)))) == 12


def test_two_functions_are_two_layers():
    one, other = (lx.compact(inner=lx.Dense(2, 2))(lambda m, x: m.inner(x)) for _ in range(2))
    assert one == one
    assert one != other


def test_every_part_has_a_key_of_its_own():
    parts = {"a": lx.Param(lx.init.normal(), (4,)), "b": lx.Param(lx.init.normal(), (4,))}
    states = {"c": lx.State(lx.init.normal(), 4), "d": lx.RandomKey(), "e": lx.RandomKey()}
    net = lx.compact(**parts, **states)(lambda m, x: x)
    more = lx.compact(z=lx.Param(lx.init.normal(), 4), **states, **parts)(lambda m, x: x)
    ps, st = net.init(0)
    assert not np.allclose(ps.a, ps.b)
    assert is_key(st.d) and st.d != st.e
    assert_same(more.init(0)[0].b, ps.b)
    assert_same(more.init(0)[1].c, st.c)


# -- m ---------------------------------------------------------------------------------------------


def test_into_containers():
    blocks = lx.Chain(first=lx.Dense(2, 2), inner=lx.Chain(lx.Dense(2, 2, jnp.sin), lx.Dropout()))

    def by_name(m, x):
        return m.blocks.inner.layer_2(m.blocks.inner.layer_1(m.blocks.first(x)))

    def by_index(m, x):
        return m.blocks[1][-1](m.blocks[1][0](m.blocks[0](x)))

    def by_loop(m, x):
        assert len(m.blocks) == 2
        first, inner = m.blocks
        x = first(x)
        for layer in inner:
            x = layer(x)
        return x

    ps, st = blocks.init(0)
    expected = blocks(X, ps, st)
    for body in (by_name, by_index, by_loop):
        y, new = lx.compact(blocks=blocks)(body)(X, {"blocks": ps}, {"blocks": st})
        assert_same((y, new.blocks), expected)


def test_parameters_and_fields_of_layers():
    net = lx.compact(up=lx.Dense(2, 3), norm=lx.BatchNorm(3))(
        lambda m, x: (m.norm(m.up(x)) @ m.up.weight.T, m.up.out_dims, m.norm.running_mean)
    )
    ps, st = net.init(0)
    (y, dims, mean), new = net(X, ps, st)
    assert y.shape == X.shape and dims == 3
    assert_same(mean, new.norm.running_mean)  # what is read is what was just written
    assert not np.allclose(mean, 0)


def test_a_layer_called_twice_hands_on_its_state():
    net = lx.compact(drop=lx.Dropout(0.5))(lambda m, x: (m.drop(x), m.drop(x)))
    ps, st = net.init(0)
    (one, two), new = net(jnp.ones(64), ps, st)
    assert not np.array_equal(one, two)
    _, once = lx.Dropout(0.5)(jnp.ones(64), {}, st.drop)
    assert_same(new.drop, lx.Dropout(0.5)(jnp.ones(64), {}, once)[1])


def test_paths_of_errors_and_outputs():
    blocks = lx.Chain(lx.Chain(lx.Dense(2, 2)), lx.Dense(3, 2))
    net = lx.compact(blocks=blocks)(lambda m, x: m.blocks[1](m.blocks[0][0](x)))
    with pytest.raises(ValueError, match=r"expected x of shape \(…, 3\)") as e:
        net(X, *net.init(0))
    assert e.value.__notes__[0].startswith("at blocks.layer_2: Dense(3, 2) was given x")
    right = lx.replace(net, "blocks.layer_2.in_dims", 2)
    outputs = lx.capture(right)(X, *right.init(0))[2]
    assert list(outputs) == ["blocks.layer_1.layer_1", "blocks.layer_2", ""]


def test_completion():
    seen = []
    net = lx.compact(up=lx.Dense(2, 3), power=2)(lambda m, x: seen.append((dir(m), dir(m.up))) or x)
    net(X, *net.init(0))
    assert seen[0][0] == ["power", "up"]
    assert {"in_dims", "out_dims"} <= set(seen[0][1])


# -- what is wrong ---------------------------------------------------------------------------------


def call(body, **parts):
    net = lx.compact(**parts)(body)
    return net(X, *net.init(0))


def write(name):
    return lambda m, x: setattr(m, name, 1) or x


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (lambda m, x: None, r"<lambda>\(m, x\) returned nothing: end it with `return y`"),
        (lambda m, x: m.hiden(x), "<lambda> has no part 'hiden'; did you mean 'hidden'"),
        (lambda m, x: m.hidden.wieght, "Dense has no part 'wieght'; did you mean 'weight'"),
        (write("gain"), "cannot write its parameter 'gain': parameters change by training only"),
        (write("hidden"), "cannot write 'hidden': it is a part of the layer, which is a value"),
        (write("n"), r"has no state 'n': declare it, @compact\(n=State\(init\.zeros\(\), …\)\)"),
    ],
)
def test_bodies(body, message):
    with pytest.raises((TypeError, AttributeError), match=message):
        call(body, hidden=lx.Dense(2, 2), gain=lx.Param(lx.init.ones(), (2,)))


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ({}, r"compact needs parts: @compact\(hidden=Dense\(2, 32\)\)"),
        (
            {"w": jnp.ones(2)},
            r"net\.w is an array; a layer holds none: declare w=Param\(init, shape\) to train it, "
            r"or w=State\(init, shape\)",
        ),
        ({"w": {"a": 1}}, r"net\.w must be hashable, got dict"),
        ({"w": [lx.Dense(2, 2)]}, r"net\.w holds layers in a tuple: put them in a Chain"),
        ({"init": 1}, r"net\.init is not yours to write"),
    ],
)
def test_parts(parts, message):
    def net(m, x):
        return x

    with pytest.raises(TypeError, match=message):
        lx.compact(**parts)(net)


def test_functions():
    def net(m):
        return m

    with pytest.raises(
        TypeError,
        match=r"net must take two arguments: write `def net\(m, x\)`; more inputs travel in x",
    ):
        lx.compact(a=1)(net)
    for wrong in (lx.Dense, 3):
        with pytest.raises(
            TypeError, match=r"@compact\(…\) goes over a function `def net\(m, x\)`"
        ):
            lx.compact(a=1)(wrong)


def test_what_is_inside_a_function_cannot_be_pickled():
    net = lx.compact(a=1)(lambda m, x: x)
    with pytest.raises(
        pickle.PicklingError, match="can be pickled when its function stands at the top level"
    ):
        pickle.dumps(net)


@pytest.mark.parametrize("part", [lx.Param, lx.State])
def test_declarations(part):
    name = part.__name__
    assert part(lx.init.ones(), 3) == part(lx.init.ones(), [3]) == part(lx.init.ones(), (3,))
    assert repr(part(lx.init.ones())) == f"{name}(init.ones())"
    for init in (lx.init.ones, 1.0, None):
        with pytest.raises(TypeError, match=rf"{name}\.init must be an initialiser \(key, shape\)"):
            part(init)
    for shape in (-1, (1.0,), "3", True):
        with pytest.raises(ValueError, match=rf"{name}\.shape must be a tuple of integers ≥ 0"):
            part(lx.init.ones(), shape)
