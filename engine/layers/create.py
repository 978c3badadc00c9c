"""Tensors that come from nowhere: zeros, ones, counted numbers, random ones; their sizes may come over wires."""

from __future__ import annotations

import ast
from typing import Annotated, Any, ClassVar, Literal

from engine.errors import LayerError
from engine.kinds import DTYPE, Ints, Numeric, Optional
from engine.layers.base import Names, Port
from engine.layers.wired import WiredLayer
from engine.spec import param
from engine.tensor import FLOATING, TensorSpec

Shape = Annotated[Any, Optional(Ints(None), "like")]
OwnType = Annotated[str | None, Optional(DTYPE, "like")]
Figure = Annotated[int | float, Numeric(flags=False)]
_LIKE = Port("like", "optional", "A tensor whose device, type and, where shape is unset, shape it gets.")


def arguments(text: str) -> str:
    """The source of one size or several as arguments: "(1, 8)" becomes "1, 8"."""
    tree = ast.parse(text, mode="eval").body
    return ", ".join(ast.unparse(e) for e in tree.elts) if isinstance(tree, ast.Tuple) else text


def as_tuple(text: str) -> str:
    """The source of one size or several as a tuple: "8" becomes "(8,)"."""
    return text if isinstance(ast.parse(text, mode="eval").body, ast.Tuple) else f"({text},)"


class Created(WiredLayer, abstract=True):
    """What all of them share: the device of the tensor at `like`, and a type."""

    category = "io"
    inputs = (_LIKE,)
    default_type: ClassVar[str] = "float32"
    dtype: OwnType = param(None, literal=True, help="The type of its numbers; like: that of the tensor at like.")

    def place(self, names: Names) -> list[str]:
        """The arguments that say type and device."""
        like = str(names.inputs.get("like", "None"))
        if like == "None":
            return [] if self.dtype in (None, self.default_type) else [f"dtype=torch.{self.dtype}"]
        return [f"dtype={like}.dtype" if self.dtype is None else f"dtype=torch.{self.dtype}", f"device={like}.device"]


class Shaped(Created, abstract=True):
    """Of any shape, or of that of another tensor."""

    function: ClassVar[str] = "zeros"
    floating: ClassVar[bool] = False
    shape: Shape = param(None, main=True, help="Its sizes, as in 1, 8; like: those of the tensor at like.")

    def check(self, like: TensorSpec | None = None) -> None:
        if self.shape is None and like is None:
            raise LayerError("Needs a shape.", "Set shape, or wire a tensor into like.")
        sizes = self.shape if isinstance(self.shape, tuple) else (self.shape or 0,)
        if any(n < 0 for n in sizes):
            raise LayerError("A size is negative.", "Set shape to sizes of at least 1.")
        dtype = self.dtype or (like.dtype if like else self.default_type)
        if self.floating and dtype not in FLOATING:
            raise LayerError(f"Draws numbers with a fraction, and the type is {dtype}.", "Set dtype to float32.")

    def write(self, names: Names) -> str:
        like = str(names.inputs.get("like", "None"))
        if self.shape is None:
            own = [] if self.dtype is None else [f"dtype=torch.{self.dtype}"]
            return f"torch.{self.function}_like({', '.join([like, *self.values(names), *own])})"
        return f"torch.{self.function}({', '.join([self.sizes(names), *self.values(names), *self.place(names)])})"

    def sizes(self, names: Names) -> str:
        return arguments(names.params["shape"]) or "()"

    def values(self, names: Names) -> list[str]:
        """The arguments between the sizes and the type."""
        return []


class Zeros(Shaped):
    """Makes a tensor of zeros.

    Input shape:  like any, or nothing
    Output shape: shape, or that of like
    """

    target = "torch.zeros"
    use = "Take it for the first state of a loop and for padding; one that is learned is a Parameter."
    example = {"shape": (4, 16)}
    aliases = ("torch.zeros", "zeros_like", "empty", "initial state", "padding")


class Ones(Shaped):
    """Makes a tensor of ones.

    Input shape:  like any, or nothing
    Output shape: shape, or that of like
    """

    target = "torch.ones"
    use = "Take it for masks that hide nothing; another number everywhere is a Full."
    example = {"shape": (4, 16)}
    aliases = ("torch.ones", "ones_like", "mask")
    function = "ones"


