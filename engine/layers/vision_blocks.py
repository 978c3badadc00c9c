"""Modules of torchvision.ops: ready-made parts of image networks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

from engine.errors import LayerError
from engine.kinds import Either, Ints, Optional
from engine.layers.base import Call, ModuleLayer, Names, Port, Word
from engine.layers.checks import need_divides, need_form, need_room, need_weights_type, per_dim, sizes_text
from engine.layers.spatial import SpatialLayer
from engine.spec import IntList, Pair, param
from engine.tensor import TensorSpec

TORCHVISION = "from torchvision import ops"
Act = Literal["ReLU", "ReLU6", "LeakyReLU", "ELU", "GELU", "SiLU", "Mish", "Hardswish", "Tanh", "Sigmoid"]
_IN_PLACE = ("ReLU", "ReLU6", "LeakyReLU", "ELU", "SiLU", "Mish", "Hardswish")
_CLASSES = ("norm_layer", "activation_layer", "activation", "scale_activation")


class VisionModule(ModuleLayer, abstract=True):
    """A module of torchvision.ops; options that name a class are written as nn.ReLU, not as a word."""

    def imports(self) -> tuple[str, ...]:
        return (TORCHVISION,)

    def build(self, derived: Mapping[str, Any]) -> Call:
        call = super().build(derived)
        return Call(
            call.target,
            tuple(_class(n, v) for n, v in zip(self.signature or ("",) * len(call.positional), call.positional)),
            tuple((n, _class(n, v)) for n, v in call.named),
        )


def _class(name: str, value: Any) -> Any:
    return Word(f"nn.{value}") if name in _CLASSES and isinstance(value, str) else value


class StochasticDepth(VisionModule):
    """Leaves out a whole branch at random while training, for single samples or for the batch.

    Input shape:  (B, ...)
    Output shape: the same
    """

    target = "ops.StochasticDepth"
    category = "regularisation"
    formula = r"y = \frac{m}{1 - p} \cdot x, \quad m \sim \mathrm{Bernoulli}(1 - p)"
    use = (
        "Take it at the end of a residual branch, before the Add, with p rising from block to block; needs "
        "torchvision. For single numbers take a Dropout."
    )
    aliases = ("drop path", "droppath", "layer dropout", "efficientnet", "convnext", "swin")
    signature = ("p", "mode")
    p: float = param(0.1, min=0, max=1, required=True, main=True, help="The share that is left out while training.")
    mode: Literal["row", "batch"] = param(
        "row", required=True, main=True, help='"row" decides for every sample, "batch" for all at once.'
    )

    def check(self, x: TensorSpec) -> None:
        x.need_floating()
        if not x.rank:
            raise LayerError("Needs samples (B, ...), gets one value.", "Put an Unsqueeze before it.")


class DropBlocks(VisionModule, SpatialLayer, abstract=True):
    """Dropout of squares or cubes of neighbouring values."""

    category = "regularisation"
    formula = r"y = x \odot m \cdot \frac{|m|}{\sum m}"
    signature = ("p", "block_size")
    p: float = param(0.1, min=0, max=1, required=True, main=True, help="About the share that is left out.")
    block_size: int = param(3, min=1, required=True, main=True, help="How wide what is left out is, in pixels.")
    inplace: bool = param(
        False, advanced=True, help="Overwrites its input to save memory; only if no other layer reads it."
    )
    eps: float = param(1e-6, min=1e-12, advanced=True, help="Added to the divisor, so that nothing is divided by zero.")

    def check(self, x: TensorSpec) -> None:
        need_form(x, self.dims)
        x.need_floating()
        if self.block_size % 2 == 0:
            raise LayerError(
                f"block_size={self.block_size} has no pixel in its middle.", f"Set it to {self.block_size + 1}."
            )
        if any(isinstance(s, int) and s < self.block_size for s in x.shape[2:]):
            raise LayerError(
                f"block_size={self.block_size} is more than {sizes_text(x.shape[2:])}.", "Make block_size smaller."
            )


class DropBlock2d(DropBlocks):
    """Leaves out squares of an image's features at random while training.

    Input shape:  (B, C, H, W)
    Output shape: the same
    """

    target = "ops.DropBlock2d"
    use = (
        "Take it after convolutions, where single pixels left out would be guessed from their neighbours; needs "
        "torchvision."
    )
    aliases = ("dropout", "regularization", "spatial dropout", "cutout")


class DropBlock3d(DropBlocks):
    """Leaves out cubes of a volume's features at random while training.

    Input shape:  (B, C, D, H, W)
    Output shape: the same
    """

    dims = 3
    target = "ops.DropBlock3d"
    use = "Take it after convolutions over volumes or video; needs torchvision. Elsewhere take a Dropout3d."
    aliases = ("dropout", "regularization", "spatial dropout", "video")


class SqueezeExcitation(VisionModule):
    """Weighs the channels of an image by what is in all of it.

    Input shape:  (B, C, H, W)
    Output shape: the same
    """

    target = "ops.SqueezeExcitation"
    category = "attention"
    formula = r"y_c = x_c \cdot \sigma(W_2 \, \delta(W_1 \, \mathrm{mean}(x)))_c"
    use = "Take it after the convolutions of a residual branch: a little accuracy for few weights; needs torchvision."
    aliases = ("se", "channel attention", "senet", "gate", "mobilenet", "efficientnet")
    signature = ("input_channels", "squeeze_channels")
    squeeze_channels: int = param(8, min=1, required=True, main=True, help="How narrow the middle is.")
    activation: Act = param("ReLU", help="The activation of the middle.")
    scale_activation: Literal["Sigmoid", "Hardsigmoid"] = param("Sigmoid", help="What makes the weights.")

    def derive(self, x: TensorSpec) -> dict[str, Any]:
        need_form(x, 2)
        need_weights_type(x)
        return {"input_channels": x.dim(1, "channels", of="(B, C, H, W)")}


class ConvNormActivation(VisionModule, SpatialLayer, abstract=True):
    """A convolution, a norm and an activation as one."""

    category = "convolution"
    formula = r"y = \phi(\mathrm{norm}(W \ast x))"
    signature = ("in_channels", "out_channels")
    out_channels: int = param(
        32, min=1, required=True, main=True, help="Number of filters; the channels of the result."
    )
    kernel_size: Pair = param(3, min=1, main=True, help="Size of a filter along each dimension.")
    stride: Pair = param(1, min=1, main=True, help="How far the filter moves at a time; 2 halves the size.")
    padding: Annotated[Any, Optional(Either(("same", "valid"), Ints(2, least=0)))] = param(
        None, help="Zeros added on every side; none: as many as keep the size."
    )
    groups: int = param(1, min=1, advanced=True, help="Channels are split into so many groups that do not mix.")
    activation_layer: Act | None = param("ReLU", help="The activation; none for a linear end.")
    dilation: Pair = param(1, min=1, advanced=True, help="Distance between the points a filter looks at.")
    inplace: bool = param(True, advanced=True, help="Lets the activation overwrite its input.")
    bias: bool | None = param(None, advanced=True, help="Adds a learned number to each channel; none: without a norm.")

    def derive(self, x: TensorSpec) -> dict[str, Any]:
        need_form(x, self.dims)
        need_weights_type(x)
        channels = x.dim(1, "channels", of="(B, C, ...)")
        need_divides(self.groups, channels, "groups", "channels that come in")
        need_divides(self.groups, self.out_channels, "groups", "out_channels")
        kernel, dilation = self.each("kernel_size"), self.each("dilation")
        covers = tuple(d * (k - 1) + 1 for d, k in zip(dilation, kernel, strict=True))
        if self.padding == "same" and any(s != 1 for s in self.each("stride")):
            raise LayerError('padding="same" keeps the size, so it needs a stride of 1.', "Set padding to none.")
        usual = tuple((k - 1) // 2 * d for k, d in zip(kernel, dilation, strict=True))
        if self.padding == "same":
            usual = tuple(c // 2 for c in covers)
        elif self.padding is not None:
            usual = (0,) * self.dims if self.padding == "valid" else self.each("padding")
        need_room(x, tuple(1 for _ in covers) if self.padding == "same" else covers, usual)
        return {"in_channels": channels}

    def build(self, derived: Mapping[str, Any]) -> Call:
        call = super().build(derived)
        if self.activation_layer is None or self.activation_layer in _IN_PLACE:
            return call
        # Other activations take no inplace, and torchvision would hand it to them.
        return Call(call.target, call.positional, (*(p for p in call.named if p[0] != "inplace"), ("inplace", None)))


class Conv2dNormActivation(ConvNormActivation):
    """Slides filters over an image, normalises what they find and bends it: the usual three layers as one.

    Input shape:  (B, C, H, W)
    Output shape: (B, out_channels, H', W'), with H' and W' set by kernel, stride and padding.
    """

    target = "ops.Conv2dNormActivation"
    use = (
        "Take it to draw the usual stone of an image network as one layer; needs torchvision. Three layers of their "
        "own show more of what happens."
    )
    aliases = ("conv bn relu", "cbr", "convolution", "stem", "mobilenet", "efficientnet")
    norm_layer: Literal["BatchNorm2d", "InstanceNorm2d"] | None = param("BatchNorm2d", help="The norm; none for none.")


class Conv3dNormActivation(ConvNormActivation):
    """Slides filters through a volume, normalises what they find and bends it: the usual three layers as one.

    Input shape:  (B, C, D, H, W)
    Output shape: (B, out_channels, D', H', W'), with the sizes set by kernel, stride and padding.
    """

    dims = 3
    target = "ops.Conv3dNormActivation"
    use = "Take it to draw the usual stone of a video or volume network as one layer; needs torchvision."
    aliases = ("conv bn relu", "cbr", "convolution", "video", "volume")
    norm_layer: Literal["BatchNorm3d", "InstanceNorm3d"] | None = param("BatchNorm3d", help="The norm; none for none.")


class PerceptronRow(VisionModule):
    """Puts several Linear layers in a row, with an activation and dropout between them.

    Input shape:  (B, ..., features)
    Output shape: (B, ..., the last of hidden_channels)
    """

    title = "MLP (torchvision)"
    target = "ops.MLP"
    category = "linear"
    formula = r"y = W_n \, \phi(\dots \phi(W_1 x + b_1) \dots) + b_n"
    use = (
        "Take it for the plain part of a transformer or the head of a detector; needs torchvision. Linear layers of "
        "their own show more of what happens."
    )
    aliases = ("perceptron", "multi layer perceptron", "feed forward", "ffn", "dense", "head")
    signature = ("in_channels", "hidden_channels")
    hidden_channels: IntList = param(
        (128, 64), required=True, main=True, help="How many numbers come out of each layer; the last is the result's."
    )
    norm_layer: Literal["LayerNorm", "BatchNorm1d"] | None = param(None, help="A norm after every layer but the last.")
    activation_layer: Act = param("ReLU", main=True, help="The activation between the layers.")
    inplace: bool | None = param(None, advanced=True, help="Lets activation and dropout overwrite their input.")
    bias: bool = param(True, advanced=True, help="Adds a learned number to each output.")
    dropout: float = param(0.0, min=0, max=1, help="Share left out after every layer while training.")

    def derive(self, x: TensorSpec) -> dict[str, Any]:
        if x.rank < 2:
            raise LayerError(f"Needs (B, ..., features), gets {x}.", "Put an Unsqueeze before it.")
        need_weights_type(x)
        if not self.hidden_channels or min(self.hidden_channels) < 1:
            raise LayerError("hidden_channels needs sizes of at least 1.", "Set it to something like 128, 64.")
        if self.norm_layer == "BatchNorm1d" and x.rank != 2:
            raise LayerError(f'norm_layer="BatchNorm1d" needs (B, features), gets {x}.', "Take LayerNorm.")
        if self.inplace is not None and self.activation_layer not in _IN_PLACE:
            raise LayerError(f"{self.activation_layer} cannot overwrite its input.", "Set inplace to none.")
        return {"in_channels": x.dim(-1, "features", of="(B, ..., features)")}


class FrozenBatchNorm2d(VisionModule):
    """Applies the scale and shift of a batch norm that is never trained.

    Input shape:  (B, C, H, W)
    Output shape: the same
    """

    target = "ops.FrozenBatchNorm2d"
    category = "normalisation"
    formula = r"y = \frac{x - \mu}{\sqrt{\sigma^2 + \epsilon}} \cdot \gamma + \beta"
    use = (
        "Take it with loaded weights in a detector's backbone, where batches are too small to measure; needs "
        "torchvision. A network that is trained from the start takes a BatchNorm2d."
    )
    aliases = ("batch normalization", "bn", "frozen", "detection", "backbone")
    signature = ("num_features",)
    eps: float = param(
        1e-5, min=1e-12, advanced=True, help="Added to the variance, so that nothing is divided by zero."
    )

    def derive(self, x: TensorSpec) -> dict[str, Any]:
        need_form(x, 2)
        need_weights_type(x)
        return {"num_features": x.dim(1, "channels", of="(B, C, H, W)")}


class DeformConv2d(VisionModule):
    """Slides filters over an image whose points are moved by offsets that another layer gives.

    Input shape:  x (B, C, H, W), offset (B, 2 · kernel_size², H', W'), mask (B, kernel_size², H', W')
    Output shape: (B, out_channels, H', W')
    """

    target = "ops.DeformConv2d"
    category = "convolution"
    formula = r"y_{c,i} = \sum_{k} W_{c,k} \, m_{i,k} \, x(i + k + \Delta_{i,k})"
    use = (
        "Take it where objects change their form, with a Conv2d of 2 · kernel_size² channels at offset; needs "
        "torchvision. Else a Conv2d is much faster."
    )
    aliases = ("deformable convolution", "dcn", "offset", "detection")
    inputs = (
        Port("x", help="The image."),
        Port("offset", help="How far each point of the filter is moved, down and right, at every place."),
        Port("mask", "optional", "How much each point counts, usually from a Sigmoid."),
    )
    example: ClassVar[dict[str, Any]] = {"x": "B, 3, 32, 32", "offset": "B, 18, 32, 32"}
    signature = ("in_channels", "out_channels", "kernel_size")
    out_channels: int = param(
        32, min=1, required=True, main=True, help="Number of filters; the channels of the result."
    )
    kernel_size: Pair = param(3, min=1, required=True, main=True, help="Height and width of a filter.")
    stride: Pair = param(1, min=1, help="How far the filter moves at a time.")
    padding: Pair = param(1, min=0, torch=0, help="Zeros added on every side.")
    dilation: Pair = param(1, min=1, advanced=True, help="Distance between the points a filter looks at.")
    groups: int = param(1, min=1, advanced=True, help="Channels are split into so many groups that do not mix.")
    bias: bool = param(True, help="Adds a learned number to each channel.")

    def derive(self, x: TensorSpec, offset: TensorSpec, mask: TensorSpec | None = None) -> dict[str, Any]:
        need_form(x, 2)
        need_weights_type(x, "x")
        channels = x.dim(1, "channels", of="(B, C, H, W)")
        need_divides(self.groups, channels, "groups", "channels that come in")
        need_divides(self.groups, self.out_channels, "groups", "out_channels")
        options = (self.kernel_size, self.stride, self.padding, self.dilation)
        kernel, stride, padding, dilation = (per_dim(v, 2) for v in options)
        covers = tuple(d * (k - 1) + 1 for d, k in zip(dilation, kernel, strict=True))
        need_room(x, covers, padding)
        for port, given, each in (("offset", offset, 2), ("mask", mask, 1)):
            if given is None:
                continue
            need_weights_type(given, port)
            points = each * kernel[0] * kernel[1]
            if given.rank != 4 or given.shape[0] != x.shape[0] or _odd(given.shape[1], points):
                wanted = f"(B, {points}, H', W')"
                raise LayerError(f"{port} must be {wanted}, gets {given}.", "Take it from a Conv2d.", port=port)
            self._check_places(x, given, port, tuple(zip(covers, stride, padding, strict=True)))
        return {"in_channels": channels}

    def _check_places(self, x: TensorSpec, given: TensorSpec, port: str, window: tuple[tuple[int, ...], ...]) -> None:
        for size, got, (cover, stride, padding) in zip(x.shape[2:], given.shape[2:], window, strict=True):
            if isinstance(size, int) and isinstance(got, int) and got != (size + 2 * padding - cover) // stride + 1:
                wanted = (size + 2 * padding - cover) // stride + 1
                raise LayerError(f"{port} needs {wanted} places for {size}, gets {got}.", port=port)


def _odd(channels: Any, points: int) -> bool:
    return not isinstance(channels, int) or channels % points != 0


class FeaturePyramidNetwork(VisionModule):
    """Mixes feature maps of several sizes, so that the fine ones know what the coarse ones have seen.

    Input shape:  one (B, C, H, W) for each level, the finest first
    Output shape: one (B, out_channels, H, W) for each level
    """

    target = "ops.FeaturePyramidNetwork"
    category = "merge"
    formula = r"p_i = W_i \ast (U_i \ast x_i + \mathrm{up}(p_{i+1}))"
    use = "Take it between a backbone and the heads of a detector or of a segmentation; needs torchvision."
    aliases = ("fpn", "detection", "segmentation", "multi scale", "pyramid", "neck")
    example: ClassVar[dict[str, Any]] = {"x0": "B, 16, 32, 32", "x1": "B, 32, 16, 16", "x2": "B, 64, 8, 8"}
    signature = ("in_channels_list", "out_channels")
    hidden = ("levels",)
    out_channels: int = param(64, min=1, required=True, main=True, help="Channels of every result.")
    levels: int = param(3, min=1, max=8, literal=True, main=True, help="How many feature maps come in and go out.")
    norm_layer: Literal["BatchNorm2d"] | None = param(None, help="A norm after every convolution.")

    def ports_in(self) -> tuple[Port, ...]:
        return tuple(Port(f"x{i}", help="A feature map; the first is the finest.") for i in range(self.levels))

    def ports_out(self) -> tuple[Port, ...]:
        return tuple(Port(f"out{i}", help="The same size as the map that came in.") for i in range(self.levels))

    def derive(self, **given: TensorSpec | None) -> dict[str, Any]:
        maps = {port: x for port, x in given.items() if x is not None}
        if len(maps) < self.levels:
            raise LayerError(
                f"Needs {self.levels} feature maps, gets {len(maps)}.", "Set levels to how many there are."
            )
        first = maps["x0"]
        for port, x in maps.items():
            need_form(x, 2)
            need_weights_type(x, port)
            if x.shape[0] != first.shape[0]:
                raise LayerError(f"The batches differ: {first}, {x}.", port=port)
            if any(size == 0 for size in x.shape[2:]):
                raise LayerError(f"{port} has no pixels: {x}.", port=port)
        return {"in_channels_list": tuple(x.dim(1, "channels", of="(B, C, H, W)") for x in maps.values())}

    def emit(self, names: Names) -> tuple[str, ...]:
        maps = ", ".join(f'"{i}": {{x{i}}}' for i in range(self.levels))
        outs = ", ".join(f"{{out{i}}}" for i in range(self.levels)) if self.levels > 1 else "({out0},)"
        return (names.fill(outs + " = {self}({{" + maps + "}}).values()"),)
