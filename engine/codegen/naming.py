"""How the variables of a `forward` are called: `x` along a chain, a name for what is used later or further away."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from engine.codegen.scope import Scope, argument_names, local_names
from engine.codegen.statements import is_one_call
from engine.codegen.variables import ALIKE, CHAIN, END, NOBODY, Variables
from engine.graph.graph import Edge, NodeId
from engine.layers.base import Layer, Port
from engine.layers.block import BlockLayer, Holder
from engine.layers.io import Output
from engine.tensor import NumberSpec

NEAR = 3
"""So many statements further on a reader still knows what `y` holds, where it was `y` before."""
_TELLING_NOTHING = frozenset({"inputs", "input", "other", "like"})
_PLAIN_PORT = re.compile(r"out(?:put)?(\d*)")  # a name that says nothing of what comes out


class Naming:
    """Names the results of one node after the other, each at its place."""

    def __init__(self, scope: Scope) -> None:
        self.scope, self.graph = scope, scope.block.graph
        self.place: dict[NodeId, int] = {}
        self.arguments = argument_names(scope.top, scope.block)
        self.variables = Variables(local_names(scope, (*self.arguments.values(), *CHAIN, *ALIKE)).reserved)

    def name_outputs(
        self, node: NodeId, ports: tuple[Port, ...], layer: Layer, inputs: Sequence[str], targets: dict[str, str]
    ) -> None:
        """Put the variables that the statement assigns into `targets`, by port; `inputs` are those it reads."""
        readers: dict[str, list[Edge]] = {}
        for edge in self.graph.out_of(node):
            readers.setdefault(edge.source_port, []).append(edge)
        for port in ports:
            wanted = readers.get(port.name)
            if wanted and len(readers) == 1 and (found := self.link(node, port, wanted, layer, inputs)):
                targets[port.name] = found
            else:
                targets[port.name] = self.variable(node, port, wanted, len(readers) == 1) if wanted else "_"

    def variable(self, node: NodeId, port: Port, readers: list[Edge], is_only: bool) -> str:
        """What an output is called that is no link of a chain."""
        outputs = [e for e in readers if isinstance(self.graph.nodes[e.target].layer, Output)]
        found = self.name(node, port, readers, outputs, is_only)
        self.variables.hold(found, self.last_read(readers))
        return found

    def name(self, node: NodeId, port: Port, readers: list[Edge], outputs: list[Edge], is_only: bool) -> str:
        """A name of its own for an output: that of the result it is, of the node, or of the port."""
        if len(outputs) == 1 and len(self.scope.block.outputs) > 1:
            return self.variables.add(self.graph.nodes[outputs[0].target].name, self.graph.nodes[node].name)
        name = self.graph.nodes[node].name
        plain = _PLAIN_PORT.fullmatch(port.name)
        layer = self.scope.layer(node)
        if isinstance(layer, BlockLayer) and len(self.scope.ports(layer)[1]) > 1:
            return self.variables.add(port.name, f"{name}_{port.name}")
        if is_only or (plain and not plain[1]):
            return self.variables.add(name)
        asked = {e.target_port for e in readers}
        if plain and len(asked) == 1 and len(next(iter(asked))) > 1 and not asked & _TELLING_NOTHING:
            return self.variables.add(next(iter(asked)), f"{name}_{plain[1]}")
        return self.variables.add(f"{name}_{plain[1]}" if plain else port.name, f"{name}_{port.name}")

    def link(self, node: NodeId, port: Port, readers: list[Edge], layer: Layer, inputs: Sequence[str]) -> str:
        """The variable of a chain that an output goes on with: that of what it is made from, else one that is free.

        "" if it is read too far from here for a name that says nothing, along with several others, as one of several
        results, or if it is a number.
        """
        for edge in readers:
            count = len(self.graph.into(edge.target))
            if count > 2 or (count > 1 and self.is_carried(edge)):
                return ""
            if len(self.scope.block.outputs) > 1 and isinstance(self.graph.nodes[edge.target].layer, Output):
                return ""
        if port.carries != "tensor" and any(isinstance(s, NumberSpec) for s in self.scope.specs(node, port.name)):
            return ""
        here, last = self.place[node], self.last_read(readers)
        distance = self.variables.where(last) - here
        if isinstance(layer, Holder) and not (is_one_call(layer) or len(inputs) < 2):
            # A loop may read what comes in again and again, but for what it carries on.
            place = [p.name for p in self.scope.ports(layer)[1]].index(port.name)
            carried = isinstance(layer, BlockLayer) and place < layer.carry and place < len(inputs)
            dying = inputs[place : place + 1] if carried and inputs.count(inputs[place]) == 1 else ()
            free = tuple(v for v in CHAIN if v not in inputs)
        else:
            dying, free = inputs, CHAIN
        going_on = next((v for v in CHAIN if v in dying and self.variables.is_free(v)), "")
        near = distance <= (NEAR if going_on else 1)
        found = going_on or next((v for v in free if self.variables.is_free(v)), "")
        if not near or not found:
            return ""
        self.variables.hold(found, last)
        return found

    def is_carried(self, edge: Edge) -> bool:
        """Whether a row takes it over besides its first tensor, so that it needs a name of its own."""
        layer = self.scope.layer(edge.target)
        if not isinstance(layer, BlockLayer) or layer.repeat == 1 or layer.carry == 1:
            return False
        return edge.target_port != self.scope.ports(layer)[0][0].name

    def last_read(self, readers: Iterable[Edge]) -> NodeId:
        """Whose statement is the last that reads; the end for what is returned."""
        found, last = NOBODY, -1
        for edge in readers:
            place = self.place.get(edge.target)
            if place is None:
                return END
            if place > last:
                found, last = edge.target, place
        return found
