"""A hand on the canvas: presses, drags and keys as Qt delivers them."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QImage, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from gui.canvas.view import CanvasView

LEFT = Qt.MouseButton.LeftButton
PLAIN = Qt.KeyboardModifier.NoModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
CTRL = Qt.KeyboardModifier.ControlModifier


def place(canvas: CanvasView, x: float, y: float) -> QPoint:
    """A point of the scene on the screen."""
    return canvas.to_view(QPointF(x, y))


def click(canvas: CanvasView, pos: QPoint, modifiers: Qt.KeyboardModifier = PLAIN) -> None:
    QTest.mouseMove(canvas.surface.viewport(), pos)
    QTest.mouseClick(canvas.surface.viewport(), LEFT, modifiers, pos)


def double_click(canvas: CanvasView, pos: QPoint) -> None:
    QTest.mouseDClick(canvas.surface.viewport(), LEFT, PLAIN, pos)
    QTest.mouseRelease(canvas.surface.viewport(), LEFT, PLAIN, pos)


def press(
    canvas: CanvasView, pos: QPoint, modifiers: Qt.KeyboardModifier = PLAIN, button: Qt.MouseButton = LEFT
) -> None:
    QTest.mouseMove(canvas.surface.viewport(), pos)
    QTest.mousePress(canvas.surface.viewport(), button, modifiers, pos)


def pull(canvas: CanvasView, start: QPoint, end: QPoint, steps: int = 6) -> None:
    """Move a pressed mouse in a few steps."""
    for i in range(1, steps + 1):
        QTest.mouseMove(canvas.surface.viewport(), start + (end - start) * i / steps)


def drag(canvas: CanvasView, start: QPoint, end: QPoint, modifiers: Qt.KeyboardModifier = PLAIN) -> None:
    press(canvas, start, modifiers)
    pull(canvas, start, end)
    QTest.mouseRelease(canvas.surface.viewport(), LEFT, modifiers, end)


def wheel(canvas: CanvasView, pos: QPoint, notches: int) -> None:
    """Turn the wheel, away from oneself where it is positive."""
    viewport = canvas.surface.viewport()
    at, whole, phase = QPointF(pos), QPointF(viewport.mapToGlobal(pos)), Qt.ScrollPhase.NoScrollPhase
    event = QWheelEvent(at, whole, QPoint(), QPoint(0, 120 * notches), Qt.MouseButton.NoButton, PLAIN, phase, False)
    QApplication.sendEvent(viewport, event)


def key(canvas: CanvasView, which: Qt.Key, modifiers: Qt.KeyboardModifier = PLAIN) -> None:
    """A key to whatever has the focus in the canvas."""
    focused = QApplication.focusWidget()
    inside = focused is not None and (focused is canvas or canvas.isAncestorOf(focused))
    QTest.keyClick(focused if inside and focused else canvas.surface, which, modifiers)


def type_text(text: str) -> None:
    focused = QApplication.focusWidget()
    assert focused is not None, "nothing has the focus"
    QTest.keyClicks(focused, text)


def shot(canvas: CanvasView) -> QImage:
    """What is painted, pixel by pixel."""
    return canvas.surface.viewport().grab().toImage()


def has_colour(image: QImage, colour: QColor, at: QPoint, reach: int, tolerance: int = 24) -> bool:
    """Whether a colour is painted near a point."""
    ratio = image.devicePixelRatio()
    for dx in range(-reach, reach + 1):
        for dy in range(-reach, reach + 1):
            pixel = image.pixelColor(round((at.x() + dx) * ratio), round((at.y() + dy) * ratio))
            pairs = zip(pixel.getRgb()[:3], colour.getRgb()[:3], strict=True)
            if all(abs(a - b) <= tolerance for a, b in pairs):
                return True
    return False
