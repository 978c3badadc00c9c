"""Convolutions and their transposed counterparts."""

from __future__ import annotations

from typing import Any, Literal

from engine.errors import LayerError
from engine.layers.checks import need_divides, need_form, need_room, need_weights_type, sizes_text
from engine.layers.spatial import SpatialLayer
from engine.spec import Padding2, Pair, param
from engine.tensor import TensorSpec


class Convolution(SpatialLayer, abstract=True):
    """What convolutions of 1, 2 and 3 dimensions have in common."""

    category = "convolution"
    formula = r"y_o = b_o + \sum_{c} w_{o,c} \star x_c"
    out_channels: int = param(
        32, min=1, required=True, main=True, help="Number of filters; the channels of the result."
    )
    kernel_size: Pair = param(3, min=1, required=True, main=True, help="Size of a filter along each dimension.")
    stride: Pair = param(1, min=1, help="How far the filter moves at a time; 2 halves the size.")
    padding: Padding2 = param(
        "same", min=0, torch=0, help='Zeros added on every side; "same" keeps the size, "valid" adds none.'
    )
    dilation: Pair = param(1, min=1, advanced=True, help="Distance between the points a filter looks at.")
    groups: int = param(1, min=1, advanced=True, help="Channels are split into so many groups that do not mix.")
    bias: bool = param(True, help="Adds a learned number to each channel.")
    padding_mode: Literal["zeros", "reflect", "replicate", "circular"] = param(
        "zeros", advanced=True, help="What the added border is filled with."
    )

    def derive(self, x: TensorSpec) -> dict[str, Any]:
        need_form(x, self.dims)
        need_weights_type(x)
        channels = x.dim(1, "channels", of="(B, C, ...)")
        need_divides(self.groups, channels, "groups", "channels that come in")
        need_divides(self.groups, self.out_channels, "groups", "out_channels")
        self._check_padding(x)
        return {"in_channels": channels}

    def _check_padding(self, x: TensorSpec) -> None:
        covers = tuple(d * (k - 1) + 1 for d, k in zip(self.each("dilation"), self.each("kernel_size"), strict=True))
        if self.padding == "same":
            if any(s != 1 for s in self.each("stride")):
                half = {c // 2 for c in covers}
                numbers = half.pop() if len(half) == 1 else tuple(c // 2 for c in covers)
                raise LayerError(
                    'padding="same" keeps the size, so it needs a stride of 1.', f"Set padding to {numbers}."
                )
            self._check_border(x, tuple(c // 2 for c in covers))
            return
        padding = (0,) * self.dims if self.padding == "valid" else self.each("padding")
        need_room(x, covers, padding)
        self._check_border(x, padding)

    def _check_border(self, x: TensorSpec, padding: tuple[int, ...]) -> None:
        spare = {"reflect": 1, "circular": 0}.get(self.padding_mode)
        if spare is None:
            return
        for size, border in zip(x.shape[2:], padding, strict=True):
            if isinstance(size, int) and border > size - spare:
                raise LayerError(
                    f'padding_mode="{self.padding_mode}" can add at most {size - spare} to a size of {size}.',
                    'Add less, or set padding_mode to "zeros".',
                )


class Conv1d(Convolution):
    """Slides learned filters along a signal and sums what they match.

    Input shape:  (B, C, L)
    Output shape: (B, out_channels, L'), with L' set by kernel, stride and padding.
    """

    dims = 1
    target = "nn.Conv1d"
    use = (
        "Take it where neighbours in a row belong together: audio, sensors, text; for long memory take an "
        "LSTM or attention."
    )
    aliases = ("convolution", "filter", "temporal", "audio", "time series", "text cnn")


class Conv2d(Convolution):
    """Slides learned filters over an image and sums what they match.

    Input shape:  (B, C, H, W)
    Output shape: (B, out_channels, H', W'), with H' and W' set by kernel, stride and padding.
    """

    target = "nn.Conv2d"
    use = (
        "Take it for images, in stacks with a norm and an activation; a stride of 2 halves the size, groups "
        "equal to the channels make it depthwise."
    )
    aliases = ("convolution", "filter", "cnn", "image", "depthwise", "pointwise")


class Conv3d(Convolution):
    """Slides learned filters through a volume or a video and sums what they match.

    Input shape:  (B, C, D, H, W)
    Output shape: (B, out_channels, D', H', W'), with the sizes set by kernel, stride and padding.
    """

    dims = 3
    target = "nn.Conv3d"
    use = (
        "Take it for volumes and video; it is heavy, so keep channels few or treat the frames one by one with a Conv2d."
    )
    aliases = ("convolution", "filter", "video", "voxel", "volume")


class TransposedConvolution(SpatialLayer, abstract=True):
    """What transposed convolutions of 1, 2 and 3 dimensions have in common."""

    category = "convolution"
    formula = r"y_o = b_o + \sum_{c} w_{c,o} \star \mathrm{spread}_{\mathrm{stride}}(x_c)"
    out_channels: int = param(
        32, min=1, required=True, main=True, help="Number of filters; the channels of the result."
    )
    kernel_size: Pair = param(2, min=1, required=True, main=True, help="Size of a filter along each dimension.")
    stride: Pair = param(2, min=1, torch=1, main=True, help="How many times larger the result becomes.")
    padding: Pair = param(0, min=0, help="How much is cut off on every side of the result.")
    output_padding: Pair = param(0, min=0, advanced=True, help="Size added to one side of the result.")
    groups: int = param(1, min=1, advanced=True, help="Channels are split into so many groups that do not mix.")
    bias: bool = param(True, help="Adds a learned number to each channel.")
    dilation: Pair = param(1, min=1, advanced=True, help="Distance between the points a filter writes to.")

    def derive(self, x: TensorSpec) -> dict[str, Any]:
        need_form(x, self.dims)
        need_weights_type(x)
        channels = x.dim(1, "channels", of="(B, C, ...)")
        need_divides(self.groups, channels, "groups", "channels that come in")
        need_divides(self.groups, self.out_channels, "groups", "out_channels")
        options = zip(self.each("output_padding"), self.each("stride"), self.each("dilation"), strict=True)
        if any(extra >= max(stride, dilation) for extra, stride, dilation in options):
            raise LayerError("output_padding must be smaller than stride or dilation.", "Set output_padding to 0.")
        self._check_padding(x)
        return {"in_channels": channels}

    def _check_padding(self, x: TensorSpec) -> None:
        names = ("stride", "kernel_size", "padding", "dilation", "output_padding")
        rows = zip(x.shape[2:], *(self.each(n) for n in names), strict=True)
        result = [(n - 1) * s - 2 * p + d * (k - 1) + o + 1 for n, s, k, p, d, o in rows if isinstance(n, int)]
        if any(size < 1 for size in result):
            raise LayerError(
                f"padding={sizes_text(self.each('padding'))} cuts away the whole result.", "Make padding smaller."
            )


class ConvTranspose1d(TransposedConvolution):
    """Makes a signal longer with learned filters, as a Conv1d run backwards.

    Input shape:  (B, C, L)
    Output shape: (B, out_channels, L'), with L' about stride times L.
    """

    dims = 1
    target = "nn.ConvTranspose1d"
    use = "Take it to make a signal longer in a decoder; an Upsample with a Conv1d leaves no comb pattern."
    aliases = ("deconvolution", "deconv", "upconv", "tconv", "upsample", "transposed convolution", "decoder")


class ConvTranspose2d(TransposedConvolution):
    """Makes an image larger with learned filters, as a Conv2d run backwards.

    Input shape:  (B, C, H, W)
    Output shape: (B, out_channels, H', W'), about stride times H and W.
    """

    target = "nn.ConvTranspose2d"
    use = (
        "Take it in decoders and generators; where its checkerboard pattern disturbs, take an Upsample with "
        "a Conv2d instead."
    )
    aliases = (
        "deconvolution",
        "deconv",
        "upconv",
        "tconv",
        "upsample",
        "transposed convolution",
        "decoder",
        "generator",
    )


class ConvTranspose3d(TransposedConvolution):
    """Makes a volume larger with learned filters, as a Conv3d run backwards.

    Input shape:  (B, C, D, H, W)
    Output shape: (B, out_channels, D', H', W'), about stride times each size.
    """

    dims = 3
    target = "nn.ConvTranspose3d"
    use = "Take it in decoders of volumes; an Upsample with a Conv3d leaves no checkerboard pattern."
    aliases = ("deconvolution", "deconv", "upconv", "tconv", "upsample", "transposed convolution", "decoder")
