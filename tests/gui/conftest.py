"""What every test of a view needs: a session in a home of its own, and the canvas on it."""

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import QPointF
from PySide6.QtWidgets import QApplication

from engine.document.edits import AddNode, Connect, fresh_ids
from engine.document.project import Project
from engine.graph.graph import Edge, NodeId
from engine.layers import Layer
from gui.canvas.view import CanvasView
from gui.session import Session
from gui.style import apply

SIZE = (1016, 576)


@pytest.fixture
def session(qtbot, qapp: QApplication, monkeypatch: pytest.MonkeyPatch) -> Iterator[Session]:  # type: ignore[no-untyped-def]
    """An empty project, its threads idle afterwards. Nothing moves, so that nothing has to be waited for."""
    monkeypatch.setenv("NETSMITH_REDUCED_MOTION", "1")
    apply(qapp)
    session = Session()
    yield session
    qtbot.waitUntil(lambda: not session.background.busy)
    session.close()


@pytest.fixture
def canvas(qtbot, session: Session) -> CanvasView:  # type: ignore[no-untyped-def]
    """The canvas of the session, on screen at the size it has in the window."""
    canvas = CanvasView(session)
    qtbot.addWidget(canvas)
    canvas.resize(*SIZE)
    canvas.show()
    qtbot.waitExposed(canvas)
    canvas.surface.setFocus()
    return canvas


@pytest.fixture
def settled(qtbot, session: Session) -> Callable[[], None]:  # type: ignore[no-untyped-def]
    """Waits until what is known is known of the project as it is now."""
    return lambda: qtbot.waitUntil(lambda: not session.analysing and not session.background.busy)


def chain(*layers: Layer, names: tuple[str, ...] = (), step: float = 264.0) -> Project:
    """A project whose layers stand in a row, each wired to the next."""
    project = Project()
    before: NodeId | None = None
    for i, layer in enumerate(layers):
        (new,) = fresh_ids(project)
        project = AddNode(layer, names[i] if i < len(names) else "", (i * step, 0.0))(project)
        if before is not None:
            out, into = project.ports(project.node(before))[1], layer.ports_in()
            project = Connect(Edge(before, out[0].name, new, into[0].name))(project)
        before = new
    return project


@pytest.fixture
def row(canvas: CanvasView, session: Session) -> CanvasView:
    """images -> stem -> act, and head without wires, at life size."""
    layers = Layer.registry["Input"](shape=(1, 8, 8)), Layer.registry["Conv2d"](), Layer.registry["ReLU"]()
    session.document.replace(chain(*layers, names=("images", "stem", "act")))
    canvas.add_layer("Linear", QPointF(528, 160))
    session.select(())
    canvas.fit(animate=False)
    canvas.zoom_reset()
    return canvas
