"""Whatever batches come from, and what the tests of streams do with it."""

import threading
import time

import numpy as np

import luxnb as lx
from tests.train.conftest import CONV, MLP, images, points, train

EPOCHS = 5


def batches(model=MLP, epochs=EPOCHS):
    """In the order in which `fit` takes the rows."""
    data = images() if model is CONV else points()
    made = lx.batches(data, batch_size=16, epochs=epochs, seed=3)
    return [tuple(np.asarray(array) for array in batch) for batch in made]


def flow(data, model=MLP, **options):
    return train(model, data, **{"batch_size": None, **options})


class Loader:
    """Batches that can be gone through again, with a length."""

    def __init__(self, batches):
        self.batches, self.passes = batches, 0

    def __iter__(self):
        self.passes += 1
        return iter(self.batches)

    def __len__(self):
        return len(self.batches)


def idle_threads():
    """The threads that are left once those of the data have had time to end."""
    end = time.monotonic() + 5
    while any("data" in t.name for t in threading.enumerate()) and time.monotonic() < end:
        time.sleep(0.01)
    return [t.name for t in threading.enumerate() if "luxnb" in t.name]


def taken(supply, step, n):
    """The first elements of the batches of n steps, in portions as they come."""
    values = []
    while len(values) < n:
        portion = supply.take(step, n - len(values))
        rows = slice(step - portion.origin, step - portion.origin + portion.n)
        values += np.asarray(portion.arrays[rows]).tolist() if portion.n else []
        step += portion.n
    return values


class Counting:
    """grain's way: an iterator that says where it is and goes there."""

    def __init__(self, batches):
        self.batches, self.drawn = batches, []

    def __iter__(self):
        return _Counter(self)


class _Counter:
    def __init__(self, loader):
        self.loader, self.at = loader, 0

    def __iter__(self):
        return self

    def __next__(self):
        if self.at == len(self.loader.batches):
            raise StopIteration
        self.at += 1
        self.loader.drawn.append(self.at - 1)
        return self.loader.batches[self.at - 1]

    def get_state(self):
        return {"at": self.at}

    def set_state(self, state):
        self.at = state["at"]


class Stateful:
    """torchdata's way: the loader says where its iterator is."""

    def __init__(self, batches):
        self.batches, self.loaded = batches, 0

    def __iter__(self):
        self.at, self.loaded = self.loaded, 0
        while self.at < len(self.batches):
            self.at += 1
            yield self.batches[self.at - 1]

    def state_dict(self):
        return {"at": self.at}

    def load_state_dict(self, state):
        self.loaded = state["at"]
