"""What is computed again in the backward pass: the same numbers with less in memory."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import luxnb as lx
from tests.same import assert_close
from tests.train.conftest import CONV, MLP, images, points, train

POLICIES = [True, jax.checkpoint_policies.nothing_saveable]


@pytest.mark.parametrize("remat", POLICIES, ids=["True", "policy"])
@pytest.mark.parametrize(("model", "data"), [(MLP, points()), (CONV, images())], ids=["mlp", "cnn"])
def test_gradients_state_and_metrics_are_the_same(model, data, remat):
    ts = lx.TrainState.create(model, lx.train.metrics and __import__("optax").sgd(0.1), 0)
    loss = lx.losses.cross_entropy
    plain = jax.jit(lambda ts: lx.compute_gradients(loss, ts, data))(ts)
    again = jax.jit(lambda ts: lx.compute_gradients(loss, ts, data, remat=remat))(ts)
    assert_close(again, plain)
