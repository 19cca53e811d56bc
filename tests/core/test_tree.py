"""Tree: order, immutability, access by name and path, and its life as a pytree."""

import copy
import inspect
import pickle
from collections.abc import Mapping

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

import luxnb as lx
from tests.same import assert_same


@pytest.fixture
def tree():
    return lx.Tree.of(
        {
            "layer_2": {"weight": jnp.ones((2, 3)), "bias": jnp.zeros(3)},
            "layer_10": {"a": jnp.ones(1)},
        }
    )


def test_names_keep_their_order(tree):
    assert list(tree) == ["layer_2", "layer_10"]
    assert list(tree.layer_2) == ["weight", "bias"]
    assert list(jax.tree.map(jnp.sum, tree).layer_2) == ["weight", "bias"]
    assert list(jax.jit(lambda t: t)(tree).layer_2) == ["weight", "bias"]


def test_a_mapping(tree):
    assert isinstance(tree, Mapping)
    assert len(tree) == 2 and "layer_2" in tree and "layer_3" not in tree
    assert list(tree.keys()) == ["layer_2", "layer_10"]
    assert [id(v) for v in tree.values()] == [id(v) for _, v in tree.items()]
    assert tree["layer_2"] is tree.layer_2
    assert tree.get("layer_3", 5) == 5
    assert {**tree}["layer_10"] is tree.layer_10


def test_to_dict_and_back(tree):
    nested = tree.to_dict()
    assert type(nested) is dict and type(nested["layer_2"]) is dict
    assert list(nested["layer_2"]) == ["weight", "bias"]
    assert_same(lx.Tree.of(nested), tree)
    assert lx.Tree.of(tree) is tree


def test_of_refuses_what_is_no_mapping():
    with pytest.raises(TypeError, match=r"expected a mapping of names to values, got f32\[3\]"):
        lx.Tree.of(jnp.ones(3))


def test_it_cannot_be_written(tree):
    with pytest.raises(TypeError, match=r"a Tree is a value; write tree = tree.replace\(bias=…\)"):
        tree.bias = 1
    with pytest.raises(TypeError, match="a Tree is a value and loses no entries"):
        del tree.layer_2
    with pytest.raises(TypeError):
        tree["layer_2"] = 1


def test_replace(tree):
    changed = tree.replace(layer_10=5)
    assert changed.layer_10 == 5
    assert changed.layer_2 is tree.layer_2
    assert list(changed) == list(tree)
    assert tree.layer_10.a.shape == (1,)
    with pytest.raises(KeyError, match=r"no entry 'layer_1'; did you mean 'layer_10'\?"):
        tree.replace(layer_1=5)


def test_missing_entries_name_the_nearest(tree):
    with pytest.raises(AttributeError, match=r"no entry 'weigth'; did you mean 'weight'\?"):
        _ = tree.layer_2.weigth
    with pytest.raises(KeyError, match="no entry 'scale'; there is 'weight', 'bias'"):
        tree.layer_2["scale"]
    with pytest.raises(AttributeError, match=r"^no entry 'x'$"):
        _ = lx.Tree().x


def test_many_names_are_cut():
    tree = lx.Tree(**{f"{letter}0": 1 for letter in "abcdefghijklmnop"})
    with pytest.raises(KeyError, match=r"there is 'a0', .*'l0' …"):
        tree["zzz"]


def test_private_names_are_no_entries(tree):
    with pytest.raises(AttributeError, match="_ipython_display_"):
        _ = tree._ipython_display_


def test_tab_completion(tree):
    assert {"layer_2", "layer_10", "replace", "at"} <= set(dir(tree))


def test_at_a_path(tree):
    assert tree.at["layer_2.bias"].get() is tree.layer_2.bias
    changed = tree.at["layer_2.bias"].set(7)
    assert changed.layer_2.bias == 7
    assert changed.layer_2.weight is tree.layer_2.weight
    assert changed.layer_10 is tree.layer_10
    assert list(changed.layer_2) == ["weight", "bias"]
    doubled = tree.at["layer_2.weight"].apply(lambda w: 2 * w)
    np.testing.assert_array_equal(doubled.layer_2.weight, np.full((2, 3), 2))
    np.testing.assert_array_equal(tree.layer_2.weight, np.ones((2, 3)))


def test_at_a_wrong_path(tree):
    with pytest.raises(KeyError, match=r"no entry 'layer_3' in the tree; did you mean 'layer_2'\?"):
        tree.at["layer_3.bias"]
    with pytest.raises(KeyError, match=r"no entry 'bais' in layer_2; did you mean 'bias'\?"):
        tree.at["layer_2.bais"]
    with pytest.raises(KeyError, match=r"no entry 'x' in layer_2\.bias"):
        tree.at["layer_2.bias.x"]


