"""Losses of arrays: `loss(prediction, target, *, reduce=jnp.mean)`.

`reduce` makes one number of the losses of the samples; any function will do, and `None` returns
them as they are. Shapes that would only broadcast are refused. Options are given by
`functools.partial(losses.cross_entropy, label_smoothing=0.1)`, which `fit(loss=…)` takes as well.

Where predictions are probabilities, say `probabilities=True`; logits are safer. The logarithm of a
probability below 1e-12 is that of 1e-12, and its slope too, so that a loss can lift it from zero.
"""

from luxnb.ops.losses.binary import binary_cross_entropy as binary_cross_entropy
from luxnb.ops.losses.binary import binary_focal as binary_focal
from luxnb.ops.losses.binary import dice as dice
from luxnb.ops.losses.binary import hinge as hinge
from luxnb.ops.losses.binary import squared_hinge as squared_hinge
from luxnb.ops.losses.classes import cross_entropy as cross_entropy
from luxnb.ops.losses.classes import focal as focal
from luxnb.ops.losses.classes import kl_divergence as kl_divergence
from luxnb.ops.losses.numbers import huber as huber
from luxnb.ops.losses.numbers import mae as mae
from luxnb.ops.losses.numbers import mse as mse
from luxnb.ops.losses.numbers import msle as msle
from luxnb.ops.losses.numbers import poisson as poisson
from luxnb.ops.losses.numbers import siamese_contrastive as siamese_contrastive
