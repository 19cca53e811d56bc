"""What debug tells is true: the layers in order, their numbers as NumPy has them, the time."""

import re
import time

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import luxnb as lx
from tests.inspect import planted
from tests.inspect.planted import BACK, BAD, DENSE, NAN, X
from tests.same import assert_close, bits

MODEL = lx.Chain(lx.Dense(2, 3, jnp.tanh), lx.Chain(lx.Dense(3, 3), lx.Scale(3)), lx.Dense(3, 1))


def told(model, x=X, grad=False, **options):
    """The lines for a call, or for a gradient by the parameters."""
    lines: list[str] = []
    ps, st = model.init(0)
    function = lx.debug(model, out=lines.append, **options)
    if grad:
        jax.grad(lambda ps: sum(map(jnp.sum, jax.tree.leaves(function(x, ps, st)[0]))))(ps)
    else:
        function(x, ps, st)
    return [line for text in lines for line in text.split("\n")]


def without_numbers(lines):
    """Names, titles and shapes, with the indent; and without the heading."""
    shown = [re.sub(r"(?<=\])  .*", "", line) for line in lines]
    return [line for line in shown if line[:27].strip() and "  mean " not in line]


def test_layers_stand_in_order_and_as_deep_as_they_are():
    assert without_numbers(told(MODEL)) == [
        "Chain",
        "  x  f32[3,2]",
        "  layer_1  Dense(2 => 3, tanh)",
        "    y  f32[3,3]",
        "  layer_2  Chain",
        "    layer_1  Dense(3 => 3)",
        "      y  f32[3,3]",
        "    layer_2  Scale(3)",
        "      y  f32[3,3]",
        "    y  f32[3,3]",
        "  layer_3  Dense(3 => 1)",
        "    y  f32[3,1]",
        "  y  f32[3,1]",
    ]


def test_the_way_back_is_told_from_the_end():
    lines = told(MODEL, grad=True)
    start = next(i for i, line in enumerate(lines) if line.startswith("backward"))
    assert without_numbers(lines[start:]) == [
        "Chain",
        "  ∂y  f32[3,1]",
        "  layer_3  Dense(3 => 1)",
        "    ∂x  f32[3,3]",
        "  layer_2  Chain",
        "    layer_2  Scale(3)",
        "      ∂x  f32[3,3]",
        "    layer_1  Dense(3 => 3)",
        "      ∂x  f32[3,3]",
        "    ∂x  f32[3,3]",
        "  layer_1  Dense(2 => 3, tanh)",
        "gradients by the parameters",
        "  ∂layer_1.weight  f32[2,3]",
        "  ∂layer_1.bias  f32[3]",
        "  ∂layer_2.layer_1.weight  f32[3,3]",
        "  ∂layer_2.layer_1.bias  f32[3]",
        "  ∂layer_2.layer_2.weight  f32[3]",
        "  ∂layer_2.layer_2.bias  f32[3]",
        "  ∂layer_3.weight  f32[3,1]",
        "  ∂layer_3.bias  f32[1]",
    ]


# -- the numbers ----------------------------------------------------------------------------------


def numbers(lines, name):
    """The four numbers behind the first array of that name."""
    text = re.sub(r",(?=\d{3}\b(?!\]))", "", " ".join(lines)).replace("−", "-")
    number = r"\s+-?[\d.]+(?:e-?\d+)?"
    found = re.search(rf"(?<!\S){re.escape(name)}  \w+\[[\d,]*\]((?:{number}){{4}})", text)
    assert found, name
    return [float(word) for word in found[1].split()]


def statistics(array):
    array = np.asarray(array, np.float64)
    return [array.mean(), array.std(), array.min(), array.max()]


