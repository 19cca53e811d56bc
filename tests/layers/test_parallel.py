"""Parallel, Branch, PairwiseFusion, Maxout: who is given what, and what joins the outputs."""

import operator

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import luxnb as lx
from tests.laws.table.own import Counter, Join

X, Y = (np.random.default_rng(s).normal(size=(4, 3)).astype(np.float32) for s in range(2))


def run(layer, x):
    return layer(x, *layer.init(0))


def both(a, b):
    return a, b


def test_parallel_gives_each_its_own_of_a_tuple():
    (a, b), _ = run(lx.Parallel(None, jnp.sin, jnp.cos), (X, Y))
    np.testing.assert_allclose(a, np.sin(X), rtol=1e-5)
    np.testing.assert_allclose(b, np.cos(Y), rtol=1e-5)


@pytest.mark.parametrize("x", [X, {"a": X, "b": Y}, [X, Y]], ids=["array", "dict", "list"])
def test_parallel_gives_all_anything_else(x):
    assert run(lx.Parallel(both, lx.Identity(), lx.Identity()), x)[0] == (x, x)


def test_a_function_is_called_once_with_all():
    calls = []

    def note(*values):
        calls.append(values)
        return "joined"

    y, _ = run(lx.Parallel(note, *[lx.Identity()] * 3), (1, 2, 3))
    assert (y, calls) == ("joined", [(1, 2, 3)])


def test_branch_gives_all_the_same_tuple():
    y, _ = run(lx.Branch(Join(), lx.Identity()), (X, Y))
    np.testing.assert_array_equal(y[0], np.concatenate([X, Y], 1))
    assert y[1] == (X, Y)


@pytest.mark.parametrize(
    "layer",
    [
        lx.Parallel(lx.Chain(Join(), Counter()), jnp.sin, Counter()),
        lx.Branch(jnp.sin, Counter(), fusion=lx.Chain(Join(), Counter())),
    ],
    ids=repr,
)
def test_a_layer_gets_the_tuple(layer):
    y, st = run(layer, X)
    np.testing.assert_allclose(y, np.concatenate([np.sin(X), X + 1], 1) + 1, rtol=1e-5)
    joined = st[next(name for name in ("connection", "fusion") if name in st)]
    assert joined.layer_2.calls == st.layer_2.calls == 1


def test_pairwise_fusion_of_a_tuple():
    y, _ = run(lx.PairwiseFusion(both, jnp.sin, lx.Identity()), (1.0, 2.0, 3.0))
    assert y == ((pytest.approx(np.sin(1)), 2), 3)


def test_pairwise_fusion_of_one_input():
    y, _ = run(lx.PairwiseFusion(both, lx.Identity(), lx.Identity()), 1)
    assert y == ((1, 1), 1)


def test_a_connection_of_pairs_has_one_state():
    layer = lx.PairwiseFusion(lx.Chain(Join(), Counter()), lx.Identity(), lx.Identity())
    y, st = run(layer, (X, X, X))
    assert st.connection.layer_2.calls == 2
    np.testing.assert_allclose(y, np.concatenate([X + 3, X + 3, X + 2], 1), rtol=1e-5)


def test_maxout_is_the_largest():
    y, _ = run(lx.Maxout(jnp.sin, jnp.cos, lx.Identity()), X)
    np.testing.assert_allclose(y, np.max([np.sin(X), np.cos(X), X], 0), rtol=1e-5)


def test_maxout_calls_its_function_for_each():
    sizes = iter([2, 3, 4])
    layer = lx.Maxout(lambda: lx.Chain(lx.Dense(1, n := next(sizes)), lx.Dense(n, 2)), 3)
    assert [inner[0].out_dims for inner in layer] == [2, 3, 4]
    ps, _ = lx.Maxout(lambda: lx.Dense(3, 3), 3).init(0)
    weights = [np.asarray(p.weight) for p in ps.values()]
    assert not any(np.array_equal(weights[i], weights[i - 1]) for i in range(3))
    assert repr(lx.Maxout(lambda: lx.Dense(3, 3), 2)) == "Maxout(Dense(3, 3), Dense(3, 3))"
    with pytest.raises(ValueError, match="Maxout needs at least one layer"):
        lx.Maxout(lx.Identity, 0)


