"""Two models side by side: the cheapest way there is, whole, in order, and the same both ways."""

import functools
import re

import jax
import numpy as np
import pytest
from hypothesis import given, settings

from luxnb import (
    BatchNorm,
    Chain,
    Dense,
    Dropout,
    Layer,
    Parallel,
    SkipConnection,
    TransformerBlock,
    WeightNorm,
)
from luxnb.core.spec import short
from luxnb.inspect.align.align import ALONE, FIELDS, RENAME, SHAPES, TYPE, align
from luxnb.inspect.align.edit import edit
from luxnb.inspect.walk import walk
from tests.inspect.edited import LEAVES, edited, edits, models, places

A, B, C, D = Dense(2, 2), Dropout(0.5), Dense(2, 3), BatchNorm(2)


def beside(old, new):
    """(old path, new path) of all places, None for what stands alone."""
    pair = align(walk(old), walk(new))
    return [(p.old and p.old.path, p.new and p.new.path) for p in pair]


# -- what is found ---------------------------------------------------------------------------------


def test_the_same():
    model = Chain(A, SkipConnection(Chain(B, C)))
    assert beside(model, model) == [(path, path) for path, _ in places(model)]


def test_an_insertion():
    assert beside(Chain(A, B, C), Chain(A, D, B, C))[1:] == [
        ("layer_1", "layer_1"),
        (None, "layer_2"),
        ("layer_2", "layer_3"),
        ("layer_3", "layer_4"),
    ]


def test_a_removal():
    found = beside(Chain(A, D, B, C), Chain(A, B, C))
    assert ("layer_2", None) in found and ("layer_4", "layer_3") in found


def test_of_equal_layers_the_first_ones_stay():
    found = beside(Chain(A, A), Chain(A, A, A))
    assert found[1:] == [("layer_1", "layer_1"), ("layer_2", "layer_2"), (None, "layer_3")]


def test_names_decide_between_equal_layers():
    found = beside(Chain(encoder=A, decoder=A), Chain(decoder=A))
    assert found[1:] == [("encoder", None), ("decoder", "decoder")]


def test_a_layer_whose_fields_changed():
    found = beside(Chain(A, C), Chain(Dense(2, 2, jax.nn.relu), Dense(2, 7)))
    assert found[1:] == [("layer_1", "layer_1"), ("layer_2", "layer_2")]


def test_the_nearer_of_two():
    """Of the same shapes rather than of others."""
    found = beside(Chain(A, C), Chain(Dense(2, 3, jax.nn.relu)))
    assert found[1:] == [("layer_1", None), ("layer_2", "layer_1")]


def test_another_layer_in_the_same_place():
    assert beside(Chain(A, B, C), Chain(A, D, C))[2] == ("layer_2", "layer_2")


def test_another_layer_under_another_name():
    found = beside(Chain(a=A, b=B), Chain(a=A, c=D))
    assert found[2:] == [("b", None), (None, "c")]


@pytest.mark.parametrize("wrap", [WeightNorm, SkipConnection, lambda layer: Chain(layer, D)])
def test_what_is_wrapped_is_found_inside(wrap):
    wrapped = Chain(A, wrap(C), B)
    inside = next(iter(wrapped.layer_2.children()))
    assert ("layer_2", f"layer_2.{inside}") in beside(Chain(A, C, B), wrapped)
    assert (f"layer_2.{inside}", "layer_2") in beside(wrapped, Chain(A, C, B))
    assert (None, "layer_2") in beside(Chain(A, C, B), wrapped)


def test_wrapped_twice_and_at_the_root():
    model = Chain(A, B)
    assert beside(model, SkipConnection(SkipConnection(model)))[:3] == [
        (None, ""),
        (None, "layer"),
        ("", "layer.layer"),
    ]


def test_a_container_that_became_another():
    assert beside(Chain(A, C), Parallel(None, A, C)) == [
        ("", ""),
        ("layer_1", "layer_1"),
        ("layer_2", "layer_2"),
    ]


def test_inside_of_one_block_of_many():
    block = TransformerBlock(4, 2)
    model = Chain(*[block] * 12)
    other = block.__replace__(mlp=Chain(Dense(4, 4)))
    found = beside(model, model.with_child("layer_7", other))
    assert ("layer_7", "layer_7") in found and ("layer_8.mlp", "layer_8.mlp") in found
    assert ("layer_7.attention.q_proj", "layer_7.attention.q_proj") in found
    assert ("layer_7.mlp.layer_4", None) in found


def test_many_different_layers_with_layers_in_them():
    """More pairs than are looked into one by one; neighbours are."""
    old = Chain(*[SkipConnection(Dense(2, i)) for i in range(1, 121)])
    new = Chain(*[SkipConnection(Dense(2, i, jax.nn.relu)) for i in range(1, 121)])
    assert beside(old, new) == [(path, path) for path, _ in places(old)]


