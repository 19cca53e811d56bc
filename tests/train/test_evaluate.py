"""Evaluation and prediction are in test mode, over all rows, against NumPy."""

import jax
import numpy as np
import pytest
import torch

import luxnb as lx
from tests.train.conftest import MLP, points, train


def by_hand(run, x):
    """The network of MLP in NumPy, with running statistics and without dropout."""
    ps, st = run.params, run.state
    h = np.maximum(x @ np.asarray(ps.layer_1.weight) + np.asarray(ps.layer_1.bias), 0)
    norm = st.layer_2
    h = (h - np.asarray(norm.running_mean)) / np.sqrt(np.asarray(norm.running_var) + 1e-5)
    h = h * np.asarray(ps.layer_2.scale) + np.asarray(ps.layer_2.bias)
    return h @ np.asarray(ps.layer_4.weight) + np.asarray(ps.layer_4.bias)


def test_predict_and_evaluate_agree_with_numpy():
    run = train(steps=30)
    x, y = points(rows=1500, seed=8)  # more than one batch of evaluation, and not a multiple
    logits = by_hand(run, x)
    np.testing.assert_allclose(run.predict(x), logits, rtol=1e-4, atol=1e-5)
    shifted = logits - logits.max(1, keepdims=True)
    entropy = np.log(np.exp(shifted).sum(1)) - shifted[np.arange(1500), y]
    found = run.evaluate((x, y))
    assert list(found) == ["loss", "accuracy"]
    np.testing.assert_allclose(found["loss"], entropy.mean(), rtol=1e-4)
    np.testing.assert_allclose(found["accuracy"], (logits.argmax(1) == y).mean(), rtol=1e-6)


def test_evaluate_without_data_is_over_the_training_data():
    run = train(steps=5)
    assert run.evaluate() == run.evaluate(points())
    assert lx.testmode(run.state).layer_3.mode is lx.Mode.TEST
    assert run.state.layer_3.mode is lx.Mode.TRAIN
    assert isinstance(MLP, lx.Layer)


def test_other_parameters_are_used_when_given():
    run = train(steps=30)
    begin, data = MLP.init(3)[0], points(rows=40, seed=8)
    by_them = lx.evaluate(
        *(MLP, begin, run.state, data),
        loss=lx.losses.cross_entropy,
        metrics={"accuracy": lx.metrics.accuracy},
    )
    assert run.evaluate(data, params=begin) == by_them != run.evaluate(data)
    x, _ = data
    wanted = MLP(x, begin, lx.testmode(run.state))[0]
    np.testing.assert_allclose(run.predict(x, params=begin), wanted, rtol=1e-5, atol=1e-6)


def test_batches_are_taken_as_they_come():
    run = train(steps=5)
    x, y = points(rows=50, seed=8)
    parts = [(x[i : i + 20], y[i : i + 20]) for i in range(0, 50, 20)]
    wanted = run.evaluate((x, y), batch_size=20)
    assert run.evaluate(parts) == run.evaluate(part for part in parts) == wanted
    torch_parts = [tuple(map(torch.tensor, part)) for part in parts]
    assert run.evaluate(torch_parts) == wanted
    whole = run.predict(x)
    found = run.predict(part for part, _ in parts)
    np.testing.assert_allclose(found, whole, rtol=1e-5, atol=1e-6)


def test_large_data_go_to_the_device_a_few_batches_at_a_time(tmp_path):
    """2000 batches of a file; what the device holds at any time is far less than the file."""
    file = np.lib.format.open_memmap(tmp_path / "x.npy", "w+", np.float32, (2000, 4096))
    file[:] = np.arange(2000)[:, None]
    most = []

    def loss(prediction, target):
        jax.debug.callback(lambda: most.append(held()))
        return prediction.mean()

    def held():
        return sum(array.nbytes for array in jax.live_arrays() if array.ndim == 2)

    before = held()
    found = lx.evaluate(lx.Identity(), {}, {}, (file, file), loss=loss, batch_size=1)
    jax.effects_barrier()
    assert found["loss"] == 999.5 and len(most) == 2000
    assert max(most) - before < file.nbytes / 20


def test_the_training_data_on_the_host_are_gone_through_as_they_are():
    x, y = points()
    assert train(data=lx.on_host((x, y)), steps=5).evaluate() == train(steps=5).evaluate((x, y))


def test_what_evaluate_and_predict_refuse():
    run = train(steps=1)
    x, y = points(20)
    x[7, 0] = np.inf
    with pytest.raises(ValueError, match=r"data\[0\] holds inf in row 7; drop such rows"):
        run.evaluate((x, y))
    with pytest.raises(ValueError, match=r"data\[0\] of batch 2 holds inf in row 2; drop"):
        run.evaluate([(x[:5], y[:5]), (x[5:], y[5:])])
    with pytest.raises(ValueError, match="batch_size must be a positive integer, got 0"):
        run.evaluate(points(), batch_size=0)
    with pytest.raises(TypeError, match=r"data\[1\] of batch 1 must be an array of numbers"):
        run.evaluate([(x, "y")])
    with pytest.raises(ValueError, match=r"a stream has no rows .* say run\.evaluate\(data\)"):
        train(data=iter([points(16)] * 2), batch_size=None, steps=1).evaluate()
    total = lx.Function(lambda x: x.sum())
    scalar = lx.Chain(lx.Dense(2, 1), total)
    run = train(scalar, loss=lambda p, y: p, metrics={}, steps=1)
    with pytest.raises(
        ValueError, match=r"of f32\[20,2\] the model makes f32\[\], which has not one"
    ):
        run.predict(points(20)[0])


def test_accuracy_counts_right_answers():
    logits = np.array([[2.0, 1.0], [0.0, 3.0], [1.0, 0.0]], np.float32)
    assert float(lx.metrics.accuracy(logits, np.array([0, 0, 0]))) == np.float32(2 / 3)
    assert float(lx.metrics.accuracy(logits, np.eye(2, dtype=np.float32)[[0, 1, 1]])) == np.float32(
        2 / 3
    )
    with pytest.raises(ValueError, match=r"labels have shape \(3, 1\)"):
        lx.metrics.accuracy(logits, np.zeros((3, 1), int))