def test_maxout_shares_its_gradient_where_several_are_largest():
    layer = lx.Maxout(lx.Identity(), lx.Identity())
    gradient = jax.grad(lambda x: run(layer, x)[0].sum())(jnp.ones(3))
    np.testing.assert_array_equal(gradient, np.ones(3))


def test_tuples_of_another_length():
    for x in ((X,), (X, X, X), ()):
        with pytest.raises(ValueError, match=r"expected a tuple of 2, one for each layer; got \("):
            run(lx.Parallel(None, jnp.sin, jnp.sin), x)
        with pytest.raises(
            ValueError, match=r"expected a tuple of 4, one more than there are layers; got \("
        ):
            run(lx.PairwiseFusion(both, jnp.sin, jnp.sin, jnp.sin), x)


NARROW = lx.Function(lambda x: x[:, :1])


@pytest.mark.parametrize(
    ("layer", "says"),
    [
        (lx.SkipConnection(NARROW), r"SkipConnection\.connection = operator\.add"),
        (lx.Parallel(jnp.multiply, NARROW, jnp.sin), r"Parallel\.connection = jax\.numpy\.multipl"),
        (lx.Branch(NARROW, jnp.sin, fusion=operator.sub), r"Branch\.fusion = operator\.sub"),
        (lx.PairwiseFusion(jnp.add, NARROW), r"PairwiseFusion\.connection = jax\.numpy\.add"),
        (lx.Maxout(NARROW, jnp.sin), "Maxout"),
    ],
    ids=repr,
)
def test_operators_do_not_broadcast(layer, says):
    with pytest.raises(
        ValueError, match=rf"{says}.* needs outputs of one shape, got f32\[4,1\] and f32\[4,3\]"
    ):
        run(layer, jnp.asarray(X))


def test_functions_may_broadcast():
    y, _ = run(lx.SkipConnection(NARROW, lambda a, b: a + b), jnp.asarray(X))
    np.testing.assert_allclose(y, X[:, :1] + X, rtol=1e-6)


def test_operators_of_what_is_no_array():
    assert run(lx.SkipConnection(lx.Identity()), 2)[0] == 4


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda f: lx.Parallel(f, jnp.sin, jnp.sin, jnp.sin), r"Parallel\.connection joins 3"),
        (lambda f: lx.Branch(jnp.sin, fusion=f), r"Branch\.fusion joins 1"),
    ],
)
@pytest.mark.parametrize("function", [operator.add, jnp.add], ids=repr)
def test_operators_take_two(make, says, function):
    with pytest.raises(
        ValueError, match=rf"{says} outputs, but .*\.add takes 2; write a function of all of them"
    ):
        make(function)


@pytest.mark.parametrize(
    ("make", "field"),
    [
        (lambda f: lx.Parallel(f, jnp.sin), "Parallel.connection"),
        (lambda f: lx.Branch(jnp.sin, fusion=f), "Branch.fusion"),
        (lambda f: lx.PairwiseFusion(f, jnp.sin), "PairwiseFusion.connection"),
    ],
)
def test_connections(make, field):
    with pytest.raises(TypeError, match=rf"{field} must be a function or a layer, got '\+'"):
        make("+")
    with pytest.raises(
        TypeError, match=rf"{field} must be a function or a layer, got a class of layers: Join"
    ):
        make(Join)


def test_pairs_need_a_connection():
    with pytest.raises(TypeError, match=r"connection must be a function or a layer, got None"):
        lx.PairwiseFusion(None, jnp.sin)
