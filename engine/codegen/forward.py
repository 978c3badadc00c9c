"""The `forward` of a class: one statement a node, `x` along a chain, a name for what is used later."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from engine.codegen.control import assigned_last, control
from engine.codegen.expressions import value_text
from engine.codegen.layout import LINE, definition_lines, statement_lines
from engine.codegen.memo import emitted, has_expressions
from engine.codegen.remarks import problem_line
from engine.codegen.returned import return_text
from engine.codegen.scope import ABOVE, BELOW, BODY, METHOD, Scope, argument_names, local_names
from engine.codegen.source import RETURNED, Given, Line, Place
from engine.codegen.statements import Said, Wires, each, indented, is_one_call, is_sequential
from engine.errors import CodeError
from engine.graph.block import may_be_left_out
from engine.graph.graph import BlockId, Edge, NodeId
from engine.layers.base import Layer, Port
from engine.layers.block import BlockLayer, Holder, held
from engine.layers.code import Missing
from engine.layers.io import Input, Output
from engine.tensor import NumberSpec

CHAIN = ("x", "y", "z")
LOOP = "layer"
_NEAR = 3
"""So many statements further on a reader still knows what `y` holds, where it was `y` before."""
_TELLING_NOTHING = frozenset({"inputs", "input", "other", "like"})
ALIKE = ("l", "O", "I")
"""Letters that are read as 1 and 0: no variable is called so (pycodestyle E741)."""

_PLAIN_PORT = re.compile(r"out(?:put)?(\d*)")  # a name that says nothing of what comes out


class Forward:
    """Writes one method from top to bottom; `values` holds the variable of every output so far."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.graph = scope.block.graph
        self.values: dict[tuple[NodeId, str], str] = {}
        self.written: list[Line] = []
        self.kept = tuple(scope.kept.items())
        self.arguments = argument_names(scope.top, scope.block)
        self.locals = local_names(scope, (*self.arguments.values(), *CHAIN, *ALIKE))
        for node, argument in self.arguments.items():
            for port in self.graph.nodes[node].layer.ports_out():
                self.values[node, port.name] = argument
        self.order = [n for n in self.graph.order() if not isinstance(self.graph.nodes[n].layer, (Input, Output))]
        self.order = [n for n in self.order if not self.is_alias(n)]
        self.place = {node: index for index, node in enumerate(self.order)}
        self.incoming = Counter(edge.target for edge in self.graph.edges)
        self.known_at_once = tuple(Given(node, port, name) for (node, port), name in self.values.items())
        self.is_one_of_several = len(scope.block.outputs) > 1
        self.held = {name: self.last_read(self.graph.out_of(node)) for node, name in self.arguments.items()}
        """Variables, and the place of the last statement that reads what they hold."""
        self.last: tuple[int, str, Place | None] = (0, "", None)
        """Where in `written` the last statement begins, what it assigns, and for whom."""
        self.said: dict[NodeId, Said] = {}
        self.starts: list[tuple[NodeId, int]] = []
        """Where in `written` the lines of each node begin."""
        self.returned: NodeId | None = None
        """The node whose statement is the return."""

    def lines(self) -> list[Line]:
        left_out = {node.id for node in self.scope.block.inputs if may_be_left_out(node)}
        arguments = [f"{name}=None" if node in left_out else name for node, name in self.arguments.items()]
        head = definition_lines("forward", ["self", *arguments], METHOD)
        for node in self.order:
            self.starts.append((node, len(self.written)))
            self.write(node)
        self.end = len(self.written)
        for node in self.graph.nodes.keys() - set(self.graph.order()):
            self.comment(node, "stands in a circle.")
        self.write_return()
        if not any(not line.text.lstrip().startswith("#") for line in self.written):
            self.written.append(self.scope.line(f"{BODY}pass"))
        lines = [self.scope.line(text, *self.arguments) for text in head]
        self.head = [lines[0]._replace(gives=self.known_at_once), *lines[1:]]
        return [*self.head, *self.written]

    def pieces(self) -> dict[NodeId, list[Line]]:
        """The lines by node, in their order: the head under ABOVE, what is returned under BELOW."""
        self.lines()
        ends = [start for _, start in self.starts[1:]] + [self.end]
        found = {ABOVE: self.head}
        for (node, start), end in zip(self.starts, ends):
            found[node] = self.written[start : None if node == self.returned else end]
        return {**found, BELOW: self.written[self.end :] if self.returned is None else []}

    def again(self, scope: Scope, node: NodeId) -> list[Line] | None:
        """The lines of a node of which only the layer's options or its shapes are others; None if that cannot be."""
        said = self.said.get(node)
        layer = scope.layer(node)
        if said is None or layer is None:
            return None
        self.scope = scope
        statements = self.emitted(node, layer, said.wires, said.targets)
        if len(statements) != said.statements:
            return None
        if node == self.returned:
            return self.returning(node, statements[0])
        lines = [line for s in statements for line in indented(s)]
        return [scope.line(text, node) for text in self.shaped(lines, node, said.outputs)]

    def gives(self, node: NodeId) -> tuple[Given, ...]:
        """What is known once the last line of a node is done."""
        if node == self.returned:
            end = self.graph.into(self.scope.block.outputs[0].id)[0].source_port
            return (Given(node, end, RETURNED),)
        names = ((port.name, self.values.get((node, port.name), "_")) for port in self.ports_of(node))
        return tuple(Given(node, port, name) for port, name in names if name != "_")

    def is_alias(self, node: NodeId) -> bool:
        """Whether the node only gives out an attribute, `self.token`, which is then written where it is used."""
        layer = self.scope.layer(node)
        if layer is None or isinstance(layer, (Holder, Missing)) or layer.ports_in() or node in self.scope.problems:
            return False
        ports = layer.ports_out()
        if len(ports) != 1 or self.emitted(node, layer, {}, {ports[0].name: "x"}) != (f"x = {self.me(node)}",):
            return False
        self.values[node, ports[0].name] = self.me(node)
        return True

    def write(self, node: NodeId) -> None:
        layer = self.scope.layer(node)
        if node in self.scope.problems:
            self.comment(node, self.scope.problems[node])
        if layer is None or isinstance(layer, Missing):
            if node not in self.scope.problems:
                self.comment(node, "the layer it shares is not there." if layer is None else "its kind is not known.")
            return
        inputs, outputs = self.scope.ports(layer)
        missing = self.missing_input(node, inputs)
        if node in self.scope.problems or missing or self.is_broken(node, layer):
            if node not in self.scope.problems and missing:
                self.comment(node, missing)
            self.name_outputs(node, outputs, layer, ())
            return
        wires = self.wires(node, inputs)
        targets = self.name_outputs(node, outputs, layer, [w for wire in wires.values() for w in each(wire)])
        try:
            if isinstance(layer, BlockLayer):
                statements = self.instance(node, layer, inputs, wires, targets)
            elif isinstance(layer, Holder):
                statements = control(self.scope, node, layer, (wires, targets), self.locals.add)
                self.values |= {(node, port): variable for port, variable in targets.items()}
                outputs = tuple(p for p in outputs if targets[p.name] in assigned_last(statements))
            else:
                statements = self.statements(node, layer, wires, targets)
        except CodeError as error:
            self.comment(node, error.message)
            return
        said = Said(wires, targets, tuple(port for port in outputs if targets[port.name] != "_"), len(statements))
        if not isinstance(layer, Holder):
            self.said[node] = said
        self.add(node, statements, said.outputs)

    def is_broken(self, node: NodeId, layer: Layer) -> bool:
        if all(instance.block in self.scope.inner for instance in held(layer)):
            return False
        self.comment(node, "its block is not there.")
        return True

    def add(self, node: NodeId, statements: Sequence[str], outputs: tuple[Port, ...]) -> None:
        lines = [line for s in statements for line in indented(s)]
        self.last = (len(self.written), statements[0] if len(statements) == 1 else "", (self.scope.block.id, node))
        self.written += [self.scope.line(text, node) for text in self.shaped(lines, node, outputs)]
        self.written[-1] = self.written[-1]._replace(gives=self.gives(node))

    def shaped(self, lines: list[str], node: NodeId, outputs: tuple[Port, ...]) -> list[str]:
        """The lines of a statement, its shapes behind the last one where there is room."""
        shapes = [self.scope.shape_text(self.scope.specs(node, port.name)) for port in outputs]
        if lines and shapes and all(shapes):
            shaped = f"{lines[-1]}  # {', '.join(shapes)}"
            if len(shaped) <= LINE:
                return [*lines[:-1], shaped]
        return lines

    def statements(self, node: NodeId, layer: Layer, wires: Wires, targets: dict[str, str]) -> tuple[str, ...]:
        written = self.emitted(node, layer, wires, targets)
        if len(written) > 1 and set(targets.values()) & {w for v in wires.values() for w in each(v)}:
            # The second statement may read what the first has overwritten.
            for port, variable in targets.items():
                if variable in CHAIN:
                    targets[port] = self.values[node, port] = self.locals.add(self.graph.nodes[node].name)
            written = self.emitted(node, layer, wires, targets)
        if self.kept and has_expressions(layer):
            self.scope.keep("\n".join(written))
        return written

    def emitted(self, node: NodeId, layer: Layer, wires: Wires, targets: Mapping[str, str]) -> tuple[str, ...]:
        spelled = self.kept if self.kept and has_expressions(layer) else ()
        return emitted(layer, self.me(node), tuple(wires.items()), tuple(targets.items()), spelled)

    def me(self, node: NodeId) -> str:
        """The attribute that holds the node's module."""
        return f"self.{self.scope.attributes[self.scope.owner(node)]}"

    def instance(
        self, node: NodeId, layer: BlockLayer, inputs: tuple[Port, ...], wires: Wires, targets: dict[str, str]
    ) -> tuple[str, ...]:
        """The call of an instance of a block: once, in a row, or the same one again and again."""
        me = self.me(node)
        passed = self.passed(layer, inputs, wires)
        left = f"{', '.join(targets.values())} = " if targets else ""
        in_row = layer.repeat != 1 and not layer.shared
        if layer.repeat == 1 or (in_row and is_sequential(inputs, tuple(targets))):
            return (f"{left}{me}({', '.join(passed)})",)
        statements = []
        carry = min(layer.carry, len(passed), len(targets))
        for place, port in enumerate(list(targets)[:carry]):
            carried, brought = targets[port], passed[place]
            may_go_on = self.is_free(brought, node) and passed.count(brought) == 1
            if carried != brought and may_go_on and (place or carried == "_" or carried not in CHAIN):
                self.held[brought] = self.held.get(carried, -1)
                carried = targets[port] = self.values[node, port] = brought
                left = f"{', '.join(targets.values())} = "
                continue
            if carried == "_" or carried in passed[place + 1 :] or carried in list(targets.values())[:place]:
                wish = self.graph.nodes[node].name if carry == 1 else port
                carried = targets[port] = self.values[node, port] = self.locals.add(wish)
                left = f"{', '.join(targets.values())} = "
            if carried != passed[place]:
                statements.append(f"{carried} = {passed[place]}")
                passed[place] = carried
        if in_row:
            layer_name = self.locals.add(LOOP)
            self.locals.taken.discard(layer_name)
            head, called = [f"for {layer_name} in {me}:"], layer_name
            if len(BODY + head[0]) > LINE:
                head = ["for (", f"    {layer_name}", f") in {me}:"]
        else:
            times = value_text(layer.repeat, self.scope.kept)
            self.scope.keep(times)
            head, called = [f"for _ in range({times}):"], me
        return (*statements, *head, f"    {left}{called}({', '.join(passed)})")

    def passed(self, layer: BlockLayer, inputs: tuple[Port, ...], wires: Wires) -> list[str]:
        """The arguments of a call; one that may be left out is told by its name."""
        block = self.scope.inner[BlockId(layer.block)][0]
        names = argument_names(self.scope.top, block)
        found = []
        for node, port in zip(block.inputs, inputs, strict=True):
            wire = str(wires[port.name])
            if port.kind != "optional":
                found.append(wire)
            elif wire != "None":
                found.append(f"{names[node.id]}={wire}")
        return found

    def missing_input(self, node: NodeId, ports: tuple[Port, ...]) -> str:
        """What is not there that the statement needs, in words; "" if it can be written."""
        for port in ports:
            edges = self.graph.feeding(node, port.name)
            if not edges and port.kind != "optional":
                return f"nothing is wired into {port.name}."
            lost = [e for e in edges if (e.source, e.source_port) not in self.values]
            if lost:
                return f"what {self.graph.nodes[lost[0].source].name} gives is not known."
        return ""

    def wires(self, node: NodeId, ports: tuple[Port, ...]) -> dict[str, str | tuple[str, ...]]:
        found: dict[str, str | tuple[str, ...]] = {}
        for port in ports:
            variables = tuple(self.values[e.source, e.source_port] for e in self.graph.feeding(node, port.name))
            found[port.name] = variables if port.kind == "many" else variables[0] if variables else "None"
        return found

    def name_outputs(
        self, node: NodeId, ports: tuple[Port, ...], layer: Layer, inputs: Sequence[str]
    ) -> dict[str, str]:
        """The variables that the statement assigns, in the order of the ports; `inputs` are those it reads."""
        readers: dict[str, list[Edge]] = {}
        for edge in self.graph.out_of(node):
            readers.setdefault(edge.source_port, []).append(edge)
        targets = {}
        for port in ports:
            wanted = readers.get(port.name)
            if wanted and len(readers) == 1 and (found := self.link(node, port, wanted, layer, inputs)):
                targets[port.name] = found
            else:
                targets[port.name] = self.variable(node, port, wanted, len(readers) == 1) if wanted else "_"
        for port_name, variable in targets.items():
            self.values[node, port_name] = variable
        return targets

    def variable(self, node: NodeId, port: Port, readers: list[Edge], is_only: bool) -> str:
        """What an output is called that is no link of a chain."""
        outputs = [e for e in readers if isinstance(self.graph.nodes[e.target].layer, Output)]
        found = self.name(node, port, readers, outputs, is_only)
        self.held[found] = self.last_read(readers)
        return found

    def name(self, node: NodeId, port: Port, readers: list[Edge], outputs: list[Edge], is_only: bool) -> str:
        """A name of its own for an output: that of the result it is, of the node, or of the port."""
        if len(outputs) == 1 and len(self.scope.block.outputs) > 1:
            return self.locals.add(self.graph.nodes[outputs[0].target].name, self.graph.nodes[node].name)
        name = self.graph.nodes[node].name
        plain = _PLAIN_PORT.fullmatch(port.name)
        layer = self.scope.layer(node)
        if isinstance(layer, BlockLayer) and len(self.scope.ports(layer)[1]) > 1:
            return self.locals.add(port.name, f"{name}_{port.name}")
        if is_only or (plain and not plain[1]):
            return self.locals.add(name)
        asked = {e.target_port for e in readers}
        if plain and len(asked) == 1 and len(next(iter(asked))) > 1 and not asked & _TELLING_NOTHING:
            return self.locals.add(next(iter(asked)), f"{name}_{plain[1]}")
        return self.locals.add(f"{name}_{plain[1]}" if plain else port.name, f"{name}_{port.name}")

    def link(self, node: NodeId, port: Port, readers: list[Edge], layer: Layer, inputs: Sequence[str]) -> str:
        """The variable of a chain that an output goes on with: that of what it is made from, else one that is free.

        "" if it is read too far from here for a name that says nothing, along with several others, as one of several
        results, or if it is a number.
        """
        for edge in readers:
            count = self.incoming[edge.target]
            if count > 2 or (count > 1 and self.is_carried(edge)):
                return ""
            if self.is_one_of_several and isinstance(self.graph.nodes[edge.target].layer, Output):
                return ""
        if port.carries != "tensor" and any(isinstance(s, NumberSpec) for s in self.scope.specs(node, port.name)):
            return ""
        here, last = self.place[node], self.last_read(readers)
        if isinstance(layer, Holder) and not (is_one_call(layer) or len(inputs) < 2):
            # A loop may read what comes in again and again, but for what it carries on.
            place = [p.name for p in self.scope.ports(layer)[1]].index(port.name)
            carried = isinstance(layer, BlockLayer) and place < layer.carry and place < len(inputs)
            dying = inputs[place : place + 1] if carried and inputs.count(inputs[place]) == 1 else ()
            free = tuple(v for v in CHAIN if v not in inputs)
        else:
            dying, free = inputs, CHAIN
        going_on = next((v for v in CHAIN if v in dying and self.held.get(v, -1) <= here), "")
        near = last - here <= (_NEAR if going_on else 1)
        found = going_on or next((v for v in free if self.held.get(v, -1) <= here), "")
        if not near or not found:
            return ""
        self.held[found] = last
        return found

    def is_carried(self, edge: Edge) -> bool:
        """Whether a row takes it over besides its first tensor, so that it needs a name of its own."""
        layer = self.scope.layer(edge.target)
        if not isinstance(layer, BlockLayer) or layer.repeat == 1 or layer.carry == 1:
            return False
        return edge.target_port != self.scope.ports(layer)[0][0].name

    def is_free(self, variable: str, node: NodeId) -> bool:
        """Whether nothing reads a variable after this node."""
        return self.held.get(variable, len(self.order)) <= self.place[node]

    def last_read(self, readers: Iterable[Edge]) -> int:
        """The place of the last statement that reads; the end for what is returned."""
        return max((self.place.get(e.target, len(self.order)) for e in readers), default=-1)

    def write_return(self) -> None:
        results = []
        for node in self.scope.block.outputs:
            edges = [e for e in self.graph.into(node.id) if (e.source, e.source_port) in self.values]
            if not edges:
                self.comment(node.id, self.scope.problems.get(node.id, "nothing is wired into it."))
            else:
                results.append((node.id, self.values[edges[0].source, edges[0].source_port]))
        if results:
            nodes = [node for node, _ in results]
            start, statement, place = self.last
            returns = self.scope.block.returns if self.scope.block.id == self.scope.top.main else "tuple"
            is_plain = len(results) == 1 and returns == "tuple"
            if is_plain and place and statement.startswith(f"{results[0][1]} = ") and self.is_end(place[1]):
                self.returned = place[1]
                self.written[start:] = self.returning(place[1], statement)
                return
            names = [self.graph.nodes[node].name for node in nodes]
            text = return_text(returns, self.scope.top.result, names, [variable for _, variable in results])
            self.written += [self.scope.line(line, *nodes) for line in statement_lines(text, BODY)]

    def returning(self, node: NodeId, statement: str) -> list[Line]:
        """The lines that give back at once what a statement would assign."""
        end = self.scope.block.outputs[0].id
        lines = indented(f"return {statement.partition(' = ')[2]}")
        ports = tuple(p for p in self.ports_of(node) if p.name == self.graph.into(end)[0].source_port)
        written = [self.scope.line(line, node, end) for line in self.shaped(lines, node, ports)]
        return [*written[:-1], written[-1]._replace(gives=tuple(Given(node, port.name, RETURNED) for port in ports))]

    def is_end(self, node: NodeId) -> bool:
        """Whether the last statement was written for this node, and its one result is what is returned."""
        readers = self.graph.out_of(node)
        return len(readers) == 1 and isinstance(self.graph.nodes[readers[0].target].layer, Output)

    def ports_of(self, node: NodeId) -> tuple[Port, ...]:
        layer = self.scope.layer(node)
        return self.scope.ports(layer)[1] if layer is not None else ()

    def comment(self, node: NodeId, text: str) -> None:
        self.last = (0, "", None)
        self.written.append(problem_line(self.scope, node, text))
