"""A block: one graph with parameters, which becomes one Python class."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from engine.errors import SpecError
from engine.graph.about import About
from engine.graph.graph import BlockId, Graph, Node, NodeId
from engine.kinds import Bool, Float, Int, Kind, KindError, Text
from engine.layers.base import Layer, Port, PortKind
from engine.layers.chosen import LayerKind
from engine.layers.io import Input, Output

ParamKind = Literal["int", "float", "bool", "text", "layer"]
_KINDS: dict[str, Kind] = {"int": Int(), "float": Float(), "bool": Bool(), "text": Text(), "layer": LayerKind()}


@dataclass(frozen=True)
class BlockParam:
    """A constructor argument of the block's class. Raises: SpecError for a bad name or default."""

    name: str
    kind: ParamKind = "int"
    default: Any = 1
    help: str = ""

    def __post_init__(self) -> None:
        try:
            Text(identifier=True).check(self.name)
            if self.kind not in _KINDS:
                raise KindError(f"one of {', '.join(_KINDS)}")
            object.__setattr__(self, "default", self.value_kind.check(self.default))
        except KindError as wrong:
            raise SpecError(f"Parameter {self.name!r} of a block must be {wrong}.", field=str(self.name)) from None

    @property
    def value_kind(self) -> Kind:
        return _KINDS[self.kind]


def may_be_left_out(node: Node) -> bool:
    """Whether a node is an Input that an instance of its block need not wire."""
    return isinstance(node.layer, Input) and node.layer.optional


Returns = Literal["tuple", "dict", "named tuple"]


@dataclass(frozen=True)
class Block:
    """One Python class. `name` is the class name."""

    id: BlockId
    name: str
    params: tuple[BlockParam, ...] = ()
    graph: Graph = field(default_factory=Graph)
    help: str = ""
    about: About = field(default_factory=About)
    sequence: bool = False
    """One layer after the other and nothing else, to be written as an `nn.Sequential`."""
    returns: Returns = "tuple"
    """How the network hands out its results; blocks inside of it always give a tuple."""

    @cached_property
    def inputs(self) -> tuple[Node, ...]:
        """The Input nodes in their order of creation, those that may be left out last: the arguments of forward."""
        found = [self.graph.nodes[n] for n in self.graph.of_kind(Input)]
        return tuple(sorted(found, key=may_be_left_out))

    @cached_property
    def outputs(self) -> tuple[Node, ...]:
        """The Output nodes in their order of creation: the results of forward."""
        return tuple(self.graph.nodes[n] for n in self.graph.of_kind(Output))

    @cached_property
    def muted(self) -> tuple[NodeId, ...]:
        """The nodes that do not take part; the block's own inputs and outputs always do."""
        nodes = map(self.graph.nodes.__getitem__, self.graph.marked)
        return tuple(n.id for n in nodes if n.muted and not isinstance(n.layer, (Input, Output)))

    def ports_in(self) -> tuple[Port, ...]:
        kinds: dict[bool, PortKind] = {True: "optional", False: "required"}
        return tuple(Port(n.name, kinds[may_be_left_out(n)], carries="any") for n in self.inputs)

    def ports_out(self) -> tuple[Port, ...]:
        return tuple(Port(n.name, carries="any") for n in self.outputs)

    def choice(self, name: str) -> Layer | None:
        """The default of a parameter that is a kind of layer, None if there is no such parameter."""
        found = next((p.default for p in self.params if p.name == name), None)
        return found if isinstance(found, Layer) else None

    def defaults(self) -> dict[str, Any]:
        """The parameters at their defaults."""
        return {p.name: p.default for p in self.params}
