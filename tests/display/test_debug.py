"""The lines of debug are narrow, aligned and harmless."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import luxnb as lx
from luxnb.core.view import view
from luxnb.inspect.debug.told import Heading, Holding, Opening, Remark
from luxnb.inspect.statistics import statistics
from luxnb.inspect.steps.defect import defect

HEADING = "forward                          mean       std       min       max      time"


def held(array, name="y", depth=1, **more):
    found = statistics(array, exact=True)
    return view(Holding(name, array, depth, found, defect(array), **more)).text.split("\n")


def test_numbers_stand_below_their_names():
    assert view(Heading("forward")).text == HEADING
    (line,) = held(jnp.array([1.0, -3.0]), seconds=0.0123)
    assert line == "  y  f32[2]                        −1         2        −3         1   12.3 ms"
    for name, number in (("mean", "−1"), ("std", "2"), ("min", "−3"), ("max", "1")):
        assert HEADING.index(name) + len(name) == line.rindex(f" {number} ") + 1 + len(number)
    assert len(HEADING) == len(line) == 77


@pytest.mark.parametrize("seconds", [1e-7, 9.994e-4, 9.996e-4, 0.9994, 123.4, 99999])
@pytest.mark.parametrize("size", [1e-38, -1.234e-10, -999999, -1.2345e38])
def test_columns_never_meet(size, seconds):
    (line,) = held(np.array([size, -size, size / 3]), seconds=seconds)
    assert len(line) <= 80
    assert len(line.split()) == 8  # name, shape, four numbers, time and its unit


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(3.5e-4, "350 µs"), (0.0128, "12.8 ms"), (1.384, "1.38 s"), (0.9999, "1 s")],
)
def test_times(seconds, text):
    assert held(jnp.ones(2), seconds=seconds)[0].endswith(f" {text}")


def test_a_long_name_has_a_line_of_its_own():
    name, numbers = held(jnp.array([1.0, -3.0]), "x['a_rather_long_name'].hidden")
    assert name == "  x['a_rather_long_name'].hidden  f32[2]"
    assert numbers == "                                   −1         2        −3         1"


def test_what_is_not_finite_has_a_line_of_its_own():
    assert held(jnp.array([jnp.nan, 2.0, 4.0]), depth=2)[1] == (
        "    ✗ 1 NaN among 3 values, the first at [0]"
    )


def test_shapes_alone():
    shape = jax.ShapeDtypeStruct((2, 3), jnp.bfloat16)
    assert view(Holding("x", shape, 0)).text == "x  bf16[2,3]"
    assert view(Holding("y", shape, 0, is_same=True)).text.split() == [
        "y",
        "bf16[2,3]",
        "as",
        "above",
    ]


def test_layers_and_remarks():
    layer = lx.Dense(2, 3, jax.nn.relu)
    assert view(Opening("layer_1", layer, 1)).text == "  layer_1  Dense(2 => 3, relu)"
    assert view(Opening("cell", layer, 0, 17)).text == "cell  Dense(2 => 3, relu)  turn 17"
    assert view(Opening("", layer, 0)).text == "Dense(2 => 3, relu)"
    assert view(Remark("… more turns of cell", 2)).text == "    … more turns of cell"


def test_hostile_names_are_only_read():
    lines: list[str] = []
    x = {"<script>\x1b[31m\n\u202e": jnp.ones(2)}
    layer = lx.Function(lambda x: jax.tree.leaves(x)[0])
    lx.debug(layer, out=lines.append)(x, *layer.init(0))
    assert not any(set(line) & set("\x1b\u202e") for line in lines)
    assert len(lines) == 4
    shown = view(Holding("<img src=x onerror=alert(1)>", jnp.ones(2), 0))
    assert shown.html.count("<") == 2  # <pre> and its end
    assert "<img" in shown.text
