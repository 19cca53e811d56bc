"""luxnb: modelling with pure functions, in Jupyter, on JAX.

>>> import luxnb as lx
>>> model = lx.Chain(lx.Dense(64, 128, jax.nn.relu), lx.Dropout(0.2), lx.Dense(128, 10))
>>> ps, st = model.init(0)
>>> y, st = model(jnp.ones((1, 64)), ps, st)
"""

from luxnb import notebook as _notebook  # noqa: F401  (shows runs)
from luxnb.core.capture import capture as capture
from luxnb.core.capture import sow as sow
from luxnb.core.edit import at as at
from luxnb.core.edit import replace as replace
from luxnb.core.keys import key_for as key_for
from luxnb.core.layer import Layer as Layer
from luxnb.core.mode import Mode as Mode
from luxnb.core.mode import testmode as testmode
from luxnb.core.mode import trainmode as trainmode
from luxnb.core.tree import Tree as Tree
from luxnb.core.view import View as View
from luxnb.core.view import view as view
from luxnb.display import cards as _cards  # noqa: F401  (registers how layers and Trees are seen)
from luxnb.inspect.count import count as count
from luxnb.layers.chain import Chain as Chain
from luxnb.layers.conv import Conv as Conv
from luxnb.layers.dense import Dense as Dense
from luxnb.layers.dropout import Dropout as Dropout
from luxnb.layers.functions import Flatten as Flatten
from luxnb.layers.functions import Function as Function
from luxnb.layers.functions import Identity as Identity
from luxnb.layers.norm import BatchNorm as BatchNorm
from luxnb.layers.pool import MaxPool as MaxPool
from luxnb.layers.skip import SkipConnection as SkipConnection
from luxnb.ops import init as init
from luxnb.ops import losses as losses
from luxnb.train import metrics as metrics
from luxnb.train.compare import Comparison as Comparison
from luxnb.train.compare import compare as compare
from luxnb.train.data import batches as batches
from luxnb.train.fit import fit as fit
from luxnb.train.history import History as History
from luxnb.train.loop import Event as Event
from luxnb.train.loop import training as training
from luxnb.train.progress import Progress as Progress
from luxnb.train.run import Run as Run
from luxnb.train.state import TrainState as TrainState
from luxnb.train.step import train_step as train_step

__version__ = "0.1.0"
