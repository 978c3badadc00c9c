"""What inference found out about a project, as plain data. Made by `analysis.infer`, read by everyone else."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from operator import attrgetter
from typing import Any

from engine.errors import Problem
from engine.graph.graph import BlockId, NodeId
from engine.graph.others import difference
from engine.layers.base import Layer
from engine.tensor import TensorSpec

ITSELF = "value"
"""What the parameter is called of a node that is one, such as a learned tensor."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What a layer keeps of one pass forward for the pass back, beside its parameters.

    inputs: ports whose tensor is kept, "inputs:1" for the second wire of a many-port. outputs: ports whose result is.
    extra: what it makes for itself, masks and statistics. views: outputs that are no memory of their own, with the
    input that they show.
    """

    inputs: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()
    extra: tuple[TensorSpec, ...] = ()
    views: tuple[tuple[str, str], ...] = ()


NOTHING_KEPT = Kept()


@dataclass(frozen=True, slots=True)
class Given:
    """What a layer would give to an input that takes it, and at which of its outputs."""

    port: str
    spec: TensorSpec


@dataclass(frozen=True, slots=True)
class NodeShapes:
    """One node in one instance of its block.

    layer: the node's layer with every expression evaluated (the original's, for a Shared node).
    inputs: per port a spec, a tuple of specs for a many-port, None where unknown or not connected.
    outputs: per port a spec or None where unknown. derived: constructor arguments that the wiring determines.
    parameters: learned numbers (0 for a Shared node). flops: for one sample, forward.
    activation_bytes: of the outputs, for one sample. repeats: for an instance of a block, one entry a repetition.
    failed: the node itself has a problem. known: every output has a spec.
    named: sizes of the node's own parameters by their names, before anything is computed from them.
    kept: what training remembers of it from the pass forward to the pass back. backward: operations of the pass back
    for one sample, and those that are left where no input wants a gradient.
    """

    layer: Layer
    inputs: Mapping[str, TensorSpec | tuple[TensorSpec, ...] | None] = field(default_factory=dict)
    outputs: Mapping[str, TensorSpec | None] = field(default_factory=dict)
    derived: Mapping[str, Any] = field(default_factory=dict)
    parameters: int = 0
    trainable: int = 0
    flops: int = 0
    activation_bytes: int = 0
    repeats: tuple[BlockShapes, ...] = ()
    failed: bool = False
    named: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    kept: Kept = NOTHING_KEPT
    backward: tuple[int, int] = (0, 0)

    @property
    def known(self) -> bool:
        return not self.failed and None not in self.outputs.values()


@dataclass(frozen=True)
class BlockShapes:
    """One instance of a block: its parameters' values, what came in, and every node of its graph."""

    block: BlockId
    args: Mapping[str, Any]
    inputs: tuple[TensorSpec | None, ...]
    nodes: Mapping[NodeId, NodeShapes]
    outputs: tuple[TensorSpec | None, ...]
    problems: tuple[Problem, ...] = ()

    @cached_property
    def parameters(self) -> int:
        return sum(n.parameters for n in self.nodes.values())

    @cached_property
    def flops(self) -> int:
        return sum(n.flops for n in self.nodes.values())

    @cached_property
    def activation_bytes(self) -> int:
        return sum(n.activation_bytes for n in self.nodes.values())

    @cached_property
    def known(self) -> bool:
        return not self.unknown

    @cached_property
    def unknown(self) -> int:
        """How many nodes have an output that is not known."""
        return sum(map(_is_unknown, self.nodes.values()))

    @cached_property
    def trainable(self) -> int:
        return sum(n.trainable for n in self.nodes.values())

    @cached_property
    def holders(self) -> dict[NodeId, NodeShapes]:
        """The nodes that hold instances of blocks."""
        return {id: n for id, n in self.nodes.items() if n.repeats}

    @cached_property
    def inside(self) -> tuple[tuple[NodeId, int, BlockShapes], ...]:
        """The distinct instances that stand in it: the first node that holds each, and which of its repeats that is."""
        found: dict[int, tuple[NodeId, int, BlockShapes]] = {}
        for id, node in self.holders.items():
            for number, inner in enumerate(node.repeats):
                found.setdefault(_identity(inner), (id, number, inner))
        return tuple(found.values())

    def go_on_from(self, before: BlockShapes) -> None:
        """Take over the sums of an instance that is nearly the same, as far as they are known there."""
        changed, gone = difference(before, self)
        then = [before.nodes[id] for id in changed | gone if id in before.nodes]
        now = [self.nodes[id] for id in changed]
        for name, of in _SUMS.items():
            if name in before.__dict__:
                self.__dict__[name] = before.__dict__[name] + sum(map(of, now)) - sum(map(of, then))
        if "holders" in before.__dict__ and not any(each.repeats for each in (*then, *now)):
            held = before.holders
            if not held or [*held] == [*filter(held.__contains__, self.nodes)]:
                self.__dict__["holders"] = held
                if "inside" in before.__dict__:
                    self.__dict__["inside"] = before.inside


