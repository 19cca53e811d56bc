"""luxnb: modelling with pure functions, in Jupyter, on JAX.

>>> import luxnb as lx
>>> model = lx.Chain(lx.Dense(64, 128, jax.nn.relu), lx.Dropout(0.2), lx.Dense(128, 10))
>>> ps, st = model.init(0)
>>> y, st = model(jnp.ones((1, 64)), ps, st)
"""

from luxnb import notebook as _notebook  # noqa: F401  (shows runs)
from luxnb.core.capture import capture as capture
from luxnb.core.capture import sow as sow
from luxnb.core.cast import cast as cast
from luxnb.core.compact import compact as compact
from luxnb.core.edit import at as at
from luxnb.core.edit import replace as replace
from luxnb.core.keys import key_for as key_for
from luxnb.core.layer import Layer as Layer
from luxnb.core.mode import Mode as Mode
from luxnb.core.mode import testmode as testmode
from luxnb.core.mode import trainmode as trainmode
from luxnb.core.parts import Param as Param
from luxnb.core.parts import RandomKey as RandomKey
from luxnb.core.parts import State as State
from luxnb.core.stateful import Stateful as Stateful
from luxnb.core.tree import Tree as Tree
from luxnb.core.view import View as View
from luxnb.core.view import view as view
from luxnb.display import audit as _audit  # noqa: F401  (shows audits)
from luxnb.display import cards as _cards  # noqa: F401  (registers how layers and Trees are seen)
from luxnb.display import debug as _debug  # noqa: F401  (shows what debug tells)
from luxnb.display import difference as _difference  # noqa: F401  (shows differences)
from luxnb.display import failure as _failure  # noqa: F401  (shows calls that failed)
from luxnb.display import nonfinite as _nonfinite  # noqa: F401  (shows where NaN comes from)
from luxnb.display import statistics as _statistics  # noqa: F401  (shows statistics)
from luxnb.display import summary as _summary  # noqa: F401  (shows summaries)
from luxnb.display.heatmap import heatmap as heatmap
from luxnb.inspect.activations import Activations as Activations
from luxnb.inspect.activations import Functions as _Functions
from luxnb.inspect.audit.check import check as check
from luxnb.inspect.count import count as count
from luxnb.inspect.debug.debug import debug as debug
from luxnb.inspect.diff.diff import diff as diff
from luxnb.inspect.diff.difference import Difference as Difference
from luxnb.inspect.match import Match as Match
from luxnb.inspect.match import match as match
from luxnb.inspect.nonfinite.locate import locate_nonfinite as locate_nonfinite
from luxnb.inspect.statistics import Statistics as Statistics
from luxnb.inspect.stats import StatisticsTree as StatisticsTree
from luxnb.inspect.stats import stats as stats
from luxnb.inspect.summary import Summary as Summary
from luxnb.inspect.summary import summary as summary
from luxnb.inspect.transfer import transfer as transfer
from luxnb.layers.adaptive_pool import AdaptiveLPPool as AdaptiveLPPool
from luxnb.layers.adaptive_pool import AdaptiveMaxPool as AdaptiveMaxPool
from luxnb.layers.adaptive_pool import AdaptiveMeanPool as AdaptiveMeanPool
from luxnb.layers.attention import MultiHeadAttention as MultiHeadAttention
from luxnb.layers.batch_norm import BatchNorm as BatchNorm
from luxnb.layers.bidirectional import BidirectionalRNN as BidirectionalRNN
from luxnb.layers.bilinear import Bilinear as Bilinear
from luxnb.layers.branch import Branch as Branch
from luxnb.layers.builders import conv_norm_activation as conv_norm_activation
from luxnb.layers.builders import mlp as mlp
from luxnb.layers.cache import with_cache as with_cache
from luxnb.layers.cell_chain import CellChain as CellChain
from luxnb.layers.chain import Chain as Chain
from luxnb.layers.conv import Conv as Conv
from luxnb.layers.conv_transpose import ConvTranspose as ConvTranspose
from luxnb.layers.dense import Dense as Dense
from luxnb.layers.dropout import AlphaDropout as AlphaDropout
from luxnb.layers.dropout import Dropout as Dropout
from luxnb.layers.embedding import Embedding as Embedding
from luxnb.layers.frozen import Frozen as Frozen
from luxnb.layers.functions import Flatten as Flatten
from luxnb.layers.functions import Function as Function
from luxnb.layers.functions import Identity as Identity
from luxnb.layers.global_pool import GlobalLPPool as GlobalLPPool
from luxnb.layers.global_pool import GlobalMaxPool as GlobalMaxPool
from luxnb.layers.global_pool import GlobalMeanPool as GlobalMeanPool
from luxnb.layers.group_norm import GroupNorm as GroupNorm
from luxnb.layers.group_norm import InstanceNorm as InstanceNorm
from luxnb.layers.gru_cell import GRUCell as GRUCell
from luxnb.layers.hamiltonian import HamiltonianNN as HamiltonianNN
from luxnb.layers.hidden_dropout import VariationalHiddenDropout as VariationalHiddenDropout
from luxnb.layers.hidden_dropout import renew_masks as renew_masks
from luxnb.layers.layer_norm import LayerNorm as LayerNorm
from luxnb.layers.layer_norm import RMSNorm as RMSNorm
from luxnb.layers.lstm_cell import LSTMCell as LSTMCell
from luxnb.layers.lyapunov import PositiveDefinite as PositiveDefinite
from luxnb.layers.lyapunov import ShiftTo as ShiftTo
from luxnb.layers.maxout import Maxout as Maxout
from luxnb.layers.pairwise import PairwiseFusion as PairwiseFusion
from luxnb.layers.parallel import Parallel as Parallel
from luxnb.layers.periodic import PeriodicEmbedding as PeriodicEmbedding
from luxnb.layers.pixel_shuffle import PixelShuffle as PixelShuffle
from luxnb.layers.pool import LPPool as LPPool
from luxnb.layers.pool import MaxPool as MaxPool
from luxnb.layers.pool import MeanPool as MeanPool
from luxnb.layers.positions import PositionEmbedding as PositionEmbedding
from luxnb.layers.positions import RotaryEmbedding as RotaryEmbedding
from luxnb.layers.positions import SinusoidalEmbedding as SinusoidalEmbedding
from luxnb.layers.recurrence import Recurrence as Recurrence
from luxnb.layers.remat import Remat as Remat
from luxnb.layers.repeated import Repeated as Repeated
from luxnb.layers.reshape import Reshape as Reshape
from luxnb.layers.rnn_cell import RNNCell as RNNCell
from luxnb.layers.rrelu import RReLU as RReLU
from luxnb.layers.scale import Scale as Scale
from luxnb.layers.select import ReverseSequence as ReverseSequence
from luxnb.layers.select import Select as Select
from luxnb.layers.skip import SkipConnection as SkipConnection
from luxnb.layers.spectral_norm import SpectralNorm as SpectralNorm
from luxnb.layers.spline import Spline as Spline
from luxnb.layers.stacked import Stacked as Stacked
from luxnb.layers.stateful_cell import StatefulCell as StatefulCell
from luxnb.layers.stateful_cell import reset_carry as reset_carry
from luxnb.layers.surgery import duplicate as duplicate
from luxnb.layers.surgery import insert as insert
from luxnb.layers.surgery import move as move
from luxnb.layers.surgery import remove as remove
from luxnb.layers.tensor_product import TensorProduct as TensorProduct
from luxnb.layers.transformer import TransformerBlock as TransformerBlock
from luxnb.layers.upsample import Upsample as Upsample
from luxnb.layers.vision import ClassToken as ClassToken
from luxnb.layers.vision import PatchEmbedding as PatchEmbedding
from luxnb.layers.vision import vision_transformer as vision_transformer
from luxnb.layers.weight_norm import WeightNorm as WeightNorm
from luxnb.layers.with_dtype import WithDtype as WithDtype
from luxnb.notebook.explore.explore import explore as explore
from luxnb.ops import activations as activations
from luxnb.ops import basis as basis
from luxnb.ops import init as init
from luxnb.ops import losses as losses
from luxnb.train.checkpoint.checkpoint import Checkpoint as Checkpoint
from luxnb.train.checkpoint.keeper import Checkpoints as Checkpoints
from luxnb.train.checkpoint.load import load as load
from luxnb.train.compare.compare import compare as compare
from luxnb.train.compare.comparison import Comparison as Comparison
from luxnb.train.compare.comparison import Comparisons as Comparisons
from luxnb.train.feed.data import batches as batches
from luxnb.train.feed.hosted import on_host as on_host
from luxnb.train.feed.stream import stream as stream
from luxnb.train.fit import fit as fit
from luxnb.train.loop import Event as Event
from luxnb.train.loop import training as training
from luxnb.train.measure import metrics as metrics
from luxnb.train.measure.epochs import Epochs as Epochs
from luxnb.train.measure.evaluate import evaluate as evaluate
from luxnb.train.measure.history import History as History
from luxnb.train.measure.validation import Best as Best
from luxnb.train.measure.validation import Validation as Validation
from luxnb.train.recipe.recipe import Recipe as Recipe
from luxnb.train.recipe.replay import Replay as Replay
from luxnb.train.recipe.replay import replay as replay
from luxnb.train.run import Run as Run
from luxnb.train.running.progress import Progress as Progress
from luxnb.train.schedule import Schedule as Schedule
from luxnb.train.schedule import schedule as schedule
from luxnb.train.state import TrainState as TrainState
from luxnb.train.step.gradients import compute_gradients as compute_gradients
from luxnb.train.step.loss_scale import LossScale as LossScale
from luxnb.train.step.step import apply_gradients as apply_gradients
from luxnb.train.step.step import train_step as train_step
from luxnb.train.sweep.over import sweep as sweep
from luxnb.train.sweep.sweep import Sweep as Sweep

# The functions, `lx.activations.elu()`, and what layers return, `lx.activations(model, x, ps, st)`.
activations.__class__ = _Functions  # type: ignore[attr-defined]

__version__ = "0.1.0"
