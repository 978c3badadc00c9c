"""Activations that look at several numbers at once: shares along a dimension, and gates."""

from __future__ import annotations

from engine.errors import LayerError
from engine.layers.activation import Activation
from engine.layers.checks import feature_axis, need_form
from engine.spec import param
from engine.tensor import TensorSpec


class Softmaxes(Activation, abstract=True):
    """A share for every entry along one dimension."""

    signature = ("dim",)
    dim: int = param(-1, torch=None, main=True, help="The dimension along which the shares are made; -1 is the last.")

    def check(self, x: TensorSpec) -> None:
        super().check(x)
        feature_axis(x, self.dim, "weigh samples against one another")


class Softmax(Softmaxes):
    """Turns scores into shares that are positive and sum to 1.

    The cross-entropy loss does this itself: train on the scores, without a Softmax at the end.

    Input shape:  any
    Output shape: the same
    """

    target = "nn.Softmax"
    formula = r"\mathrm{softmax}(x)_i = \frac{e^{x_i}}{\sum_{j} e^{x_j}}"
    use = (
        "Take it for shares: attention weights, or probabilities to show. At the end of a classifier that "
        "trains on cross-entropy leave it out."
    )
    aliases = ("probability", "classification", "normalise")


class LogSoftmax(Softmaxes):
    """Gives the logarithm of a softmax, for the negative log-likelihood loss.

    Input shape:  any
    Output shape: the same
    """

    target = "nn.LogSoftmax"
    formula = r"x_i - \log \sum_{j} e^{x_j}"
    use = "Take it at the end before a negative log-likelihood loss; with cross-entropy leave it out."
    aliases = ("log probability", "classification", "nll")


class Softmin(Softmaxes):
    """Is a softmax that gives the largest share to the smallest score.

    Input shape:  any
    Output shape: the same
    """

    target = "nn.Softmin"
    formula = r"\frac{e^{-x_i}}{\sum_{j} e^{-x_j}}"
    use = "Take it to turn distances into shares, the nearest with the largest."
    aliases = ("probability",)


class Softmax2d(Activation):
    """Turns the channels of every pixel into shares that sum to 1, as for segmentation.

    Input shape:  (B, C, H, W)
    Output shape: the same
    """

    target = "nn.Softmax2d"
    formula = r"\frac{e^{x_{c,h,w}}}{\sum_{k} e^{x_{k,h,w}}}"
    use = "Take it to show the classes of every pixel as shares; before a cross-entropy loss leave it out."
    aliases = ("probability", "segmentation", "channels")

    def check(self, x: TensorSpec) -> None:
        need_form(x, 2)
        x.need_floating()


class GLU(Activation):
    """Splits its input in two halves and lets the second, through a sigmoid, decide how much of the first passes.

    Input shape:  any, of even size along dim
    Output shape: the same, half as large along dim
    """

    target = "nn.GLU"
    formula = r"\mathrm{GLU}(a, b) = a \cdot \sigma(b)"
    use = "Take it behind a layer that makes twice the features, so that the network chooses what passes."
    aliases = ("gated linear unit", "gate")
    dim: int = param(-1, main=True, help="The dimension that is halved; -1 is the last.")

    def check(self, x: TensorSpec) -> None:
        super().check(x)
        size = x.shape[feature_axis(x, self.dim, "mix samples")]
        if isinstance(size, str) or size % 2:
            raise LayerError(f"Halves dimension {self.dim} of {x}, and {size} is not even.", "Make that size even.")
