"""From many numbers to one, along one or several dimensions."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from engine.errors import LayerError
from engine.kinds import Ints
from engine.layers.base import FunctionLayer, Names
from engine.layers.checks import feature_axis
from engine.spec import param
from engine.tensor import TensorSpec

Dims = Annotated[Any, Ints(None)]


class Reduction(FunctionLayer, abstract=True):
    """What all reductions have in common."""

    category = "merge"
    method: ClassVar[str] = ""
    dim: Dims = param(-1, main=True, help="The dimension that is taken together, or several: 2, 3.")
    keepdim: bool = param(False, help="Keeps the dimension with a size of 1.")

    def check(self, x: TensorSpec) -> None:
        dims = self.dim if isinstance(self.dim, tuple) else (self.dim,)
        if not dims:
            raise LayerError("dim names no dimension.", "Set dim to -1 for the last.")
        found = [feature_axis(x, dim, "mix samples") for dim in dims]
        if len(set(found)) < len(found):
            raise LayerError(f"dim names a dimension of {x} twice.", "Name each once.")

    def write(self, names: Names) -> str:
        keep = "" if self.keepdim is False else ", keepdim={keepdim}"
        return names.fill("{x}." + self.method + "(dim={dim}" + keep + ")")


class Mean(Reduction):
    """Takes the mean along one or several dimensions: 1 over time, or 2, 3 over an image.

    Input shape:  any
    Output shape: the same without the dimensions that were taken together
    """

    target = "torch.mean"
    method = "mean"
    aliases = ("average", "global average pooling", "reduce", "aggregate")

    def check(self, x: TensorSpec) -> None:
        super().check(x)
        x.need_floating()


class Sum(Reduction):
    """Adds up along one or several dimensions.

    Input shape:  any
    Output shape: the same without the dimensions that were taken together
    """

    target = "torch.sum"
    method = "sum"
    aliases = ("total", "reduce", "aggregate")


class Max(Reduction):
    """Keeps the largest number along one or several dimensions.

    Input shape:  any
    Output shape: the same without the dimensions that were taken together
    """

    target = "torch.amax"
    method = "amax"
    aliases = ("maximum", "largest", "global max pooling", "reduce")


class Min(Reduction):
    """Keeps the smallest number along one or several dimensions.

    Input shape:  any
    Output shape: the same without the dimensions that were taken together
    """

    target = "torch.amin"
    method = "amin"
    aliases = ("minimum", "smallest", "reduce")
