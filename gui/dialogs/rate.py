"""Another learning rate for the run that goes on."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QLineEdit, QWidget

from gui.dialogs.base import Dialog
from gui.style import restyle
from gui.widgets import label


class RateDialog(Dialog):
    """A number, and a button that says what will happen."""

    def __init__(self, rate: float | None, change: Callable[[float], object], parent: QWidget) -> None:
        super().__init__("Change the learning rate", "It counts from the next step on, and is kept in the run.", parent)
        self._change = change
        self.field = QLineEdit(f"{rate:g}" if rate else "", self)
        self.field.setAccessibleName("Learning rate")
        self.field.setProperty("mono", True)
        self.wrong = label("", "small", "danger")
        self.wrong.hide()
        self.body.addWidget(self.field)
        self.body.addWidget(self.wrong)
        self.add_action("Keep it", self.reject)
        button = self.add_action("Change rate", self.change, "primary")
        button.setDefault(True)
        self.field.selectAll()
        self.field.setFocus()

    def change(self) -> None:
        """Set the rate, if it is one."""
        try:
            rate = float(self.field.text().replace(",", "."))
        except ValueError:
            rate = -1.0
        if 0.0 <= rate < float("inf"):
            self._change(rate)
            self.accept()
            return
        self.wrong.setText(
            f"A learning rate is a number that is not negative, such as 0.001, not {self.field.text()!r}."
        )
        self.wrong.show()
        self.field.setProperty("wrong", True)
        restyle(self.field)
