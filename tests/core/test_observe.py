"""What is told inside comes out by the door of each trace, in order, or not at all."""

import threading

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax

from luxnb.core import observe
from luxnb.core.observe import is_observed, observing, tell, watch

X = jnp.arange(3.0)


def told(function, *args):
    return observing(function)(*args)[1]


def double(x):
    """Something that tells what it does."""
    tell("double", 2 * x)
    return 2 * x


def test_the_result_and_what_was_told_in_order():
    def run(x):
        for name in ("zebra", "apple", "mouse"):
            tell(name, x)
        return "result"

    result, seen = observing(run)(X)
    assert result == "result"
    assert list(seen) == ["zebra", "apple", "mouse"]
    assert all(value is X for value in seen.values())


def test_repetitions_are_numbered():
    def run(x):
        for i in range(3):
            tell("a", i)
            tell("b", -i)

    expected = [("a", 0), ("b", 0), ("a#2", 1), ("b#2", -1), ("a#3", 2), ("b#3", -2)]
    assert list(told(run, X).items()) == expected


def test_nothing_is_kept_when_nobody_observes():
    assert not is_observed()
    tell("a", 1)
    assert watch(double)(3) == (6, {})
    assert told(lambda: None) == {}


def test_watch_sees_when_somebody_observes():
    def run(x):
        assert is_observed()
        result, seen = watch(double)(x)
        assert dict(seen) == {"double": 6}
        return result

    assert observing(run)(3) == (6, {})  # what was watched must be told again


def test_observers_nest_and_do_not_mix():
    def outer(x):
        tell("before", x)
        inner = told(double, x)
        tell("after", x)
        return inner

    inner, seen = observing(outer)(1)
    assert list(inner) == ["double"] and list(seen) == ["before", "after"]


def test_an_exception_leaves_no_observer_behind():
    def fails(x):
        tell("a", x)
        raise RuntimeError("stop")

    with pytest.raises(RuntimeError, match="stop"):
        observing(fails)(X)
    assert not is_observed()

    def run(x):
        with pytest.raises(RuntimeError, match="stop"):
            watch(fails)(x)
        tell("b", x)

    assert list(told(run, X)) == ["b"]


