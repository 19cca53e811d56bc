"""Initialisers: frozen values that print as their call, `init.kaiming_uniform(1.0)`.

An initialiser is any `f(key, shape) -> array`. Weights have their inputs on all axes but the
last: (in, out) for Dense, (*kernel, in, out) for Conv; `fan_in` is the product of those axes.

All of these take `dtype=`, float32 by default: float16, bfloat16, float32, float64, complex64 or
complex128, by name or as `jnp.bfloat16`; it is kept by its name. Half precision is drawn in float32
and rounded. A complex number z has E|z|² where a real one has its variance; uniform ones lie in a
disc. LeCun's initialisers are `kaiming_uniform(1.0)` and `kaiming_normal(1.0)`.
"""

from luxnb.ops.init.constants import constant as constant
from luxnb.ops.init.constants import identity as identity
from luxnb.ops.init.constants import ones as ones
from luxnb.ops.init.constants import zeros as zeros
from luxnb.ops.init.fans import fan_in as fan_in
from luxnb.ops.init.fans import fan_out as fan_out
from luxnb.ops.init.matrices import orthogonal as orthogonal
from luxnb.ops.init.matrices import sparse as sparse
from luxnb.ops.init.random import normal as normal
from luxnb.ops.init.random import truncated_normal as truncated_normal
from luxnb.ops.init.random import uniform as uniform
from luxnb.ops.init.scaled import fan_in_uniform as fan_in_uniform
from luxnb.ops.init.scaled import glorot_normal as glorot_normal
from luxnb.ops.init.scaled import glorot_uniform as glorot_uniform
from luxnb.ops.init.scaled import kaiming_normal as kaiming_normal
from luxnb.ops.init.scaled import kaiming_uniform as kaiming_uniform
