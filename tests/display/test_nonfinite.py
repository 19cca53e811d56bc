"""The first number that is not finite, seen in the model's tree."""

import jax.numpy as jnp

import luxnb as lx
from tests.inspect.planted import BACK, BAD, DENSE, NAN, Clock, X


def located(model, x=X, **changes):
    ps, st = model.init(0)
    for path, value in changes.items():
        ps = ps.at[path.replace("__", ".")].set(value)
    return lx.locate_nonfinite(model, x, ps, st)


def faulty_line(found):
    """The row above the fault, and the fault on as many lines as it has."""
    lines = str(found).split("\n")
    first = next(i for i, line in enumerate(lines) if "✗" in line)
    words = " ".join(line.strip("│├└ ") for line in lines[first : first + 3])
    return lines[first - 1].strip("│├└ ").split()[0], words


def test_an_output_stands_at_its_layer():
    name, words = faulty_line(located(lx.Chain(DENSE, lx.Chain(bad=BAD, good=DENSE), DENSE)))
    assert name == "bad"
    assert words.startswith(
        "✗ y has 1 NaN among 6 values, the first at [1, 0]; it was given values in"
    )


def test_a_parameter_stands_at_its_layer():
    name, words = faulty_line(located(lx.Chain(DENSE, DENSE), layer_2__bias=jnp.array([1, NAN])))
    assert name == "layer_2"
    assert words.startswith("✗ parameter bias has 1 NaN among 2 values, the first at [1]")


def test_an_input_stands_at_the_model():
    name, words = faulty_line(located(lx.Chain(DENSE), X.at[2, 0].set(NAN)))
    assert name == "Chain"
    assert words.startswith("✗ the input x has 1 NaN among 6 values, the first at [2, 0]")


def test_the_turn_of_a_loop_is_said():
    name, words = faulty_line(located(lx.Chain(lx.Recurrence(Clock(4))), jnp.ones((3, 6, 2))))
    assert name == "cell"
    assert words.startswith("✗ in turn 4: y[0] has 1 NaN among 6 values, the first at [1, 0]")


def test_a_gradient_stands_at_its_layer():
    name, words = faulty_line(located(lx.Chain(DENSE, BACK, DENSE)))
    assert name == "layer_2"
    assert words.startswith("✗ gradient by x has 1 NaN among 6 values, the first at [1, 0]; the")


def test_the_way_there_is_open_and_shapes_are_shown():
    found = located(lx.Chain(*[lx.Chain(DENSE, DENSE)] * 20, lx.Chain(DENSE, lx.Chain(BAD))))
    assert found.path == "layer_21.layer_2.layer_1"
    assert "<mark>" in found._repr_mimebundle_()["text/html"]
    for text in found._repr_mimebundle_().values():
        assert "f32[3,2]" in text
    assert str(found).count("\n") < 30


def test_the_same_bytes_each_time():
    one, other = (located(lx.Chain(DENSE, BAD))._repr_mimebundle_() for _ in range(2))
    assert one == other