def test_threads_do_not_mix():
    meet = threading.Barrier(2, timeout=60)
    seen = {}

    def run(name):
        meet.wait()
        tell(name, name)
        meet.wait()
        tell(name, name)

    def work(name):
        seen[name] = told(run, name)

    threads = [threading.Thread(target=work, args=(name,)) for name in "ab"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {name: dict(found) for name, found in seen.items()} == {
        "a": {"a": "a", "a#2": "a"},
        "b": {"b": "b", "b#2": "b"},
    }


def test_a_thread_that_nobody_observes_tells_nothing():
    def run(x):
        thread = threading.Thread(target=tell, args=("elsewhere", x))
        thread.start()
        thread.join()
        tell("here", x)

    assert list(told(run, X)) == ["here"]


# -- traces ----------------------------------------------------------------------------------------

UNWATCHED = {
    "jit": lambda x: jax.jit(double)(x),
    "vmap": lambda x: jax.vmap(double)(x),
    "grad": lambda x: jax.grad(lambda x: double(x).sum())(x),
    "scan": lambda x: lax.scan(lambda c, x: (c, double(x)), 0, x)[1],
    "cond": lambda x: lax.cond(True, double, jnp.negative, x),
    "checkpoint": lambda x: jax.checkpoint(double)(x),
    "eval_shape": lambda x: jax.eval_shape(double, x),
}


@pytest.mark.parametrize("name", UNWATCHED)
def test_what_runs_in_a_trace_that_does_not_watch_is_left_out(name):
    def run(x):
        tell("before", x)
        UNWATCHED[name](x)
        tell("after", x)

    with jax.checking_leaks():
        for observed in (observing(run), jax.jit(observing(run))):
            _, seen = observed(X)
            assert list(seen) == ["before", "after"]


def test_what_is_told_is_an_output_of_the_trace():
    with jax.checking_leaks():
        result, seen = jax.jit(observing(double))(X)
    np.testing.assert_array_equal(seen["double"], result)
    _, seen = jax.vmap(observing(double))(X)
    np.testing.assert_array_equal(seen["double"], 2 * X)
    gradient, seen = jax.grad(lambda x: observing(double)(x), has_aux=True)(3.0)
    assert float(gradient) == 2 and float(seen["double"]) == 6


def test_the_order_survives_compilation():
    def run(x):
        tell("zebra", x)
        tell("apple", x)

    assert list(jax.jit(lambda x: told(run, x))(X)) == ["zebra", "apple"]


# -- scan ------------------------------------------------------------------------------------------


def running_sum(carry, x):
    tell("sum", carry + x)
    tell("input", x)
    return carry + x, carry


@pytest.mark.parametrize("options", [{}, {"reverse": True}, {"unroll": 2}], ids=str)
def test_scan_is_that_of_jax(options):
    given = jnp.zeros(()), jnp.arange(1.0, 6.0)
    expected = lax.scan(running_sum, *given, **options)
    assert jax.tree.all(
        jax.tree.map(np.array_equal, observe.scan(running_sum, *given, **options), expected)
    )
    (result, seen) = observing(lambda: observe.scan(running_sum, *given, **options))()
    assert jax.tree.all(jax.tree.map(np.array_equal, result, expected))
    assert list(seen) == ["sum", "input"]


def test_what_is_told_in_a_scan_is_stacked_over_its_steps():
    xs = jnp.arange(1.0, 6.0)
    seen = told(lambda: observe.scan(running_sum, 0.0, xs))
    np.testing.assert_array_equal(seen["sum"], np.cumsum(xs))
    seen = told(lambda: observe.scan(running_sum, 0.0, xs, reverse=True))
    np.testing.assert_array_equal(seen["input"], xs)  # in the order of the inputs
    seen = told(lambda: observe.scan(lambda c, _: (double(c), None), jnp.ones(2), None, length=3))
    np.testing.assert_array_equal(seen["double"], [[2, 2], [4, 4], [8, 8]])


def test_scans_in_scans_and_one_after_the_other():
    def inner(c, x):
        return c, double(x)

    def outer(c, x):
        return observe.scan(inner, c, x)

    def run():
        observe.scan(outer, 0, jnp.ones((4, 3)))
        observe.scan(inner, 0, jnp.ones(5))

    with jax.checking_leaks():
        seen = jax.jit(lambda: told(run))()
    assert {name: value.shape for name, value in seen.items()} == {
        "double": (4, 3),
        "double#2": (5,),
    }


def test_a_scan_inside_of_what_does_not_watch():
    def run(x):
        return jax.jit(lambda x: observe.scan(running_sum, 0.0, x))(x)

    with jax.checking_leaks():
        assert told(run, X) == {}


def test_gradients_through_what_is_told_in_a_scan():
    def loss(x):
        return told(lambda: observe.scan(running_sum, 0.0, x))["sum"].sum()

    np.testing.assert_allclose(jax.grad(loss)(X), [3, 2, 1])


def test_an_unobserved_scan_is_the_same_program():
    def ours(x):
        return observe.scan(running_sum, 0.0, x)

    def theirs(x):
        return lax.scan(running_sum, 0.0, x)

    assert str(jax.make_jaxpr(ours)(X)) == str(jax.make_jaxpr(theirs)(X))


# -- checkpoint ------------------------------------------------------------------------------------


def waves(x):
    y = jnp.sin(x)
    tell("sin", y)
    return jnp.sin(y)


def test_checkpoint_tells_and_keeps_values_and_gradients():
    def run(x):
        return observe.checkpoint(waves)(x)

    result, seen = observing(run)(X)
    np.testing.assert_allclose(result, np.sin(np.sin(X)), rtol=1e-6)
    np.testing.assert_allclose(seen["sin"], np.sin(X), rtol=1e-6)

    def loss(x):
        result, seen = observing(run)(x)
        return result.sum() + seen["sin"].sum()

    with jax.checking_leaks():
        gradient = jax.jit(jax.grad(loss))(X)
    expected = np.cos(np.sin(X)) * np.cos(X) + np.cos(X)
    np.testing.assert_allclose(gradient, expected, rtol=1e-6)


def test_an_unobserved_checkpoint_is_the_same_program_and_keeps_nothing():
    def ours(x):
        return observe.checkpoint(waves)(x).sum()

    def theirs(x):
        return jax.checkpoint(waves)(x).sum()

    for change in (lambda f: f, jax.grad):
        one, other = (str(jax.make_jaxpr(change(f))(X)) for f in (ours, theirs))
        assert "remat" in one or "checkpoint" in one
        assert one == other
