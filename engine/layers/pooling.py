"""Pooling: fewer pixels, each the largest or the mean of many."""

from __future__ import annotations

from typing import ClassVar

from engine.errors import LayerError
from engine.layers.base import Names, Port
from engine.layers.checks import FORMS, need_form, need_room
from engine.layers.spatial import SpatialLayer
from engine.spec import Pair, param
from engine.tensor import TensorSpec

_INDICES = Port("indices", help="Where in the input each maximum was.")


class Pooling(SpatialLayer, abstract=True):
    """What all pooling has in common."""

    category = "pooling"

    def ports_out(self) -> tuple[Port, ...]:
        return (*self.outputs, _INDICES) if getattr(self, "return_indices", False) is True else self.outputs

    def emit(self, names: Names) -> tuple[str, ...]:
        left = ", ".join(names.outputs[p.name] for p in self.ports_out())
        return (names.fill(left + " = {self}({x})"),)


class WindowPooling(Pooling, abstract=True):
    """Pooling over a window that moves across the input."""

    border_counts: ClassVar[bool] = True
    """Whether a window may be larger than the input when padding makes room for it."""
    kernel_size: Pair = param(2, min=1, required=True, main=True, help="Size of the window along each dimension.")
    stride: Pair | None = param(None, min=1, help="How far the window moves at a time; none: its own size.")

    def check(self, x: TensorSpec) -> None:
        need_form(x, self.dims)
        x.need_floating()
        kernel = self.each("kernel_size")
        padding = self.each("padding") if "padding" in self.params else (0,) * self.dims
        if any(2 * p > k for p, k in zip(padding, kernel, strict=True)):
            raise LayerError("padding must be at most half of kernel_size.", f"Set padding to {min(kernel) // 2}.")
        dilation = self.each("dilation") if "dilation" in self.params else (1,) * self.dims
        covers = tuple(d * (k - 1) + 1 for d, k in zip(dilation, kernel, strict=True))
        need_room(x, covers, padding if self.border_counts else (0,) * self.dims, "window")


class MaxPooling(WindowPooling, abstract=True):
    """The largest value of each window."""

    formula = r"y_{c,i} = \max_{j \in R_i} x_{c,j}"

    padding: Pair = param(0, min=0, help="Border added on every side; it never wins.")
    dilation: Pair = param(1, min=1, advanced=True, help="Distance between the points a window looks at.")
    return_indices: bool = param(
        False, literal=True, advanced=True, help="Adds an output that says where each maximum was."
    )
    ceil_mode: bool = param(False, advanced=True, help="Rounds the size up, so that the last pixels count too.")


class MaxPool1d(MaxPooling):
    """Keeps the largest value of each window of a signal.

    Input shape:  (B, C, L)
    Output shape: (B, C, L'), with L' about L / stride.
    """

    dims = 1
    target = "nn.MaxPool1d"
    use = "Take it to shorten a signal and keep the strongest response; an AvgPool1d keeps the level instead."
    aliases = ("max pooling", "downsample", "shrink")


class MaxPool2d(MaxPooling):
    """Keeps the largest value of each window of an image.

    Input shape:  (B, C, H, W)
    Output shape: (B, C, H', W'), about H and W divided by stride.
    """

    target = "nn.MaxPool2d"
    use = (
        "Take it between stages of a convolutional network to halve the size; a Conv2d with a stride of 2 "
        "learns how to."
    )
    aliases = ("max pooling", "downsample", "shrink", "halve")


class MaxPool3d(MaxPooling):
    """Keeps the largest value of each window of a volume.

    Input shape:  (B, C, D, H, W)
    Output shape: (B, C, D', H', W'), about each size divided by stride.
    """

    dims = 3
    target = "nn.MaxPool3d"
    use = "Take it between stages of a network for volumes or video to halve every size."
    aliases = ("max pooling", "downsample", "shrink")


class AvgPooling(WindowPooling, abstract=True):
    """The mean of each window."""

    formula = r"y_{c,i} = \frac{1}{|R_i|} \sum_{j \in R_i} x_{c,j}"

    padding: Pair = param(0, min=0, help="Zeros added on every side.")
    ceil_mode: bool = param(False, advanced=True, help="Rounds the size up, so that the last pixels count too.")
    count_include_pad: bool = param(True, advanced=True, help="Counts the added zeros in the mean.")


class AvgPool1d(AvgPooling):
    """Takes the mean of each window of a signal.

    Input shape:  (B, C, L)
    Output shape: (B, C, L'), with L' about L / stride.
    """

    dims = 1
    target = "nn.AvgPool1d"
    use = "Take it to smooth and shorten a signal; a MaxPool1d keeps peaks instead."
    aliases = ("average pooling", "mean pooling", "downsample")


class AvgPool2d(AvgPooling):
    """Takes the mean of each window of an image.

    Input shape:  (B, C, H, W)
    Output shape: (B, C, H', W'), about H and W divided by stride.
    """

    target = "nn.AvgPool2d"
    use = "Take it to shrink an image without losing its level; a MaxPool2d keeps the strongest responses instead."
    aliases = ("average pooling", "mean pooling", "downsample")
    divisor_override: int | None = param(
        None, min=1, advanced=True, help="Divides by this number instead of the window's size."
    )


class AvgPool3d(AvgPooling):
    """Takes the mean of each window of a volume.

    Input shape:  (B, C, D, H, W)
    Output shape: (B, C, D', H', W'), about each size divided by stride.
    """

    dims = 3
    border_counts = False
    target = "nn.AvgPool3d"
    use = "Take it to shrink a volume without losing its level; a MaxPool3d keeps the strongest responses instead."
    aliases = ("average pooling", "mean pooling", "downsample")
    divisor_override: int | None = param(
        None, min=1, advanced=True, help="Divides by this number instead of the window's size."
    )


