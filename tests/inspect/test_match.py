"""Which layer is which, and which of them keep their values."""

import jax
import pytest

from luxnb import (
    BatchNorm,
    Chain,
    Dense,
    Dropout,
    Frozen,
    Identity,
    SkipConnection,
    Stacked,
    WeightNorm,
    match,
    view,
)

A, B, C, D = Dense(2, 3), BatchNorm(3), Dense(3, 3), Dense(3, 1)


def test_paths_and_what_is_kept():
    found = match(Chain(A, B, D), Chain(A, Dropout(0.1), B, Dense(3, 2)))
    assert found.paths == {
        "": "",
        "layer_1": "layer_1",
        "layer_3": "layer_2",
        "layer_4": "layer_3",  # the same layer, but wider
    }
    assert found.kept == ("layer_1", "layer_3")
    assert found.fresh == ("layer_2", "layer_4")


def test_what_has_moved():
    found = match(Chain(A, B, C, D), Chain(B, C, D, A))
    assert found.paths["layer_4"] == "layer_1"
    assert set(found.kept) == {"layer_1", "layer_2", "layer_3", "layer_4"}


def test_a_whole_block_that_has_moved():
    block = SkipConnection(Chain(C, C))
    found = match(Chain(block, A, B, D), Chain(A, B, D, block))
    assert found.paths["layer_4.layer.layer_2"] == "layer_1.layer.layer_2"


def test_what_has_moved_out_of_a_layer_that_is_gone():
    found = match(Chain(Chain(A, B), C, D, A), Chain(C, D, A, B))
    assert found.paths == {
        "": "",
        "layer_1": "layer_2",
        "layer_2": "layer_3",
        "layer_3": "layer_4",
        "layer_4": "layer_1.layer_2",
    }


def test_each_is_found_once():
    found = match(Chain(A, D), Chain(A, A, D))
    assert found.kept == ("layer_1", "layer_3") and found.fresh == ("layer_2",)


def test_another_function_or_rate_keeps_values_and_another_type_does_not():
    old = Chain(A, Dropout(0.5), B)
    new = Chain(Dense(2, 3, jax.nn.relu), Dropout(0.1), Dense(3, 3))
    assert match(old, new).kept == ("layer_1", "layer_2")


def test_said_by_hand():
    old, new = Chain(A, Chain(C, D)), Chain(A, Chain(C, D), Chain(C, D))
    found = match(
        old, new, paths={"layer_2": "layer_2", "layer_3": "layer_2", "layer_3.layer_2": None}
    )
    assert found.kept == ("layer_2.layer_1", "layer_2.layer_2", "layer_3.layer_1")
    assert found.fresh == ("layer_1", "layer_3.layer_2")
    assert match(old, old, paths={"": ""}).fresh == ()


def test_what_is_below_and_no_longer_there_is_new():
    found = match(Chain(Chain(A)), Chain(Chain(A, C)), paths={"": ""})
    assert found.paths == {"": "", "layer_1": "layer_1", "layer_1.layer_1": "layer_1.layer_1"}


@pytest.mark.parametrize(
    ("paths", "said"),
    [
        ({"layer_9": "layer_1"}, "new has no layer at 'layer_9'; did you mean 'layer_1'?"),
        ({"layer_1": "layer_9"}, "old has no layer at 'layer_9'; did you mean 'layer_2'?"),
    ],
)
def test_paths_that_lead_nowhere(paths, said):
    with pytest.raises(ValueError, match=said.replace("?", r"\?")):
        match(Chain(A, B), Chain(A), paths=paths)


def test_what_is_no_layer():
    with pytest.raises(TypeError, match="match needs two layers, got Tree"):
        match(A, A.init(0)[0])  # type: ignore[arg-type]


def test_it_is_seen():
    found = match(Chain(A, D), Chain(A, Identity(), WeightNorm(D), C))
    picture = view(found)
    lines = [line for line in picture.text.splitlines() if "(" in line]
    assert "(keeps its values)" in lines[0]
    assert sum("(fresh)" in line for line in picture.text.splitlines()) == 2
    assert picture.text.endswith("1 of 3 layers with arrays keeps its values")
    assert repr(found) == "<Match: 1 of 3 layers with arrays keeps its values>"
    assert "keeps its values" in picture.html and "with arrays keeps its values" in picture.html
    moved = view(match(Chain(A, D), Chain(Identity(), A, D))).text
    assert "(keeps the values of layer_1)" in moved


def test_frozen_layers_keep_their_values():
    found = match(Chain(A, D), Chain(Frozen(A), D))
    assert found.kept == ("layer_1.layer", "layer_2") and found.fresh == ()


def test_more_copies_are_fresh():
    assert match(Stacked(C, 3), Stacked(C, 4)).fresh == ("layer",)
    assert match(Stacked(C, 3), Stacked(C, 3, unroll=3)).kept == ("layer",)
