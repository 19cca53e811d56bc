"""A run: steered, continued, interrupted, repeated; nothing is lost and no bit changes."""

import _thread
import asyncio
import threading
import time

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

import luxnb as lx
from tests.train.conftest import ADAM, CONV, MLP, SGD, points, train


def until(condition, seconds=60):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come to pass"
        time.sleep(0.002)


# -- going on -----------------------------------------------------------------------------------


def test_epochs_steps_and_going_on():
    run = train(epochs=2)
    assert run.step == 12 and run.latest.epoch == 2 and run.latest.status == "done"
    assert run.fit(steps=5) is run
    assert run.step == 17 == len(run.history) == int(run.ts.step)
    assert run.latest.target == 17
    assert run.executor == "loop" and run.title == "Chain"
    assert repr(run).startswith("<Run done at step 17 of 17, loss=")


def test_a_straight_line_is_found():
    """The least-squares line from NumPy's solver is where gradient descent ends."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(64, 1)).astype(np.float32)
    y = (2 * x - 1 + 0.1 * rng.normal(size=(64, 1))).astype(np.float32)
    run = lx.fit(
        lx.Dense(1, 1), (x, y), loss=lx.losses.mse, optimizer=SGD, batch_size=64, steps=300
    )
    line = np.linalg.lstsq(np.hstack([x, np.ones_like(x)]), y, rcond=None)[0].ravel()
    found = float(run.params.weight[0, 0]), float(run.params.bias[0])
    np.testing.assert_allclose(found, line, rtol=1e-4)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({}, ValueError, "say how long"),
        ({"steps": 0}, ValueError, "steps must be a positive integer, got 0"),
        ({"epochs": -1}, ValueError, "epochs must be a positive integer, got -1"),
        ({"steps": 1.5}, ValueError, "steps must be a positive integer, got 1.5"),
        ({"steps": 1, "epochs": 1}, ValueError, "give steps or epochs, not both"),
        ({"steps": 1, "optimizer": "adam"}, TypeError, "optimizer must be one of optax's"),
        ({"steps": 1, "model": abs}, TypeError, r"a function is one as Function\(f\)"),
        ({"steps": 1, "seed": "x"}, TypeError, "expected a seed"),
    ],
)
def test_what_fit_refuses(options, error, message):
    with pytest.raises(error, match=message):
        train(**options)


def test_a_wrong_input_width_names_the_path_at_once():
    with pytest.raises(ValueError, match=r"expected x of shape \(…, 2\), in_dims = 2") as caught:
        train(data=(np.ones((96, 5), np.float32), points()[1]), steps=1)
    assert "at layer_1: Dense(2, 8, jax.nn.relu) was given x: f32[16,5]" in caught.value.__notes__


def test_a_run_that_is_done_wants_to_know_how_much_more():
    with pytest.raises(ValueError, match=r"done with its 3 steps; say how many more"):
        train(steps=3).fit()


# -- the same bits ------------------------------------------------------------------------------


@pytest.mark.parametrize("model", [MLP, CONV], ids=["loop", "step"])
def test_a_rerun_is_identical(model):
    run = train(model, steps=40)
    again = run.rerun()
    assert again is not run and again.fingerprint == run.fingerprint
    assert lx.compare(run, again).identical


@pytest.mark.parametrize("model", [MLP, CONV], ids=["loop", "step"])
def test_pauses_stops_and_going_on_change_no_bit(model, live):
    straight = train(model, steps=400)
    run = train(model, steps=400)
    until(lambda: run.latest.step > 3)
    run.pause()
    until(lambda: run.latest.status == "paused" or not run.latest.active)
    at = run.latest.step
    time.sleep(0.05)
    assert run.latest.step == at, "a paused run stands still"
    run.resume()
    run.stop()
    run.wait()
    stopped_at = run.step
    run.fit(steps=400 - stopped_at) if stopped_at < 400 else None
    run.wait()
    assert lx.compare(straight, run).identical
    names = [event.name for event in run.interventions]
    assert names in (["pause", "resume", "stop"], ["pause", "stop"], ["pause", "resume"], [])


@pytest.mark.parametrize("frame", [1e-6, 10.0])
@pytest.mark.parametrize("model", [MLP, CONV], ids=["loop", "step"])
def test_how_often_a_view_is_fed_changes_no_bit(model, frame, monkeypatch):
    straight = train(model, steps=60)
    monkeypatch.setattr("luxnb.train.running.engine.FRAME", frame)
    assert lx.compare(straight, train(model, steps=60)).identical


def test_observers_and_readers_change_no_bit():
    straight = train(steps=60)
    run = train(steps=20)
    forget = run.observe(lambda: None)
    run.params, run.history, run.fingerprint, run.evaluate()
    run.fit(steps=40)
    forget()
    forget()
    assert lx.compare(straight, run).identical


def test_results_stay_when_training_goes_on():
    run = train(CONV, steps=4)
    kept = run.params
    before = np.asarray(kept.layer_1.weight).copy()
    run.fit(steps=4)
    assert np.array_equal(kept.layer_1.weight, before)
    assert not np.array_equal(run.params.layer_1.weight, before)


def test_given_parameters_stay_and_are_where_it_starts():
    ps, st = MLP.init(5)
    run = train(params=ps, state=st, steps=9)
    assert np.asarray(ps.layer_1.weight).shape == (2, 8)
    assert lx.compare(run, train(params=ps, state=st, steps=9)).identical
    assert not lx.compare(run, train(steps=9)).identical


# -- steering -----------------------------------------------------------------------------------


def test_a_live_fit_returns_at_once_and_results_wait(live):
    run = train(steps=3000)
    assert run.latest.step < 3000
    assert len(run.history["loss"]) == 3000 and run.latest.status == "done"


def test_a_live_run_can_be_given_more(live):
    run = train(steps=2000)
    run.fit(steps=500)
    assert run.step == 2500


def test_more_steps_are_never_lost_at_the_end(live):
    """`fit` again and again, also in the very moment in which the run comes to its end."""
    run, steps = train(steps=1), 1
    for _ in range(200):
        run.fit(steps=1)
        steps += 1
    assert run.step == steps == len(run.history) and run.latest.status == "done"


def test_stop_while_paused(live):
    run = train(steps=10**7)
    until(lambda: run.latest.step)
    run.pause()
    run.pause()
    until(lambda: run.latest.status == "paused")
    run.stop()
    run.wait()
    assert run.latest.status == "stopped" and run.step == len(run.history)
    assert [e[:2] for e in run.interventions] == [(run.step, "pause"), (run.step, "stop")]
    run.pause()  # of no effect on a run that stands still
    run.fit(steps=1)
    run.wait()
    assert run.latest.status == "done"


def test_results_can_be_read_in_a_pause(live, tmp_path):
    run = train(optimizer=optax.inject_hyperparams(optax.adam)(1e-2), steps=10**7)
    until(lambda: run.latest.step)
    run.pause()
    step = run.step
    assert run.latest.status == "paused" and int(run.ts.step) == step == len(run.history)
    run.set(learning_rate=1e-3)
    assert run.ts.optimizer_state.hyperparams["learning_rate"] == np.float32(1e-3)
    run.save(tmp_path / "paused.safetensors")
    assert run.fork().step == step
    run.resume()
    run.pause()
    assert run.step >= step, "what is read after it waits for the next pause"
    run.resume()
    until(lambda: run.latest.step > step)
    run.stop()
    assert run.latest.active or run.latest.status == "stopped"
    run.wait()
    names = [event.name for event in run.interventions]
    assert names[:3] == ["pause", "set", "resume"] and names[-1] == "stop"
    assert lx.compare(run, run.rerun())


def test_results_after_resuming_are_those_of_the_end(live):
    run = train(steps=3000)
    run.pause()
    until(lambda: run.latest.status in ("paused", "done"))
    run.resume()
    assert run.step == 3000 and lx.compare(run, run.rerun())


def test_await(live):
    async def cell():
        run = train(steps=500)
        assert await run is None
        assert run.latest.status == "done"

    asyncio.run(cell())


def test_cancelling_an_await_stops_and_keeps(live):
    run = train(steps=10**7)

    async def cell():
        await asyncio.wait_for(run, 0.2)

    with pytest.raises(TimeoutError):
        asyncio.run(cell())
    assert run.latest.status == "stopped" and len(run.history) == run.step


def interrupt_when(condition):
    def watch():
        until(condition)
        _thread.interrupt_main()

    threading.Thread(target=watch, daemon=True).start()


def test_an_interrupt_ends_a_blocking_fit_and_keeps_the_run(capsys):
    run = train(steps=5)
    interrupt_when(lambda: run.latest.step > 50)
    assert run.fit(steps=10**7) is run
    assert run.latest.status == "stopped" and 50 < run.step == len(run.history)
    assert "luxnb: interrupted, <Run stopped at step" in capsys.readouterr().err
    assert lx.compare(run, train(steps=run.step)).identical


def test_an_interrupt_while_waiting_stops_and_is_passed_on(live):
    run = train(steps=10**7)
    interrupt_when(lambda: run.latest.step > 50)
    with pytest.raises(KeyboardInterrupt):
        _ = run.params
    assert run.latest.status == "stopped" and run.step > 50


# -- trouble ------------------------------------------------------------------------------------


def bursting(at):
    """An objective whose loss becomes NaN at one step, counted in the state."""

    def objective(model, ps, st, batch):
        x, y = batch
        prediction, st = model(x, ps, st)
        count = st.layer_2.count
        loss = jnp.mean((prediction - y) ** 2)
        return jnp.where(count == at, jnp.nan, loss), st, {"count": count}

    return objective


class Counter(lx.Layer):
    def init_state(self, key):
        return {"count": jnp.zeros((), jnp.int32)}

    def forward(self, x, ps, st):
        st.count = st.count + 1
        return x, st


CONVOLVED = lx.Chain(lx.Conv((1,), 2, 2), lx.Flatten(), lx.Dense(4, 1))


@pytest.mark.parametrize("first", [lx.Dense(4, 1), CONVOLVED], ids=["loop", "step"])
def test_a_loss_that_is_not_finite_stops_before_that_step(first):
    x = np.random.default_rng(0).normal(size=(40, 2, 2)).astype(np.float32)
    if isinstance(first, lx.Dense):
        x = x.reshape(40, 4)
    data = x, np.ones((40, 1), np.float32)
    model = lx.Chain(first, Counter())

    def run_to(steps, at):
        return lx.fit(model, data, loss=bursting(at), optimizer=ADAM, batch_size=8, steps=steps)

    run = run_to(200, at=38)
    assert run.latest.status == "stopped" and run.step == 37 == len(run.history)
    assert "the loss became nan at step 38 (epoch 8)" in run.latest.message
    assert np.isfinite(run.history["loss"]).all()
    healthy = run_to(37, at=-1)
    assert all(
        np.array_equal(a, b)
        for a, b in zip(jax.tree.leaves(run.params), jax.tree.leaves(healthy.params), strict=True)
    )
    assert int(run.state.layer_2.count) == 37
    run.fit(steps=10)  # the same step fails again, and again nothing is lost
    assert run.step == 37 and run.latest.status == "stopped"


def test_an_observer_that_raises_is_dropped(capsys):
    run = train(steps=1)
    calls = []

    def observer():
        calls.append(1)
        raise RuntimeError("the screen is gone")

    run.observe(observer)
    run.fit(steps=20)
    assert run.latest.status == "done" and len(calls) == 1
    assert "an observer failed and was dropped: RuntimeError('the screen is gone')" in (
        capsys.readouterr().err
    )


def test_an_error_on_the_thread_is_told_and_raised(live, monkeypatch, capsys):
    from luxnb.train.running.engine import Engine

    run = train(steps=50)
    run.wait()

    def fails(self):
        raise MemoryError("device")

    monkeypatch.setattr(Engine, "land", fails)
    run.fit(steps=5)
    with pytest.raises(MemoryError, match="device"):
        run.wait()
    assert run.latest.status == "failed" and run.latest.message == "MemoryError: device"
    assert len(run.history) == run.step == 50
    assert "MemoryError: device" in capsys.readouterr().err
    monkeypatch.undo()
    run.fit(steps=5)  # in the foreground, the place being undone as well
    assert lx.compare(run, train(steps=55)).identical


def test_an_error_before_there_is_a_state(monkeypatch):
    class Broken(lx.Layer):
        def forward(self, x, ps, st):
            return x, st

    x = jnp.ones((8, 1))
    optimizer = optax.GradientTransformation(lambda params: 1 / 0, lambda g, s, p: (g, s))
    with pytest.raises(ZeroDivisionError):
        lx.fit(Broken(), (x, x), loss=lx.losses.mse, optimizer=optimizer, steps=1, batch_size=8)
