"""The models and data of the benchmarks."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
from sklearn.datasets import load_digits

import luxnb as lx

# -- models to train, with their data --------------------------------------------------------------


def tiny():
    """An MLP 2-16-16-1 on 4,096 points, batch 32: a step is nearly all overhead."""
    model = lx.Chain(lx.Dense(2, 16, jax.nn.tanh), lx.Dense(16, 16, jax.nn.tanh), lx.Dense(16, 1))
    x = jax.random.normal(jax.random.key(1), (4096, 2))
    data = x, jnp.sin(x[:, :1] * 3) * x[:, 1:]
    return model, data, lx.losses.mse, optax.adam(1e-3), 32


def digits():
    """The classifier of notebook 01 on 1,437 digits, batch 64."""
    model = lx.Chain(lx.Dense(64, 128, jax.nn.relu), lx.Dropout(0.2), lx.Dense(128, 10))
    images, labels = load_digits(return_X_y=True)
    data = (images[:1437] / 16).astype(np.float32), labels[:1437].astype(np.int32)
    return model, data, lx.losses.cross_entropy, optax.adam(1e-3), 64


LENET = lx.Chain(
    lx.Conv((5, 5), 1, 6, jax.nn.relu, padding=2),
    lx.BatchNorm(6),
    lx.MaxPool((2, 2)),
    lx.Conv((5, 5), 6, 16, jax.nn.relu),
    lx.MaxPool((2, 2)),
    lx.Flatten(),
    lx.Dense(400, 120, jax.nn.relu),
    lx.Dropout(0.2),
    lx.Dense(120, 84, jax.nn.relu),
    lx.Dense(84, 10),
)


def lenet():
    """A LeNet with BatchNorm and dropout on 28 × 28 images, batch 64."""
    x = jax.random.normal(jax.random.key(1), (1024, 28, 28, 1))
    data = x, jax.random.randint(jax.random.key(2), (1024,), 0, 10)
    return LENET, data, lx.losses.cross_entropy, optax.adam(1e-3), 64


# -- models to look at -----------------------------------------------------------------------------

MLP = lx.Chain(
    lx.Dense(784, 256),
    lx.BatchNorm(256, jax.nn.relu),
    lx.Dropout(0.2),
    lx.Dense(256, 128),
    lx.BatchNorm(128, jax.nn.relu),
    lx.Dropout(0.2),
    lx.Dense(128, 10),
)


def _conv(size, channels_in, channels_out, stride=1):
    """A convolution that keeps the size but for its stride."""
    options = {"stride": stride, "padding": size // 2, "use_bias": False}
    return lx.Conv((size, size), channels_in, channels_out, **options)


def added_relu(y, x):
    return jax.nn.relu(y + x)


def _residual(channels_in, channels, stride=1):
    """Two convolutions, and a way around them that is one itself where the shape changes."""
    main = lx.Chain(
        conv_1=_conv(3, channels_in, channels, stride),
        norm_1=lx.BatchNorm(channels, jax.nn.relu),
        conv_2=_conv(3, channels, channels),
        norm_2=lx.BatchNorm(channels),
    )
    if stride == 1:
        return lx.SkipConnection(main, added_relu)
    way = lx.Chain(conv=_conv(1, channels_in, channels, stride), norm=lx.BatchNorm(channels))
    return lx.Parallel(added_relu, main=main, way=way)


# K. He et al., Deep Residual Learning for Image Recognition, CVPR 2016: 11,689,512 parameters.
RESNET18 = lx.Chain(
    conv=_conv(7, 3, 64, 2),
    norm=lx.BatchNorm(64, jax.nn.relu),
    pool=lx.MaxPool((3, 3), stride=2, padding=1),
    stage_1=lx.Chain(_residual(64, 64), _residual(64, 64)),
    stage_2=lx.Chain(_residual(64, 128, 2), _residual(128, 128)),
    stage_3=lx.Chain(_residual(128, 256, 2), _residual(256, 256)),
    stage_4=lx.Chain(_residual(256, 512, 2), _residual(512, 512)),
    mean=lx.GlobalMeanPool(),
    flatten=lx.Flatten(),
    head=lx.Dense(512, 1000),
)


class LanguageModel(lx.Layer):
    """Tokens to logits. What looks up a token is also what scores it: one table, used twice."""

    vocabulary: int
    dims: int
    positions: lx.Layer
    blocks: tuple[lx.Layer, ...]
    norm: lx.Layer

    def children(self):
        blocks = {f"block_{i}": block for i, block in enumerate(self.blocks, 1)}
        return {"positions": self.positions, **blocks, "norm": self.norm}

    def init_params(self, key):
        shape = (self.vocabulary, self.dims)
        return {"embedding": lx.init.normal(0.02)(lx.key_for(key, "embedding"), shape)}

    def forward(self, x, ps, st):
        y = ps.embedding[x]
        for name, layer in self.children().items():
            y, st[name] = layer(y, ps[name], st[name])
        return y @ ps.embedding.T, st


# A. Radford et al., Language Models are Unsupervised Multitask Learners, 2019: 124,439,808
# parameters in its small form.
_BLOCK = lx.TransformerBlock(
    768,
    12,
    causal=True,
    mlp=lx.Chain(lx.Dense(768, 3072, jax.nn.gelu), lx.Dense(3072, 768)),
)
GPT2 = LanguageModel(50257, 768, lx.PositionEmbedding(1024, 768), (_BLOCK,) * 12, lx.LayerNorm(768))
