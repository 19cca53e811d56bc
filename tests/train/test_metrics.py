"""Metrics against NumPy's counts, and ratios that are averaged as the ratios of sums."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import luxnb as lx
from luxnb.train.measure.metrics import Ratio, as_ratio, check_metric, quotient
from tests.train.conftest import SGD, points, train

RNG = np.random.default_rng(0)
LOGITS = RNG.normal(size=(40, 7)).astype(np.float32)
LABELS = RNG.integers(0, 7, 40)
SCORES = RNG.normal(size=200).astype(np.float32)
TRUTH = RNG.random(200) < 0.3


# -- of classes ----------------------------------------------------------------------------------


@pytest.mark.parametrize("k", range(1, 8))
def test_top_k_is_a_count_of_ranks(k):
    """The label is among the k largest when fewer than k logits are larger than its own."""
    larger = (LOGITS[np.arange(40), LABELS][:, None] < LOGITS).sum(1)
    found = lx.metrics.top_k_accuracy(jnp.asarray(LOGITS), jnp.asarray(LABELS), k=k)
    np.testing.assert_allclose(found, (larger < k).mean(), rtol=1e-6)


def test_equal_logits_are_no_better_than_chance():
    """A model that says the same of all classes must not be right about every one."""
    labels = jnp.arange(7)
    assert float(lx.metrics.top_k_accuracy(jnp.zeros((7, 7)), labels, k=2)) == np.float32(2 / 7)
    assert float(lx.metrics.accuracy(jnp.zeros((7, 7)), labels)) == np.float32(1 / 7)


@pytest.mark.parametrize("metric", [lx.metrics.accuracy, partial(lx.metrics.top_k_accuracy, k=3)])
def test_labels_may_be_one_hot(metric):
    one_hot = jnp.asarray(np.eye(7, dtype=np.float32)[LABELS])
    assert metric(jnp.asarray(LOGITS), one_hot) == metric(jnp.asarray(LOGITS), jnp.asarray(LABELS))


@pytest.mark.parametrize("metric", [lx.metrics.accuracy, partial(lx.metrics.top_k_accuracy, k=1)])
def test_padding_is_not_counted(metric):
    labels = np.where(RNG.random((8, 5)) < 0.4, -1, LABELS.reshape(8, 5))
    logits = LOGITS.reshape(8, 5, 7)
    right = (logits.argmax(-1) == labels)[labels >= 0]
    found = metric(jnp.asarray(logits), jnp.asarray(labels), ignore=-1)
    assert (int(found.numerator), int(found.denominator)) == (right.sum(), right.size)


@pytest.mark.parametrize("k", [0, 8, 2.0, True])
def test_how_many_may_be_named(k):
    with pytest.raises(ValueError, match="k must be an integer from 1 to the 7 classes, got"):
        lx.metrics.top_k_accuracy(jnp.asarray(LOGITS), jnp.asarray(LABELS), k=k)


@pytest.mark.parametrize("name", ["accuracy", "top_k_accuracy"])
def test_labels_that_would_broadcast(name):
    with pytest.raises(ValueError, match=rf"{name}: labels have shape \(40, 1\), but .* is \(40,"):
        getattr(lx.metrics, name)(jnp.asarray(LOGITS), jnp.asarray(LABELS)[:, None])


# -- of yes and no -------------------------------------------------------------------------------


@pytest.mark.parametrize(("threshold", "cut"), [({}, 0.0), ({"threshold": 0.5}, 0.5)])
def test_precision_recall_and_f1_are_counts(threshold, cut):
    true = sum(s > cut and t for s, t in zip(SCORES, TRUTH, strict=True))
    false = sum(s > cut and not t for s, t in zip(SCORES, TRUTH, strict=True))
    missed = sum(s <= cut and t for s, t in zip(SCORES, TRUTH, strict=True))
    precision, recall = true / (true + false), true / (true + missed)
    expected = {
        "precision": precision,
        "recall": recall,
        "f1": 2 * precision * recall / (precision + recall),
    }
    for name, value in expected.items():
        for labels in (
            jnp.asarray(TRUTH),
            jnp.asarray(TRUTH, jnp.int32),
            jnp.asarray(TRUTH, float),
        ):
            found = getattr(lx.metrics, name)(jnp.asarray(SCORES), labels, **threshold)
            np.testing.assert_allclose(quotient(found), value, rtol=1e-6)


@pytest.mark.parametrize("name", ["precision", "recall", "f1"])
def test_arrays_of_two_shapes(name):
    with pytest.raises(
        ValueError, match=rf"{name} needs two arrays of one shape, got .*f32\[200\]"
    ):
        getattr(lx.metrics, name)(jnp.asarray(SCORES), jnp.asarray(TRUTH)[:, None])


# -- ratios --------------------------------------------------------------------------------------


def test_a_ratio_and_where_nothing_was_counted():
    assert float(quotient(Ratio(3, 4))) == 0.75
    assert np.isnan(quotient(Ratio(0, 0)))
    assert np.isinf(quotient(Ratio(jnp.inf, 2.0)))
    with jax.debug_nans(True):
        assert float(jax.jit(quotient)(Ratio(1.0, 2.0))) == 0.5


def test_sums_of_ratios_are_weighted_means():
    numbers, weights = RNG.normal(size=5), RNG.integers(1, 9, 5)
    ratios = [as_ratio(n, w) for n, w in zip(numbers, weights, strict=True)]
    total = jax.tree.map(lambda *parts: sum(parts), *ratios)
    np.testing.assert_allclose(quotient(total), np.average(numbers, weights=weights), rtol=1e-6)
    assert [float(part) for part in as_ratio(Ratio(1, 2), 7)] == [1.0, 2.0]


def test_what_is_no_metric():
    with pytest.raises(
        ValueError, match=r"metric 'a' must be one number, or a metrics\.Ratio .*\[3"
    ):
        check_metric("a", jnp.ones(3))
    with pytest.raises(ValueError, match=r"Ratio of two, got \(f32\[3\], f32\[\]\)"):
        check_metric("a", Ratio(jnp.ones(3), jnp.ones(())))
    check_metric("a", Ratio(1, 2))


def positives(prediction, y):
    """The share of class 1 among the samples with a positive first logit."""
    return Ratio(jnp.sum((prediction[:, 0] > 0) & (y == 1)), jnp.sum(prediction[:, 0] > 0))


@pytest.mark.parametrize("parts", [1, 4])
def test_a_step_records_the_quotient_of_its_whole_batch(parts):
    """Of four parts too it is that of the sums, not the mean of four quotients."""
    x, y = points()
    model, x, y = lx.Dense(2, 3), x[:16], y[:16]
    run = train(
        model, (x, y), steps=1, optimizer=SGD, metrics={"share": positives}, accumulate=parts
    )
    ps = run.at(0).params
    logits = x @ np.asarray(ps.weight) + np.asarray(ps.bias)
    said = logits[:, 0] > 0
    quarters = [
        np.mean((y == 1)[i : i + 4][said[i : i + 4]]) for i in (0, 4, 8, 12) if said[i:].any()
    ]
    expected = np.mean((y == 1)[said])
    assert abs(expected - np.mean(quarters)) > 1e-3, "else the test could not tell"
    np.testing.assert_allclose(run.history["share"], [expected], rtol=1e-6)


def test_a_step_by_hand_returns_the_quotient_and_its_first_half_the_ratio():
    def objective(model, ps, st, batch):
        y, st = model(batch, ps, st)
        return jnp.mean(y**2), st, {"share": Ratio(jnp.sum(y > 0), 3)}

    ts = lx.TrainState.create(lx.Dense(1, 1), SGD, 0)
    _, metrics = lx.train_step(objective, SGD)(ts, jnp.ones((6, 1)))
    _, parts, _ = lx.compute_gradients(objective, ts, jnp.ones((6, 1)))
    assert isinstance(parts.share, Ratio)
    assert float(metrics.share) == float(parts.share.numerator) / 3


def test_losses_are_metrics():
    x = np.ones((4, 1), np.float32)
    run = lx.fit(
        lx.Dense(1, 1),
        (x, 3 * x),
        loss=lx.losses.mse,
        metrics={"mae": lx.losses.mae},
        optimizer=SGD,
        steps=3,
        batch_size=4,
    )
    np.testing.assert_allclose(run.history["mae"] ** 2, run.history["loss"], rtol=1e-5)
