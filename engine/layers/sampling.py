"""Images read at places of one's choice: resized, turned, warped."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from engine.errors import LayerError
from engine.kinds import Ints, Optional
from engine.layers.base import Names, Port
from engine.layers.functional import FunctionalLayer
from engine.layers.vision import need_one_size, need_result
from engine.layers.wired import WiredLayer
from engine.spec import param
from engine.tensor import TensorSpec

_BLENDING = {"linear": 1, "bilinear": 2, "bicubic": 2, "trilinear": 3, "area": 0, "nearest": 0, "nearest-exact": 0}
_ALIGNED = ("linear", "bilinear", "bicubic", "trilinear")


class Interpolate(FunctionalLayer, WiredLayer):
    """Makes an image larger or smaller, to a factor, a size, or the size of another tensor; nothing is learned.

    Input shape:  (B, C, L), (B, C, H, W) or (B, C, D, H, W)
    Output shape: the same with every size after C multiplied by scale_factor, or set to size or to that of like
    """

    target = "nn.functional.interpolate"
    category = "shape"
    use = (
        "Take it where one feature map has to match another, as in a U-Net or a feature pyramid: wire the other into "
        "like. For a fixed factor an Upsample does the same."
    )
    aliases = ("resize", "upsample", "downsample", "same size as", "match size", "zoom", "unet", "fpn", "antialias")
    inputs = (Port("x", help="The image."), Port("like", "optional", "A tensor whose size the result takes."))
    extra = ("size", "scale_factor", "wires")
    size: Annotated[Any, Optional(Ints(None, least=1))] = param(
        None, help="The size of the result, instead of a factor."
    )
    scale_factor: float | None = param(2.0, min=1e-3, torch=None, main=True, help="How many times larger.")
    mode: Literal["nearest", "linear", "bilinear", "bicubic", "trilinear", "area", "nearest-exact"] = param(
        "nearest", main=True, help='"nearest" copies pixels, "area" takes means, the others blend.'
    )
    align_corners: bool | None = param(None, advanced=True, help="Puts the corner pixels exactly on the corners.")
    recompute_scale_factor: bool | None = param(
        None, advanced=True, help="Computes the factor anew from the rounded size."
    )
    antialias: bool = param(False, advanced=True, help="Blurs before making smaller, so that no pattern appears.")

    def check(self, x: TensorSpec, like: TensorSpec | None = None) -> None:
        x.need_rank(3, 4, 5, of="an image (B, C, H, W)", hint="Put an Unflatten before it.")
        x.need_floating()
        dims = x.rank - 2
        if _BLENDING[self.mode] not in (0, dims):
            fits = {1: "linear", 2: "bilinear", 3: "trilinear"}[dims]
            raise LayerError(f'mode="{self.mode}" does not go with {x}.', f'Set mode to "{fits}" or "nearest".')
        self._check_size(x, like)
        if self.align_corners is not None and self.mode not in _ALIGNED:
            raise LayerError(f'align_corners does not go with mode="{self.mode}".', "Set it to none.")
        if self.antialias and self.mode not in ("bilinear", "bicubic"):
            raise LayerError("antialias needs an image and a mode that blends.", 'Set mode to "bilinear".')

    def _check_size(self, x: TensorSpec, like: TensorSpec | None) -> None:
        if like is not None:
            if like.rank != x.rank:
                raise LayerError(f"like needs {x.rank} dimensions as x has, gets {like}.", port="like")
            if any(size == 0 for size in like.shape[2:]):
                raise LayerError(f"like has no pixels: {like}.", port="like")
        else:
            need_one_size(self.size, self.scale_factor)
        if isinstance(self.size, tuple) and len(self.size) != x.rank - 2:
            raise LayerError(f"size needs {x.rank - 2} numbers for {x}.", "One number stands for all.")
        if self.recompute_scale_factor and (like is not None or self.size is not None):
            raise LayerError("recompute_scale_factor needs a scale_factor, not a size.", "Set it to none.")
        if like is None and self.scale_factor is not None:
            need_result(x, self.scale_factor)

    def write(self, names: Names) -> str:
        if names.inputs.get("like", "None") != "None":
            size = names.fill("size={like}.shape[2:]")
        elif self.size is not None:
            size = names.fill("size={size}")
        else:
            size = names.fill("scale_factor={scale_factor}")
        return f"F.interpolate({', '.join([names.fill('{x}'), size, *self.options(names)])})"


class AffineGrid(FunctionalLayer):
    """Turns a matrix for every sample into the places where an image is read: shifted, turned, scaled, sheared.

    Input shape:  theta (B, 2, 3) and an image (B, C, H, W); for volumes (B, 3, 4) and (B, C, D, H, W)
    Output shape: (B, H, W, 2), for volumes (B, D, H, W, 3)
    """

    target = "nn.functional.affine_grid"
    category = "shape"
    use = "Take it before a GridSample, with a Linear that gives theta: a spatial transformer. It needs no weights."
    aliases = ("spatial transformer", "stn", "rotate", "translate", "warp", "affine")
    inputs = (
        Port("theta", help="The matrix of every sample, from places in the result to places in the image."),
        Port("like", help="A tensor with the size of the result, usually the image itself."),
    )
    outputs = (Port("grid", help="Where to read: x and y from -1 to 1."),)
    example: ClassVar[dict[str, Any]] = {"theta": "B, 2, 3", "like": "B, 3, 32, 32"}
    align_corners: bool = param(False, torch=None, help="Puts -1 and 1 on the centres of the corner pixels.")

    def check(self, theta: TensorSpec, like: TensorSpec) -> None:
        theta.need_floating()
        like.need_rank(4, 5, of="an image (B, C, H, W) or a volume at like")
        wanted = TensorSpec((like.shape[0], like.rank - 2, like.rank - 1))
        if theta.shape != wanted.shape:
            raise LayerError(f"theta must be {wanted}, gets {theta}.", "Reshape it before.", port="theta")
        if any(size == 0 for size in like.shape):
            raise LayerError(f"like has no pixels: {like}.", port="like")

    def write(self, names: Names) -> str:
        return names.fill("F.affine_grid({theta}, {like}.shape, align_corners={align_corners})")


class GridSample(FunctionalLayer):
    """Reads an image at given places, between its pixels where they fall there.

    Input shape:  x (B, C, H, W), grid (B, H', W', 2) with x and y from -1 to 1; for volumes one dimension more
    Output shape: (B, C, H', W')
    """

    target = "nn.functional.grid_sample"
    category = "shape"
    use = "Take it to warp an image by a flow or an AffineGrid, and to look features up at points. It needs no weights."
    aliases = ("warp", "optical flow", "spatial transformer", "stn", "bilinear sampling", "look up", "deform")
    inputs = (Port("x", help="The image."), Port("grid", help="Where to read it, from -1 to 1."))
    example: ClassVar[dict[str, Any]] = {"x": "B, 3, 32, 32", "grid": "B, 16, 16, 2"}
    mode: Literal["bilinear", "nearest", "bicubic"] = param(
        "bilinear", main=True, help="How to read between pixels; in volumes bilinear blends all eight neighbours."
    )
    padding_mode: Literal["zeros", "border", "reflection"] = param("zeros", help="What lies outside the image.")
    align_corners: bool = param(False, torch=None, help="Puts -1 and 1 on the centres of the corner pixels.")

    def check(self, x: TensorSpec, grid: TensorSpec) -> None:
        x.need_rank(4, 5, of="an image (B, C, H, W) or a volume (B, C, D, H, W)", hint="Put an Unflatten before it.")
        x.need_floating()
        dims = x.rank - 2
        if grid.rank != x.rank or grid.shape[-1] != dims or grid.shape[0] != x.shape[0]:
            wanted = "(B, H', W', 2)" if dims == 2 else "(B, D', H', W', 3)"
            raise LayerError(f"grid must be {wanted} with the batch of {x}, gets {grid}.", port="grid")
        if grid.dtype != x.dtype:
            raise LayerError(f"grid must be {x.dtype}, gets {grid.dtype}.", port="grid")
        if self.mode == "bicubic" and dims == 3:
            raise LayerError('mode="bicubic" is for images only.', 'Set mode to "bilinear".')
        if any(size == 0 for size in x.shape[2:]):
            raise LayerError(f"x has no pixels: {x}.", port="x")
