"""Where tensors come in and go out, and what a network holds besides layers."""

from typing import Annotated, Any, Literal

from engine.expr import Expr
from engine.kinds import Optional
from engine.layers.base import Call, Layer, Names, Port
from engine.spec import DType, Ints, param
from engine.tree import Tree

FreeSizes = Annotated[
    tuple[int | str, ...] | None, Optional(Ints(None, single=False, least=1, names=True), "from data")
]


class Input(Layer):
    """Takes one tensor into the network or block; its name is the argument's name in forward.

    Output shape: (B, *shape). In the main network an unset shape comes from the data, in a block from the wiring.
    """

    category = "io"
    use = "Take one for every tensor that comes in: the data in the main network, an argument of forward in a block."
    aliases = ("source", "x", "argument", "placeholder")
    inputs = ()
    outputs = (Port("out", carries="any"),)
    shape: FreeSizes = param(
        None,
        help="Sizes without the batch, such as 1, 28, 28; a name such as T leaves a size free. Unset: from the data.",
        main=True,
    )
    dtype: DType = param("float32", help="Type of the numbers.", advanced=True)
    optional: bool = param(
        False, help="May be left out: an argument that is None by default.", advanced=True, literal=True
    )
    source: Literal["inputs", "targets"] = param(
        "inputs",
        help="What of the data feeds it in the main network: its inputs, or what is to be predicted, for a drawn loss.",
        advanced=True,
        literal=True,
    )

    def emit(self, names: Names) -> tuple[str, ...]:
        return ()


class Output(Layer):
    """Gives one tensor out of the network or block; its name is the result's name.

    Input shape: any.
    """

    category = "io"
    use = "Take one for every result; the recipe's loss and metrics read those of the main network."
    aliases = ("result", "return", "sink", "prediction")
    inputs = (Port("x", carries="any"),)
    outputs = ()

    def emit(self, names: Names) -> tuple[str, ...]:
        return ()


class Parameter(Layer):
    """A tensor that is learned by itself, without belonging to a layer.

    Output shape: shape.
    """

    category = "io"
    target = "nn.Parameter"
    use = "Take it for what is learned but belongs to no layer: a class token, position vectors, a temperature."
    aliases = ("weight", "learned tensor", "token", "position embedding")
    inputs = ()
    shape: Annotated[tuple[int, ...], Ints(None, single=False)] = param(
        (1,), min=1, help="Its sizes.", main=True, required=True
    )
    init: Literal["zeros", "ones", "randn", "rand"] = param(
        "zeros", help="What it starts from; everything else that torch.nn.init knows is in the section Weights."
    )
    dtype: Literal["float32", "float64", "float16", "bfloat16"] = param(
        "float32", literal=True, advanced=True, help="The type of its numbers."
    )

    def build(self, derived: object) -> Call:
        shape: Any = self.shape
        sizes = shape.parts() if isinstance(shape, Expr) else shape if isinstance(shape, tuple) and shape else (shape,)
        kind = () if self.dtype == "float32" else (("dtype", Tree(f"torch.{self.dtype}")),)
        return Call("nn.Parameter", (Call(f"torch.{self.init}", sizes, kind),))

    def emit(self, names: Names) -> tuple[str, ...]:
        return (names.fill("{out} = {self}"),)


class Constant(Layer):
    """A tensor of one fixed number, which is never learned.

    Output shape: shape; without sizes one value, which goes with every shape.
    """

    category = "io"
    target = "nn.Buffer"
    use = "Take it for a number that goes with every shape and is never learned; for learned ones take a Parameter."
    aliases = ("number", "fixed", "buffer", "scalar", "value")
    inputs = ()
    value: float = param(1.0, main=True, help="The number.")
    shape: Annotated[tuple[int, ...], Ints(None, single=False)] = param(
        (), min=1, help="Its sizes; none for one value."
    )

    def build(self, derived: object) -> Call:
        if self.shape == ():
            return Call("nn.Buffer", (Call("torch.tensor", (self.value,)),))
        return Call("nn.Buffer", (Call("torch.full", (self.shape, self.value)),))

    def emit(self, names: Names) -> tuple[str, ...]:
        return (names.fill("{out} = {self}"),)
