"""The list at the pointer: what can be added here, the shape it would give, and the call that will be made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from PySide6.QtCore import QObject, QPoint, QPointF, Signal

from engine.document import library
from engine.document.bringing import BringBlock
from engine.document.control_edits import started
from engine.document.edits import AddNode, Batch, Connect, Insert, SetFrames, fresh_ids
from engine.document.library import Entry as Ready
from engine.document.names import usual_name
from engine.document.project import Project
from engine.graph.block import Block
from engine.graph.graph import BlockId, Edge, Node, NodeId
from engine.layers import Layer, find, parse_query
from engine.layers.base import source
from engine.layers.block import BlockLayer, Holder
from engine.layers.chosen import Chosen
from engine.layers.search import EVERYDAY
from engine.layers.typed_options import read
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
from gui.widgets.entry import Entry
from gui.widgets.search_list import SearchList

BLOCK, CHOICE = "block:", "param:"
HINTS = (("Enter", "add and wire"), ("Shift Enter", "add, keep open"), ("F1", "help"))
Offer = TensorSpec | str
Choice = Layer | Ready
AT_ONCE = 12  # layers tried in one go, so that a letter typed meanwhile is answered soon


@dataclass(frozen=True)
class Purpose:
    """What the search is for: a layer at a place, at the end of a wire from `port`, or on `wire`."""

    pos: QPointF | None = None
    port: PortKey | None = None
    wire: Edge | None = None


class LayerSearch(QObject):
    """Opens the list, fills it while one types, and adds what is chosen."""

    help_wanted = Signal(str)

    def __init__(self, stage: Stage) -> None:
        super().__init__(stage)
        self._stage = stage
        self._purpose = Purpose()
        self._tried: dict[Choice, Offer | None] = {}
        self._layers: dict[str, Choice] = {}
        self._refused: dict[str, str] = {}

    @cached_property
    def list(self) -> SearchList:
        """Made when it is first opened."""
        found = SearchList("Add a layer", metrics().popup.search_w, HINTS, self._stage)
        found.query_changed.connect(self.fill)
        found.current_changed.connect(self.describe)
        found.chosen.connect(self.add)
        found.help_wanted.connect(self.help_wanted)
        found.closed.connect(self.give_focus_back)
        return found

    @property
    def is_open(self) -> bool:
        return "list" in vars(self) and not self.list.isHidden()

    def open(self, purpose: Purpose, at: QPoint, text: str = "") -> None:
        """Show the list near a point of the canvas."""
        self._purpose, self._tried = purpose, {}
        self.list.open_at(at, text)

    def fill(self, query: str) -> None:
        """The layers that match, those that fit first."""
        self._layers = self._found(query)
        self._ask_offers()
        self._show()

    def _found(self, query: str) -> dict[str, Choice]:
        found: dict[str, Choice] = {}
        scope = self._stage.session.block.defaults()
        self._refused = {}
        backwards = self._purpose.port is not None and self._purpose.port[1] == "in"
        for block, layer in self._blocks(query).items():
            found[block] = layer
        for kind in self._kinds(query):
            if isinstance(kind, Ready):
                args, refused = library.typed_arguments(kind.block, query, scope)
                found[kind.key] = replace(kind, typed=args) if args else kind
                self._refused[kind.key] = " ".join(refused)
                continue
            typed = read(kind, query, scope)
            layer = typed.layer
            self._refused[kind.key] = " ".join(typed.refused)
            if issubclass(kind, Holder):  # it gets a first block, and with it its ports
                found[kind.key] = layer
                continue
            useful = layer.ports_out() if backwards else layer.ports_in() or self._purpose == Purpose(self._purpose.pos)
            if useful and not (self._purpose.wire and not (layer.ports_in() and layer.ports_out())):
                found[kind.key] = layer
        return found

    def _kinds(self, query: str) -> Sequence[type[Layer] | Ready]:
        """What matches, best first; before anything is typed what one added last, then what networks are made of."""
        habits = self._stage.session.habits
        kinds = library.with_ready(find(query, habits.liked, self._stage.session.block.defaults()), query)
        if query.strip():
            return kinds
        places = {
            key: place for place, key in enumerate(dict.fromkeys((*habits.favourites, *habits.recent, *EVERYDAY)))
        }
        return sorted(kinds, key=lambda kind: places.get(kind.key, len(places)))

    def _blocks(self, query: str) -> dict[str, Layer]:
        """What this block leaves open and your own blocks that match, except those that this one stands in."""
        session = self._stage.session
        here, words = session.block_id, " ".join(parse_query(query)[0]).lower()
        project = session.project
        choices = (p.name for p in session.block.params if p.kind == "layer" and (words in p.name or not words))
        return {f"{CHOICE}{name}": Chosen(param=name) for name in choices} | {
            f"{BLOCK}{block.id}": self._instance(block, query)
            for block in project.blocks.values()
            if block.id not in (project.main, here)
            and here not in project.uses(block.id)
            and (words in block.name.lower() or not words)
        }

    def _instance(self, block: Block, query: str) -> BlockLayer:
        """A block of one's own with the arguments that are typed."""
        args, refused = library.typed_arguments(block, query, self._stage.session.block.defaults())
        self._refused[f"{BLOCK}{block.id}"] = " ".join(refused)
        return BlockLayer(block=block.id, args=args)

    def _ask_offers(self) -> None:
        """What shape each layer would give here, worked out beside the window, a few at a time, those on top first."""
        session, spec = self._stage.session, self._source_spec()
        shown = [layer for layer in self._layers.values() if not isinstance(layer, (BlockLayer, Chosen))]
        layers = tuple(layer for layer in shown if layer not in self._tried)[:AT_ONCE]
        purpose, project, analysis = self._purpose, session.project, session.analysis
        if spec is None or analysis is None or not layers:
            return

        def work() -> dict[str, Offer]:
            from engine.analysis.fits import block_offer, offers

            ready = {e: library.instance(e, project, spec) for e in layers if isinstance(e, Ready)}
            found = {e.key: block_offer(there, layer, spec) for e, (there, layer) in ready.items()}
            known = {key: offer for key, offer in found.items() if offer is not None}
            return known | offers(project, analysis, spec, [e for e in layers if not isinstance(e, Ready)])

        session.background.submit("offers", work, lambda found: self._take_offers(purpose, layers, found))

    def _take_offers(self, purpose: Purpose, layers: tuple[Choice, ...], offers: dict[str, Offer]) -> None:
        if purpose is self._purpose and self.is_open:
            self._tried |= {layer: offers.get(layer.key) for layer in layers}
            self._show()
            self._ask_offers()

    def _source_spec(self) -> TensorSpec | None:
        return source_spec(self._stage, self._purpose)

    def _show(self) -> None:
        if not self._is_there():
            self.list.close_list()
            return
        entries = [self._entry(key, layer) for key, layer in self._layers.items()]
        fitting = [e for e in entries if not e.muted]
        query = " ".join(parse_query(self.list.query)[0])
        count = f"{len(entries)} of {len(library.with_ready(find(''), '')) + len(self._blocks(''))}"
        self.list.show_entries([*fitting, *(e for e in entries if e.muted)], self._heading(), count, query)
        self.describe(self.list.current.key if self.list.current else "")

    def _is_there(self) -> bool:
        """Whether what the search is for still is: a layer may be gone before its answer comes."""
        purpose, faces = self._purpose, self._stage.drawing.faces
        ends = [purpose.port[0]] if purpose.port else []
        if purpose.wire:
            ends += [purpose.wire.source, purpose.wire.target]
        return all(end in faces for end in ends)

    def _heading(self) -> str:
        drawing, purpose = self._stage.drawing, self._purpose
        if purpose.wire is not None:
            return f"Between {drawing.faces[purpose.wire.source].name} and {drawing.faces[purpose.wire.target].name}"
        if purpose.port is None:
            return ""
        name = drawing.faces[purpose.port[0]].name
        return f"Fits after {name}" if purpose.port[1] == "out" else f"Before {name}"

    def _entry(self, key: str, layer: Choice) -> Entry:
        offer = self._tried.get(layer)
        right, muted = "", isinstance(offer, str)
        if isinstance(offer, TensorSpec):
            right = str(offer)
        elif isinstance(offer, str):
            right = short_reason(offer)
        if isinstance(layer, Ready):
            return Entry(key, layer.name, f"{layer.tag} block", right, category="block", muted=muted)
        if isinstance(layer, BlockLayer):
            name = self._stage.session.project.block(layer.block).name
            return Entry(key, name, "your blocks", right, category="block", muted=muted)
        if isinstance(layer, Chosen):
            default = self._stage.session.block.choice(layer.param)
            return Entry(key, layer.param, "as the parameter says", right, category=(default or layer).category)
        return Entry(key, layer.title, layer.target, right, category=layer.category, muted=muted)

    def describe(self, key: str) -> None:
        """The call that Enter would make, and what the layer does."""
        layer = self._layers.get(key)
        if layer is None:
            self.list.describe("", "Nothing is called that." if self.list.query else "")
            return
        if isinstance(layer, Ready):
            _, instance = library.instance(layer, self._stage.session.project, self._source_spec())
            said = ", ".join(f"{name}={source(value)}" for name, value in instance.args.items())
            self.list.describe(f"{layer.name}({said})", self._refused.get(key) or layer.summary)
            return
        if isinstance(layer, BlockLayer):
            block = self._stage.session.project.block(layer.block)
            said = ", ".join(f"{name}={source(value)}" for name, value in layer.args.items())
            words = self._refused.get(key) or block.help or "One of your blocks."
            self.list.describe(f"{block.name}({said})", words)
            return
        if isinstance(layer, Chosen):
            self.list.describe(f"{layer.param}()", layer.summary())
            return
        self.list.describe(call_text(layer), self._refused.get(key) or layer.summary())

    def add(self, key: str, keep_open: bool) -> None:
        """Add what was chosen, wired to where the search began, and go on from there."""
        layer = self._layers.get(key)
        if layer is None:
            return
        stage, session = self._stage, self._stage.session
        (new,) = fresh_ids(session.project, session.block_id)
        if not session.apply(self._edit(layer, new)):
            return
        session.habits.used(key)
        session.select([new])
        stage.reveal(new)
        self._purpose = Purpose(port=self._next_port(new), pos=None)
        self._tried = {}
        if keep_open:
            self.list.field.setText("")
            self.fill("")

    def _next_port(self, node: NodeId) -> PortKey | None:
        outs = self._stage.drawing.faces[node].outs
        return (node, "out", outs[0].port.name) if outs else None

    def _edit(self, layer: Choice, new: NodeId):  # type: ignore[no-untyped-def]
        return add_edit(self._stage, layer, new, self._purpose)

    def give_focus_back(self) -> None:
        self._stage.surface.setFocus()


