"""The `forward` of a class: one statement a node, `x` along a chain, a name for what is used later."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from heapq import heapify, heappop, heappush
from itertools import chain, filterfalse

from engine.codegen.control import assigned_last, control
from engine.codegen.expressions import value_text
from engine.codegen.layout import LINE, definition_lines, statement_lines
from engine.codegen.memo import emitted, has_expressions
from engine.codegen.naming import NEAR, Naming
from engine.codegen.remarks import problem_line
from engine.codegen.returned import return_text
from engine.codegen.runs import Runs, differing
from engine.codegen.scope import BODY, METHOD, Scope, argument_names
from engine.codegen.source import RETURNED, Given, Line, Run
from engine.codegen.statements import Statement, Wires, each, indented, is_sequential
from engine.codegen.variables import CHAIN, NOBODY
from engine.errors import CodeError
from engine.graph.block import may_be_left_out
from engine.graph.graph import BlockId, NodeId, Wiring
from engine.graph.others import numbered
from engine.layers.base import Layer, Port
from engine.layers.block import BlockLayer, Holder, held
from engine.layers.code import Missing
from engine.layers.io import Input, Output

LOOP = "layer"


class Forward(Naming):
    """Writes one method. An edit has those statements written again that it makes others of, the rest stays."""

    def __init__(self, scope: Scope) -> None:
        super().__init__(scope)
        self.order: tuple[NodeId, ...] = ()
        self.aliases: dict[NodeId, str] = {}
        self.lines: dict[NodeId, tuple[Line, ...]] = {}
        self.odd: dict[NodeId, Statement] = {}
        """Of nodes for which the class keeps something, which could not be written, or whose result is returned."""
        self.rewritten: set[NodeId] = set()
        """The nodes whose statements were written since the lines were asked for."""
        self.runs = Runs()
        self.body: tuple[Sequence[NodeId], Sequence[NodeId]] = (), ()
        """The order, and the nodes of the statements above the last lines."""
        self.wiring: Wiring | None = None
        self.apart: set[NodeId] = set()
        """The nodes without a statement, when the order was found, and the wires then."""
        self.follow(scope, set(scope.block.graph.nodes))

    def follow(self, scope: Scope, news: set[NodeId]) -> None:
        """Write what is another statement now. news: nodes that are others themselves, or their wires, or near them."""
        self.scope, self.graph, self.kept = scope, scope.block.graph, tuple(scope.kept.items())
        stale = news | self.aliased(news)
        stale |= self.reordered()
        stale |= self.give() | self.next_if_other(-1)
        self.write_all({node for node in stale if node in self.place})
        odd = [self.odd[node] for node in sorted(self.odd, key=self.place.__getitem__)]
        scope.stored = {name for said in odd for name in said.stored}
        scope.failures = [text for said in odd for text in said.failures]

    def reordered(self) -> set[NodeId]:
        """Find the order of the statements. Returns: those that may be others by it."""
        graph = self.graph
        apart = {*graph.of_kind(Input), *graph.of_kind(Output), *self.aliases}
        if self.wiring is graph.wiring and self.apart == apart:
            return set()
        before, self.wiring, self.apart = self.order, graph.wiring, apart
        self.order = tuple(filterfalse(apart.__contains__, graph.order()))
        self.place = self.variables.place = numbered(self.order)
        stale: set[NodeId] = set()
        start, end = differing(before, self.order)
        for gone in before[start : end + len(before) - len(self.order)]:
            if gone in self.place:
                continue
            stale.update(self.variables.askers(self.variables.told[gone].names))
            self.variables.forget(gone)
            self.odd.pop(gone, None)
            del self.lines[gone]
        stale.update(self.order[max(0, start - NEAR) : end], self.next_if_other(end - 1))
        for node in self.order[start:end]:
            stale.update(edge.source for edge in graph.into(node))
        return stale

    def give(self) -> set[NodeId]:
        """What the method is given, and attributes that stand for themselves, are there before any statement.

        Returns: who reads one of them that is read by others than before.
        """
        named = {**self.arguments, **self.aliases}
        ports = ((node, port.name) for node in named for port in self.scope.ports(self.scope.layer(node))[1])
        self.known_at_once = tuple(Given(node, port, named[node]) for node, port in ports)
        self.variables.values |= {(node, port): name for node, port, name in self.known_at_once}
        readers = {node: self.graph.out_of(node) for node in self.arguments}
        changed = self.variables.give({self.arguments[node]: self.last_read(r) for node, r in readers.items()})
        return {edge.target for node, r in readers.items() if self.arguments[node] in changed for edge in r}

    def write_all(self, stale: set[NodeId]) -> None:
        """Write these statements, and those that become others by that, from top to bottom."""
        waiting = [self.place[node] for node in stale]
        heapify(waiting)
        while waiting:
            here = heappop(waiting)
            node = self.order[here]
            stale.discard(node)
            touched = self.write_one(node, here)
            if here + 1 + len(stale) < len(self.order):
                for other in touched - stale:
                    if self.place.get(other, -1) > here:
                        stale.add(other)
                        heappush(waiting, self.place[other])

    def write_one(self, node: NodeId, here: int) -> set[NodeId]:
        """Write the statement of a node. Returns: nodes below it whose statements may be others by that."""
        variables, scope = self.variables, self.scope
        old = variables.told.get(node)
        variables.begin(node, variables.after(self.order[here - 1] if here else None))
        scope.stored, scope.failures = set(), []
        targets: dict[str, str] = {}
        lines, text = self.write(node, targets)
        self.lines[node] = tuple(lines)
        self.rewritten.add(node)
        self.odd.pop(node, None)
        if scope.stored or scope.failures or (text and self.is_end(node)):
            self.odd[node] = Statement(text, frozenset(scope.stored), tuple(scope.failures))
        told = variables.end(targets)
        touched = self.next_if_other(here)
        if old is None or old.values != told.values or old.held != told.held:
            touched |= {edge.target for edge in self.graph.out_of(node)}
        if names := told.names ^ (old.names if old else frozenset()):
            touched.update(variables.askers(names))
        return touched

    def next_if_other(self, here: int) -> set[NodeId]:
        """The statement below a place, if it was written below another state than it stands below now."""
        if here + 1 >= len(self.order):
            return set()
        above = self.variables.told.get(self.order[here]) if here >= 0 else None
        told = self.variables.told.get(self.order[here + 1])
        if told is not None and told.before == (above.after if above else self.variables.after(None)):
            return set()
        return {self.order[here + 1]}

    def head(self) -> list[Line]:
        """The line that names the method and what it takes."""
        left_out = {node.id for node in self.scope.block.inputs if may_be_left_out(node)}
        arguments = [f"{name}=None" if node in left_out else name for node, name in self.arguments.items()]
        head = definition_lines("forward", ["self", *arguments], METHOD)
        lines = [self.scope.line(text, *self.arguments) for text in head]
        return [lines[0]._replace(gives=self.known_at_once), *lines[1:]]

    def pieces(self) -> Iterable[Run]:
        """All lines, from top to bottom."""
        returned, below = self.ending()
        count = len(self.order) - returned
        if self.body[0] is not self.order or len(self.body[1]) != count:
            self.body = self.order, self.order[:count]
        runs = self.runs.follow(self.body[1], self.place, self.lines, self.rewritten)
        self.rewritten = set()
        if all(line.text.lstrip().startswith("#") for line in chain(*(run.lines for run in runs), below)):
            below.append(self.scope.line(f"{BODY}pass"))
        return Run(self.head()), *runs, Run(below)

    def aliased(self, news: Iterable[NodeId]) -> set[NodeId]:
        """Find out which nodes only give out an attribute. Returns: who reads one that is called otherwise now."""
        found: set[NodeId] = set()
        for node in [*(n for n in self.aliases if n not in self.graph.nodes), *news]:
            before, now = self.aliases.pop(node, ""), self.alias(node)
            if now:
                self.aliases[node] = now
            if before != now:
                found |= {edge.target for edge in self.graph.out_of(node)}
                for key in [key for key in self.variables.values if before and key[0] == node]:
                    del self.variables.values[key]
        ranks = self.graph.wiring.rank
        self.aliases = {node: self.aliases[node] for node in sorted(self.aliases, key=ranks.__getitem__)}
        return found

    def alias(self, node: NodeId) -> str:
        """The attribute of a node that only gives it out, `self.token`, which is then written where it is used."""
        layer = self.scope.layer(node)
        if layer is None or isinstance(layer, (Holder, Missing, Input)) or layer.ports_in():
            return ""
        ports = layer.ports_out()
        if node in self.scope.problems or len(ports) != 1:
            return ""
        is_alias = self.emitted(node, layer, {}, {ports[0].name: "x"}) == (f"x = {self.me(node)}",)
        return self.me(node) if is_alias else ""

    def write(self, node: NodeId, targets: dict[str, str]) -> tuple[list[Line], str]:
        """The lines of a node, and what they say if that is one statement; `targets` gets the variables by port."""
        layer, problems = self.scope.layer(node), self.scope.problems
        why = problems.get(node, "")
        if layer is None or isinstance(layer, Missing):
            other = "the layer it shares is not there." if layer is None else "its kind is not known."
            return [self.comment(node, why or other)], ""
        inputs, outputs = self.scope.ports(layer)
        why = why or self.missing_input(node, inputs)
        if not why and not all(instance.block in self.scope.inner for instance in held(layer)):
            why = "its block is not there."
        if why:
            self.name_outputs(node, outputs, layer, (), targets)
            return [self.comment(node, why)], ""
        wires = self.wires(node, inputs)
        self.name_outputs(node, outputs, layer, [w for wire in wires.values() for w in each(wire)], targets)
        shown = outputs
        try:
            if isinstance(layer, BlockLayer):
                statements = self.instance(node, layer, inputs, wires, targets)
            elif isinstance(layer, Holder):
                statements = control(self.scope, node, layer, (wires, targets), self.variables.add)
                shown = tuple(p for p in outputs if targets[p.name] in assigned_last(statements))
            else:
                statements = self.statements(node, layer, wires, targets)
        except CodeError as error:
            return [self.comment(node, error.message)], ""
        lines = [line for s in statements for line in indented(s)]
        shown = tuple(port for port in shown if targets[port.name] != "_")
        written = [self.scope.line(text, node) for text in self.shaped(lines, node, shown)]
        gives = tuple(Given(node, p.name, targets[p.name]) for p in outputs if targets.get(p.name, "_") != "_")
        if written:
            written[-1] = written[-1]._replace(gives=gives)
        return written, statements[0] if len(statements) == 1 else ""

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
                    targets[port] = self.variables.add(self.graph.nodes[node].name)
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
            may_go_on = self.variables.is_free(brought) and passed.count(brought) == 1
            if carried != brought and may_go_on and (place or carried == "_" or carried not in CHAIN):
                self.variables.hold(brought, self.variables.reader(carried, NOBODY))
                carried = targets[port] = brought
                left = f"{', '.join(targets.values())} = "
                continue
            if carried == "_" or carried in passed[place + 1 :] or carried in list(targets.values())[:place]:
                wish = self.graph.nodes[node].name if carry == 1 else port
                carried = targets[port] = self.variables.add(wish)
                left = f"{', '.join(targets.values())} = "
            if carried != passed[place]:
                statements.append(f"{carried} = {passed[place]}")
                passed[place] = carried
        if in_row:
            layer_name = self.variables.free(LOOP)
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
            lost = [e for e in edges if (e.source, e.source_port) not in self.variables.values]
            if lost:
                return f"what {self.graph.nodes[lost[0].source].name} gives is not known."
        return ""

    def wires(self, node: NodeId, ports: tuple[Port, ...]) -> dict[str, str | tuple[str, ...]]:
        found: dict[str, str | tuple[str, ...]] = {}
        for port in ports:
            variables = tuple(
                self.variables.values[e.source, e.source_port] for e in self.graph.feeding(node, port.name)
            )
            found[port.name] = variables if port.kind == "many" else variables[0] if variables else "None"
        return found

    def ending(self) -> tuple[bool, list[Line]]:
        """The lines below all others, and whether they stand in the place of the last statement."""
        graph, values = self.graph, self.variables.values
        circle = () if len(graph.order()) == len(graph.nodes) else graph.nodes
        below = [self.comment(node, "stands in a circle.") for node in circle if node not in graph.wiring.rank]
        results = {}
        for node in self.scope.block.outputs:
            edge = next((e for e in graph.into(node.id) if (e.source, e.source_port) in values), None)
            if edge is None:
                why = self.scope.problems.get(node.id, "nothing is wired into it.")
                below.append(self.comment(node.id, why))
            else:
                results[node.id] = values[edge.source, edge.source_port]
        if not results:
            return False, below
        last = self.order[-1] if self.order and not below else None
        returns = self.scope.block.returns if self.scope.block.id == self.scope.top.main else "tuple"
        if last is not None and len(results) == 1 and returns == "tuple" and self.is_end(last):
            statement = self.odd[last].text if last in self.odd else ""
            if statement.startswith(f"{next(iter(results.values()))} = "):
                return True, self.returning(last, statement)
        names = [graph.nodes[node].name for node in results]
        text = return_text(returns, self.scope.top.result, names, list(results.values()))
        return False, below + [self.scope.line(line, *results) for line in statement_lines(text, BODY)]

    def returning(self, node: NodeId, statement: str) -> list[Line]:
        """The lines that give back at once what a statement would assign."""
        end = self.scope.block.outputs[0].id
        lines = indented(f"return {statement.partition(' = ')[2]}")
        source = self.graph.into(end)[0].source_port
        ports = tuple(p for p in self.scope.ports(self.scope.layer(node))[1] if p.name == source)
        written = [self.scope.line(line, node, end) for line in self.shaped(lines, node, ports)]
        return [*written[:-1], written[-1]._replace(gives=tuple(Given(node, port.name, RETURNED) for port in ports))]

    def is_end(self, node: NodeId) -> bool:
        """Whether the last statement was written for this node, and its one result is what is returned."""
        readers = self.graph.out_of(node)
        return len(readers) == 1 and isinstance(self.graph.nodes[readers[0].target].layer, Output)

    def comment(self, node: NodeId, text: str) -> Line:
        return problem_line(self.scope, node, text)
