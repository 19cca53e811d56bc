"""Losses against PyTorch's, or against their formula in torch operations: all three reductions."""

import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from luxnb.ops import losses
from tests.parity.agree import assert_agree, random, torch

functional = torch.nn.functional
RNG = np.random.default_rng(0)

A, B = random(4, 3), random(4, 3, seed=1)
ZERO_ONE = RNG.integers(0, 2, (4, 3))
SIGNS = 2 * ZERO_ONE - 1
BETWEEN = RNG.random((4, 3))
P = 0.02 + 0.96 * RNG.random((4, 3))
COUNTS = RNG.poisson(2, (4, 3))

LOGITS = 3 * random(6, 5)
CLASSES = RNG.integers(0, 5, 6)
SOFT = RNG.dirichlet(np.ones(5), 6)
DISTRIBUTION = RNG.dirichlet(np.ones(5), 6)
IMAGES = 3 * random(2, 4, 3, 5)  # classes on axis 1
PLACES = RNG.integers(0, 4, (2, 3, 5))
SOFT_PLACES = np.moveaxis(RNG.dirichlet(np.ones(4), (2, 3, 5)), -1, 1)


def formula(function):
    """A formula for each sample, reduced as PyTorch's losses are."""

    def loss(*tensors, reduction):
        values = function(*tensors)
        return {"none": values, "mean": values.mean(), "sum": values.sum()}[reduction]

    return loss


def torches(function, **options):
    """A loss of PyTorch with targets as floats, which it wants."""

    def loss(prediction, target, reduction):
        target = target.to(prediction.dtype)
        return function(prediction, target, reduction=reduction, **options)

    return loss


def options(loss, **given):
    return functools.partial(loss, **given)


def check(ours, theirs, *arrays):
    assert_agree(
        lambda *given: tuple(ours(*given, reduce=r) for r in (None, jnp.mean, jnp.sum)),
        lambda *given: tuple(theirs(*given, reduction=r) for r in ("none", "mean", "sum")),
        *arrays,
    )


NUMBERS = {
    "mse": (losses.mse, torches(functional.mse_loss), A, B),
    "mae": (losses.mae, torches(functional.l1_loss), A, B),
    "mae of equals": (losses.mae, torches(functional.l1_loss), A, A.copy()),
    "huber": (losses.huber, torches(functional.huber_loss), 2 * A, B),
    "huber delta": (
        options(losses.huber, delta=0.3),
        torches(functional.huber_loss, delta=0.3),
        A,
        B,
    ),
    "huber kink": (
        losses.huber,
        torches(functional.huber_loss),
        np.array([1.0, -1.0, 0.0]),
        np.zeros(3),
    ),
    "msle": (
        losses.msle,
        formula(lambda p, t: (torch.log(1 + p) - torch.log(1 + t)) ** 2),
        5 * P,
        BETWEEN,
    ),
    "msle offset": (
        options(losses.msle, offset=0.25),
        formula(lambda p, t: torch.log((p + 0.25) / (t + 0.25)) ** 2),
        5 * P,
        BETWEEN,
    ),
    "poisson": (
        losses.poisson,
        torches(functional.poisson_nll_loss, log_input=False, eps=0),
        5 * P,
        COUNTS,
    ),
    "poisson log rate": (
        options(losses.poisson, log_rate=True),
        torches(functional.poisson_nll_loss),
        A,
        COUNTS,
    ),
    "siamese contrastive": (
        losses.siamese_contrastive,
        formula(lambda d, y: (1 - y) * d**2 + y * torch.clamp(1 - d, min=0) ** 2),
        2 * BETWEEN,
        ZERO_ONE,
    ),
    "siamese contrastive margin": (
        options(losses.siamese_contrastive, margin=0.4),
        formula(lambda d, y: torch.where(y > 0, torch.clamp(0.4 - d, min=0), d) ** 2),
        BETWEEN,
        ZERO_ONE.astype(bool),
    ),
}

