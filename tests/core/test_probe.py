"""A probe is told of every call, in order, and nothing else notices."""

import threading

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import luxnb as lx
from luxnb.core.probe import Probe, probe, probing

MODEL = lx.Chain(lx.Dense(2, 3), lx.SkipConnection(lx.Dense(3, 3)), head=lx.Dense(3, 1))
X = jnp.ones((4, 2))


class Listener(Probe):
    """Writes down who came and who went."""

    def __init__(self):
        self.heard = []

    def enter(self, path, layer, x):
        self.heard.append(("enter", path, jnp.shape(x)))
        return x

    def leave(self, path, layer, y):
        self.heard.append(("leave", path, jnp.shape(y)))
        return y


def heard(function, *args):
    listener = Listener()
    with probing(listener):
        function(*args)
    return listener.heard


def test_every_call_is_told_in_order():
    assert heard(MODEL, X, *MODEL.init(0)) == [
        ("enter", "", (4, 2)),
        ("enter", "layer_1", (4, 2)),
        ("leave", "layer_1", (4, 3)),
        ("enter", "layer_2", (4, 3)),
        ("enter", "layer_2.layer", (4, 3)),
        ("leave", "layer_2.layer", (4, 3)),
        ("leave", "layer_2", (4, 3)),
        ("enter", "head", (4, 3)),
        ("leave", "head", (4, 1)),
        ("leave", "", (4, 1)),
    ]


def test_it_may_exchange_what_goes_in_and_what_comes_out():
    class Twice(Probe):
        def enter(self, path, layer, x):
            return 2 * x if path == "layer_1" else x

        def leave(self, path, layer, y):
            return y + 1 if path == "head" else y

    ps, st = MODEL.init(0)
    with probing(Twice()):
        y, _ = MODEL(X, ps, st)
    np.testing.assert_array_equal(y, MODEL(2 * X, ps, st)[0] + 1)


def test_what_failed_was_entered_and_never_left():
    model = lx.Chain(lx.Dense(2, 3), lx.Dense(5, 1))
    ps, st = model.init(0)
    listener = Listener()
    with pytest.raises(ValueError, match="in_dims = 5"), probing(listener):
        model(X, ps, st)
    entered = [path for what, path, _ in listener.heard if what == "enter"]
    left = [path for what, path, _ in listener.heard if what == "leave"]
    assert entered == ["", "layer_1", "layer_2"] and left == ["layer_1"]
    assert probe() is None


def test_programs_that_are_there_already_are_not_used():
    model = lx.Stacked(lx.Dense(2, 2), 3)
    ps, st = model.init(0)
    model(X, ps, st)  # compiled, without a probe
    for _ in range(2):
        assert ("enter", "layer", (4, 2)) in heard(model, X, ps, st)


def test_another_thread_is_not_probed():
    listener, ps, st = Listener(), *MODEL.init(0)
    with probing(listener):
        thread = threading.Thread(target=MODEL, args=(X, ps, st))
        thread.start()
        thread.join()
    assert listener.heard == []


def test_the_inner_probe_is_the_one_that_is_told():
    outer, inner, (ps, st) = Listener(), Listener(), MODEL.init(0)
    with probing(outer), probing(inner):
        MODEL(X, ps, st)
    assert outer.heard == [] and inner.heard
    assert probe() is None


def test_a_probe_is_told_while_jax_traces():
    assert heard(jax.eval_shape, MODEL, X, *MODEL.init(0))[0] == ("enter", "", (4, 2))
