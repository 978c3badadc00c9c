"""What passes through with no more than a little arithmetic: blends, stopped gradients, copies."""

from __future__ import annotations

from engine.errors import LayerError
from engine.layers.base import FunctionLayer, Names, Port
from engine.layers.checks import listed
from engine.layers.merge import need_broadcast
from engine.spec import param
from engine.tensor import TensorSpec


class Lerp(FunctionLayer):
    """Goes from one tensor towards another by a share of the way.

    Input shape:  two of the same shape and type; sizes of 1 are stretched
    Output shape: the same
    """

    target = "torch.lerp"
    category = "merge"
    formula = r"y = a + w \, (b - a)"
    use = "Take it to blend two branches, by a fixed share or by a gate that comes over a wire."
    aliases = ("blend", "mix", "interpolate", "a.lerp(b, w)", "moving average", "gate", "highway")
    inputs = (
        Port("a", help="Where it starts."),
        Port("b", help="Where it goes."),
        Port("w", "optional", "The share; without a wire it is weight."),
    )
    weight: float = param(0.5, main=True, help="The share of the way: 0 is a, 1 is b.")

    def check(self, a: TensorSpec, b: TensorSpec, w: TensorSpec | None = None) -> None:
        given = (a, b) if w is None else (a, b, w)
        need_broadcast(given, self.title)
        a.need_floating()
        if len({x.dtype for x in given}) > 1:
            raise LayerError(f"The types differ: {listed(given)}.", "All need the same type.")

    def write(self, names: Names) -> str:
        share = "{weight}" if names.inputs.get("w", "None") == "None" else "{w}"
        return names.fill("torch.lerp({a}, {b}, " + share + ")")


class AddProduct(FunctionLayer):
    """Adds the product of two tensors, times a number, to a third.

    Input shape:  three of the same shape; sizes of 1 are stretched
    Output shape: the same
    """

    target = "torch.addcmul"
    category = "merge"
    formula = r"y = x + v \, a \odot b"
    use = "Take it for modulation in one step, x + scale * shift; Add and Multiply say the same in two."
    aliases = ("addcmul", "torch.addcmul", "modulate", "film", "adaln", "fused")
    inputs = (Port("x", help="What is added to."), Port("a", help="One factor."), Port("b", help="The other factor."))
    value: float = param(1.0, main=True, help="What the product is multiplied by.")

    def check(self, x: TensorSpec, a: TensorSpec, b: TensorSpec) -> None:
        need_broadcast((x, a, b), self.title)
        x.need_floating()
        if len({s.dtype for s in (x, a, b)}) > 1:
            raise LayerError(f"The types differ: {listed((x, a, b))}.", "All need the same type.")

    def write(self, names: Names) -> str:
        return names.fill("torch.addcmul({x}, {a}, {b}" + ("" if self.value == 1 else ", value={value}") + ")")


class Detach(FunctionLayer):
    """Lets values pass, and no gradient back: what comes before it learns nothing from what comes after.

    Input shape:  any
    Output shape: the same
    """

    target = "torch.Tensor.detach"
    category = "shape"
    use = "Take it for targets that must not move, straight-through estimators and the teacher of a student."
    aliases = ("stop gradient", "x.detach()", "stopgrad", "freeze", "no grad", "straight through")
    expression = "{x}.detach()"


class Clone(FunctionLayer):
    """Gives a copy of a tensor.

    Input shape:  any
    Output shape: the same
    """

    target = "torch.clone"
    category = "shape"
    use = "Take it before code that writes into a tensor; nothing that is drawn needs a copy otherwise."
    aliases = ("copy", "x.clone()", "duplicate")
    expression = "{x}.clone()"


class MoveTo(FunctionLayer):
    """Brings a tensor to the device of another one, and, if wanted, to its type.

    Input shape:  x and like, any
    Output shape: that of x
    """

    target = "torch.Tensor.type_as"
    category = "shape"
    use = "Take it for tensors made on the way that must meet others; a fixed type is a Cast."
    aliases = ("device", "x.to(device)", "type_as", "x.type_as(y)", "cuda", "cpu", "convert")
    inputs = (Port("x", help="What moves."), Port("like", help="Where to."))
    types: bool = param(True, literal=True, main=True, help="Takes over the type as well.")

    def write(self, names: Names) -> str:
        return names.fill("{x}.to({like})" if self.types else "{x}.to({like}.device)")
