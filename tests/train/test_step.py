"""The step, the objective and the TrainState, against formulas."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

import luxnb as lx
from luxnb.train.step.objective import as_objective
from tests.same import assert_same
from tests.train.conftest import CONV, MLP, SGD, images, points, train


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


@pytest.mark.parametrize("model", [MLP, lx.Dense(2, 3)], ids=["state", "no state"])
def test_a_step_is_the_loop_of_plain_jax_and_optax_to_the_bit(model):
    """Nothing is added to what one would write without this library."""
    x, y = points()
    optimizer = optax.chain(optax.clip_by_global_norm(1.0), optax.adamw(1e-2))

    @jax.jit
    def plain(ps, st, memory, x, y):
        def loss(ps):
            prediction, new = model(x, ps, st)
            return lx.losses.cross_entropy(prediction, y), new

        (value, st), gradients = jax.value_and_grad(loss, has_aux=True)(ps)
        updates, memory = optimizer.update(gradients, memory, ps)
        return optax.apply_updates(ps, updates), st, memory, value

    ts = lx.TrainState.create(model, optimizer, 0)
    ps, st = model.init(0)
    memory, step = optimizer.init(ps), lx.train_step(lx.losses.cross_entropy, optimizer)
    for start in range(0, 96, 16):
        rows = x[start : start + 16], y[start : start + 16]
        ts, metrics = step(ts, rows)
        ps, st, memory, value = plain(ps, st, memory, *rows)
        assert metrics.loss == value
        assert_same((ts.params, ts.state, ts.optimizer_state), (ps, st, memory))


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


# -- the two halves of a step ----------------------------------------------------------------------


def batch_of(seed=0):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(8, 3)).astype(np.float32), rng.normal(size=(8, 1)).astype(np.float32)


def test_gradients_are_the_formula_and_nothing_moves():
    x, y = batch_of()
    ts = lx.TrainState.create(lx.Dense(3, 1), SGD, 0)
    gradients, metrics, after = lx.compute_gradients(lx.losses.mse, ts, (x, y))
    error = x @ np.asarray(ts.params.weight) + np.asarray(ts.params.bias) - y
    np.testing.assert_allclose(gradients.weight, 2 / 8 * x.T @ error, rtol=1e-5)
    np.testing.assert_allclose(gradients.bias, 2 / 8 * error.sum(0), rtol=1e-5)
    np.testing.assert_allclose(metrics.loss, np.mean(error**2), rtol=1e-5)
    assert after.params is ts.params and int(after.step) == 0


def test_the_state_of_the_model_moves_with_the_gradients():
    model = lx.Chain(lx.BatchNorm(3), lx.Dropout(0.5), lx.Dense(3, 1))
    ts = lx.TrainState.create(model, SGD, 0)
    x, _ = batch = batch_of()
    _, _, after = lx.compute_gradients(lx.losses.mse, ts, batch)
    running = after.state.layer_1.running_mean
    np.testing.assert_allclose(running, 0.1 * x.mean(0), rtol=1e-5)
    assert after.state.layer_2.key != ts.state.layer_2.key


def test_both_halves_are_the_step_to_the_bit():
    optimizer = optax.adam(1e-2)
    x, y = points()

    @jax.jit
    def by_hand(ts, batch):
        gradients, metrics, ts = lx.compute_gradients(lx.losses.cross_entropy, ts, batch)
        return lx.apply_gradients(ts, optimizer, gradients, loss=metrics.loss), metrics

    one = other = lx.TrainState.create(MLP, optimizer, 3)
    step = lx.train_step(lx.losses.cross_entropy, optimizer)
    for batch in lx.batches((x, y), batch_size=16, seed=3):
        (one, a), (other, b) = step(one, batch), by_hand(other, batch)
        assert_same((one, a), (other, b))


def test_an_optimiser_that_looks_at_the_loss_is_given_it():
    """Halved each time the loss is not below the best: steps of 1, then 1/2, then 1/4."""
    plateau = optax.contrib.reduce_on_plateau(factor=0.5, patience=1, cooldown=0)
    optimizer = optax.chain(optax.sgd(1.0), plateau)
    ts = lx.TrainState.create(lx.Scale((1,), use_bias=False), optimizer, 0)
    ones, moved = jax.tree.map(jnp.ones_like, ts.params), []
    for _ in range(3):
        before = ts.params.weight
        ts = lx.apply_gradients(ts, optimizer, ones, loss=jnp.float32(1.0))
        moved.append(float(before[0] - ts.params.weight[0]))
    assert moved[0] > moved[-1] > 0


def test_gradients_of_something_else_are_refused():
    ts = lx.TrainState.create(lx.Dense(3, 1), SGD, 0)
    other = lx.Dense(3, 1, use_bias=False).init(0)[0]
    with pytest.raises(ValueError, match="the gradients have nothing at bias"):
        lx.apply_gradients(ts, SGD, other)
    with pytest.raises(ValueError, match="the parameters have nothing at extra"):
        lx.apply_gradients(ts, SGD, {**ts.params, "extra": jnp.ones(2)})
    with pytest.raises(
        ValueError, match=r"the gradient of weight is f32\[5,1\], and .* f32\[3,1\]"
    ):
        lx.apply_gradients(ts, SGD, ts.params.replace(weight=jnp.ones((5, 1))))


def test_gradients_may_come_in_another_order():
    ts = lx.TrainState.create(lx.Dense(3, 1), SGD, 0)
    ones = {"bias": jnp.ones(1), "weight": jnp.ones((3, 1))}
    after = lx.apply_gradients(ts, SGD, ones)
    np.testing.assert_allclose(after.params.weight, ts.params.weight - 0.1, rtol=1e-6)
    np.testing.assert_allclose(after.params.bias, ts.params.bias - 0.1, rtol=1e-6)


# -- what is given stays usable --------------------------------------------------------------------


@pytest.mark.parametrize("model", [MLP, CONV], ids=["loop", "step"])
@pytest.mark.parametrize("average", [None, 0.9])
def test_nothing_that_was_given_is_ever_deleted(model, average):
    """Parameters, state, data, a start, and whatever a run hands out can be used afterwards."""
    data = tuple(map(jnp.asarray, images() if model is CONV else points()))
    ps, st = model.init(0)
    run = train(model, data, steps=5, params=ps, state=st, average=average)
    handed_out = [ps, st, data, run.ts, run.params, run.state, run.at(2), run.latest_ts]
    further = train(model, data, steps=3, start=run.ts, average=average)
    handed_out += [run.fit(steps=3).ts, further.ts, run.rerun().ts]
    ts = lx.TrainState.create(model, SGD, params=ps, state=st)
    after, metrics = lx.train_step(lx.losses.cross_entropy, SGD)(ts, data)
    handed_out += [ts, after, metrics]
    assert not any(leaf.is_deleted() for leaf in jax.tree.leaves(handed_out))
    fresh = model.init(0)
    assert_same((ps, st), fresh)


def test_a_step_may_be_donated_by_whoever_compiles_it():
    """A TrainState holds no buffer twice, which a donating program refuses."""
    ts = lx.TrainState.create(MLP, SGD, 0, average=0.9, loss_scale=8.0)

    def step(ts, batch):
        gradients, metrics, ts = lx.compute_gradients(lx.losses.cross_entropy, ts, batch)
        return lx.apply_gradients(ts, SGD, gradients, average=0.9, loss_scale=8.0), metrics

    expected, _ = jax.jit(step)(ts, points())
    found, _ = jax.jit(step, donate_argnums=0)(ts, points())
    assert_same(found, expected)
