"""Equal neighbours and short periods fold; nothing else does, and no number is lost."""

import hypothesis.strategies as some
import jax
import jax.numpy as jnp
import pytest
from hypothesis import given, settings

from luxnb import Chain, Dense, Dropout, Identity, SkipConnection, Tree
from luxnb.inspect.count import count, tally
from luxnb.inspect.fold import fold
from luxnb.inspect.walk import walk, walk_tree

A, B, C, D = Dense(2, 2), Dropout(0.5), Dense(2, 2, jax.nn.relu), Identity()


def folded(*layers):
    return shape(fold(walk(Chain(*layers))))


def shape(node):
    """(name, last, repeat, children) for each child."""
    return [(c.name, c.last, c.repeat, shape(c)) for c in node.children]


def test_different_neighbours_stay():
    assert folded(A, B, C) == [(f"layer_{i}", "", 1, []) for i in (1, 2, 3)]


def test_a_run_is_one():
    assert folded(A, A, A, B) == [("layer_1", "layer_3", 3, []), ("layer_4", "", 1, [])]


@pytest.mark.parametrize("period", [(A, B), (A, B, C), (A, B, C, D)])
def test_a_period_is_one_group(period):
    n = len(period)
    inner = [(f"layer_{i + 1}", "", 1, []) for i in range(n)]
    assert folded(*period * 3, D, B) == [
        ("layer_1", f"layer_{3 * n}", 3, inner),
        (f"layer_{3 * n + 1}", "", 1, []),
        (f"layer_{3 * n + 2}", "", 1, []),
    ]


def test_a_group_folds_inside():
    assert folded(A, A, B, A, A, B) == [
        ("layer_1", "layer_6", 2, [("layer_1", "layer_2", 2, []), ("layer_3", "", 1, [])])
    ]


def test_an_incomplete_period_leaves_its_rest():
    assert [row[:3] for row in folded(A, B, A, B, A)] == [
        ("layer_1", "layer_4", 2),
        ("layer_5", "", 1),
    ]


def test_a_period_of_five_does_not_fold():
    assert len(folded(*(A, B, C, D, Dropout(0.1)) * 2)) == 10


def test_blocks_fold_at_every_depth():
    block = SkipConnection(Chain(A, A))
    inner = [("layer", "", 1, [("layer_1", "layer_2", 2, [])])]
    assert folded(block, block) == [("layer_1", "layer_2", 2, inner)]


def test_neighbours_with_other_names_inside_stay():
    assert len(folded(Chain(a=A), Chain(b=A))) == 2


def test_neighbours_of_equal_layers_with_unequal_parameters_stay():
    model = Chain(A, A, A)
    params, _ = model.init(0)
    half = params.at["layer_2"].apply(lambda p: jax.tree.map(lambda v: v.astype(jnp.bfloat16), p))
    assert [row[0] for row in shape(fold(walk(model, half)))] == ["layer_1", "layer_2", "layer_3"]


def test_trees_fold_by_their_shapes():
    tree = Tree(a1=Tree(w=jnp.ones(2)), a2=Tree(w=jnp.zeros(2)), a3=Tree(w=jnp.ones(3)))
    assert shape(fold(walk_tree(tree))) == [("a1", "a2", 2, []), ("a3", "", 1, [])]


def test_names_that_say_something_are_kept_apart():
    layers = Chain(value=Dense(2, 2), gate=Dense(2, 2), block_1=Dense(2, 2), block_2=Dense(2, 2))
    folded = shape(fold(walk(layers)))
    assert [entry[:3] for entry in folded] == [
        ("value", "", 1),
        ("gate", "", 1),
        ("block_1", "block_2", 2),
    ]


@settings(max_examples=60, deadline=None)
@given(some.lists(some.sampled_from("ABCD"), min_size=1, max_size=14))
def test_nothing_is_lost_and_order_stays(letters):
    layers = dict(zip("ABCD", (Dense(1, 1), Dense(1, 2), Dense(2, 1), Dense(3, 1)), strict=True))
    model = Chain(*(layers[x] for x in letters))
    node = fold(walk(model))

    def unfolded(node):
        inside = [x for child in node.children for x in unfolded(child)]
        return (inside if node.layer is None else [node.layer]) * node.repeat

    assert [x for child in node.children for x in unfolded(child)] == list(model)
    assert tally(node).parameters == count(model)
    assert count(model) == sum((a.in_dims + 1) * a.out_dims for a in model)