class Full(Shaped):
    """Makes a tensor that holds one number everywhere; the number may come over a wire.

    Input shape:  like any, or nothing
    Output shape: shape, or that of like
    """

    target = "torch.full"
    use = "Take it to make a tensor of a number, with shape () for one value; fixed ones are cheaper as a Constant."
    example = {"shape": (4, 16)}
    aliases = ("torch.full", "full_like", "number to tensor", "constant", "fill", "torch.tensor")
    function = "full"
    default_type = ""
    value: Figure = param(0.0, main=True, help="The number.")

    def sizes(self, names: Names) -> str:
        return as_tuple(names.params["shape"])

    def values(self, names: Names) -> list[str]:
        return [names.params["value"]]


class Random(Shaped):
    """Draws new random numbers every time, of any shape: normal, even, or whole ones.

    Input shape:  like any, or nothing
    Output shape: shape, or that of like
    """

    target = "torch.randn"
    use = "Take it for the code of a generator and for masks drawn by chance; Noise fits itself to one tensor."
    example = {"shape": (4, 16)}
    aliases = ("torch.randn", "torch.rand", "randn_like", "rand_like", "normal", "uniform", "sample", "latent", "gan")
    floating = True
    distribution: Literal["normal", "uniform"] = param(
        "normal", literal=True, main=True, help="Normal around 0 with a spread of 1, or even between 0 and 1."
    )

    @property
    def function(self) -> str:  # type: ignore[override]
        return "randn" if self.distribution == "normal" else "rand"


class Arange(Created):
    """Counts: start, start + step, and so on, before end.

    Input shape:  like any, or nothing
    Output shape: (N,), as many as there are
    """

    target = "torch.arange"
    use = "Take it for positions; between two numbers with so many steps take a Linspace."
    aliases = ("torch.arange", "range", "positions", "count", "index", "0, 1, 2")
    start: Figure = param(0, help="The first number.")
    end: Figure = param(10, main=True, help="The number before which it stops; a size may come over a wire.")
    default_type = ""
    step: Figure = param(1, help="From one number to the next.")

    def check(self, like: TensorSpec | None = None) -> None:
        if self.step == 0 or (self.end - self.start) / self.step <= 0:
            raise LayerError(f"There is nothing from {self.start} to {self.end}.", "Set end above start.")
        dtype = self.dtype or (like.dtype if like else "int64")
        if dtype == "bool" or dtype.startswith("complex"):
            raise LayerError(f"Cannot count in {dtype}.", "Set dtype to int64.")
        whole = all(isinstance(n, int) for n in (self.start, self.end, self.step))
        if not whole and dtype not in FLOATING:
            raise LayerError(f"Counts in fractions, and the type is {dtype}.", "Set dtype to float32.")

    def write(self, names: Names) -> str:
        given = [names.params["end"]]
        if self.start != 0 or self.step != 1:
            given = [names.params["start"], *given]
        if self.step != 1:
            given.append(names.params["step"])
        return f"torch.arange({', '.join([*given, *self.place(names)])})"


class Linspace(Created):
    """Goes from one number to another in so many even steps, both included.

    Input shape:  like any, or nothing
    Output shape: (steps,)
    """

    target = "torch.linspace"
    use = "Take it for coordinates and schedules; whole numbers one after another are an Arange."
    aliases = ("torch.linspace", "even steps", "coordinates", "schedule", "grid")
    start: Figure = param(0.0, main=True, help="The first number.")
    end: Figure = param(1.0, main=True, help="The last number.")
    steps: int = param(10, min=1, main=True, help="How many numbers.")

    def check(self, like: TensorSpec | None = None) -> None:
        dtype = self.dtype or (like.dtype if like else "float32")
        if dtype not in FLOATING:
            raise LayerError(f"Gives numbers with a fraction, and the type is {dtype}.", "Set dtype to float32.")

    def write(self, names: Names) -> str:
        given = [names.params[n] for n in ("start", "end", "steps")]
        return f"torch.linspace({', '.join([*given, *self.place(names)])})"


class Eye(Created):
    """Makes a matrix that is 1 on its diagonal and 0 elsewhere.

    Input shape:  like any, or nothing
    Output shape: (n, n)
    """

    target = "torch.eye"
    use = "Take it for a graph's links to itself and as a mask of the diagonal."
    aliases = ("torch.eye", "identity matrix", "diagonal", "self loops", "one hot table")
    n: int = param(3, min=1, main=True, help="Its size.")

    def check(self, like: TensorSpec | None = None) -> None:
        return

    def write(self, names: Names) -> str:
        return f"torch.eye({', '.join([names.params['n'], *self.place(names)])})"
