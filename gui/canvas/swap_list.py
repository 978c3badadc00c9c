"""Another layer in the place of one or of several: similar ones first, any other by typing; wires and options stay."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from PySide6.QtCore import QObject

from engine.document.edits import Batch
from engine.document.swapping import Swap, lost
from engine.graph.graph import Edge, NodeId
from engine.layers import Layer, find, parse_query
from engine.layers.block import Holder, Shared
from engine.layers.io import Input, Output
from engine.layers.similar import carried, depthwise, likewise, similar
from engine.layers.typed_options import Typed, read, split
from engine.tensor import TensorSpec
from gui.canvas.layer_search import call_text, short_reason
from gui.canvas.stage import Stage
from gui.figures import plural
from gui.theme import metrics
from gui.widgets.entry import Entry
from gui.widgets.search_list import SearchList

HINTS = (("Enter", "put it there"), ("Esc", "leave it"))
MOST = 40


class SwapList(QObject):
    """Opened on the selected layers; what each other layer would give in the place of the last one is worked out beside
    the window."""

    def __init__(self, stage: Stage) -> None:
        super().__init__(stage)
        self._stage = stage
        self._node: NodeId | None = None
        self._nodes: tuple[NodeId, ...] = ()
        self._layers: dict[str, Layer] = {}
        self._tried: dict[Layer, TensorSpec | str | None] = {}
        self._refused: dict[str, str] = {}
        self._lost: dict[str, tuple[Edge, ...]] = {}
        self._opened = 0

    @cached_property
    def list(self) -> SearchList:
        """Made when it is first opened."""
        found = SearchList("Change to another layer", metrics().popup.search_w, HINTS, self._stage)
        found.query_changed.connect(self.fill)
        found.current_changed.connect(self.describe)
        found.chosen.connect(self.put)
        found.closed.connect(self._close)
        return found

    def open(self) -> None:
        """Show the list under the selected layer."""
        self._nodes = self._stage.session.selection
        (self._node,) = self._nodes[-1:]
        self._tried = {}
        at = self._stage.to_view(self._stage.drawing.rect(self._node).bottomLeft())
        at.setY(at.y() + metrics().space.s)
        self.list.open_at(at)

    @property
    def _layer(self) -> Layer | None:
        node = self._stage.drawing.graph.nodes.get(self._node) if self._node else None
        return node.layer if node else None

    def fill(self, query: str) -> None:
        """Similar layers, or all that match what is typed."""
        layer = self._layer
        if layer is None:
            return
        scope = self._stage.session.block.defaults()
        if any(split(query, scope)):
            kinds = find(query, scope=scope)
            typed = [read(kind, query, scope, carried(kind, layer)) for kind in kinds]
        else:
            typed = [Typed(other) for other in similar(layer, self._spec(self._node))]
        usable = [t for t in typed if bool(t.layer.ports_in()) == bool(layer.ports_in())]
        usable = [t for t in usable if not isinstance(t.layer, Holder)][:MOST]
        self._layers = {str(i): each.layer for i, each in enumerate(usable)}
        self._refused = {str(i): " ".join(each.refused) for i, each in enumerate(usable)}
        self._lost = {key: self._losing(layer, other) for key, other in self._layers.items()}
        self._show()
        self._ask()

    def _swaps(self, layer: Layer, other: Layer) -> tuple[Swap, ...]:
        """Another layer in the place of each, where the one that the list was opened on becomes `other`."""
        nodes, block = self._stage.drawing.graph.nodes, self._stage.session.block_id
        by_channel = depthwise(layer, self._spec(self._node))

        def instead(node: NodeId) -> Layer:
            each = nodes[node].layer
            own = depthwise(each, self._spec(node)) if other in by_channel else []
            return own[by_channel.index(other)] if len(own) == len(by_channel) > 0 else likewise(other, layer, each)

        return tuple(Swap(n, other if n == self._node else instead(n), block) for n in self._nodes if n in nodes)

    def _losing(self, layer: Layer, other: Layer) -> tuple[Edge, ...]:
        """The wires that these layers have and others in their place would have no ports for."""
        found: dict[Edge, None] = {}
        nodes = self._stage.drawing.graph.nodes
        for swap in self._swaps(layer, other):
            here, there = (
                {p.name for p in (*each.ports_in(), *each.ports_out())} for each in (nodes[swap.node].layer, swap.layer)
            )
            if not here <= there:
                found |= dict.fromkeys(lost(self._stage.session.project, swap))
        return tuple(found)

    def _loses(self, key: str) -> str:
        """Which wires go, by their port here and the layer at their other end: "the wire c to head"."""
        faces, wires = self._stage.drawing.faces, self._lost.get(key, ())
        names = [
            f"{e.source_port} to {faces[e.target].name}"
            if e.source in self._nodes
            else f"{faces[e.source].name} to {e.target_port}"
            for e in wires
        ]
        if len(names) < 2:
            return f"the wire {names[0]}" if names else ""
        return f"{plural(len(names), 'wire')}: {', '.join(names)}"

    def _spec(self, node: NodeId | None) -> TensorSpec | None:
        """What comes into the first wired input of a layer."""
        drawing = self._stage.drawing
        edges = drawing.graph.into(node) if node else ()
        return drawing.spec(edges[0].source, edges[0].source_port) if edges else None

    def _ask(self) -> None:
        session, spec = self._stage.session, self._spec(self._node)
        project, analysis = session.project, session.analysis
        layers = tuple(layer for layer in self._layers.values() if layer not in self._tried)
        if spec is None or analysis is None or not layers:
            return

        def work() -> dict[Layer, TensorSpec | str | None]:
            from engine.analysis.fits import offers

            return {layer: offers(project, analysis, spec, [layer]).get(layer.key) for layer in layers}

        opened = self._opened
        session.background.submit("swaps", work, lambda found: self._take(opened, found))

    def _take(self, opened: int, found: dict[Layer, TensorSpec | str | None]) -> None:
        """What was worked out for a list that is still open."""
        if opened == self._opened:
            self._tried |= found
            self._show()

    def _close(self) -> None:
        self._opened += 1
        self._stage.surface.setFocus()

    def _show(self) -> None:
        entries = [self._entry(key, layer) for key, layer in self._layers.items()]
        ordered = [*(e for e in entries if not e.muted), *(e for e in entries if e.muted)]
        faces, count = self._stage.drawing.faces, len(self._nodes)
        name = plural(count, "layer") if count > 1 else faces[self._node].name if self._node else ""
        query = " ".join(parse_query(self.list.query)[0])
        self.list.show_entries(ordered, f"In place of {name}", f"{len(entries)}", query)
        self.describe(self.list.current.key if self.list.current else "")

    def _entry(self, key: str, layer: Layer) -> Entry:
        offer = self._tried.get(layer)
        is_refused = isinstance(offer, str)
        right = short_reason(offer) if isinstance(offer, str) else str(offer or "")
        changed = ", ".join(f"{n}={layer.params[n].show(getattr(layer, n))}" for n in list(layer.changed())[:2])
        gone = f"loses {plural(len(self._lost[key]), 'wire')}" if self._lost.get(key) else ""
        detail = ", ".join(part for part in (gone, changed) if part) or layer.target
        return Entry(key, layer.title, detail, right, category=layer.category, muted=is_refused)

    def describe(self, key: str) -> None:
        layer = self._layers.get(key)
        if layer is None:
            self.list.describe("", "Nothing is called that." if self.list.query else "No other layer is like it.")
        else:
            loses = self._loses(key)
            words = self._refused.get(key) or (f"Loses {loses}." if loses else layer.summary())
            self.list.describe(call_text(layer), words)

    def put(self, key: str, keep_open: bool) -> None:
        """Put the layer in the place of those that the list was opened on, in one step."""
        layer, before, session = self._layers.get(key), self._layer, self._stage.session
        loses = self._loses(key)
        if layer is None or before is None:
            return
        swaps = self._swaps(before, layer)
        edit = swaps[0] if len(swaps) == 1 else Batch(f"Change {len(swaps)} layers to {layer.title}", swaps)
        if session.apply(edit):
            session.select([swap.node for swap in swaps])
            if loses:
                session.message.emit(f"Changed to {layer.title}, which has no port for {loses}", "Undo", session.undo)


def why_not(layers: Sequence[Layer]) -> str:
    """Why these layers cannot be changed for another; "" if they can."""
    if not layers:
        return "Select a layer."
    if any(isinstance(layer, (Holder, Shared, Input, Output)) for layer in layers):
        return "Blocks, shared layers, inputs and outputs stay what they are."
    if len({layer.category for layer in layers}) > 1:
        return "Select layers of one kind."
    return ""
