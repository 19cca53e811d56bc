"""Chain: composition, names, indexing, slicing, and what it refuses."""

import jax.numpy as jnp
import numpy as np
import pytest

import luxnb as lx
from tests.laws.table.own import Counter

A, B, C = lx.Dense(2, 3), lx.Dropout(0.1), lx.Dense(3, 1)


def test_layers_one_after_the_other():
    model = lx.Chain(lx.Dense(2, 3), jnp.tanh, lx.Dense(3, 1))
    ps, st = model.init(0)
    x = np.random.default_rng(0).normal(size=(4, 2)).astype(np.float32)
    one, three = ps.layer_1, ps.layer_3
    hidden = np.tanh(x @ np.asarray(one.weight) + np.asarray(one.bias))
    expected = hidden @ np.asarray(three.weight) + np.asarray(three.bias)
    np.testing.assert_allclose(model(x, ps, st)[0], expected, rtol=1e-4, atol=1e-6)


def test_names():
    assert lx.Chain(A, B).names == ("layer_1", "layer_2")
    assert lx.Chain(first=A, last=C).names == ("first", "last")
    assert lx.Chain(A, middle=B, last=C).names == ("layer_1", "middle", "last")
    assert list(lx.Chain(first=A, last=C).init(0)[0]) == ["first", "last"]


def test_lists_are_laid_out_flat():
    assert lx.Chain([A, (B, [C])]) == lx.Chain(A, B, C)
    assert lx.Chain(*[A] * 3).names == ("layer_1", "layer_2", "layer_3")


def test_functions_become_layers():
    assert lx.Chain(jnp.tanh, last=jnp.sin).children() == {
        "layer_1": lx.Function(jnp.tanh),
        "last": lx.Function(jnp.sin),
    }


def test_index_slice_attribute_iteration():
    model = lx.Chain(A, B, last=C)
    assert (model[0], model[-1], len(model), list(model)) == (A, C, 3, [A, B, C])
    assert model.layer_2 is B and model.last is C
    assert model[1:] == lx.Chain(layer_2=B, last=C)
    assert model[:2] == lx.Chain(A, B)
    assert model[::2] == lx.Chain(layer_1=A, last=C)
    assert {"layer_1", "layer_2", "last", "init"} <= set(dir(model))
    with pytest.raises(IndexError):
        _ = model[3]


def test_a_slice_takes_its_part_of_the_parameters():
    model = lx.Chain(lx.Dense(2, 3), jnp.tanh, Counter(), lx.Dense(3, 1))
    ps, st = model.init(0)
    x = jnp.ones((1, 2))
    hidden, _ = model[:2](x, ps, st)
    y, _ = model[2:](hidden, ps, st)
    np.testing.assert_array_equal(y, model(x, ps, st)[0])


def test_repr_shows_the_names_when_they_are_not_numbers_in_order():
    assert repr(lx.Chain(A, B)) == "Chain(Dense(2, 3), Dropout(0.1))"
    assert repr(lx.Chain(A, last=C)) == "Chain(layer_1=Dense(2, 3), last=Dense(3, 1))"
    assert repr(lx.Chain(A, B)[1:]) == "Chain(layer_2=Dropout(0.1))"


def test_equal_chains():
    assert lx.Chain(A, B) == lx.Chain(layer_1=A, layer_2=B)
    assert lx.Chain(A, B) != lx.Chain(a=A, b=B)
    assert lx.Chain(A, B) != lx.Chain(B, A)


def test_nested_state():
    model = lx.Chain(inner=lx.Chain(Counter(), Counter()), outer=Counter())
    y, st = model(jnp.zeros(()), *model.init(0))
    assert y == 3
    assert st.inner.layer_2.calls == st.outer.calls == 1


def test_no_layers():
    with pytest.raises(
        ValueError,
        match=r"Chain needs at least one layer; Identity\(\) is the one that does nothing",
    ):
        lx.Chain()
    with pytest.raises(ValueError, match="Chain needs at least one layer"):
        lx.Chain(A)[1:]


def test_one_name_twice():
    with pytest.raises(ValueError, match="Chain has two layers named 'layer_1'"):
        lx.Chain(A, layer_1=B)


@pytest.mark.parametrize("name", ["layers", "names", "init", "forward", "children", "with_child"])
def test_names_of_attributes(name):
    with pytest.raises(
        ValueError, match=rf"Chain\.{name} cannot name a layer: it is an attribute of Chain"
    ):
        lx.Chain(**{name: A})


@pytest.mark.parametrize("name", ["keys", "items", "at"])
def test_names_of_tree_methods(name):
    with pytest.raises(ValueError, match=rf"Chain\.{name} cannot name an entry: it is a method of"):
        lx.Chain(**{name: A})


def test_names_that_are_no_words():
    with pytest.raises(ValueError, match=r"Chain\.a\.b cannot name an entry: use a word without"):
        lx.Chain(**{"a.b": A})
    assert lx.Chain(self=A).names == ("self",)


def test_what_is_no_layer():
    with pytest.raises(TypeError, match=r"Chain\.layer_2 must be a layer or a function, got 3"):
        lx.Chain(A, 3)
    with pytest.raises(TypeError, match=r"must be a function, got a class of layers: Dropout"):
        lx.Chain(A, lx.Dropout)


def test_a_layer_that_is_not_there():
    with pytest.raises(AttributeError, match=r"Chain has no layer 'layer_3'; did you mean 'layer_"):
        _ = lx.Chain(A, B).layer_3
    with pytest.raises(AttributeError, match=r"Chain has no layer 'x'; there is 'layer_1', 'layer"):
        _ = lx.Chain(A, B).x
