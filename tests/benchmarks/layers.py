"""Forward and backward pass of each layer against the same in Equinox and in Flax.

    pip install -e ".[bench]"
    python tests/benchmarks/layers.py [part of a name …]

Every contender is one jitted `value_and_grad` of Σ y · c by parameters and input, called in turns.
Prints the time of luxnb and, for each peer, the median over rounds of luxnb's time divided by the
peer's: less than 1 is faster than the peer. The last column compares with the faster peer.
"""

import statistics
import sys
import time

import jax
import jax.numpy as jnp
from peers import CASES, Case

ROUNDS, SECONDS = 15, 0.04  # of a round's block of calls


def contenders(case: Case):
    """name -> a function without arguments that starts one step and returns its results."""
    x = jax.tree.map(
        lambda s: jax.random.normal(jax.random.key(1), s),
        case.shape,
        is_leaf=lambda s: isinstance(s, tuple) and isinstance(s[0], int),
    )
    x = case.prepare(x)
    ps, st = case.layer.init(0)

    def ours(params, x):
        return case.layer(x, params, st)

    made = {"luxnb": (ours, ps), "equinox": case.equinox, "flax": case.flax}
    made = {name: value if name == "luxnb" else value(x) for name, value in made.items() if value}
    return {name: _step(function, params, x) for name, (function, params) in made.items()}


def _step(function, params, x):
    """The compiled step. What else the function returns, its new state, is computed too."""
    shape = jax.eval_shape(function, params, x)[0]
    weights = jax.tree.map(lambda s: jax.random.normal(jax.random.key(2), s.shape), shape)

    def loss(floats, x):
        y, rest = function(floats, x)
        products = jax.tree.map(lambda a, b: jnp.sum(a * b), y, weights)
        return sum(jax.tree.leaves(products)), rest

    is_float = all(jnp.issubdtype(leaf.dtype, jnp.floating) for leaf in jax.tree.leaves(x))
    argnums = (0, 1) if is_float else 0
    step = jax.jit(jax.value_and_grad(loss, argnums=argnums, has_aux=True))
    compiled = step.lower(params, x).compile()
    return lambda: compiled(params, x)


def seconds(step, calls: int) -> float:
    start = time.perf_counter()
    for _ in range(calls):
        result = step()
    jax.block_until_ready(result)
    return (time.perf_counter() - start) / calls


def measure(case: Case) -> dict[str, list[float]]:
    """The seconds of one step, of each contender in each round."""
    steps = contenders(case)
    calls = {}
    for name, step in steps.items():
        seconds(step, 2)
        calls[name] = max(1, round(SECONDS / seconds(step, 5)))
    times = {name: [] for name in steps}
    for round_ in range(ROUNDS):
        order = list(steps) if round_ % 2 else list(reversed(steps))
        for name in order:
            times[name].append(seconds(steps[name], calls[name]))
    return times


def ratio(times, peer: str) -> float:
    pairs = zip(times["luxnb"], times[peer], strict=True)
    return statistics.median(ours / theirs for ours, theirs in pairs)


def main():
    print(f"{jax.devices()[0].device_kind}, JAX {jax.__version__}, {ROUNDS} rounds\n")
    print(f"{'layer':28}{'luxnb':>12}{'/ Equinox':>11}{'/ Flax':>9}{'/ faster':>10}")
    worst = []
    for case in CASES:
        if sys.argv[1:] and not any(word in case.name for word in sys.argv[1:]):
            continue
        times = measure(case)
        medians = {name: statistics.median(values) for name, values in times.items()}
        faster = min((name for name in medians if name != "luxnb"), key=medians.__getitem__)
        ratios = {name: ratio(times, name) for name in medians if name != "luxnb"}
        worst.append((ratios[faster], case.name))
        shown = [f"{ratios[name]:.2f}" if name in ratios else "" for name in ("equinox", "flax")]
        micro = f"{medians['luxnb'] * 1e6:,.0f} µs"
        print(f"{case.name:28}{micro:>12}{shown[0]:>11}{shown[1]:>9}{ratios[faster]:>10.2f}")
    slower = [f"{name} {r:.2f}" for r, name in sorted(worst, reverse=True) if r > 1.05]
    print(f"\nslower than 1.05 × the faster peer: {', '.join(slower) or 'none'}")


if __name__ == "__main__":
    main()