def test_a_class_that_was_defined_again():
    def define():
        class Mine(Layer):
            width: int

        return Mine

    assert beside(Chain(A, define()(2)), Chain(define()(3)))[1:] == [
        ("layer_1", None),
        ("layer_2", "layer_1"),
    ]


# -- the least cost, by brute force ----------------------------------------------------------------


def size(node):
    return 1 + sum(map(size, node.children))


def own_cost(x, y):
    """What two places cost beside each other, said once more in other words."""
    fields = [
        None if layer.children() else layer for layer in (x.layer, y.layer)
    ]  # containers here have no fields but their layers
    if type(x.layer) is not type(y.layer):
        return TYPE
    forms = [
        {
            sign + name: short(v)
            for sign, own in (("", n.params), ("~", n.state))
            for name, v in own.items()
        }
        for n in (x, y)
    ]
    return SHAPES if forms[0] != forms[1] else FIELDS if fields[0] != fields[1] else 0


def rename_cost(x, y):
    stems = [re.fullmatch(r"(.*?)\d*", node.name)[1] for node in (x, y)]
    return RENAME * (stems[0] != stems[1])


def least(old, new):
    """The least cost of all alignments, every one of them tried."""

    @functools.cache
    def whole(x, y):
        ways = [own_cost(x, y) + row(x.children, y.children)]
        ways += [ALONE * (size(y) - size(c)) + whole(x, c) for c in y.children]
        ways += [ALONE * (size(x) - size(c)) + whole(c, y) for c in x.children]
        return min(ways)

    @functools.cache
    def row(xs, ys):
        if not xs or not ys:
            return ALONE * sum(map(size, xs + ys))
        return min(
            ALONE * size(xs[0]) + row(xs[1:], ys),
            ALONE * size(ys[0]) + row(xs, ys[1:]),
            whole(xs[0], ys[0]) + rename_cost(xs[0], ys[0]) + row(xs[1:], ys[1:]),
        )

    return whole(old, new)


def cost(pair):
    here = ALONE if pair.is_one_sided else own_cost(pair.old, pair.new)
    if not pair.is_one_sided:
        for child in pair.children:
            olds, news = ([p.old for p in child if p.old], [p.new for p in child if p.new])
            if olds and news:  # one stands in the other's place, or around it
                here += rename_cost(olds[0], news[0])
    return here + sum(map(cost, pair.children))


@settings(max_examples=200, deadline=None)
@given(models, models)
def test_no_alignment_of_two_models_costs_less(a, b):
    old, new = walk(a), walk(b)
    assert cost(align(old, new)) == least(old, new)


@settings(max_examples=200, deadline=None)
@given(models, edits)
def test_no_alignment_of_an_edited_model_costs_less(a, changes):
    old, new = walk(a), walk(edited(a, changes))
    pair = align(old, new)
    assert cost(pair) == least(old, new)
    assert [p.old for p in pair if p.old is not None] == nodes(old)
    assert [p.new for p in pair if p.new is not None] == nodes(new)


@settings(max_examples=200, deadline=None)
@given(models, edits)
def test_both_ways_are_the_same(a, changes):
    b = edited(a, changes)
    assert set(beside(a, b)) == {(x, y) for y, x in beside(b, a)}


def nodes(node):
    return [node] + [below for child in node.children for below in nodes(child)]


def test_the_models_are_of_many_kinds():
    """The leaves differ in each way that has a cost of its own."""
    costs = {own_cost(walk(a), walk(b)) for a in LEAVES for b in LEAVES}
    assert costs == {0, FIELDS, SHAPES, TYPE}


# -- rows ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(5))
def test_an_edit_distance_by_the_textbook(seed):
    """The recursion with one minimum for each cell, against one that takes a row at once."""
    random = np.random.default_rng(seed)
    n, m = random.integers(1, 9, 2)
    cost = random.integers(0, 20, (n, m))
    removing, adding = random.integers(1, 12, n).tolist(), random.integers(1, 12, m).tolist()

    @functools.cache
    def distance(i, j):
        ways = [0] if i == j == 0 else []
        ways += [distance(i - 1, j) + removing[i - 1]] if i else []
        ways += [distance(i, j - 1) + adding[j - 1]] if j else []
        ways += [distance(i - 1, j - 1) + cost[i - 1, j - 1]] if i and j else []
        return min(ways)

    found, steps = edit(cost, removing, adding)
    assert found == distance(n, m)
    paid = [removing[i] if j is None else adding[j] if i is None else cost[i, j] for i, j in steps]
    assert sum(paid) == found
    assert [i for i, _ in steps if i is not None] == list(range(n))
    assert [j for _, j in steps if j is not None] == list(range(m))
