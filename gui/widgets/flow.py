"""A row that goes on in the next line where it is too long."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtWidgets import QLayout, QLayoutItem, QWidget, QWidgetItem


class FlowLayout(QLayout):
    """Widgets from left to right at the size they ask for, and on in the next line."""

    def __init__(self, spacing: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._items: list[QLayoutItem] = []
        self.setContentsMargins(0, 0, 0, 0)
        self.setSpacing(spacing)

    def addWidget(self, widget: QWidget) -> None:
        """Put a widget at the end.

        The item is made here: one that Qt makes may lie where another lay, whose wrapper in Python then dies with it.
        """
        self.addChildWidget(widget)
        self.addItem(QWidgetItem(widget))

    def addItem(self, item: QLayoutItem) -> None:
        self._items.append(item)

    def count(self) -> int:
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:  # type: ignore[override]  # Qt's contract: none past the end
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:  # type: ignore[override]
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def expandingDirections(self) -> Qt.Orientation:
        return Qt.Orientation(0)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return self._flow(QRect(0, 0, width, 0), place=False)

    def setGeometry(self, rect: QRect) -> None:
        super().setGeometry(rect)
        self._flow(rect, place=True)

    def sizeHint(self) -> QSize:
        margins, sizes = self.contentsMargins(), [item.sizeHint() for item in self._shown()]
        wide = sum(size.width() + self.spacing() for size in sizes) - self.spacing() if sizes else 0
        high = max((size.height() for size in sizes), default=0)
        return QSize(wide + margins.left() + margins.right(), high + margins.top() + margins.bottom())

    def minimumSize(self) -> QSize:
        margins, sizes = self.contentsMargins(), [item.minimumSize() for item in self._shown()]
        wide = max((size.width() for size in sizes), default=0)
        high = max((size.height() for size in sizes), default=0)
        return QSize(wide + margins.left() + margins.right(), high + margins.top() + margins.bottom())

    def _shown(self) -> list[QLayoutItem]:
        return [item for item in self._items if not item.isEmpty()]

    def _flow(self, rect: QRect, place: bool) -> int:
        """Lay the widgets out in a rectangle. Returns: the height they take."""
        margins = self.contentsMargins()
        inside = rect.marginsRemoved(margins)
        x, y, line = inside.left(), inside.top(), 0
        for item in self._shown():
            size = item.sizeHint().boundedTo(
                QSize(max(inside.width(), item.minimumSize().width()), item.sizeHint().height())
            )
            if x > inside.left() and x + size.width() > inside.right() + 1:
                x, y, line = inside.left(), y + line + self.spacing(), 0
            if place:
                item.setGeometry(QRect(QPoint(x, y), size))
            x += size.width() + self.spacing()
            line = max(line, size.height())
        return y + line - rect.top() + margins.bottom()
