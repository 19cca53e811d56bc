"""The layers for science against their formulas, written once more in PyTorch."""

import itertools

import jax.numpy as jnp
import numpy as np
import pytest

import luxnb as lx
from tests.parity.agree import assert_agree, random, torch

F = torch.nn.functional


# -- bases -----------------------------------------------------------------------------------------


def chebyshev(x, n):
    """Where |x| ≤ 1, by the definition."""
    return [torch.cos(k * torch.acos(x)) for k in range(n)]


def legendre(x, n):
    """By the coefficients of each polynomial."""
    found = []
    for k in range(n):
        coefficients = np.polynomial.legendre.leg2poly([0] * k + [1])
        found.append(sum(float(c) * x**i for i, c in enumerate(coefficients)))
    return found


def fourier(x, n):
    """The real and imaginary parts of e^{ikx}."""
    waves = [torch.exp(1j * k * x) for k in range(n)]
    parts = [waves[0].real] + [part for wave in waves[1:] for part in (wave.real, wave.imag)]
    return parts[:n]


BASES = [
    (lx.basis.Chebyshev, chebyshev),
    (lx.basis.Legendre, legendre),
    (lx.basis.Polynomial, lambda x, n: [torch.pow(x, k) for k in range(n)]),
    (lx.basis.Sin, lambda x, n: [torch.sin(k * x) for k in range(1, n + 1)]),
    (lx.basis.Cos, lambda x, n: [torch.cos(k * x) for k in range(1, n + 1)]),
    (lx.basis.Fourier, fourier),
]


@pytest.mark.parametrize("n", [1, 2, 5, 6])
@pytest.mark.parametrize(("basis", "formula"), BASES, ids=lambda v: getattr(v, "__name__", ""))
def test_bases(basis, formula, n):
    x = np.tanh(random(3, 4)) * 0.95
    assert_agree(basis(n), lambda x: torch.stack(formula(x, n), dim=-1), x)


def test_tensor_product():
    layer = lx.TensorProduct((lx.basis.Legendre(3), lx.basis.Sin(2), lx.basis.Polynomial(2)), 4)

    def theirs(x, weight):
        total = 0
        for i, j, k in itertools.product(range(3), range(2), range(2)):
            product = legendre(x[..., 0], 3)[i] * torch.sin((j + 1) * x[..., 1]) * x[..., 2] ** k
            total = total + product[..., None] * weight[i, j, k]
        return total

    assert_agree(
        lambda x, weight: layer(x, {"weight": weight}, {})[0],
        theirs,
        random(2, 5, 3),
        random(3, 2, 2, 4),
    )


# -- splines ---------------------------------------------------------------------------------------


def straight(x, grid, points):
    """One sample after the other, the line through the two points beside it."""
    values = []
    for time in x:
        i = min(max(int((grid <= time).sum()) - 1, 0), len(grid) - 2)
        share = (time - grid[i]) / (grid[i + 1] - grid[i])
        values.append(points[i] + share * (points[i + 1] - points[i]))
    return torch.stack(values)


def cubic(x, grid, points):
    """All coefficients c of c_0 + c_1 t + c_2 t² + c_3 t³, t = x - grid_i, from one dense system:
    the two values at the ends of each piece, equal derivatives between pieces, no bend at the ends.
    """
    pieces = len(grid) - 1
    rows, right = [], []

    def row(entries):
        line = [torch.zeros((), dtype=grid.dtype)] * (4 * pieces)
        for (i, power), value in entries.items():
            line[4 * i + power] = torch.as_tensor(value, dtype=grid.dtype)
        rows.append(torch.stack(line))

    zero = torch.zeros_like(points[0])
    for i in range(pieces):
        h = grid[i + 1] - grid[i]
        row({(i, 0): 1.0})
        row({(i, power): h**power for power in range(4)})
        right += [points[i], points[i + 1]]
        if i < pieces - 1:
            row({(i, 1): 1.0, (i, 2): 2 * h, (i, 3): 3 * h**2, (i + 1, 1): -1.0})
            row({(i, 2): 2.0, (i, 3): 6 * h, (i + 1, 2): -2.0})
            right += [zero, zero]
    row({(0, 2): 1.0})
    row({(pieces - 1, 2): 2.0, (pieces - 1, 3): 6 * h})
    right += [zero, zero]
    system = torch.linalg.solve(torch.stack(rows), torch.stack(right))
    values = []
    for time in x:
        i = min(max(int((grid <= time).sum()) - 1, 0), pieces - 1)
        t, c = time - grid[i], system[4 * i : 4 * i + 4]
        if time < grid[0]:
            values.append(c[0] + c[1] * t)
        elif time > grid[-1]:
            h = grid[-1] - grid[-2]
            slope = c[1] + 2 * c[2] * h + 3 * c[3] * h**2
            values.append(points[-1] + slope * (time - grid[-1]))
        else:
            values.append(c[0] + c[1] * t + c[2] * t**2 + c[3] * t**3)
    return torch.stack(values)


