"""Images made larger or smaller without learning, and pixels exchanged for channels."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from engine.errors import LayerError
from engine.kinds import Ints, Optional
from engine.layers.base import ModuleLayer
from engine.layers.checks import need_divides, need_form, need_room, per_dim, sizes_text
from engine.spec import Pair, param
from engine.tensor import TensorSpec

_DIMS = {"linear": (1,), "bilinear": (2,), "bicubic": (2,), "trilinear": (3,)}


def need_one_size(size: Any, factor: float | None) -> None:
    """Raises: LayerError unless exactly one of the two is given."""
    if (size is None) == (factor is None):
        which = "both" if size is not None else "none"
        raise LayerError(f"Needs a size or a scale_factor, gets {which}.", "Set one, and the other to none.")


def need_result(x: TensorSpec, factor: float) -> None:
    """Raises: LayerError if a factor leaves nothing of an image."""
    if any(isinstance(s, int) and int(s * factor) < 1 for s in x.shape[2:]):
        raise LayerError(f"A scale_factor of {factor:g} leaves nothing of {x}.", "Make it larger.")


class Upsample(ModuleLayer):
    """Makes an image larger by copying pixels or blending between them; nothing is learned.

    Input shape:  (B, C, L), (B, C, H, W) or (B, C, D, H, W)
    Output shape: the same with every size after C multiplied by scale_factor, or set to size
    """

    target = "nn.Upsample"
    category = "shape"
    use = "Take it in decoders, with a Conv2d after it; a ConvTranspose2d learns how to enlarge."
    aliases = ("resize", "interpolate", "enlarge", "scale", "zoom", "decoder", "unet")
    size: Annotated[Any, Optional(Ints(None, least=1))] = param(
        None, help="The size of the result, instead of a factor."
    )
    scale_factor: float | None = param(2.0, min=1e-3, torch=None, main=True, help="How many times larger.")
    mode: Literal["nearest", "linear", "bilinear", "bicubic", "trilinear", "nearest-exact"] = param(
        "nearest", main=True, help='"nearest" copies pixels, the others blend; bilinear is for images.'
    )
    align_corners: bool | None = param(None, advanced=True, help="Puts the corner pixels exactly on the corners.")
    recompute_scale_factor: bool | None = param(
        None, advanced=True, help="Computes the factor anew from the rounded size."
    )

    def check(self, x: TensorSpec) -> None:
        if x.rank not in (3, 4, 5):
            raise LayerError(f"Needs an image (B, C, H, W), gets {x}.", "Put an Unflatten before it.")
        x.need_floating()
        dims = x.rank - 2
        if dims not in _DIMS.get(self.mode, (1, 2, 3)):
            fits = {1: "linear", 2: "bilinear", 3: "trilinear"}[dims]
            raise LayerError(f'mode="{self.mode}" does not go with {x}.', f'Set mode to "{fits}" or "nearest".')
        need_one_size(self.size, self.scale_factor)
        if isinstance(self.size, tuple) and len(self.size) != dims:
            raise LayerError(f"size needs {dims} numbers for {x}.", "One number stands for all.")
        if self.align_corners is not None and self.mode not in _DIMS:
            raise LayerError(f'align_corners does not go with mode="{self.mode}".', "Set it to none.")
        if self.recompute_scale_factor and self.size is not None:
            raise LayerError("recompute_scale_factor needs a scale_factor, not a size.", "Set it to none.")
        if self.scale_factor is not None:
            need_result(x, self.scale_factor)


class PixelShuffle(ModuleLayer):
    """Turns channels into pixels: an image becomes upscale_factor times larger with fewer channels.

    Input shape:  (B, C · upscale_factor², H, W)
    Output shape: (B, C, H · upscale_factor, W · upscale_factor)
    """

    target = "nn.PixelShuffle"
    category = "shape"
    use = "Take it at the end of a super-resolution network, behind a Conv2d that makes the channels."
    aliases = ("super resolution", "sub-pixel", "depth to space", "upsample")
    upscale_factor: int = param(2, min=1, required=True, main=True, help="How many times larger.")

    def check(self, x: TensorSpec) -> None:
        need_form(x, 2)
        channels = x.dim(1, "channels", of="(B, C, H, W)")
        if channels % self.upscale_factor**2:
            raise LayerError(
                f"Needs channels that {self.upscale_factor**2} divides, gets {channels}.",
                "Change out_channels of the layer before it.",
            )


class PixelUnshuffle(ModuleLayer):
    """Turns pixels into channels: an image becomes downscale_factor times smaller with more channels.

    Input shape:  (B, C, H, W)
    Output shape: (B, C · downscale_factor², H / downscale_factor, W / downscale_factor)
    """

    target = "nn.PixelUnshuffle"
    category = "shape"
    use = "Take it to shrink an image without losing a number, as at the start of a detector."
    aliases = ("space to depth", "downsample", "patches")
    downscale_factor: int = param(2, min=1, required=True, main=True, help="How many times smaller.")

    def check(self, x: TensorSpec) -> None:
        need_form(x, 2)
        for size in x.shape[2:]:
            if isinstance(size, int):
                need_divides(self.downscale_factor, size, "downscale_factor", "pixels")


class ChannelShuffle(ModuleLayer):
    """Mixes the order of channels between groups, so that grouped convolutions can talk.

    Input shape:  (B, C, ...)
    Output shape: the same
    """

    target = "nn.ChannelShuffle"
    category = "shape"
    use = "Take it between grouped convolutions, whose groups would never meet else."
    aliases = ("shufflenet", "groups", "mix channels")
    groups: int = param(2, min=1, required=True, main=True, help="How many groups are mixed.")

    def check(self, x: TensorSpec) -> None:
        if x.rank < 3:
            raise LayerError(f"Needs channels and space (B, C, ...), gets {x}.", "Put an Unflatten before it.")
        need_divides(self.groups, x.dim(1, "channels", of="(B, C, ...)"), "groups", "channels")


class Unfold(ModuleLayer):
    """Cuts an image into patches, each laid out as one column: the first step of a vision transformer.

    Input shape:  (B, C, H, W)
    Output shape: (B, C · kernel_size², number of patches)
    """

    target = "nn.Unfold"
    category = "shape"
    use = (
        "Take it to cut an image into patches as tokens; a Conv2d with a stride of its kernel does that and "
        "projects them at once."
    )
    aliases = ("patches", "im2col", "vision transformer", "vit", "windows")
    kernel_size: Pair = param(2, min=1, required=True, main=True, help="Height and width of a patch.")
    dilation: Pair = param(1, min=1, advanced=True, help="Distance between the pixels of a patch.")
    padding: Pair = param(0, min=0, help="Zeros added on every side.")
    stride: Pair = param(2, min=1, torch=1, main=True, help="Distance between patches; kernel_size: no overlap.")

    def check(self, x: TensorSpec) -> None:
        need_form(x, 2)
        x.need_floating()
        kernel, dilation, padding = (per_dim(v, 2) for v in (self.kernel_size, self.dilation, self.padding))
        need_room(x, tuple(d * (k - 1) + 1 for d, k in zip(dilation, kernel, strict=True)), padding, "patch")


class Fold(ModuleLayer):
    """Puts patches back to their places in an image and sums where they overlap: the counterpart of Unfold.

    Input shape:  (B, C · kernel_size², number of patches)
    Output shape: (B, C, output_size, output_size)
    """

    target = "nn.Fold"
    category = "shape"
    use = "After patches were worked on by themselves. For a learned way back take a ConvTranspose2d."
    example = {"x": "B, 64, 256", "output_size": (32, 32)}
    aliases = ("patches", "col2im", "overlap add", "windows", "image")
    output_size: Pair = param(8, min=1, required=True, main=True, help="Height and width of the image that is made.")
    kernel_size: Pair = param(2, min=1, required=True, main=True, help="Height and width of a patch.")
    dilation: Pair = param(1, min=1, advanced=True, help="Distance between the pixels of a patch.")
    padding: Pair = param(0, min=0, help="Border that was added before the image was cut; it is cut off again.")
    stride: Pair = param(2, min=1, torch=1, main=True, help="Distance between patches; kernel_size: no overlap.")

    def check(self, x: TensorSpec) -> None:
        x.need_rank(3, of="patches (B, C · kernel_size², N)", hint="Put an Unfold or a Reshape before it.")
        x.need_floating()
        pairs = (self.output_size, self.kernel_size, self.dilation, self.padding, self.stride)
        size, kernel, dilation, padding, stride = (per_dim(v, 2) for v in pairs)
        pixels = kernel[0] * kernel[1]
        rows = x.dim(1, "rows", of="(B, C · kernel_size², N)")
        if rows % pixels:
            raise LayerError(f"A patch has {pixels} pixels, which does not divide {rows} of {x}.", "Set kernel_size.")
        covers = [d * (k - 1) + 1 for d, k in zip(dilation, kernel, strict=True)]
        fits = [(s + 2 * p - c) // t + 1 for s, p, c, t in zip(size, padding, covers, stride, strict=True)]
        if min(fits) < 1:
            raise LayerError(f"The patch covers {sizes_text(covers)}, but the image is only {sizes_text(size)}.")
        count = fits[0] * fits[1]
        if x.shape[2] != count:
            raise LayerError(
                f"An image of {sizes_text(size)} has {sizes_text(fits)} = {count} patches, gets {x.shape[2]}.",
                "Set output_size, stride and padding as in the Unfold.",
            )


class FixedUpsampling(ModuleLayer, abstract=True):
    """An Upsample of one certain mode."""

    category = "shape"
    size: Annotated[Any, Optional(Ints(2, least=1))] = param(None, help="The size of the result, instead of a factor.")
    scale_factor: float | None = param(2.0, min=1e-3, torch=None, main=True, help="How many times larger.")

    def check(self, x: TensorSpec) -> None:
        need_form(x, 2)
        x.need_floating()
        need_one_size(self.size, self.scale_factor)
        if self.scale_factor is not None:
            need_result(x, self.scale_factor)


class UpsamplingNearest2d(FixedUpsampling):
    """Makes an image larger by copying its pixels.

    Input shape:  (B, C, H, W)
    Output shape: (B, C, H · scale_factor, W · scale_factor), or size
    """

    target = "nn.UpsamplingNearest2d"
    use = "Only in older models: Upsample does the same and more."
    aliases = ("nearest neighbour", "copy pixels")


class UpsamplingBilinear2d(FixedUpsampling):
    """Makes an image larger by blending its pixels, the corners staying where they are.

    Input shape:  (B, C, H, W)
    Output shape: (B, C, H · scale_factor, W · scale_factor), or size
    """

    target = "nn.UpsamplingBilinear2d"
    use = "Only in older models: an Upsample of mode bilinear with align_corners is the same."
    aliases = ("blend pixels", "align corners")
