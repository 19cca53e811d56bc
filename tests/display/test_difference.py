"""What a person sees of differences, in text and in HTML."""

import re

import jax
import jax.numpy as jnp
import optax

from luxnb import (
    BatchNorm,
    Chain,
    Dense,
    Dropout,
    Frozen,
    SkipConnection,
    TrainState,
    Tree,
    WeightNorm,
    diff,
    match,
    view,
)
from tests.display.models import GPT, MLP

OTHER = Chain(
    Dense(784, 512, jax.nn.gelu),
    BatchNorm(512),
    Dropout(0.1),
    Dense(512, 128, jax.nn.relu),
    WeightNorm(Dense(128, 10)),
    Dropout(0.3),
)


def words(picture):
    """What the HTML says, without what it looks like."""
    said = re.sub(r"<style>.*?</style>|<[^>]+>", " ", picture.html, flags=re.S)
    return re.sub(r"\s+", " ", said.replace("&#x27;", "'").replace("&gt;", ">")).split()


def test_pictures(golden):
    before, after = (
        TrainState.create(MLP, optax.sgd(0.1), 0),
        TrainState.create(MLP, optax.sgd(0.1), 1),
    )
    pictures = {
        "layers": view(diff(MLP, OTHER)),
        "costs": view(diff(MLP, OTHER, (4, 784))),
        "back": view(diff(OTHER, MLP)),
        "trees": view(diff(before.params, after.params)),
        "trainings": view(diff(before, after)),
        "match": view(match(MLP, OTHER)),
    }
    golden("difference.txt", "\n\n".join(f"{n}\n{p.text}" for n, p in pictures.items()) + "\n")


def test_text_and_html_say_the_same():
    picture = view(diff(MLP, OTHER))
    said = set(words(picture))
    for line in picture.text.splitlines():
        for word in re.findall(r"[\w\[\],.]{3,}", line):
            assert any(word.strip(",") in other for other in said), word


def test_what_did_not_change_is_folded():
    block = GPT.layer_7
    other = GPT.with_child("layer_7", SkipConnection(block))
    picture = view(diff(GPT, other))
    assert "… 6 unchanged" in picture.text and "… 6 unchanged" in picture.html
    assert len(picture.text.splitlines()) < 12
    assert len(picture.html.encode()) < 5000


def test_nothing_changed():
    picture = view(diff(MLP, MLP))
    assert picture.text.startswith("Chain") and picture.text.endswith("\nidentical")


def test_hostile_names_and_values():
    name = "<img src=x onerror=alert(1)>\x1b[31m"
    picture = view(diff({name: jnp.ones(2)}, {name: jnp.zeros(2), "</details>": "<script>"}))
    assert "<img" not in picture.html and "<script" not in picture.html
    assert "\x1b" not in picture.text + picture.html
    assert "&lt;img src=x onerror=alert(1)&gt;" in picture.html


def test_the_same_bytes_each_time():
    pictures = [view(diff(MLP, OTHER)) for _ in range(2)]
    assert pictures[0] == pictures[1]


def test_a_frozen_layer_is_counted_apart():
    text = view(diff(Chain(Dense(2, 3), Dense(3, 1)), Chain(Frozen(Dense(2, 3)), Dense(3, 1)))).text
    assert "weight f32[2,3] now frozen" in text
    assert "Total: 4 parameters (16 B), plus 9 frozen (36 B); −9" in text


def test_sums_of_what_stands_between():
    """A wrapper is added, and what it was put around is not."""
    model, wrapped = Chain(Dense(2, 3)), Chain(SkipConnection(Dense(2, 3)))
    for a, b in ((model, wrapped), (wrapped, model)):
        text = view(diff(a, b)).text
        assert "Total: 9 parameters (36 B)\n" in text
        assert not re.search(r"[+−]\d", text)


def test_deltas_add_up():
    picture = view(diff(MLP, OTHER))
    rows = [line for line in picture.text.splitlines() if re.search(r" [+−][\d,]+$", line)]
    numbers = [
        int(re.search(r"[+−][\d,]+$", row)[0].replace("−", "-").replace(",", "")) for row in rows
    ]
    total, below = (
        numbers[0],
        [n for n, row in zip(numbers, rows, strict=True) if "layer  " not in row],
    )
    assert total == sum(below[1:]) == diff(MLP, OTHER).parameters


def test_an_empty_tree():
    assert view(diff(Tree(), Tree())).text == "Tree\nTotal: 0 elements\nidentical"
