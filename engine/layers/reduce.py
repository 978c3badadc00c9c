"""From many numbers to one, along one or several dimensions."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from engine.errors import LayerError
from engine.kinds import Ints, Optional
from engine.layers.base import FunctionLayer, Names
from engine.layers.checks import feature_axis
from engine.spec import param
from engine.tensor import TensorSpec

Dims = Annotated[Any, Optional(Ints(None))]


def reduced_axes(x: TensorSpec, dim: int | tuple[int, ...] | None) -> list[int]:
    """The dimensions that go, counted from the front; all of them for None. Raises: LayerError."""
    if dim is None:
        return list(range(x.rank))
    dims = dim if isinstance(dim, tuple) else (dim,)
    if not dims:
        raise LayerError("dim names no dimension.", "Set dim to -1 for the last.")
    found = [feature_axis(x, d, "mix samples") for d in dims]
    if len(set(found)) < len(found):
        raise LayerError(f"dim names a dimension of {x} twice.", "Name each once.")
    return found


class Reduction(FunctionLayer, abstract=True):
    """What all reductions have in common."""

    category = "merge"
    method: ClassVar[str] = ""
    needs_dim: ClassVar[bool] = False
    dim: Dims = param(-1, main=True, help="The dimension that is taken together, or several: 2, 3; none: all numbers.")
    keepdim: bool = param(False, help="Keeps the dimension with a size of 1.")

    def check(self, x: TensorSpec) -> None:
        if self.dim is None and self.needs_dim:
            raise LayerError(f"{self.title} needs a dimension.", "Set dim to -1 for the last.")
        reduced_axes(x, self.dim)

    def more(self) -> tuple[str, ...]:
        """Further arguments, as templates."""
        return ()

    def write(self, names: Names) -> str:
        given = [] if self.dim is None else ["dim={dim}"]
        given += self.more()
        given += [] if self.keepdim is False or self.dim is None else ["keepdim={keepdim}"]
        return names.fill("{x}." + self.method + "(" + ", ".join(given) + ")")


class Mean(Reduction):
    """Takes the mean along one or several dimensions: 1 over time, or 2, 3 over an image.

    Input shape:  any
    Output shape: the same without the dimensions that were taken together
    """

    target = "torch.mean"
    method = "mean"
    formula = r"y = \frac{1}{n} \sum_{i=1}^{n} x_i"
    use = "Take it to sum up a sequence, or an image at the end of a network; a Max keeps the strongest instead."
    example = {"x": "B, 12, 32", "dim": 1}
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
    formula = r"y = \sum_{i} x_i"
    use = (
        "Take it where amounts count, as after weighing by attention; for something that does not grow with "
        "the length take a Mean."
    )
    example = {"x": "B, 12, 32", "dim": 1}
    aliases = ("total", "reduce", "aggregate")


class Max(Reduction):
    """Keeps the largest number along one or several dimensions.

    Input shape:  any
    Output shape: the same without the dimensions that were taken together
    """

    target = "torch.amax"
    method = "amax"
    formula = r"y = \max_{i} x_i"
    use = "Take it where one strong entry decides; a Mean is steadier and gives every entry a gradient."
    example = {"x": "B, 12, 32", "dim": 1}
    aliases = ("maximum", "largest", "global max pooling", "reduce")


class Min(Reduction):
    """Keeps the smallest number along one or several dimensions.

    Input shape:  any
    Output shape: the same without the dimensions that were taken together
    """

    target = "torch.amin"
    method = "amin"
    formula = r"y = \min_{i} x_i"
    use = "Take it where the weakest entry decides, as the nearest of several distances."
    example = {"x": "B, 12, 32", "dim": 1}
    aliases = ("minimum", "smallest", "reduce")
