"""Loops and branches in `forward`, as a person would write them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from engine.codegen.calls import LINE
from engine.codegen.expressions import value_text
from engine.codegen.generalise import Size
from engine.codegen.layout import statement_lines
from engine.codegen.scope import BODY, Scope
from engine.errors import CodeError
from engine.graph.graph import BlockId, NodeId
from engine.graph.shapes import NodeShapes
from engine.layers.base import Port
from engine.layers.block import Holder, Ports
from engine.layers.control import Branch, Roles, Scan, While, ZeroSize, zero_sizes
from engine.tensor import TensorSpec

STEP = " " * 4
Wires = Mapping[str, str | tuple[str, ...]]


@dataclass
class Control:
    """One loop or branch on its way into `forward`.

    targets: the variable of every output port, "_" where nobody reads it; a state that stays in the variable of the
    loop is renamed here. fresh: gives out names for variables.
    """

    scope: Scope
    node: NodeId
    layer: Holder
    inner: list[Ports]
    modules: tuple[str, ...]
    wires: Wires
    targets: dict[str, str]
    fresh: Callable[[str], str]

    def statements(self) -> tuple[str, ...]:
        """The statements, those inside of a loop or branch indented. Raises: CodeError."""
        if isinstance(self.layer, Scan):
            return self.scan(self.layer)
        if isinstance(self.layer, While):
            return self.repeat(self.layer)
        assert isinstance(self.layer, Branch)
        return self.branch(self.layer)

    def wire(self, port: str) -> str:
        return str(self.wires[port])

    def scan(self, layer: Scan) -> tuple[str, ...]:
        into, out = self.inner[0]
        roles = layer.roles_in(self.inner[0])
        if not roles.sequences:
            raise CodeError("no input of its block is a sequence.")
        first = self.wire(roles.sequences[0])
        states = {state: self.carried(state, state) for state in roles.states}
        lines = [line for state, name in states.items() for line in self.start(layer, roles, state, name, first)]
        outputs = {roles.states[state]: name for state, name in states.items()}
        steps = {p.name: self.fresh(_plural(p.name)) for p in out if self.targets[p.name] != "_"}
        outputs |= {p.name: self.fresh(f"{p.name}_t") for p in out if p.name in steps and p.name not in outputs}
        lines += [f"{name} = []" for name in steps.values()]
        t = self.fresh("t")
        turns = f"range({first}.shape[{layer.dim}])"
        lines.append(f"for {t} in {f'reversed({turns})' if layer.reverse else turns}:")
        given = [
            _slice(self.wire(p.name), layer.dim, t)
            if p.name in roles.sequences
            else states.get(p.name) or self.wire(p.name)
            for p in into
        ]
        lines += _inside(f"{_names(out, outputs)} = {self.modules[0]}({', '.join(given)})")
        lines += [f"{STEP}{name}.append({outputs[port]})" for port, name in steps.items()]
        end = "[::-1]" if layer.reverse else ""
        lines += [f"{self.targets[p]} = torch.stack({name}{end}, dim={layer.dim})" for p, name in steps.items()]
        return tuple(lines)

    def carried(self, state: str, port: str) -> str:
        """The variable that carries a state: that of the result where it can be the same, else a new one."""
        wanted = self.targets.get(port, "_")
        taken = {w for name, wire in self.wires.items() if name != state for w in _each(wire)}
        if wanted == "_" or wanted in taken:
            wanted = self.fresh(state)
            if self.targets.get(port, "_") != "_":
                self.targets[port] = wanted
        return wanted

    def start(self, layer: Scan, roles: Roles, state: str, name: str, first: str) -> list[str]:
        wire = self.wire(state)
        if wire != "None":
            return [] if wire == name else [f"{name} = {wire}"]
        shapes = next((s for i in self.scope.instances if (s := i.nodes.get(self.node)) and s.repeats), None)
        spec, sizes = _zeros(shapes, self.inner[0], layer, roles, state)
        if shapes is None or spec is None:
            raise CodeError(f"the shape of the state {state} is not known.")
        texts = [f"{first}.shape[{z.axis}]" if z.axis is not None else self.size(z.name) for z in sizes]
        sequence = shapes.inputs.get(roles.sequences[0])
        if isinstance(sequence, TensorSpec) and sequence.dtype == spec.dtype:
            return [f"{name} = {first}.new_zeros({', '.join(texts)})"]
        kind = "" if spec.dtype == "float32" else f", dtype=torch.{spec.dtype}"
        return [f"{name} = torch.zeros({', '.join(texts)}{kind}, device={first}.device)"]

    def size(self, name: str) -> str:
        text = self.scope.signature.texts.get(Size(self.scope.owner(self.node), name, -1))
        if text is None:
            raise CodeError("its sizes are not known yet.")
        if text.isdecimal():
            return text
        declared = next((p for p, spelled in self.scope.signature.spelled.items() if spelled == text), None)
        kept = self.scope.kept[declared] if declared else f"self.{size_attribute(self.scope, self.node, name)}"
        self.scope.keep(kept)
        return kept

    def repeat(self, layer: While) -> tuple[str, ...]:
        into, out = self.inner[0]
        roles = layer.roles_in(self.inner[0])
        states = {state: self.carried(state, output) for state, output in roles.states.items()}
        lines = [f"{name} = {w}" for state, name in states.items() if (w := self.wire(state)) != name]
        outputs = {roles.states[state]: name for state, name in states.items()}
        outputs |= {p: name for p, name in self.targets.items() if name != "_" and p not in outputs}
        if layer.condition is not None and layer.condition not in outputs:
            outputs[layer.condition] = self.fresh(layer.condition)
        times = value_text(layer.limit, self.scope.kept)
        self.scope.keep(times)
        given = [states.get(p.name) or self.wire(p.name) for p in into]
        lines += [f"for _ in range({times}):"]
        lines += _inside(f"{_names(out, outputs)} = {self.modules[0]}({', '.join(given)})")
        if layer.condition is not None:
            lines += [f"{STEP}if {_enough(layer, outputs[layer.condition])}:", f"{STEP * 2}break"]
        return tuple(lines)

    def branch(self, layer: Branch) -> tuple[str, ...]:
        into, out = self.inner[0]
        given = [self.wire(p.name) for p in into]
        through = list(zip((self.targets[p.name] for p in out), given))
        left = ", ".join(self.targets[p.name] for p in out)
        calls = [f"{left} = {module}({', '.join(given)})" for module in self.modules]
        if layer.on == "parameter":
            if len(self.inner) > 1 or is_identity(self.inner[0]):
                return (calls[0],)
            test = f"{self.modules[0]} is not None"
        else:
            test = "self.training" if layer.on == "training" else self.wire(layer.condition_port(self.inner))
        other = _inside(calls[1]) if len(calls) > 1 else _passed(through)
        return (f"if {test}:", *_inside(calls[0]), *(["else:", *other] if other else []))


def control(
    scope: Scope, node: NodeId, layer: Holder, names: tuple[Wires, dict[str, str]], fresh: Callable[[str], str]
) -> tuple[str, ...]:
    """The statements of a loop or branch. Raises: CodeError in the user's words."""
    blocks = [scope.inner[BlockId(i.block)][0] for i in layer.held()]
    inner = [(b.ports_in(), b.ports_out()) for b in blocks]
    modules = tuple(f"self.{name}" for name in scope.modules[scope.owner(node)])
    return Control(scope, node, layer, inner, modules, names[0], names[1], fresh).statements()


