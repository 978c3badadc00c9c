"""Views that follow edits piece by piece show what views made anew would, to the pixel."""

import os

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, QRect
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import QApplication, QTreeWidgetItem

from engine.document.project import Project
from engine.layers import Layer
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


def rows(tree) -> list[object]:
    """What a tree says, row by row, with what is in each."""

    def said(item: QTreeWidgetItem) -> tuple[object, ...]:
        inner = tuple(said(item.child(i)) for i in range(item.childCount()))
        return (*(item.text(column) for column in range(4)), item.toolTip(0), item.data(0, 256), inner)

    return [said(tree.topLevelItem(i)) for i in range(tree.topLevelItemCount())]


def on_screen(window) -> np.ndarray:
    """The pixels of the canvas as they stand on the screen."""
    QApplication.processEvents()
    surface = window.desk.canvas.surface
    picture = QGuiApplication.primaryScreen().grabWindow(window.winId()).toImage()
    image = picture.copy(QRect(surface.mapTo(window, QPoint(0, 0)), surface.size()))
    image = image.convertToFormat(QImage.Format.Format_RGB32)
    return np.array(image.constBits()).reshape(image.height(), image.width(), 4).astype(int)


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
    assert rows(desk.summary.tree) == rows(summary.tree)
    assert desk.summary.total.text() == summary.total.text()
    assert [row.problem for row in desk.bottom.problems.rows] == [row.problem for row in problems.rows]
    assert desk.code.model.toPlainText() == session.result.model.text
    for view in (summary, problems):
        view.deleteLater()
    seen = on_screen(window)
    canvas.surface.viewport().update()
    canvas.minimap._made_of = ()
    canvas.minimap.update()
    unlike = np.abs(seen - on_screen(window)).max(2) > ROUNDING
    assert unlike.sum() <= STRAY


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
