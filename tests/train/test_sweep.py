"""Sweeps: against NumPy by hand, against runs alone, and against themselves to the bit."""

import time

import jax
import numpy as np
import optax
import pytest

import luxnb as lx
from luxnb.train.compare.fingerprint import leaves_of
from tests.train.conftest import CONV, MLP, points, train

INJECTED = optax.inject_hyperparams(optax.adam)(learning_rate=1e-2)
PLAIN = optax.inject_hyperparams(optax.sgd)(learning_rate=0.1)
MODELS = pytest.mark.parametrize("model", [MLP, CONV], ids=["mlp", "conv"])

X = np.linspace(-1, 1, 32, dtype=np.float32)[:, None]


def line(steps=30, **options):
    """Linear regression on all rows at once, so that their order is of no account."""
    given = {"loss": lx.losses.mse, "optimizer": PLAIN, "batch_size": 32, "seed": 0} | options
    return lx.fit(lx.Dense(1, 1), (X, 3 * X + 1), steps=steps, **given)


def descended(seed, rate, steps):
    """The losses of gradient descent on mean (x w + b - 3 x - 1)², by hand, and w, b."""
    ps, _ = lx.Dense(1, 1).init(seed)
    w, b, x = float(ps.weight[0, 0]), float(ps.bias[0]), X[:, 0].astype(np.float64)
    losses = []
    for _ in range(steps):
        error = x * w + b - 3 * x - 1
        losses.append(np.mean(error**2))
        w, b = w - rate * 2 * np.mean(error * x), b - rate * 2 * np.mean(error)
    return losses, w, b


def bits(ts):
    return {name: leaf.tobytes() for name, leaf in leaves_of(ts).items()}


# -- what is trained ----------------------------------------------------------------------------


def test_every_member_descends_as_by_hand():
    sweep = lx.sweep(line(), seeds=[0, 5], learning_rate=[0.1, 0.3])
    assert sweep.members == (
        {"seed": 0, "learning_rate": 0.1},
        {"seed": 5, "learning_rate": 0.1},
        {"seed": 0, "learning_rate": 0.3},
        {"seed": 5, "learning_rate": 0.3},
    )
    assert sweep.names[3] == "seed=5, learning_rate=0.3"
    assert sweep.history["loss"].shape == (4, 30) and sweep.params.weight.shape == (4, 1, 1)
    for number, member in enumerate(sweep):
        losses, w, b = descended(member.values["seed"], member.values["learning_rate"], 30)
        np.testing.assert_allclose(sweep.history["loss"][number], losses, rtol=2e-4)
        np.testing.assert_allclose(member.params.weight[0, 0], w, rtol=1e-4)
        np.testing.assert_allclose(member.params.bias[0], b, rtol=1e-4)
        assert member.step == 30 and int(member.ts.step) == 30
        assert (member.history["loss"] == sweep.history["loss"][number]).all()


@MODELS
def test_a_member_agrees_with_its_run_alone_to_rounding(model):
    run = train(model, steps=12)
    sweep = lx.sweep(run, seeds=[3, 1, 9])
    for number, seed in enumerate([3, 1, 9]):
        alone = train(model, steps=12, seed=seed)
        assert bits(sweep.at(0).member(number)) == bits(alone.at(0))
        for metric in alone.history:
            np.testing.assert_allclose(
                sweep.history[metric][number], alone.history[metric], rtol=2e-3, atol=2e-3
            )
    assert len({row.tobytes() for row in sweep.history["loss"]}) == 3


def test_members_without_seeds_have_that_of_the_run():
    sweep = lx.sweep(line(seed=5), learning_rate=np.array([0.1, 0.2]))
    assert [set(member) for member in sweep.members] == [{"learning_rate"}] * 2
    np.testing.assert_allclose(sweep.history["loss"][1], descended(5, 0.2, 30)[0], rtol=2e-4)


@pytest.mark.parametrize(
    "options", [{"accumulate": 2}, {"average": 0.9}, {"compute_dtype": "float16"}], ids=str
)
def test_options_of_a_step(options):
    run = train(steps=8, **options)
    sweep = lx.sweep(run, seeds=[3, 4])
    alone = train(steps=8, seed=4, **options)
    assert list(leaves_of(sweep[1].ts)) == list(leaves_of(alone.ts))
    for name, leaf in leaves_of(alone.ts).items():
        here = leaves_of(sweep[1].ts)[name]
        assert here.shape == leaf.shape and here.dtype == leaf.dtype
        np.testing.assert_allclose(here, leaf, rtol=1e-2, atol=5e-3)


