"""A border around a tensor."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from engine.errors import LayerError
from engine.kinds import Ints
from engine.layers.base import FUNCTIONAL, FunctionLayer, Names
from engine.spec import param
from engine.tensor import TensorSpec


class Pad(FunctionLayer):
    """Adds a border: zeros, another number, or a continuation of what is inside.

    Input shape:  any
    Output shape: the same, larger by the border
    """

    target = "nn.functional.pad"
    category = "shape"
    use = (
        "Take it where a border differs from side to side, or is a mirror image; plain zeros come with the "
        "padding of a convolution."
    )
    aliases = ("border", "margin", "zero padding", "reflection", "replication", "frame")
    padding: Annotated[Any, Ints(None, single=False)] = param(
        (1, 1, 1, 1), main=True, help="Before and after, from the last dimension on: left, right, top, bottom."
    )
    mode: Literal["constant", "reflect", "replicate", "circular"] = param(
        "constant", help="What the border is filled with: a number, the mirror image, the edge, the other side."
    )
    value: float = param(0.0, help='The number that mode="constant" fills in.')

    def check(self, x: TensorSpec) -> None:
        pads = self.padding
        if len(pads) % 2 or not pads:
            raise LayerError("padding needs two numbers for each dimension.", "Set it to something like 1, 1, 1, 1.")
        if self.mode != "constant" and x.dtype == "bool":
            raise LayerError(f'mode="{self.mode}" takes no bool, gets {x}.', 'Set mode to "constant".')
        dims = len(pads) // 2
        if dims >= x.rank:
            raise LayerError(f"padding has {len(pads)} numbers, but {x} has only {max(x.rank - 1, 0)} sizes to pad.")
        if self.mode != "constant" and (dims > 3 or x.rank not in (dims + 1, dims + 2)):
            raise LayerError(
                f'mode="{self.mode}" pads all sizes after the channels of {x}.',
                f"Give {2 * max(x.rank - 2, 1)} numbers in padding.",
            )
        for i in range(dims):
            self._check_size(x, x.shape[-1 - i], pads[2 * i], pads[2 * i + 1])

    def _check_size(self, x: TensorSpec, size: int | str, before: int, after: int) -> None:
        if isinstance(size, str):
            return
        if size + before + after < 1:
            raise LayerError(f"A padding of {before}, {after} leaves nothing of {size} in {x}.", "Use larger numbers.")
        most = {"reflect": size - 1, "circular": size}.get(self.mode)
        if most is not None and max(before, after) > most:
            raise LayerError(
                f'mode="{self.mode}" can add at most {most} to a size of {size}.', 'Add less, or use "replicate".'
            )

    def imports(self) -> tuple[str, ...]:
        return (FUNCTIONAL,)

    def write(self, names: Names) -> str:
        mode = "" if self.mode == "constant" else ", mode={mode}"
        value = "" if self.value == 0 or self.mode != "constant" else ", value={value}"
        return names.fill("F.pad({x}, {padding}" + mode + value + ")")
