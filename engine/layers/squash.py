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
    formula = r"\sigma(x) = \frac{1}{1 + e^{-x}}"
    use = (
        "Take it for gates and for a probability as the result. Before a loss on scores leave it out; "
        "between layers a ReLU learns faster."
    )
    aliases = ("logistic", "probability", "gate", "binary")


class LogSigmoid(Activation):
    """Gives the logarithm of the sigmoid, computed so that it stays exact.

    Input shape:  any
    Output shape: the same
    """

    target = "nn.LogSigmoid"
    formula = r"\log \sigma(x) = \log \frac{1}{1 + e^{-x}}"
    use = (
        "Take it inside a loss on scores, as for preferences or contrasts; a Sigmoid with a logarithm after "
        "it overflows."
    )
    aliases = ("logistic", "log probability")


class Tanh(Activation):
    """Squeezes every number between -1 and 1.

    Input shape:  any
    Output shape: the same
    """

    target = "nn.Tanh"
    formula = r"\tanh(x) = \frac{e^{x} - e^{-x}}{e^{x} + e^{-x}}"
    use = (
        "Take it for results between -1 and 1, such as pixels of a generator, and in recurrent cells; "
        "between layers a ReLU learns faster."
    )
    aliases = ("hyperbolic tangent",)


class Softplus(Activation):
    """Is a smooth ReLU that is always above 0.

    Input shape:  any
    Output shape: the same
    """

    target = "nn.Softplus"
    formula = r"\frac{1}{\beta} \log(1 + e^{\beta x})"
    use = "Take it for results that must be positive, such as a spread or a rate."
    aliases = ("smooth relu", "positive")
    beta: float = param(1.0, min=1e-6, help="How sharp the bend is.")
    threshold: float = param(20.0, advanced=True, help="Above this it is a straight line, so that nothing overflows.")


class Softsign(Activation):
    """Squeezes every number between -1 and 1, more slowly than tanh.

    Input shape:  any
    Output shape: the same
    """

    target = "nn.Softsign"
    formula = r"\frac{x}{1 + |x|}"
    use = "Take it instead of a Tanh where large numbers should still have a slope."


class Softshrink(Activation):
    """Moves every number towards 0 by a fixed amount, and small ones to 0.

    Input shape:  any
    Output shape: the same
    """

    target = "nn.Softshrink"
    formula = r"\mathrm{sign}(x) \cdot \max(|x| - \lambda, 0)"
    use = "Take it for sparse codes and to take away weak noise."
    aliases = ("sparse", "threshold")
    lambd: float = param(0.5, min=0, help="By how much.")


class Hardshrink(Activation):
    """Sets small numbers to 0 and keeps the others.

    Input shape:  any
    Output shape: the same
    """

    target = "nn.Hardshrink"
    formula = r"x \cdot [\, |x| > \lambda \,]"
    use = "Take it for sparse codes whose large values must stay as they are."
    aliases = ("sparse", "threshold")
    lambd: float = param(0.5, help="Numbers between -lambd and lambd become 0.")


class Tanhshrink(Activation):
    """Gives what tanh cuts off: x - tanh(x).

    Input shape:  any
    Output shape: the same
    """

    target = "nn.Tanhshrink"
    formula = r"x - \tanh(x)"
    use = "Take it where small numbers should nearly vanish; rarely needed."


class Hardtanh(InplaceActivation):
    """Cuts numbers off below min_val and above max_val.

    Input shape:  any
    Output shape: the same
    """

    target = "nn.Hardtanh"
    formula = r"\min(\max(x, \mathrm{min\_val}), \mathrm{max\_val})"
    use = "Take it to keep numbers within limits where a Tanh costs too much; outside them there is no gradient."
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
    formula = r"\min(\max(\frac{x}{6} + \frac{1}{2}, 0), 1)"
    use = "Take it for gates on phones and small chips; else a Sigmoid."
    aliases = ("mobilenet", "gate")


class Hardswish(InplaceActivation):
    """Is a SiLU made of simple pieces, cheap to compute on phones.

    Input shape:  any
    Output shape: the same
    """

    target = "nn.Hardswish"
    formula = r"x \cdot \frac{\min(\max(x + 3, 0), 6)}{6}"
    use = "Take it in networks for phones, where a SiLU costs too much."
    aliases = ("mobilenet", "swish")


class Threshold(InplaceActivation):
    """Replaces every number that is not above a threshold.

    Input shape:  any
    Output shape: the same
    """

    target = "nn.Threshold"
    formula = r"x \cdot [x > \mathrm{threshold}] + \mathrm{value} \cdot [x \leq \mathrm{threshold}]"
    use = "Take it where a bend elsewhere than at 0 is wanted; else a ReLU."
    threshold: float = param(0.0, required=True, main=True, help="Numbers above it are kept.")
    value: float = param(0.0, required=True, main=True, help="What the others become.")
    signature = ("threshold", "value")
