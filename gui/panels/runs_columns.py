"""Which columns the table of runs has: a list to search and to tick."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from engine.training.store_columns import title_of
from gui.theme import metrics
from gui.widgets import SearchField

KEY = Qt.ItemDataRole.UserRole


class ColumnList(QFrame):
    """A popup. chosen(list): the keys that are ticked, those that were before in their order, new ones behind."""

    chosen = Signal(list)

    def __init__(self, keys: Sequence[str], shown: Sequence[str], parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setProperty("ground", "overlay")
        self.setAccessibleName("Columns of the runs")
        self._order = list(shown)
        self.field = SearchField("Find a column")
        self.list = QListWidget()
        self.list.setAccessibleName("Columns")
        self.list.setProperty("focusRing", "inside")
        for key in dict.fromkeys((*keys, *shown)):
            self.list.addItem(_item(key, key in shown))
        space = metrics().space
        box = QVBoxLayout(self)
        box.setContentsMargins(space.s, space.s, space.s, space.s)
        box.setSpacing(space.s)
        box.addWidget(self.field)
        box.addWidget(self.list, 1)
        self.resize(*metrics().widget.run_list)
        self.field.textChanged.connect(self._search)
        self.list.itemChanged.connect(self._tell)
        self.list.itemActivated.connect(_turn)

    def open_under(self, widget: QWidget) -> None:
        """Open it at the lower edge of a button, or over it where there is no room."""
        at = widget.mapToGlobal(QPoint(widget.width() - self.width(), widget.height()))
        screen = widget.screen().availableGeometry()
        if at.y() + self.height() > screen.bottom():
            at.setY(widget.mapToGlobal(QPoint(0, 0)).y() - self.height())
        at.setX(max(screen.left(), at.x()))
        self.move(at)
        self.show()
        self.field.setFocus(Qt.FocusReason.PopupFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Down and self.field.hasFocus():
            self.list.setFocus(Qt.FocusReason.TabFocusReason)
            first = next((i for i in range(self.list.count()) if not self.list.item(i).isHidden()), 0)
            self.list.setCurrentRow(first)
            return
        super().keyPressEvent(event)

    def _search(self, text: str) -> None:
        words = text.lower().split()
        for row in range(self.list.count()):
            item = self.list.item(row)
            told = f"{item.text()} {item.data(KEY)}".lower()
            item.setHidden(not all(word in told for word in words))

    def _tell(self, item: QListWidgetItem) -> None:
        key, is_on = item.data(KEY), item.checkState() == Qt.CheckState.Checked
        self._order = [k for k in self._order if k != key] + ([key] if is_on else [])
        self.chosen.emit(list(self._order))


def _item(key: str, is_shown: bool) -> QListWidgetItem:
    title = title_of(key)
    item = QListWidgetItem(title)
    item.setData(KEY, key)
    item.setToolTip(key)
    item.setSizeHint(QSize(0, metrics().control.height_small))
    item.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsUserCheckable)
    item.setCheckState(Qt.CheckState.Checked if is_shown else Qt.CheckState.Unchecked)
    return item


def _turn(item: QListWidgetItem) -> None:
    is_on = item.checkState() == Qt.CheckState.Checked
    item.setCheckState(Qt.CheckState.Unchecked if is_on else Qt.CheckState.Checked)
