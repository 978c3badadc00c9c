"""Activations: a curve applied to every number, so that stacked layers can bend."""

from __future__ import annotations

from typing import Literal

from engine.errors import LayerError
from engine.layers.base import ModuleLayer
from engine.layers.checks import need_weights_type
from engine.spec import param
from engine.tensor import TensorSpec


class Activation(ModuleLayer, abstract=True):
    """A curve over every number; the shape stays."""

    category = "activation"

    def check(self, x: TensorSpec) -> None:
        x.need_floating()


class InplaceActivation(Activation, abstract=True):
    """An activation that can overwrite its input."""

    inplace: bool = param(
        False, advanced=True, help="Overwrites its input to save memory; only if no other layer reads it."
    )


class ReLU(InplaceActivation):
    """Sets negative numbers to 0 and keeps the others; the usual choice between layers.

    Input shape:  any
    Output shape: the same
    """

    target = "nn.ReLU"
    formula = r"\mathrm{ReLU}(x) = \max(0, x)"
    use = (
        "Take it first: cheap and good between most layers. If many units stay at 0, take a LeakyReLU; in "
        "transformers a GELU."
    )
    aliases = ("rectifier", "rectified linear unit", "nonlinearity")


class ReLU6(InplaceActivation):
    """Cuts numbers off below 0 and above 6, as in networks for phones.

    Input shape:  any
    Output shape: the same
    """

    target = "nn.ReLU6"
    formula = r"\mathrm{ReLU6}(x) = \min(\max(0, x), 6)"
    use = "Take it in networks that will run with few bits, as on phones; else a ReLU."
    aliases = ("rectifier", "mobilenet")


class LeakyReLU(InplaceActivation):
    """Keeps positive numbers and shrinks negative ones, so that no gradient dies.

    Input shape:  any
    Output shape: the same
    """

    target = "nn.LeakyReLU"
    formula = r"\max(0, x) + \mathrm{negative\_slope} \cdot \min(0, x)"
    use = "Take it where units of a ReLU die, and in the discriminator of a GAN."
    aliases = ("rectifier", "leaky", "gan")
    negative_slope: float = param(0.01, main=True, help="What negative numbers are multiplied by.")
    inplace: bool = param(
        False, advanced=True, help="Overwrites its input to save memory; only if no other layer reads it."
    )


class PReLU(Activation):
    """Keeps positive numbers and multiplies negative ones by a number that is learned.

    Input shape:  any; with num_parameters above 1, (B, C, ...)
    Output shape: the same
    """

    target = "nn.PReLU"
    formula = r"\mathrm{PReLU}(x) = \max(0, x) + a \cdot \min(0, x)"
    use = "Take it where a fixed slope for negative numbers is a guess; it adds one weight, or one for each channel."
    aliases = ("rectifier", "parametric", "learned slope")
    num_parameters: int = param(1, min=1, help="1: one slope for all; the number of channels: one for each.")
    init: float = param(0.25, help="What the slope starts from.")

    def check(self, x: TensorSpec) -> None:
        need_weights_type(x)
        if self.num_parameters == 1:
            return
        channels = x.dim(1, "channels", of="(B, C, ...)")
        if channels != self.num_parameters:
            raise LayerError(
                f"Has {self.num_parameters} slopes for {channels} channels.", f"Set num_parameters to {channels} or 1."
            )


class RReLU(InplaceActivation):
    """Keeps positive numbers and multiplies negative ones by a random number while training.

    Input shape:  any
    Output shape: the same
    """

    target = "nn.RReLU"
    formula = r"\max(0, x) + a \cdot \min(0, x), \quad a \sim \mathcal{U}(\mathrm{lower}, \mathrm{upper})"
    use = "Take it on small data, where the random slope guards against overfitting; else a LeakyReLU."
    aliases = ("rectifier", "randomized")
    lower: float = param(1 / 8, help="The smallest factor.")
    upper: float = param(1 / 3, help="The largest factor.")

    def check(self, x: TensorSpec) -> None:
        super().check(x)
        if self.lower > self.upper:
            raise LayerError("lower must not be above upper.", "Exchange the two.")


class ELU(InplaceActivation):
    """Keeps positive numbers and bends negative ones smoothly towards -alpha.

    Input shape:  any
    Output shape: the same
    """

    target = "nn.ELU"
    formula = r"\max(0, x) + \min(0, \alpha \cdot (e^{x} - 1))"
    use = "Take it where mean outputs near 0 help and no norm is wanted; it costs an exponential."
    aliases = ("exponential linear unit",)
    alpha: float = param(1.0, help="How far negative numbers go down.")


class CELU(InplaceActivation):
    """Is an ELU whose slope has no jump, whatever alpha is.

    Input shape:  any
    Output shape: the same
    """

    target = "nn.CELU"
    formula = r"\max(0, x) + \min(0, \alpha \cdot (e^{x / \alpha} - 1))"
    use = "Take it instead of an ELU when alpha is not 1, since its slope has no jump."
    aliases = ("exponential linear unit", "continuous")
    alpha: float = param(1.0, help="How far negative numbers go down; not 0.")

    def check(self, x: TensorSpec) -> None:
        super().check(x)
        if self.alpha == 0:
            raise LayerError("alpha must not be 0, since it divides.", "Set alpha to 1.")


class SELU(InplaceActivation):
    """Is an ELU scaled so that deep plain networks keep mean 0 and spread 1 by themselves.

    Input shape:  any
    Output shape: the same
    """

    target = "nn.SELU"
    formula = r"\lambda \left( \max(0, x) + \min(0, \alpha \cdot (e^{x} - 1)) \right)"
    use = (
        "Take it in deep plain networks of Linear layers without a norm, with weights of lecun_normal and AlphaDropout."
    )
    aliases = ("self normalizing", "scaled exponential")


class GELU(Activation):
    """Lets large numbers through and fades out negative ones smoothly; usual in transformers.

    Input shape:  any
    Output shape: the same
    """

    target = "nn.GELU"
    formula = r"\mathrm{GELU}(x) = x \cdot \Phi(x)"
    use = "Take it in transformers and in modern convolutional networks; a ReLU is cheaper."
    aliases = ("gaussian error linear unit", "transformer", "bert", "gpt")
    approximate: Literal["none", "tanh"] = param("none", advanced=True, help='"tanh" is the faster approximation.')


class SiLU(InplaceActivation):
    """Multiplies every number by its own sigmoid: smooth, and slightly below 0 for negative numbers.

    Input shape:  any
    Output shape: the same
    """

    target = "nn.SiLU"
    formula = r"\mathrm{SiLU}(x) = x \cdot \sigma(x)"
    use = "Take it in EfficientNet-like networks, diffusion models and gated language models."
    aliases = ("swish", "efficientnet")


class Mish(InplaceActivation):
    """Is a smooth curve much like SiLU, with a little more for small negative numbers.

    Input shape:  any
    Output shape: the same
    """

    target = "nn.Mish"
    formula = r"\mathrm{Mish}(x) = x \cdot \tanh(\log(1 + e^{x}))"
    use = "Take it in detectors of the YOLO family; a SiLU does much the same for less."
    aliases = ("yolo",)
