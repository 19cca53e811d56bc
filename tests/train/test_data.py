"""Data are checked before anything is trained on them."""

import jax.numpy as jnp
import numpy as np
import optax
import pytest

import luxnb as lx
from tests.train.conftest import points, train


def test_labels_of_another_length():
    x, y = points()
    with pytest.raises(ValueError, match=r"data\[0\] has 96 rows, data\[1\] has 95 rows"):
        train(data=(x, y[:-1]), steps=1)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
@pytest.mark.parametrize("array", [np.asarray, jnp.asarray])
def test_a_value_that_is_not_finite_is_named_with_its_row(bad, array):
    x, y = points()
    x[17, 1] = bad
    with pytest.raises(ValueError, match=rf"data\[0\] holds {bad} in row 17; drop such rows"):
        train(data=(array(x), y), steps=1)


def test_a_batch_larger_than_the_data():
    with pytest.raises(ValueError, match="batch_size = 97 is more than the 96 rows"):
        train(batch_size=97, steps=1)


@pytest.mark.parametrize("size", [0, -1, 1.5, True])
def test_a_batch_size_that_is_none(size):
    with pytest.raises(ValueError, match="batch_size must be a positive integer"):
        train(batch_size=size, steps=1)


def test_data_without_arrays_rows_or_shape():
    with pytest.raises(ValueError, match="hold no array"):
        lx.batches((), batch_size=1)
    with pytest.raises(ValueError, match="have no rows"):
        lx.batches(np.zeros((0, 2)), batch_size=1)
    with pytest.raises(TypeError, match=r"data\[1\] must be an array with one row a sample"):
        lx.batches((np.zeros(3), 4), batch_size=1)


def test_batches_are_whole_and_cover_an_epoch():
    rows = np.arange(10, dtype=np.float32)
    first, second = (np.stack(list(lx.batches(rows, batch_size=5, seed=s))) for s in (0, 1))
    assert sorted(first.ravel()) == sorted(second.ravel()) == list(range(10))
    assert not np.array_equal(first, second)
    assert len(list(lx.batches(rows, batch_size=4, epochs=3))) == 6  # 2 a row are left over


def test_batches_come_in_the_order_of_fit():
    """With SGD on y = w·x, each step's loss tells which rows it saw."""
    x = np.arange(1, 13, dtype=np.float32)[:, None]
    model = lx.Dense(1, 1, use_bias=False, init_weight=lx.init.zeros())

    def objective(model, ps, st, batch):
        y, st = model(batch, ps, st)
        return jnp.sum(y) * 0 + jnp.sum(batch**2), st, {}

    run = lx.fit(model, x, loss=objective, optimizer=optax.sgd(0.0), batch_size=4, epochs=3, seed=5)
    expected = [float((b**2).sum()) for b in lx.batches(x, batch_size=4, epochs=3, seed=5)]
    assert run.history["loss"].tolist() == expected