BINARY = {
    "binary": (
        losses.binary_cross_entropy,
        torches(functional.binary_cross_entropy_with_logits),
        3 * A,
        ZERO_ONE,
    ),
    "binary soft": (
        losses.binary_cross_entropy,
        torches(functional.binary_cross_entropy_with_logits),
        3 * A,
        BETWEEN,
    ),
    "binary smoothing": (
        options(losses.binary_cross_entropy, label_smoothing=0.2),
        formula(
            lambda z, y: functional.binary_cross_entropy_with_logits(
                z, 0.8 * y.to(z.dtype) + 0.1, reduction="none"
            )
        ),
        3 * A,
        ZERO_ONE,
    ),
    "binary probabilities": (
        options(losses.binary_cross_entropy, probabilities=True),
        torches(functional.binary_cross_entropy),
        P,
        ZERO_ONE,
    ),
    "binary probabilities smoothing": (
        options(losses.binary_cross_entropy, probabilities=True, label_smoothing=0.2),
        formula(
            lambda p, y: functional.binary_cross_entropy(
                p, 0.8 * y.to(p.dtype) + 0.1, reduction="none"
            )
        ),
        P,
        ZERO_ONE,
    ),
    "binary focal": (
        losses.binary_focal,
        formula(
            lambda z, y: (
                functional.binary_cross_entropy_with_logits(z, y.to(z.dtype), reduction="none")
                * torch.sigmoid(torch.where(y > 0, -z, z)) ** 2
            )
        ),
        3 * A,
        ZERO_ONE,
    ),
    "binary focal gamma": (
        options(losses.binary_focal, gamma=0.5, probabilities=True),
        formula(
            lambda p, y: (
                -((1 - torch.where(y > 0, p, 1 - p)) ** 0.5)
                * torch.log(torch.where(y > 0, p, 1 - p))
            )
        ),
        P,
        ZERO_ONE,
    ),
    "dice": (
        losses.dice,
        formula(
            lambda p, y: (
                1 - (2 * (p * y).sum((1, 2)) + 1) / ((p**2).sum((1, 2)) + (y**2).sum((1, 2)) + 1)
            )
        ),
        RNG.random((4, 3, 2)),
        RNG.integers(0, 2, (4, 3, 2)),
    ),
    "dice smooth": (
        options(losses.dice, smooth=0.1),
        formula(
            lambda p, y: 1 - (2 * (p * y).sum(1) + 0.1) / ((p**2).sum(1) + (y**2).sum(1) + 0.1)
        ),
        P,
        BETWEEN,
    ),
    "hinge": (losses.hinge, formula(lambda p, y: torch.relu(1 - y * p)), 2 * A, SIGNS),
    "squared hinge": (
        losses.squared_hinge,
        formula(lambda p, y: torch.relu(1 - y * p) ** 2),
        2 * A,
        SIGNS,
    ),
}


def cross_entropy(**given):
    """PyTorch's, whose mean over soft labels is over the batch only when there are no places."""
    return lambda z, y, reduction: formula(
        lambda z, y: functional.cross_entropy(z, y, reduction="none", **given)
    )(z, y, reduction=reduction)


def chosen(values, labels, axis=-1):
    return torch.gather(values, axis, labels.unsqueeze(axis)).squeeze(axis)


def focal(gamma, axis):
    def values(z):
        p = torch.softmax(z, axis)
        return -((1 - p) ** gamma) * torch.log(p)

    return values


