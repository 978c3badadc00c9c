"""The whole block in small: where one is, where the problems are, and a way to go elsewhere."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap

from gui.canvas.far_layer import overview
from gui.canvas.overlays import Plaque
from gui.canvas.stage import Stage
from gui.theme import faded, metrics, theme


class Minimap(Plaque):
    """Blocks of colour and the view's frame. Press or drag to look there."""

    def __init__(self, stage: Stage) -> None:
        super().__init__(stage)
        self._stage = stage
        self._cache = QPixmap()
        self._made_of: tuple[object, ...] = ()
        self.is_faded = False
        self.setFixedSize(QSize(metrics().widget.minimap_w, metrics().widget.minimap_h))
        self.setAccessibleName("Overview")
        stage.surface.moved.connect(self.update)

    def fade(self, faded_out: bool) -> None:
        """Give way while something is dragged beneath it."""
        if faded_out != self.is_faded:
            self.is_faded = faded_out
            self.update()

    def _world(self) -> QRectF:
        bounds = self._stage.drawing.extent()
        return bounds if not bounds.isEmpty() else QRectF(0, 0, 1, 1)

    def _mapping(self) -> tuple[float, QPointF]:
        """Scale from the scene to here, and where the scene's origin is."""
        world, pad = self._world(), metrics().space.s
        inside = QRectF(self.rect()).adjusted(pad, pad, -pad, -pad)
        scale = min(inside.width() / world.width(), inside.height() / world.height(), 1.0)
        return scale, inside.center() - world.center() * scale

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        if self.is_faded:
            painter.setOpacity(metrics().canvas.minimap_faded)
        painter.drawPixmap(0, 0, self._blocks())
        scale, origin = self._mapping()
        seen = self._stage.surface.visible()
        view = QRectF(seen.topLeft() * scale + origin, seen.size() * scale)
        inner = QRectF(self.rect()).adjusted(3, 3, -3, -3)
        view = view.intersected(inner)
        accent = theme().accent.base
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(accent, metrics().line.border))
        painter.setBrush(faded(accent, metrics().node.halo_alpha))
        painter.drawRoundedRect(view, metrics().radius.field / 2, metrics().radius.field / 2)

    def follow(self) -> None:
        """Show the drawing as it is now."""
        if self._wanted() != self._made_of:
            self.update()

    def _wanted(self) -> tuple[object, ...]:
        """What the picture of the blocks is made of."""
        return self._stage.drawing, self._stage.drawing.placed, theme(), self.devicePixelRatioF()

    def _blocks(self) -> QPixmap:
        """Ground and blocks, painted once until the drawing changes."""
        ratio, made_of = self.devicePixelRatioF(), self._wanted()
        if made_of == self._made_of:
            return self._cache
        picture = QPixmap(self.size() * ratio)
        picture.setDevicePixelRatio(ratio)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(theme().border.default)
        painter.setBrush(theme().bg.panel)
        half, radius = metrics().line.border / 2, metrics().radius.button
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(half, half, -half, -half), radius, radius)
        scale, origin = self._mapping()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setPen(Qt.PenStyle.NoPen)
        for colour, boxes in overview(self._stage.drawing):
            self._fill(painter, colour, boxes * scale, origin)
        painter.end()
        self._cache, self._made_of = picture, made_of
        return picture

    def _fill(self, painter: QPainter, colour: QColor, boxes, origin: QPointF) -> None:  # type: ignore[no-untyped-def]
        x, y = origin.x(), origin.y()
        painter.setBrush(colour)
        painter.drawRects([QRectF(a + x, b + y, max(c - a, 2), max(d - b, 2)) for a, b, c, d in boxes.tolist()])

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._go(event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._go(event.position())

    def _go(self, pos: QPointF) -> None:
        scale, origin = self._mapping()
        self._stage.surface.look_at((pos - origin) / scale)
