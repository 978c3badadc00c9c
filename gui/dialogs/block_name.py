"""Another name for a block of one's own library."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QLineEdit, QWidget

from gui.dialogs.base import Dialog
from gui.style import restyle
from gui.widgets import label


class BlockNameDialog(Dialog):
    """A class name. `rename(name)` says why it cannot be, or "" once it is done."""

    def __init__(self, name: str, rename: Callable[[str], str], parent: QWidget) -> None:
        words = "Projects that hold the block already keep the name it has there."
        super().__init__(f"Rename {name}", words, parent)
        self._rename = rename
        self.field = QLineEdit(name, self)
        self.field.setAccessibleName("Name of the block")
        self.field.setProperty("mono", True)
        self.wrong = label("", "small", "danger")
        self.wrong.setWordWrap(True)
        self.wrong.hide()
        self.body.addWidget(self.field)
        self.body.addWidget(self.wrong)
        self.add_action("Keep it", self.reject)
        self.add_action("Rename", self.rename, "primary").setDefault(True)
        self.field.selectAll()
        self.field.setFocus()

    def rename(self) -> None:
        """Give the name, if it is one."""
        reason = self._rename(self.field.text().strip())
        if not reason:
            self.accept()
            return
        self.wrong.setText(reason)
        self.wrong.setMinimumHeight(self.wrong.heightForWidth(self.field.width()))
        self.wrong.show()
        self.field.setProperty("wrong", True)
        restyle(self.field)
        self.adjustSize()