def test_the_numbers_are_those_of_the_arrays():
    x = jnp.array([[1.0, -2.0], [0.5, 3.0], [4.0, 1e5]])
    model = lx.Chain(lx.Scale(2), lx.Dense(2, 2, use_bias=False))
    ps, st = model.init(0)
    ps = ps.at["layer_1.weight"].set(jnp.array([2.0, -3.0]))
    weight = np.asarray(ps.layer_2.weight)
    lines: list[str] = []
    function = lx.debug(model, out=lines.append)
    jax.grad(lambda ps: (function(x, ps, st)[0] ** 2).sum())(ps)
    middle = np.asarray(x) * [2, -3]
    by_y = 2 * middle @ weight
    assert numbers(lines, "x") == pytest.approx(statistics(x), rel=6e-3)
    assert numbers(lines, "y") == pytest.approx(statistics(middle), rel=6e-3)
    assert numbers(lines, "∂y") == pytest.approx(statistics(by_y), rel=6e-3)
    assert numbers(lines, "∂x") == pytest.approx(statistics(by_y @ weight.T), rel=6e-3)
    by_weight = statistics(middle.T @ by_y)
    assert numbers(lines, "∂layer_2.weight") == pytest.approx(by_weight, rel=6e-3)


def test_statistics_are_those_of_what_is_finite():
    lines = told(lx.Scale(2), jnp.array([[1.0, NAN], [3.0, -jnp.inf]]))
    assert numbers(lines, "x") == [2, 1, 1, 3]
    assert "  ✗ 1 NaN, 1 -Inf among 4 values, the first at [0, 1]" in lines


def test_the_same_array_is_not_told_twice():
    lines = told(MODEL)
    assert sum(" x " in line for line in lines) == 1
    assert [line.split()[0:4] for line in lines if "as above" in line] == [
        ["y", "f32[3,3]", "as", "above"],
        ["y", "f32[3,1]", "as", "above"],
    ]


def test_the_time_is_that_of_the_layer():
    def slow(x):
        time.sleep(0.05)
        return x

    def slow_to_print(line):
        time.sleep(0.05)
        lines.append(line)

    lines: list[str] = []
    model = lx.Chain(lx.Function(slow), lx.Identity())
    ps, st = model.init(0)
    lx.debug(model, out=slow_to_print)(X, ps, st)
    times = [_seconds(line) for line in lines if line.endswith("s") and "]" in line]
    first, second, whole = times
    assert 0.05 <= first < 0.1 > whole >= first
    assert second < 0.05


def _seconds(line):
    value, unit = line.split()[-2:]
    return float(value) * {"s": 1, "ms": 1e-3, "µs": 1e-6}[unit]


# -- loops and transformations --------------------------------------------------------------------


def test_three_turns_of_a_loop_are_told():
    lines = without_numbers(told(lx.Recurrence(lx.RNNCell(2, 2)), jnp.ones((3, 6, 2))))
    assert [line for line in lines if "RNNCell" in line] == [
        "  cell  RNNCell(2 => 2)",
        "  cell  RNNCell(2 => 2)  turn 2",
        "  cell  RNNCell(2 => 2)  turn 3",
    ]
    assert "  … more turns of cell" in lines


def test_of_a_loop_on_the_way_back_the_last_turns():
    lines = told(lx.Recurrence(lx.RNNCell(2, 2)), jnp.ones((3, 6, 2)), grad=True)
    assert [line.split()[-1] for line in lines if "turn " in line] == ["2", "3", "6", "5", "4"]


def test_a_later_turn_is_told_where_something_is_not_finite():
    lines = told(lx.Recurrence(planted.Clock(5)), jnp.ones((3, 6, 2)))
    assert "  cell  Clock(5)  turn 5" in lines
    assert "    ✗ 1 NaN among 6 values, the first at [1, 0]" in lines
    assert not any("turn 4" in line for line in lines)


@pytest.mark.parametrize("transformation", [jax.jit, jax.vmap, jax.checkpoint])
def test_inside_of_transformations_there_are_numbers(transformation):
    model = planted.Through(lx.Scale(2), transformation)
    lines = told(model, jnp.array([[1.0, 2.0], [3.0, 4.0]]), grad=True)
    assert numbers(lines[3:], "y") == pytest.approx(statistics([1, 2, 3, 4]), rel=6e-3)
    assert numbers(lines, "∂inner.weight") == pytest.approx(statistics([4, 6]), rel=6e-3)


