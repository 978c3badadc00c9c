"""The view of the canvas: zoom and pan, and which gesture a press begins."""

from __future__ import annotations

import math

from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, QSizeF, Qt, QTimer, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QNativeGestureEvent,
    QPainter,
    QResizeEvent,
    QTransform,
    QWheelEvent,
)
from PySide6.QtWidgets import QFrame, QGraphicsView, QWidget

from gui.canvas.layers import LayeredScene
from gui.canvas.moving import Motion
from gui.theme import duration, metrics

WHEEL_NOTCH = 120.0
REST_MS = 30_000  # after the last zoom: by then one has looked at what one zoomed in to see
PAUSE_MS = 8  # half a frame, in which the next step of a zoom may come


class Surface(QGraphicsView):
    """A view that zooms at the pointer and pans with the middle button, Space or two fingers.

    moved(): zoom or place changed. pressed, dragged, released, hovered and double_clicked speak scene coordinates.
    """

    moved = Signal()
    pressed = Signal(QPointF, QMouseEvent)
    dragged = Signal(QPointF, QMouseEvent)
    released = Signal(QPointF, QMouseEvent)
    hovered = Signal(QPointF, QMouseEvent)
    double_clicked = Signal(QPointF, QMouseEvent)
    left = Signal()
    key_pressed = Signal(QKeyEvent)

    def __init__(self, scene: LayeredScene, parent: QWidget | None = None) -> None:
        super().__init__(scene, parent)
        self._layers = scene
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setViewportUpdateMode(QGraphicsView.ViewportUpdateMode.MinimalViewportUpdate)
        self.setTransformationAnchor(QGraphicsView.ViewportAnchor.NoAnchor)
        self.setResizeAnchor(QGraphicsView.ViewportAnchor.NoAnchor)
        self.setOptimizationFlag(QGraphicsView.OptimizationFlag.DontSavePainterState)
        self.setMouseTracking(True)
        self.viewport().setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setProperty("focusRing", "none")
        self._panning: QPoint | None = None
        self._pan_button = Qt.MouseButton.NoButton
        self._space = False
        self._animation: Motion | None = None
        self._is_zooming = False
        self._finishing = QTimer(self)  # what is not painted in one frame is finished in the next ones
        self._finishing.setSingleShot(True)
        self._finishing.timeout.connect(self._finish)
        self._resting = QTimer(self, interval=REST_MS)
        self._resting.setSingleShot(True)
        self._resting.timeout.connect(scene.sheet.rest)

    @property
    def zoom(self) -> float:
        return float(self.transform().m11())

    @property
    def centre(self) -> QPointF:
        return self._exact(self._middle())

    def _middle(self) -> QPointF:
        size = self.viewport().size()
        return QPointF(size.width() / 2, size.height() / 2)

    def visible(self) -> QRectF:
        """The part of the scene that is on screen."""
        return self.mapToScene(self.viewport().rect()).boundingRect()

    def look_at(self, centre: QPointF, zoom: float | None = None, animate: bool = False) -> None:
        """Bring a point to the middle, at a zoom."""
        wanted = self.zoom if zoom is None else self._allowed(zoom)
        self._stop()
        if animate and duration("slow") and self.isVisible():
            self._glide(self.centre, self.zoom, centre, wanted, duration("slow"))
        else:
            self._set(centre, wanted)

    def fit(self, rect: QRectF, animate: bool = False, room: tuple[int, int, int, int] = (0, 0, 0, 0)) -> None:
        """Show a rectangle whole, never larger than life; `room` is kept free at left, top, right, bottom."""
        zoom, centre = self.fitting(rect, room)
        self.look_at(centre, zoom, animate)

    def fitting(self, rect: QRectF, room: tuple[int, int, int, int]) -> tuple[float, QPointF]:
        """The zoom and the middle with which `fit` shows a rectangle."""
        c = metrics().canvas
        size = QSizeF(self.viewport().size())
        wide, high = size.width() - room[0] - room[2], size.height() - room[1] - room[3]
        zoom = self._allowed(min(_filling(rect, wide, high), c.fit_max_zoom))
        return zoom, rect.center() + QPointF((room[2] - room[0]) / 2 / zoom, (room[3] - room[1]) / 2 / zoom)

    def zoom_at(self, pos: QPointF, factor: float) -> None:
        """Zoom by a factor; the point of the scene under `pos` (viewport) stays where it is."""
        self._stop()
        zoom = self._layers.sheet.zoom_like(self._allowed(self.zoom * factor))
        under = self._exact(pos)
        self._set(under + (self._middle() - pos) / zoom, zoom, may_wait=True)

    def sweep(self, content: QRectF, place: QRectF) -> None:
        """Glide to where the view is now, as if this part of the scene had lain at a place of the view before.

        The inside of a block grows out of its node, and on the way back the node shrinks from the whole view.
        """
        centre, zoom, length = self.centre, self.zoom, duration("normal")
        if length and self.isVisible() and not content.isEmpty() and not place.isEmpty():
            start = self._allowed(min(place.width() / content.width(), place.height() / content.height()))
            self._glide(content.center() - (place.center() - self._middle()) / start, start, centre, zoom, length)

    def _exact(self, pos: QPointF) -> QPointF:
        inverse, _ = self.viewportTransform().inverted()
        return inverse.map(pos)

    def _allowed(self, zoom: float) -> float:
        """The nearest zoom that may be had; any network can be seen whole with room round it, however large it is."""
        lod, size, least = metrics().lod, self.viewport().size(), metrics().lod.zoom_min
        if min(size.width(), size.height()) > 2 * metrics().canvas.fit_margin:  # else nobody has given it room yet
            whole = _filling(self._layers.picture.drawing.bounds(), size.width(), size.height())
            least = min(least, whole / 2)
        return min(max(zoom, least), lod.zoom_max)

    def _set(self, centre: QPointF, zoom: float, may_wait: bool = False) -> None:
        """may_wait: whether the picture may be finished some frames later."""
        self._is_zooming = may_wait
        if not math.isclose(zoom, self.zoom, rel_tol=1e-9):
            self._resting.start()
            self.setTransform(QTransform.fromScale(zoom, zoom))
        self.centerOn(centre)
        self.moved.emit()

    def _glide(self, a: QPointF, zoom_a: float, b: QPointF, zoom_b: float, length: int) -> None:
        animation, ratio = Motion(length, self), zoom_b / zoom_a

        def show(t: float) -> None:
            self._set(a + (b - a) * t, zoom_a * ratio**t, may_wait=True)
            if t == 1.0:
                self._stop()

        animation.valueChanged.connect(show)
        animation.finished.connect(self._stop)
        self._animation = animation
        self._set(a, zoom_a)  # the first step comes a frame later
        animation.start()

    def _stop(self) -> None:
        if self._animation is not None:
            animation, self._animation = self._animation, None
            animation.stop()
            animation.deleteLater()

    def pan(self, delta: QPointF) -> None:
        """Move the picture by px on the screen."""
        self._stop()
        across, down = self.horizontalScrollBar(), self.verticalScrollBar()
        across.setValue(across.value() - round(delta.x()))
        down.setValue(down.value() - round(delta.y()))
        self.moved.emit()

    def drawBackground(self, painter: QPainter, rect: QRectF | QRect) -> None:
        """Everything but what a gesture draws: as it was painted last, where this is the window's own picture."""
        view = self.viewportTransform()
        if painter.worldTransform() == view:
            sheet, size = self._layers.sheet, self.viewport().size()
            was_unfinished = sheet.is_unfinished
            self._layers.show(painter, view, size, self.devicePixelRatioF(), QRectF(rect), self._is_zooming)
            self._is_zooming = self._is_zooming and sheet.is_unfinished
            if sheet.is_unfinished or was_unfinished:
                self._finishing.start(PAUSE_MS)
        else:
            self._layers.paint_still(painter, QRectF(rect), painter.worldTransform().m11())

    def _finish(self) -> None:
        """Paint on at the next picture; what is on screen stays as it is until that can be shown."""
        if self._layers.sheet.go_on():
            self.viewport().update()
        else:
            self._finishing.start(0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        before = event.oldSize()
        super().resizeEvent(event)
        if before.isValid():
            self.moved.emit()

    def wheelEvent(self, event: QWheelEvent) -> None:
        pixels, angle = event.pixelDelta(), event.angleDelta()
        control = event.modifiers() & Qt.KeyboardModifier.ControlModifier
        if not pixels.isNull() and not control:
            self.pan(QPointF(pixels))
        elif event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self.pan(QPointF(angle.x() + angle.y(), 0) / 2)
        else:
            notches = (angle.y() or angle.x()) / WHEEL_NOTCH
            self.zoom_at(event.position(), metrics().lod.zoom_step ** notches)
        if event.buttons() and self._panning is None:
            self.drag_on(event.position(), event.buttons(), event.modifiers())
        event.accept()

    def drag_on(self, pos: QPointF, buttons: Qt.MouseButton, keys: Qt.KeyboardModifier) -> None:
        """The picture moved under a pointer that holds something: tell what is under it now (viewport)."""
        whole, none = QPointF(self.viewport().mapToGlobal(pos.toPoint())), Qt.MouseButton.NoButton
        self.dragged.emit(self._exact(pos), QMouseEvent(QEvent.Type.MouseMove, pos, whole, none, buttons, keys))

    def viewportEvent(self, event: QEvent) -> bool:
        if isinstance(event, QNativeGestureEvent) and event.gestureType() == Qt.NativeGestureType.ZoomNativeGesture:
            self.zoom_at(event.position(), 1 + event.value())
            return True
        if event.type() == QEvent.Type.Leave:
            self.left.emit()
        return super().viewportEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._stop()
        if event.button() == Qt.MouseButton.MiddleButton or (
            self._space and event.button() == Qt.MouseButton.LeftButton
        ):
            self._panning, self._pan_button = event.position().toPoint(), event.button()
            self.viewport().setCursor(Qt.CursorShape.ClosedHandCursor)
        else:
            self.pressed.emit(self._exact(event.position()), event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._panning is not None:
            here = event.position().toPoint()
            self.pan(QPointF(here - self._panning))
            self._panning = here
        elif event.buttons():
            self.dragged.emit(self._exact(event.position()), event)
        else:
            self.hovered.emit(self._exact(event.position()), event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._panning is not None and event.button() == self._pan_button:
            self._panning = None
            self._show_hand()
        else:
            self.released.emit(self._exact(event.position()), event)

    def _show_hand(self) -> None:
        if self._space:
            self.viewport().setCursor(Qt.CursorShape.OpenHandCursor)
        else:
            self.viewport().unsetCursor()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton or self._space:
            self.mousePressEvent(event)  # a second press that comes quickly is one all the same
            return
        self.double_clicked.emit(self._exact(event.position()), event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space and not event.isAutoRepeat():
            self._space = True
            self._show_hand()
            return
        event.ignore()
        self.key_pressed.emit(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space and not event.isAutoRepeat():
            self._space = False
            self._show_hand()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if self._space:  # it may be let go where it is not heard
            self._space = False
            self._show_hand()

    def focusNextPrevChild(self, next: bool) -> bool:
        """Tab opens the search here; F6 and Shift+Tab leave the canvas."""
        return False if next else super().focusNextPrevChild(next)


def _filling(rect: QRectF, width: float, height: float) -> float:
    """The zoom at which a rectangle of the scene fills a view of this size up to a margin."""
    margin = min(metrics().canvas.fit_margin, width / 8, height / 8)
    return min((width - 2 * margin) / max(rect.width(), 1), (height - 2 * margin) / max(rect.height(), 1))
