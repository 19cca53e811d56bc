"""What layers over space share: that windows fit into x, and inputs of any number of axes."""

import math

from luxnb.core.spec import short

NAMES = ("depth", "height", "width")


def windows_fit(x, window, padding, dilation) -> None:
    """Each axis of space, padded, is at least as long as a window; "SAME" pads what is needed."""
    if padding == "SAME":
        return
    axes = len(window)
    pairs = ((0, 0),) * axes if padding == "VALID" else padding
    for i in range(axes):
        least = dilation[i] * (window[i] - 1) + 1 - sum(pairs[i])
        if x.shape[i + 1] < least:
            raise ValueError(
                f"expected x with {NAMES[i - axes]} of at least {least}, so that a window fits; "
                f"got {short(x)}"
            )


def any_space(x) -> int:
    """x is (batch, *space, channels) with 1 to 3 axes of space; how many."""
    axes = len(getattr(x, "shape", ())) - 2
    if not 1 <= axes <= 3:
        raise ValueError(
            "expected x of shape (batch, *space, channels) with 1 to 3 axes of space; "
            f"got {short(x)}"
        )
    return axes


def norm_order(layer) -> None:
    """The field p is a finite number, 1 or more."""
    if not isinstance(layer.p, int | float) or layer.p is True or not 1 <= layer.p < math.inf:
        raise ValueError(
            f"{type(layer).__name__}.p must be a finite number of at least 1, got {layer.p!r}"
        )