CLASSIFICATION = {
    "integers": (losses.cross_entropy, functional.cross_entropy, LOGITS, CLASSES),
    "integers on axis 1": (
        options(losses.cross_entropy, axis=1),
        functional.cross_entropy,
        IMAGES,
        PLACES,
    ),
    "integers smoothing": (
        options(losses.cross_entropy, label_smoothing=0.2),
        functools.partial(functional.cross_entropy, label_smoothing=0.2),
        LOGITS,
        CLASSES,
    ),
    "integers smoothing on axis 1": (
        options(losses.cross_entropy, axis=1, label_smoothing=0.2),
        functools.partial(functional.cross_entropy, label_smoothing=0.2),
        IMAGES,
        PLACES,
    ),
    "soft": (losses.cross_entropy, cross_entropy(), LOGITS, SOFT),
    "one-hot": (losses.cross_entropy, cross_entropy(), LOGITS, np.eye(5)[CLASSES]),
    "soft smoothing": (
        options(losses.cross_entropy, label_smoothing=0.2),
        cross_entropy(label_smoothing=0.2),
        LOGITS,
        SOFT,
    ),
    "soft smoothing on axis -3": (
        options(losses.cross_entropy, axis=-3, label_smoothing=0.2),
        cross_entropy(label_smoothing=0.2),
        IMAGES,
        SOFT_PLACES,
    ),
    "ignore": (
        options(losses.cross_entropy, ignore=3),
        functools.partial(functional.cross_entropy, ignore_index=3),
        LOGITS,
        np.array([0, 3, 3, 1, 4, 3]),
    ),
    "ignore -1 on axis 1": (
        options(losses.cross_entropy, ignore=-1, axis=1),
        functools.partial(functional.cross_entropy, ignore_index=-1),
        IMAGES,
        np.where(RNG.random(PLACES.shape) < 0.3, -1, PLACES),
    ),
    "probabilities": (
        options(losses.cross_entropy, probabilities=True),
        lambda p, y, reduction: functional.nll_loss(torch.log(p), y, reduction=reduction),
        DISTRIBUTION,
        CLASSES,
    ),
    "soft probabilities smoothing": (
        options(losses.cross_entropy, probabilities=True, label_smoothing=0.2),
        formula(lambda p, y: -((0.8 * y + 0.04) * torch.log(p)).sum(-1)),
        DISTRIBUTION,
        SOFT,
    ),
    "focal": (losses.focal, formula(lambda z, y: chosen(focal(2, -1)(z), y)), LOGITS, CLASSES),
    "focal on axis 1": (
        options(losses.focal, gamma=0.5, axis=1),
        formula(lambda z, y: chosen(focal(0.5, 1)(z), y, 1)),
        IMAGES,
        PLACES,
    ),
    "focal soft": (
        losses.focal,
        formula(lambda z, y: (y * focal(2, -1)(z)).sum(-1)),
        LOGITS,
        SOFT,
    ),
    "focal probabilities": (
        options(losses.focal, gamma=3.0, probabilities=True),
        formula(lambda p, y: (y * -((1 - p) ** 3) * torch.log(p)).sum(-1)),
        DISTRIBUTION,
        SOFT,
    ),
    "kl": (
        losses.kl_divergence,
        formula(
            lambda z, y: functional.kl_div(torch.log_softmax(z, -1), y, reduction="none").sum(-1)
        ),
        LOGITS,
        SOFT,
    ),
    "kl on axis 1": (
        options(losses.kl_divergence, axis=1),
        formula(
            lambda z, y: functional.kl_div(torch.log_softmax(z, 1), y, reduction="none").sum(1)
        ),
        IMAGES,
        SOFT_PLACES,
    ),
    "kl probabilities": (
        options(losses.kl_divergence, probabilities=True),
        formula(lambda p, y: functional.kl_div(torch.log(p), y, reduction="none").sum(-1)),
        DISTRIBUTION,
        SOFT,
    ),
    "kl smoothing": (
        options(losses.kl_divergence, label_smoothing=0.2),
        formula(
            lambda z, y: functional.kl_div(
                torch.log_softmax(z, -1), 0.8 * y + 0.04, reduction="none"
            ).sum(-1)
        ),
        LOGITS,
        SOFT,
    ),
}
CASES = NUMBERS | BINARY | CLASSIFICATION


@pytest.mark.parametrize("name", CASES)
def test_values_and_gradients(name):
    check(*CASES[name])


def test_every_loss_is_compared():
    compared = {getattr(case[0], "func", case[0]) for case in CASES.values()}
    public = {value for value in vars(losses).values() if callable(value)}
    assert compared == public and len(public) == 14


def test_far_out_logits():
    """Where a softmax is 0 or 1 to the last bit."""
    far = np.array([[1e4, -1e4, 0.0], [-30.0, 0.0, 30.0]])
    labels = np.array([1, 0])
    check(losses.cross_entropy, functional.cross_entropy, far, labels)
    check(
        losses.binary_cross_entropy,
        torches(functional.binary_cross_entropy_with_logits),
        far,
        np.array([[0, 1, 1], [1, 0, 0]]),
    )


def test_binary_slope_at_probabilities_that_are_quite_wrong():
    """As PyTorch's, large and finite; the value is another, which stops at 100."""
    p, y = np.array([0.0, 1.0], np.float32), np.array([1.0, 0.0], np.float32)
    ours = jax.grad(lambda p: losses.binary_cross_entropy(p, y, probabilities=True, reduce=jnp.sum))
    tensor = torch.tensor(p, requires_grad=True)
    functional.binary_cross_entropy(tensor, torch.tensor(y), reduction="sum").backward()
    np.testing.assert_allclose(ours(jnp.asarray(p)), tensor.grad.numpy(), rtol=1e-6)
