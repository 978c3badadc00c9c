"""Putting a layer where it was asked for: at a place, at the end of a wire, into one, or behind what is selected."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF

from engine.document import library
from engine.document.bringing import BringBlock
from engine.document.control_edits import started
from engine.document.edits import AddNode, Batch, Connect, Insert, SetFrames, fresh_ids
from engine.document.library import Entry as Ready
from engine.document.names import usual_name
from engine.document.project import Project
from engine.graph.graph import BlockId, Edge, Node, NodeId
from engine.layers import Layer
from engine.layers.block import BlockLayer, Holder
from engine.layers.chosen import Chosen
from engine.tensor import TensorSpec
from gui.canvas.along import Load
from gui.canvas.examples import EXAMPLE, add_example
from gui.canvas.face import face_of
from gui.canvas.framing import with_room
from gui.canvas.look import PortKey
from gui.canvas.placing import at_port, beside, free_place, on_wire
from gui.canvas.rerouting import Rerouting
from gui.canvas.stage import Stage
from gui.theme import metrics

BLOCK = "block:"
Choice = Layer | Ready


@dataclass(frozen=True)
class Purpose:
    """What a layer is wanted for: to stand at a place, at the end of a wire from `port`, or on `wire`."""

    pos: QPointF | None = None
    port: PortKey | None = None
    wire: Edge | None = None


def is_backwards(purpose: Purpose) -> bool:
    """Whether the layer is to feed an input that is there already."""
    return purpose.port is not None and purpose.port[1] == "in"


def source_spec(stage: Stage, purpose: Purpose) -> TensorSpec | None:
    """The shape that a new layer would be given."""
    if purpose.wire is not None:
        return stage.drawing.spec(purpose.wire.source, purpose.wire.source_port)
    if purpose.port is not None and purpose.port[1] == "out":
        return stage.drawing.spec(purpose.port[0], purpose.port[2])
    return None


def add_edit(
    stage: Stage, layer: Choice, new: NodeId, purpose: Purpose, project: Project | None = None, end: str = ""
) -> Batch | AddNode | Insert:
    """The edit that puts a layer where it was asked for, with its wire if there is one to draw.

    project: the one that the layer is put into, with the blocks that it needs, where that is not the present one.
    end: the port of the layer that the wire is to end at, where it is not the first.
    """
    if isinstance(layer, Ready):
        there, instance = library.instance(layer, stage.session.project, source_spec(stage, purpose))
        edit = add_edit(stage, instance, new, purpose, there)
        return Batch(f"Add {layer.name}", (BringBlock(layer.project, layer.id), edit))
    if isinstance(layer, Holder) and not layer.held():
        bring, started_layer = started(project or stage.session.project, layer.key)
        edit = add_edit(stage, started_layer, new, purpose, bring(project or stage.session.project))
        return Batch(f"Add {layer.title}", (bring, edit))
    block, drawing, project = stage.session.block_id, stage.drawing, project or stage.session.project
    if purpose.wire is not None:
        return _insert(stage, layer, purpose.wire, purpose.pos, project)
    if purpose.port is None:
        pos = purpose.pos or stage.surface.centre
        return AddNode(layer, at=free_place(drawing, pos.x(), pos.y()), block=block)
    node, side, port = purpose.port
    if purpose.pos is not None and side == "out":
        at = at_port(drawing, purpose.pos)
    elif purpose.pos is not None:
        at = free_place(drawing, purpose.pos.x() - metrics().node.width, purpose.pos.y() - metrics().node.port_y)
    else:
        at = beside(drawing, node)
    into, out = layer_ports(project, layer, block)
    add = AddNode(layer, at=at, block=block)
    ends = out if side == "in" else into
    if not ends:
        return add
    end = end if end in ends else ends[0]
    edge = Edge(new, end, node, port) if side == "in" else Edge(node, port, new, end)
    return Batch(add.label, (add, Connect(edge, block)))


def _insert(stage: Stage, layer: Layer, wire: Edge, pos: QPointF | None, project: Project) -> Batch | Insert:
    """Put a layer on a wire; the line makes room for it where it is too narrow."""
    drawing, block = stage.drawing, stage.session.block_id
    new = Node(NodeId(""), usual_name(project, block, layer), layer)
    width = face_of(project, block, new, ({}, {}), None).width
    at, moved, points = on_wire(drawing, wire, pos or drawing.wires[wire].route.middle[0], width=width)
    insert = Insert(wire, layer, at, block)
    if not moved:
        return insert
    frames = SetFrames(with_room(drawing, wire, at, moved, width=width), block)
    return Batch(insert.label, (Rerouting(stage).moving(Load(moved, points)), frames, insert))


def layer_of(project: Project, key: str) -> Choice | None:
    """The layer with its defaults, or the ready block, that a key of the palette means; None if there is none."""
    if library.is_ready(key):
        return library.find_entry(key)
    if key.startswith(BLOCK):
        block = key.removeprefix(BLOCK)
        return BlockLayer(block=block) if block in project.blocks else None
    found = Layer.find(key)
    return found() if found else None


def add_layer(stage: Stage, key: str | Layer, pos: QPointF | None = None, wire: Edge | None = None) -> NodeId | None:
    """Add a layer at a point of the scene, on a wire, else behind what is selected. Returns: it, or None if refused."""
    session = stage.session
    if isinstance(key, str) and key.startswith(EXAMPLE):
        return add_example(stage, key, pos)
    layer = layer_of(session.project, key) if isinstance(key, str) else key
    if layer is None:
        return None
    (new,) = fresh_ids(session.project, session.block_id)
    chosen, port = session.selection, None
    if pos is None and wire is None and len(chosen) == 1 and (outs := stage.drawing.faces[chosen[0]].outs):
        port = (chosen[0], "out", outs[0].port.name)
    if not session.apply(add_edit(stage, layer, new, Purpose(pos, port, wire))):
        return None
    if isinstance(key, str):
        session.habits.used(key)
    session.select([new])
    stage.reveal(new)
    return new


def layer_ports(project: Project, layer: Choice, block: str) -> tuple[list[str], list[str]]:
    """Names of the ports that the layer would have as a node of the block."""
    if isinstance(layer, (BlockLayer, Ready)):
        inner = layer.block if isinstance(layer, Ready) else project.block(BlockId(layer.block))
        return [p.name for p in inner.ports_in()], [p.name for p in inner.ports_out()]
    if isinstance(layer, Holder):
        if not layer.held():
            bring, layer = started(project, layer.key)
            project = bring(project)
        into, out = layer.ports(project.inner_ports(layer) or [])
        return [p.name for p in into], [p.name for p in out]
    if isinstance(layer, Chosen):
        layer = project.block(BlockId(block)).choice(layer.param) or layer
    return [p.name for p in layer.ports_in()], [p.name for p in layer.ports_out()]