def test_batches_of_a_stream_are_shared():
    data = [(X[i::4], 3 * X[i::4] + 1) for i in range(4)]
    run = lx.fit(lx.Dense(1, 1), data, loss=lx.losses.mse, optimizer=PLAIN, steps=10)
    sweep = lx.sweep(run, seeds=[0, 7])
    for number, seed in enumerate([0, 7]):
        alone = run.rerun(seed=seed)
        np.testing.assert_allclose(sweep.history["loss"][number], alone.history["loss"], rtol=1e-5)
    assert sweep.evaluate((X, 3 * X + 1))["loss"].shape == (2,)
    assert sweep.fit(steps=5).step == 15


def test_from_given_parameters_only_the_order_differs():
    ps, st = MLP.init(0)
    run = train(params=ps, state=st, steps=6)
    sweep = lx.sweep(run, seeds=[1, 2])
    first = sweep.at(0)
    assert bits(first.member(0)) == bits(first.member(1))
    assert sweep.history["loss"][0, 0] != sweep.history["loss"][1, 0]
    on = train(start=run.ts, steps=4)
    later = lx.sweep(on, seeds=[1, 2])
    assert later.step == 10 and later.history.steps.tolist() == [7, 8, 9, 10]
    assert later[1].history.steps.tolist() == [7, 8, 9, 10]


# -- to the bit ---------------------------------------------------------------------------------


@MODELS
def test_run_again_it_is_the_same_however_steps_are_grouped(model, monkeypatch):
    sweep = lx.sweep(train(model, steps=20), seeds=range(3))
    monkeypatch.setattr("luxnb.train.running.engine.FRAME", 1e-9)
    assert sweep.rerun().fingerprint == sweep.fingerprint
    other = lx.sweep(train(model, steps=20), seeds=range(3), steps=7).fit(steps=13)
    assert other.fingerprint == sweep.fingerprint
    assert bits(sweep.at(7)) == bits(lx.sweep(train(model, steps=20), seeds=range(3), steps=7).ts)


def test_step_by_step_where_loops_are_slow(monkeypatch):
    monkeypatch.setattr("luxnb.train.program.program.has_convolution", lambda jaxpr: True)
    own = optax.inject_hyperparams(optax.sgd)(learning_rate=0.1)  # and so a program of its own
    sweep = lx.sweep(line(optimizer=own), learning_rate=[0.1, 1e9, 0.3])
    assert sweep.executor == "step"
    np.testing.assert_allclose(sweep.history["loss"][2], descended(0, 0.3, 30)[0], rtol=2e-4)
    assert sweep[1].step < 10 and sweep[2].step == 30
    assert sweep.rerun().fingerprint == sweep.fingerprint


def test_what_is_set_is_repeated():
    sweep = lx.sweep(line(), seeds=[0, 1], steps=5)
    sweep.set(learning_rate=0.05)
    sweep.fit(steps=5)
    sweep.set(learning_rate=[0.2, 0.3])
    sweep.fit(steps=5)
    rates = sweep.history["learning_rate"]
    assert (
        rates[:, [4, 9, 14]].tolist() == np.float32([[0.1, 0.05, 0.2], [0.1, 0.05, 0.3]]).tolist()
    )
    assert sweep.rerun().fingerprint == sweep.fingerprint
    with pytest.raises(ValueError, match=r"learning_rate must have shape \(2,\), got \(3,\)"):
        sweep.set(learning_rate=[1.0, 2.0, 3.0])


def test_what_was_set_in_the_run_is_set_in_all_unless_they_differ_in_it():
    run = line(steps=5)
    run.set(learning_rate=0.02)
    run.fit(steps=5)
    sweep = lx.sweep(run, seeds=[0, 1])
    assert sweep.step == 10
    assert sweep.history["learning_rate"][1].tolist() == run.history["learning_rate"].tolist()
    rates = lx.sweep(run, learning_rate=[0.3, 0.4]).history["learning_rate"]
    assert rates.tolist() == np.float32([[0.3] * 10, [0.4] * 10]).tolist()


# -- members that fail --------------------------------------------------------------------------