TIMES = np.array([-2.3, -1.4, -0.6, 0.05, 0.61, 0.8, 1.35, 3.0])


@pytest.mark.parametrize(("degree", "formula"), [(1, straight), (3, cubic)])
def test_spline(degree, formula):
    layer = lx.Spline((3,), -1.5, 1.5, 6, degree=degree)
    assert_agree(
        lambda x, points: layer(x, {"saved_points": points}, {})[0],
        lambda x, points: formula(x, torch.linspace(-1.5, 1.5, 6, dtype=x.dtype), points),
        TIMES,
        random(6, 3),
    )


@pytest.mark.parametrize(("degree", "formula"), [(1, straight), (3, cubic)])
def test_spline_whose_grid_is_learnt(degree, formula):
    layer = lx.Spline((3,), -1.5, 1.5, 6, degree=degree, train_grid=True)
    assert_agree(
        lambda x, points, grid: layer(x, {"saved_points": points, "grid": grid}, {})[0],
        lambda x, points, grid: formula(x, grid, points),
        TIMES,
        random(6, 3),
        np.array([-1.6, -1.1, -0.2, 0.3, 0.9, 1.7]),
    )


# -- energies --------------------------------------------------------------------------------------


def energy(x, weight, last):
    return torch.tanh(x @ weight) @ last


def hamilton(q, p, weight, last):
    """∂H/∂p and -∂H/∂q of each sample, one after the other."""
    found = []
    for i in range(len(q)):
        parts = [v[i] if v.requires_grad else v[i].requires_grad_() for v in (q, p)]
        h = energy(torch.cat(parts), weight, last).sum()
        by_q, by_p = torch.autograd.grad(h, parts, create_graph=True)
        found.append((by_p, -by_q))
    return tuple(torch.stack(part) for part in zip(*found, strict=True))


def ours(weight, last):
    return {"layer_1": {"weight": weight}, "layer_2": {"weight": last}}


NET = lx.Chain(lx.Dense(4, 6, jnp.tanh, use_bias=False), lx.Dense(6, 1, use_bias=False))


def test_hamiltonian():
    layer = lx.HamiltonianNN(NET)
    _, st = layer.init(0)
    assert_agree(
        lambda x, *weights: layer(x, {"model": ours(*weights)}, st)[0],
        lambda x, *weights: torch.cat(hamilton(x[:, :2], x[:, 2:], *weights), dim=-1),
        random(5, 4),
        random(4, 6),
        random(6, 1),
    )


def test_hamiltonian_of_a_pair():
    layer = lx.HamiltonianNN(lx.Chain(join=lambda pair: jnp.concatenate(pair, -1), net=NET))
    _, st = layer.init(0)
    assert_agree(
        lambda q, p, *weights: layer((q, p), {"model": {"join": {}, "net": ours(*weights)}}, st)[0],
        hamilton,
        random(5, 2),
        random(5, 2, seed=1),
        random(4, 6),
        random(6, 1),
    )


POINT = (0.3, -1.0, 0.5, 2.0)


def test_positive_definite():
    layer = lx.PositiveDefinite(NET, POINT)
    _, st = layer.init(0)

    def theirs(x, weight, last):
        x0 = torch.tensor(POINT, dtype=x.dtype)
        moved = energy(x, weight, last) - energy(x0, weight, last)
        return moved.pow(2).sum(-1) + (x - x0).pow(2).sum(-1)

    assert_agree(
        lambda x, *weights: layer(x, {"model": ours(*weights)}, st)[0],
        theirs,
        np.concatenate([random(5, 4), [POINT]]),
        random(4, 6),
        random(6, 1),
    )