def assigned_last(statements: tuple[str, ...]) -> list[str]:
    """The variables that the last statement assigns: those whose shapes can stand behind it."""
    left, sign, _ = statements[-1].partition(" = ")
    return [name.strip() for name in left.split(",")] if sign else []


def size_attribute(scope: Scope, node: NodeId, name: str) -> str:
    """Where the constructor keeps a size of the zeros that a state begins with, if it is no plain number."""
    return f"{scope.attributes[scope.owner(node)]}_{name}"


def construction(scope: Scope, node: NodeId, layer: Holder, calls: list[str]) -> list[str]:
    """The lines of the constructor for a loop or branch, from the calls that make its blocks."""
    targets = [f"self.{name}" for name in scope.modules[node]]
    if isinstance(layer, Branch) and layer.on == "parameter":
        return _chosen(scope, layer, targets[0], calls, node)
    lines = [line for t, call in zip(targets, calls) for line in statement_lines(f"{t} = {call}", BODY)]
    for size, text in scope.signature.texts.items():
        is_kept = text.isdecimal() or text in scope.signature.spelled.values()
        if size.node == node and size.is_own and not is_kept:
            lines.append(f"{BODY}self.{size_attribute(scope, node, size.name)} = {text}")
    return lines


def _chosen(scope: Scope, layer: Branch, target: str, calls: list[str], node: NodeId) -> list[str]:
    """One of two blocks, whichever the parameter asks for."""
    if len(calls) < 2:
        block = scope.inner[BlockId(layer.then)][0]
        is_same = is_identity((block.ports_in(), block.ports_out()))
        calls = [*calls, "nn.Identity()" if is_same else "None"]
    test = scope.value(layer.when)
    flat = f"{BODY}{target} = {calls[0]} if {test} else {calls[1]}"
    if len(flat) <= LINE:
        return [flat]
    inner = BODY + STEP
    yes, no = (statement_lines(f"{target} = {call}", inner) for call in calls)
    return [f"{BODY}if {test}:", *yes, f"{BODY}else:", *no]


