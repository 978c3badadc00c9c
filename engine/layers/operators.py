"""Python's other operators between tensors, between numbers, and between the two: // % ** and comparisons."""

from __future__ import annotations

from typing import Literal

from engine.errors import LayerError
from engine.layers.base import FunctionLayer, Names, Port
from engine.layers.checks import need_real
from engine.layers.merge import ElementwisePair, need_broadcast
from engine.spec import param
from engine.tensor import TensorSpec


class FloorDivide(ElementwisePair):
    """Divides and rounds down, element by element, as a // b does.

    Input shape:  two of the same shape, or numbers; sizes of 1 are stretched
    Output shape: the same
    """

    target = "torch.floor_divide"
    formula = r"y = \lfloor a / b \rfloor"
    use = "For whole numbers, such as the features of one head, d // heads; for fractions take Divide."
    aliases = ("//", "a // b", "integer division", "floor division", "floordiv", "quotient")
    expression = "{a} // {b}"
    divides = True

    def check_types(self, a: TensorSpec, b: TensorSpec) -> None:
        need_real((a, b), self.title)


class Remainder(ElementwisePair):
    """Gives what is left over from a division, element by element, as a % b does.

    Input shape:  two of the same shape, or numbers; sizes of 1 are stretched
    Output shape: the same
    """

    target = "torch.remainder"
    formula = r"y = a - b \lfloor a / b \rfloor"
    use = "For positions that start again, as those within a window, and to fill a size up to a multiple."
    aliases = ("%", "a % b", "modulo", "mod", "rest", "fmod")
    expression = "{a} % {b}"
    divides = True

    def check_types(self, a: TensorSpec, b: TensorSpec) -> None:
        need_real((a, b), self.title)


class Power(ElementwisePair):
    """Raises the first operand to the power of the second, element by element.

    Input shape:  two of the same shape, or numbers; sizes of 1 are stretched
    Output shape: the same
    """

    target = "torch.pow"
    formula = "y = a^b"
    use = "With other set to 2 for squares, to -0.5 for one over the square root; with swap for 2 ** x."
    aliases = ("**", "a ** b", "pow", "exponent", "square", "x ** 2", "root")

    def check_types(self, a: TensorSpec, b: TensorSpec) -> None:
        need_real((a, b), self.title)
        whole = not (a.is_floating or b.is_floating)
        if whole and isinstance(self.other, int) and self.other < 0:
            raise LayerError(f"Whole numbers, {a}, have no power {self.other}.", "Put a Cast to float32 before it.")

    def between(self, a: str, b: str) -> str:
        # A formatter closes up a power of names and numbers.
        return f"{a} ** {b}" if "(" in a + b else f"{a}**{b}"


class Compare(ElementwisePair):
    """Compares two tensors element by element, or a tensor with a number, and gives a mask of yes and no.

    Input shape:  two of the same shape, or numbers; sizes of 1 are stretched
    Output shape: the same, of type bool
    """

    target = "torch.eq"
    formula = r"y = 1 \quad \mathrm{where} \quad a = b"
    use = "For masks: x != 0 says where there is no padding. The mask goes into a Where or a MaskedFill."
    aliases = ("==", "!=", "<", ">", "<=", ">=", "eq", "ne", "lt", "le", "gt", "ge", "equal", "less", "greater", "mask")
    operator: Literal["==", "!=", "<", "<=", ">", ">="] = param("==", literal=True, main=True, help="The comparison.")

    def check_types(self, a: TensorSpec, b: TensorSpec) -> None:
        if self.operator not in ("==", "!="):
            need_real((a, b), self.title, flags=True)

    def between(self, a: str, b: str) -> str:
        return f"{a} {self.operator} {b}"


class Logic(FunctionLayer):
    """Joins two masks: both, either, or exactly one of the two.

    Input shape:  two masks of the same shape; sizes of 1 are stretched
    Output shape: the same
    """

    target = "torch.logical_and"
    category = "merge"
    formula = r"y = a \wedge b"
    use = "To combine masks, as that of padding with the causal one."
    aliases = ("and", "or", "xor", "&", "|", "^", "a & b", "mask", "logical_or", "logical_xor", "both", "either")
    inputs = (Port("a", help="One mask, of type bool."), Port("b", help="The other mask."))
    operator: Literal["&", "|", "^"] = param(
        "&", literal=True, main=True, help="Both (&), either or both (|), or one alone (^)."
    )

    def check(self, a: TensorSpec, b: TensorSpec) -> None:
        for port, x in (("a", a), ("b", b)):
            if x.dtype != "bool":
                raise LayerError(f"Needs masks of type bool, gets {x}.", "Put a Compare before it.", port=port)
        need_broadcast((a, b), self.title)

    def write(self, names: Names) -> str:
        return f"{names.inputs['a']} {self.operator} {names.inputs['b']}"


class Not(FunctionLayer):
    """Turns a mask round: yes becomes no.

    Input shape:  a mask of any shape
    Output shape: the same
    """

    target = "torch.logical_not"
    category = "merge"
    formula = r"y = \neg x"
    use = "Where a layer wants to know what is hidden rather than what is seen, as key_padding_mask does."
    aliases = ("~", "~x", "invert", "negate", "mask", "logical_not")
    expression = "~{x}"

    def check(self, x: TensorSpec) -> None:
        if x.dtype != "bool":
            raise LayerError(f"Needs a mask of type bool, gets {x}.", "Put a Compare before it.")


class Minimum(FunctionLayer):
    """Keeps the smaller of two inputs, element by element.

    Input shape:  two of the same shape; sizes of 1 are stretched
    Output shape: the same
    """

    target = "torch.minimum"
    category = "merge"
    formula = r"y = \min(a, b)"
    use = "For the smaller of two tensors; the smallest number of one tensor is Min, a fixed limit is Clamp."
    aliases = ("smaller", "fuzzy and", "merge")
    inputs = (Port("a", help="The first tensor."), Port("b", help="The second tensor."))
    expression = "torch.minimum({a}, {b})"

    def check(self, a: TensorSpec, b: TensorSpec) -> None:
        need_broadcast((a, b), self.title)
        need_real((a, b), self.title, flags=True)
