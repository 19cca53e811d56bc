"""Two models, Trees or trainings as one tree, from which both can be read again."""

import re

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from hypothesis import given, settings

from luxnb import (
    BatchNorm,
    Chain,
    Dense,
    Dropout,
    Frozen,
    Identity,
    Layer,
    SkipConnection,
    SpectralNorm,
    Stateful,
    TrainState,
    Tree,
    WeightNorm,
    count,
    diff,
    fit,
    losses,
    summary,
)
from luxnb.core.spec import short
from luxnb.inspect.diff.names import renamed, together
from luxnb.inspect.frozen import frozen_in_place
from luxnb.inspect.node import Noted
from luxnb.inspect.own import own_fields
from luxnb.inspect.walk import walk
from tests.inspect.edited import edited, edits, models

A, B, C = Dense(2, 3), Dropout(0.5), Dense(3, 1)
MODEL = Chain(A, B, C)


def changes(a, b, **more):
    return [tuple(change) for change in diff(a, b, **more).changes]


# -- layers ----------------------------------------------------------------------------------------


def test_identical():
    found = diff(MODEL, Chain(A, B, C))
    assert not found and found.identical and found.changes == ()
    assert found.parameters == 0 and found.flops is None
    assert repr(found) == "identical: 13 parameters"


def test_a_field():
    found = diff(MODEL, Chain(A, Dropout(0.1), C))
    assert found and not found.identical
    assert changes(MODEL, Chain(A, Dropout(0.1), C)) == [("layer_2", "~", "rate 0.5 → 0.1")]
    assert repr(found) == "1 layer changed: 13 parameters"
    node = found.root.children[1]
    assert node.mark == "~" and node.before.layer == B and node.layer == Dropout(0.1)
    assert [child.mark for child in found.root.children] == ["", "~", ""]


def test_a_wider_layer():
    found = diff(MODEL, Chain(Dense(2, 4), B, Dense(4, 1)))
    assert [tuple(change) for change in found.changes] == [
        ("layer_1", "~", "out_dims 3 → 4"),
        ("layer_1.weight", "~", "f32[2,3] → f32[2,4]"),
        ("layer_1.bias", "~", "f32[3] → f32[4]"),
        ("layer_3", "~", "in_dims 3 → 4"),
        ("layer_3.weight", "~", "f32[3,1] → f32[4,1]"),
    ]
    assert repr(found) == "2 layers changed: 13 → 17 parameters (+4)"
    assert found.parameters == 4
    weight = found.root.children[0].params["weight"]
    assert (weight.mark, weight.before.shape, weight.value.shape) == ("~", (2, 3), (2, 4))
    assert repr(diff(Chain(Dense(2, 4), B, Dense(4, 1)), MODEL)).endswith("17 → 13 parameters (−4)")


def test_added_removed_moved_and_renamed():
    assert changes(MODEL, Chain(A, Identity(), B, C)) == [("layer_2", "+", "Identity()")]
    assert changes(MODEL, Chain(A, C)) == [("layer_2", "−", "Dropout()")]
    named = Chain(first=A, dropout=B, last=C)
    assert changes(named, Chain(first=A, dropout=B, head=C)) == [("head", "~", "was last")]
    moved = diff(Chain(A, C, B), Chain(B, A, C))
    assert repr(moved) == "1 layer moved: 13 parameters"
    assert sorted(tuple(change) for change in moved.changes) == [
        ("layer_1", "+", "Dropout(), moved from layer_3"),
        ("layer_3", "−", "Dropout(), moved to layer_1"),
    ]
    assert {child.remarks for child in moved.root.children if child.mark} == {
        ("moved to layer_1",),
        ("moved from layer_3",),
    }


def test_a_slice_keeps_its_numbers_and_that_is_a_difference():
    assert changes(MODEL[1:], Chain(B, C)) == [
        ("layer_1", "~", "was layer_2"),
        ("layer_2", "~", "was layer_3"),
    ]


def test_another_layer_in_the_place():
    found = changes(MODEL, Chain(A, BatchNorm(3), C))
    assert found[0] == ("layer_2", "~", "Dropout() → BatchNorm(3)")
    assert ("layer_2.running_mean", "+", "f32[3]") in found


def test_wrapped_and_unwrapped():
    found = diff(MODEL, Chain(A, B, SkipConnection(C)))
    assert found.changes == (("layer_3", "+", "SkipConnection(Dense(3, 1)), around Dense(3, 1)"),)
    outer = found.root.children[2]
    assert outer.mark == "+" and [child.mark for child in outer.children] == [""]
    back = diff(Chain(A, B, SkipConnection(C)), MODEL)
    assert back.changes == (("layer_3", "−", "SkipConnection(Dense(3, 1)), around Dense(3, 1)"),)
    assert repr(back) == "1 layer removed: 13 parameters"


