"""Rows in a terminal of any width."""

import jax.numpy as jnp
import pytest
from rich.cells import cell_len

from luxnb import Chain, Dense, Dropout, Tree
from luxnb.display.row import table
from luxnb.display.text import terminal_width, text
from luxnb.inspect.fold import fold
from luxnb.inspect.walk import walk, walk_tree
from tests.display.models import GPT, LENET, MLP


def drawn(node, width=80):
    return text(table(fold(node)), width)


@pytest.mark.parametrize("width", [30, 60, 80, 100, 120])
@pytest.mark.parametrize("model", [MLP, LENET, GPT], ids=["mlp", "lenet", "gpt"])
def test_no_line_is_wider_than_the_terminal(model, width):
    assert max(map(cell_len, drawn(walk(model), width).splitlines())) <= width


def test_wide_letters_take_two_cells():
    tree = Tree(**{"重み": jnp.ones(3), "長い名前" * 9: jnp.ones(4)})
    lines = drawn(walk_tree(Tree(模型=tree, b=Tree()))).splitlines()
    assert max(map(cell_len, lines)) <= 80
    assert lines[0].endswith("7  28 B") and cell_len(lines[0]) == 80


def test_deep_models_stay_in_their_lines():
    model = Dense(1, 1)
    for _ in range(60):
        model = Chain(model)
    lines = drawn(walk(model), 80).splitlines()
    assert len(lines) >= 62 and max(map(cell_len, lines)) <= 80


def test_titles_and_numbers_stand_in_columns():
    lines = drawn(walk(Chain(a=Dense(2, 3), longer=Dropout(0.1), b=Dense(30, 40)))).splitlines()
    assert len({line.index(w) for line, w in zip(lines[1:4], ("De", "Dr", "De"), strict=True)}) == 1
    assert lines[1].index("weight") == lines[3].index("weight")
    assert all(len(lines[i]) == 80 for i in (0, 1, 3))


def test_saved_text_does_not_depend_on_a_terminal(monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    assert terminal_width() == 80  # standard output is no terminal here
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    assert terminal_width() == 120
    monkeypatch.setenv("COLUMNS", "70")
    assert terminal_width() == 70
