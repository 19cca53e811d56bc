"""A layer more, a layer less, a layer elsewhere: names, and where each layer was before."""

import re

import jax.numpy as jnp
import pytest

import luxnb as lx
from luxnb.layers.surgery import duplicated, inserted, moved, removed
from tests.laws.table.own import Blocks, Counter, Gate

A, B, C = lx.Dense(2, 2), lx.Dropout(0.1), lx.Dense(2, 2, jnp.tanh)
NUMBERED = lx.Chain(A, B, C)
NAMED = lx.Chain(body=A, head=C)
MIXED = lx.Chain(A, B, head=C)


@pytest.mark.parametrize("index", range(4))
def test_a_numbered_container_is_numbered_anew(index):
    layers = [A, B, C]
    layers.insert(index, lx.Identity())
    assert lx.insert(NUMBERED, "", index, lx.Identity()) == lx.Chain(*layers)


def test_named_layers_keep_their_names():
    assert lx.insert(NAMED, "", 1, B) == lx.Chain(body=A, dropout=B, head=C)
    assert lx.insert(NAMED, "", 0, lx.BatchNorm(2)).names == ("batch_norm", "body", "head")
    assert lx.insert(NAMED, "", 2, jnp.tanh).names == ("body", "head", "tanh")
    assert lx.insert(NAMED, "", 2, lambda x: x).names == ("body", "head", "function")
    twice = lx.insert(lx.insert(NAMED, "", 1, B), "", 1, B)
    assert twice.names == ("body", "dropout_2", "dropout", "head")
    assert lx.remove(NAMED, "body") == lx.Chain(head=C)
    assert lx.duplicate(NAMED, "head") == lx.Chain(body=A, head=C, head_2=C)
    assert lx.duplicate(lx.duplicate(NAMED, "head"), "head_2").names[2:] == ("head_2", "head_3")
    assert lx.move(NAMED, "head", -1) == lx.Chain(head=C, body=A)


def test_after_numbers_come_names():
    assert lx.insert(MIXED, "", 2, C).names == ("layer_1", "layer_2", "layer_3", "head")
    assert lx.insert(MIXED, "", 3, C).names == ("layer_1", "layer_2", "head", "dense")
    assert lx.remove(MIXED, "layer_1") == lx.Chain(B, head=C)
    assert lx.duplicate(MIXED, "layer_1") == lx.Chain(A, A, B, head=C)
    assert lx.move(MIXED, "layer_1", 1) == lx.Chain(B, A, head=C)
    assert lx.move(MIXED, "layer_1", 2).names == ("layer_2", "head", "layer_1")


def test_with_a_name_all_others_keep_theirs():
    model = lx.insert(NUMBERED, "", 1, C, name="middle")
    assert model.names == ("layer_1", "middle", "layer_2", "layer_3")
    with pytest.raises(ValueError, match="the Chain has a layer named 'head' already"):
        lx.insert(MIXED, "", 0, C, name="head")
    with pytest.raises(ValueError, match=r"Chain\.init cannot name a layer: it is an attribute"):
        lx.insert(MIXED, "", 0, C, name="init")


def test_a_name_that_a_later_layer_has_is_not_given_twice():
    model = lx.Chain(layer_1=A, body=B, layer_2=C)
    assert lx.insert(model, "", 1, B).names == ("layer_1", "dropout", "body", "layer_2")
    assert lx.duplicate(model, "layer_1").names == ("layer_1", "layer_3", "body", "layer_2")


def test_a_name_that_means_something_else_is_not_given():
    class Names(lx.Layer):
        def forward(self, x, ps, st):
            return x, st

    class Forward(Names):
        pass

    assert lx.insert(NAMED, "", 0, Names()).names[0] == "names_2"
    assert lx.insert(NAMED, "", 0, Forward()).names[0] == "forward_2"


def test_deep_inside():
    model = lx.Chain(stem=A, body=lx.SkipConnection(lx.Chain(A, B)), head=C)
    assert lx.insert(model, "body.layer", 2, jnp.tanh) == lx.Chain(
        stem=A, body=lx.SkipConnection(lx.Chain(A, B, jnp.tanh)), head=C
    )
    assert lx.remove(model, "body.layer.layer_1") == lx.Chain(
        stem=A, body=lx.SkipConnection(lx.Chain(B)), head=C
    )


