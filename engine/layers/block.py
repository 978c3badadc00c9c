"""Instances of blocks, layers that hold blocks, and layers whose weights are used twice."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Self

from engine.layers.base import Layer, Names, Port
from engine.layers.chosen import Given
from engine.spec import param

REPEAT, COUNT = "i", "n"
"""In the arguments of a repeated block: which repeat it is, and how many there are."""

Ports = tuple[tuple[Port, ...], tuple[Port, ...]]
"""Inputs and outputs."""


class Holder(Layer, abstract=True):
    """A layer that uses blocks of the project: an instance of one, a loop over one, a choice between two.

    Whoever wants to know which blocks a layer uses, and with which arguments, asks `held`; whoever changes them gives
    the same instances back, changed, to `with_held`. Each is one module of the generated class, called after the node
    and, where there are several, after its part: `choice_then`, `choice_otherwise`.
    """

    def held(self) -> tuple[BlockLayer, ...]:
        """The blocks as instances, in the order in which analysis has their shapes."""
        raise NotImplementedError

    def with_held(self, held: Sequence[BlockLayer]) -> Self:
        """The same layer over other blocks or arguments, as many as `held` gives."""
        raise NotImplementedError

    def parts(self) -> tuple[str, ...]:
        """What tells the blocks apart in names; a single one is called as the node is."""
        return ("",) * len(self.held())

    def ports(self, inner: Sequence[Ports]) -> Ports:
        """The ports of the node, from those of its blocks."""
        raise NotImplementedError

    def with_port_renamed(self, inner: Sequence[Ports], before: str, after: str) -> Self:
        """The same layer once a port of its blocks is called otherwise; `inner` are the ports from before."""
        return self

    def emit(self, names: Names) -> tuple[str, ...]:
        raise AssertionError("layers that hold blocks are written by codegen, which knows the blocks")

    def build(self, derived: Any) -> None:
        raise AssertionError("layers that hold blocks are written by codegen, which knows the blocks")


class BlockLayer(Holder):
    """An instance of one of your blocks: once, several in a row, or one applied several times.

    Ports are the block's Input and Output nodes; in a row, the first output feeds the first input of the next, and
    with `carry` the second the second, and so on.
    In an argument of a repeated block the name i counts the repeats from 0, and n says how many there are.
    """

    key = "Block"
    title = "Block"
    category = "block"
    aliases = ("module", "group", "subgraph", "repeat", "residual")
    inputs = ()
    outputs = ()
    block: str = param("", help="The block it is an instance of.", literal=True)
    args: Given = param({}, help="Values for the block's parameters.", literal=True)
    repeat: int = param(1, min=1, max=1000, help="How many in a row.")
    shared: bool = param(False, help="Use the same weights every time.", literal=True)
    carry: int = param(
        1, min=1, max=64, help="In a row, how many outputs go into the inputs of the next one, in order.", advanced=True
    )

    def held(self) -> tuple[BlockLayer, ...]:
        return (self,)

    def with_held(self, held: Sequence[BlockLayer]) -> Self:
        return self.with_(block=held[0].block, args=held[0].args)

    def ports(self, inner: Sequence[Ports]) -> Ports:
        return inner[0]


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


def held(layer: Layer) -> tuple[BlockLayer, ...]:
    """The instances of blocks that a layer holds: itself, if it is one; none for a layer that holds no block."""
    return layer.held() if isinstance(layer, Holder) else ()


def with_held(layer: Layer, change: Callable[[BlockLayer], BlockLayer]) -> Layer:
    """The layer with every instance that it holds changed; the very same layer if none is."""
    if not isinstance(layer, Holder):
        return layer
    before = layer.held()
    after = tuple(map(change, before))
    return layer if after == before else layer.with_held(after)


def instance_names(name: str, layer: Layer, count: int) -> tuple[str, ...]:
    """What the instances of blocks of a node are called: as their modules are, by numbers in a row."""
    if isinstance(layer, Holder) and not isinstance(layer, BlockLayer):
        return module_names(name, layer)
    return tuple(f"{name}.{i}" for i in range(count)) if count > 1 else (name,)


def module_names(name: str, layer: Layer) -> tuple[str, ...]:
    """What the modules of a node are called that holds blocks: after the node, and after the part if it has several."""
    parts = layer.parts() if isinstance(layer, Holder) else ("",)
    return tuple(f"{name}_{part}" if part else name for part in parts)