def test_around_it_there_may_be_vmap():
    lines: list[str] = []
    ps, st = DENSE.init(0)
    y = jax.vmap(lambda x: lx.debug(DENSE, out=lines.append)(x, ps, st)[0])(jnp.ones((4, 3, 2)))
    assert y.shape == (4, 3, 2)
    assert "  x  f32[4,3,2]" in without_numbers(lines)


def test_inside_of_jit_there_are_shapes():
    lines: list[str] = []
    ps, st = MODEL.init(0)
    y, _ = jax.jit(lx.debug(MODEL, out=lines.append, only="layer_2"))(X, ps, st)
    assert_close(y, MODEL(X, ps, st)[0])
    assert lines == [
        "Shapes only: the model is being traced, by jit say, and there are no numbers yet. "
        "Call it outside of jit to see them.",
        "layer_2  Chain",
        "  x  f32[3,3]",
        "  layer_1  Dense(3 => 3)",
        "    y  f32[3,3]",
        "  layer_2  Scale(3)",
        "    y  f32[3,3]",
        "  y  f32[3,3]                as above",
    ]


def test_it_changes_neither_numbers_nor_gradients():
    model = lx.Chain(
        lx.Dense(2, 3), lx.BatchNorm(3), lx.Stacked(lx.Dense(3, 3, jnp.tanh), 2, remat=True)
    )
    ps, st = model.init(0)
    x = jax.random.normal(jax.random.key(0), (4, 2))

    def loss(function):
        def value(ps):
            y, new = function(x, ps, st)
            return jnp.sum(y**2), new

        return jax.value_and_grad(value, has_aux=True)(ps)

    before = bits((x, ps, st))
    assert_close(loss(lx.debug(model, out=lambda line: None)), loss(model))
    assert bits((x, ps, st)) == before


# -- what may be asked for ------------------------------------------------------------------------


def test_one_layer_alone():
    lines = without_numbers(told(MODEL, only="layer_2.layer_2", grad=True))
    assert lines == [
        "layer_2.layer_2  Scale(3)",
        "  x  f32[3,3]",
        "  y  f32[3,3]",
        "layer_2.layer_2  Scale(3)",
        "  ∂y  f32[3,3]",
        "  ∂x  f32[3,3]",
        "gradients by the parameters",
        "  ∂layer_2.layer_2.weight  f32[3]",
        "  ∂layer_2.layer_2.bias  f32[3]",
    ]


def test_whoever_wants_to_look_is_given_the_arrays():
    seen = {}
    ps, st = MODEL.init(0)

    def at(path, name, array):
        seen[path, name] = np.asarray(array)

    lx.debug(MODEL, only="layer_3", out=lambda line: None, at=at)(X, ps, st)
    _, _, outputs = lx.capture(MODEL)(X, ps, st)
    assert seen.keys() == {("layer_3", "x"), ("layer_3", "y")}
    np.testing.assert_allclose(seen["layer_3", "x"], outputs["layer_2"], rtol=1e-6)
    np.testing.assert_allclose(seen["layer_3", "y"], outputs["layer_3"], rtol=1e-6)


def test_it_prints(capsys):
    lx.debug(DENSE)(X, *DENSE.init(0))
    assert capsys.readouterr().out.split("\n")[1] == "Dense(2 => 2)"


def test_dicts_are_trees_too():
    ps, st = DENSE.init(0)
    lines: list[str] = []
    lx.debug(DENSE, out=lines.append)(X, ps.to_dict(), st.to_dict())
    assert lines[1] == "Dense(2 => 2)"


