"""A value on a node: a click edits it, a horizontal drag changes a number in one step of undo."""

from __future__ import annotations

import math
from typing import Any

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QMouseEvent

from engine.errors import EngineError
from engine.graph.graph import NodeId
from gui.canvas.editing import Editing, option_edit, option_value
from gui.canvas.face import Row
from gui.canvas.stage import Stage
from gui.canvas.tools.base import Tool
from gui.canvas.tools.move import MoveNodesTool
from gui.theme import metrics


class FieldTool(Tool):
    """A number: click to type, drag to change. Shift goes a tenth as fast, Ctrl ten times as fast."""

    cursor = Qt.CursorShape.SizeHorCursor
    pans = False

    def __init__(
        self, stage: Stage, start: QPointF, event: QMouseEvent, node: NodeId, row: Row, editing: Editing
    ) -> None:
        super().__init__(stage, start)
        self._node, self._row, self._editing = node, row, editing
        self._before = self._from = number(row.value) or 0.0
        self._x, self._pace, self._first = event.position().x(), 1.0, stage.session.project
        self._merge = ("scrub", node, row.name, object())

    def click(self, pos: QPointF, event: QMouseEvent) -> None:
        self.stage.session.select([self._node])
        self._editing.edit_option(self._node, self._row.name)

    def begin(self, event: QMouseEvent) -> None:
        self.stage.session.select([self._node])
        self._pace = _pace(event.modifiers())
        self._first = self.stage.session.project

    def move(self, pos: QPointF, event: QMouseEvent) -> None:
        x, pace, said = event.position().x(), _pace(event.modifiers()), ""
        if pace != self._pace:  # from here on it goes faster or slower
            self._x, self._pace, self._from = x, pace, self._now()
        size = step_of(self._before, self._is_whole()) * pace
        steps = int((x - self._x) / metrics().canvas.scrub_step)
        value = stepped(self._from, steps, size, self._is_whole())
        try:
            self._set(value)
        except EngineError as error:
            said = str(error)
            self._go_to_limit(float(value))
        self.stage.show_tip(said, event.position())
        span = abs(self._before) or 1.0
        share = min(1.0, max(0.0, float(value) / (2 * span)))
        self.stage.marks.editing = (self._node, self._row.name)
        self.stage.marks.scrub = (self._node, self._row.name, share)
        self.stage.redraw_nodes([self._node])

    def _value(self) -> Any:
        session = self.stage.session
        return option_value(session.project, session.block.graph.nodes[self._node], self._row.name)

    def _now(self) -> float:
        value = self._value()
        return float(value) if isinstance(value, (int, float)) else self._before

    def _is_whole(self) -> bool:
        return isinstance(self._value(), int)

    def _set(self, value: str) -> None:
        session = self.stage.session
        node = session.block.graph.nodes[self._node]
        edit = option_edit(session.project, session.block_id, node, self._row.name, value)
        self.is_editing = True
        try:
            session.document.apply(edit, self._merge)
        finally:
            self.is_editing = False

    def _go_to_limit(self, value: float) -> None:
        """Beyond what the option allows: the last number that it does allow."""
        declared = self.stage.session.block.graph.nodes[self._node].layer.params.get(self._row.name)
        least, most = (declared.least, declared.most) if declared else (None, None)
        limit = least if least is not None and value < least else most
        if limit is None:
            return
        try:
            self._set(f"{limit:g}")
        except EngineError:
            return  # only some numbers between the limits are good: it stays at the last one

    def finish(self, pos: QPointF, event: QMouseEvent) -> None:
        self._clear()

    def cancel(self) -> None:
        self._clear()
        if self.is_drag:
            self.is_editing = True
            self.stage.session.document.apply(lambda _: self._first, self._merge)
            self.is_editing = False

    def interrupt(self) -> None:
        self._clear()

    def _clear(self) -> None:
        self.stage.marks.editing = self.stage.marks.scrub = None
        self.stage.show_tip("", QPointF())
        self.stage.redraw_nodes([self._node])


class WordTool(MoveNodesTool):
    """A value that is no number: a click changes it, by a menu where it is one of a few; a drag moves the layer."""

    cursor = None

    def __init__(
        self, stage: Stage, start: QPointF, event: QMouseEvent, node: NodeId, row: Row, editing: Editing
    ) -> None:
        super().__init__(stage, start, node, event)
        self._option, self._editing = row.name, editing

    def begin(self, event: QMouseEvent) -> None:
        super().begin(event)
        self.stage.surface.viewport().setCursor(Qt.CursorShape.SizeAllCursor)

    def click(self, pos: QPointF, event: QMouseEvent) -> None:
        self.stage.session.select([self._node])
        if not self._editing.choose(self._node, self._option):
            self._editing.edit_option(self._node, self._option)


def _pace(keys: Qt.KeyboardModifier) -> float:
    """How fast a number changes while these keys are held."""
    c = metrics().canvas
    if keys & Qt.KeyboardModifier.ShiftModifier:
        return c.scrub_fine
    return c.scrub_coarse if keys & Qt.KeyboardModifier.ControlModifier else 1.0


def number(text: str) -> float | None:
    """The number a field shows, None if it shows anything else."""
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def step_of(before: float, is_whole: bool) -> float:
    """What a number changes by at a step: a whole one by one or by a twentieth of a large one, others by about that."""
    if is_whole:
        return max(1, round(abs(before) / 20))
    return 10 ** math.floor(math.log10((abs(before) or 1.0) / 2)) / 2


def stepped(before: float, steps: int, size: float, is_whole: bool) -> str:
    """The number so many steps away."""
    return str(round(before) + steps * max(1, round(size))) if is_whole else f"{before + steps * size:.6g}"


def is_number(row: Row) -> bool:
    """Whether a drag would change it."""
    return number(row.value) is not None and not row.is_expression
