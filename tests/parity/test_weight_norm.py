"""WeightNorm and SpectralNorm against PyTorch's parametrisations."""

import jax.numpy as jnp
import pytest

import luxnb as lx
from tests.parity.agree import assert_agree, random, torch

F = torch.nn.functional
parametrizations = torch.nn.utils.parametrizations


def dense(weight):
    """Ours as PyTorch's, (out, in)."""
    return weight.T


def conv(weight):
    """Ours as PyTorch's, (out, in, *kernel)."""
    return weight.movedim((-1, -2), (0, 1))


def as_ours(weight):
    """PyTorch's (out, in, *kernel) as ours, (*kernel, in, out)."""
    return weight.movedim((0, 1), (-1, -2))


def apply_dense(x, weight):
    return F.linear(x, weight)


def apply_conv(x, weight):
    return F.conv2d(x.movedim(-1, 1), weight).movedim(1, -1)


CASES = {
    "dense": (lx.Dense(4, 3, use_bias=False), (5, 4), (4, 3), dense, apply_dense),
    "conv": (lx.Conv((2, 3), 2, 4, use_bias=False), (2, 4, 4, 2), (2, 3, 2, 4), conv, apply_conv),
}


class Holder(torch.nn.Module):
    """A module that only has a weight, to be parametrised."""

    def __init__(self, weight):
        super().__init__()
        self.weight = torch.nn.Parameter(weight.detach().clone())

    def forward(self):
        return self.weight


@pytest.mark.parametrize("case", CASES)
def test_weight_norm(case):
    layer, shape, weight_shape, as_theirs, apply = CASES[case]
    normed = lx.WeightNorm(layer)

    def ours(x, length, direction):
        return normed(x, {"layer": {"weight_g": length, "weight_v": direction}}, {"layer": {}})[0]

    def theirs(x, length, direction):
        direction = as_theirs(direction)
        holder = parametrizations.weight_norm(Holder(direction))
        length = length.reshape(-1, *[1] * (direction.ndim - 1))
        at = "parametrizations.weight.original"
        given = {f"{at}0": length, f"{at}1": direction}
        return apply(x, torch.func.functional_call(holder, given, ()))

    assert_agree(ours, theirs, random(*shape), random(weight_shape[-1]), random(*weight_shape))


@pytest.mark.parametrize("axis", [0, 1, None])
def test_weight_norm_along_another_axis(axis):
    normed = lx.WeightNorm(lx.Dense(4, 3, use_bias=False), axis=axis)

    def ours(x, length, direction):
        return normed(x, {"layer": {"weight_g": length, "weight_v": direction}}, {"layer": {}})[0]

    def theirs(x, length, direction):
        if axis is None:
            return x @ (length * direction / direction.norm())
        other = 1 - axis
        return x @ (length.unsqueeze(other) * direction / direction.norm(dim=other, keepdim=True))

    lengths = random() if axis is None else random((4, 3)[axis])
    assert_agree(ours, theirs, random(5, 4), lengths, random(4, 3))


@pytest.mark.parametrize("iterations", [1, 3])
@pytest.mark.parametrize("case", CASES)
def test_spectral_norm_over_several_steps(case, iterations):
    """Weights that change from step to step; u and v go on from where they were."""
    layer, shape, weight_shape, as_theirs, apply = CASES[case]
    normed = lx.SpectralNorm(layer, iterations=iterations, eps=1e-6)
    *rest, rows = weight_shape

    def ours(x, u, v, *weights):
        st = {"mode": lx.Mode.TRAIN, "layer": {}, "u": {"weight": u}, "v": {"weight": v}}
        st, ys = lx.Tree.of(st), []
        for weight in weights[:-1]:
            y, st = normed(x, {"layer": {"weight": weight}}, st)
            ys.append(y)
        y, st = normed(x, {"layer": {"weight": weights[-1]}}, lx.testmode(st))
        return *ys, y, st.u.weight, st.v.weight

    def theirs(x, u, v, *weights):
        holder = parametrizations.spectral_norm(
            Holder(as_theirs(weights[0])), n_power_iterations=iterations, eps=1e-6
        )
        norm = holder.parametrizations.weight[0]
        norm._u.copy_(u.detach())
        norm._v.copy_(as_theirs(v.detach().reshape(*rest, 1)).ravel())
        at, ys = "parametrizations.weight.original", []
        for i, weight in enumerate(weights):
            holder.train(i < len(weights) - 1)
            given = torch.func.functional_call(holder, {at: as_theirs(weight)}, ())
            ys.append(apply(x, given))
        v = norm._v.reshape(as_theirs(weights[0])[:1].shape)
        return *ys, norm._u, as_ours(v).ravel()

    weights = [random(*weight_shape, seed=i) for i in range(4)]
    u, v = random(rows), random(weights[0].size // rows)
    assert_agree(ours, theirs, random(*shape), u, v, *weights)


def test_spectral_norm_of_a_vector():
    """PyTorch divides a vector by its length."""
    normed = lx.SpectralNorm(lx.Dense(4, 3), ("bias",))

    def ours(x, weight, bias):
        u, v = {"bias": jnp.ones(3, x.dtype)}, {"bias": jnp.ones(1, x.dtype)}
        st = {"mode": lx.Mode.TRAIN, "layer": {}, "u": u, "v": v}
        return normed(x, {"layer": {"weight": weight, "bias": bias}}, st)[0]

    def theirs(x, weight, bias):
        holder = parametrizations.spectral_norm(Holder(bias))
        at = "parametrizations.weight.original"
        return x @ weight + torch.func.functional_call(holder, {at: bias}, ())

    assert_agree(ours, theirs, random(5, 4), random(4, 3), random(3))
