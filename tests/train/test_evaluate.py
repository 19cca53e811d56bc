"""Evaluation and prediction are in test mode, over all rows, against NumPy."""

import numpy as np
import pytest

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


def test_accuracy_counts_right_answers():
    logits = np.array([[2.0, 1.0], [0.0, 3.0], [1.0, 0.0]], np.float32)
    assert float(lx.metrics.accuracy(logits, np.array([0, 0, 0]))) == np.float32(2 / 3)
    assert float(lx.metrics.accuracy(logits, np.eye(2, dtype=np.float32)[[0, 1, 1]])) == np.float32(
        2 / 3
    )
    with pytest.raises(ValueError, match=r"labels have shape \(3, 1\)"):
        lx.metrics.accuracy(logits, np.zeros((3, 1), int))
