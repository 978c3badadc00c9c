"""The whole block in small: where one is, where the problems are, and a way to go elsewhere."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap, QRegion

from gui.canvas.far_layer import overview
from gui.canvas.overlays import Plaque
from gui.canvas.stage import Stage
from gui.theme import faded, metrics, theme

SMALLEST = 2  # pixels of a block


class Minimap(Plaque):
    """Blocks of colour and the view's frame. Press or drag to look there."""

    def __init__(self, stage: Stage) -> None:
        super().__init__(stage)
        self._stage = stage
        self._cache = QPixmap()
        self._made_of: tuple[object, ...] = ()
        self._seen: tuple[object, ...] = ()
        self._laid = 1.0, QPointF()
        self._version = 0
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
        scale, origin = self._laid
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
        else:
            self._version = self._stage.drawing.version  # what is news since then are wires, which are not shown here

    def _wanted(self) -> tuple[object, ...]:
        """What the picture of the blocks is made of."""
        return self._stage.drawing, self._stage.drawing.placed, theme(), self.devicePixelRatioF()

    def _blocks(self) -> QPixmap:
        """Ground and blocks, painted once until the drawing changes."""
        if (made_of := self._wanted()) == self._made_of:
            return self._cache
        ratio, drawing, (scale, origin) = self.devicePixelRatioF(), self._stage.drawing, self._mapping()
        self._laid = scale, origin
        seen = drawing, theme(), ratio, scale, origin
        where = drawing.since(self._version) if self._made_of and seen == self._seen else None
        self._made_of, self._seen, self._version = made_of, seen, drawing.version
        if where is None:
            self._cache = QPixmap(self.size() * ratio)
            self._cache.setDevicePixelRatio(ratio)
            self._cache.fill(Qt.GlobalColor.transparent)  # one that was never filled has no room for its corners
            self._paint(QRegion(self.rect()), scale, origin)
        elif where:
            room = SMALLEST + 1
            places = (QRectF(r.topLeft() * scale + origin, r.size() * scale).toAlignedRect() for r in where)
            region = QRegion()
            for place in places:
                region += place.adjusted(-room, -room, room, room)
            self._paint(region & self.rect(), scale, origin)
        return self._cache

    def _paint(self, region: QRegion, scale: float, origin: QPointF) -> None:
        """Paint ground and blocks anew in a part of the picture."""
        painter = QPainter(self._cache)
        painter.setClipRegion(region)
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Clear)
        painter.fillRect(self.rect(), Qt.GlobalColor.transparent)
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceOver)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(theme().border.default)
        painter.setBrush(theme().bg.panel)
        half, radius = metrics().line.border / 2, metrics().radius.button
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(half, half, -half, -half), radius, radius)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setPen(Qt.PenStyle.NoPen)
        part = QRectF(region.boundingRect()).adjusted(-SMALLEST, -SMALLEST, SMALLEST, SMALLEST)
        within = QRectF((part.topLeft() - origin) / scale, part.size() / scale)
        for colour, boxes in overview(self._stage.drawing, within):
            self._fill(painter, colour, boxes * scale, origin)
        painter.end()

    def _fill(self, painter: QPainter, colour: QColor, boxes, origin: QPointF) -> None:  # type: ignore[no-untyped-def]
        x, y, least = origin.x(), origin.y(), SMALLEST
        painter.setBrush(colour)
        rects = [QRectF(a + x, b + y, max(c - a, least), max(d - b, least)) for a, b, c, d in boxes.tolist()]
        painter.drawRects(rects)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._go(event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._go(event.position())

    def _go(self, pos: QPointF) -> None:
        scale, origin = self._mapping()
        self._stage.surface.look_at((pos - origin) / scale)
