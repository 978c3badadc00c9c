"""Views that follow edits piece by piece show what views made anew would, to the pixel."""

import os
from collections import Counter

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QEvent, QModelIndex, QObject, QPoint, Qt
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import QApplication, QWidget

from engine.document.edits import SetParam
from engine.document.project import Project
from engine.layers import Layer
from gui import work
from gui.canvas.drawing import Drawing
from gui.demo_hands import Hands
from gui.panels.problems import ProblemsPanel
from gui.panels.summary import SummaryPanel
from gui.theme import metrics
from tests.gui.conftest import chain
from tests.gui.window_fixture import hands  # noqa: F401
from tests.laws.edit_sequences import STEPS, tried

L = Layer.registry
SEQUENCES = int(os.environ.get("NETSMITH_SEEDS", "3"))
GO = (Phase.explicit, Phase.reuse, Phase.generate)  # cutting a sequence down opens the window for minutes
ROUNDING, STRAY = 24, 10
"""A curve that is clipped is rounded otherwise here and there: levels of a pixel, and pixels that may be beyond."""


def first() -> Project:
    """A few layers that fit, and one that does not."""
    kinds = ["Conv2d", "BatchNorm2d", "ReLU", "Conv2d", "ReLU", "Flatten", "Linear", "ReLU", "Linear", "Conv2d"]
    return chain(L["Input"](), *(L[kind]() for kind in kinds), L["Output"]())


def nearby(step: tuple) -> tuple:
    """The step about where the layers are: a wire across a million pixels is another one where it is clipped."""
    *others, (x, y) = step
    return (*others, (x % 2000, y % 1000))


TOP = QModelIndex()


def rows(model, above=TOP) -> list[object]:
    """What a tree says, row by row, with what is in each."""

    def said(row: int) -> tuple[object, ...]:
        first = model.index(row, 0, above)
        tip, place = (model.data(first, role) for role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.UserRole))
        assert first.parent() == above
        return *(model.index(row, column, above).data() for column in range(4)), tip, place, rows(model, first)

    return [said(row) for row in range(model.rowCount(above))]


def on_screen(window) -> np.ndarray:
    """The pixels of the window as they stand on the screen."""
    for _ in range(3):  # a panel that finds its words longer is laid out once more
        QApplication.processEvents()
    picture = QGuiApplication.primaryScreen().grabWindow(window.winId()).toImage()
    image = picture.convertToFormat(QImage.Format.Format_RGB32)
    return np.array(image.constBits()).reshape(image.height(), image.width(), 4).astype(int)


def painted_anew(window) -> np.ndarray:
    """The pixels of the window once every widget in it was painted."""
    canvas = window.desk.canvas
    canvas.minimap._made_of = ()
    for widget in window.findChildren(QWidget):
        widget.update()
    return on_screen(window)


def agrees(window) -> None:
    """Drawing, summary, problems and code are those of views made anew, and so is every pixel of the canvas."""
    session, desk = window.session, window.desk
    canvas, kept = desk.canvas, desk.canvas.drawing
    fresh = Drawing(session.project, session.block_id, session.analysis, session.trusted)
    assert kept.faces == fresh.faces
    assert kept.looks == fresh.looks
    assert kept.shapes == fresh.shapes
    assert kept.problems == fresh.problems
    assert kept.boxes()[0] == fresh.boxes()[0]
    assert (kept.boxes()[1] == fresh.boxes()[1]).all()
    edges, spans = kept.spans()
    assert set(edges) == set(kept.wires)
    assert spans.tolist() == [list(kept.wires[edge].route.bounds) for edge in edges]
    summary, problems = SummaryPanel(session), ProblemsPanel(session)
    summary._fill()
    assert rows(desk.summary.rows) == rows(summary.rows)
    assert desk.summary.total.text() == summary.total.text()
    assert [row.problem for row in desk.bottom.problems.rows] == [row.problem for row in problems.rows]
    assert desk.code.model.toPlainText() == session.result.model.text
    for view in (summary, problems):
        view.deleteLater()
    seen = on_screen(window)
    unlike = np.abs(seen - painted_anew(window)).max(2) > ROUNDING
    down, across = np.nonzero(unlike)
    assert unlike.sum() <= STRAY, f"not painted: {across.min()}, {down.min()} to {across.max()}, {down.max()}"
    corner = canvas.surface.mapTo(window, QPoint(0, 0))
    unlike[corner.y() : corner.y() + canvas.surface.height(), corner.x() : corner.x() + canvas.surface.width()] = False
    assert not unlike.any(), "a panel was not painted although it says something else"