def test_positive_definite_with_functions_of_ones_own():
    layer = lx.PositiveDefinite(
        NET, 0.5, psi=lambda v: jnp.abs(v).sum(-1), r=lambda x, x0: ((x - x0) ** 4).sum(-1)
    )
    _, st = layer.init(0)

    def theirs(x, weight, last):
        x0 = torch.full((4,), 0.5, dtype=x.dtype)
        moved = energy(x, weight, last) - energy(x0, weight, last)
        return moved.abs().sum(-1) + (x - 0.5).pow(4).sum(-1)

    assert_agree(
        lambda x, *weights: layer(x, {"model": ours(*weights)}, st)[0],
        theirs,
        random(2, 3, 4),
        random(4, 6),
        random(6, 1),
    )


def test_shift_to():
    layer = lx.ShiftTo(NET, POINT, 7.0)
    _, st = layer.init(0)

    def theirs(x, *weights):
        return energy(x, *weights) - energy(torch.tensor(POINT, dtype=x.dtype), *weights) + 7

    assert_agree(
        lambda x, *weights: layer(x, {"model": ours(*weights)}, st)[0],
        theirs,
        np.concatenate([random(5, 4), [POINT]]),
        random(4, 6),
        random(6, 1),
    )


# -- features and builders -------------------------------------------------------------------------


def test_periodic_embedding():
    layer = lx.PeriodicEmbedding((3, 1), (2.0, 0.7))

    def theirs(x):
        hour, angle = 2 * torch.pi * x[..., 3] / 2.0, 2 * torch.pi * x[..., 1] / 0.7
        kept = [x[..., 0], x[..., 2]]
        return torch.stack([*kept, hour.sin(), angle.sin(), hour.cos(), angle.cos()], dim=-1)

    assert_agree(lambda x: layer(x, {}, {})[0], theirs, random(3, 2, 4))


def test_mlp():
    model = lx.mlp(3, (4, 4, 2), jnp.tanh, norm=lx.BatchNorm, residual=True, use_bias=False)
    _, st = model.init(0)

    def run(x, *arrays):
        def block(weight, scale, bias):
            norm = {"scale": scale, "bias": bias}
            return {"dense": {"weight": weight}, "norm": norm, "activation": {}}

        first, second = block(*arrays[:3]), block(*arrays[3:6])
        ps = {"block_1": first, "block_2": {"layer": second}, "block_3": {"weight": arrays[6]}}
        return model(x, ps, st)[0]

    def theirs(x, *arrays):
        def block(x, weight, scale, bias):
            return torch.tanh(F.batch_norm(x @ weight, None, None, scale, bias, training=True))

        x = block(x, *arrays[:3])
        x = x + block(x, *arrays[3:6])
        return x @ arrays[6]

    shapes = [(3, 4), (4,), (4,), (4, 4), (4,), (4,), (4, 2)]
    assert_agree(run, theirs, random(6, 3), *(random(*s, seed=i) for i, s in enumerate(shapes)))


def test_conv_norm_activation():
    model = lx.conv_norm_activation((3, 3), 2, (4, 3), jnp.tanh, stride=2, padding=1)
    _, st = model.init(0)

    def run(x, *arrays):
        ps = {
            f"block_{i}": {
                "conv": {"weight": weight},
                "norm": {"scale": scale, "bias": bias},
                "activation": {},
            }
            for i, (weight, scale, bias) in enumerate((arrays[:3], arrays[3:]), 1)
        }
        return model(x, ps, st)[0]

    def theirs(x, *arrays):
        x = x.permute(0, 3, 1, 2)
        for weight, scale, bias in (arrays[:3], arrays[3:]):
            x = F.conv2d(x, weight.permute(3, 2, 0, 1), stride=2, padding=1)
            x = torch.tanh(F.batch_norm(x, None, None, scale, bias, training=True))
        return x.permute(0, 2, 3, 1)

    shapes = [(3, 3, 2, 4), (4,), (4,), (3, 3, 4, 3), (3,), (3,)]
    assert_agree(
        run, theirs, random(3, 8, 7, 2), *(random(*s, seed=i) for i, s in enumerate(shapes))
    )
