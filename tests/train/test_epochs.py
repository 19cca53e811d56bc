"""Epochs: one row each, against means that NumPy takes of the histories."""

import numpy as np
import pandas
import pytest

import luxnb as lx
from luxnb.train.measure.epochs import Epochs
from tests.train.conftest import points, train


def test_a_row_for_each_whole_epoch():
    run = train(steps=20, validation=lx.Validation(points(50, seed=5), epochs=2))
    epochs = run.epochs
    loss = run.history["loss"].astype(np.float64)
    assert len(epochs) == 3 and epochs["step"].tolist() == [6, 12, 18]
    assert epochs["epoch"].tolist() == [1, 2, 3]
    assert epochs["loss"].tolist() == [loss[i : i + 6].mean() for i in (0, 6, 12)]
    measured = run.validation["loss"]
    np.testing.assert_array_equal(epochs["validation_loss"], [np.nan, measured[0], np.nan])


def test_rows_are_what_pandas_takes():
    run = train(epochs=2, validation=points(50, seed=5))
    table = pandas.DataFrame(run.epochs.to_rows())
    assert table.columns.tolist() == [
        *("epoch", "step", "loss", "accuracy", "validation_loss", "validation_accuracy")
    ]
    assert table.dtypes.iloc[0] == np.int64
    assert table["validation_accuracy"].tolist() == run.validation["accuracy"].tolist()


def history(first, rows):
    made = lx.History(("loss",), first=first)
    made.append(np.asarray(rows, np.float32)[:, None])
    return made


def test_of_a_run_that_began_in_the_middle_only_whole_epochs_count():
    epochs = Epochs.of(history(5, range(10)), lx.History(()), 4)
    assert epochs["epoch"].tolist() == [3] and epochs["loss"].tolist() == [(3 + 4 + 5 + 6) / 4]
    assert len(Epochs.of(history(5, [1.0]), lx.History(()), 4)) == 0
    assert repr(Epochs.of(history(0, []), lx.History(()), 4)) == "epoch  step  loss"


def test_steps_without_a_value_are_left_out_of_the_mean():
    rows = [1, np.nan, 3, np.nan, np.nan, np.nan, np.inf, -np.inf, 0]
    loss = Epochs.of(history(0, rows), lx.History(()), 3)["loss"]
    np.testing.assert_array_equal(loss, [2, np.nan, np.nan])


def test_a_million_small_numbers_are_added_exactly():
    loss = Epochs.of(history(0, np.full(10**6, 0.1)), lx.History(()), 10**6)["loss"]
    assert loss[0] == pytest.approx(float(np.float32(0.1)), rel=1e-12)


def test_the_text_is_a_table_that_leaves_out_the_middle_of_many():
    epochs = Epochs.of(history(0, range(100)), lx.History(()), 1)
    lines = repr(epochs).splitlines()
    assert lines[0] == "epoch  step  loss" and lines[1] == "    1     1     0"
    assert len(lines) == 41 and lines[6].split() == ["…"] * 3
    assert lines[5].split() == ["5", "5", "4"] and lines[-1].split() == ["100", "100", "99"]
    assert str(epochs) == repr(epochs) == lx.view(epochs).text


def test_what_epochs_refuse():
    with pytest.raises(KeyError, match="no column 'los'; there is 'epoch', 'step', 'loss'"):
        Epochs.of(history(0, [1]), lx.History(()), 1)["los"]
    with pytest.raises(ValueError, match=r"how long an epoch .* run\.history has every step"):
        _ = train(data=iter([points(16)] * 3), batch_size=None, steps=2).epochs
