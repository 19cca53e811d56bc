"""Which rows are open at first."""

from luxnb import Chain, Dense, Identity
from luxnb.display.opening import opened
from luxnb.display.row import table
from luxnb.inspect.shapes import shapes
from luxnb.inspect.walk import walk


def open_paths(model, params=None):
    root = table(walk(model, params)).root
    ids = opened(root)

    def paths(row):
        return [row.path] * (id(row) in ids) + [p for c in row.children for p in paths(c)]

    return paths(root)


def test_small_models_are_open():
    assert open_paths(Chain(Chain(Identity()), Identity())) == ["", "layer_1"]


def test_at_most_24_rows_level_by_level():
    inner = Chain(*[Identity()] * 5)
    # 1 + 5 rows, then five each: 11, 16, 21, and 26 would be too many
    assert open_paths(Chain(*[inner] * 5)) == ["", "layer_1", "layer_2", "layer_3"]


def test_an_only_child_is_always_shown():
    alone = Chain(Identity())
    assert open_paths(Chain(*[alone] * 30)) == ["", *(f"layer_{i}" for i in range(1, 31))]


def test_the_way_to_a_fault_is_open():
    model = Chain(*[Chain(Chain(Dense(1, 1), Dense(1, 1)), Identity())] * 30)
    params, _ = shapes(model)
    bad = params.at["layer_29.layer_1.layer_2"].set({})
    assert open_paths(model, bad) == ["", "layer_29", "layer_29.layer_1"]
