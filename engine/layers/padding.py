"""A border around a tensor."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, ClassVar, Literal

from engine.errors import LayerError
from engine.kinds import Ints
from engine.layers.base import FUNCTIONAL, FunctionLayer, Names
from engine.layers.checks import need_form
from engine.layers.spatial import SpatialLayer
from engine.spec import param
from engine.tensor import TensorSpec

Border = Annotated[Any, Ints(4)]
"""Two numbers for each dimension, or one for all sides."""


def need_border(x: TensorSpec, pads: Sequence[int], mode: str, named: str) -> None:
    """Raises: LayerError unless the border fits; two numbers for each dimension, from the last one on.

    mode: as `F.pad` calls it. named: how the layer calls the mode, such as 'mode="reflect"'.
    """
    if mode in ("reflect", "replicate") and x.dtype == "bool":
        raise LayerError(f"{named} takes no bool, gets {x}.", "Pad with a number, or convert the type before it.")
    for i in range(len(pads) // 2):
        before, after, size = pads[2 * i], pads[2 * i + 1], x.shape[-1 - i]
        if isinstance(size, str):
            continue
        if size + before + after < 1 or size + min(before, 0) + min(after, 0) < 0:
            raise LayerError(f"A padding of {before}, {after} leaves nothing of {size} in {x}.", "Use larger numbers.")
        most = {"reflect": size - 1, "circular": size}.get(mode)
        if most is not None and max(before, after) > most:
            other = '"replicate"' if named.startswith("mode") else "a ReplicationPad"
            raise LayerError(
                f"{named} can add at most {most} to a size of {size}, not {max(before, after)}.",
                f"Set padding to {most}, or use {other}.",
            )


class Pad(FunctionLayer):
    """Adds a border: zeros, another number, or a continuation of what is inside.

    Input shape:  any
    Output shape: the same, larger by the border
    """

    target = "nn.functional.pad"
    category = "shape"
    use = (
        "Take it where a border differs from side to side, or is a mirror image; plain zeros come with the "
        "padding of a convolution."
    )
    aliases = ("border", "margin", "zero padding", "reflection", "replication", "frame")
    padding: Annotated[Any, Ints(None, single=False)] = param(
        (1, 1, 1, 1), main=True, help="Before and after, from the last dimension on: left, right, top, bottom."
    )
    mode: Literal["constant", "reflect", "replicate", "circular"] = param(
        "constant", help="What the border is filled with: a number, the mirror image, the edge, the other side."
    )
    value: float = param(0.0, help='The number that mode="constant" fills in.')

    def check(self, x: TensorSpec) -> None:
        pads = self.padding
        if len(pads) % 2 or not pads:
            raise LayerError("padding needs two numbers for each dimension.", "Set it to something like 1, 1, 1, 1.")
        dims = len(pads) // 2
        if dims >= x.rank:
            raise LayerError(f"padding has {len(pads)} numbers, but {x} has only {max(x.rank - 1, 0)} sizes to pad.")
        if self.mode != "constant" and (dims > 3 or x.rank not in (dims + 1, dims + 2)):
            raise LayerError(
                f'mode="{self.mode}" pads all sizes after the channels of {x}.',
                f"Give {2 * max(x.rank - 2, 1)} numbers in padding.",
            )
        need_border(x, pads, self.mode, f'mode="{self.mode}"')

    def imports(self) -> tuple[str, ...]:
        return (FUNCTIONAL,)

    def write(self, names: Names) -> str:
        mode = "" if self.mode == "constant" else ", mode={mode}"
        value = "" if self.value == 0 or self.mode != "constant" else ", value={value}"
        return names.fill("F.pad({x}, {padding}" + mode + value + ")")


class BorderLayer(SpatialLayer, abstract=True):
    """What the padding modules have in common; `mode` is what `F.pad` calls it."""

    category = "shape"
    mode: ClassVar[str] = "constant"
    padding: Border = param(
        1, required=True, main=True, help="On all sides, or before and after, from the last dimension on."
    )

    def check(self, x: TensorSpec) -> None:
        pads = self.padding if isinstance(self.padding, tuple) else (self.padding,) * (2 * self.dims)
        if self.mode == "constant":
            if x.rank <= self.dims:
                raise LayerError(
                    f"Pads the last {self.dims} sizes of (B, ...), gets {x}.", "Put an Unsqueeze before it."
                )
        elif x.rank != self.dims + 1 or self.dims == 1:
            need_form(x, self.dims)
        need_border(x, pads, self.mode, self.title)


class ZeroPad1d(BorderLayer):
    """Puts zeros around both ends of a signal.

    Input shape:  (B, C, L)
    Output shape: (B, C, L'), each size larger by its border.
    """

    dims = 1
    target = "nn.ZeroPad1d"
    use = "Before a convolution whose padding is not the same at both ends, as a causal one: padding (k - 1, 0)."
    aliases = ("border", "margin", "zero padding", "causal")


class ZeroPad2d(BorderLayer):
    """Puts zeros around an image.

    Input shape:  (B, C, H, W)
    Output shape: (B, C, H', W'), each size larger by its border.
    """

    target = "nn.ZeroPad2d"
    use = "Before a convolution or a pooling that needs another border on each side. Else set their own padding."
    aliases = ("border", "margin", "zero padding")


class ZeroPad3d(BorderLayer):
    """Puts zeros around a volume.

    Input shape:  (B, C, D, H, W)
    Output shape: (B, C, D', H', W'), each size larger by its border.
    """

    dims = 3
    target = "nn.ZeroPad3d"
    use = "Before a convolution that needs another border on each side. Else set its own padding."
    aliases = ("border", "margin", "zero padding")


class ConstantPad1d(BorderLayer):
    """Puts the same number everywhere around both ends of a signal.

    Input shape:  (B, C, L)
    Output shape: (B, C, L'), each size larger by its border.
    """

    dims = 1
    target = "nn.ConstantPad1d"
    use = "Where outside means a certain value, such as -1 or a background. For zeros take a ZeroPad."
    aliases = ("border", "margin", "fill")
    value: float = param(0.0, required=True, main=True, help="The number that is filled in.")
    signature = ("padding", "value")


class ConstantPad2d(BorderLayer):
    """Puts the same number everywhere around an image.

    Input shape:  (B, C, H, W)
    Output shape: (B, C, H', W'), each size larger by its border.
    """

    target = "nn.ConstantPad2d"
    use = "Where outside means a certain value, such as -1 or a background. For zeros take a ZeroPad."
    aliases = ("border", "margin", "fill")
    value: float = param(0.0, required=True, main=True, help="The number that is filled in.")
    signature = ("padding", "value")


class ConstantPad3d(BorderLayer):
    """Puts the same number everywhere around a volume.

    Input shape:  (B, C, D, H, W)
    Output shape: (B, C, D', H', W'), each size larger by its border.
    """

    dims = 3
    target = "nn.ConstantPad3d"
    use = "Where outside means a certain value, such as -1 or a background. For zeros take a ZeroPad."
    aliases = ("border", "margin", "fill")
    value: float = param(0.0, required=True, main=True, help="The number that is filled in.")
    signature = ("padding", "value")


class ReflectionPad1d(BorderLayer):
    """Puts a border at both ends of a signal that continues it like a mirror.

    Input shape:  (B, C, L)
    Output shape: (B, C, L'), each size larger by its border.
    """

    dims = 1
    target = "nn.ReflectionPad1d"
    mode = "reflect"
    use = "Where a border of zeros would show: generators, style transfer, filters. Less than the size can be added."
    aliases = ("border", "margin", "mirror", "reflect")


class ReflectionPad2d(BorderLayer):
    """Puts a border around an image that continues it like a mirror.

    Input shape:  (B, C, H, W)
    Output shape: (B, C, H', W'), each size larger by its border.
    """

    target = "nn.ReflectionPad2d"
    mode = "reflect"
    use = "Where a border of zeros would show: generators, style transfer, filters. Less than the size can be added."
    aliases = ("border", "margin", "mirror", "reflect")


class ReflectionPad3d(BorderLayer):
    """Puts a border around a volume that continues it like a mirror.

    Input shape:  (B, C, D, H, W)
    Output shape: (B, C, D', H', W'), each size larger by its border.
    """

    dims = 3
    target = "nn.ReflectionPad3d"
    mode = "reflect"
    use = "Where a border of zeros would show: generators, style transfer, filters. Less than the size can be added."
    aliases = ("border", "margin", "mirror", "reflect")


class ReplicationPad1d(BorderLayer):
    """Puts a border at both ends of a signal that repeats its edge.

    Input shape:  (B, C, L)
    Output shape: (B, C, L'), each size larger by its border.
    """

    dims = 1
    target = "nn.ReplicationPad1d"
    mode = "replicate"
    use = "Where a border of zeros would show, and more has to be added than a mirror has."
    aliases = ("border", "margin", "edge", "replicate", "clamp")


class ReplicationPad2d(BorderLayer):
    """Puts a border around an image that repeats its edge.

    Input shape:  (B, C, H, W)
    Output shape: (B, C, H', W'), each size larger by its border.
    """

    target = "nn.ReplicationPad2d"
    mode = "replicate"
    use = "Where a border of zeros would show, and more has to be added than a mirror has."
    aliases = ("border", "margin", "edge", "replicate", "clamp")


class ReplicationPad3d(BorderLayer):
    """Puts a border around a volume that repeats its edge.

    Input shape:  (B, C, D, H, W)
    Output shape: (B, C, D', H', W'), each size larger by its border.
    """

    dims = 3
    target = "nn.ReplicationPad3d"
    mode = "replicate"
    use = "Where a border of zeros would show, and more has to be added than a mirror has."
    aliases = ("border", "margin", "edge", "replicate", "clamp")


class CircularPad1d(BorderLayer):
    """Puts a border at both ends of a signal that continues it from the other side.

    Input shape:  (B, C, L)
    Output shape: (B, C, L'), each size larger by its border.
    """

    dims = 1
    target = "nn.CircularPad1d"
    mode = "circular"
    use = "For what goes round: angles, panoramas, periodic fields of physics."
    aliases = ("border", "margin", "wrap", "periodic", "torus", "panorama")


class CircularPad2d(BorderLayer):
    """Puts a border around an image that continues it from the other side.

    Input shape:  (B, C, H, W)
    Output shape: (B, C, H', W'), each size larger by its border.
    """

    target = "nn.CircularPad2d"
    mode = "circular"
    use = "For what goes round: angles, panoramas, periodic fields of physics."
    aliases = ("border", "margin", "wrap", "periodic", "torus", "panorama")


class CircularPad3d(BorderLayer):
    """Puts a border around a volume that continues it from the other side.

    Input shape:  (B, C, D, H, W)
    Output shape: (B, C, D', H', W'), each size larger by its border.
    """

    dims = 3
    target = "nn.CircularPad3d"
    mode = "circular"
    use = "For what goes round: angles, panoramas, periodic fields of physics."
    aliases = ("border", "margin", "wrap", "periodic", "torus", "panorama")
