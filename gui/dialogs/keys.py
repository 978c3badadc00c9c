"""Other keys for any command: chosen by pressing them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QHBoxLayout, QHeaderView, QKeySequenceEdit, QTreeWidget, QTreeWidgetItem, QWidget

from gui.dialogs.base import Dialog
from gui.theme import metrics
from gui.widgets import label
from gui.widgets.search_field import SearchField

NAME = Qt.ItemDataRole.UserRole
Rows = Mapping[str, tuple[str, str, tuple[str, ...]]]


class KeysDialog(Dialog):
    """One row for each command, by id: its menu, its words and its keys.

    change(id, keys) gives a command keys, "" for none and None for its own, and returns the keys of all. user_of(keys)
    is the command that has them.
    """

    def __init__(
        self,
        rows: Rows,
        change: Callable[[str, str | None], Mapping[str, tuple[str, ...]]],
        user_of: Callable[[str], str | None],
        parent: QWidget,
    ) -> None:
        super().__init__("Keys", "Choose a command, and press the keys that are to do it.", parent)
        self.setFixedWidth(metrics().popup.dialog_w * 3 // 2)
        self._rows, self._change, self._user_of = rows, change, user_of
        self.search = SearchField("Search commands")
        self.tree = QTreeWidget()
        self.tree.setHeaderLabels(["Command", "Menu", "Keys"])
        self.tree.setRootIsDecorated(False)
        self.tree.setUniformRowHeights(True)
        self.tree.setMinimumHeight(metrics().popup.dialog_w * 3 // 4)
        self.tree.setAccessibleName("Commands")
        self.tree.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.tree.header().setSectionResizeMode(2, QHeaderView.ResizeMode.ResizeToContents)
        self.tree.header().setStretchLastSection(False)
        self.items = {name: self._item(name) for name in rows}
        self.keys = QKeySequenceEdit()
        self.keys.setMaximumSequenceLength(1)
        self.keys.setClearButtonEnabled(True)
        self.keys.setAccessibleName("Keys of the chosen command")
        self.said = label("", "small", "secondary")
        self.said.setWordWrap(True)
        row = QHBoxLayout()
        row.addWidget(label("Keys", "small", "secondary"))
        row.addWidget(self.keys, 1)
        self.body.addWidget(self.search)
        self.body.addWidget(self.tree)
        self.body.addLayout(row)
        self.body.addWidget(self.said)
        self.own = self.add_action("Its own keys", lambda: self._give(None))
        self.take = self.add_action("Give these keys", lambda: self._give(self.pressed), "primary")
        self.leave_button()
        self.search.setFocus(Qt.FocusReason.OtherFocusReason)
        self.search.textChanged.connect(self.filter)
        self.tree.currentItemChanged.connect(self._show)
        self.keys.keySequenceChanged.connect(self._judge)
        self.tree.setCurrentItem(next(iter(self.items.values())))

    @property
    def pressed(self) -> str:
        """The keys in the field, as they are kept."""
        return self.keys.keySequence().toString(QKeySequence.SequenceFormat.PortableText)

    def filter(self, text: str) -> None:
        """Only the commands that have every word of the text, or its keys."""
        words = text.lower().split()
        for item in self.items.values():
            shown = " ".join(item.text(column) for column in range(3)).lower()
            item.setHidden(not all(word in shown for word in words))

    def choose(self, name: str) -> None:
        """Choose a command."""
        self.tree.setCurrentItem(self.items[name])

    def _item(self, name: str) -> QTreeWidgetItem:
        menu, words, keys = self._rows[name]
        item = QTreeWidgetItem(self.tree, [words, menu, _shown(keys)])
        item.setData(0, NAME, name)
        return item

    def _name(self) -> str:
        item = self.tree.currentItem()
        assert item is not None, "a row is always chosen"
        return str(item.data(0, NAME))

    def _show(self) -> None:
        if (item := self.tree.currentItem()) is not None:
            native = item.text(2).split(", ")[0]
            self.keys.setKeySequence(QKeySequence(native, QKeySequence.SequenceFormat.NativeText))
            self._judge()

    def _judge(self) -> None:
        """Say who has the keys already."""
        user = self._user_of(self.pressed) if self.pressed else None
        is_taken = user is not None and user != self._name()
        words = f"{self._rows[user][1]} has these keys, and would have none." if is_taken and user else ""
        self.said.setText(words or ("" if self.pressed else "Without keys it is still in its menu."))

    def _give(self, keys: str | None) -> None:
        name = self._name()
        for each, now in self._change(name, keys).items():
            self.items[each].setText(2, _shown(now))
        self._show()
        self.said.setText(f"{self._rows[name][1]}: {self.items[name].text(2) or 'no keys'}.")


def _shown(keys: tuple[str, ...]) -> str:
    return ", ".join(QKeySequence(k).toString(QKeySequence.SequenceFormat.NativeText) for k in keys)