def test_a_wrapper_that_keeps_parameters_in_another_form():
    found = diff(Chain(C), Chain(WeightNorm(C)))
    assert repr(found) == "1 layer added: 4 → 5 parameters (+1)"
    assert [tuple(change) for change in found.changes[1:]] == [
        ("layer_1.layer.weight", "−", "f32[3,1]"),
        ("layer_1.layer.weight_g", "+", "f32[1]"),
        ("layer_1.layer.weight_v", "+", "f32[3,1]"),
    ]


def test_a_wrapper_that_keeps_a_state():
    found = diff(Chain(C), Chain(SpectralNorm(C)))
    assert [change.path for change in found.changes] == ["layer_1"]
    assert repr(found) == "1 layer added: 4 parameters"


def test_frozen():
    found = diff(Chain(A, C), Chain(Frozen(A), C))
    assert ("layer_1.layer.weight", "~", "now frozen") in found.changes
    assert repr(found) == "1 layer added: 13 → 4 parameters (−9)"
    back = diff(Chain(Frozen(A), C), Chain(A, C))
    assert ("layer_1.bias", "~", "no longer frozen") in back.changes


def test_a_whole_block_is_one_addition():
    block = SkipConnection(Chain(A, B))
    found = diff(MODEL, Chain(A, B, C, block))
    assert [change.path for change in found.changes] == ["layer_4"]
    assert found.parameters == 9 and repr(found).startswith("1 layer added: ")


def test_a_class_that_was_defined_again():
    def define():
        class Mine(Layer):
            width: int

        return Mine

    what = changes(Chain(define()(2)), Chain(define()(2)))
    assert what == [("layer_1", "~", "Mine(2) → Mine(2), a class that was defined anew")]


def test_two_functions_that_look_alike():
    relu, other = (Chain(lambda x, y=y: x) for y in (1, 2))
    what = changes(relu, other)[0][2]
    assert re.fullmatch(r"function λ at test_diff.py:\d+ → another of that name", what)


def test_a_model_that_cannot_be_made():
    class Bad(Layer):
        width: int

        def init_params(self, key):
            raise ValueError("no luck")

    found = diff(Chain(Bad(1), A), Chain(Bad(2), A))
    assert [tuple(change) for change in found.changes] == [("layer_1", "~", "width 1 → 2")]
    assert "✗ init fails: ValueError: no luck" in str(found)


def test_a_hundred_deep():
    model, other = Dense(2, 2), Dense(2, 2, jnp.tanh)
    for _ in range(100):
        model, other = SkipConnection(model), SkipConnection(other)
    assert repr(diff(model, other)) == "1 layer changed: 6 parameters"


def test_a_sub_layer_that_is_given_or_not():
    class Optional(Layer):
        inner: Layer | None = None

    assert changes(Optional(), Optional(A))[0] == ("", "~", "inner None → a layer")


def test_with_an_input():
    wide = Chain(Dense(2, 4), B, Dense(4, 1))
    found = diff(MODEL, wide, (5, 2))
    before, after = (5 * (2 * 2 * n + n) + 5 * (2 * n + 1) for n in (3, 4))
    assert summary(MODEL, (5, 2)).flops == before
    assert found.operations == (before, after) and found.flops == after - before
    assert repr(found).endswith(f"; {before:,} → {after:,} operations (+{after - before})")
    seen = [tuple(change) for change in found.changes]
    assert ("layer_2", "~", "output f32[5,3] → f32[5,4]") in seen
    assert ("layer_1", "~", f"operations {5 * 15} → {5 * 20}") in seen
    assert repr(found).startswith("2 layers changed")  # what follows is not counted
    assert not diff(MODEL, MODEL, x=(5, 2))


# -- both can be read again ------------------------------------------------------------------------


def read(node, gone, which):
    """(layer without what is below, entries) of each place of one of both."""
    found = []
    if node.mark != gone:
        place = node.before if node.mark == "~" and which == "old" else node
        entries = {}
        for own in (node.params, node.state):
            for name, value in own.items():
                if isinstance(value, Noted) and value.mark == gone:
                    continue
                if isinstance(value, Noted):
                    is_before = value.mark == "~" and which == "old"
                    value = value.before if is_before else value.value
                entries[name] = short(value)
        found.append((type(place.layer), own_fields(place.layer), entries))
    return found + [place for child in node.children for place in read(child, gone, which)]