class PowerPooling(WindowPooling, abstract=True):
    """The power mean of each window."""

    formula = r"y_{c,i} = \left( \sum_{j \in R_i} x_{c,j}^{\,p} \right)^{1/p}"

    signature: ClassVar[tuple[str, ...]] = ("norm_type", "kernel_size")
    norm_type: float = param(2.0, min=1, required=True, main=True, help="The power: 1 sums, a large one is a maximum.")
    ceil_mode: bool = param(False, advanced=True, help="Rounds the size up, so that the last pixels count too.")


class LPPool1d(PowerPooling):
    """Takes the power mean of each window of a signal: between the sum and the maximum.

    Input shape:  (B, C, L)
    Output shape: (B, C, L'), with L' about L / stride.
    """

    dims = 1
    target = "nn.LPPool1d"
    use = "Take it where neither the mean nor the maximum of a window fits; rarely needed."
    aliases = ("power pooling", "norm pooling")
    kernel_size: int = param(2, min=1, required=True, main=True, help="Length of the window.")


class LPPool2d(PowerPooling):
    """Takes the power mean of each window of an image: between the sum and the maximum.

    Input shape:  (B, C, H, W)
    Output shape: (B, C, H', W'), about H and W divided by stride.
    """

    target = "nn.LPPool2d"
    use = "Take it where neither the mean nor the maximum of a window fits; rarely needed."
    aliases = ("power pooling", "norm pooling")


class LPPool3d(PowerPooling):
    """Takes the power mean of each window of a volume: between the sum and the maximum.

    Input shape:  (B, C, D, H, W)
    Output shape: (B, C, D', H', W'), about each size divided by stride.
    """

    dims = 3
    target = "nn.LPPool3d"
    use = "Take it where neither the mean nor the maximum of a window fits; rarely needed."
    aliases = ("power pooling", "norm pooling")


class AdaptivePooling(Pooling, abstract=True):
    """Pooling to a given size, whatever comes in."""

    formula = r"y_{c,i} = \frac{1}{|R_i|} \sum_{j \in R_i} x_{c,j}"
    output_size: Pair = param(1, min=1, required=True, main=True, help="Size of the result along each dimension.")

    def check(self, x: TensorSpec) -> None:
        need_form(x, self.dims)
        x.need_floating()
        if any(size == 0 for size in x.shape[2:]):
            raise LayerError(f"Needs {FORMS[self.dims][0]} with at least one value, gets {x}.")


class AdaptiveAvgPool1d(AdaptivePooling):
    """Averages a signal of any length down to a given length.

    Input shape:  (B, C, L)
    Output shape: (B, C, output_size)
    """

    dims = 1
    target = "nn.AdaptiveAvgPool1d"
    use = "Take it with 1 before the head of a network for signals, so that any length comes out the same."
    aliases = ("global average pooling", "gap", "average pooling")


class AdaptiveAvgPool2d(AdaptivePooling):
    """Averages an image of any size down to a given size; with 1 to one number a channel.

    Input shape:  (B, C, H, W)
    Output shape: (B, C, output_size, output_size)
    """

    target = "nn.AdaptiveAvgPool2d"
    use = "Take it with 1 between the last convolution and the Linear head, so that images of any size fit."
    aliases = ("global average pooling", "gap", "average pooling")


class AdaptiveAvgPool3d(AdaptivePooling):
    """Averages a volume of any size down to a given size.

    Input shape:  (B, C, D, H, W)
    Output shape: (B, C, output_size, output_size, output_size)
    """

    dims = 3
    target = "nn.AdaptiveAvgPool3d"
    use = "Take it with 1 before the head of a network for volumes, so that any size fits."
    aliases = ("global average pooling", "gap", "average pooling")


class AdaptiveMaxPooling(AdaptivePooling, abstract=True):
    """Maxima at a given size."""

    formula = r"y_{c,i} = \max_{j \in R_i} x_{c,j}"

    return_indices: bool = param(
        False, literal=True, advanced=True, help="Adds an output that says where each maximum was."
    )


class AdaptiveMaxPool1d(AdaptiveMaxPooling):
    """Keeps the largest values of a signal of any length, down to a given length.

    Input shape:  (B, C, L)
    Output shape: (B, C, output_size)
    """

    dims = 1
    target = "nn.AdaptiveMaxPool1d"
    use = "Take it before a head where one strong response anywhere in the signal decides; else the mean is steadier."
    aliases = ("global max pooling", "max pooling")


class AdaptiveMaxPool2d(AdaptiveMaxPooling):
    """Keeps the largest values of an image of any size, down to a given size.

    Input shape:  (B, C, H, W)
    Output shape: (B, C, output_size, output_size)
    """

    target = "nn.AdaptiveMaxPool2d"
    use = "Take it before a head where one strong response anywhere in the image decides; else the mean is steadier."
    aliases = ("global max pooling", "max pooling")


class AdaptiveMaxPool3d(AdaptiveMaxPooling):
    """Keeps the largest values of a volume of any size, down to a given size.

    Input shape:  (B, C, D, H, W)
    Output shape: (B, C, output_size, output_size, output_size)
    """

    dims = 3
    target = "nn.AdaptiveMaxPool3d"
    use = "Take it before a head where one strong response anywhere in the volume decides; else the mean is steadier."
    aliases = ("global max pooling", "max pooling")