def test_a_forward_pass_that_is_not_finite_stops():
    model = lx.Chain(DENSE, BAD, DENSE)
    with pytest.raises(
        ValueError, match=r"^at layer_2: Function\(.*\): y has 1 NaN among 6 values"
    ):
        told(model, nan="forward")
    assert told(model, nan="backward")


def test_parameters_and_state_are_looked_at_first():
    model = lx.Chain(DENSE, lx.BatchNorm(2))
    ps, st = model.init(0)
    wrong = ps.at["layer_1.bias"].set(jnp.array([0, NAN]))
    with pytest.raises(ValueError, match=r"^parameter layer_1.bias has 1 NaN among 2 values"):
        lx.debug(model, nan="both")(X, wrong, st)
    wrong = st.at["layer_2.running_var"].set(jnp.array([jnp.inf, 0]))
    with pytest.raises(ValueError, match=r"^state layer_2.running_var has 1 Inf among 2 values"):
        lx.debug(model, nan="forward")(X, ps, wrong)


def test_a_turn_that_is_not_finite_stops():
    with pytest.raises(ValueError, match=r"^at cell in turn 4: Clock\(4\): y\[0\] has 1 NaN"):
        told(lx.Recurrence(planted.Clock(4)), jnp.ones((3, 6, 2)), nan="both", only="cell")


def test_a_backward_pass_that_is_not_finite_stops():
    model = lx.Chain(DENSE, BACK, DENSE)
    assert told(model, nan="forward", grad=True)
    with pytest.raises(
        ValueError, match=r"^at layer_2: Function\(.*\): ∂x has 1 NaN among 6 values"
    ):
        told(model, nan="backward", grad=True)


def test_a_gradient_by_a_parameter_that_is_not_finite_stops():
    model = lx.Chain(DENSE, planted.Gain())
    ps, st = model.init(0)
    ps = ps.at["layer_2.gain"].set(jnp.zeros(2))
    function = lx.debug(model, nan="both", out=lambda line: None)
    with pytest.raises(ValueError, match=r"^gradient by layer_2.gain has 2 Inf among 2 values"):
        jax.grad(lambda ps: function(X, ps, st)[0].sum())(ps)


def test_errors_of_the_model_come_after_the_lines():
    lines: list[str] = []
    model = lx.Chain(DENSE, lx.Dense(3, 2))
    with pytest.raises(ValueError, match="in_dims"):
        lx.debug(model, out=lines.append)(X, *model.init(0))
    assert lines[-1] == "  layer_2  Dense(3 => 2)"
    assert not jax.config.jax_disable_jit  # type: ignore[attr-defined]


# -- what is refused ------------------------------------------------------------------------------


def test_it_needs_a_layer():
    with pytest.raises(TypeError, match="debug needs a layer, got 'x'"):
        lx.debug("x")  # type: ignore[arg-type]


def test_nan_is_one_of_four():
    with pytest.raises(
        ValueError, match="nan must be one of None, 'forward', 'backward', 'both', got 1"
    ):
        lx.debug(DENSE, nan=1)  # type: ignore[arg-type]


def test_only_is_the_path_of_a_layer():
    with pytest.raises(AttributeError, match="Chain has no child or field 'layer_7'; did you mean"):
        lx.debug(MODEL, only="layer_7")
    with pytest.raises(
        ValueError, match=r"only must be the path of a layer, and 'layer_1.in_dims' is"
    ):
        lx.debug(MODEL, only="layer_1.in_dims")


def test_it_may_be_called_again():
    """`checkpoint` keeps what it traced of an equal layer."""

    class Checkpointed(lx.Layer):
        inner: lx.Layer

        def forward(self, x, ps, st):
            y, st.inner = jax.checkpoint(self.inner)(x, ps.inner, st.inner)
            return y, st

    model = lx.Chain(DENSE, Checkpointed(lx.Chain(DENSE, lx.Scale(2))))
    first, second = told(model), told(model)
    assert without_numbers(first) == without_numbers(second)
    assert "    inner  Chain" in second
