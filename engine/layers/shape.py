"""The same numbers in another shape, order or type."""

from __future__ import annotations

import ast
import math
import re
from typing import Annotated, Any, Literal

from engine.errors import LayerError
from engine.kinds import Ints, Optional
from engine.layers.base import FunctionLayer, Names, Port
from engine.layers.checks import axis, is_batch, sizes_text
from engine.layers.wired import WiredLayer
from engine.spec import DType, param
from engine.tensor import TensorSpec

_VIEWED = re.compile(r"(?:torch\.reshape\(\w+,|(?!torch)\w+\.(?:view|reshape)\()(.*)\)")
_BATCH = re.compile(r"-1|[A-Za-z_]\w*(\.size\(0\)|\.shape\[0\]|\.shape\[:1\])?")
Sizes = Annotated[Any, Ints(None, single=False, least=-1)]
Order = Annotated[Any, Ints(None, single=False)]


def spread(text: str) -> str:
    """The source of a tuple as arguments: "(1, 8)" becomes "1, 8", a name becomes "*name"."""
    tree = ast.parse(text, mode="eval").body
    return ", ".join(ast.unparse(e) for e in tree.elts) if isinstance(tree, ast.Tuple) else f"*{text}"


def viewed(text: str) -> tuple[int, ...] | None:
    """The sizes behind the batch of a view as it stands in Python, -1 for what is no number: `x.view(B, -1, 8)`."""
    found = _VIEWED.fullmatch(text)
    first, *rest = [part.strip() for part in found[1].strip("() ").split(",")] if found else [""]
    if not rest or not _BATCH.fullmatch(first.replace(" ", "")):
        return None
    sizes = tuple(int(part) if part.isdecimal() else -1 for part in rest if part)
    return sizes if sizes and sizes.count(-1) < 2 else None


def need_sizes(sizes: tuple[int, ...], option: str) -> None:
    """Raises: LayerError unless every size is at least 1, or -1 once."""
    if 0 in sizes or any(s < -1 for s in sizes) or sizes.count(-1) > 1:
        raise LayerError(f"{option} holds sizes of at least 1, and at most one -1.", "-1 stands for what is left over.")


def need_fill(count: int, sizes: tuple[int, ...], came: str) -> None:
    """Raises: LayerError unless so many values fill the sizes exactly."""
    known = math.prod(s for s in sizes if s != -1)
    if count % known if -1 in sizes else count != known:
        raise LayerError(f"{came} cannot fill {sizes_text(sizes)}.", f"Set sizes that multiply to {count}.")


class Flatten(FunctionLayer):
    """Lays all numbers of a sample in one row, as a Linear layer after an image needs them.

    Input shape:  (B, ...)
    Output shape: (B, the product of the sizes)
    """

    target = "torch.flatten"
    category = "shape"
    use = "Take it between convolutions and a Linear; an AdaptiveAvgPool2d before it saves most of the weights."
    aliases = ("nn.flatten", "reshape", "vector", "row", "view", "ravel")
    start_dim: int = param(1, help="The first dimension that is joined; 0 is the batch.")
    end_dim: int = param(-1, help="The last dimension that is joined; -1 is the last of all.")

    @classmethod
    def typed(cls, text: str) -> Flatten | None:
        return cls() if viewed(text) == (-1,) else None

    def check(self, x: TensorSpec) -> None:
        start, end = axis(x, self.start_dim, "start_dim"), axis(x, self.end_dim, "end_dim")
        if start > end:
            raise LayerError(f"start_dim={self.start_dim} comes after end_dim={self.end_dim}.", "Exchange the two.")

    def write(self, names: Names) -> str:
        if self.end_dim != -1:
            return names.fill("{x}.flatten({start_dim}, {end_dim})")
        return names.fill("{x}.flatten({start_dim})")


class Unflatten(WiredLayer):
    """Folds one dimension into several, as a row of pixels into an image.

    Input shape:  any
    Output shape: the same with unflattened_size in place of dim
    """

    target = "torch.unflatten"
    category = "shape"
    use = "Take it in generators and decoders, to make an image of a row of numbers, and to split features into heads."
    example = {"x": "B, 64", "unflattened_size": (1, 8, 8)}
    aliases = ("nn.unflatten", "reshape", "fold", "image", "view")
    dim: int = param(1, help="The dimension that is folded.")
    unflattened_size: Sizes = param((1, -1), main=True, help="The sizes it becomes; -1 is what is left over.")
    expression = "{x}.unflatten({dim}, {unflattened_size})"

    def check(self, x: TensorSpec) -> None:
        size = x.shape[axis(x, self.dim)]
        sizes = self.unflattened_size
        if not sizes:
            raise LayerError("unflattened_size names no size.", "Set it to something like 1, 8, 8.")
        need_sizes(sizes, "unflattened_size")
        if size == "B" and math.prod(sizes) not in (1, -1):
            raise LayerError(
                f"Dimension {self.dim} of {x} is the batch, which can have any size.", "Set dim to 1 or more."
            )
        if isinstance(size, str) and size != "B" and -1 not in sizes:
            raise LayerError(
                f"Dimension {self.dim} of {x} is {size}, which need not be {sizes_text(sizes)}.",
                "Set one of unflattened_size to -1.",
            )
        if isinstance(size, int):
            need_fill(size, sizes, f"Dimension {self.dim} of {x}, {size},")


