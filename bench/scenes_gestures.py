"""More pictures of gestures for the manual: what is in the hand, what the keyboard opens, and what the panels show."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPoint, QPointF, QSize, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit

from bench.scenes import Studio
from bench.scenes_help import STEP, dragged, picture
from engine.document.edits import AddNode, Connect, MoveNodes, RemoveNodes, SetFrames, SetParam
from engine.document.muting import Mute
from engine.document.project import Frame
from engine.graph.graph import Edge
from engine.layers import Layer
from gui.demo_hands import wait_until
from gui.dialogs.shortcuts import ShortcutsDialog

ALT, SHIFT = Qt.KeyboardModifier.AltModifier, Qt.KeyboardModifier.ShiftModifier
LOW = QSize(600, 220)
HIGH = QSize(600, 340)


def _add(studio: Studio, kind: str, name: str, x: float, y: float) -> None:
    studio.session.apply(AddNode(Layer.registry[kind](), name, (x, y)))
    studio.settle()


def _do(studio: Studio, command: str) -> None:
    """A command of the menus, once it is known whether it can be done."""
    studio.settle()
    studio.window.actions_.trigger(command)
    studio.settle()


def _without_scan(studio: Studio) -> None:
    studio.session.apply(RemoveNodes([studio.node("scan")]))
    studio.settle()


def _insert(studio: Studio) -> None:
    _without_scan(studio)
    _add(studio, "BatchNorm2d", "norm", 200.0, 176.0)
    studio.session.apply(MoveNodes({studio.node("stem"): (1.6 * STEP, 0.0), studio.node("act"): (2.6 * STEP, 0.0)}))
    canvas = studio.canvas
    (wire,) = (e for e in canvas.drawing.wires if e.target == studio.node("stem"))
    at = canvas.to_view(canvas.drawing.wires[wire].route.path.pointAtPercent(0.62)) + QPoint(0, 4)
    hold = dragged(studio, canvas.node_point(studio.node("norm")), at)
    picture(studio, "insert", QPointF(290, 60), LOW, hold=hold)


def _cut(studio: Studio) -> None:
    _without_scan(studio)
    _add(studio, "Conv2d", "side", STEP, 160.0)
    images, side = studio.node("images"), studio.node("side")
    studio.session.apply(Connect(Edge(images, "out", side, "x")))
    studio.session.select([])
    studio.settle()
    canvas = studio.canvas
    start, end = canvas.to_view(QPointF(236, -50)), canvas.to_view(QPointF(218, 210))
    picture(studio, "cut", QPointF(290, 100), HIGH, hold=dragged(studio, start, end, keys=ALT))


def _all_wires(studio: Studio) -> None:
    _without_scan(studio)
    _add(studio, "Conv2d", "side", STEP, 176.0)
    _add(studio, "Dropout2d", "drop", 0.0, 176.0)
    images, side = studio.node("images"), studio.node("side")
    studio.session.apply(Connect(Edge(images, "out", side, "x")))
    studio.session.select([])
    studio.settle()
    canvas = studio.canvas
    start = canvas.port_point(images, "out", "out")
    end = canvas.port_point(studio.node("drop"), "out", "out")
    hold = dragged(studio, start, end, keys=SHIFT)
    picture(studio, "all-wires", QPointF(290, 110), HIGH, hold=hold)


def _mute(studio: Studio) -> None:
    _without_scan(studio)
    studio.session.apply(Mute([studio.node("stem")]))
    studio.session.select([])
    picture(studio, "mute", QPointF(320, 50), LOW)


def _level(studio: Studio) -> None:
    _without_scan(studio)
    _add(studio, "BatchNorm2d", "norm", STEP * 1.2, 190.0)
    canvas = studio.canvas
    start = canvas.node_point(studio.node("norm"))
    end = canvas.to_view(QPointF(STEP + canvas.drawing.rect(studio.node("norm")).width() / 2 + 2, 196))
    picture(studio, "level", QPointF(320, 100), HIGH, hold=dragged(studio, start, end))


def _frames(studio: Studio) -> None:
    _without_scan(studio)
    frame = Frame("f1", "Stem", -32, -64, 470, 220, "convolution")
    note = Frame("f2", "# Idea\nTry **64** channels if the loss stalls.", 472, 88, 168, 64, kind="note")
    studio.session.apply(SetFrames((frame, note), studio.session.block_id))
    studio.session.select([])
    picture(studio, "frames", QPointF(310, 56), QSize(720, 280))


def _listed(
    command: str, name: str, typed: str, centre: QPointF | None = None, size: QSize = HIGH
) -> Callable[[Studio], None]:
    """A list that a command opens, with something typed into it."""

    def scene(studio: Studio) -> None:
        studio.session.select([studio.node("act" if command == "graph.swap" else "stem")])
        studio.canvas.surface.setFocus()
        _do(studio, command)
        field = studio.window.focusWidget()
        assert isinstance(field, QLineEdit)
        QTest.keyClicks(field, typed)
        studio.settle()
        found = field.parentWidget() if centre is None else None
        picture(studio, name, centre, found.size() if found else size, widget=found)
        QTest.keyClick(field, Qt.Key.Key_Escape)

    return scene


def _expression(studio: Studio) -> None:
    """A number that is a formula of the block's parameter."""
    _example(studio)
    head = studio.node("head")
    studio.session.select([head])
    studio.canvas.zoom_reset()
    studio.canvas.surface.look_at(studio.canvas.drawing.rect(head).center(), 1.0)
    QTest.keyClick(studio.canvas.surface, Qt.Key.Key_Return)
    editor = studio.canvas.editing.editor
    assert editor is not None
    QTest.keyClicks(editor, "classes * 2")
    studio.settle()
    picture(studio, "expression", studio.canvas.drawing.rect(head).center(), QSize(560, 180))
    studio.canvas.editing.cancel()


