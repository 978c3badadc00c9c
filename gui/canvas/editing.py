"""Names, options, frames and notes edited in place: what a text means, and who says why it cannot be."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtWidgets import QMenu

from engine.document.edits import Rename, SetFrames, SetParam
from engine.errors import EngineError
from engine.graph.graph import Node, NodeId
from engine.kinds import Bool, Kind
from engine.layers.block import BlockLayer
from engine.spec import Param
from gui.canvas.inline_edit import InlineEdit
from gui.canvas.note_edit import NoteEdit
from gui.canvas.stage import Stage
from gui.theme import metrics


class Editing:
    """Opens one editor at a time over the canvas."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self.editor: InlineEdit | NoteEdit | None = None
        self._open: tuple[NodeId, str] | None = None

    def rename(self, node: NodeId) -> None:
        """Edit a node's name where it stands."""
        stage = self._stage
        face = stage.drawing.faces[node]
        rect = face.name_rect.translated(*stage.drawing.at[node])
        self._show(node, "name", rect, face.name, lambda text: self._rename(node, text), "heading")

    def edit_option(self, node: NodeId, name: str) -> None:
        """Edit an option's value where it stands."""
        stage = self._stage
        row = next((r for r in stage.drawing.faces[node].rows if r.name == name), None)
        if row is None:
            return
        rect = row.field.translated(*stage.drawing.at[node])
        self._show(node, name, rect, row.value, lambda text: self._set(node, name, text), "mono_small")
        self._offer_names()

    def choose(self, node: NodeId, name: str) -> bool:
        """Turn yes into no, or show the menu of the values that an option may have. Returns: whether it is of such."""
        stage, graph = self._stage, self._stage.drawing.graph
        row = next((r for r in stage.drawing.faces[node].rows if r.name == name), None)
        kind = option_kind(stage.session.project, graph.nodes[node], name)
        if row is None or row.is_expression:
            return False
        if isinstance(kind, Bool):
            now = option_value(stage.session.project, graph.nodes[node], name)
            self._set_or_tell(node, name, "no" if now else "yes")
            return True
        if len(kind.choices) < 2:
            return False
        self.close()
        at = stage.view_rect(row.field.translated(*stage.drawing.at[node])).bottomLeft().toPoint()
        self._menu([kind.show(choice) for choice in kind.choices], row.value, node, name).popup(stage.mapToGlobal(at))
        return True

    def _menu(self, values: list[str], now: str, node: NodeId, name: str) -> QMenu:
        menu = QMenu(self._stage)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for value in values:
            action = menu.addAction(value, partial(self._set_or_tell, node, name, value))
            action.setCheckable(True)
            action.setChecked(value == now)
        menu.addSeparator()
        menu.addAction("Type…", lambda: self.edit_option(node, name))
        return menu

    def _set_or_tell(self, node: NodeId, name: str, text: str) -> None:
        if node in self._stage.drawing.faces and (reason := self._set(node, name, text)):
            self._stage.session.message.emit(reason, "", None)

    def _offer_names(self) -> None:
        """The parameters of the block on screen complete what is typed."""
        if isinstance(self.editor, InlineEdit):
            self.editor.offer(self._stage.session.block.defaults)

    def edit_repeat(self, node: NodeId) -> None:
        """Edit how often a block stands in a row, where it says so."""
        stage = self._stage
        face = stage.drawing.faces[node]
        layer = stage.drawing.graph.nodes[node].layer
        grown = face.pill_rect.adjusted(-metrics().space.l, 0, 0, 0).translated(*stage.drawing.at[node])
        shown = layer.params["repeat"].show(getattr(layer, "repeat", 1))
        self._show(node, "repeat", grown, shown, lambda text: self._repeat(node, text), "mono_small")
        self._offer_names()

    def _repeat(self, node: NodeId, text: str) -> str:
        session = self._stage.session
        layer, scope = session.block.graph.nodes[node].layer, session.block.defaults()
        try:
            value = layer.params["repeat"].parse(text.strip().lstrip("×x"), layer.title, scope)
        except EngineError as error:
            return str(error)
        return self._try(SetParam(node, "repeat", value, session.block_id))

    def edit_frame(self, frame_id: str) -> None:
        """Edit a frame's title in a line, or a note's text in as many as it has."""
        stage, m = self._stage, metrics()
        frame = next((f for f in stage.drawing.frames if f.id == frame_id), None)
        if frame is None:
            return
        self._make_way()
        accept = self._retitle(frame_id)
        if frame.kind == "note":
            rect = QRectF(frame.x, frame.y, frame.width, frame.height)
            self._hold(NoteEdit(stage, stage.view_rect(rect), frame.text, accept, stage.zoom))
        else:
            wide = max(m.node.width, frame.width - m.space.l)
            rect = QRectF(frame.x + m.space.s, frame.y, wide, m.node.frame_title)
            editor = InlineEdit(stage, stage.view_rect(rect), frame.text, accept, "small", stage.zoom)
            editor.setAccessibleName("Title of the frame")
            self._hold(editor)

    def close(self) -> None:
        """Take what is typed, if it can be, and close the editor."""
        if self.editor is not None:
            self.editor.clearFocus()
            if self.editor is not None:
                self.editor.close_editor(0)

    def cancel(self) -> None:
        """Close the editor as if nothing had been typed."""
        if self.editor is not None:
            self.editor.close_editor(0)

    def _show(self, node: NodeId, what: str, rect: QRectF, text: str, accept: Any, role: Any) -> None:
        stage = self._stage
        self._make_way()
        if stage.zoom < metrics().lod.full:
            stage.surface.look_at(rect.center(), 1.0)
        editor = InlineEdit(stage, stage.view_rect(rect), text, accept, role, stage.zoom)
        editor.setAccessibleName(f"{stage.drawing.faces[node].name}, {what}")
        self._open = (node, what)
        stage.marks.editing = (node, what)
        self._hold(editor)
        stage.redraw_nodes([node])

    def _make_way(self) -> None:
        """Close the editor that is open, and a list: when it goes, it would take the focus from the next editor."""
        self.close()
        self._stage.surface.setFocus()

    def _hold(self, editor: InlineEdit | NoteEdit) -> None:
        self.editor = editor
        editor.done.connect(self._closed)
        editor.refused.connect(lambda reason: self._stage.show_tip(reason, QPointF(editor.geometry().bottomLeft())))

    def _closed(self, step: int) -> None:
        stage, was = self._stage, self._open
        self.editor, self._open = None, None
        stage.marks.editing = None
        if was:
            stage.redraw_nodes([was[0]])
        stage.show_tip("", QPointF())
        stage.surface.setFocus()
        if was and step and was[0] in stage.drawing.faces:
            fields = ["name", *(row.name for row in stage.drawing.faces[was[0]].rows)]
            place = fields.index(was[1]) + step if was[1] in fields else -1
            if 0 <= place < len(fields):
                self.rename(was[0]) if fields[place] == "name" else self.edit_option(was[0], fields[place])

    def _rename(self, node: NodeId, text: str) -> str:
        return self._try(Rename(node, text.strip(), self._stage.session.block_id))

    def _retitle(self, frame_id: str) -> Any:
        def accept(text: str) -> str:
            frames = tuple(replace(f, text=text) if f.id == frame_id else f for f in self._stage.drawing.frames)
            return self._try(SetFrames(frames, self._stage.session.block_id, "Change text"))

        return accept

    def _set(self, node: NodeId, name: str, text: str) -> str:
        session = self._stage.session
        try:
            edit = option_edit(session.project, session.block_id, session.block.graph.nodes[node], name, text)
        except EngineError as error:
            return str(error)
        return self._try(edit)

    def _try(self, edit: Any) -> str:
        """Apply an edit; the reason stays with the field instead of becoming a message."""
        try:
            self._stage.session.document.apply(edit)
        except EngineError as error:
            return str(error)
        return ""


