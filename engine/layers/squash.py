"""Activations that keep numbers within limits, or move them towards 0."""

from __future__ import annotations

from engine.errors import LayerError
from engine.layers.activation import Activation, InplaceActivation
from engine.spec import param
from engine.tensor import TensorSpec


class Sigmoid(Activation):
    """Squeezes every number between 0 and 1, as a probability or a gate.

    Input shape:  any
    Output shape: the same
    """

    target = "nn.Sigmoid"
    formula = "1 / (1 + exp(-x))"
    aliases = ("logistic", "probability", "gate", "binary")


class LogSigmoid(Activation):
    """Gives the logarithm of the sigmoid, computed so that it stays exact.

    Input shape:  any
    Output shape: the same
    """

    target = "nn.LogSigmoid"
    formula = "log(sigmoid(x))"
    aliases = ("logistic", "log probability")


class Tanh(Activation):
    """Squeezes every number between -1 and 1.

    Input shape:  any
    Output shape: the same
    """

    target = "nn.Tanh"
    formula = "tanh(x)"
    aliases = ("hyperbolic tangent",)


class Softplus(Activation):
    """Is a smooth ReLU that is always above 0.

    Input shape:  any
    Output shape: the same
    """

    target = "nn.Softplus"
    formula = "log(1 + exp(beta · x)) / beta"
    aliases = ("smooth relu", "positive")
    beta: float = param(1.0, min=1e-6, help="How sharp the bend is.")
    threshold: float = param(20.0, advanced=True, help="Above this it is a straight line, so that nothing overflows.")


class Softsign(Activation):
    """Squeezes every number between -1 and 1, more slowly than tanh.

    Input shape:  any
    Output shape: the same
    """

    target = "nn.Softsign"
    formula = "x / (1 + |x|)"


class Softshrink(Activation):
    """Moves every number towards 0 by a fixed amount, and small ones to 0.

    Input shape:  any
    Output shape: the same
    """

    target = "nn.Softshrink"
    aliases = ("sparse", "threshold")
    lambd: float = param(0.5, min=0, help="By how much.")


class Hardshrink(Activation):
    """Sets small numbers to 0 and keeps the others.

    Input shape:  any
    Output shape: the same
    """

    target = "nn.Hardshrink"
    aliases = ("sparse", "threshold")
    lambd: float = param(0.5, help="Numbers between -lambd and lambd become 0.")


class Tanhshrink(Activation):
    """Gives what tanh cuts off: x - tanh(x).

    Input shape:  any
    Output shape: the same
    """

    target = "nn.Tanhshrink"
    formula = "x - tanh(x)"


class Hardtanh(InplaceActivation):
    """Cuts numbers off below min_val and above max_val.

    Input shape:  any
    Output shape: the same
    """

    target = "nn.Hardtanh"
    formula = "min(max(x, min_val), max_val)"
    aliases = ("clamp", "limit")
    min_val: float = param(-1.0, main=True, help="The lowest result.")
    max_val: float = param(1.0, main=True, help="The highest result.")

    def check(self, x: TensorSpec) -> None:
        super().check(x)
        if self.min_val >= self.max_val:
            raise LayerError("min_val must be below max_val.", "Exchange the two.")


class Hardsigmoid(InplaceActivation):
    """Is a sigmoid made of three straight lines, cheap to compute.

    Input shape:  any
    Output shape: the same
    """

    target = "nn.Hardsigmoid"
    formula = "min(max(x / 6 + 1 / 2, 0), 1)"
    aliases = ("mobilenet", "gate")


class Hardswish(InplaceActivation):
    """Is a SiLU made of simple pieces, cheap to compute on phones.

    Input shape:  any
    Output shape: the same
    """

    target = "nn.Hardswish"
    formula = "x · min(max(x + 3, 0), 6) / 6"
    aliases = ("mobilenet", "swish")


class Threshold(InplaceActivation):
    """Replaces every number that is not above a threshold.

    Input shape:  any
    Output shape: the same
    """

    target = "nn.Threshold"
    formula = "x if x > threshold else value"
    threshold: float = param(0.0, required=True, main=True, help="Numbers above it are kept.")
    value: float = param(0.0, required=True, main=True, help="What the others become.")
    signature = ("threshold", "value")