class Reshape(WiredLayer):
    """Arranges the numbers of every sample anew, row by row, in other sizes.

    Input shape:  (B, ...)
    Output shape: (B, *shape)
    """

    target = "torch.reshape"
    category = "shape"
    use = (
        "Take it where sizes are joined and split at once; for one of the two take a Flatten or an "
        "Unflatten, which read better. To exchange dimensions take a Permute."
    )
    example = {"x": "B, 12, 32", "shape": (6, 64)}
    aliases = ("view", "fold", "rearrange")
    shape: Sizes = param((-1,), main=True, help="The new sizes without the batch; -1 is what is left over.")
    keep_batch: bool = param(
        True, literal=True, advanced=True, help="The batch stays as it is; off: shape names every size, the batch too."
    )
    method: Literal["reshape", "view"] = param(
        "reshape",
        literal=True,
        advanced=True,
        help="What is called; view never copies, and fails where it would have to.",
    )

    @classmethod
    def typed(cls, text: str) -> Reshape | None:
        sizes = viewed(text)
        return cls(shape=sizes) if sizes not in (None, (-1,)) else None

    def check(self, x: TensorSpec) -> None:
        need_sizes(self.shape, "shape")
        if not x.rank:
            raise LayerError("Needs a batch (B, ...), gets one value.", "Put an Unsqueeze before it.")
        if not self.keep_batch and not self.shape:
            raise LayerError("shape names no size.", "Set it to something like -1, 64.")
        rest = x.shape[1:] if self.keep_batch else x.shape
        count = math.prod(s for s in rest if isinstance(s, int))
        if all(isinstance(s, int) for s in rest):
            what = "a sample" if self.keep_batch else "the input"
            need_fill(count, self.shape, f"The {count} numbers of {what}, {x},")
        elif -1 not in self.shape:
            raise LayerError(f"{x} has sizes that are not known in advance.", "Use -1 for one of the new sizes.")

    def write(self, names: Names) -> str:
        sizes = spread(names.params["shape"])
        return f"{names.inputs['x']}.{self.method}({sizes})" if not self.keep_batch else self._kept(names, sizes)

    def _kept(self, names: Names, sizes: str) -> str:
        first = f"{names.inputs['x']}.shape[0]"
        return f"{names.inputs['x']}.{self.method}({', '.join(filter(None, (first, sizes)))})"


class Permute(FunctionLayer):
    """Puts the dimensions in another order, as channels last for channels first.

    Input shape:  any
    Output shape: the same sizes in the order of dims
    """

    target = "torch.permute"
    category = "shape"
    aliases = ("transpose", "swap", "reorder", "channels last", "axes")
    dims: Order = param((0, 2, 1), main=True, help="Which dimension comes first, second and so on; 0 is the batch.")
    use = "Take it to bring channels or steps where the next layer wants them; a Reshape would mix the numbers up."

    def check(self, x: TensorSpec) -> None:
        order = [d + x.rank if d < 0 else d for d in self.dims]
        if sorted(order) != list(range(x.rank)):
            wanted = ", ".join(map(str, range(x.rank)))
            raise LayerError(
                f"dims must be an order of the {x.rank} dimensions of {x}, not {self.params['dims'].show(self.dims)}.",
                f"Use each of {wanted} once.",
            )

    def write(self, names: Names) -> str:
        return f"{names.inputs['x']}.permute({spread(names.params['dims'])})"


class Transpose(FunctionLayer):
    """Exchanges two dimensions, as channels and time.

    Input shape:  any
    Output shape: the same with two sizes exchanged
    """

    target = "torch.transpose"
    category = "shape"
    use = "Take it to exchange just two dimensions, as between a Conv1d and attention; for more take a Permute."
    example = {"x": "B, 12, 32"}
    aliases = ("swap", "permute", "axes", "matrix transpose")
    dim0: int = param(1, main=True, help="One dimension.")
    dim1: int = param(2, main=True, help="The dimension it changes places with.")
    expression = "{x}.transpose({dim0}, {dim1})"

    def check(self, x: TensorSpec) -> None:
        axis(x, self.dim0, "dim0")
        axis(x, self.dim1, "dim1")