@pytest.mark.parametrize("frame", [0.05, 1e-9], ids=["together", "one by one"])
def test_a_member_that_fails_stands_still_and_the_others_go_on(frame, monkeypatch):
    monkeypatch.setattr("luxnb.train.running.engine.FRAME", frame)
    sweep = lx.sweep(line(), seeds=[0], learning_rate=[0.1, 1e9, 0.3])
    losses = sweep.history["loss"]
    good = int(np.isfinite(losses[1]).sum())
    assert 0 < good < 10 and np.isnan(losses[1, good:]).all()
    assert np.isfinite(losses[[0, 2]]).all() and sweep.latest.status == "done"
    np.testing.assert_allclose(losses[2], descended(0, 0.3, 30)[0], rtol=2e-4)
    failed = sweep[1]
    assert failed.step == good and len(failed.history) == good
    assert np.isfinite(failed.params.weight).all()
    with np.errstate(over="ignore", invalid="ignore"):
        error = X * np.float32(failed.params.weight) + np.float32(failed.params.bias) - 3 * X - 1
        assert not np.isfinite(np.mean(error**2, dtype=np.float32))
    assert bits(sweep.at(good).member(1)) == bits(failed.ts)
    assert sweep.best().number == 2
    assert sweep.mean("loss")[-1] == pytest.approx(losses[[0, 2], -1].mean())
    assert sweep.rerun().fingerprint == sweep.fingerprint


def test_when_all_have_failed_it_ends():
    sweep = lx.sweep(line(), seeds=[0], learning_rate=[1e9, 1e5])
    last = max(member.step for member in sweep)
    assert sweep.latest.status == "stopped" and sweep.step == last < 30
    assert f"the loss of the last member became NaN or infinite at step {last + 1}" in repr(sweep)
    assert len(sweep.history) == last and np.isfinite(sweep.history["loss"][1]).all()
    before = sweep.fingerprint
    assert sweep.fit(steps=3).step == last and sweep.fingerprint == before
    assert np.isfinite(sweep[1].params.weight).all()


# -- results ------------------------------------------------------------------------------------


def test_means_deviations_and_the_best():
    sweep = lx.sweep(train(steps=18), seeds=range(4))
    losses, accuracy = sweep.history["loss"], sweep.history["accuracy"]
    np.testing.assert_allclose(sweep.mean("loss"), losses.mean(0), rtol=1e-6)
    np.testing.assert_allclose(sweep.std("loss"), losses.std(0), rtol=1e-4)
    assert sweep.latest.steps_per_epoch == 6
    assert sweep.best().number == int(losses[:, -6:].mean(1).argmin())
    best = sweep.best("accuracy", maximize=True)
    assert best.number == int(accuracy[:, -6:].mean(1).argmax())
    assert sweep[-1].number == 3 and len(sweep) == len(list(sweep)) == 4
    with pytest.raises(IndexError, match="there are 4 members, from 0 to 3"):
        sweep[4]
    with pytest.raises(ValueError, match="no metric 'acuracy'; there is loss, accuracy"):
        sweep.best("acuracy")
    with pytest.raises(KeyError, match="no metric 'los'"):
        sweep.history["los"]


def test_evaluation_is_that_of_each_member():
    sweep = lx.sweep(train(steps=6), seeds=[1, 2])
    x, y = points(40, seed=8)
    found, outputs = sweep.evaluate((x, y)), sweep.predict(x)
    assert list(found) == ["loss", "accuracy"]
    for number, member in enumerate(sweep):
        logits = MLP(x, member.params, lx.testmode(member.state))[0]
        loss = float(optax.softmax_cross_entropy_with_integer_labels(logits, y).mean())
        assert found["loss"][number] == pytest.approx(loss, rel=1e-5)
        assert found["accuracy"][number] == pytest.approx(np.mean(np.argmax(logits, 1) == y))
        np.testing.assert_allclose(outputs[number], logits, rtol=1e-5, atol=1e-5)
    with pytest.raises(ValueError, match="each member would have to go through"):
        sweep.evaluate(iter([(x, y)]))


def test_a_member_goes_on_alone():
    sweep = lx.sweep(line(), seeds=[0, 5])
    run = sweep.run(1)
    assert bits(run.ts) == bits(sweep[1].ts) and run.step == 30
    run.fit(steps=10)
    np.testing.assert_allclose(run.history["loss"], descended(5, 0.1, 40)[0], rtol=2e-4)