@pytest.mark.parametrize("name", ["", "a.b", "a/b", "_a", 3])
def test_names_that_are_no_words(name):
    with pytest.raises(
        ValueError, match=r"cannot name an entry: use a word without \. / or a leading _"
    ):
        lx.Tree.of({name: 1})


METHODS = [name for name, _ in inspect.getmembers(lx.Tree) if not name.startswith("_")]


@pytest.mark.parametrize("name", METHODS)
def test_names_of_methods(name):
    assert {"keys", "at", "of", "replace"} <= set(METHODS)
    with pytest.raises(ValueError, match=f"'{name}' cannot name an entry: it is a method of Tree"):
        lx.Tree(**{name: 1})


def test_self_is_a_name_like_others():
    tree = lx.Tree.of({"self": 1})
    assert tree.replace(self=2)["self"] == 2


def test_pytree_paths_are_names(tree):
    paths = [jax.tree_util.keystr(path) for path, _ in jax.tree_util.tree_leaves_with_path(tree)]
    assert paths == [".layer_2.weight", ".layer_2.bias", ".layer_10.a"]
    simple = [
        jax.tree_util.keystr(path, simple=True, separator="/")
        for path, _ in jax.tree_util.tree_leaves_with_path(tree)
    ]
    assert simple == ["layer_2/weight", "layer_2/bias", "layer_10/a"]


def test_other_names_are_another_structure(tree):
    with pytest.raises(ValueError):
        jax.tree.map(lambda a, b: a, lx.Tree(a=1), lx.Tree(b=1))


def test_grad_vmap_and_scan(tree):
    gradient = jax.grad(lambda t: jnp.sum(3 * t.layer_2.weight) + jnp.sum(t.layer_10.a))(tree)
    np.testing.assert_array_equal(gradient.layer_2.weight, np.full((2, 3), 3))
    np.testing.assert_array_equal(gradient.layer_2.bias, np.zeros(3))
    batched = jax.vmap(lambda t, s: jax.tree.map(lambda v: s * v, t), (None, 0))(
        tree, jnp.arange(2.0)
    )
    assert batched.layer_2.weight.shape == (2, 2, 3)
    last, _ = jax.lax.scan(lambda t, _: (jax.tree.map(lambda v: v + 1, t), None), tree, length=3)
    np.testing.assert_array_equal(last.layer_2.bias, np.full(3, 3))


def test_pickle_and_copies(tree):
    keyed = lx.Tree(inner=tree, key=jax.random.key(3), mode=lx.Mode.TEST, none=None)
    for other in (pickle.loads(pickle.dumps(keyed)), copy.deepcopy(keyed), copy.copy(keyed)):
        assert_same(other, keyed)
        assert other.mode is lx.Mode.TEST


def test_repr_reads_no_value(tree):
    assert repr(tree) == (
        "Tree(layer_2=Tree(weight=f32[2,3], bias=f32[3]), layer_10=Tree(a=f32[1]))"
    )
    assert (
        repr(lx.Tree(mode=lx.Mode.TEST, key=jax.random.key(0))) == "Tree(mode=Mode.TEST, key=key[])"
    )


def test_repr_survives_a_bad_repr():
    class Bad:
        def __repr__(self):
            raise RuntimeError("no")

    assert repr(lx.Tree(bad=Bad())) == "Tree(bad=<Bad: repr failed>)"
    assert str(lx.Tree(bad=Bad()))


def test_optax(tree):
    """Three steps of Adam on a Tree equal three steps on the same arrays in a dict."""
    optimizer = optax.adamw(0.1)

    def steps(params):
        memory = optimizer.init(params)
        for _ in range(3):
            gradients = jax.tree.map(lambda p: 2 * p + 1, params)
            updates, memory = optimizer.update(gradients, memory, params)
            params = optax.apply_updates(params, updates)
        return params

    moved, expected = steps(tree), steps(tree.to_dict())
    assert isinstance(moved, lx.Tree)
    assert_same(
        moved,
        lx.Tree.of({name: expected[name] for name in tree})
        .at["layer_2"]
        .set(lx.Tree.of({name: expected["layer_2"][name] for name in tree.layer_2})),
    )
    assert not np.allclose(moved.layer_2.weight, tree.layer_2.weight)


def test_optax_labels_by_path(tree):
    labels = jax.tree_util.tree_map_with_path(
        lambda path, _: "still" if path[0].name == "layer_2" else "moves", tree
    )
    optimizer = optax.multi_transform(
        {"still": optax.set_to_zero(), "moves": optax.sgd(1.0)}, labels
    )
    gradients = jax.tree.map(jnp.ones_like, tree)
    updates, _ = optimizer.update(gradients, optimizer.init(tree), tree)
    np.testing.assert_array_equal(updates.layer_2.weight, np.zeros((2, 3)))
    np.testing.assert_array_equal(updates.layer_10.a, [-1])