class Squeeze(FunctionLayer):
    """Takes away a dimension of size 1.

    Input shape:  any, with a size of 1 at dim
    Output shape: the same without that dimension
    """

    target = "torch.squeeze"
    category = "shape"
    use = "Take it to drop a size of 1, as after pooling to one pixel."
    example = {"x": "B, 16, 1"}
    aliases = ("remove dimension", "drop dimension", "axes")
    dim: int = param(-1, main=True, help="The dimension that is taken away; -1 is the last.")
    expression = "{x}.squeeze({dim})"

    def check(self, x: TensorSpec) -> None:
        size = x.shape[axis(x, self.dim)]
        if is_batch(size):
            raise LayerError(f"Dimension {self.dim} of {x} is the batch, which must stay.", "Set dim to 1 or more.")
        if size != 1:
            raise LayerError(
                f"Dimension {self.dim} of {x} is {size}, and only a size of 1 can be taken away.",
                "Take a Select for one entry, or a Mean for all of them.",
            )


class Unsqueeze(FunctionLayer):
    """Adds a dimension of size 1, as the one channel of a grey image.

    Input shape:  any
    Output shape: the same with a 1 at dim
    """

    target = "torch.unsqueeze"
    category = "shape"
    use = "Take it where a dimension is missing: the one channel of a grey image, or a size to be stretched."
    example = {"x": "B, 8, 8"}
    aliases = ("add dimension", "new axis", "expand dims", "channel")
    dim: int = param(1, main=True, help="Where the new dimension stands.")
    expression = "{x}.unsqueeze({dim})"

    def check(self, x: TensorSpec) -> None:
        axis(TensorSpec((*x.shape, 1)), self.dim)


class Expand(WiredLayer):
    """Repeats one tensor, such as a learned token, for every sample of another.

    Input shape:  x (1, ...), like (B, ...)
    Output shape: (B, ...), with the other sizes of x
    """

    target = "torch.Tensor.expand"
    category = "shape"
    use = "Take it to give every sample the same learned token or position vectors."
    example = {"x": "1, 4, 16", "like": "B, 16"}
    aliases = ("repeat", "tile", "broadcast", "class token", "batch")
    inputs = (
        Port("x", help="What is repeated; its first size is 1."),
        Port("like", "optional", "Its samples are counted; not needed where sizes are set."),
    )
    sizes: Annotated[Any, Optional(Ints(None, single=False, least=-1), "like")] = param(
        None, help="The sizes it is stretched to, -1 for those that stay; like: the samples of that tensor."
    )
    dims: int = param(
        0, min=0, max=8, help="How many sizes x has besides the first; 0 leaves that open.", advanced=True
    )

    def write(self, names: Names) -> str:
        if self.sizes is not None:
            return f"{names.inputs['x']}.expand({spread(names.params['sizes'])})"
        rest = ", -1" * self.dims if self.dims else names.fill(", *{x}.shape[1:]")
        return names.fill("{x}.expand({like}.shape[0]") + rest + ")"

    def check(self, x: TensorSpec, like: TensorSpec | None = None) -> None:
        if self.sizes is not None:
            self._check_sizes(x, self.sizes)
            return
        if like is None:
            raise LayerError("Needs a tensor whose samples are counted.", "Wire one, or set sizes.", port="like")
        if self.dims and x.rank != self.dims + 1:
            raise LayerError(f"Needs {self.dims} sizes besides the first, gets {x}.", f"Set dims to {x.rank - 1}.")
        if not like.rank:
            raise LayerError("Needs a batch (B, ...), gets one value.", port="like")
        if not x.rank or x.shape[0] != 1:
            raise LayerError(f"Needs a first size of 1, gets {x}.", "Put an Unsqueeze with dim 0 before it.", port="x")

    def _check_sizes(self, x: TensorSpec, sizes: tuple[int, ...]) -> None:
        if len(sizes) < x.rank:
            raise LayerError(f"Has {len(sizes)} sizes for the {x.rank} of {x}.", "Give one for each.")
        new = len(sizes) - x.rank
        if any(size < 1 for size in sizes[:new]) or 0 in sizes:
            raise LayerError("Sizes that are added in front are at least 1.", "Set sizes without -1 there.")
        for place, (wanted, size) in enumerate(zip(sizes[new:], x.shape)):
            if wanted not in (-1, size) and size != 1:
                raise LayerError(f"Dimension {place} of {x} is {size}, and only a size of 1 can become {wanted}.")


class Cast(FunctionLayer):
    """Changes the type of the numbers, as from indices to fractions.

    Input shape:  any
    Output shape: the same
    """

    target = "torch.Tensor.to"
    category = "shape"
    use = "Take it where two inputs must be of one type, or indices become numbers."
    example = {"x": "B, 12 int64"}
    aliases = ("dtype", "type", "convert", "float", "long", "int")
    dtype: DType = param("float32", literal=True, main=True, help="The type they get.")

    def write(self, names: Names) -> str:
        return f"{names.inputs['x']}.to(torch.{self.dtype})"
