"""Python statements as layers and wires; what is no layer stays Python, in a node of its own."""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from engine.document.names import snake, unique
from engine.errors import EngineError, SpecError
from engine.expr import Expr
from engine.graph.graph import Edge, Graph, Node, NodeId
from engine.importing.python_text import is_literal, kind_of, read, shape_of, variables
from engine.layers.base import Layer
from engine.layers.block import Shared
from engine.layers.code import CodeLayer
from engine.layers.io import Input, Output
from engine.layers.op import Op

Wire = tuple[NodeId, str]
_COLUMN, _ROW = 216.0, 120.0
_SPACES = {"torch.nn.functional": "F", "nn.functional": "F"}
_PAIRS: dict[type[ast.operator], tuple[str, tuple[str, str]]] = {
    ast.Add: ("Add", ("inputs", "inputs")),
    ast.Mult: ("Multiply", ("inputs", "inputs")),
    ast.Sub: ("Subtract", ("a", "b")),
    ast.Div: ("Divide", ("a", "b")),
    ast.FloorDiv: ("FloorDivide", ("a", "b")),
    ast.Mod: ("Remainder", ("a", "b")),
    ast.Pow: ("Power", ("a", "b")),
    ast.MatMult: ("MatMul", ("a", "b")),
}
_BENDS = {
    **{"relu": "ReLU", "tanh": "Tanh", "sigmoid": "Sigmoid", "gelu": "GELU", "silu": "SiLU", "selu": "SELU"},
    **{"softplus": "Softplus", "mish": "Mish", "hardtanh": "Hardtanh", "logsigmoid": "LogSigmoid"},
}
"""Functions without options that have a layer."""


class LiftError(Exception):
    """What stands in the way, in words."""


