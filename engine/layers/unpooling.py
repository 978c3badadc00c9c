"""Pooling undone, and pooling by a fraction: what the usual windows cannot do."""

from __future__ import annotations

from typing import Any, ClassVar

from engine.errors import LayerError
from engine.layers.base import Names, Port
from engine.layers.checks import need_form, per_dim, sizes_text
from engine.layers.pooling import Pooling
from engine.layers.spatial import SpatialLayer
from engine.spec import Pair, param
from engine.tensor import TensorSpec

_UNPOOLED = (
    Port("x", help="What pooling gave."),
    Port("indices", help="Where each maximum was: the second output of the MaxPool."),
    Port("like", "optional", "A tensor whose size the result takes, such as what was pooled."),
)


class MaxUnpooling(SpatialLayer, abstract=True):
    """Puts maxima back to where they were; zeros everywhere else."""

    category = "pooling"
    formula = r"y_{c,k(i)} = x_{c,i} \ \mathrm{with} \ k = \mathrm{indices}, \quad 0 \ \mathrm{else}"
    inputs = _UNPOOLED
    hidden = ("output_size",)
    kernel_size: Pair = param(2, min=1, required=True, main=True, help="Size of the window that was pooled.")
    stride: Pair | None = param(None, min=1, help="How far that window moved at a time; none: its own size.")
    padding: Pair = param(0, min=0, help="Border that was added before pooling.")
    output_size: Pair | None = param(None, min=1, help="Size of the result; none: the smallest that was so pooled.")

    def check(self, x: TensorSpec, indices: TensorSpec, like: TensorSpec | None = None) -> None:
        need_form(x, self.dims)
        x.need_floating()
        if indices.dtype != "int64":
            hint = "Switch on return_indices of the MaxPool and take its second output."
            raise LayerError(f"Needs indices of type int64, gets {indices.dtype} {indices}.", hint, port="indices")
        if indices.shape != x.shape:
            raise LayerError(
                f"indices must have the shape {x}, gets {indices}.", "Take both from one MaxPool.", port="indices"
            )
        if like is not None:
            self._check_like(x, like)
        self._check_sizes(x, like)

    def _check_like(self, x: TensorSpec, like: TensorSpec) -> None:
        if self.output_size is not None:
            raise LayerError("The size of the result is given twice.", "Clear output_size.", port="like")
        if like.rank != self.dims + 2:
            raise LayerError(f"like needs {self.dims + 2} dimensions, gets {like}.", port="like")

    def _check_sizes(self, x: TensorSpec, like: TensorSpec | None) -> None:
        kernel, padding = self.each("kernel_size"), self.each("padding")
        stride = kernel if self.stride is None else self.each("stride")
        wanted: tuple[Any, ...] = (None,) * self.dims
        if like is not None:
            wanted = like.shape[2:]
        elif self.output_size is not None:
            wanted = self.each("output_size")
        for size, k, s, p, w in zip(x.shape[2:], kernel, stride, padding, wanted, strict=True):
            if isinstance(size, str):
                continue
            usual = (size - 1) * s - 2 * p + k
            if isinstance(w, str):
                raise LayerError(
                    f"The size {w} of like is free, but {size} is unpooled to about {usual}.",
                    "Wire in what was pooled.",
                    port="like",
                )
            if usual < 1:
                raise LayerError(f"A padding of {p} leaves nothing of {x}.", "Make padding smaller.")
            if isinstance(w, int) and not usual - s < w < usual + s:
                raise LayerError(
                    f"A size of {w} is not pooled to {size} by this window.",
                    f"Possible here: {max(1, usual - s + 1)} to {usual + s - 1}.",
                    port="like" if like is not None else "",
                )

    def emit(self, names: Names) -> tuple[str, ...]:
        size = ""
        if names.inputs.get("like", "None") != "None":
            size = ", output_size={like}.shape"
        elif self.output_size is not None:
            size = ", output_size={output_size}" if isinstance(self.output_size, tuple) else self._one_size()
        return (names.fill("{out} = {self}({x}, {indices}" + size + ")"),)

    def _one_size(self) -> str:
        return (
            ", output_size=(" + "{output_size}, " * (self.dims - 1) + "{output_size}" + ("," * (self.dims == 1)) + ")"
        )