def _example(studio: Studio) -> None:
    studio.example()
    studio.window.desk.show_part("bottom", False)
    studio.settle()
    studio.canvas.fit(animate=False)
    studio.settle()


def _split(studio: Studio) -> None:
    window = studio.window
    _example(studio)
    studio.session.select([studio.node("stage")])
    window.desk.show_part("right", False)
    window.resize(window.minimumSize())
    _do(studio, "view.beside")
    for canvas, name, zoom in zip(window.desk.canvases.all(), ("proj", "conv1"), (0.5, 0.5), strict=True):
        node = next(n.id for n in canvas.session.block.graph.nodes.values() if n.name == name)
        canvas.surface.look_at(canvas.drawing.rect(node).center() + QPointF(120, 60), zoom)
    picture(studio, "split", size=window.desk.canvases.size(), widget=window.desk.canvases)
    _do(studio, "view.split")
    window.desk.show_part("right")
    window.resize(*studio.size)


def _changes(studio: Studio) -> None:
    _without_scan(studio)
    session = studio.session
    session.document.mark_saved()
    session.apply(SetParam(studio.node("stem"), "out_channels", 64))
    _add(studio, "Dropout2d", "drop", STEP * 2, 144.0)
    session.apply(RemoveNodes([studio.node("images")]))
    session.select([])
    _do(studio, "file.changes")
    canvas = studio.canvas
    canvas.surface.look_at(QPointF(330, 300), 1.0)
    corner = QPoint((canvas.width() - 720) // 2, 0)
    picture(studio, "changes", size=QSize(720, 420), widget=canvas, corner=corner)
    _do(studio, "file.changes")


def _history(studio: Studio) -> None:
    session = studio.session
    session.apply(SetParam(studio.node("stem"), "out_channels", 64))
    session.apply(Mute([studio.node("act")]))
    _add(studio, "Dropout2d", "drop", STEP * 2, 144.0)
    session.undo()
    _do(studio, "edit.history")
    picture(studio, "history", size=QSize(376, 180), widget=studio.window.desk.tabs)
    studio.window.desk.show_page("Inspector")


def _library(studio: Studio) -> None:
    studio.window.desk.show_category("block")
    rows = studio.window.desk.palette_dock.list
    rows.setCurrentItem(rows.findItems("Bottleneck", Qt.MatchFlag.MatchExactly)[0])
    picture(studio, "library", size=QSize(240, 400), widget=studio.window.desk.palette_dock)
    studio.window.desk.show_part("palette", False)


def _commands(studio: Studio) -> None:
    _do(studio, "help.palette")
    found = studio.window.commands.list
    QTest.keyClicks(found.field, "sel")
    studio.settle()
    picture(studio, "commands", size=found.size(), widget=found)
    found.close_list()


def _keys(studio: Studio) -> None:
    _do(studio, "help.shortcuts")
    dialog = next(d for d in studio.window.findChildren(ShortcutsDialog) if d.isVisible())
    picture(studio, "keys", size=QSize(480, 280), widget=dialog)
    dialog.reject()


def _legend(studio: Studio) -> None:
    """A run that waits after some steps."""
    _example(studio)
    runner = studio.session.runner
    studio.window.actions_.trigger("view.heat.gradient")
    studio.window.actions_.trigger("train.start")
    wait_until(lambda: runner.history.step >= 30, "some steps are made")
    studio.window.actions_.trigger("train.pause")
    wait_until(lambda: runner.history.paused, "it pauses")
    studio.window.desk.show_part("bottom", False)
    canvas = studio.canvas
    studio.settle()
    canvas.fit(animate=False)
    studio.settle()
    corner = QPoint(0, canvas.height() - 380)
    picture(studio, "x-ray", size=QSize(640, 380), widget=canvas, corner=corner)
    studio.window.actions_.trigger("train.stop")
    wait_until(lambda: not runner.active, "the run has ended")


GESTURES: tuple[Callable[[Studio], None], ...] = (
    _insert,
    _cut,
    _all_wires,
    _mute,
    _level,
    _frames,
    _listed("graph.swap", "swap", "elu", QPointF(500, 150), QSize(600, 320)),
    _listed("edit.find", "find", "8 x 8"),
    _listed("graph.wire_to", "wire-to", "", QPointF(400, 160), QSize(600, 330)),
    _expression,
    _split,
    _changes,
    _history,
    _library,
    _commands,
    _keys,
    _legend,
)
