"""A Code node taken apart into a block of layers, which is held against the code before it is offered."""

from __future__ import annotations

import ast
import inspect
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import nn

from engine.analysis.infer import infer
from engine.build import build
from engine.codegen.classes import generate_model
from engine.document.block_edits import fresh_block_id
from engine.document.names import unique, unique_class
from engine.document.project import MAIN, Layout, Project
from engine.document.wiring import with_layer
from engine.errors import EditError, EngineError
from engine.expr import Expr
from engine.graph.block import Block, BlockParam, ParamKind
from engine.graph.graph import BlockId, Node, NodeId
from engine.graph.shapes import Analysis, NodeShapes
from engine.importing.lift_text import LiftError, Lifting
from engine.importing.python_text import reads_of
from engine.layers.base import Layer, ModuleLayer
from engine.layers.block import BlockLayer
from engine.layers.code import CodeLayer
from engine.layers.code_text import parsed
from engine.layers.io import Input, Output
from engine.spec import REQUIRED
from engine.tensor import NumberSpec, TensorSpec

_KINDS: dict[str, ParamKind] = {"int": "int", "float": "float", "bool": "bool", "text": "text"}
_SIZES = {"B": 3, "T": 5, "S": 4, "H": 6, "W": 7}


@dataclass(frozen=True)
class Extract:
    """Put a block of layers in the place of a Code node, with the same wires. reasons: what stayed Python, and why."""

    node: NodeId
    place: str
    block: Block
    layout: Layout
    layer: BlockLayer
    reasons: tuple[str, ...] = ()
    label = "Extract into block"

    def __call__(self, project: Project) -> Project:
        project = project.with_block(self.block).with_layout(self.block.id, self.layout)
        return with_layer(project, self.place, project.node(self.node, self.place), self.layer)


def lifted(project: Project, analysis: Analysis, node: NodeId, block: str) -> Extract:
    """The edit that takes a Code node apart. Its code is run: ask for trust before.

    Raises: EditError saying what cannot be drawn.
    """
    found = project.node(node, block)
    shapes = analysis.node(node, block or project.main)
    if not isinstance(found.layer, CodeLayer):
        raise EditError(f"{found.name} is no Code layer.", "Only code can be taken apart into layers.")
    if shapes is None or not shapes.known:
        raise EditError(
            f"The shapes at {found.name} are not known.",
            "Wire it in first, and trust the project, so that it can be tried.",
        )
    try:
        edit = _drawn(project, found, found.layer, block, shapes)
    except LiftError as error:
        raise EditError(f"{found.name} cannot be drawn: {error}.", "It stays as it is.") from None
    _need_same(edit, found.layer, shapes)
    return edit


def _drawn(project: Project, node: Node, layer: CodeLayer, place: str, shapes: NodeShapes) -> Extract:
    code = layer.code
    lifting = Lifting(frozenset(o.name for o in code.options))
    for port in code.inputs:
        if port.kind == "optional" and shapes.inputs.get(port.name) is None:
            lifting.env[port.name] = ast.Constant(None)
        else:
            lifting.env[port.name] = (lifting.add(port.name, Input()), "out")
    found = parsed(layer.source)
    function = found
    if isinstance(found, ast.ClassDef):
        methods = {m.name: m for m in found.body if isinstance(m, ast.FunctionDef)}
        if "__init__" in methods:
            _construct(lifting, methods["__init__"])
        function = methods["forward"]
    *body, last = function.body
    for index, statement in enumerate(body):
        lifting.later = frozenset(name for after in function.body[index + 1 :] for name in reads_of(after))
        lifting.statement(statement)
    if not isinstance(last, ast.Return) or last.value is None:
        raise LiftError("it does not end in a return")
    results = last.value.elts if isinstance(last.value, ast.Tuple) and len(code.outputs) > 1 else [last.value]
    if len(results) != len(code.outputs):
        raise LiftError("what it returns has no name for each result")
    wires = [lifting.wire(result) for result in results]
    for port, wire in zip(code.outputs, wires):
        _freed(lifting, port.name)
        lifting.add(port.name, Output(), [("x", wire)])
    if len(lifting.nodes) <= len(lifting.reasons) + len(code.inputs) + len(code.outputs):
        raise LiftError(lifting.reasons[0] if lifting.reasons else "there is no layer in it")
    name = unique_class("".join(w[:1].upper() + w[1:] for w in code.name.split("_")), _classes(project))
    params = tuple(BlockParam(o.name, _KINDS[o.kind.name], o.default) for o in code.options)
    block = Block(fresh_block_id(project, name), name, params, lifting.graph(), ast.get_docstring(found) or "")
    instance = BlockLayer(block=block.id, args=dict(layer.values))
    return Extract(node.id, place, block, Layout(lifting.positions()), instance, tuple(lifting.reasons))


def _classes(project: Project) -> set[str]:
    return {block.name for block in project.blocks.values()}


def _freed(lifting: Lifting, name: str) -> None:
    """Have no layer of that name: it is an output's."""
    for node in list(lifting.nodes.values()):
        if node.name == name:
            taken = {n.name for n in lifting.nodes.values()} | {name}
            lifting.nodes[node.id] = replace(node, name=unique(f"{name}_value", taken))


