"""Loaders of PyTorch and of grain."""

import json

import grain
import numpy as np
import torch

import luxnb as lx
from tests.train.conftest import points
from tests.train.feed.sources import flow, taken


def rows_of_torch():
    x, y = points()
    return torch.utils.data.TensorDataset(torch.from_numpy(x), torch.from_numpy(y))


def test_a_loader_of_pytorch():
    loader = torch.utils.data.DataLoader(rows_of_torch(), batch_size=20)
    run = flow(loader, epochs=2)
    assert run.step == 8, "4 whole batches of 96 rows an epoch, and 16 left over"
    x, y = points()
    by_hand = [(x[i : i + 20], y[i : i + 20]) for i in (0, 20, 40, 60)]
    assert run.fingerprint == flow(by_hand, epochs=2).fingerprint
    assert run.task.feed.rewindable
    shuffled = torch.utils.data.DataLoader(rows_of_torch(), batch_size=20, shuffle=True)
    run = flow(shuffled, steps=3)
    assert not run.task.feed.rewindable


def test_loaders_of_grain():
    x, _ = points(40)
    rows = grain.MapDataset.source(x).seed(1).shuffle().batch(4)
    expected = [float(rows[i][0, 0]) for i in range(10)]
    sampler = grain.samplers.IndexSampler(40, num_epochs=1, shuffle=False)
    operations = [grain.transforms.Batch(4)]
    loader = grain.DataLoader(data_source=x, sampler=sampler, operations=operations)
    in_order = x[::4, 0].tolist()
    for data, first in ((rows, expected), (rows.to_iter_dataset(), expected), (loader, in_order)):
        supply = lx.stream(data).open(0)
        got = [batch[0][0] for batch in taken(supply, 0, 13)]
        np.testing.assert_array_equal(got, np.float32([*first, *first[:3]]))
        position = json.loads(json.dumps(supply.position(12)))
        again = lx.stream(data).open(0, 12, position)
        assert taken(again, 12, 1)[0][0][0] == np.float32(first[2])
        supply.close()
        again.close()
