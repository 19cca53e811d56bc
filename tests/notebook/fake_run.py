"""A run that only pretends: the interface that the views read, driven by hand or by a thread."""

import threading
import time
from dataclasses import dataclass

import numpy as np

ACTIVE = ("waiting", "compiling", "training", "paused")


@dataclass(frozen=True)
class Latest:
    status: str = "waiting"
    step: int = 0
    target: int = 0
    steps_per_epoch: int = 1
    steps_per_second: float = float("nan")
    seconds: float = 0.0
    message: str = ""

    @property
    def active(self):
        return self.status in ACTIVE


class Records:
    def __init__(self, names):
        self.names = tuple(names)
        self._rows = np.zeros((0, len(self.names)), np.float32)

    def __len__(self):
        return len(self._rows)

    @property
    def steps(self):
        return np.arange(1, len(self) + 1)

    def since(self, row):
        return self._rows[row:]

    def append(self, rows):
        rows = np.asarray(rows, np.float32).reshape(-1, len(self.names))
        self._rows = np.concatenate([self._rows, rows])


class FakeRun:
    """`set(...)` and `add(rows)` move it by hand; `start(rate)` trains it on a thread."""

    def __init__(self, names=("loss",), target=1000, steps_per_epoch=100, title=""):
        self.records, self.validation_records = Records(names), Records(())
        self.title = title
        self.latest = Latest(target=target, steps_per_epoch=steps_per_epoch)
        self.asked = []
        self._callbacks = []
        self._paused, self._stopped = threading.Event(), threading.Event()

    def pause(self):
        self.asked.append("pause")
        self._paused.set()

    def resume(self):
        self.asked.append("resume")
        self._paused.clear()

    def stop(self):
        self.asked.append("stop")
        self._stopped.set()

    def observe(self, callback):
        self._callbacks.append(callback)
        return lambda: self._callbacks.remove(callback)

    def set(self, **changes):
        self.latest = Latest(**{**self.latest.__dict__, **changes})
        for callback in list(self._callbacks):
            callback()

    def add(self, rows):
        self.records.append(rows)
        self.set(step=len(self.records))

    def start(self, rate=200.0):
        """Train `rate` steps a second on a daemon thread until the target or a stop."""
        self.thread = threading.Thread(target=self._train, args=(rate,), daemon=True)
        self.thread.start()
        return self

    def _train(self, rate):
        rng = np.random.default_rng(0)
        self.set(status="compiling")
        time.sleep(0.3)
        self.set(status="training", steps_per_second=rate)
        while self.latest.step < self.latest.target and not self._stopped.is_set():
            if self._paused.is_set():
                if self.latest.status != "paused":
                    self.set(status="paused")
                time.sleep(0.02)
                continue
            count = min(max(int(rate * 0.03), 1), self.latest.target - self.latest.step)
            time.sleep(count / rate)
            steps = self.latest.step + 1 + np.arange(count)
            self.records.append(curves(steps, self.latest.target, len(self.records.names), rng))
            self.set(
                status="training",
                step=len(self.records),
                seconds=self.latest.seconds + count / rate,
            )
        self.set(status="stopped" if self._stopped.is_set() else "done")


def curves(steps, target, metrics, rng):
    """Rows that look like training: a falling loss first, then rising accuracies."""
    t = np.asarray(steps, float) / target
    rows = np.empty((len(t), metrics), np.float32)
    for metric in range(metrics):
        if metric == 0:
            level = 0.08 + 2.2 * np.exp(-7 * t)
            rows[:, 0] = level * np.exp(0.22 * rng.normal(size=len(t)))
        else:
            level = 1 - 0.9 * np.exp(-(5 + 3 * metric) * t)
            rows[:, metric] = np.clip(level + 0.05 * rng.normal(size=len(t)), 0, 1)
    return rows
