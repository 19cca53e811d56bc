"""Independent random numbers whose spread comes from the fans, so that signals keep their size.

K. He et al., Delving Deep into Rectifiers, ICCV 2015 (kaiming).
X. Glorot, Y. Bengio, Understanding the difficulty of training deep feedforward neural networks,
AISTATS 2010 (glorot).
"""

import math

from luxnb.core.types import Shape
from luxnb.ops.init.fans import fan_in, fan_out
from luxnb.ops.init.filled import Filled
from luxnb.ops.init.random import normal, uniform


class kaiming_uniform(Filled):
    """U(-b, b) with b = gain · √(3 / fan_in), so the variance is gain² / fan_in."""

    gain: float = math.sqrt(2)

    def check(self):
        self.number("gain", "≥ 0", low=0)

    def fill(self, key, shape, dtype):
        return uniform(_limit(self, _kaiming(shape)), dtype=dtype)(key, shape)


class kaiming_normal(Filled):
    """N(0, gain² / fan_in)."""

    gain: float = math.sqrt(2)

    def check(self):
        self.number("gain", "≥ 0", low=0)

    def fill(self, key, shape, dtype):
        return normal(self.gain * _kaiming(shape), dtype=dtype)(key, shape)


class glorot_uniform(Filled):
    """U(-b, b) with b = gain · √(6 / (fan_in + fan_out)), so the variance is that of
    `glorot_normal`."""

    gain: float = 1.0

    def check(self):
        self.number("gain", "≥ 0", low=0)

    def fill(self, key, shape, dtype):
        return uniform(_limit(self, _glorot(shape)), dtype=dtype)(key, shape)


class glorot_normal(Filled):
    """N(0, gain² · 2 / (fan_in + fan_out))."""

    gain: float = 1.0

    def check(self):
        self.number("gain", "≥ 0", low=0)

    def fill(self, key, shape, dtype):
        return normal(self.gain * _glorot(shape), dtype=dtype)(key, shape)


class fan_in_uniform(Filled):
    """U(-1/√fan_in, 1/√fan_in): what PyTorch gives the weights of linear and convolution layers."""

    def fill(self, key, shape, dtype):
        return uniform(_kaiming(shape), dtype=dtype)(key, shape)


def _kaiming(shape: Shape) -> float:
    return 1 / math.sqrt(max(1, fan_in(shape)))  # with no inputs there are no weights either


def _glorot(shape: Shape) -> float:
    return math.sqrt(2 / max(1, fan_in(shape) + fan_out(shape)))


def _limit(initialiser, std: float) -> float:
    """The limit of uniform numbers with that variance: on a line, or in a disc."""
    return initialiser.gain * std * math.sqrt(2 if initialiser.is_complex else 3)
