"""Random networks: chains and merges of 1 to 25 layers, blocks with parameters, rows of them, shared weights.

`projects()` gives valid ones that train on the digits; `edited_projects()` gives a project and what edits make of it.
A layer is put in where its shapes fit, so the networks are valid by construction; the laws hold them against real runs.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from hypothesis import strategies as st

import engine.layers  # noqa: F401 - fills the registry
from engine.analysis.execute import outcome
from engine.analysis.infer import infer
from engine.document.edits import RemoveNodes, SetParam
from engine.document.project import MAIN, Project
from engine.errors import EngineError
from engine.expr import Expr
from engine.graph.block import Block, BlockParam
from engine.graph.chain import why_no_chain
from engine.graph.graph import BlockId, Edge, Graph, Node, NodeId
from engine.layers.base import Layer, Port
from engine.layers.block import BlockLayer, Shared
from engine.layers.io import Input, Output
from engine.tensor import TensorSpec

DIGIT = TensorSpec(("B", 1, 8, 8))
MOST_VALUES = 4096

# Kind of layer and options, by what it wants: tried in a random order until one fits.
_ONE = [
    ("Conv2d", {"out_channels": 4}),
    ("Conv2d", {"out_channels": 3, "stride": 2, "padding": 1}),
    ("Conv2d", {"out_channels": 2, "kernel_size": 1}),
    ("MaxPool2d", {}),
    ("AvgPool2d", {"kernel_size": 2, "stride": 1}),
    ("AdaptiveAvgPool2d", {"output_size": 2}),
    ("BatchNorm2d", {}),
    ("BatchNorm1d", {}),
    ("GroupNorm", {"num_groups": 1}),
    ("LayerNorm", {}),
    ("Linear", {"out_features": 6}),
    ("Linear", {"out_features": 12, "bias": False}),
    ("ReLU", {}),
    ("GELU", {}),
    ("Tanh", {}),
    ("Softmax", {}),
    ("Dropout", {"p": 0.1}),
    ("Conv1d", {"out_channels": 5}),
    ("LSTM", {"hidden_size": 7}),
    ("GRU", {"hidden_size": 4, "bidirectional": True}),
    ("TransformerEncoderLayer", {"nhead": 2, "dim_feedforward": 8}),
    ("MultiheadAttention", {"num_heads": 1}),
    ("Flatten", {}),
    ("Flatten", {"start_dim": 2}),
    ("Unflatten", {"dim": 1, "unflattened_size": (2, -1)}),
    ("Reshape", {"shape": (4, -1)}),
    ("Transpose", {}),
    ("Permute", {"dims": (0, 2, 1)}),
    ("Unsqueeze", {}),
    ("Squeeze", {"dim": 1}),
    ("Mean", {"dim": 1}),
    ("Sum", {"dim": -1}),
    ("Select", {}),
    ("Split", {}),
    ("Upsample", {}),
    ("Pad", {"padding": (1, 0)}),
]
_MANY = [("Add", {}), ("Multiply", {}), ("Concat", {}), ("Concat", {"dim": -1}), ("Stack", {}), ("Add", {})]
_PAIR = [("Subtract", {}), ("Maximum", {}), ("MatMul", {})]


@dataclass
class _Open:
    """An output that may be wired onwards."""

    node: NodeId
    port: str
    spec: TensorSpec


@dataclass
class _Body:
    """A graph in the making."""

    nodes: dict[NodeId, Node] = field(default_factory=dict)
    edges: set[Edge] = field(default_factory=set)
    open: list[_Open] = field(default_factory=list)
    used: set[NodeId] = field(default_factory=set)

    def add(self, layer: Layer, wires: dict[str, tuple[_Open, ...]], outputs: dict[str, TensorSpec]) -> NodeId:
        id = NodeId(f"n{len(self.nodes) + 1}")
        name = f"{type(layer).__name__.lower().removesuffix('layer')}{len(self.nodes) + 1}"
        self.nodes[id] = Node(id, name, layer)
        for port, sources in wires.items():
            for slot, source in enumerate(sources):
                self.edges.add(Edge(source.node, source.port, id, port, slot))
                self.used.add(source.node)
        self.open += [_Open(id, port, spec) for port, spec in outputs.items()]
        return id

    def try_layer(self, layer: Layer, wires: dict[str, tuple[_Open, ...]]) -> bool:
        """Add the layer if it takes these wires and what it gives is floating and not too large."""
        kinds = {port.name: port.kind for port in layer.ports_in()}
        given: dict[str, Any] = dict.fromkeys(kinds)
        for port, sources in wires.items():
            specs = tuple(source.spec for source in sources)
            given[port] = specs if kinds[port] == "many" else specs[0]
        found = outcome(layer, given)
        outputs = {port: spec for port, spec in found.outputs.items() if spec is not None}
        if found.error or len(outputs) < len(found.outputs):
            return False
        if any(not s.is_floating or s.rank > 5 or s.count() > MOST_VALUES for s in outputs.values()):
            return False
        if any(isinstance(size, str) for s in outputs.values() for size in s.shape[1:]) and "h" not in outputs:
            return False
        self.add(layer, wires, {p: s for p, s in outputs.items() if s.rank and s.shape[0] == "B"})
        return True

    def graph(self) -> Graph:
        return Graph(dict(self.nodes), frozenset(self.edges), len(self.nodes) + 1)


def _grow(draw: st.DrawFn, body: _Body, steps: int, blocks: list[Block]) -> None:
    for _ in range(steps):
        kind = draw(st.sampled_from(["one"] * 6 + ["many", "many", "pair", "block", "block", "shared"]))
        sources = body.open[-4:]
        one = draw(st.sampled_from(sources))
        if kind == "block":
            _add_block(draw, body, one, blocks)
        elif kind == "shared":
            _add_shared(draw, body, one)
        elif kind == "many":
            key, options = draw(st.sampled_from(_MANY))
            alike = [o for o in body.open if o.spec == one.spec][-3:]
            body.try_layer(Layer.registry[key](**options), {"inputs": tuple(alike)})
        elif kind == "pair":
            key, options = draw(st.sampled_from(_PAIR))
            other = draw(st.sampled_from([o for o in body.open if o.spec == one.spec]))
            body.try_layer(Layer.registry[key](**options), {"a": (one,), "b": (other,)})
        else:
            start = draw(st.integers(0, len(_ONE) - 1))
            for key, options in (_ONE[start:] + _ONE[:start])[:8]:
                layer = Layer.registry[key](**options)
                if body.try_layer(layer, {layer.ports_in()[0].name: (one,)}):
                    break


def _add_shared(draw: st.DrawFn, body: _Body, one: _Open) -> None:
    """Use a layer a second time, on something of the shape it takes already."""
    inputs = {e.target: e.source for e in body.edges}
    specs = {o.node: o.spec for o in body.open}
    fit = [n for n in body.nodes.values() if n.layer.key in ("Linear", "Conv2d", "ReLU") and n.id in inputs]
    fit = [n for n in fit if specs.get(inputs[n.id]) == one.spec]
    if not fit:
        return
    original = draw(st.sampled_from(fit))
    result = next(o.spec for o in body.open if o.node == original.id)
    body.add(Shared(node=original.id), {"x": (one,)}, {"out": result})


def _add_block(draw: st.DrawFn, body: _Body, one: _Open, blocks: list[Block]) -> None:
    """An instance of a block that is made for this shape: once, in a row, or in a row with the same weights."""
    if one.spec.rank < 2 or len(blocks) > 3:
        return
    inner = _Body()
    inner.add(Input(), {}, {"out": one.spec})
    size = one.spec.shape[1 if one.spec.rank == 4 else -1]
    key, name = ("Conv2d", "out_channels") if one.spec.rank == 4 else ("Linear", "out_features")
    wide = Layer.registry[key](**{name: Expr("width * 2")})
    args = {"width": draw(st.integers(1, 3))}
    found = outcome(wide.resolve(args), {"x": one.spec})
    if found.error or not isinstance(size, int):
        return
    inner.add(wide, {"x": (inner.open[0],)}, {"out": found.outputs["out"]})
    _grow(draw, inner, draw(st.integers(0, 3)), blocks)
    in_a_row = draw(st.booleans()) and inner.try_layer(Layer.registry[key](**{name: size}), {"x": (inner.open[1],)})
    if in_a_row and inner.open[-1].spec == one.spec:
        inner.try_layer(Layer.registry["Add"](), {"inputs": (inner.open[0], inner.open[-1])})
    result = inner.open[-1]
    inner.add(Output(), {"x": (result,)}, {})
    block = Block(BlockId(f"b{len(blocks) + 1}"), f"Stage{len(blocks) + 1}", (BlockParam("width"),), inner.graph())
    is_chain = not why_no_chain(block, lambda node: _ports(node, blocks))
    block = replace(block, sequence=is_chain and draw(st.booleans()))
    blocks.append(block)
    repeat = draw(st.integers(1, 3)) if result.spec == one.spec else 1
    shared = draw(st.booleans())
    value: Any = args["width"]
    if repeat > 1 and not shared and draw(st.booleans()):
        value = Expr(f"{value} + i * 0")
    layer = BlockLayer(block=block.id, args={"width": value}, repeat=repeat, shared=shared)
    body.add(layer, {block.inputs[0].name: (one,)}, {block.outputs[0].name: result.spec})


def _ports(node: Node, blocks: list[Block]) -> tuple[tuple[Port, ...], tuple[Port, ...]]:
    layer = node.layer
    if isinstance(layer, BlockLayer):
        inner = next(b for b in blocks if b.id == layer.block)
        return inner.ports_in(), inner.ports_out()
    return layer.ports_in(), layer.ports_out()


def _finished(body: _Body) -> Graph:
    """The graph with everything that is still open led to ten scores."""
    body.try_layer(Layer.registry["Flatten"](), {"x": (body.open[-1],)}) if body.open[-1].spec.rank > 2 else None
    if body.open[-1].spec.rank < 2:
        body.try_layer(Layer.registry["Unsqueeze"](), {"x": (body.open[-1],)})
    assert body.try_layer(Layer.registry["Linear"](out_features=10), {"x": (body.open[-1],)})
    body.add(Output(), {"x": (body.open[-1],)}, {})
    return body.graph()


@st.composite
def projects(draw: st.DrawFn, most: int = 20) -> Project:
    """A valid project on the digits: one input, one output, up to `most` layers between them."""
    blocks: list[Block] = []
    body = _Body()
    body.add(Input(), {}, {"out": DIGIT})
    _grow(draw, body, draw(st.integers(0, most)), blocks)
    main = Block(MAIN, "Model", (), _finished(body))
    return Project(blocks={block.id: block for block in (main, *blocks)})


@st.composite
def edited_projects(draw: st.DrawFn) -> list[Project]:
    """A valid project and what a few edits make of it, good or bad."""
    project = draw(projects(most=12))
    history = [project]
    for _ in range(draw(st.integers(1, 5))):
        block = draw(st.sampled_from(sorted(project.blocks)))
        nodes = list(project.blocks[block].graph.nodes.values())
        if not nodes:
            continue
        node = draw(st.sampled_from(nodes))
        edit: Any = RemoveNodes((node.id,), block, heal=draw(st.booleans()))
        numbers = [n for n, p in node.layer.params.items() if isinstance(getattr(node.layer, n), int) and n != "repeat"]
        if numbers and draw(st.booleans()):
            edit = SetParam(node.id, draw(st.sampled_from(numbers)), draw(st.integers(1, 5)), block)
        try:
            project = edit(project)
        except EngineError:
            continue
        history.append(project)
    return history


def is_valid(project: Project) -> bool:
    """Whether inference finds no error in it."""
    return infer(project).is_valid