def _construct(lifting: Lifting, init: ast.FunctionDef) -> None:
    """The modules and values that a constructor keeps under self."""
    for statement in init.body:
        if isinstance(statement, ast.Expr):
            continue  # super().__init__(), or a docstring
        target = statement.targets[0] if isinstance(statement, ast.Assign) else None
        is_own = isinstance(target, ast.Attribute) and ast.unparse(target.value) == "self"
        if not isinstance(statement, ast.Assign) or not isinstance(target, ast.Attribute) or not is_own:
            raise LiftError(f"line {statement.lineno} of its constructor keeps nothing under self")
        if isinstance(statement.value, ast.Call):
            lifting.modules[target.attr] = _module(statement.value, lifting.params)
        else:
            lifting.attributes[target.attr] = lifting.literal(statement.value)


def _module(call: ast.Call, params: frozenset[str]) -> Layer:
    """The layer that a constructor's call makes."""
    text = ast.unparse(call.func).removeprefix("torch.")
    kinds = [k for k in Layer.registry.values() if k.target == text and issubclass(k, ModuleLayer)]
    theirs = getattr(nn, text.removeprefix("nn."), None)
    if not kinds or theirs is None:
        raise LiftError(f"{text} is no layer that is known here")
    if any(isinstance(a, ast.Starred) for a in call.args) or any(k.arg is None for k in call.keywords):
        raise LiftError(f"the arguments of {text} are not written out")
    try:
        given = inspect.signature(theirs).bind(*call.args, **{str(k.arg): k.value for k in call.keywords}).arguments
    except TypeError as error:
        raise LiftError(f"{text}: {error}") from None
    kind = kinds[0]
    options = {name: p.torch for name, p in kind.params.items() if p.torch is not REQUIRED}
    for name, value in given.items():
        if name in ("device", "dtype"):
            raise LiftError(f"{text} is given a {name}")
        if name in kind.params:
            options[name] = _option(value, params)
    return kind(**{name: value for name, value in options.items() if name in kind.params})


def _option(value: ast.expr, params: frozenset[str]) -> Any:
    try:
        return ast.literal_eval(value)
    except ValueError:
        expression = Expr(ast.unparse(value))
        if not expression.names() <= params:
            raise LiftError(f"{ast.unparse(value)} is no option") from None
        return expression


def _need_same(edit: Extract, layer: CodeLayer, shapes: NodeShapes) -> None:
    """Raises: EditError if the block computes something else than the code, on random numbers."""
    specs = {port.name: shapes.inputs.get(port.name) for port in layer.ports_in()}
    there = {name: spec for name, spec in specs.items() if spec is not None}
    if not all(
        isinstance(s, TensorSpec) and not isinstance(s, NumberSpec) and s.shape[:1] == ("B",) for s in there.values()
    ):
        return  # an input of a network begins with the batch: this one cannot be tried by itself
    try:
        same = _compared(edit, layer, there)
    except EngineError as error:
        raise EditError(f"The block that was drawn does not run: {error.message}", "The code stays as it is.") from None
    except Exception as error:  # noqa: BLE001 - the user's code and torch raise whatever they like
        raise EditError(f"The code and the block cannot be compared: {error}.", "The code stays as it is.") from None
    if not same:
        raise EditError("The block that was drawn computes something else.", "The code stays as it is.")


def _compared(edit: Extract, layer: CodeLayer, specs: Mapping[str, Any]) -> bool:
    fixed = [
        replace(node, layer=Input(shape=specs[node.name].shape[1:], dtype=specs[node.name].dtype))
        for node in edit.block.inputs
    ]
    values = {n: v for n, v in edit.layer.args.items() if not isinstance(v, Expr)}
    params = tuple(replace(p, default=values.get(p.name, p.default)) for p in edit.block.params)
    main = replace(edit.block, id=MAIN, params=params, graph=edit.block.graph.with_nodes(fixed))
    project = Project(blocks={BlockId(MAIN): main})
    source = generate_model(project, infer(project, trusted=True))
    block = build(source)[source.main]().eval()
    space: dict[str, Any] = {"torch": torch, "nn": nn, "F": nn.functional, "math": math, "Tensor": torch.Tensor}
    exec(compile(layer.source, "<code>", "exec", dont_inherit=True), space)
    theirs = space[layer.code.name]
    if layer.code.is_module:
        theirs = theirs(**{o.name: values.get(o.name, o.default) for o in layer.code.options}).eval()
        block.load_state_dict(theirs.state_dict())
        values = {}
    inputs = {name: _random(spec) for name, spec in specs.items()}
    with torch.no_grad():
        torch.manual_seed(0)
        wanted = theirs(**inputs, **values)
        torch.manual_seed(0)
        got = block(*(inputs[node.name] for node in edit.block.inputs))
    pairs = zip(_tuple(got), _tuple(wanted), strict=True)
    return all(torch.allclose(torch.as_tensor(a), torch.as_tensor(b), atol=1e-5, equal_nan=True) for a, b in pairs)


def _tuple(value: Any) -> tuple[Any, ...]:
    return tuple(value) if isinstance(value, (tuple, list)) else (value,)


def _random(spec: TensorSpec) -> torch.Tensor:
    sizes = [int(Expr(str(s)).evaluate(_FREE)) if isinstance(s, str) else s for s in spec.shape]
    dtype = getattr(torch, spec.dtype)
    return torch.rand(sizes).to(dtype) if spec.is_floating else torch.zeros(sizes, dtype=dtype)


class _Free(dict[str, int]):
    """A size for every free name."""

    def __missing__(self, name: str) -> int:
        return 5


_FREE = _Free(_SIZES)
