"""Layers dragged in from the palette: onto the canvas, or onto a wire, which then runs through them."""

from __future__ import annotations

from PySide6.QtCore import QMimeData, QPointF
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent

from engine.graph.graph import Edge
from gui.canvas.adding import add_layer, layer_of, layer_ports
from gui.canvas.stage import Stage
from gui.theme import metrics

MIME = "application/x-netsmith-layer"
"""Holds a layer's key, or "block:<id>"."""


class PaletteDrop:
    """Marks the wire that a layer would go into, and adds it when it is let go."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    def enter(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasFormat(MIME):
            event.acceptProposedAction()

    def move(self, event: QDragMoveEvent) -> None:
        self._mark(self._wire_for(event))
        event.acceptProposedAction()

    def leave(self) -> None:
        self._mark(None)

    def drop(self, event: QDropEvent) -> None:
        stage, n = self._stage, metrics().node
        wire = self._wire_for(event)
        pos = stage.surface.mapToScene(event.position().toPoint()) - QPointF(n.width / 2, n.port_y)
        self._mark(None)
        if add_layer(stage, _key(event.mimeData()), pos, wire) is not None:
            event.acceptProposedAction()
            stage.surface.setFocus()

    def _mark(self, wire: Edge | None) -> None:
        stage = self._stage
        if wire != stage.marks.drop_wire:
            stage.redraw_wires([stage.marks.drop_wire, wire])
            stage.marks.drop_wire = wire

    def _wire_for(self, event: QDropEvent) -> Edge | None:
        """The wire under the pointer, if the layer could stand on one."""
        stage, session = self._stage, self._stage.session
        layer = layer_of(session.project, _key(event.mimeData()))
        pos = stage.surface.mapToScene(event.position().toPoint())
        if layer is None or stage.drawing.node_at(pos) is not None:
            return None
        into, out = layer_ports(session.project, layer, session.block_id)
        return stage.drawing.wire_at(pos, metrics().canvas.snap_port / stage.zoom) if into and out else None


def _key(data: QMimeData) -> str:
    return bytes(data.data(MIME).data()).decode("utf-8", "replace")