@pytest.mark.parametrize(
    "model",
    [
        lx.Parallel(None, A, B),
        lx.Branch(A, B, fusion=lambda *ys: ys),
        lx.PairwiseFusion(jnp.add, A, C),
        lx.Maxout(A, C),
        lx.CellChain(lx.RNNCell(2, 2), lx.GRUCell(2, 2)),
    ],
    ids=lambda model: type(model).__name__,
)
def test_every_container_and_its_other_fields_stay(model):
    more = lx.insert(model, "", 1, B)
    assert more.names == ("layer_1", "layer_2", "layer_3") and more[1] == B
    assert lx.remove(more, "layer_2") == model
    assert lx.move(lx.move(more, "layer_3", -2), "layer_1", 2) == more


def test_origins_say_where_each_layer_was():
    assert inserted(NUMBERED, "", 1, B).origins == {
        "layer_1": "layer_1",
        "layer_2": None,
        "layer_3": "layer_2",
        "layer_4": "layer_3",
    }
    assert removed(lx.Chain(body=NUMBERED), "body.layer_1").origins == {
        "body.layer_1": "body.layer_2",
        "body.layer_2": "body.layer_3",
    }
    assert duplicated(NAMED, "body").origins == {"body": "body", "body_2": None, "head": "head"}
    assert moved(NUMBERED, "layer_1", 2).origins == {
        "layer_1": "layer_2",
        "layer_2": "layer_3",
        "layer_3": "layer_1",
    }


def test_the_model_that_was_given_stays():
    before = repr(NUMBERED)
    lx.insert(NUMBERED, "", 0, B), lx.remove(NUMBERED, "layer_1"), lx.move(NUMBERED, "layer_1", 1)
    assert repr(NUMBERED) == before


SKIP = lx.Chain(block=lx.SkipConnection(A), join=lx.Parallel(lx.Chain(lambda p: p[0]), A, A))


@pytest.mark.parametrize(
    ("operation", "message"),
    [
        (lambda: lx.remove(NUMBERED, ""), "the model itself cannot be removed: name a layer in it"),
        (lambda: lx.remove(NUMBERED, "layer_4"), "Chain has no child or field 'layer_4'; did you"),
        (lambda: lx.remove(lx.Chain(A), "layer_1"), "Chain needs at least one layer; Identity()"),
        (
            lambda: lx.remove(SKIP, "block.layer"),
            "block.layer is a place that block, a SkipConnection, always has: it cannot be "
            "removed; replace(model, 'block.layer', …) puts another layer there",
        ),
        (lambda: lx.duplicate(SKIP, "block.layer"), "always has: it cannot be duplicated"),
        (lambda: lx.move(SKIP, "block.layer", 1), "always has: it cannot be moved"),
        (lambda: lx.remove(SKIP, "join.connection"), "join, a Parallel, always has"),
        (lambda: lx.remove(Gate(A), "inner"), "a place that the Gate always has"),
        (lambda: lx.duplicate(Blocks((A, Counter())), "block_0"), "that the Blocks always has"),
        (lambda: lx.remove(SKIP, "block.layer.out_dims"), "out_dims is no layer but 2, which"),
        (lambda: lx.insert(SKIP, "block", 0, A), "block is a SkipConnection, which has its layers"),
        (lambda: lx.insert(A, "", 0, A), "the model is a Dense, which has its layers in places"),
        (lambda: lx.insert(A, "in_dims", 0, A), "in_dims is 2, which has its layers in places"),
        (
            lambda: lx.insert(NUMBERED, "", 4, A),
            "the Chain has 3 layers: index must be from 0 to 3",
        ),
        (lambda: lx.insert(NUMBERED, "", -1, A), "index must be from 0 to 3, got -1"),
        (lambda: lx.insert(NUMBERED, "", True, A), "index must be from 0 to 3, got True"),
        (lambda: lx.insert(NUMBERED, "", 0, lx.Dense), "insert needs a layer or a function, got"),
        (lambda: lx.insert(NUMBERED, "", 0, 3), "insert needs a layer or a function, got 3"),
        (
            lambda: lx.move(NUMBERED, "layer_1", -1),
            "layer_1 is layer 1 of 3 and moves by 0 to 2, g",
        ),
        (lambda: lx.move(NUMBERED, "layer_2", 1.0), "layer_2 is layer 2 of 3 and moves by -1 to 1"),
    ],
)
def test_errors(operation, message):
    with pytest.raises((ValueError, TypeError, AttributeError), match=re.escape(message)):
        operation()
