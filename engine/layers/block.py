"""Instances of blocks, and layers whose weights are used twice."""

from typing import Any

from engine.layers.base import Layer, Names
from engine.spec import Arguments, param


class BlockLayer(Layer):
    """An instance of one of your blocks: once, several in a row, or one applied several times.

    Ports are the block's Input and Output nodes; in a row, the first output feeds the first input of the next.
    In an argument of a repeated block the name i counts the repeats from 0.
    """

    key = "Block"
    title = "Block"
    category = "block"
    aliases = ("module", "group", "subgraph", "repeat", "residual")
    inputs = ()
    outputs = ()
    block: str = param("", help="The block it is an instance of.", literal=True)
    args: Arguments = param({}, help="Values for the block's parameters.", literal=True)
    repeat: int = param(1, min=1, max=1000, help="How many in a row.")
    shared: bool = param(False, help="Use the same weights every time.", literal=True)

    def emit(self, names: Names) -> tuple[str, ...]:
        raise AssertionError("blocks are written by codegen.classes, which knows their parameters")

    def build(self, derived: Any) -> None:
        raise AssertionError("blocks are written by codegen.classes, which knows their parameters")


class Shared(Layer):
    """Uses another layer of this network a second time, with the very same weights.

    Ports are those of the layer it repeats.
    """

    category = "block"
    aliases = ("weight sharing", "siamese", "tied", "reuse")
    inputs = ()
    outputs = ()
    node: str = param("", help="The layer whose weights it uses.", literal=True)

    def emit(self, names: Names) -> tuple[str, ...]:
        raise AssertionError("a shared layer is written as the layer it repeats")
