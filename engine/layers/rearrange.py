"""The same entries at other places: moved, repeated, rolled, turned over, taken apart."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from engine.errors import LayerError
from engine.kinds import Ints
from engine.layers.base import FunctionLayer, Names, Port
from engine.layers.checks import axis, feature_axis, listed
from engine.layers.shape import spread
from engine.layers.wired import WiredLayer
from engine.spec import param
from engine.tensor import TensorSpec

Times = Annotated[Any, Ints(None, single=False)]
Places = Annotated[Any, Ints(None)]


def several(value: int | tuple[int, ...]) -> tuple[int, ...]:
    """One number or several as several."""
    return value if isinstance(value, tuple) else (value,)


def need_distinct(x: TensorSpec, dims: tuple[int, ...], option: str) -> list[int]:
    """The dimensions counted from the front. Raises: LayerError if one is not there or stands twice."""
    if not dims:
        raise LayerError(f"{option} names no dimension.", f"Set {option} to -1 for the last.")
    found = [axis(x, dim, option) for dim in dims]
    if len(set(found)) < len(found):
        raise LayerError(f"{option} names a dimension of {x} twice.", "Name each once.")
    return found


class MoveDim(FunctionLayer):
    """Moves one dimension to another place; the others keep their order.

    Input shape:  any
    Output shape: the same sizes, one of them elsewhere
    """

    target = "torch.movedim"
    category = "shape"
    use = "Take it to bring channels last or back to the front whatever the rank; for a whole new order take a Permute."
    aliases = ("moveaxis", "x.movedim(1, -1)", "channels last", "channels first", "axes", "permute")
    source: int = param(1, main=True, help="The dimension that moves.")
    destination: int = param(-1, main=True, help="Where it stands afterwards.")
    expression = "{x}.movedim({source}, {destination})"

    def check(self, x: TensorSpec) -> None:
        axis(x, self.source, "source")
        axis(x, self.destination, "destination")


class Repeat(WiredLayer):
    """Lays a tensor side by side with itself, so many times along every dimension.

    Input shape:  any
    Output shape: every size times its repeats; more repeats than dimensions add dimensions in front
    """

    target = "torch.Tensor.repeat"
    category = "shape"
    use = "Take it for copies that are changed later; where a size of 1 has to fit another, broadcasting does it."
    aliases = ("tile", "x.repeat(1, 2, 1)", "copy", "broadcast", "expand")
    repeats: Times = param((1, 2), main=True, help="How often along each dimension; 0 is the batch: 1, 2, 1.")

    def check(self, x: TensorSpec) -> None:
        if len(self.repeats) < x.rank or any(n < 1 for n in self.repeats):
            raise LayerError(
                f"Needs a repeat of at least 1 for each dimension of {x}.", "Set repeats to 1 where nothing changes."
            )

    def write(self, names: Names) -> str:
        return f"{names.inputs['x']}.repeat({spread(names.params['repeats'])})"


class RepeatInterleave(WiredLayer):
    """Repeats every entry along a dimension on the spot: a, b becomes a, a, b, b.

    Input shape:  any
    Output shape: the same, the size of dim times repeats
    """

    target = "torch.repeat_interleave"
    category = "shape"
    use = "Take it to share keys and values among heads, as grouped query attention does; whole copies are a Repeat."
    aliases = ("x.repeat_interleave(2, dim=1)", "grouped query attention", "gqa", "upsample", "duplicate", "repeat_kv")
    repeats: int = param(2, min=1, main=True, help="How often every entry stands there.")
    dim: int = param(1, main=True, help="The dimension.")
    expression = "{x}.repeat_interleave({repeats}, dim={dim})"

    def check(self, x: TensorSpec) -> None:
        axis(x, self.dim)


class Roll(WiredLayer):
    """Moves entries along a dimension; what falls off at one end comes back at the other.

    Input shape:  any
    Output shape: the same
    """

    target = "torch.roll"
    category = "shape"
    use = "Take it for shifted windows and circular shifts; a shift that leaves a gap is a Pad behind a Slice."
    aliases = ("x.roll()", "circular shift", "swin", "shifted window", "rotate", "cyclic")
    shifts: Places = param(1, main=True, help="By how many places, one number for each dimension in dims.")
    dims: Places = param(1, main=True, help="Along which dimensions.")

    def check(self, x: TensorSpec) -> None:
        dims, shifts = several(self.dims), several(self.shifts)
        if not dims:
            raise LayerError("dims names no dimension.", "Set dims to -1 for the last.")
        for dim in dims:
            axis(x, dim, "dims")
        if len(dims) != len(shifts):
            raise LayerError(f"Has {len(shifts)} shifts for {len(dims)} dimensions.", "Give one for each.")

    def write(self, names: Names) -> str:
        return names.fill("{x}.roll({shifts}, dims={dims})")


class Flip(FunctionLayer):
    """Turns the order of entries round along one or several dimensions.

    Input shape:  any
    Output shape: the same
    """

    target = "torch.flip"
    category = "shape"
    use = "Take it to read a sequence backwards or to mirror an image, as a second look at the same input."
    aliases = ("reverse", "mirror", "x.flip(1)", "backwards", "[::-1]", "fliplr", "flipud", "bidirectional")
    dims: Places = param(
        1, main=True, help="Along which dimensions: 1 is time; 2, 3 are the rows and columns of an image."
    )

    def check(self, x: TensorSpec) -> None:
        need_distinct(x, several(self.dims), "dims")

    def write(self, names: Names) -> str:
        dims = names.params["dims"]
        return f"{names.inputs['x']}.flip({spread(dims) if dims.startswith('(') else dims})"


class Rotate90(FunctionLayer):
    """Turns the plane of two dimensions by quarter turns.

    Input shape:  any, with two dimensions or more
    Output shape: the same, the two sizes exchanged for an odd number of turns
    """

    target = "torch.rot90"
    category = "shape"
    use = "Take it for networks that look at an image from four sides; to mirror it take a Flip."
    aliases = ("rot90", "rotate", "quarter turn", "equivariant")
    k: int = param(1, main=True, help="How many quarter turns, from the first of dims to the second.")
    dims: Annotated[Any, Ints(2, single=False)] = param((-2, -1), help="The two dimensions of the plane.")
    expression = "{x}.rot90({k}, {dims})"

    def check(self, x: TensorSpec) -> None:
        need_distinct(x, self.dims, "dims")


class Contiguous(FunctionLayer):
    """Lays the numbers one after another in memory, as a view after a Permute needs them.

    Input shape:  any
    Output shape: the same
    """

    target = "torch.Tensor.contiguous"
    category = "shape"
    use = "Only before a Reshape that is written as view; reshape itself copies where it has to."
    aliases = ("x.contiguous()", "memory", "copy", "view")
    expression = "{x}.contiguous()"


class Unbind(FunctionLayer):
    """Takes a dimension apart into its entries, each with an output of its own.

    Input shape:  any, of size count along dim
    Output shape: for each entry the same without dim
    """

    target = "torch.unbind"
    category = "shape"
    use = "Take it for query, key and value that lie along a dimension of 3; parts of a dimension are a Split."
    example = {"x": "B, 3, 16", "dim": 1}
    aliases = ("q, k, v", "x.unbind(0)", "unstack", "take apart", "split", "qkv")
    count: int = param(3, min=1, max=64, literal=True, main=True, help="The size of that dimension: how many outputs.")
    dim: int = param(0, main=True, help="The dimension that is taken apart.")

    def ports_out(self) -> tuple[Port, ...]:
        return tuple(Port(f"out{i + 1}") for i in range(self.count))

    def check(self, x: TensorSpec) -> None:
        size = x.shape[feature_axis(x, self.dim, "give samples to different layers")]
        if size != self.count:
            raise LayerError(
                f"Has {self.count} outputs, and dimension {self.dim} of {x} is {size}.",
                f"Set count to {size}." if isinstance(size, int) and size <= 64 else "Set dim to one of a fixed size.",
            )

    def emit(self, names: Names) -> tuple[str, ...]:
        left = ", ".join(names.outputs[port.name] for port in self.ports_out())
        return (names.fill((left if self.count > 1 else f"({left},)") + " = {x}.unbind({dim})"),)


class Meshgrid(FunctionLayer):
    """Lays out the coordinates of a grid: one output for each direction.

    Input shape:  one row of numbers (N,) for each direction
    Output shape: for each direction the coordinates of every point, one size for each input
    """

    target = "torch.meshgrid"
    category = "shape"
    use = "Take it for the pixel coordinates that position encodings, anchors and warps start from, behind an Arange."
    aliases = ("grid", "coordinates", "torch.meshgrid", "positions", "anchors", "pixel grid")
    inputs = (Port("inputs", "many", "One row of numbers for each direction."),)
    count: int = param(2, min=1, max=8, literal=True, main=True, help="How many directions.")
    indexing: Literal["ij", "xy"] = param("ij", literal=True, help='"ij" has rows first, "xy" columns.')

    def ports_out(self) -> tuple[Port, ...]:
        return tuple(Port(f"out{i + 1}") for i in range(self.count))

    def check(self, inputs: tuple[TensorSpec, ...] = ()) -> None:
        if len(inputs) != self.count:
            raise LayerError(f"Has {self.count} outputs, and {len(inputs)} inputs.", f"Set count to {len(inputs)}.")
        if any(x.rank != 1 for x in inputs):
            raise LayerError(f"Needs rows of numbers (N,), gets {listed(inputs)}.", "Put an Arange before it.")
        if len({x.dtype for x in inputs}) > 1:
            raise LayerError(f"The types differ: {listed(inputs)}.", "All need the same type.")

    def emit(self, names: Names) -> tuple[str, ...]:
        left = ", ".join(names.outputs[port.name] for port in self.ports_out())
        left = left if self.count > 1 else f"({left},)"
        return (names.fill(left + " = torch.meshgrid({inputs}, indexing={indexing})"),)
