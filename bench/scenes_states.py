"""Every state that the canvas can be in, each brought about by mouse and keys, for someone to look at one by one.

`make screenshots ARGS="--states FOLDER"` draws them all. They are not kept: what is wrong on one of them is mended.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest

from bench.networks import NETWORKS
from bench.scenes import SIZES, Held, Studio
from bench.scenes_help import LEFT, PLAIN, dragged, network, pull
from engine.document.edits import AddNode, Batch, Connect, RemoveNodes, SetFrames, SetParam, fresh_ids
from engine.document.files import dumps, loads
from engine.document.muting import Mute
from engine.document.project import Frame, Project
from engine.document.weight_edits import SetWeights
from engine.expr import Expr
from engine.graph.graph import Edge
from engine.layers import Layer
from gui.demo_hands import wait_until

ALT, CTRL, SHIFT = (
    Qt.KeyboardModifier.AltModifier,
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.ShiftModifier,
)
ZOOMS = {"full": 1.0, "compact": 0.55, "far": 0.24, "farthest": 0.1}
MANY = (50, 500)
NOTE = "# Idea\nTry **64** channels\n- if the loss stalls\n- or `lr` is low"


def states(studio: Studio) -> None:
    """All of them, once: they are of the canvas, which is as large in every window."""
    if studio.size != SIZES[0]:
        return
    for scene in SCENES:
        scene(studio)


def _new(studio: Studio, project: Project | None = None, zoom: float = 1.0) -> None:
    """A project of its own on a canvas without docks."""
    studio.alone()
    _do(studio, "file.new")
    studio.window.desk.show_part("bottom", False)
    studio.session.document.replace(project or network())
    studio.settle()
    if project is None:
        studio.canvas.surface.look_at(QPointF(330, 110), zoom)
    else:
        studio.canvas.fit(animate=False)
    QTest.mouseMove(studio.canvas.surface.viewport(), QPoint(1, 1))


def _take(studio: Studio, name: str, hold: Held | None = None) -> None:
    studio.settle()
    studio.take(f"state-{name}", studio.window.desk.canvases, hold)


def _do(studio: Studio, command: str) -> None:
    """A command of the menus, once it is known whether it can be done."""
    studio.settle()
    studio.window.actions_.trigger(command)
    studio.settle()


def _point(studio: Studio, at: QPoint) -> None:
    """The pointer comes to rest."""
    ground = studio.canvas.surface.viewport()
    QTest.mouseMove(ground, at + QPoint(3, 2))
    QTest.mouseMove(ground, at)


def _hover(studio: Studio) -> None:
    _new(studio)
    canvas = studio.canvas
    _point(studio, canvas.node_point(studio.node("stem")))
    _take(studio, "hover-node")
    _point(studio, canvas.port_point(studio.node("scan"), "in", "input"))
    _take(studio, "hover-port")
    wire = next(e for e in canvas.drawing.wires if e.target == studio.node("stem"))
    _point(studio, canvas.to_view(canvas.drawing.wires[wire].route.path.pointAtPercent(0.7)))
    _take(studio, "hover-wire")


def _select(studio: Studio) -> None:
    """A lit path, several that are selected, a marked wire, and the focus of the keyboard."""
    studio.example()
    studio.window.desk.show_part("bottom", False)
    _do(studio, "view.paths")
    studio.session.select([studio.node("proj")])
    _take(studio, "selected-path")
    _do(studio, "view.paths")
    studio.session.select([studio.node("stem"), studio.node("stage"), studio.node("join")])
    _take(studio, "selected-three")
    studio.session.select([studio.node("proj")])
    QTest.keyClick(studio.canvas.surface, Qt.Key.Key_Right)
    _take(studio, "focus-by-keys")
    _do(studio, "select.wire")
    _take(studio, "wire-marked")


def _box(studio: Studio) -> None:
    _new(studio)
    canvas = studio.canvas
    start, end = canvas.to_view(QPointF(200, -70)), canvas.to_view(QPointF(620, 150))
    _take(studio, "box", dragged(studio, start, end))
    _lasso(studio)
    _cut(studio)


def _lasso(studio: Studio) -> None:
    canvas = studio.canvas
    corners = [QPointF(230, -60), QPointF(470, -40), QPointF(500, 140), QPointF(380, 290), QPointF(210, 120)]
    places = [canvas.to_view(corner) for corner in corners]
    _take(studio, "lasso", dragged(studio, *places, keys=CTRL))


def _cut(studio: Studio) -> None:
    canvas = studio.canvas
    start, end = canvas.to_view(QPointF(455, -60)), canvas.to_view(QPointF(500, 130))
    _take(studio, "cut", dragged(studio, start, end, keys=ALT))


def _drag(studio: Studio) -> None:
    """A layer in the hand: over nothing, level with others, over a wire that it would go into."""
    _new(studio)
    canvas = studio.canvas
    start = canvas.node_point(studio.node("scan"))
    _take(studio, "drag", dragged(studio, start, start + QPoint(230, 60)))
    (new,) = fresh_ids(studio.session.project)
    studio.session.apply(AddNode(Layer.registry["BatchNorm2d"](), "norm", (640.0, 208.0)))
    studio.settle()
    start = canvas.node_point(new)
    end = start + QPoint(0, 84)
    _take(studio, "drag-level", dragged(studio, start, end))
    end = canvas.to_view(QPointF(465, 20))
    _take(studio, "drag-insert", dragged(studio, start, end))


def _wires(studio: Studio) -> None:
    """A wire in the hand that fits, one that is refused, all wires of a port, and the lists for typing."""
    _new(studio)
    canvas = studio.canvas
    studio.session.select([])
    for name, source, end, port in (("fits", "images", "act", "x"), ("refused", "act", "scan", "input")):
        start = canvas.port_point(studio.node(source), "out", "out")
        _take(studio, f"wire-{name}", dragged(studio, start, canvas.port_point(studio.node(end), "in", port)))
    start, other = (canvas.port_point(studio.node(n), "out", "out") for n in ("images", "stem"))
    _take(studio, "wire-all-of-a-port", dragged(studio, start, other, keys=SHIFT))
    studio.session.select([studio.node("act")])
    canvas.surface.setFocus()
    _do(studio, "graph.wire_to")
    _take(studio, "wire-list")
    canvas.wiring.list.close_list()
    place = canvas.to_view(QPointF(700, 150))
    pull(studio, canvas.port_point(studio.node("act"), "out", "out"), place)
    QTest.mouseRelease(canvas.surface.viewport(), LEFT, PLAIN, place)
    _take(studio, "wire-dropped")
    canvas.search.list.close_list()


def _lists(studio: Studio) -> None:
    """The lists at the pointer: what to swap for, what to find, where to go back to, and editing on a layer."""
    studio.example()
    studio.window.desk.show_part("bottom", False)
    canvas = studio.canvas
    for name in ("view.bookmark", "graph.swap", "edit.find", "view.bookmarks"):
        studio.session.select([studio.node("relu")])
        canvas.surface.setFocus()
        _do(studio, name)
        _take(studio, name.replace(".", "-"))
        for found in (canvas.swapping, canvas.finder, canvas.bookmarks):
            if hasattr(found, "list"):
                found.list.close_list()
    studio.session.select([studio.node("head")])
    QTest.keyClick(canvas.surface, Qt.Key.Key_Return)
    _take(studio, "edit-value")
    canvas.editing.cancel()
    _do(studio, "edit.rename")
    _take(studio, "edit-name")
    canvas.editing.cancel()


def _kinds(studio: Studio) -> None:
    """Frozen, muted, shared, code that is not trusted and is, a problem, a warning, an expression, a node of ports."""
    kinds, project, before = Layer.registry, Project(), None
    rows = [
        ("images", kinds["Input"](shape=(1, 8, 8))),
        ("stem", kinds["Conv2d"](out_channels=Expr("8 * 2"))),
        ("frozen", kinds["Conv2d"](out_channels=16)),
        ("muted", kinds["BatchNorm2d"]()),
        ("again", kinds["Shared"](node="n3")),
        ("mine", kinds["Code"]()),
        ("flat", kinds["Flatten"]()),
        ("norm", kinds["BatchNorm2d"]()),
    ]
    for i, (name, layer) in enumerate(rows):
        (new,) = fresh_ids(project)
        project = AddNode(layer, name, (264.0 * (i % 4), 190.0 * (i // 4)))(project)
        project = (
            Connect(Edge(before, "out", new, layer.ports_in()[0].name if layer.ports_in() else "x"))(project)
            if (before)
            else project
        )
        before = new
    for i, kind in enumerate(("LSTM", "Concat", "MultiheadAttention", "Linear")):
        project = AddNode(kinds[kind](), kind.lower(), (264.0 * i, 380.0))(project)
    named = {n.name: n.id for n in project.block().graph.nodes.values()}
    project = Batch("States", (SetWeights([named["frozen"]], "frozen", True), Mute([named["muted"]])))(project)
    _new(studio, loads(dumps(project)))
    _take(studio, "kinds-trusted" if studio.session.trusted else "kinds-untrusted")
    studio.session.trust_project()
    _take(studio, "kinds-now-trusted")
    studio.session.select([studio.node("norm")])
    _take(studio, "problem-card")


def _frames(studio: Studio) -> None:
    _new(studio)
    kinds = (
        ("f1", "Stem", -32, -72, 480, 232, "convolution", "frame"),
        ("f2", "Head", 496, -72, 240, 160, "", "frame"),
    )
    frames = [Frame(*given) for given in kinds]  # type: ignore[arg-type]
    note = Frame("f3", NOTE, 500, 180, 200, 120, kind="note")
    studio.session.apply(SetFrames((*frames, note), studio.session.block_id))
    studio.canvas.choose(frame="f1")
    _take(studio, "frame-and-note")


def _many(studio: Studio) -> None:
    """Fifty and five hundred layers, and each level of detail with the map of all."""
    for count in MANY:
        for name in ("skips", "wide"):
            _new(studio, NETWORKS[name](count))
            _do(studio, "graph.arrange" if name == "wide" else "graph.arrange_folded")
            _take(studio, f"{count}-{name}")
    canvas = studio.canvas
    node = list(canvas.drawing.faces)[MANY[-1] // 2]
    studio.session.select([node])
    for name, zoom in ZOOMS.items():
        canvas.surface.look_at(canvas.drawing.rect(node).center(), zoom)
        _take(studio, f"level-{name}")


def _changed(studio: Studio) -> None:
    """What has changed since saving: a layer more, one less, one with another option."""
    studio.example()
    studio.window.desk.show_part("bottom", False)
    session = studio.session
    session.document.mark_saved()
    session.apply(SetParam(studio.node("stem"), "out_channels", 48))
    session.apply(RemoveNodes([studio.node("norm")], heal=True))
    session.apply(AddNode(Layer.registry["Dropout2d"](), "more", (520.0, 760.0)))
    _do(studio, "file.changes")
    _take(studio, "changes")
    _do(studio, "file.changes")


def _inside(studio: Studio) -> None:
    """Inside a block, and two places at once."""
    studio.example()
    studio.window.desk.show_part("bottom", False)
    studio.session.enter(studio.node("stage"))
    _take(studio, "inside")
    studio.session.leave(0)
    studio.session.select([studio.node("stage")])
    _do(studio, "view.beside")
    _take(studio, "split")
    _do(studio, "view.split")


def _xray(studio: Studio) -> None:
    studio.example()
    studio.window.desk.show_part("bottom", False)
    runner = studio.session.runner
    _do(studio, "view.heat.gradient")
    _do(studio, "train.start")
    wait_until(lambda: runner.history.step >= 30, "some steps are made")
    _do(studio, "train.pause")
    wait_until(lambda: runner.history.paused, "it pauses")
    _take(studio, "xray")
    _do(studio, "train.stop")
    wait_until(lambda: not runner.active, "the run has ended")


SCENES: tuple[Callable[[Studio], None], ...] = (
    _hover,
    _select,
    _box,
    _drag,
    _wires,
    _lists,
    _kinds,
    _frames,
    _many,
    _changed,
    _inside,
    _xray,
)
