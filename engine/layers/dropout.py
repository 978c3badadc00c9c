"""Dropout: parts of the signal are left out at random while training, so that no part is relied upon too much."""

from __future__ import annotations

from typing import ClassVar

from engine.errors import LayerError
from engine.layers.base import ModuleLayer
from engine.layers.checks import need_form
from engine.spec import param
from engine.tensor import TensorSpec


class Dropping(ModuleLayer, abstract=True):
    """What all kinds of dropout have in common."""

    category = "regularisation"
    dims: ClassVar[int] = 0
    formula = r"y = \frac{m \cdot x}{1 - p}, \quad m \sim \mathrm{Bernoulli}(1 - p)"
    p: float = param(0.5, min=0, max=1, main=True, help="The share that is left out while training.")
    inplace: bool = param(
        False, advanced=True, help="Overwrites its input to save memory; only if no other layer reads it."
    )
    signature = ("p",)

    def check(self, x: TensorSpec) -> None:
        if self.dims:
            need_form(x, self.dims)
        x.need_floating()


class Dropout(Dropping):
    """Sets a random share of the numbers to 0 while training, which guards against overfitting.

    Input shape:  any
    Output shape: the same
    """

    target = "nn.Dropout"
    use = (
        "Take it between Linear layers and in transformers when training is much better than validation; "
        "between convolutions take a Dropout2d."
    )
    aliases = ("regularization", "overfitting", "noise")


class Dropout1d(Dropping):
    """Leaves out whole channels of a signal at random while training.

    Input shape:  (B, C, L)
    Output shape: the same
    """

    dims = 1
    target = "nn.Dropout1d"
    use = "Take it between convolutions over a signal, where neighbours are too alike for single numbers to matter."
    aliases = ("regularization", "overfitting", "channel dropout", "spatial dropout")


class Dropout2d(Dropping):
    """Leaves out whole channels of an image at random while training.

    Input shape:  (B, C, H, W)
    Output shape: the same
    """

    dims = 2
    target = "nn.Dropout2d"
    use = (
        "Take it between convolutions over an image, where neighbouring pixels are too alike for single "
        "numbers to matter."
    )
    aliases = ("regularization", "overfitting", "channel dropout", "spatial dropout")


class Dropout3d(Dropping):
    """Leaves out whole channels of a volume at random while training.

    Input shape:  (B, C, D, H, W)
    Output shape: the same
    """

    dims = 3
    target = "nn.Dropout3d"
    use = "Take it between convolutions over a volume, where neighbours are too alike for single numbers to matter."
    aliases = ("regularization", "overfitting", "channel dropout", "spatial dropout")


class AlphaDropout(Dropping):
    """Is a dropout that keeps mean and spread, for networks of SELU.

    Input shape:  any
    Output shape: the same
    """

    target = "nn.AlphaDropout"
    formula = r"y = a \left( m \cdot x + (1 - m) \cdot \alpha' \right) + b, \quad m \sim \mathrm{Bernoulli}(1 - p)"
    use = "Take it with SELU only, whose mean and spread it keeps; else a Dropout."
    aliases = ("regularization", "selu", "self normalizing")


class FeatureAlphaDropout(Dropping):
    """Leaves out whole channels and keeps mean and spread, for networks of SELU.

    Input shape:  (B, C, ...)
    Output shape: the same
    """

    target = "nn.FeatureAlphaDropout"
    formula = r"y = a \left( m \cdot x + (1 - m) \cdot \alpha' \right) + b, \quad m \sim \mathrm{Bernoulli}(1 - p)"
    use = "Take it with SELU between convolutions; else a Dropout2d."
    aliases = ("regularization", "selu", "channel dropout")

    def check(self, x: TensorSpec) -> None:
        if x.rank < 2:
            raise LayerError(f"Needs channels (B, C, ...), gets {x}.", "Put an Unsqueeze before it.")
        super().check(x)
