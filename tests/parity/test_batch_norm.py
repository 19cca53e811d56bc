"""BatchNorm, InstanceNorm against PyTorch's: values, gradients, running statistics over steps."""

import jax
import jax.numpy as jnp
import pytest

import luxnb as lx
from tests.parity.agree import assert_agree, random, torch

F = torch.nn.functional


def channels_first(x):
    return x.movedim(-1, 1)


def channels_last(x):
    return x.movedim(1, -1)


def affine(n):
    """A scale and a bias."""
    return 1 + random(n, seed=7), random(n, seed=8)


def steps(layer, momentum, eps, per_sample=False):
    """Three steps of training and one of testing by both, as functions of the same arrays."""
    channels = layer.channels
    kind = "InstanceNorm" if per_sample else "BatchNorm"

    def ours(*arrays):
        *xs, scale, bias, mean, variance = arrays
        ps = {"scale": scale, "bias": bias} if layer.affine else {}
        st = lx.Tree(running_mean=mean, running_var=variance, mode=lx.Mode.TRAIN)
        ys = []
        for x in xs[:-1]:
            y, st = layer(x, ps, st)
            st = jax.lax.stop_gradient(st)  # PyTorch writes them outside of any gradient
            ys.append(y)
        y, _ = layer(xs[-1], ps, lx.testmode(st))
        return *ys, y, st.running_mean, st.running_var

    def theirs(*arrays):
        *xs, scale, bias, mean, variance = arrays
        space = min(3, max(1, xs[0].ndim - 2))
        norm = getattr(torch.nn, f"{kind}{space}d")(
            channels, eps, momentum, affine=layer.affine, track_running_stats=True, dtype=mean.dtype
        )
        norm.running_mean.copy_(mean.detach())
        norm.running_var.copy_(variance.detach())
        if layer.affine:  # the tensors themselves, so that gradients reach them
            del norm.weight, norm.bias
            norm.weight, norm.bias = scale, bias
        ys = [channels_last(norm(channels_first(x))) for x in xs[:-1]]
        norm.eval()
        y = norm(channels_first(xs[-1]))
        y.register_hook(torch.Tensor.contiguous)  # PyTorch misreads a strided gradient when testing
        return *ys, channels_last(y), norm.running_mean, norm.running_var

    return ours, theirs


def batches(*shape, test):
    """Three of their own mean and spread, and one of another size."""
    train = [i + (1 + i) * random(*shape, seed=i) for i in range(3)]
    return [*train, 1 + 2 * random(test, *shape[1:], seed=9)]


def running(channels):
    return random(channels, seed=4), 0.5 + random(channels, seed=5) ** 2


@pytest.mark.parametrize(
    ("space", "momentum"),
    [((), 0.0), ((), 1.0), ((), 0.3), ((4,), 0.3), ((3, 2), 0.3), ((2, 1, 2), 0.3)],
    ids=str,
)
def test_batch_norm(space, momentum):
    layer = lx.BatchNorm(3, momentum=momentum, eps=1e-3)
    ours, theirs = steps(layer, momentum, 1e-3)
    agree_without_running_gradients(ours, theirs, batches(5, *space, 3, test=1))


def test_batch_norm_by_default():
    ours, theirs = steps(lx.BatchNorm(3), 0.1, 1e-5)
    agree_without_running_gradients(ours, theirs, batches(4, 3, test=2))


def test_batch_norm_of_one_sample_with_space():
    ours, theirs = steps(lx.BatchNorm(3), 0.1, 1e-5)
    agree_without_running_gradients(ours, theirs, batches(1, 4, 3, test=1))


def test_batch_norm_without_scale_and_bias():
    ours, theirs = steps(lx.BatchNorm(3, affine=False), 0.1, 1e-5)
    agree_without_running_gradients(ours, theirs, batches(4, 3, test=2))


@pytest.mark.parametrize("space", [(4,), (3, 2), (2, 1, 2)], ids=str)
def test_instance_norm(space):
    layer = lx.InstanceNorm(3, momentum=0.3, eps=1e-3, affine=True, track_running=True)
    ours, theirs = steps(layer, 0.3, 1e-3, per_sample=True)
    agree_without_running_gradients(ours, theirs, batches(4, *space, 3, test=1))


def agree_without_running_gradients(ours, theirs, xs):
    """The test step's gradient by x and parameters only: PyTorch's buffers have none."""

    def frozen(*arrays):
        *rest, mean, variance = arrays
        return ours(*rest, jax.lax.stop_gradient(mean), jax.lax.stop_gradient(variance))

    assert_agree(frozen, theirs, *xs, *affine(3), *running(3))


@pytest.mark.parametrize("space", [(4,), (3, 2)], ids=str)
@pytest.mark.parametrize("mode", [lx.trainmode, lx.testmode])
def test_instance_norm_untracked(space, mode):
    layer = lx.InstanceNorm(3)
    _, st = layer.init(0)
    assert_agree(
        lambda x: layer(x, {}, mode(st))[0],
        lambda x: channels_last(F.instance_norm(channels_first(x))),
        1 + 2 * random(2, *space, 3),
    )


@pytest.mark.parametrize("mode", [lx.trainmode, lx.testmode])
def test_batch_norm_untracked(mode):
    layer = lx.BatchNorm(3, track_running=False)
    _, st = layer.init(0)

    def theirs(x, scale, bias):
        norm = torch.nn.BatchNorm1d(3, track_running_stats=False, dtype=x.dtype)
        del norm.weight, norm.bias
        norm.weight, norm.bias = scale, bias
        norm.train(mode is lx.trainmode)
        return norm(x)

    assert_agree(
        lambda x, scale, bias: layer(x, {"scale": scale, "bias": bias}, mode(st))[0],
        theirs,
        1 + 2 * random(4, 3),
        *affine(3),
    )


def test_gradients_of_the_running_values():
    """They are functions of x too, for whoever differentiates through several steps."""
    layer = lx.BatchNorm(3)

    def ours(x, mean, variance):
        st = lx.Tree(running_mean=mean, running_var=variance, mode=lx.Mode.TRAIN)
        _, st = layer(x, {"scale": jnp.ones(3, x.dtype), "bias": jnp.zeros(3, x.dtype)}, st)
        return st.running_mean, st.running_var

    def theirs(x, mean, variance):
        return 0.9 * mean + 0.1 * x.mean(0), 0.9 * variance + 0.1 * x.var(0)

    assert_agree(ours, theirs, 1 + 2 * random(4, 3), *running(3))
