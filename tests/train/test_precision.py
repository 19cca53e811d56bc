"""Mixed precision: what is computed in which dtype, and what keeps its own."""

import jax
import jax.numpy as jnp
import ml_dtypes
import numpy as np
import pytest

import luxnb as lx
from tests.train.conftest import CONV, MLP, SGD, points, train

HALF = ml_dtypes.bfloat16


def rounded(a):
    return np.asarray(a).astype(HALF).astype(np.float64)


def test_a_linear_step_is_the_formula_in_rounded_numbers():
    """y = x̃ w̃ with both rounded to bfloat16; the update is made in float32."""
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(8, 3)).astype(np.float32), rng.normal(size=(8, 1)).astype(np.float32)
    model = lx.Dense(3, 1, use_bias=False)
    ts = lx.TrainState.create(model, SGD, 0)
    step = lx.train_step(lx.losses.mse, SGD, compute_dtype="bfloat16")
    after, metrics = step(ts, (x, y))
    error = rounded(rounded(x) @ rounded(ts.params.weight)) - y
    np.testing.assert_allclose(metrics.loss, np.mean(error**2), rtol=2e-3)
    gradient = rounded(rounded(x).T @ rounded(2 / 8 * error))
    expected = np.asarray(ts.params.weight, np.float64) - 0.1 * gradient
    np.testing.assert_allclose(after.params.weight, expected, rtol=2e-3, atol=1e-4)
    assert not np.array_equal(after.params.weight, rounded(after.params.weight)), "float32 is kept"


@pytest.mark.parametrize("dtype", ["bfloat16", "float16"])
@pytest.mark.parametrize("model", [MLP, CONV], ids=["dense", "convolution"])
def test_a_run_learns_with_everything_it_keeps_in_float32(model, dtype):
    run = train(model, steps=40, compute_dtype=dtype)
    kept = run.params, run.state, run.ts.optimizer_state
    floats = {str(leaf.dtype) for leaf in jax.tree.leaves(kept)} - {"int32", "key<fry>"}
    assert floats == {"float32"}
    loss = run.history["loss"]
    assert loss[-6:].mean() < loss[:6].mean()
    assert run.rerun().fingerprint == run.fingerprint
    assert run.predict(run.task.feed.data[0]).dtype == jnp.float32


def seen(compute_dtype, lift):
    """The dtypes that a model and a loss are given in training, by what they are."""
    found = {}

    class Looking(lx.Layer):
        def init_params(self, key):
            return {"weight": jnp.ones(1)}

        def init_state(self, key):
            return {"mean": jnp.zeros(1)}

        def forward(self, x, ps, st):
            found.update(x=x.dtype, weight=ps.weight.dtype, state=st.mean.dtype)
            st.mean = x.mean(0)
            return x * ps.weight, st

    def loss(prediction, y):
        found.update(prediction=prediction.dtype, y=y.dtype)
        return jnp.mean((prediction - y) ** 2)

    def objective(model, ps, st, batch):
        x, y = batch
        prediction, st = model(x, ps, st)
        return loss(prediction, y), st, {}

    x = jnp.ones((4, 1))
    run = lx.fit(
        Looking(),
        (x, x),
        loss=loss if lift else objective,
        optimizer=SGD,
        steps=1,
        batch_size=4,
        compute_dtype=compute_dtype,
    )
    assert run.state.mean.dtype == jnp.float32
    return {name: str(dtype) for name, dtype in found.items()}


def test_of_a_loss_of_two_arguments_the_model_alone_is_in_the_dtype():
    assert seen("bfloat16", lift=True) == {
        "x": "bfloat16",
        "weight": "bfloat16",
        "state": "float32",
        "prediction": "float32",
        "y": "float32",
    }


def test_an_objective_of_ones_own_is_given_everything_in_the_dtype():
    assert seen("bfloat16", lift=False) == {
        "x": "bfloat16",
        "weight": "bfloat16",
        "state": "float32",
        "prediction": "bfloat16",
        "y": "bfloat16",
    }


def test_integers_in_the_batch_stay_integers():
    run = train(
        lx.Chain(lx.Embedding(3, 4), lx.Dense(4, 3)),
        (points()[1], points()[1]),
        steps=40,
        compute_dtype="bfloat16",
    )
    assert run.history["loss"][-1] < 0.5 * run.history["loss"][0]


@pytest.mark.parametrize("spelling", ["bfloat16", jnp.bfloat16, HALF, jnp.dtype("bfloat16")])
def test_one_spelling_one_program(spelling):
    run = train(steps=1, compute_dtype=spelling)
    assert run.task.options.compute_dtype == "bfloat16"
    assert run._worker.program is train(steps=1, compute_dtype="bfloat16")._worker.program


@pytest.mark.parametrize("dtype", ["int8", "half precision", 16])
def test_what_is_no_dtype(dtype):
    with pytest.raises(ValueError, match="compute_dtype must be one of floats, such as 'bfloat16'"):
        train(steps=1, compute_dtype=dtype)
