"""Keras on JAX: `fit`, one step a dispatch and 32."""

import os

os.environ["KERAS_BACKEND"] = "jax"  # before Keras is imported

import keras
from keras import layers
from workloads import LEARNING_RATE

A_DISPATCH = 32


def tiny():
    return [layers.Dense(16, "tanh"), layers.Dense(16, "tanh"), layers.Dense(1)]


def mlp():
    def hidden():
        return layers.Dense(256, "relu"), layers.Dropout(0.2)

    return [*hidden(), *hidden(), layers.Dense(10)]


def lenet():
    return [
        layers.Conv2D(6, 5, padding="same", activation="relu"),
        layers.BatchNormalization(momentum=0.9, epsilon=1e-5),
        layers.MaxPooling2D(),
        layers.Conv2D(16, 5, activation="relu"),
        layers.MaxPooling2D(),
        layers.Flatten(),
        layers.Dense(120, "relu"),
        layers.Dropout(0.2),
        layers.Dense(84, "relu"),
        layers.Dense(10),
    ]


def lstm():
    return [layers.LSTM(64), layers.Dense(10)]


MODELS = {"tiny": tiny, "mlp": mlp, "lenet": lenet, "lstm": lstm}


class Fit:
    """Whole epochs of `fit`, until at least so many steps are taken."""

    def __init__(self, workload, steps_per_execution):
        self._workload = workload
        self._model = keras.Sequential(MODELS[workload.name]())
        entropy = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        self._model.compile(
            keras.optimizers.Adam(LEARNING_RATE, epsilon=1e-8),
            "mse" if workload.name == "tiny" else entropy,
            steps_per_execution=steps_per_execution,
        )

    def __call__(self, steps):
        w = self._workload
        rows = w.batch_size * min(steps, len(w.x) // w.batch_size)
        epochs = -(-steps * w.batch_size // rows)
        given = {"batch_size": w.batch_size, "epochs": epochs, "verbose": 0}
        return self._model.fit(w.x[:rows], w.y[:rows], **given).history["loss"][-1]


def trainers(workload):
    if workload.name not in MODELS:
        return {}
    several = f"Keras fit, {A_DISPATCH} steps a dispatch"
    return {"Keras fit": Fit(workload, 1), several: Fit(workload, A_DISPATCH)}