class MaxUnpool1d(MaxUnpooling):
    """Undoes the max pooling of a signal: every maximum back to its place, zeros elsewhere.

    Input shape:  x and indices (B, C, L'), as MaxPool1d gives them
    Output shape: (B, C, L)
    """

    dims = 1
    target = "nn.MaxUnpool1d"
    use = "In a decoder that mirrors an encoder with max pooling. To enlarge without indices take an Upsample."
    aliases = ("unpooling", "upsample", "enlarge", "segnet", "decoder")


class MaxUnpool2d(MaxUnpooling):
    """Undoes the max pooling of an image: every maximum back to its place, zeros elsewhere.

    Input shape:  x and indices (B, C, H', W'), as MaxPool2d gives them
    Output shape: (B, C, H, W)
    """

    target = "nn.MaxUnpool2d"
    use = (
        "In a decoder that mirrors an encoder with max pooling, as SegNet. To enlarge without indices take an Upsample."
    )
    aliases = ("unpooling", "upsample", "enlarge", "segnet", "decoder")


class MaxUnpool3d(MaxUnpooling):
    """Undoes the max pooling of a volume: every maximum back to its place, zeros elsewhere.

    Input shape:  x and indices (B, C, D', H', W'), as MaxPool3d gives them
    Output shape: (B, C, D, H, W)
    """

    dims = 3
    target = "nn.MaxUnpool3d"
    use = "In a decoder that mirrors an encoder with max pooling. To enlarge without indices take an Upsample."
    aliases = ("unpooling", "upsample", "enlarge", "decoder")


class FractionalMaxPooling(Pooling, abstract=True):
    """Maxima of windows at random places, so that the size shrinks by any fraction."""

    formula = r"y_{c,i} = \max_{j \in R_i} x_{c,j}"
    signature: ClassVar[tuple[str, ...]] = ("kernel_size",)
    kernel_size: Pair = param(2, min=1, required=True, main=True, help="Size of the window along each dimension.")
    output_size: Pair | None = param(None, min=1, help="Size of the result, instead of a ratio.")
    output_ratio: float | None = param(
        0.5, min=1e-3, max=0.999, torch=None, main=True, help="Share of each size that is left, between 0 and 1."
    )
    return_indices: bool = param(
        False, literal=True, advanced=True, help="Adds an output that says where each maximum was."
    )

    def check(self, x: TensorSpec) -> None:
        need_form(x, self.dims)
        x.need_floating()
        if (self.output_size is None) == (self.output_ratio is None):
            which = "both" if self.output_size is not None else "none"
            raise LayerError(
                f"Needs an output_size or an output_ratio, gets {which}.", "Set one, and the other to none."
            )
        kernel = self.each("kernel_size")
        for size, k, wanted in zip(x.shape[2:], kernel, self._result(x), strict=True):
            spare = 1 if self.dims == 3 else 0  # torch asks for one more in a volume
            if isinstance(size, int) and (wanted < 1 or wanted + k - 1 > size - spare):
                raise LayerError(
                    f"No windows of {sizes_text(kernel)} at {wanted} places fit into a size of {size}.",
                    "Make kernel_size or the result smaller." if wanted else "Make output_ratio larger.",
                )

    def _result(self, x: TensorSpec) -> tuple[int, ...]:
        if self.output_ratio is None:
            return per_dim(self.output_size, self.dims)
        return tuple(int(s * self.output_ratio) if isinstance(s, int) else 0 for s in x.shape[2:])


class FractionalMaxPool2d(FractionalMaxPooling):
    """Keeps maxima of an image from windows at random places, so that it shrinks by any fraction.

    Input shape:  (B, C, H, W)
    Output shape: (B, C, output_size, output_size), or output_ratio times H and W.
    """

    target = "nn.FractionalMaxPool2d"
    use = "To shrink more slowly than by half, with some noise that guards against overfitting. Else take a MaxPool2d."
    aliases = ("max pooling", "random pooling", "stochastic", "downsample", "shrink")


class FractionalMaxPool3d(FractionalMaxPooling):
    """Keeps maxima of a volume from windows at random places, so that it shrinks by any fraction.

    Input shape:  (B, C, D, H, W)
    Output shape: (B, C, output_size, output_size, output_size), or output_ratio times D, H and W.
    """

    dims = 3
    target = "nn.FractionalMaxPool3d"
    use = "To shrink more slowly than by half, with some noise that guards against overfitting. Else take a MaxPool3d."
    aliases = ("max pooling", "random pooling", "stochastic", "downsample", "shrink")
