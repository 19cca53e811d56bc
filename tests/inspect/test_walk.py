"""Nodes of layers and Trees, also of parameters that do not fit."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from luxnb import BatchNorm, Chain, Dense, Dropout, Layer, SkipConnection, Tree
from luxnb.inspect.node import Shared
from luxnb.inspect.shapes import shapes
from luxnb.inspect.walk import walk, walk_tree

MODEL = Chain(hidden=Dense(3, 4), norm=BatchNorm(4), drop=Dropout(0.1))


def paths(node):
    return [node.path, *(path for child in node.children for path in paths(child))]


def faults(node):
    mine = [(node.path, fault) for fault in node.faults]
    return mine + [fault for child in node.children for fault in faults(child)]


def test_paths_names_and_layers_follow_the_children():
    node = walk(SkipConnection(MODEL))
    assert paths(node) == ["", "layer", "layer.hidden", "layer.norm", "layer.drop"]
    assert node.children[0].children[0].layer == Dense(3, 4)
    assert node.children[0].children[0].name == "hidden"


def test_each_node_has_its_own_parameters_and_state_only():
    node = walk(MODEL)
    assert not node.params and not node.state
    hidden, norm, drop = node.children
    assert {n: v.shape for n, v in hidden.params.items()} == {"weight": (3, 4), "bias": (4,)}
    assert list(norm.state) == ["running_mean", "running_var", "mode"]
    assert list(drop.state) == ["key", "mode"]


def test_without_parameters_there_are_only_shapes():
    leaves = [*walk(MODEL).children[0].params.values(), *jax.tree.leaves(shapes(MODEL))]
    assert all(type(leaf) is jax.ShapeDtypeStruct for leaf in leaves)


def test_a_model_larger_than_any_memory_has_shapes():
    assert walk(Dense(10**9, 10**9)).params["weight"].shape == (10**9, 10**9)


def test_shapes_are_traced_once_for_equal_layers():
    traced = []

    class Counted(Layer):
        dims: int

        def init_params(self, key):
            traced.append(self.dims)
            return {"w": jnp.zeros(self.dims)}

    walk(Counted(5))
    walk(Counted(5))
    assert traced == [5]


def test_shapes_follow_the_precision_that_jax_is_set_to():
    class Wide(Layer):
        def init_params(self, key):
            return {"w": jnp.zeros(2, float)}

    assert walk(Wide()).params["w"].dtype == np.float32
    with jax.enable_x64(True):
        assert walk(Wide()).params["w"].dtype == np.float64


def test_given_values_are_the_values_shown():
    params, state = MODEL.init(0)
    node = walk(MODEL, params, state)
    assert node.children[0].params["weight"] is params.hidden.weight
    assert node.children[1].state["running_mean"] is state.norm.running_mean
    assert faults(node) == []


def test_plain_dicts_will_do():
    params, state = MODEL.init(0)
    assert faults(walk(MODEL, params.to_dict(), state.to_dict())) == []


def test_a_trees_own_entries_in_a_layer_are_nodes():
    class Gates(Layer):
        def init_params(self, key):
            return {"gate": {"forget": jnp.zeros(2)}, "bias": jnp.zeros(3)}

    node = walk(Gates())
    assert list(node.params) == ["bias"]
    assert [(c.path, c.layer, list(c.params)) for c in node.children] == [
        ("gate", None, ["forget"])
    ]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda p: {k: v for k, v in p.items() if k != "hidden"},
         ("", "no parameters for hidden")),
        (lambda p: p | {"hidden": {"weight": p["hidden"]["weight"]}},
         ("hidden", "missing bias f32[4]")),
        (lambda p: p | {"hidden": p["hidden"] | {"gain": jnp.ones(2)}},
         ("hidden", "unexpected gain")),
        (lambda p: p | {"hidden": p["hidden"] | {"bias": jnp.ones(5)}},
         ("hidden", "expected bias f32[4]")),
        (lambda p: p | {"hidden": p["hidden"] | {"bias": {"deep": jnp.ones(4)}}},
         ("hidden", "expected bias f32[4]")),
        (lambda p: p | {"hidden": jnp.ones(3)},
         ("hidden", "parameters: expected a Tree, got f32[3]")),
        (lambda p: p | {"extra": {"w": jnp.ones(3)}}, ("", "unexpected extra")),
        (lambda p: [1, 2], ("", "parameters: expected a Tree, got (1, 2)")),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_shown_and_named(change, expected):
    params, _ = MODEL.init(0)
    assert faults(walk(MODEL, change(params.to_dict()))) == [expected]


def test_state_that_does_not_fit_is_named_with_its_sign():
    _, state = MODEL.init(0)
    short = state.replace(norm=Tree(running_mean=jnp.zeros(4), mode=state.norm.mode))
    assert faults(walk(MODEL, None, short)) == [("norm", "missing ~running_var f32[4]")]


def test_another_dtype_and_another_mode_are_no_fault():
    params, state = MODEL.init(0)
    half = jax.tree.map(lambda v: v.astype(jnp.bfloat16), params)
    from luxnb import testmode as to_test

    assert faults(walk(MODEL, half, to_test(state))) == []


class Room(Layer):
    """Has an own Tree that is empty until somebody fills it."""

    def init_state(self, key):
        return {"cache": {}}


def test_an_empty_tree_of_a_layer_says_nothing_and_may_be_filled():
    assert walk(Room()).children == ()
    filled = walk(Room(), {}, Tree.of({"cache": {"key": jnp.zeros(2)}}))
    assert [child.name for child in filled.children] == ["cache"]
    assert not filled.faults and not filled.children[0].faults


def test_unexpected_entries_are_shown():
    node = walk(Dense(2, 2), {"weight": jnp.ones((2, 2)), "bias": 1, "low": {"a": jnp.ones(1)}})
    assert list(node.params) == ["weight", "bias"]
    assert [child.path for child in node.children] == ["low"]


def test_a_layer_whose_init_fails_still_has_nodes():
    class Broken(Layer):
        inner: Layer

        def init_params(self, key):
            raise RuntimeError("no luck")

    node = walk(Broken(Dense(2, 3)))
    assert node.faults == ("init fails: RuntimeError: no luck",)
    assert [child.path for child in node.children] == ["inner"]


def test_an_array_met_twice_belongs_to_the_first():
    w = jnp.ones((2, 2))
    node = walk_tree(Tree(a=Tree(w=w), b=Tree(w=w, v=jnp.ones(2))))
    assert node.children[0].params["w"] is w
    shared = node.children[1].params["w"]
    assert isinstance(shared, Shared) and shared.path == "a.w"


def test_nodes_of_a_tree():
    params, _ = MODEL.init(0)
    node = walk_tree(params)
    assert paths(node) == ["", "hidden", "norm", "drop"]
    assert all(child.layer is None and not child.state for child in node.children)


def test_the_repr_of_a_node_reads_no_array():
    assert repr(walk(MODEL)) == "Node('', Chain, 3 children)"
    assert repr(walk_tree(Tree(a=1))) == "Node('', Tree, 0 children)"
