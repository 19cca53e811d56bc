"""The step, the objective and the TrainState, against formulas."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

import luxnb as lx
from luxnb.train.objective import as_objective
from tests.train.conftest import MLP, SGD, points


def test_a_step_of_gradient_descent_is_the_formula():
    """L = mean (xw + b - y)²; dL/dw = 2/n xᵀ(xw + b - y), dL/db = 2/n Σ (…)."""
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(8, 3)).astype(np.float32), rng.normal(size=(8, 1)).astype(np.float32)
    ts = lx.TrainState.create(lx.Dense(3, 1), SGD, 0)
    after, metrics = lx.train_step(lx.losses.mse, SGD)(ts, (x, y))
    w, b = np.asarray(ts.params.weight, np.float64), np.asarray(ts.params.bias, np.float64)
    error = x @ w + b - y
    np.testing.assert_allclose(metrics.loss, np.mean(error**2), rtol=1e-5)
    np.testing.assert_allclose(after.params.weight, w - 0.1 * 2 / 8 * x.T @ error, rtol=1e-5)
    np.testing.assert_allclose(after.params.bias, b - 0.1 * 2 / 8 * error.sum(0), rtol=1e-5)
    assert int(after.step) == 1


def test_training_by_hand_is_what_fit_does():
    x, y = points()
    step = lx.train_step(lx.losses.cross_entropy, SGD)
    ts = lx.TrainState.create(MLP, SGD, 3)
    losses = []
    for event in lx.training(ts, step, lx.batches((x, y), batch_size=16, seed=3, epochs=2)):
        losses.append(float(event.metrics.loss))
        ts = event.ts
    assert event.step == int(ts.step) == 12
    run = lx.fit(
        MLP, (x, y), loss=lx.losses.cross_entropy, optimizer=SGD, batch_size=16, seed=3, epochs=2
    )
    np.testing.assert_allclose(losses, run.history["loss"], rtol=1e-5)


def test_metrics_keep_their_order_with_the_loss_first():
    def objective(model, ps, st, batch):
        y, st = model(batch, ps, st)
        return jnp.mean(y**2), st, {"zeta": jnp.max(y), "alpha": jnp.min(y)}

    ts = lx.TrainState.create(lx.Dense(1, 1), SGD, 0)
    _, metrics = lx.train_step(objective, SGD)(ts, jnp.ones((2, 1)))
    assert list(metrics) == ["loss", "zeta", "alpha"]


def test_the_seed_gives_the_parameters_of_init():
    ps, st = MLP.init(7)
    ts = lx.TrainState.create(MLP, SGD, 7)
    same = jax.tree.map(lambda a, b: bool((a == b).all()), (ps, st), (ts.params, ts.state))
    assert all(jax.tree.leaves(same))


def test_given_parameters_are_taken():
    ps, st = MLP.init(1)
    ts = lx.TrainState.create(MLP, SGD, params=ps, state=st)
    assert np.array_equal(ts.params.layer_1.weight, ps.layer_1.weight)
    with pytest.raises(ValueError, match="give both params and state"):
        lx.TrainState.create(MLP, SGD, params=ps)
    with pytest.raises(ValueError, match="needs a key"):
        lx.TrainState.create(MLP, SGD)


def test_a_loss_that_is_not_one_number():
    ts = lx.TrainState.create(lx.Dense(1, 1), SGD, 0)
    step = lx.train_step(lambda prediction, y: prediction - y, SGD)
    with pytest.raises(ValueError, match=r"must be one number, got f32\[4,1\]; reduce it"):
        step(ts, (jnp.ones((4, 1)), jnp.ones((4, 1))))


@pytest.mark.parametrize(
    ("loss", "metrics", "error", "message"),
    [
        ("mse", None, TypeError, "loss must be a function, got 'mse'"),
        (lambda x: x, None, TypeError, "with 1 positional arguments"),
        (lambda m, p, s, b: (0, s, {}), {"a": abs}, ValueError, "returns its own metrics"),
        (lx.losses.mse, {"loss": abs}, ValueError, "under a name other than 'loss'"),
        (lx.losses.mse, {"a": 3}, ValueError, r"metrics\['a'\] must be a function"),
    ],
)
def test_what_is_no_objective(loss, metrics, error, message):
    with pytest.raises(error, match=message):
        as_objective(loss, metrics)


def test_a_metric_that_is_not_one_number():
    x, y = points()
    with pytest.raises(ValueError, match=r"metric 'all' must be one number, got bool\[32\]"):
        lx.fit(
            MLP,
            (x, y),
            loss=lx.losses.cross_entropy,
            metrics={"all": lambda p, y: p.argmax(-1) == y},
            optimizer=SGD,
            steps=1,
        )


def test_a_state_that_changes_its_type():
    class Growing(lx.Layer):
        def init_state(self, key):
            return {"seen": jnp.zeros(1)}

        def init_params(self, key):
            return {"weight": jnp.ones(())}

        def forward(self, x, ps, st):
            st.seen = jnp.concatenate([st.seen, st.seen])
            return x * ps.weight, st

    x = jnp.ones((4, 1))
    with pytest.raises(ValueError, match=r"changes state.seen from f32\[1\] to f32\[2\]"):
        lx.fit(Growing(), (x, x), loss=lx.losses.mse, optimizer=SGD, steps=1, batch_size=2)


def test_an_objective_that_returns_another_state():
    def objective(model, ps, st, batch):
        y, st = model(batch, ps, st)
        return jnp.mean(y), lx.Tree(), {}

    with pytest.raises(ValueError, match="must return a state with the entries"):
        lx.fit(MLP, points()[0], loss=objective, optimizer=optax.sgd(0.1), steps=1)