def test_it_is_steered_like_a_run(live):
    sweep = lx.sweep(line(steps=10), seeds=range(3), steps=10_000_000)
    assert sweep.latest.active
    end = time.monotonic() + 60
    while not len(sweep.records) and time.monotonic() < end:
        time.sleep(0.01)
    row = sweep.records.since(0)[-1]
    assert sweep.records.names == ("loss", "learning_rate") and row.shape == (2,)
    sweep.stop()
    assert sweep.step == len(sweep.history) < 10_000_000
    assert sweep.interventions[-1].name == "stop"
    assert len(sweep.history["loss"]) == 3


# -- errors -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        ({}, ValueError, "say what differs: seeds=range"),
        ({"seeds": []}, ValueError, "seeds is empty"),
        ({"seeds": [1, 2, 1]}, ValueError, "seed 1 occurs twice"),
        ({"seeds": [1, 2.5]}, TypeError, "seeds must be integers, as range.8., got 2.5"),
        ({"seeds": [True]}, TypeError, "seeds must be integers"),
        ({"seeds": 8}, TypeError, "seeds must be several integers, as range.8., got 8"),
        ({"seeds": "12"}, TypeError, "seeds must be several integers"),
        ({"learning_rat": [1.0]}, ValueError, "no hyper-parameter 'learning_rat'; did you mean"),
        ({"learning_rate": 0.1}, TypeError, "learning_rate must be several values"),
        ({"learning_rate": []}, ValueError, "learning_rate is empty"),
        ({"learning_rate": [0.1, 0.1]}, ValueError, "learning_rate=0.1 occurs twice"),
        ({"learning_rate": [0.1, [0.2, 0.3]]}, ValueError, r"must have shape \(\), got \(2,\)"),
        ({"learning_rate": [0.1, "a"]}, ValueError, "learning_rate must be a finite number"),
        ({"seeds": [1], "steps": 0}, ValueError, "steps must be a positive integer"),
        ({"seeds": [1], "steps": 1, "epochs": 1}, ValueError, "give steps or epochs, not both"),
    ],
    ids=str,
)
def test_errors_name_what_to_write(given, error, message):
    with pytest.raises(error, match=message):
        lx.sweep(line(steps=2), **given)


def test_an_iterator_is_no_list():
    with pytest.raises(TypeError, match="learning_rate must be a list or an array"):
        lx.sweep(line(steps=2), learning_rate=iter([0.1]))


def test_only_a_run_can_be_varied():
    with pytest.raises(TypeError, match=r"sweep varies a run, as run = lx\.fit"):
        lx.sweep(lx.Dense(1, 1), seeds=[1])


def test_an_optimizer_that_keeps_it_to_itself():
    with pytest.raises(ValueError, match="inject_hyperparams"):
        lx.sweep(train(steps=1), learning_rate=[1e-3, 1e-2])


def test_data_that_come_only_once():
    data = ((X, 3 * X) for _ in range(3))
    run = lx.fit(lx.Dense(1, 1), data, loss=lx.losses.mse, optimizer=PLAIN, steps=2)
    with pytest.raises(ValueError, match="which only one training can go through"):
        lx.sweep(run, seeds=[1, 2])


def test_seeds_that_would_make_no_difference():
    ps, st = lx.Dense(1, 1).init(0)
    run = lx.fit(
        lx.Dense(1, 1), [(X, 3 * X)], loss=lx.losses.mse, optimizer=PLAIN, steps=2,
        params=ps, state=st,
    )  # fmt: skip
    with pytest.raises(ValueError, match="seeds make no difference here"):
        lx.sweep(run, seeds=[1, 2])
    assert len(lx.sweep(run, learning_rate=[0.1, 0.2])) == 2


def test_too_many_members_for_the_memory(monkeypatch):
    run = train(steps=2)
    monkeypatch.setattr("luxnb.train.sweep.memory.device_memory", lambda: 1e6)
    with pytest.raises(MemoryError, match=r"11 members need about .* GB, .*: about \d+ fit"):
        lx.sweep(run, seeds=range(11))


def test_the_picture_of_a_sweep_changes_nothing():
    sweep = lx.sweep(train(steps=6), seeds=range(2))
    before = sweep.fingerprint
    assert lx.view(sweep).html == lx.view(sweep).html and sweep.fingerprint == before
    assert jax.tree.leaves(sweep.ts)[0].shape[0] == 2
