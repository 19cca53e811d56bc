"""Accumulation: a batch in parts is the batch at once, and what of that is only nearly so."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

import luxnb as lx
from luxnb.train.step import accumulate
from tests.same import assert_close, assert_same
from tests.train.conftest import ADAM, CONV, MLP, SGD, images, points, train

PLAIN = lx.Chain(lx.Dense(2, 8, jnp.tanh), lx.Dense(8, 3))  # of which each sample is on its own


@pytest.mark.parametrize("parts", [2, 4, 16])
def test_parts_are_the_whole(parts):
    batch = tuple(a[:16] for a in points())
    ts = lx.TrainState.create(PLAIN, SGD, 0)
    loss = lx.losses.cross_entropy
    whole, metrics, _ = lx.compute_gradients(loss, ts, batch)
    found, means, _ = lx.compute_gradients(loss, ts, batch, accumulate=parts)
    assert_close(found, whole)
    np.testing.assert_allclose(means.loss, metrics.loss, rtol=1e-6)


@pytest.mark.parametrize(
    ("model", "data"), [(MLP, points()), (CONV, images())], ids=["dense", "convolution"]
)
def test_a_step_is_a_loop_by_hand(model, data):
    """Parts are rows in order; the state goes from one to the next."""
    x, y = (a[:12] for a in data)
    step = lx.train_step(lx.losses.cross_entropy, ADAM, accumulate=3)
    ts = lx.TrainState.create(model, ADAM, 0)
    after, metrics = step(ts, (x, y))

    @jax.jit
    def one(ps, st, x, y):
        def loss(ps):
            prediction, new = model(x, ps, st)
            return lx.losses.cross_entropy(prediction, y), new

        return jax.value_and_grad(loss, has_aux=True)(ps)

    st, losses, total = ts.state, [], jax.tree.map(jnp.zeros_like, ts.params)
    for rows in (slice(0, 4), slice(4, 8), slice(8, 12)):
        (loss, st), gradients = one(ts.params, st, x[rows], y[rows])
        losses.append(float(loss))
        total = jax.tree.map(jnp.add, total, gradients)
    gradients = jax.tree.map(lambda g: g / 3, total)
    updates, optimizer_state = ADAM.update(gradients, ts.optimizer_state, ts.params)
    assert_close(after.params, optax.apply_updates(ts.params, updates))
    assert_close(after.optimizer_state, optimizer_state)
    assert_close(after.state, st)
    np.testing.assert_allclose(metrics.loss, np.mean(losses), rtol=1e-6)
    assert int(after.step) == 1


@pytest.mark.parametrize("model", [MLP, CONV], ids=["dense", "convolution"])
def test_a_run_is_replayed_and_goes_on_to_the_bit(model):
    run = train(model, steps=12, accumulate=4)
    assert run.rerun().fingerprint == run.fingerprint
    assert lx.compare(run.fork(5).fit(steps=7), run).identical


def test_one_part_is_the_step_as_it_is():
    one, other = train(steps=10), train(steps=10, accumulate=1)
    assert one.fingerprint == other.fingerprint


def test_a_convolution_on_cpu_is_not_left_in_a_loop():
    """XLA has no fast path for it there; all else is a loop, whose body is compiled once."""
    kernel = jnp.ones((3, 3, 1, 2))

    def convolve(state, part):
        space = ("NHWC", "HWIO", "NHWC")
        y = jax.lax.conv_general_dilated(part, kernel, (1, 1), "VALID", dimension_numbers=space)
        return state, y.sum()

    def count(function):
        whole = lambda x: accumulate.over_parts(function, lx.Tree(), x, 4)[1]  # noqa: E731
        return jax.jit(whole).lower(jnp.ones((8, 6, 6, 1))).as_text().count("stablehlo.while")

    assert count(convolve) == (0 if jax.default_backend() == "cpu" else 1)
    assert count(lambda state, part: (state, jnp.sin(part).sum())) == 1


def test_the_user_is_traced_once():
    calls = []

    def loss(prediction, y):
        calls.append(1)
        return lx.losses.cross_entropy(prediction, y)

    train(steps=2, accumulate=4, loss=loss)
    assert len(calls) == 1


def test_what_is_no_number_is_averaged_too():
    """Counts become means, arrays are averaged element by element, in float32 at least."""

    def objective(model, ps, st, batch):
        y, st = model(batch, ps, st)
        return jnp.mean(y), st, {"rows": len(batch), "most": batch.max(0).astype(jnp.bfloat16)}

    x = jnp.asarray([[1.0], [3.0], [2.0], [6.0]])
    ts = lx.TrainState.create(lx.Dense(1, 1), SGD, 0)
    _, metrics = lx.train_step(objective, SGD, accumulate=2)(ts, x)
    assert float(metrics.rows) == 2
    assert metrics.most.dtype == jnp.bfloat16 and metrics.most.tolist() == [4.5]


@pytest.mark.parametrize("parts", [0, -1, 2.0, True, "4"])
def test_what_is_no_number_of_parts(parts):
    with pytest.raises(ValueError, match="accumulate must be a positive integer, got"):
        train(steps=1, accumulate=parts)


def test_parts_that_do_not_divide_the_batch():
    with pytest.raises(
        ValueError, match=r"accumulate = 3 must divide .*, but batch\[0\] is f32\[16"
    ):
        train(steps=1, accumulate=3)
    ts = lx.TrainState.create(lx.Dense(1, 1), SGD, 0)
    step = lx.train_step(lambda m, p, s, batch: (batch["n"] * 1.0, s, {}), SGD, accumulate=2)
    with pytest.raises(ValueError, match=r"batch\['n'\] is f32\[\]"):
        step(ts, {"n": jnp.float32(3)})


def test_a_state_that_changes_its_form():
    def objective(model, ps, st, batch):
        return jnp.mean(ps.scale), st.replace(running_mean=jnp.zeros(2)), {}

    ts = lx.TrainState.create(lx.BatchNorm(1), SGD, 0)
    with pytest.raises(ValueError, match=r"state.running_mean from f32\[1\] to f32\[2\]"):
        lx.train_step(objective, SGD, accumulate=2)(ts, jnp.ones((4, 1)))


def test_options_work_together():
    options = {"accumulate": 2, "compute_dtype": "bfloat16", "remat": True, "average": 0.9}
    run = train(steps=12, loss_scale=2.0**8, **options)
    assert run.rerun().fingerprint == run.fingerprint
    assert_same(run.at(12).extras, run.ts.extras)
    assert np.isfinite(run.history["loss"]).all()
