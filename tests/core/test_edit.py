"""Models read and changed by path."""

import jax.numpy as jnp
import pytest

import luxnb as lx
from tests.laws.table.own import Blocks


@pytest.fixture
def model():
    return lx.Chain(
        body=lx.SkipConnection(lx.Chain(lx.Dense(2, 2), lx.Dropout(0.5))), head=lx.Dense(2, 1)
    )


def test_at(model):
    assert lx.at(model, "") is model
    assert lx.at(model, "head") is model.head
    assert lx.at(model, "body.layer.layer_2.rate") == 0.5


def test_replace_a_field(model):
    changed = lx.replace(model, "body.layer.layer_2.rate", 0.1)
    assert lx.at(changed, "body.layer.layer_2.rate") == 0.1
    assert lx.at(model, "body.layer.layer_2.rate") == 0.5
    assert changed.head is model.head
    assert list(changed.children()) == ["body", "head"]


def test_replace_a_layer(model):
    changed = lx.replace(model, "body.layer.layer_1", lx.Identity())
    assert repr(changed) == (
        "Chain(body=SkipConnection(Chain(Identity(), Dropout())), head=Dense(2, 1))"
    )


def test_the_new_layer_is_checked(model):
    with pytest.raises(ValueError, match=r"Dropout.rate must lie in \[0, 1\], got 2"):
        lx.replace(model, "body.layer.layer_2.rate", 2)


def test_wrong_names(model):
    with pytest.raises(
        AttributeError, match="Chain has no child or field 'haed'; did you mean 'hea"
    ):
        lx.at(model, "haed")
    with pytest.raises(AttributeError, match="Dropout has no child or field 'x'; there is 'rate'"):
        lx.replace(model, "body.layer.layer_2.x", 1)
    with pytest.raises(AttributeError, match="rate of Dropout is no layer: it has no 'x'"):
        lx.replace(model, "body.layer.layer_2.rate.x", 1)
    with pytest.raises(AttributeError, match=r"0\.5 is no layer: it has no 'x'"):
        lx.at(model, "body.layer.layer_2.rate.x")


def test_a_layer_becomes_a_layer(model):
    with pytest.raises(TypeError, match="head is a layer and can only become another, got 3"):
        lx.replace(model, "head", 3)


def test_children_with_names_of_their_own():
    model = Blocks((lx.Dense(2, 2), lx.Dropout(0.5)))
    assert lx.replace(model, "block_1.rate", 0.1) == Blocks((lx.Dense(2, 2), lx.Dropout(0.1)))


class Unedited(lx.Layer):
    blocks: tuple[lx.Layer, ...]

    def children(self):
        return {f"block_{i}": block for i, block in enumerate(self.blocks)}


def test_children_without_with_child():
    with pytest.raises(
        TypeError, match="Unedited names its children itself: write with_child beside children"
    ):
        lx.replace(Unedited((lx.Dropout(0.5),)), "block_0.rate", 0.1)


def test_the_edited_model_runs(model):
    changed = lx.replace(model, "head", lx.Dense(2, 5))
    y, _ = changed(jnp.ones((3, 2)), *changed.init(0))
    assert y.shape == (3, 5)
