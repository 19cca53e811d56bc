"""Eight seeds in one program against eight runs one after another: python -m tests.benchmarks.sweep

Medians of alternated repeats, all compiled before; seconds per step of all eight.
"""

import statistics
import time

import jax
import numpy as np
import optax

import luxnb as lx

SEEDS, REPEATS = range(8), 5


def main() -> None:
    print(f"{jax.devices()[0].device_kind}; {len(SEEDS)} members")
    print(f"{'':<24}{'in one program':>16}{'one by one':>14}{'faster':>9}{'agree to':>11}")
    for name, run, steps in (
        ("MLP 2-16-16-1, 32", tiny(), 4000),
        ("digits 64-128-10, 64", digits(), 600),
    ):
        together, apart, gap = measured(run, steps)
        print(
            f"{name:<24}{together * 1e6:>13.1f} µs{apart * 1e6:>11.1f} µs"
            f"{apart / together:>8.1f}×{gap:>11.1e}"
        )


def measured(run: lx.Run, steps: int) -> tuple[float, float, float]:
    """Seconds a step of all, in one program and one by one; how far their first losses differ."""
    sweep = lx.sweep(run, seeds=SEEDS, steps=steps)
    runs = [run.rerun(seed=seed, steps=steps) for seed in SEEDS]
    gap = max(
        np.abs(sweep.history["loss"][i] - each.history["loss"])[:100].max()
        for i, each in enumerate(runs)
    )
    together, apart = [], []
    for _ in range(REPEATS):
        begin = time.perf_counter()
        sweep.fit(steps=steps)
        middle = time.perf_counter()
        for each in runs:
            each.fit(steps=steps)
        together.append((middle - begin) / steps)
        apart.append((time.perf_counter() - middle) / steps)
    return statistics.median(together), statistics.median(apart), float(gap)


def tiny() -> lx.Run:
    x = np.random.default_rng(0).normal(size=(256, 2)).astype(np.float32)
    model = lx.Chain(lx.Dense(2, 16, jax.nn.relu), lx.Dense(16, 16, jax.nn.relu), lx.Dense(16, 1))
    return lx.fit(
        model, (x, x[:, :1] * x[:, 1:]), loss=lx.losses.mse, optimizer=optax.adam(1e-3), steps=10
    )


def digits() -> lx.Run:
    """As many and as large as the digits of scikit-learn, with dropout."""
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(1797, 64)).astype(np.float32), rng.integers(0, 10, 1797)
    model = lx.Chain(lx.Dense(64, 128, jax.nn.relu), lx.Dropout(0.2), lx.Dense(128, 10))
    return lx.fit(
        model, (x, y), loss=lx.losses.cross_entropy, optimizer=optax.adam(1e-3), batch_size=64,
        steps=10,
    )  # fmt: skip


if __name__ == "__main__":
    main()
