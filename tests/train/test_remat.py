"""What is computed again in the backward pass: the same numbers, with less kept for it."""

import jax
import jax.numpy as jnp
import pytest

import luxnb as lx
from luxnb.train.step.gradients import loss_function
from luxnb.train.step.objective import as_objective
from luxnb.train.step.options import Options
from tests.same import assert_close
from tests.train.conftest import CONV, MLP, SGD, images, points, train

NOTHING = jax.checkpoint_policies.nothing_saveable


@pytest.mark.parametrize("remat", [True, NOTHING], ids=["True", "policy"])
@pytest.mark.parametrize(("model", "data"), [(MLP, points()), (CONV, images())], ids=["mlp", "cnn"])
def test_gradients_state_and_metrics_are_the_same(model, data, remat):
    ts = lx.TrainState.create(model, SGD, 0)
    loss = lx.losses.cross_entropy
    plain = jax.jit(lambda ts: lx.compute_gradients(loss, ts, data))(ts)
    again = jax.jit(lambda ts: lx.compute_gradients(loss, ts, data, remat=remat))(ts)
    assert_close(again, plain)


def kept(remat) -> int:
    """How many numbers wait for the backward pass of eight layers with a smooth activation."""
    model = lx.Chain(*[lx.Dense(16, 16, jax.nn.gelu) for _ in range(8)])
    ts = lx.TrainState.create(model, SGD, 0)
    x = jnp.ones((64, 16))
    loss = loss_function(as_objective(lx.losses.mse), ts, (x, x), Options(remat=remat))
    _, pull = jax.vjp(loss, ts.params)
    return sum(leaf.size for leaf in jax.tree.leaves(pull))


def test_less_is_kept():
    """Of gelu a handful of arrays, with True the product alone, with nothing saveable none."""
    plain, products, nothing = kept(False), kept(True), kept(NOTHING)
    assert products < 0.5 * plain
    assert nothing < 0.5 * products


def test_a_run_is_replayed_to_the_bit():
    run = train(steps=12, remat=True)
    assert run.rerun().fingerprint == run.fingerprint


@pytest.mark.parametrize("remat", ["dots_saveable", 1])
def test_what_is_no_policy(remat):
    with pytest.raises(
        TypeError, match=r"remat must be True, or a policy of jax\.checkpoint_polic"
    ):
        train(steps=1, remat=remat)