_identity = id


def _is_unknown(record: NodeShapes) -> bool:
    return not record.known


_SUMS: Mapping[str, Callable[[NodeShapes], int]] = {
    **{name: attrgetter(name) for name in ("parameters", "trainable", "flops", "activation_bytes")},
    "unknown": _is_unknown,
}

Names = tuple[str, ...]
Bytes = Mapping[Names, int]
"""Bytes by the free sizes that they are multiplied with: {("B", "T"): 512} is 512 · B · T."""


@dataclass(frozen=True)
class Held:
    """What one instance of a block keeps.

    nodes: by node, what it makes that is kept. inputs: which of the block's inputs are kept, by number. outputs: for
    each output the input that it shows, else its own memory and whether it is counted already; whether it learns.
    backward: operations of the pass back for one sample, as torch counts them. largest: the largest single result.
    given: the block's inputs themselves.
    """

    nodes: Mapping[NodeId, Bytes] = field(default_factory=dict)
    total: Bytes = field(default_factory=dict)
    inputs: frozenset[int] = frozenset()
    outputs: tuple[tuple[int, Names, int, bool, bool], ...] = ()
    backward: int = 0
    largest: Bytes = field(default_factory=dict)
    given: Bytes = field(default_factory=dict)


@dataclass(frozen=True)
class Analysis:
    """A whole project: the main block's instance, every distinct instance of every block, and what is wrong.

    instances: per block id its distinct instances, in the order in which they are met from the main block; the window
    shows the first. training_bytes: parameters, gradients, optimizer state and activations for the recipe's batch.
    training_flops: of one step for one sample, forward and back. held: what a step keeps in memory, by free sizes.
    room: memory of the device that it is trained on, 0 where that is not known; device: what that is called.
    """

    main: BlockShapes
    instances: Mapping[BlockId, tuple[BlockShapes, ...]]
    problems: tuple[Problem, ...] = ()
    parameters: int = 0
    flops: int = 0
    training_bytes: int = 0
    training_flops: int = 0
    held: Held = field(default_factory=Held)
    room: int = 0
    device: str = ""

    def of(self, block: BlockId | str) -> BlockShapes | None:
        """The instance of a block that the window shows, None for a block that nothing uses."""
        found = self.instances.get(BlockId(block), ())
        return found[0] if found else None

    def node(self, node: NodeId | str, block: BlockId | str) -> NodeShapes | None:
        shapes = self.of(block)
        return shapes.nodes.get(NodeId(node)) if shapes else None

    def problems_of(self, node: NodeId | str, block: BlockId | str) -> tuple[Problem, ...]:
        return tuple(p for p in self.problems if p.node == node and p.block == block)

    @property
    def is_valid(self) -> bool:
        """Whether the network can be generated and trained."""
        return not any(p.severity == "error" for p in self.problems)