@dataclass
class Lifting:
    """A block on its way from text. env: the wire or literal of every variable. reasons: why parts stayed Python."""

    params: frozenset[str]
    nodes: dict[NodeId, Node] = field(default_factory=dict)
    edges: set[Edge] = field(default_factory=set)
    columns: dict[NodeId, int] = field(default_factory=dict)
    env: dict[str, Wire | ast.expr] = field(default_factory=dict)
    modules: dict[str, NodeId | Layer] = field(default_factory=dict)
    attributes: dict[str, ast.expr] = field(default_factory=dict)
    later: frozenset[str] = frozenset()
    """Variables that what comes after the present statement reads."""
    reasons: list[str] = field(default_factory=list)

    def add(self, name: str, layer: Layer, wires: Iterable[tuple[str, Wire]] = ()) -> NodeId:
        """A node behind those that it is wired to."""
        new, wires = NodeId(f"n{len(self.nodes) + 1}"), tuple(wires)
        name = unique(name, {node.name for node in self.nodes.values()})
        self.nodes[new] = Node(new, name, layer)
        self.columns[new] = 1 + max((self.columns[source] for _, (source, _) in wires), default=-1)
        slots: dict[str, int] = {}
        for port, (source, source_port) in wires:
            self.edges.add(Edge(source, source_port, new, port, slots.get(port, 0)))
            slots[port] = slots.get(port, 0) + 1
        return new

    def graph(self) -> Graph:
        return Graph(dict(self.nodes), frozenset(self.edges), len(self.nodes) + 1)

    def positions(self) -> dict[NodeId, tuple[float, float]]:
        rows: dict[int, int] = {}
        found = {}
        for node, column in self.columns.items():
            found[node] = (column * _COLUMN, rows.get(column, 0) * _ROW)
            rows[column] = rows.get(column, 0) + 1
        return found

    def renamed(self, node: NodeId, name: str) -> None:
        """Call the node as the variable that holds what it gives, if that is free."""
        taken = {n.name for n in self.nodes.values() if n.id != node}
        if isinstance(self.nodes[node].layer, (Input, Output)) or node in self.modules.values():
            return
        self.nodes[node] = replace(self.nodes[node], name=unique(name, taken))

    # Statements

    def statement(self, statement: ast.stmt) -> None:
        """Lift one statement, or keep it as Python."""
        before = (dict(self.nodes), set(self.edges), dict(self.columns), dict(self.env), dict(self.modules))
        try:
            self.lifted(statement)
        except (LiftError, EngineError) as error:
            self.nodes, self.edges, self.columns, self.env, self.modules = before
            self.kept(statement, str(error))

    def lifted(self, statement: ast.stmt) -> None:
        if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
            return  # a docstring
        if isinstance(statement, ast.If) and (chosen := self.decided(statement.test)) is not None:
            for inner in statement.body if chosen else statement.orelse:
                self.lifted(inner)
            return
        if isinstance(statement, ast.AnnAssign) and statement.value is not None:
            statement = ast.Assign([statement.target], statement.value)
        if isinstance(statement, ast.AugAssign):
            value: ast.expr = ast.BinOp(read(statement.target), statement.op, statement.value)
            statement = ast.Assign([statement.target], value)
        if not isinstance(statement, ast.Assign) or len(statement.targets) != 1:
            raise LiftError(f"{kind_of(statement)} is no layer")
        target, value = statement.targets[0], statement.value
        if isinstance(target, ast.Name):
            found = self.value(value)
            self.env[target.id] = found
            if isinstance(found, tuple):
                self.renamed(found[0], target.id)
        elif isinstance(target, ast.Tuple) and all(isinstance(e, ast.Name) for e in target.elts):
            self.unpacked([e.id for e in target.elts if isinstance(e, ast.Name)], value)
        else:
            raise LiftError(f"{ast.unparse(target)} is written into")

    def unpacked(self, names: list[str], value: ast.expr) -> None:
        if isinstance(value, ast.Tuple) and len(value.elts) == len(names):
            found = [self.value(e) for e in value.elts]
            self.env |= dict(zip(names, found))
            return
        if (owner := shape_of(value)) is not None:
            named = tuple(names) if "x" not in names and "_" not in names else ()
            options = {"dim": tuple(range(len(names))), "names": named, "exact": True}
            node, _ = self.placed("Size", options, [("x", self.wire(owner))])
            ports = self.nodes[node].layer.ports_out()
            self.env |= {name: (node, port.name) for name, port in zip(names, ports)}
            return
        source_node = self.wire(value, len(names))[0]
        ports = self.nodes[source_node].layer.ports_out()
        if len(ports) != len(names):
            raise LiftError(f"{ast.unparse(value)} does not give {len(names)} results")
        self.env |= {name: (source_node, port.name) for name, port in zip(names, ports)}

    def kept(self, statement: ast.stmt, reason: str) -> None:
        """A statement as a Code node between the variables that it reads and writes."""
        reads, writes = variables(statement)
        reads = [name for name in reads if name in self.env or name in self.params]
        if any(isinstance(n, ast.Name) and n.id == "self" for n in ast.walk(statement)):
            raise LiftError(f"{kind_of(statement)} on line {statement.lineno} uses self, and {reason}")
        if any(isinstance(n, ast.Return) for n in ast.walk(statement)):
            raise LiftError(f"{kind_of(statement)} on line {statement.lineno} returns early")
        writes = [name for name in writes if name in self.later]
        wires = [name for name in reads if isinstance(self.env.get(name), tuple)]
        if not wires or not writes:
            raise LiftError(f"{kind_of(statement)} on line {statement.lineno} reads or gives no tensor, and {reason}")
        given = [ast.unparse(ast.Assign([ast.Name(n, ast.Store())], e, lineno=1)) for n, e in self.literals(reads)]
        arguments = [*wires, *(name for name in reads if name in self.params)]
        body = [*given, *ast.unparse(statement).splitlines(), f"return {', '.join(writes)}"]
        name = f"keep_{writes[0]}"
        if len(arguments) > len(wires):
            raise LiftError(f"{kind_of(statement)} on line {statement.lineno} uses an option, and {reason}")
        text = "\n    ".join([f"def {name}({', '.join(arguments)}):", *body]) + "\n"
        layer = CodeLayer(source=text)
        node = self.add(writes[0], layer, [(p.name, self.env[p.name]) for p in layer.ports_in()])  # type: ignore[misc]
        for written, port in zip(writes, layer.ports_out()):
            self.env[written] = (node, port.name)
        self.reasons.append(f"line {statement.lineno} stays Python: {reason}")

    def literals(self, names: Iterable[str]) -> list[tuple[str, ast.expr]]:
        return [(n, e) for n in names if isinstance(e := self.env.get(n), ast.expr)]

    # Expressions

    def wire(self, expression: ast.expr, results: int = 1) -> Wire:
        """The expression as something that a wire can carry."""
        found = self.value(expression, results)
        if not isinstance(found, tuple):
            raise LiftError(f"{ast.unparse(expression)} is no tensor")
        return found

    def value(self, expression: ast.expr, results: int = 1) -> Wire | ast.expr:
        """A wire, or a literal (with block parameters in it) as it stands."""
        if isinstance(expression, ast.Name):
            if expression.id in self.env:
                return self.env[expression.id]
            if expression.id in self.params:
                return expression
            raise LiftError(f"{expression.id} is no tensor and no number here")
        if isinstance(expression, ast.IfExp) and (chosen := self.decided(expression.test)) is not None:
            return self.value(expression.body if chosen else expression.orelse, results)
        if isinstance(expression, ast.Attribute) and ast.unparse(expression.value) == "self":
            if expression.attr in self.attributes:
                return self.attributes[expression.attr]
            raise LiftError(f"self.{expression.attr} is no layer that is known here")
        if isinstance(expression, ast.Subscript):
            return self.subscript(expression)
        if isinstance(expression, ast.Call):
            return self.call(expression, results)
        if isinstance(expression, ast.BinOp):
            return self.pair(expression)
        if isinstance(expression, ast.UnaryOp) and isinstance(expression.op, ast.USub):
            inside = self.value(expression.operand)
            if isinstance(inside, tuple):
                return self.placed("Scale", {"factor": -1.0}, [("x", inside)])
            return ast.UnaryOp(ast.USub(), inside)
        if isinstance(expression, ast.Constant) or is_literal(expression, self.params):
            return expression
        raise LiftError(f"{ast.unparse(expression)} is no layer")

    def decided(self, test: ast.expr) -> bool | None:
        """Whether something was left out, for tests such as mask is None; None for any other test."""
        match test:
            case ast.Compare(
                left=ast.Name(id=name), ops=[ast.Is() | ast.IsNot() as op], comparators=[ast.Constant(None)]
            ):
                found = self.env.get(name)
                is_none = isinstance(found, ast.Constant) and found.value is None
                return is_none == isinstance(op, ast.Is) if name in self.env else None
        return None

    def literal(self, expression: ast.expr) -> ast.expr:
        """A value that no wire carries."""
        found = self.value(expression)
        if isinstance(found, tuple):
            raise LiftError(f"{ast.unparse(expression)} is a tensor")
        return found

    def pair(self, expression: ast.BinOp) -> Wire | ast.expr:
        left, right = self.value(expression.left), self.value(expression.right)
        if not isinstance(left, tuple) and not isinstance(right, tuple):
            return ast.BinOp(left, expression.op, right)
        key, ports = _PAIRS.get(type(expression.op), ("", ("", "")))
        if not key:
            raise LiftError(f"{ast.unparse(expression)} is no layer")
        if isinstance(left, tuple) and isinstance(right, tuple):
            return self.placed(key, {}, [(ports[0], left), (ports[1], right)])
        wire, other = (left, right) if isinstance(left, tuple) else (right, left)
        assert isinstance(wire, tuple)
        assert not isinstance(other, tuple)
        number = self.option(other)
        if key in ("Add", "Multiply"):
            return self.placed("Scale", {"shift" if key == "Add" else "factor": number}, [("x", wire)])
        if key == "MatMul":
            raise LiftError(f"{ast.unparse(expression)} is no product of two tensors")
        return self.placed(key, {"other": number, "swap": wire is right}, [("a", wire)])

    def placed(self, key: str, options: Mapping[str, Any], wires: list[tuple[str, Wire]]) -> Wire:
        """A layer by its key, and its first result."""
        made: Any = Layer.registry[key]
        node = self.add(snake(key), made(**options), wires)
        return node, self.nodes[node].layer.ports_out()[0].name

    def option(self, expression: ast.expr) -> Any:
        """A literal, or an expression over the block's parameters."""
        try:
            return ast.literal_eval(expression)
        except ValueError:
            return Expr(ast.unparse(expression))

    def subscript(self, expression: ast.Subscript) -> Wire | ast.expr:
        owner, place = shape_of(expression.value), expression.slice
        if owner is not None and isinstance(place, (ast.Constant, ast.UnaryOp)):
            return self.sized(self.wire(owner), place)
        source = self.wire(expression.value)
        index, wires = self.substituted(expression.slice)
        text = ast.unparse(ast.Subscript(ast.Name("_", ast.Load()), index, ast.Load()))[2:-1]
        made: Any = Layer.registry["Index"]
        layer = made(index=text).rewired(self.params)
        node = self.add("part", layer, [("x", source), *wires.items()])
        return node, "out"

    def sized(self, source: Wire, dim: ast.expr) -> Wire:
        return self.placed("Size", {"dim": ast.literal_eval(dim)}, [("x", source)])

    def call(self, call: ast.Call, results: int) -> Wire:
        func = call.func
        if not isinstance(func, ast.Attribute):
            raise LiftError(f"{ast.unparse(func)} is no function of torch")
        if isinstance(func.value, ast.Name) and func.value.id == "self":
            return self.module(func.attr, call)
        owner = ast.unparse(func.value)
        owner = _SPACES.get(owner, owner)
        is_function = owner == "F" or owner.split(".")[0] == "torch"
        if not is_function and func.attr == "size" and len(call.args) == 1:
            return self.sized(self.wire(func.value), call.args[0])
        copied = copy.deepcopy(call)
        wires: dict[str, Wire] = {}
        if is_function:
            copied.func = ast.parse(f"{owner}.{func.attr}", mode="eval").body
        else:
            copied.func = ast.Attribute(self.named(self.wire(func.value), wires), func.attr, ast.Load())
        copied.args = [self.argument(a, wires) for a in call.args]
        copied.keywords = [ast.keyword(k.arg, self.argument(k.value, wires)) for k in call.keywords]
        key = _BENDS.get(func.attr)
        if key and len(wires) == 1 and len(call.args) == int(is_function) and not call.keywords:
            node = self.add(func.attr, Layer.registry[key](), [("x", next(iter(wires.values())))])
            return node, "out"
        return self.op(ast.unparse(copied), wires, func.attr, results)

    def module(self, attribute: str, call: ast.Call) -> Wire:
        """A call of a module that the constructor made: the node itself, or the same once more."""
        made = self.modules.get(attribute)
        if made is None:
            raise LiftError(f"self.{attribute} is no layer that is known here")
        layer = made if isinstance(made, Layer) else self.nodes[made].layer
        ports = layer.ports_in()
        if call.keywords or len(call.args) > len(ports):
            raise LiftError(f"self.{attribute} is called in a way that no wire says")
        wires = [(port.name, self.wire(argument)) for port, argument in zip(ports, call.args)]
        if isinstance(made, Layer):
            node = self.modules[attribute] = self.add(attribute, made, wires)
        else:
            node = self.add(f"{attribute}_again", Shared(node=made), wires)
        return node, layer.ports_out()[0].name

    def op(self, text: str, wires: Mapping[str, Wire], name: str, results: int = 1) -> Wire:
        try:
            layer: Any = Op(call=text).rewired(self.params)
            layer = layer.with_(results=results) if results > 1 else layer
        except SpecError as error:
            raise LiftError(error.message.rstrip(".")) from None
        missing = [p.name for p in layer.ports_in() if p.name not in wires]
        if missing:
            raise LiftError(f"{missing[0]} is not known")
        node = self.add(name, layer, [(p.name, wires[p.name]) for p in layer.ports_in()])
        return node, layer.ports_out()[0].name

    def argument(self, expression: ast.expr, wires: dict[str, Wire]) -> ast.expr:
        """An argument of a call, with a letter for every wire in it."""
        if isinstance(expression, (ast.List, ast.Tuple)):
            made = type(expression)([self.argument(e, wires) for e in expression.elts], ast.Load())
            return made
        if isinstance(expression, ast.Attribute) and ast.unparse(expression).startswith("torch."):
            return expression
        if isinstance(expression, ast.Attribute) and ast.unparse(expression) == "self.training":
            return expression
        found = self.value(expression)
        return self.named(found, wires) if isinstance(found, tuple) else found

    def substituted(self, expression: ast.expr) -> tuple[ast.expr, dict[str, Wire]]:
        """An index with a letter for every variable in it that is a wire."""
        wires: dict[str, Wire] = {}
        lifting = self

        class Names(ast.NodeTransformer):
            def visit_Name(self, node: ast.Name) -> ast.expr:
                found = lifting.value(node)
                return lifting.named(found, wires) if isinstance(found, tuple) else found

        return Names().visit(copy.deepcopy(expression)), wires

    def named(self, wire: Wire, wires: dict[str, Wire]) -> ast.Name:
        """The letter of a wire within one call."""
        there = next((name for name, other in wires.items() if other == wire), None)
        if there is None:
            letters = (c for c in "abcdeghijkmnpqrstuvw" if c not in wires and c not in self.params)
            there = next(letters)
            wires[there] = wire
        return ast.Name(there, ast.Load())