def begun(hands: Hands):  # noqa: F811
    """The window with a few layers in it, the summary in front, and all painted. Returns: it, and the session."""
    window = hands.window
    window.desk.show_page("Summary")
    window.session.document.replace(first())
    hands.settle()
    on_screen(window)
    return window, window.session


class Painted(QObject):
    """What was painted of a window, and whether what was known then was that of the project."""

    def __init__(self, window) -> None:
        super().__init__()
        self.found: list[bool] = []
        self.parts: list[QObject] = []
        self._window = window
        QApplication.instance().installEventFilter(self)

    def eventFilter(self, watched, event) -> bool:
        if event.type() == QEvent.Type.Paint:
            self.found.append(self._window.session.is_current)
            self.parts.append(watched)
        return False


def test_an_edit_of_which_all_is_known_soon_is_painted_once_with_what_is_known_of_it(hands: Hands, monkeypatch):  # noqa: F811
    window, session = begun(hands)
    monkeypatch.setattr(work, "QUICK_MS", 60_000)
    linear = next(n for n in session.block.graph.nodes.values() if n.layer.key == "Linear")
    for width in (40, 41):
        painted = Painted(window)
        session.apply(SetParam(linear.id, "out_features", width))
        assert not session.is_current
        hands.settle()
        QApplication.instance().removeEventFilter(painted)
        assert painted.found
        assert all(painted.found)
        agrees(window)


def test_nothing_is_painted_twice_where_an_edit_has_panels_laid_out_anew(hands: Hands, monkeypatch):  # noqa: F811
    window, session = begun(hands)
    monkeypatch.setattr(work, "QUICK_MS", 60_000)
    linear, *_, last = [n for n in session.block.graph.nodes.values() if n.layer.key == "Linear"]
    edits = [SetParam(node.id, "out_features", width) for node, width in ((linear, 40), (last, 7), (last, 8))]
    for edit in [each for made in edits for each in (made, None)]:
        painted = Painted(window)
        if edit:
            session.apply(edit)
        else:
            session.undo()
        for _ in range(5):
            QApplication.sendPostedEvents()
        QApplication.instance().removeEventFilter(painted)
        assert session.is_current
        assert painted.parts
        twice = [type(part).__name__ for part, count in Counter(painted.parts).items() if count > 1]
        assert not twice, f"painted twice: {', '.join(twice)}"
        agrees(window)


def test_what_takes_long_to_be_known_is_not_waited_for(hands: Hands, monkeypatch):  # noqa: F811
    window, session = begun(hands)
    monkeypatch.setattr(work, "QUICK_MS", 0)
    linear = next(n for n in session.block.graph.nodes.values() if n.layer.key == "Linear")
    painted = Painted(window)
    session.apply(SetParam(linear.id, "out_features", 40))
    QApplication.sendPostedEvents()
    QApplication.instance().removeEventFilter(painted)
    assert painted.found
    assert not any(painted.found)


@pytest.mark.parametrize("level", ["full", "compact", "far"])
def test_after_any_edits_every_view_shows_what_one_made_anew_would(hands: Hands, level):  # noqa: F811
    window = hands.window
    window.desk.show_page("Summary")
    zoom = {"full": 1.0, "compact": metrics().lod.compact, "far": metrics().lod.compact / 2}[level]

    @settings(max_examples=SEQUENCES, deadline=None, suppress_health_check=list(HealthCheck), phases=GO)
    @given(st.lists(STEPS.map(nearby), min_size=1, max_size=12))
    def edited(steps):
        session, canvas = window.session, window.desk.canvas
        session.document.replace(first())
        hands.settle()
        canvas.surface.look_at(canvas.drawing.bounds().center(), zoom)
        on_screen(window)
        for step in steps:
            session.apply(lambda project, step=step: tried(project, step))
            on_screen(window)
            hands.settle()
            agrees(window)
        while session.document.undo_label:
            session.undo()
            hands.settle()
            agrees(window)

    edited()
