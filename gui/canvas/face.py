"""What a node shows and where: text, rows, ports and size, in its own coordinates. A value; it paints nothing."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Literal, NamedTuple

from PySide6.QtCore import QPointF, QRectF

from engine.document.project import Project
from engine.expr import Expr
from engine.graph.graph import BlockId, Node, NodeId
from engine.graph.shapes import NodeShapes
from engine.layers.base import Layer, Port
from engine.layers.block import BlockLayer, Holder, Shared
from engine.layers.chosen import Chosen
from engine.layers.code import CodeLayer
from engine.layers.outside import OutsideModule
from gui.canvas import texts
from gui.control_words import control_title, mark_of
from gui.theme import metrics

Values = tuple[tuple[str, str, bool], ...]
"""Name, text and whether it is an expression, of every option that stands on the node."""
Ports = tuple[tuple[Port, ...], tuple[Port, ...]]

ALIKE = 1024
"""So many forms are remembered: few nodes of a network differ in more than their names."""
PARAMETRIC = frozenset({"linear", "convolution", "normalisation", "recurrent", "attention", "embedding", "block"})
"""Kinds whose nodes keep a line for their size even before it is known, so that they do not grow when it is."""


@dataclass(frozen=True, slots=True)
class Row:
    """One option on the node. left, wide: of the field in which its value stands."""

    name: str
    value: str
    is_expression: bool
    y: float
    left: float
    wide: float

    @property
    def field(self) -> QRectF:
        n = metrics().node
        return QRectF(self.left, self.y + (n.row - n.field_h) / 2, self.wide, n.field_h)


class Spot(NamedTuple):
    """A port at its place: the middle of its disc, or of its capsule."""

    node: NodeId
    port: Port
    side: Literal["in", "out"]
    x: float
    y: float
    labelled: bool
    wires: int

    @property
    def height(self) -> float:
        """Of the capsule of a port that takes many wires."""
        m = metrics().canvas
        return m.many_h + m.many_step * max(0, self.wires - 1)

    def wire_y(self, place: int) -> float:
        """Where the wire ends that is number `place` of those into this port."""
        if self.port.kind != "many" or self.wires < 2:
            return self.y
        return self.y + (place - (self.wires - 1) / 2) * metrics().canvas.many_step


NOBODY = NodeId("")


@dataclass(frozen=True, slots=True)
class Face:
    """Everything of a node that is drawn at its place, apart from what changes while one looks at it.

    inlets, outlets: its ports as they are for all nodes that look alike, which is why they belong to nobody.
    """

    id: NodeId
    name: str
    kind: str
    category: str
    rows: tuple[Row, ...]
    inlets: tuple[Spot, ...]
    outlets: tuple[Spot, ...]
    has_footer: bool
    repeat: int
    pill: str
    is_shared: bool
    is_code: bool
    is_frozen: bool
    width: float
    height: float

    @property
    def ins(self) -> tuple[Spot, ...]:
        """Its own input ports."""
        return tuple([spot._replace(node=self.id) for spot in self.inlets])

    @property
    def outs(self) -> tuple[Spot, ...]:
        """Its own output ports."""
        return tuple([spot._replace(node=self.id) for spot in self.outlets])

    def spot(self, side: str, port: str) -> Spot | None:
        found = self.place_of(side, port)
        return found._replace(node=self.id) if found else None

    def place_of(self, side: str, port: str) -> Spot | None:
        """A port, for those who know whose it is."""
        for spot in self.inlets if side == "in" else self.outlets:
            if spot.port.name == port:
                return spot
        return None

    @property
    def footer(self) -> QRectF:
        height = metrics().node.footer
        return QRectF(0, self.height - height, self.width, height)

    @property
    def pill_rect(self) -> QRectF:
        """Where the ×N of a repeated block, or the word for what else is done with it, stands; empty without one."""
        n, m = metrics().node, metrics()
        if not self.pill:
            return QRectF()
        wide = pill_width(self.pill)
        return QRectF(self.width - m.space.s - wide, (n.header - n.chip_h) / 2, wide, n.chip_h)

    @property
    def name_rect(self) -> QRectF:
        n, m = metrics().node, metrics()
        half = m.space.xs / 2
        return QRectF(n.title_x - m.space.xs, half, self.width - n.title_x - m.space.xs, n.header / 2 - half)


def face_of(
    project: Project,
    block: BlockId,
    node: Node,
    wires: tuple[Mapping[str, int], Mapping[str, int]],
    shapes: NodeShapes | None,
) -> Face:
    """The face of a node; `wires` counts those at its input and output ports by name."""
    ports_in, ports_out = project.ports(node, block)
    layer = node.layer
    values = _values(project, node)
    repeat = layer.repeat if isinstance(layer, BlockLayer) and isinstance(layer.repeat, int) else 1
    kind, pill = kind_title(project, block, node), mark_of(layer)
    has_footer = (
        isinstance(layer, (CodeLayer, OutsideModule))
        or layer.category in PARAMETRIC
        or bool(shapes and shapes.parameters)
    ) and not isinstance(layer, Shared)
    has_badge = isinstance(layer, (Shared, CodeLayer)) or bool(layer.user_code()) or node.weights.frozen
    width = _width(node.name, kind, values, (ports_in, ports_out), pill, has_badge)
    counts = [tuple([count.get(port.name, 0) for port in ports]) for count, ports in zip(wires, (ports_in, ports_out))]
    rows, inlets, outlets, width, height = _form(values, ports_in, ports_out, *counts, width, has_footer)
    return Face(
        id=node.id,
        name=node.name,
        kind=kind,
        category=original(project, block, node).layer.category,
        rows=rows,
        inlets=inlets,
        outlets=outlets,
        has_footer=has_footer,
        repeat=repeat,
        pill=pill,
        is_shared=isinstance(layer, Shared) or (isinstance(layer, BlockLayer) and layer.shared and repeat > 1),
        is_code=isinstance(layer, CodeLayer) or bool(layer.user_code()),
        is_frozen=node.weights.frozen,
        width=width,
        height=height,
    )


@lru_cache(maxsize=ALIKE)
def _form(
    values: Values,
    ports_in: tuple[Port, ...],
    ports_out: tuple[Port, ...],
    wires_in: tuple[int, ...],
    wires_out: tuple[int, ...],
    width: float,
    has_footer: bool,
) -> tuple[tuple[Row, ...], tuple[Spot, ...], tuple[Spot, ...], float, float]:
    """Rows, ports, width and height of all nodes that look alike."""
    n, c = metrics().node, metrics().canvas
    ins, lines_in = _spots(ports_in, "in", wires_in)
    outs, lines_out = _spots(ports_out, "out", wires_out)
    lines = max(lines_in, lines_out)
    rows = _rows(values, lines, width)
    body = n.row * (lines + len(rows)) + (2 * c.body_pad if lines + len(rows) else 0)
    capsules = max((s.y + s.height / 2 + c.body_pad for s in ins if s.port.kind == "many"), default=0.0)
    height = max(n.header + body, capsules if capsules > n.header else 0.0) + (n.footer if has_footer else 0)
    return rows, ins, tuple(s._replace(x=width) for s in outs), width, float(height)


def original(project: Project, block: BlockId, node: Node) -> Node:
    """The node whose layer is used: the node itself, the one whose weights it shares, or what was chosen for it."""
    if isinstance(node.layer, Shared):
        node = project.block(block).graph.nodes.get(NodeId(node.layer.node), node)
    if isinstance(node.layer, Chosen) and (default := project.block(block).choice(node.layer.param)):
        return replace(node, layer=default)
    return node


def kind_title(project: Project, block: BlockId, node: Node) -> str:
    """The kind in words: a layer's title, or the name of the block it is an instance of.

    For a layer that a parameter of the block says, the parameter and its default: "norm: BatchNorm2d".
    """
    if isinstance(node.layer, Chosen):
        default = project.block(block).choice(node.layer.param)
        return f"{node.layer.param}: {default.title}" if default else node.layer.title
    node = original(project, block, node)
    if isinstance(node.layer, BlockLayer):
        inner = project.blocks.get(BlockId(node.layer.block))
        return inner.name if inner else node.layer.title
    if isinstance(node.layer, Holder):
        return control_title(project, node.layer)
    return node.layer.kind_name()


def _values(project: Project, node: Node) -> Values:
    layer = node.layer
    if isinstance(layer, BlockLayer):
        inner = project.blocks.get(BlockId(layer.block))
        found = [(p.name, layer.args.get(p.name, p.default), p.value_kind.show) for p in inner.params] if inner else []
        return tuple((name, _shown(value, show), isinstance(value, Expr)) for name, value, show in found[:3])
    return _layer_values(layer)


@lru_cache(maxsize=ALIKE)
def _layer_values(layer: Layer) -> Values:
    shown = [(p.name, getattr(layer, p.name), p.show) for p in type(layer).main_params()[:3]]
    return tuple((name, _shown(value, show), isinstance(value, Expr)) for name, value, show in shown)


def _shown(value: Any, show: Any) -> str:
    return value.text if isinstance(value, Expr) else str(show(value))


def _spots(ports: tuple[Port, ...], side: Any, wires: tuple[int, ...]) -> tuple[tuple[Spot, ...], int]:
    """The ports of one side, the outputs still at x = 0, and how many lines they need under the header."""
    n, c = metrics().node, metrics().canvas
    if len(ports) == 1:
        spot = Spot(NOBODY, ports[0], side, 0.0, float(n.port_y), False, wires[0])
        if ports[0].kind == "many" and spot.height > n.header:  # it keeps its top and grows downwards, beside the node
            spot = spot._replace(y=spot.y + (spot.height - (c.many_h + c.many_step)) / 2)
        return (spot,), 0
    first = n.header + c.body_pad + n.row / 2
    spots = [
        Spot(NOBODY, port, side, 0.0, first + i * n.port_pitch, True, count)
        for i, (port, count) in enumerate(zip(ports, wires, strict=True))
    ]
    return tuple(spots), len(ports)


def _rows(values: Values, lines: int, width: float) -> tuple[Row, ...]:
    n, c, space = metrics().node, metrics().canvas, metrics().space
    rows = []
    for i, (name, value, is_expression) in enumerate(values):
        y = n.header + c.body_pad + n.row * (lines + i)
        need = min(max(n.field_min_w, field_width(value)), width * 0.6)
        rows.append(Row(name, value, is_expression, y, width - space.s - need, need))
    return tuple(rows)


def field_width(value: str) -> float:
    """The width that a value's field wants."""
    return math.ceil(texts.width(value, "mono_small", 500)) + 2 * metrics().canvas.field_pad


