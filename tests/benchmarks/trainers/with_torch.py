"""PyTorch, eager."""

import torch
from torch import nn
from torch.nn import functional as F
from workloads import LEARNING_RATE, runge_kutta

from trainers.stepwise import Stepwise


def looped(step, y, n):
    for _ in range(n):
        y = step(y)
    return y


class ODE(nn.Module):
    def __init__(self):
        super().__init__()
        self.field = nn.Sequential(nn.Linear(2, 64), nn.Tanh(), nn.Linear(64, 2))

    def forward(self, y):
        return runge_kutta(self.field, y, looped)


class LSTM(nn.Module):
    def __init__(self):
        super().__init__()
        self.cell, self.head = nn.LSTM(16, 64, batch_first=True), nn.Linear(64, 10)

    def forward(self, x):
        return self.head(self.cell(x)[1][0][0])


class Attention(nn.Module):
    def __init__(self, dims=128, heads=4):
        super().__init__()
        self.heads, self.out = heads, nn.Linear(dims, dims)
        self.q, self.k, self.v = (nn.Linear(dims, dims) for _ in range(3))

    def forward(self, x):
        q, k, v = (f(x).unflatten(2, (self.heads, -1)).transpose(1, 2) for f in self.qkv())
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        return self.out(y.transpose(1, 2).flatten(2))

    def qkv(self):
        return self.q, self.k, self.v


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm_1, self.norm_2, self.attention = nn.LayerNorm(128), nn.LayerNorm(128), Attention()
        self.mlp = nn.Sequential(nn.Linear(128, 512), nn.GELU("tanh"), nn.Linear(512, 128))

    def forward(self, x):
        x = x + self.attention(self.norm_1(x))
        return x + self.mlp(self.norm_2(x))


class GPT(nn.Module):
    def __init__(self):
        super().__init__()
        self.tokens, self.places = nn.Embedding(256, 128), nn.Parameter(torch.randn(64, 128))
        self.blocks = nn.Sequential(*(Block() for _ in range(4)))
        self.head = nn.Sequential(nn.LayerNorm(128), nn.Linear(128, 256))

    def forward(self, x):
        return self.head(self.blocks(self.tokens(x) + self.places)).flatten(0, 1)


def tiny():
    return nn.Sequential(
        nn.Linear(2, 16), nn.Tanh(), nn.Linear(16, 16), nn.Tanh(), nn.Linear(16, 1)
    )


def mlp():
    one = nn.Linear(784, 256), nn.ReLU(), nn.Dropout(0.2)
    two = nn.Linear(256, 256), nn.ReLU(), nn.Dropout(0.2)
    return nn.Sequential(*one, *two, nn.Linear(256, 10))


def lenet():
    first = nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.BatchNorm2d(6), nn.MaxPool2d(2)
    second = nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten()
    head = nn.Linear(400, 120), nn.ReLU(), nn.Dropout(0.2), nn.Linear(120, 84), nn.ReLU()
    return nn.Sequential(*first, *second, *head, nn.Linear(84, 10))


MODELS = {"tiny": tiny, "mlp": mlp, "lenet": lenet, "gpt": GPT, "ode": ODE, "lstm": LSTM}


def trainers(workload):
    model = MODELS[workload.name]()
    optimizer = torch.optim.Adam(model.parameters(), LEARNING_RATE)
    loss_of = F.mse_loss if workload.name in ("tiny", "ode") else F.cross_entropy

    def device(array):
        tensor = torch.from_numpy(array.copy())
        if array.dtype == "int32":
            tensor = tensor.long()
        return tensor.permute(0, 3, 1, 2).contiguous() if tensor.ndim == 4 else tensor

    batches = workload.batches(device)
    if workload.name == "gpt":
        batches = [(x, y.flatten()) for x, y in batches]

    def step(carry, batch):
        optimizer.zero_grad()
        loss = loss_of(model(batch[0]), batch[1])
        loss.backward()
        optimizer.step()
        return carry, loss.detach()

    return {"PyTorch": Stepwise(step, None, batches, lambda loss: loss)}
