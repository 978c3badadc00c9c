"""The example of a help page: a small picture of its network, dragged onto the canvas or inserted with a button."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QDrag, QKeyEvent, QMouseEvent, QPainter, QPainterPath, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QApplication, QHBoxLayout, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from engine.document.fragment import Fragment
from engine.graph.graph import Node
from gui.diagrams.base import on, text
from gui.panels.palette import mime_of
from gui.theme import metrics, theme, theme_changed
from gui.widgets import label

EXAMPLE = "example:"
NODE = QSize(84, 26)
GAP = 18
ROW = 40
DRAGGED = 0.9  # how opaque it is under the pointer


class ExamplePicture(QWidget):
    """The network in small. insert_wanted(): Enter or a double click. It is dragged by its key, "example:Conv2d"."""

    insert_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._key = ""
        self._fragment: Fragment | None = None
        self._pressed: QPoint | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setProperty("focusRing", "inside")
        self.setCursor(Qt.CursorShape.OpenHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        theme_changed.connect(self.update)

    def show_example(self, key: str, fragment: Fragment) -> None:
        """Show this network."""
        self._key, self._fragment = key, fragment
        names = ", ".join(node.layer.title for node in fragment.nodes)
        self.setAccessibleName(f"Example: {names}")
        self.setToolTip("Drag it onto the canvas, or press Enter")
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        rows = max((row for _, row in self._places()), default=0) + 1 if self._fragment else 1
        return QSize(metrics().layout.small.palette, rows * ROW + 2 * metrics().space.m)

    def _places(self) -> list[tuple[int, int]]:
        """Column and row of every node."""
        assert self._fragment is not None
        layout = self._fragment.project.layout_of()
        at = [layout.at(node.id) for node in self._fragment.nodes]
        columns, rows = sorted({x for x, _ in at}), sorted({y for _, y in at})
        return [(columns.index(x), rows.index(y)) for x, y in at]

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, m = QPainter(self), metrics()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme().border.default if self.underMouse() else theme().border.subtle, m.line.border))
        painter.setBrush(theme().bg.canvas)
        half = m.line.border / 2
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(half, half, -half, -half), m.radius.tile, m.radius.tile)
        if self._fragment is not None:
            self._draw(painter, QRectF(self.rect()).adjusted(m.space.m, m.space.m, -m.space.m, -m.space.m))

    def _draw(self, painter: QPainter, room: QRectF) -> None:
        assert self._fragment is not None
        places = self._places()
        columns = max(column for column, _ in places) + 1
        scale = min(1.0, room.width() / (columns * (NODE.width() + GAP) - GAP))
        step = (NODE.width() + GAP) * scale
        wide = NODE.width() * scale
        boxes = {
            node.id: QRectF(room.left() + column * step, room.top() + row * ROW, wide, NODE.height())
            for node, (column, row) in zip(self._fragment.nodes, places, strict=True)
        }
        for edge in self._fragment.project.block().graph.edges:
            _wire(painter, boxes[edge.source], boxes[edge.target])
        for node in self._fragment.nodes:
            _node(painter, boxes[node.id], node)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._pressed = event.position().toPoint()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._pressed = None

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.insert_wanted.emit()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        start = self._pressed
        if start is None or self._fragment is None:
            return
        if (event.position().toPoint() - start).manhattanLength() >= QApplication.startDragDistance():
            self._pressed = None
            self._start_drag(start)

    def _start_drag(self, start: QPoint) -> None:
        drag = QDrag(self)
        drag.setMimeData(mime_of(self._key))
        ratio = self.devicePixelRatioF()
        picture = QPixmap(round(self.width() * ratio), round(self.height() * ratio))
        picture.setDevicePixelRatio(ratio)
        picture.fill(QColor(Qt.GlobalColor.transparent))
        painter = QPainter(picture)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setOpacity(DRAGGED)
        pad = metrics().space.m
        self._draw(painter, QRectF(self.rect()).adjusted(pad, pad, -pad, -pad))
        painter.end()
        drag.setPixmap(picture)
        drag.setHotSpot(start)
        drag.exec(Qt.DropAction.CopyAction)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.insert_wanted.emit()
        else:
            super().keyPressEvent(event)


class ExampleCard(QWidget):
    """The picture, how to take it, and a button that does. insert_wanted(key): "example:Conv2d"."""

    insert_wanted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._key = ""
        self.picture, self.button = ExamplePicture(), QPushButton("Insert example")
        self.button.setToolTip("Put these layers onto the canvas")
        self.button.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        below = QHBoxLayout()
        below.addWidget(label("Drag it onto the canvas, or", "small", "secondary"))
        below.addWidget(self.button)
        below.addStretch(1)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(metrics().space.s)
        box.addWidget(self.picture)
        box.addLayout(below)
        self.button.clicked.connect(lambda: self.insert_wanted.emit(self._key))
        self.picture.insert_wanted.connect(lambda: self.insert_wanted.emit(self._key))

    def show_example(self, layer: str, fragment: Fragment) -> None:
        """Show the example of a kind of layer."""
        self._key = f"{EXAMPLE}{layer}"
        self.picture.show_example(self._key, fragment)


def _wire(painter: QPainter, source: QRectF, target: QRectF) -> None:
    a, b = QPointF(source.right(), source.center().y()), QPointF(target.left(), target.center().y())
    bend = max(GAP / 2, (b.x() - a.x()) / 2)
    path = QPainterPath(a)
    path.cubicTo(a + QPointF(bend, 0), b - QPointF(bend, 0), b)
    painter.setPen(QPen(theme().wire.rest, metrics().line.wire * 0.75))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPath(path)


def _node(painter: QPainter, where: QRectF, node: Node) -> None:
    colour = theme().category(node.layer.category).solid
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    painter.drawRoundedRect(where, metrics().radius.field, metrics().radius.field)
    text(painter, where.adjusted(2, 0, -2, 0), node.layer.title, "caption", on(colour))
