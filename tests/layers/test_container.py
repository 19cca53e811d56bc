"""What all containers share: names, access by index, slice and name, copies, printing."""

import operator
import pickle

import jax.numpy as jnp
import pytest

import luxnb as lx
from tests.laws.table.own import Join

A, B, C = lx.Dense(2, 2), lx.Dropout(0.1), lx.Dense(2, 2, jnp.tanh)

MAKE = {
    "Parallel": lambda *layers, **named: lx.Parallel(None, *layers, **named),
    "Branch": lx.Branch,
    "PairwiseFusion": lambda *layers, **named: lx.PairwiseFusion(operator.add, *layers, **named),
    "Maxout": lx.Maxout,
}
BEFORE = {"Parallel": "None, ", "PairwiseFusion": "operator.add, "}

kinds = pytest.mark.parametrize("kind", MAKE)


@kinds
def test_names(kind):
    make = MAKE[kind]
    assert make(A, B).names == ("layer_1", "layer_2")
    assert make(A, [B, (C,)]) == make(A, B, C)
    mixed = make(A, last=C)
    assert mixed.children() == {"layer_1": A, "last": C}
    assert list(mixed.init(0)[0]) == list(mixed.init(0)[1]) == ["layer_1", "last"]
    assert make(A, jnp.tanh)[1] == lx.Function(jnp.tanh)


@kinds
def test_index_slice_attribute_iteration(kind):
    make = MAKE[kind]
    model = make(A, B, last=C)
    assert (model[0], model[-1], len(model), list(model)) == (A, C, 3, [A, B, C])
    assert model.layer_2 is B and model.last is C
    assert model[1:] == make(layer_2=B, last=C)
    assert {"layer_1", "last", "init"} <= set(dir(model))
    assert pickle.loads(pickle.dumps(model)) == model
    with pytest.raises(ValueError, match=rf"{kind} needs at least one layer"):
        _ = model[3:]
    with pytest.raises(AttributeError, match=rf"{kind} has no layer 'lost'; did you mean 'last'"):
        _ = model.lost


@kinds
def test_repr(kind):
    make, before = MAKE[kind], BEFORE.get(kind, "")
    assert repr(make(A, B)) == f"{kind}({before}Dense(2, 2), Dropout(0.1))"
    assert repr(make(A, last=B)) == f"{kind}({before}layer_1=Dense(2, 2), last=Dropout(0.1))"


@kinds
def test_copies_with_one_thing_changed(kind):
    make = MAKE[kind]
    model = make(A, last=lx.Chain(C))
    assert lx.replace(model, "layer_1.out_dims", 4) == make(lx.Dense(2, 4), last=lx.Chain(C))
    assert lx.replace(model, "last.layer_1", A) == make(A, last=lx.Chain(A))
    assert model == make(A, last=lx.Chain(C))
    for name in ("names", "layers"):
        with pytest.raises(TypeError, match=rf"{kind}\.{name} cannot be replaced as a whole: rep"):
            lx.replace(model, name, ())


@kinds
def test_what_is_refused(kind):
    make = MAKE[kind]
    with pytest.raises(ValueError, match=rf"{kind} needs at least one layer; Identity\(\) is the"):
        make()
    with pytest.raises(ValueError, match=rf"{kind} has two layers named 'layer_1'"):
        make(A, layer_1=B)
    with pytest.raises(TypeError, match=rf"{kind}\.layer_2 must be a layer or a function, got 's'"):
        make(A, "s")
    with pytest.raises(ValueError, match=rf"{kind}\.keys cannot name an entry: it is a method of"):
        make(keys=A)
    for name in ("names", "forward"):
        with pytest.raises(ValueError, match=rf"{kind}\.{name} cannot name a layer: it is an attr"):
            make(**{name: A})


@pytest.mark.parametrize("name", ["connection", "fusion"])
def test_a_connection_can_be_exchanged(name):
    make = (
        (lambda value: lx.Parallel(value, A, C))
        if name == "connection"
        else (lambda value: lx.Branch(A, C, fusion=value))
    )
    layer = lx.Chain(Join(), lx.Dense(4, 1))
    assert make(layer).children() == {"layer_1": A, "layer_2": C, name: layer}
    assert lx.replace(make(None), name, jnp.multiply) == make(jnp.multiply)
    assert lx.replace(make(jnp.add), name, layer) == make(layer)
    assert lx.replace(make(layer), f"{name}.layer_2.out_dims", 3) == make(
        lx.Chain(Join(), lx.Dense(4, 3))
    )
    with pytest.raises(TypeError, match=rf"{name} must be a function or a layer, got 3"):
        lx.replace(make(None), name, 3)


def test_a_layer_cannot_have_the_name_of_the_connection():
    with pytest.raises(ValueError, match=r"Parallel\.connection cannot name a layer: it is an att"):
        lx.Parallel(None, connection=A)


@pytest.mark.parametrize(
    ("layer", "title"),
    [
        (lx.Parallel(None, A, C), "Parallel"),
        (lx.Parallel(jnp.add, A, C), "Parallel(add)"),
        (lx.Branch(A, C), "Branch"),
        (lx.Branch(A, C, fusion=jnp.add), "Branch(fusion=add)"),
        (lx.PairwiseFusion(operator.mul, A, C), "PairwiseFusion(mul)"),
        (lx.Maxout(A, C), "Maxout"),
    ],
    ids=repr,
)
def test_the_tree_shows_the_connection(layer, title):
    first, *lines = str(layer).splitlines()
    assert first.split("  ")[0] == title
    assert [line.split()[1] for line in lines[:2]] == ["layer_1", "layer_2"]
    assert title in layer._repr_mimebundle_()["text/html"]
