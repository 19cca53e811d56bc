"""Four trainings, all with dropout, on which every promise about bits is tested."""

import jax
import numpy as np
import optax

import luxnb as lx

ADAM = optax.inject_hyperparams(optax.adam)(learning_rate=1e-2)
BATCH = 8


def digits_of(shape, classes=3, rows=40, seed=0):
    """Rows of noise with labels that depend on them."""
    x = np.random.default_rng(seed).normal(size=(rows, *shape)).astype(np.float32)
    return x, (np.abs(x).reshape(rows, -1).sum(1) * 10).astype(np.int32) % classes


def tokens(rows=40, length=8, vocabulary=11):
    x = np.random.default_rng(0).integers(0, vocabulary, (rows, length)).astype(np.int32)
    return x, np.roll(x, -1, axis=1)


MLP = lx.Chain(lx.Dense(4, 8, jax.nn.relu), lx.BatchNorm(8), lx.Dropout(0.3), lx.Dense(8, 3))
LENET = lx.Chain(
    lx.Conv((3, 3), 1, 4, jax.nn.relu, padding=1),
    lx.BatchNorm(4),
    lx.MaxPool((2, 2)),
    lx.Conv((3, 3), 4, 4, jax.nn.relu),
    lx.Flatten(),
    lx.Dropout(0.2),
    lx.Dense(16, 3),
)
LSTM = lx.Chain(
    lx.Recurrence(lx.LSTMCell(2, 6), return_sequence=False), lx.Dropout(0.2), lx.Dense(6, 3)
)
GPT = lx.Chain(
    lx.Embedding(11, 12),
    lx.PositionEmbedding(8, 12),
    lx.TransformerBlock(12, 2, causal=True, dropout=0.1),
    lx.Dense(12, 11),
)
SUBJECTS = {
    "mlp": (MLP, digits_of((4,))),
    "lenet": (LENET, digits_of((8, 8, 1))),
    "lstm": (LSTM, digits_of((5, 2))),
    "gpt": (GPT, tokens()),
}


def options(**changes):
    """What `fit` is given beside the model and the data."""
    return {
        "loss": lx.losses.cross_entropy,
        "optimizer": ADAM,
        "metrics": {"accuracy": lx.metrics.accuracy},
        "batch_size": BATCH,
        "seed": 7,
    } | changes


def train(name: str, steps: int, **changes) -> lx.Run:
    model, data = SUBJECTS[name]
    data = changes.pop("data", data)
    return lx.fit(model, data, steps=steps, **options(**changes))