def _width(name: str, kind: str, values: Values, ports: Ports, pill: str, has_badge: bool) -> float:
    n, c, space = metrics().node, metrics().canvas, metrics().space
    title = max(texts.measured(name, "heading"), texts.width(kind, "caption"))
    badges = (pill_width(pill) + space.xs if pill else 0) + (n.badge + space.xs if has_badge else 0)
    named = min(n.title_x + title + badges + c.pad, n.name_max)  # a longer name does not reach into the next column
    need = max(named, _body_width(values, ports))
    snapped = math.ceil(need / n.snap) * n.snap
    return float(min(max(snapped, n.width_min), n.width_max))


@lru_cache(maxsize=ALIKE)
def _body_width(values: Values, ports: Ports) -> float:
    """The width that options and labelled ports need."""
    n, c, space = metrics().node, metrics().canvas, metrics().space
    needs = [0.0]
    for label, value, _ in values:
        field = max(n.field_min_w, field_width(value))
        needs.append(n.row_pad + texts.width(label, "caption") + c.pad + field + space.s)
    if len(ports[0]) > 1 or len(ports[1]) > 1:
        sides = [max((texts.width(p.name, "caption") for p in side), default=0.0) for side in ports]
        needs.append(sides[0] + sides[1] + 2 * n.row_pad + space.l)
    return max(needs)


