"""How often a block stands in a row, and whether with the same weights."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QCheckBox, QSpinBox, QWidget

from gui.dialogs.base import Dialog
from gui.style import indent

MOST = 1000


class RepeatDialog(Dialog):
    """A count and a choice."""

    def __init__(
        self, name: str, repeat: object, shared: bool, change: Callable[[int, bool], object], parent: QWidget
    ) -> None:
        super().__init__(f"Repeat {name}", "The first output of each feeds the first input of the next.", parent)
        self.count, self.shared = QSpinBox(self), QCheckBox("Use the same weights every time", self)
        self.count.setRange(1, MOST)
        self.count.setSuffix(" in a row")
        self.count.setValue(repeat if isinstance(repeat, int) else 1)
        self.count.setAccessibleName("How many in a row")
        indent(self.count)
        self.shared.setChecked(shared)
        self.body.addWidget(self.count)
        self.body.addWidget(self.shared)
        self.add_action("Keep as it is", self.reject)
        button = self.add_button("Repeat", lambda: change(self.count.value(), self.shared.isChecked()), "primary")
        button.setDefault(True)
        self.count.setFocus()
        self.count.selectAll()
