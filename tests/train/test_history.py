"""History: columns that grow."""

import numpy as np
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