def directly(node):
    entries = {n: short(v) for own in (node.params, node.state) for n, v in own.items()}
    here = (type(node.layer), own_fields(node.layer), entries)
    return [here] + [place for child in node.children for place in directly(child)]


@settings(max_examples=150, deadline=None)
@given(models, edits)
def test_both_can_be_read_from_the_tree(a, changes):
    b = edited(a, changes)
    found = diff(a, b)
    assert read(found.root, "+", "old") == directly(frozen_in_place(walk(a)))
    assert read(found.root, "−", "new") == directly(frozen_in_place(walk(b)))
    assert found.identical == (a == b)
    assert found.counts == (count(a), count(b))


@settings(max_examples=100, deadline=None)
@given(models, edits)
def test_backwards_it_is_the_mirror(a, changes):
    b = edited(a, changes)
    there, back = diff(a, b), diff(b, a)
    mirror = {"+": "−", "−": "+"}
    assert sorted(alone(there, {"+": "+", "−": "−"})) == sorted(alone(back, mirror))
    assert there.parameters == -back.parameters


def alone(found, marks):
    """(mark, what) of all that is in one of both only; where it went or is, is another thing."""
    for _, mark, what in found.changes:
        if mark in marks:
            yield marks[mark], re.split(", (?:moved|around) ", what)[0]


def test_a_thousand_layers():
    layers = [Dense(8, 8 + i % 8) for i in range(1000)]
    other = Chain(*layers[:500], Identity(), *layers[501:900], *layers[901:])
    found = diff(Chain(*layers), other)
    assert [(c.path, c.mark) for c in found.changes if "." not in c.path] == [
        ("layer_501", "~"),
        ("layer_901", "−"),
    ]


def test_a_thousand_layers_of_which_most_get_another_number():
    layers = [Dense(4, 4, jax.nn.relu if i % 3 else jax.nn.tanh) for i in range(1000)]
    a, b = Chain(*layers), Chain(Identity(), *layers[:501], *layers[502:])
    found = diff(a, b)
    assert [(c.path, c.mark) for c in found.changes] == [
        ("layer_1", "+"),
        ("layer_502", "−"),
    ]


# -- Trees -----------------------------------------------------------------------------------------


def test_trees():
    a = Tree(x=Tree(w=jnp.ones((2, 2)), b=jnp.zeros(2)), y=jnp.ones(3), gone=jnp.ones(1))
    b = Tree(
        x=Tree(w=jnp.ones((2, 2)).at[0, 0].set(3), b=jnp.zeros(2)), y=jnp.ones(4), new=jnp.ones(5)
    )
    found = diff(a, b)
    assert sorted(tuple(change) for change in found.changes) == sorted(
        [
            ("x.w", "~", "max |Δ| 2, ‖Δ‖/‖a‖ 1"),
            ("y", "~", "f32[3] → f32[4]"),
            ("gone", "−", "f32[1]"),
            ("new", "+", "f32[5]"),
        ]
    )
    assert repr(found) == "2 entries changed, 1 added, 1 removed: 10 → 15 elements (+5)"
    assert found.root.children[0].mark == "~"


def test_the_order_of_names_is_no_difference():
    a = {"b": np.ones(2), "a": {"x": np.ones(1)}}
    assert diff(a, {"a": {"x": np.ones(1)}, "b": np.ones(2)}).identical


def test_whole_branches():
    found = diff(Tree(a=Tree(w=jnp.ones(2))), Tree(b=Tree(w=jnp.ones(2), v=jnp.ones(1))))
    assert [tuple(change) for change in found.changes] == [
        ("a", "−", "1 entry"),
        ("b", "+", "2 entries"),
    ]
    assert repr(found) == "2 entries added, 1 removed: 2 → 3 elements (+1)"


def test_checkpoints_of_others():
    """Names with dots, numbers for names, lists, None."""
    a = {"h.0.weight": np.ones(2), 3: [np.ones(1), None], "n": None}
    b = {"h.0.weight": np.zeros(2), 3: [np.ones(1), None], "n": None}
    assert changes(a, b) == [("h.0.weight", "~", "max |Δ| 1, ‖Δ‖/‖a‖ 1")]
    with pytest.raises(ValueError, match="two names that are written alike"):
        diff({1: np.ones(1), "1": np.ones(1)}, a)


