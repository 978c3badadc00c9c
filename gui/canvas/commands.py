"""What can be done to what is selected: the commands of the menus, each of them one edit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QGuiApplication

from engine.document.control_edits import Unwrap, Wrap
from engine.document.edits import (
    Batch,
    Connect,
    Disconnect,
    MakeUnique,
    RemoveNodes,
    SetFrames,
    SetReroutes,
    fresh_frame_ids,
    fresh_ids,
)
from engine.document.fragment import Fragment, Paste, copy, fragment_from_json, fragment_to_json
from engine.document.grouping import Group
from engine.document.muting import Mute
from engine.document.names import unique_class
from engine.document.project import Frame
from engine.document.quoted import looks_like_one
from engine.document.ungrouping import Ungroup
from engine.errors import EngineError
from engine.graph.graph import Edge, NodeId
from engine.layers.block import BlockLayer
from gui.canvas.along import Load, carried, load_of, named_frames
from gui.canvas.arranging import arrange_layers
from gui.canvas.carrying import taking
from gui.canvas.frame_paint import frame_rect
from gui.canvas.framing import resized
from gui.canvas.picture import Cut
from gui.canvas.rerouting import Rerouting
from gui.canvas.stage import Stage
from gui.canvas.tools.base import snapped
from gui.theme import metrics


class Commands:
    """Acts on the selection of the block on screen."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self.rerouting = Rerouting(stage)
        self._pastes = 0
        self._pasted = ""

    @property
    def _block(self) -> str:
        return self._stage.session.block_id

    @property
    def _chosen(self) -> tuple[NodeId, ...]:
        return self._stage.session.selection

    def delete(self, heal: bool = False) -> None:
        """Delete the selected layers, points of wires, frames and notes, else the wire that was clicked.

        Layers that lie in a frame stay, unless they are selected themselves.
        heal: what fed a layer feeds what it fed, as if it had been muted.
        """
        session, marks = self._stage.session, self._stage.marks
        edits: list[RemoveNodes | SetReroutes | SetFrames] = []
        if marks.frames:
            gone = [f for f in self._stage.drawing.frames if f.id in marks.frames]
            left = tuple(f for f in self._stage.drawing.frames if f.id not in marks.frames)
            edits.append(SetFrames(left, self._block, f"Delete {named_frames(gone)}"))
        if marks.points:
            edits.append(self.rerouting.removal(marks.points))
        if self._chosen:
            edits.append(RemoveNodes(self._chosen, self._block, heal))
        count = len(self._chosen)
        if edits:
            if session.apply(edits[-1] if len(edits) == 1 else Batch(edits[-1].label, tuple(edits))) and count:
                noun = "layer" if count == 1 else f"{count} layers"
                session.message.emit(f"Deleted {noun}", "Undo", session.undo)
        elif marks.chosen_wire is not None:
            session.apply(Disconnect(marks.chosen_wire, self._block))

    def _load(self) -> Load:
        """What is selected, with all that lies in selected frames."""
        marks = self._stage.marks
        return load_of(self._stage.drawing, self._chosen, marks.points, marks.frames)

    def in_picture(self) -> Cut:
        """What a picture of it shows: what lies in selected frames as well, and frames that hold nothing else."""
        drawing, load = self._stage.drawing, self._load()
        frames = set(load.frames)
        for inside in (carried(drawing, frame) for frame in drawing.frames):
            if inside.nodes and inside.nodes.keys() <= load.nodes.keys():
                frames |= inside.frames.keys()
        return Cut(frozenset(load.nodes), frozenset(frames))

    def _fragment(self) -> Fragment | None:
        """A copy of it; None where nothing is selected that can be copied."""
        load = self._load()
        if not load.nodes and not load.frames:
            return None
        return copy(self._stage.session.project, load.nodes, self._block, load.frames)

    def copy(self) -> None:
        """The selection as text on the clipboard."""
        if (fragment := self._fragment()) is not None:
            QGuiApplication.clipboard().setText(fragment_to_json(fragment))

    def cut(self) -> None:
        """The selection goes to the clipboard, and the flow through it is kept."""
        load, session = self._load(), self._stage.session
        if load.nodes or load.frames:
            self.copy()
            count = len(load.nodes)
            named = f"{count} layers" if count > 1 else "layer" if count else named_frames(load.frames.values())
            session.apply(Batch(f"Cut {named}", taking(session.project, self._block, load.nodes, load.frames)))

    def paste(self, at: QPointF | None = None) -> None:
        """What the clipboard holds: at a point, or beside what was copied, each time a little further."""
        text = QGuiApplication.clipboard().text()
        try:
            fragment = fragment_from_json(text)
        except EngineError as error:
            words = f"{error} Nothing was pasted." if looks_like_one(text) else "The clipboard holds no layers."
            self._stage.session.message.emit(words, "", None)
            return
        self._pastes = self._pastes + 1 if text == self._pasted else 1
        self._pasted = text
        if at is not None:
            paste = Paste(fragment, at=(snapped(at.x()), snapped(at.y())), block=self._block)
        else:
            away = float(metrics().canvas.paste_offset * self._pastes)
            paste = Paste(fragment, offset=(away, away), block=self._block)
        self._add_pasted(paste)

    def mute(self) -> None:
        """Mute the selected layers; if all are muted, have them take part again."""
        session, nodes = self._stage.session, self._stage.drawing.graph.nodes
        if self._chosen:
            session.apply(Mute(self._chosen, not all(nodes[n].muted for n in self._chosen), self._block))

    def duplicate(self) -> None:
        """A copy of the selection beside it; the clipboard stays as it is."""
        if (fragment := self._fragment()) is not None:
            self._add_pasted(Paste(fragment, block=self._block, verb="Duplicate"))

    def _add_pasted(self, paste: Paste) -> None:
        session = self._stage.session
        new = fresh_ids(session.project, self._block, len(paste.fragment.nodes))
        frames = fresh_frame_ids(session.project, self._block, len(paste.fragment.frames))
        if session.apply(paste):
            self._stage.select(new, (), frames)
            self._show(new)

    def _show(self, nodes: Sequence[NodeId]) -> None:
        """Look at what was just made, if it is out of sight."""
        stage, bounds = self._stage, self._load().bounds(self._stage.drawing)
        if bounds.isEmpty() or stage.surface.visible().intersects(bounds):
            return
        if nodes:
            stage.reveal(nodes[0])
        else:
            stage.surface.look_at(bounds.center(), animate=True)

    def group(self) -> None:
        """Make a block of the selection; its name can be changed at once."""
        session = self._stage.session
        if not self._chosen:
            return
        name = unique_class("Block", {b.name for b in session.project.blocks.values()})
        (new,) = fresh_ids(session.project, self._block)
        if session.apply(Group(self._chosen, name, self._block, self._stage.marks.frames)):
            self._stage.select([new])
            self._show([new])

    def wrap(self, kind: str) -> None:
        """Put a loop or branch around the selection."""
        session, chosen = self._stage.session, self._chosen
        if not chosen:
            return
        before = set(self._stage.drawing.graph.nodes)
        if session.apply(Wrap(chosen, kind, self._block)):
            new = [n for n in self._stage.drawing.faces if n not in before] or list(chosen)
            session.select(new)
            self._show(new)

    def extract(self) -> None:
        """Take the selected code apart into a block of layers, worked out and tried beside the window."""
        session, chosen = self._stage.session, self._chosen
        analysis, project, block = session.analysis, session.project, self._block
        if not chosen or analysis is None:
            return

        def work() -> Any:
            from engine.importing.lift_code import lifted

            try:
                return lifted(project, analysis, chosen[0], block)
            except EngineError as error:
                return error

        def take(found: Any) -> None:
            if isinstance(found, EngineError):
                session.message.emit(str(found), "", None)
            elif session.project is project and session.apply(found) and found.reasons:
                session.message.emit(f"{found.block.name} holds code still: {found.reasons[0]}.", "", None)

        session.background.submit("extract", work, take)

    def unwrap(self) -> None:
        """Apply the block of the selected loop or branch once."""
        if self._chosen:
            self._stage.session.apply(Unwrap(self._chosen[0], self._block))

    def ungroup(self) -> None:
        """Put what is inside the selected blocks in their place."""
        session, graph = self._stage.session, self._stage.drawing.graph
        blocks = [n for n in self._chosen if isinstance(graph.nodes[n].layer, BlockLayer)]
        if not blocks:
            return
        before = set(graph.nodes)
        edits = tuple(Ungroup(node, self._block) for node in blocks)
        if session.apply(edits[0] if len(edits) == 1 else Batch("Ungroup", edits)):
            new = [n for n in self._stage.drawing.faces if n not in before]
            session.select(new)
            self._show(new)

    def arrange(self, only: Iterable[NodeId] | None = None, folded: bool = False) -> None:
        """Lay the layers out in columns, folded into lines if wanted; frames follow their layers."""
        arrange_layers(self._stage, None if only is None else list(only), folded)

    def arrange_selection(self) -> None:
        if self._chosen:
            self.arrange(self._chosen)

    def connect_selection(self) -> None:
        """Wire the selected layers in a row, in the order in which they were selected."""
        session, drawing = self._stage.session, self._stage.drawing
        edits = []
        for a, b in zip(self._chosen, self._chosen[1:], strict=False):
            outs, ins = drawing.faces[a].outs, drawing.faces[b].ins
            if outs and ins:
                free = next((s for s in ins if not s.wires or s.port.kind == "many"), ins[0])
                edits.append(Connect(Edge(a, outs[0].port.name, b, free.port.name), self._block))
        if edits:
            session.apply(Batch("Connect", tuple(edits)))

    def add_frame(self) -> None:
        """A frame around the selection, or an empty one in the middle of the screen."""
        m = metrics()
        load = self._load()
        if load.nodes or load.frames:
            pad = m.node.frame_pad
            rect = load.bounds(self._stage.drawing).adjusted(-pad, -pad - m.node.frame_title, pad, pad)
        else:
            rect = self._around_centre(m.canvas.frame_w, m.canvas.frame_h)
        self._add_frame(
            Frame(self._fresh_frame(), "Frame", rect.x(), rect.y(), rect.width(), rect.height()), "Add frame"
        )

    def add_note(self, at: QPointF | None = None) -> None:
        """A note at a point, or in the middle of the screen, below what is there already."""
        m = metrics().canvas
        rect = self._around_centre(m.note_w, m.note_h)
        if at is not None:
            rect.moveTopLeft(at)
        while at is None and (taken := self._in_the_way(rect)):
            rect.moveTop(snapped(max(box.bottom() for box in taken)) + 2 * m.nudge)
        note = Frame(self._fresh_frame(), "Note", rect.x(), rect.y(), rect.width(), rect.height(), kind="note")
        self._add_frame(note, "Add note")

    def _in_the_way(self, rect: QRectF) -> list[QRectF]:
        """Layers and notes that lie in a place."""
        drawing = self._stage.drawing
        notes = [frame_rect(f) for f in drawing.frames if f.kind == "note"]
        return [drawing.rect(n) for n in drawing.nodes_in(rect)] + [note for note in notes if note.intersects(rect)]

    def _around_centre(self, width: float, height: float) -> QRectF:
        centre = self._stage.surface.centre
        return QRectF(snapped(centre.x() - width / 2), snapped(centre.y() - height / 2), width, height)

    def _fresh_frame(self) -> str:
        return fresh_frame_ids(self._stage.session.project, self._block)[0]

    def _add_frame(self, frame: Frame, label: str) -> None:
        stage = self._stage
        if stage.session.apply(SetFrames((*stage.drawing.frames, frame), self._block, label)):
            stage.choose(frame=frame.id)

    def make_unique(self) -> None:
        """Give the selected block a copy of what it holds, which other places no longer share."""
        if self._chosen:
            self._stage.session.apply(MakeUnique(self._chosen[0], self._block))

    def colour_frame(self, colour: str) -> None:
        """Give the selected frames and notes, else every frame around the selection, the colour of a kind; "": none."""
        stage, drawing = self._stage, self._stage.drawing
        middles = [drawing.rect(n).center() for n in self._chosen]
        around = {f.id for f in drawing.frames if any(frame_rect(f).contains(m) for m in middles)}
        wanted = stage.marks.frames or around
        frames = tuple(replace(f, colour=colour) if f.id in wanted else f for f in drawing.frames)
        stage.session.apply(SetFrames(frames, self._block, "Colour frame"))

    def nudge(self, dx: int, dy: int) -> None:
        """Move the selection by steps of the grid; presses in a row are one step of undo."""
        step, load = metrics().canvas.nudge, self._load()
        if load != Load():
            edit = self.rerouting.moving(load.moved(dx * step, dy * step), self._chosen)
            self._stage.session.apply(edit, ("nudge", self._chosen, frozenset(load.points), frozenset(load.frames)))

    def resize_frame(self, dx: int, dy: int) -> bool:
        """Make the marked frame or note wider and taller by steps of the grid. Returns: whether there is one."""
        step, drawing = metrics().canvas.nudge, self._stage.drawing
        frame = next((f for f in drawing.frames if f.id == self._stage.marks.chosen_frame), None)
        if frame is not None:
            other = resized(frame, dx * step, dy * step)
            frames = tuple(other if f is frame else f for f in drawing.frames)
            if other != frame:
                edit = SetFrames(frames, self._block, f"Resize {frame.kind}")
                self._stage.session.apply(edit, ("resize frame", frame.id))
        return frame is not None
