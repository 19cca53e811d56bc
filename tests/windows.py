"""Windows over space in plain NumPy loops, after the definition."""

import itertools

import numpy as np


def padded(x, padding, value):
    """x (batch, *space, channels) with pairs (before, after) for each axis of space."""
    return np.pad(x, [(0, 0), *padding, (0, 0)], constant_values=value)


def same_padding(shape, kernel, stride, dilation):
    """⌈size / stride⌉ windows; what they lack is put half before, half and the odd one after."""
    pairs = []
    for n, k, s, d in zip(shape, kernel, stride, dilation, strict=True):
        lacking = max((-(-n // s) - 1) * s + d * (k - 1) + 1 - n, 0)
        pairs.append((lacking // 2, lacking - lacking // 2))
    return pairs


def windows(x, kernel, stride, dilation):
    """(index of the output, window (batch, *kernel, channels)) for each place."""
    counts = [
        (n - d * (k - 1) - 1) // s + 1
        for n, k, s, d in zip(x.shape[1:-1], kernel, stride, dilation, strict=True)
    ]
    for place in itertools.product(*map(range, counts)):
        cut = [
            slice(i * s, i * s + d * (k - 1) + 1, d)
            for i, k, s, d in zip(place, kernel, stride, dilation, strict=True)
        ]
        yield place, counts, x[(slice(None), *cut, slice(None))]


def correlate(x, weight, stride, padding, dilation, groups):
    """Cross-correlation; weight is (*kernel, in // groups, out)."""
    *kernel, group_in, n_out = weight.shape
    group_out = n_out // groups
    y = None
    for place, counts, window in windows(padded(x, padding, 0), kernel, stride, dilation):
        if y is None:
            y = np.zeros((len(x), *counts, n_out))
        for o in range(n_out):
            first = o // group_out * group_in
            seen = window[..., first : first + group_in]
            y[(slice(None), *place, o)] = (seen * weight[..., o]).reshape(len(x), -1).sum(1)
    return y


def largest(x, kernel, stride, padding, dilation):
    """The largest element of each window, channel by channel."""
    y = None
    for place, counts, window in windows(padded(x, padding, -np.inf), kernel, stride, dilation):
        if y is None:
            y = np.zeros((len(x), *counts, x.shape[-1]))
        y[(slice(None), *place)] = window.reshape(len(x), -1, x.shape[-1]).max(1)
    return y


def spread(x, weight, stride, padding, dilation, groups):
    """The transpose of cross-correlation; weight is (*kernel, in, out // groups)."""
    *kernel, n_in, group_out = weight.shape
    reach = [
        (n - 1) * s + d * (k - 1) + 1
        for n, k, s, d in zip(x.shape[1:-1], kernel, stride, dilation, strict=True)
    ]
    y = np.zeros((len(x), *reach, group_out * groups))
    for place in itertools.product(*map(range, x.shape[1:-1])):
        for tap in itertools.product(*map(range, kernel)):
            to = [i * s + k * d for i, s, k, d in zip(place, stride, tap, dilation, strict=True)]
            for c in range(n_in):
                first = c // (n_in // groups) * group_out
                seen = x[(slice(None), *place, c)]
                out = slice(first, first + group_out)
                y[(slice(None), *to, out)] += seen[:, None] * weight[(*tap, c)]
    for axis, (before, after) in enumerate(padding, 1):
        widths = [(0, 0)] * y.ndim
        widths[axis] = (max(-before, 0), max(-after, 0))
        y = np.pad(y, widths)
        y = y.take(range(max(before, 0), y.shape[axis] - max(after, 0)), axis)
    return y
