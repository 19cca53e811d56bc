"""History: columns that grow."""

import sys

import numpy as np
import pandas
import pytest

import luxnb as lx


def test_columns_grow_and_are_copies():
    history = lx.History(("loss", "accuracy"))
    for i in range(300):
        history.append(np.array([[i, -i], [i + 0.5, 0]], np.float32))
    assert len(history) == 600
    assert history["loss"][:4].tolist() == [0, 0.5, 1, 1.5]
    assert history.since(598).tolist() == [[299, -299], [299.5, 0]]
    history["loss"][0] = 99
    assert history["loss"][0] == 0
    assert list(history) == ["loss", "accuracy"] == list(dict(history.items()))
    assert repr(history) == "<History of 600 steps, loss=299.5, accuracy=0>"
    assert repr(lx.History(("loss",))) == "<History of 0 steps>"


def test_a_name_that_is_not_there():
    with pytest.raises(KeyError, match="no metric 'los'; there is 'loss'"):
        lx.History(("loss",))["los"]


def test_pandas_gets_a_table_by_step():
    history = lx.History(("loss", "accuracy"), first=4)
    history.append(np.array([[2, 0.5], [1, 0.75]], np.float32))
    wanted = pandas.DataFrame(
        {"loss": np.float32([2, 1]), "accuracy": np.float32([0.5, 0.75])},
        index=pandas.Index([5, 6], name="step"),
    )
    pandas.testing.assert_frame_equal(history.to_pandas(), wanted)
    validation = lx.History(("loss",))
    validation.append(np.ones((2, 1), np.float32), [10, 20])
    assert validation.to_pandas().index.tolist() == [10, 20]
    assert lx.History(("loss",)).to_pandas().shape == (0, 1)


def test_without_pandas_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(ImportError, match=r"needs pandas: pip install pandas; without it, history"):
        lx.History(("loss",)).to_pandas()
