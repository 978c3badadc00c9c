"""Python numbers on wires: the sizes of a tensor, and numbers written down."""

from __future__ import annotations

from typing import Annotated, Any

from engine.errors import LayerError
from engine.kinds import Ints, NameList, Numeric
from engine.layers.base import FunctionLayer, Names, Port
from engine.layers.checks import axis
from engine.spec import param
from engine.tensor import TensorSpec

Figure = Annotated[int | float | bool, Numeric()]


class Size(FunctionLayer):
    """Gives sizes of a tensor as numbers, one for each dimension that is asked for.

    A number can feed the sizes of a Reshape, the end of a Slice, or arithmetic.

    Input shape:  any
    Output shape: numbers
    """

    target = "torch.Tensor.size"
    category = "shape"
    formula = r"x.\mathrm{shape}[\mathrm{dim}]"
    use = "For a size that a layer after it needs, as the batch and the time of x.view(b, t, heads, -1)."
    aliases = ("shape", "x.shape[1]", "x.size(1)", "b, t, c = x.shape", "dimension", "len", "scalar", "number")
    dim: Annotated[Any, Ints(None)] = param(1, literal=True, main=True, help="Which dimension, or several: 0, 1.")
    names: Annotated[tuple[str, ...], NameList()] = param(
        (), literal=True, main=True, help="What the sizes are called, one name for each: b, t."
    )
    exact: bool = param(
        False, literal=True, advanced=True, help="The tensor has these dimensions and no more: b, t, c = x.shape."
    )

    @property
    def dims(self) -> tuple[int, ...]:
        return self.dim if isinstance(self.dim, tuple) else (self.dim,)

    def ports_out(self) -> tuple[Port, ...]:
        plain = tuple(f"out{i + 1}" for i in range(len(self.dims))) if len(self.dims) != 1 else ("out",)
        names = self.names if len(self.names) == len(self.dims) else plain
        return tuple(Port(name, carries="number") for name in names)

    def check(self, x: TensorSpec) -> None:
        if not self.dims:
            raise LayerError("dim names no dimension.", "Set dim to 0 for the batch.")
        if self.names and len(self.names) != len(self.dims):
            raise LayerError(f"Gives {len(self.dims)} sizes, but has {len(self.names)} names.", "Name each of them.")
        if "x" in self.names:
            raise LayerError("Its input is called x, and so is one of the sizes.", "Change the name of the size.")
        for dim in self.dims:
            axis(x, dim)
        if self.exact and self.dims != tuple(range(x.rank)):
            raise LayerError(
                f"The dimensions of {x} are not exactly {', '.join(map(str, self.dims))}.",
                "Set dim to all of them in order, or exact to no.",
            )

    def emit(self, names: Names) -> tuple[str, ...]:
        left = ", ".join(names.outputs[port.name] for port in self.ports_out())
        left = f"({left},)" if self.exact and len(self.dims) == 1 else left
        return (f"{left} = {self._sizes(str(names.inputs['x']))}",)

    def _sizes(self, x: str) -> str:
        first, last, count = self.dims[0], self.dims[-1], len(self.dims)
        if count == 1 and not self.exact:
            return f"{x}.shape[{first}]"
        if self.exact:
            return f"{x}.shape"
        if self.dims == tuple(range(first, first + count)) and (first >= 0 or last < 0):
            start, end = "" if first == 0 else str(first), "" if last == -1 else str(last + 1)
            return f"{x}.shape[{start}:{end}]"
        return ", ".join(f"{x}.shape[{dim}]" for dim in self.dims)


class Rank(FunctionLayer):
    """Gives the number of dimensions of a tensor, as a number.

    Input shape:  any
    Output shape: a number
    """

    target = "torch.Tensor.dim"
    category = "shape"
    use = "For code that has to work with and without a batch; for a size take Size."
    aliases = ("ndim", "x.ndim", "x.dim()", "number of dimensions", "axes")
    outputs = (Port("out", carries="number"),)
    expression = "{x}.ndim"


class Count(FunctionLayer):
    """Gives how many values a tensor has in all, as a number.

    Input shape:  any
    Output shape: a number
    """

    target = "torch.numel"
    category = "shape"
    use = "To divide a sum by the number of its terms; for the size of one dimension take Size."
    aliases = ("numel", "x.numel()", "number of elements", "size")
    outputs = (Port("out", carries="number"),)
    expression = "{x}.numel()"


class Number(FunctionLayer):
    """Gives a number that is written down, or computed from the parameters of the block.

    Output shape: a number
    """

    category = "io"
    use = "For a number that several layers share; one layer alone takes it as its option. For a tensor take Constant."
    aliases = ("scalar", "literal", "constant", "value", "int", "float")
    inputs = ()
    outputs = (Port("out", carries="number"),)
    value: Figure = param(1, main=True, help="The number.")
    expression = "{value}"
