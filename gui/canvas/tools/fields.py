"""A value on a node: a click edits it, a horizontal drag changes a number in one step of undo."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QMouseEvent

from engine.errors import EngineError
from engine.graph.graph import NodeId
from gui.canvas.editing import Editing, option_edit
from gui.canvas.face import Row
from gui.canvas.stage import Stage
from gui.canvas.tools.base import Tool
from gui.theme import metrics


class FieldTool(Tool):
    """Click to type, drag to change."""

    cursor = Qt.CursorShape.SizeHorCursor
    edits_live = True

    def __init__(self, stage: Stage, start: QPointF, node: NodeId, row: Row, editing: Editing) -> None:
        super().__init__(stage, start)
        self._node, self._row, self._editing = node, row, editing
        self._before = number(row.value)
        self._project = stage.session.project
        self._merge = ("scrub", node, row.name, object())

    def click(self, pos: QPointF, event: QMouseEvent) -> None:
        self.stage.session.select([self._node])
        self._editing.edit_option(self._node, self._row.name)

    def begin(self, event: QMouseEvent) -> None:
        self.stage.session.select([self._node])

    def move(self, pos: QPointF, event: QMouseEvent) -> None:
        if self._before is None or self._row.is_expression:
            return
        steps = int((pos.x() - self.start.x()) * self.stage.zoom / metrics().canvas.scrub_step)
        value = stepped(self._before, steps)
        session = self.stage.session
        node = session.block.graph.nodes[self._node]
        try:
            edit = option_edit(session.project, session.block_id, node, self._row.name, value)
            session.document.apply(edit, self._merge)
        except EngineError:
            return  # beyond what the option allows: the number stays at the last that was good
        span = abs(self._before) or 1.0
        share = min(1.0, max(0.0, float(value) / (2 * span)))
        self.stage.marks.editing = (self._node, self._row.name)
        self.stage.marks.scrub = (self._node, self._row.name, share)
        self.stage.redraw_nodes([self._node])

    def finish(self, pos: QPointF, event: QMouseEvent) -> None:
        self._clear()

    def cancel(self) -> None:
        self._clear()
        session = self.stage.session
        if session.project is not self._project:
            session.undo()

    def _clear(self) -> None:
        self.stage.marks.editing = self.stage.marks.scrub = None
        self.stage.redraw_nodes([self._node])


def number(text: str) -> float | None:
    """The number a field shows, None if it shows anything else."""
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def stepped(before: float, steps: int) -> str:
    """The number so many steps away: whole numbers by one, or by a twentieth of large ones, others by a twentieth."""
    if (before == int(before) and abs(before) >= 1) or before == 0:
        return str(int(before) + steps * max(1, round(abs(before) / 20)))
    size = 10 ** math.floor(math.log10(abs(before) / 2))
    return f"{before + steps * size / 2:.6g}"


def is_number(row: Row) -> bool:
    """Whether a drag would change it."""
    return number(row.value) is not None and not row.is_expression
