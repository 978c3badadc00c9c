"""The X-ray in every mode, and the map of all layers, during a real run."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from bench.scenes import Studio
from gui.demo_hands import wait_until
from gui.panels.matrix import MatrixWindow
from gui.panels.training import TrainingPanel
from gui.window.bottom import TRAINING
from gui.xray.modes import MODES

STEPS = 60


def xray(studio: Studio) -> None:
    """Every mode on the canvas, a repeated block hovered, then the map sorted by what is most off."""
    studio.example(TRAINING)
    window, runner = studio.window, studio.session.runner
    window.actions_.trigger("train.start")
    wait_until(lambda: runner.history.step >= STEPS, "some steps are made")
    window.actions_.trigger("train.pause")
    wait_until(lambda: runner.history.paused, "it pauses")
    for key in MODES:
        window.actions_.trigger(f"view.heat.{key}")
        studio.settle()
        studio.take(f"xray-{key}")
    window.actions_.trigger("view.heat.ratio")
    canvas = window.desk.canvas
    at = canvas.node_point(studio.node("stage"))
    for way in (QPoint(3, 0), QPoint(0, 0)):
        QTest.mouseMove(canvas.surface.viewport(), at - way)
    studio.settle()
    studio.take("xray-repeats")
    _matrix(studio)
    window.actions_.trigger("train.stop")
    wait_until(lambda: not runner.active, "the run has ended")


def _matrix(studio: Studio) -> None:
    panel = studio.window.desk.bottom.page(TRAINING)
    assert isinstance(panel, TrainingPanel)
    panel.matrix.choose(quantity="ratio", group="parameters", order="trouble")
    panel.map.setFocus()
    studio.settle()
    for key in (Qt.Key.Key_Down, Qt.Key.Key_End, Qt.Key.Key_Left, Qt.Key.Key_Left):
        QTest.keyClick(panel.map, key)
    studio.settle()
    studio.take("matrix")
    window = MatrixWindow(studio.session, panel)
    window.show()
    studio.settle()
    studio.take("matrix-window", window)
    window.close()