def test_a_branch_that_became_an_array():
    found = changes(Tree(a=Tree(w=jnp.ones(2))), Tree(a=jnp.ones(2)))
    assert sorted(mark for _, mark, _ in found) == ["+", "−"]


def test_what_is_shared():
    w, v = jnp.ones(2), jnp.ones(2)
    assert diff(Tree(a=w, b=w), Tree(a=v, b=v)).identical
    assert changes(Tree(a=w, b=w), Tree(a=w, b=v)) == [("b", "~", "no longer shared with a")]
    assert changes(Tree(a=w, b=v), Tree(a=w, b=w)) == [("b", "~", "now shared with a")]


# -- trainings -------------------------------------------------------------------------------------


def test_train_states():
    optimizer = optax.adam(1e-3)
    a, b = (TrainState.create(MODEL, optimizer, seed) for seed in (0, 0))
    assert not diff(a, b)
    grads = jax.tree.map(jnp.ones_like, a.params)
    updates, memory = optimizer.update(grads, a.optimizer_state)
    c = TrainState(MODEL, optax.apply_updates(a.params, updates), a.state, memory, a.step + 1)
    paths = [change.path for change in diff(a, c).changes]
    assert paths == [
        "step",
        "model.layer_1.weight",
        "model.layer_1.bias",
        "model.layer_3.weight",
        "model.layer_3.bias",
        "optimizer_state.0.count",
        *(
            f"optimizer_state.0.{moment}.layer_{i}.{name}"
            for moment in ("mu", "nu")
            for i in (1, 3)
            for name in ("weight", "bias")
        ),
    ]
    assert diff(a, c).changes[1].what.startswith("max |Δ| 0.001, ")


def test_train_states_of_edited_models():
    a = TrainState.create(MODEL, optax.sgd(0.1), 0)
    b = TrainState.create(Chain(A, B, Identity(), C), optax.sgd(0.1), 0)
    assert ("model.layer_3", "+", "Identity()") in changes(a, b)


def test_runs():
    x, y = np.ones((8, 2), np.float32), np.ones((8, 1), np.float32)
    runs = [
        fit(MODEL, (x, y), loss=losses.mse, optimizer=optax.sgd(0.1), steps=n, batch_size=8)
        for n in (2, 2, 3)
    ]
    assert diff(runs[0], runs[1]).identical
    assert diff(runs[0], runs[0].ts).identical
    steps = [c.what for c in diff(runs[0], runs[2]).changes if c.path == "step"]
    assert steps == ["max |Δ| 1, ‖Δ‖/‖a‖ 0.5"]


def test_models_with_their_values():
    a, b = Stateful(MODEL, *MODEL.init(0)), Stateful(MODEL, *MODEL.init(1))
    assert {change.path for change in diff(a, b).changes} == {
        *("layer_1.weight", "layer_1.bias", "layer_2.key", "layer_3.weight", "layer_3.bias")
    }


# -- what cannot be compared -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("a", "b", "said"),
    [
        (MODEL, Tree(), "diff compares like with like, got a layer and a Tree"),
        (
            MODEL,
            3,
            "diff takes two layers, two Trees or nested dicts, two TrainStates or two Runs; got 3",
        ),
        (
            None,
            None,
            "diff takes two layers, two Trees or nested dicts, two TrainStates or two Runs",
        ),
        (np.ones(2), np.ones(2), "two Runs; got f64[2]"),
    ],
)
def test_what_cannot_be_compared(a, b, said):
    with pytest.raises(TypeError, match=re.escape(said)):
        diff(a, b)


def test_an_input_goes_with_layers():
    with pytest.raises(TypeError, match="an input x tells what layers cost, and goes with layers"):
        diff(Tree(), Tree(), (3, 2))


# -- names -----------------------------------------------------------------------------------------


def test_names_stand_together():
    assert list(together("abcd", "bxd")) == ["a", "b", "c", "x", "d"]
    assert list(together("abc", "cba")) == ["c", "b", "a"]
    assert list(together("ab", "")) == ["a", "b"]


def test_names_that_only_count():
    old, new = ["layer_1", "layer_2", "head"], ["layer_1", "layer_2", "layer_3", "tail"]
    pairs = [("layer_1", "layer_1"), ("layer_2", "layer_3"), ("head", "tail")]
    assert renamed(old, new, pairs) == {"tail"}
    assert renamed(["layer_2", "layer_3"], ["layer_1", "layer_2"], [("layer_2", "layer_1")]) == {
        "layer_1"
    }
    assert renamed(["block_1", "block_5"], ["block_1", "block_6"], [("block_5", "block_6")]) == {
        "block_6"
    }