def pill_width(pill: str) -> float:
    """Of the pill that says how often a block is repeated, or how it is applied."""
    return texts.width(pill, "caption", 600) + 2 * metrics().canvas.compact_pad


def size_text(face: Face, shapes: NodeShapes | None, trusted: bool) -> str:
    """The footer: how many numbers the node learns, as long as there is room for."""
    if face.is_code and not trusted:
        return "not trusted yet"
    if shapes is None or (not shapes.known and not shapes.parameters):
        return "size unknown"
    room = face.width - 2 * metrics().node.row_pad
    ways = count_texts(shapes)
    return next((text for text in ways if texts.width(text, "caption") <= room), ways[-1])


def count_texts(shapes: NodeShapes) -> tuple[str, ...]:
    """Ways to write the number of parameters, the longest first; the last one fits everywhere."""
    count = shapes.parameters
    each = [r.parameters for r in shapes.repeats] if isinstance(shapes.layer, BlockLayer) else []
    repeats: tuple[str, ...] = ()
    if len(each) > 1 and len(set(each)) == 1 and each[0] and sum(each) == count:
        repeats = (f"{len(each)} × {each[0]:,}",)
    if not count:
        return ("no parameters", "0")
    noun = "parameter" if count == 1 else "parameters"
    return (*repeats, f"{count:,} {noun}", f"{short_count(count)} {noun}", short_count(count))


def short_count(count: float) -> str:
    """320, 18.5 k, 12.4 M."""
    for limit, unit in ((1e9, "G"), (1e6, "M"), (1e4, "k")):
        if count >= limit:
            return f"{count / (1e3 if unit == 'k' else limit):.1f} {unit}"
    return f"{count:,}"


def place(face: Face, x: float, y: float) -> QRectF:
    """The node's rectangle in the scene."""
    return QRectF(x, y, face.width, face.height)


def end_of(spot: Spot, at: tuple[float, float], nth: int = 0) -> QPointF:
    """Where a wire meets a port, in the scene."""
    return QPointF(at[0] + spot.x, at[1] + spot.wire_y(nth))


def forget() -> None:
    """Measure anew, as after a change of the fonts."""
    for cached in (_form, _layer_values, _body_width):
        cached.cache_clear()