def option_edit(project: Any, block: str, node: Node, name: str, text: str) -> SetParam:
    """The edit that a typed value means. Raises: SpecError, EditError."""
    scope = project.block(block).defaults()
    return SetParam(node.id, *_typed(project, node, name, text, scope), block=block)


def option_value(project: Any, node: Node, name: str) -> Any:
    """What an option that stands on a node is now, a value or an expression."""
    if not isinstance(node.layer, BlockLayer):
        return getattr(node.layer, name)
    default = next(p.default for p in project.block(node.layer.block).params if p.name == name)
    return node.layer.args.get(name, default)


def option_kind(project: Any, node: Node, name: str) -> Kind:
    """What an option that stands on a node may be."""
    if not isinstance(node.layer, BlockLayer):
        return node.layer.params[name].kind
    return next(p.value_kind for p in project.block(node.layer.block).params if p.name == name)


def _typed(project: Any, node: Node, name: str, text: str, scope: Any) -> tuple[str, Any]:
    layer = node.layer
    if isinstance(layer, BlockLayer):
        inner = project.block(layer.block)
        param = next(p for p in inner.params if p.name == name)
        declared = Param(name, param.value_kind, param.default, param.default, param.help)
        return "args", {**layer.args, name: declared.parse(text, inner.name, scope)}
    return name, layer.params[name].parse(text, layer.title, scope)
