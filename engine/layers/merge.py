"""From several tensors to one, and from one to several."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from engine.errors import LayerError
from engine.expr import Expr
from engine.kinds import Ints, Numeric, Optional
from engine.layers.base import FunctionLayer, Names, Port
from engine.layers.checks import axis, broadcast, feature_axis, need_alike
from engine.spec import param
from engine.tensor import NumberSpec, TensorSpec

_MANY = (Port("inputs", "many", "Two tensors or more, in order."),)
_ANY_MANY = (Port("inputs", "many", "Two tensors or numbers or more, in order.", "any"),)
_PAIR = (Port("a", help="The first tensor."), Port("b", help="The second tensor."))
_ANY_PAIR = (
    Port("a", help="The first tensor or number.", carries="any"),
    Port("b", "optional", "The second tensor or number; without a wire it is other.", "any"),
)
_ANY_OUT = (Port("out", carries="any"),)
Operand = Annotated[int | float | None, Optional(Numeric(flags=False))]


def need_several(specs: tuple[TensorSpec, ...]) -> None:
    """Raises: LayerError unless there are at least two."""
    if len(specs) < 2:
        came = "one" if specs else "none"
        raise LayerError(f"Needs two inputs or more, gets {came}.", "Connect another wire to it.", port="inputs")


def need_broadcast(specs: tuple[TensorSpec, ...], title: str) -> None:
    """Raises: LayerError unless the tensors can be combined element by element."""
    both = "both need" if len(specs) == 2 else "all need"
    need_alike(specs, f"{title} works element by element, so {both} the same sizes.")


def operand(value: Any, text: str) -> str:
    """The source of an option as one side of an operator: an expression in parentheses."""
    return f"({text})" if isinstance(value, Expr) and not text.isidentifier() else text


class ElementwiseMany(FunctionLayer, abstract=True):
    """One operator between all inputs."""

    category = "merge"
    inputs = _ANY_MANY
    outputs = _ANY_OUT
    operator: ClassVar[str] = "+"
    other: Operand = param(None, help="A fixed number beside the inputs; none: the inputs alone.")

    def check(self, inputs: tuple[TensorSpec, ...] = ()) -> None:
        if self.other is None or not inputs:
            need_several(inputs)
        need_broadcast(inputs, self.title)

    def write(self, names: Names) -> str:
        wires = names.inputs["inputs"]
        texts = (wires,) if isinstance(wires, str) else wires
        own = (operand(self.other, names.params["other"]),) if self.other is not None else ()
        return f" {self.operator} ".join((*texts, *own))


class Add(ElementwiseMany):
    """Sums its inputs element by element, as a skip connection does.

    Input shape:  two or more of the same shape; sizes of 1 are stretched
    Output shape: the same
    """

    target = "torch.add"
    formula = "y = a + b"
    use = "Take it for skip connections and to combine branches of one shape; a Concat keeps both side by side instead."
    aliases = ("sum", "plus", "skip connection", "residual", "shortcut", "merge", "join", "+", "a + b")


class Multiply(ElementwiseMany):
    """Multiplies its inputs element by element, as a gate or a mask does.

    Input shape:  two or more of the same shape; sizes of 1 are stretched
    Output shape: the same
    """

    target = "torch.mul"
    formula = r"y = a \odot b"
    use = "Take it for gates and masks, mostly behind a Sigmoid; sizes of 1 are stretched."
    aliases = ("product", "times", "gate", "mask", "scale", "squeeze and excitation", "*", "a * b")
    operator = "*"


class ElementwisePair(FunctionLayer, abstract=True):
    """One operator between two inputs, or between one input and a fixed number."""

    category = "merge"
    inputs = _ANY_PAIR
    outputs = _ANY_OUT
    other: Operand = param(None, main=True, help="The second operand where b has no wire.")
    divides: ClassVar[bool] = False
    swap: bool = param(False, literal=True, help="Exchanges the operands, as in 1 - x.")

    def check(self, a: TensorSpec, b: TensorSpec | None = None) -> None:
        if b is None and self.other is None:
            raise LayerError("Needs a second operand.", "Wire something into b, or set other to a number.", port="b")
        need_broadcast((a, b) if b is not None else (a,), self.title)
        second = b if b is not None else NumberSpec.of(self.other or 0)
        self.check_types(a, second)
        above, below = (second, a) if self.swap else (a, second)
        if self.divides and isinstance(above, NumberSpec) and isinstance(below, NumberSpec) and below.value == 0:
            raise LayerError(f"Divides {above} by 0.", "Another number is needed below.")

    def check_types(self, a: TensorSpec, b: TensorSpec) -> None:
        """Raises: LayerError if the operator does not know these types of numbers."""

    def write(self, names: Names) -> str:
        first, second = str(names.inputs["a"]), str(names.inputs.get("b", "None"))
        if second == "None":
            second = operand(self.other, names.params["other"])
        return self.between(*((second, first) if self.swap else (first, second)))

    def between(self, a: str, b: str) -> str:
        """The operator between two operands, as source."""
        return self.expression.format(a=a, b=b)


class Subtract(ElementwisePair):
    """Takes the second input from the first, element by element.

    Input shape:  two of the same shape; sizes of 1 are stretched
    Output shape: the same
    """

    target = "torch.sub"
    formula = "y = a - b"
    use = "Take it for differences: a residual, two branches compared."
    aliases = ("minus", "difference", "sub", "-", "a - b", "1 - x")
    expression = "{a} - {b}"

    def check_types(self, a: TensorSpec, b: TensorSpec) -> None:
        if "bool" in (a.dtype, b.dtype):
            raise LayerError("Subtract takes no bool.", "Convert the mask to float32 first.")


class Divide(ElementwisePair):
    """Divides the first input by the second, element by element.

    Input shape:  two of the same shape; sizes of 1 are stretched
    Output shape: the same
    """

    target = "torch.div"
    formula = r"y = \frac{a}{b}"
    use = "Take it for ratios; add a small Constant to the second input where it can be 0."
    aliases = ("quotient", "ratio", "scale", "div", "/", "a / b", "1 / x")
    expression = "{a} / {b}"
    divides = True


class Maximum(FunctionLayer):
    """Keeps the larger of two inputs, element by element.

    Input shape:  two of the same shape; sizes of 1 are stretched
    Output shape: the same
    """

    target = "torch.maximum"
    category = "merge"
    formula = r"y = \max(a, b)"
    use = "Take it to let the stronger of two branches win, as in a maxout unit; along one tensor take a Max."
    aliases = ("larger", "maxout", "merge")
    inputs = _PAIR
    outputs = (Port("out"),)
    expression = "torch.maximum({a}, {b})"

    def check(self, a: TensorSpec, b: TensorSpec) -> None:
        need_broadcast((a, b), self.title)

    def write(self, names: Names) -> str:
        return names.fill(self.expression)


class MatMul(FunctionLayer):
    """Multiplies two matrices, or two stacks of matrices.

    Input shape:  (..., N, K) and (..., K, M)
    Output shape: (..., N, M)
    """

    target = "torch.matmul"
    category = "merge"
    formula = r"y_{nm} = \sum_{k} a_{nk} \, b_{km}"
    use = "Take it to multiply two tensors that both come in, as attention scores; for a learned matrix take a Linear."
    example = {"a": "B, 12, 32", "b": "B, 32, 8"}
    aliases = ("matrix product", "dot product", "bmm", "einsum", "attention scores")
    inputs = _PAIR
    expression = "{a} @ {b}"

    def check(self, a: TensorSpec, b: TensorSpec) -> None:
        for port, x in (("a", a), ("b", b)):
            if x.rank < 2:
                raise LayerError(f"Needs matrices (..., N, K), gets {x}.", "Put an Unsqueeze before it.", port=port)
        if a.shape[-1] != b.shape[-2]:
            raise LayerError(
                f"The inner sizes differ: {a.shape[-1]} in {a}, {b.shape[-2]} in {b}.",
                "The last size of a must be the last but one of b; a Transpose may help.",
            )
        if not broadcast((TensorSpec((*a.shape[:-2], 1, 1)), TensorSpec((*b.shape[:-2], 1, 1)))):
            raise LayerError(f"The inputs differ: {a}, {b}.", "All sizes but the last two must be the same.")
        if a.dtype != b.dtype:
            raise LayerError(f"The types differ: {a.dtype}, {b.dtype}.", "Both need the same type.")


class Concat(FunctionLayer):
    """Puts tensors one after another along one dimension, by default their channels or features.

    Input shape:  two or more that differ along dim only
    Output shape: the same, the sizes along dim added up
    """

    target = "torch.cat"
    category = "merge"
    formula = r"y = [\, a \mid b \,]"
    use = "Take it to keep branches side by side, as in a U-Net or a DenseNet; an Add needs fewer channels after it."
    aliases = ("cat", "concatenate", "join", "append", "dense connection", "unet", "skip connection")
    inputs = _MANY
    expression = "torch.cat([{inputs}], dim={dim})"
    dim: int = param(1, main=True, help="The dimension along which they are joined; 1 is channels or features.")

    def check(self, inputs: tuple[TensorSpec, ...] = ()) -> None:
        need_several(inputs)
        first = inputs[0]
        index = axis(first, self.dim)
        need_alike(inputs, f"Concat joins along dimension {self.dim}, so all other sizes must be the same.", index)


class Stack(FunctionLayer):
    """Lays tensors of the same shape on top of one another, along a new dimension.

    Input shape:  two or more of the same shape
    Output shape: the same with the number of inputs as a new size at dim
    """

    target = "torch.stack"
    category = "merge"
    formula = "y_i = x_i"
    use = "Take it to make a sequence or a set out of several tensors; along a dimension that is there take a Concat."
    aliases = ("new dimension", "join", "sequence")
    inputs = _MANY
    expression = "torch.stack([{inputs}], dim={dim})"
    dim: int = param(1, main=True, help="Where the new dimension stands.")

    def check(self, inputs: tuple[TensorSpec, ...] = ()) -> None:
        need_several(inputs)
        need_alike(inputs, "Stack needs all of them of one shape.", -1)
        axis(TensorSpec((*inputs[0].shape, len(inputs))), self.dim)


class Split(FunctionLayer):
    """Cuts a tensor into parts along one dimension, each with an output of its own.

    Input shape:  any
    Output shape: for each part the same, smaller along dim
    """

    target = "torch.split"
    category = "merge"
    formula = r"[\, a \mid b \,] = x"
    use = "Take it to send parts of the channels through different layers; for one part alone take a Slice."
    example = {"x": "B, 32"}
    aliases = ("chunk", "branch", "divide", "unbind", "partition", "tensor_split", "x.split()", "x.chunk(2)")
    parts: int = param(2, min=2, max=64, literal=True, main=True, help="How many parts of equal size.")
    sizes: Annotated[tuple[int, ...] | None, Optional(Ints(None, single=False, least=1), "equal")] = param(
        None, literal=True, help="The size of every part, when they are not equal."
    )
    dim: int = param(1, main=True, help="The dimension that is cut; 1 is channels or features.")
    uneven: bool = param(False, literal=True, help="Parts may differ by one where the size does not divide.")

    def count(self) -> int:
        """How many parts come out."""
        return len(self.sizes) if self.sizes else self.parts

    def ports_out(self) -> tuple[Port, ...]:
        return tuple(Port(f"out{i + 1}") for i in range(self.count()))

    def check(self, x: TensorSpec) -> None:
        size = x.shape[feature_axis(x, self.dim, "give samples to different layers")]
        if self.sizes is not None and sum(self.sizes) != size:
            raise LayerError(
                f"The parts add up to {sum(self.sizes)}, but dimension {self.dim} of {x} is {size}.",
                "Change sizes, or set it to equal for parts of equal size.",
            )
        if self.uneven and self.sizes is None:
            if isinstance(size, int) and size < self.parts:
                raise LayerError(
                    f"{size} along dimension {self.dim} cannot make {self.parts} parts.", "Set parts lower."
                )
            return
        if self.sizes is None and (isinstance(size, str) or size % self.parts):
            raise LayerError(
                f"{size} along dimension {self.dim} cannot be cut into {self.parts} equal parts.",
                "Set sizes to give every part its own.",
            )

    def emit(self, names: Names) -> tuple[str, ...]:
        left = ", ".join(names.outputs[p.name] for p in self.ports_out())
        call = "{x}.split({sizes}, dim={dim})" if self.sizes else "{x}.chunk({parts}, dim={dim})"
        call = "{x}.tensor_split({parts}, dim={dim})" if self.uneven and not self.sizes else call
        return (names.fill((left if self.count() > 1 else f"({left},)") + " = " + call),)