def source_spec(stage: Stage, purpose: Purpose) -> TensorSpec | None:
    """The shape that a new layer would be given."""
    if purpose.wire is not None:
        return stage.drawing.spec(purpose.wire.source, purpose.wire.source_port)
    if purpose.port is not None and purpose.port[1] == "out":
        return stage.drawing.spec(purpose.port[0], purpose.port[2])
    return None


def add_edit(
    stage: Stage, layer: Choice, new: NodeId, purpose: Purpose, project: Project | None = None
) -> Batch | AddNode | Insert:
    """The edit that puts a layer where it was asked for, with its wire if there is one to draw.

    project: the one that the layer is put into, with the blocks that it needs, where that is not the present one.
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
    edge = Edge(new, ends[0], node, port) if side == "in" else Edge(node, port, new, ends[0])
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


def short_reason(reason: str) -> str:
    """What is needed, without what comes: "needs (B, C, L)"; a name that it begins with stays as it is written."""
    needed = reason.split(", gets ")[0].rstrip(".")
    first = needed.split(" ")[0]
    return needed[:1].lower() + needed[1:] if first.capitalize() == first and first.isalpha() else needed


def call_text(layer: Layer) -> str:
    """The layer as the call of its class: Conv2d(out_channels=64)."""
    changed = layer.changed()
    shown = [name for name, p in layer.params.items() if name in changed or (p.is_required and p.main)]
    return f"{layer.title}({', '.join(f'{name}={source(getattr(layer, name))}' for name in shown)})"