def is_identity(ports: Ports) -> bool:
    """Whether an `nn.Identity` can stand for a block with these ports."""
    return len(ports[0]) == len(ports[1]) == 1


def _zeros(
    shapes: NodeShapes | None, inner: Ports, layer: Scan, roles: Roles, state: str
) -> tuple[TensorSpec | None, list[ZeroSize]]:
    """The shape of a state in the first instance, and how its sizes are written."""
    if shapes is None:
        return None, []
    spec = shapes.repeats[0].inputs[[p.name for p in inner[0]].index(state)]
    sequence: Any = shapes.inputs.get(roles.sequences[0])
    if spec is None or not isinstance(sequence, TensorSpec):
        return None, []
    try:
        return spec, zero_sizes(state, spec.shape, sequence.shape, layer.dim)
    except ValueError:
        return None, []


def _names(ports: tuple[Port, ...], variables: Mapping[str, str]) -> str:
    return ", ".join(variables.get(p.name, "_") for p in ports)


def _slice(text: str, dim: int, t: str) -> str:
    """One step of a sequence: x[:, t]."""
    if dim >= 0:
        return f"{text}[{':, ' * dim}{t}]"
    return f"{text}[..., {t}{', :' * (-1 - dim)}]"


def _enough(layer: While, condition: str) -> str:
    if layer.stop == "when true":
        return condition + {"all": ".all()", "any": ".any()"}.get(layer.over, "")
    return "not " + condition + {"all": ".any()", "any": ".all()"}.get(layer.over, "")


def _plural(name: str) -> str:
    return f"{name}s" if "_" not in name and not name[-1:].isdigit() and not name.endswith("s") else f"{name}_steps"


def _inside(statement: str) -> list[str]:
    return [STEP + statement]


def _passed(pairs: list[tuple[str, str]]) -> list[str]:
    """What the way without a block does: its results are what comes in."""
    wanted = [(target, wire) for target, wire in pairs if target not in ("_", wire)]
    if not wanted:
        return []
    return _inside(f"{', '.join(t for t, _ in wanted)} = {', '.join(w for _, w in wanted)}")


def _each(wire: str | tuple[str, ...]) -> tuple[str, ...]:
    return (wire,) if isinstance(wire, str) else wire
