"""Writing the network down as Python."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QButtonGroup, QRadioButton, QWidget

from gui.dialogs.base import Dialog
from gui.dialogs.path_field import PathField
from gui.theme import metrics
from gui.widgets import label

CODE = (
    ("script", "The whole script", "Model, data and training loop: it trains by itself, without Netsmith."),
    ("module", "The model only", "The classes and what they import, to use in a project of your own."),
)


class ExportDialog(Dialog):
    """What to write and where. `write(kind, path)` is called when the button is pressed."""

    def __init__(
        self,
        title: str,
        choices: tuple[tuple[str, str, str], ...],
        path_for: Callable[[str], Path],
        write: Callable[[str, Path], object],
        parent: QWidget,
    ) -> None:
        super().__init__(title, "", parent)
        self._write, self._path_for = write, path_for
        self._group = QButtonGroup(self)
        self._kinds = [kind for kind, _, _ in choices]
        for index, (_, name, words) in enumerate(choices):
            self._add_choice(index, name, words)
        self.file = PathField(parent=self)
        self.body.addWidget(self.file)
        self._group.idClicked.connect(self._choose)
        self.add_action("Leave it", self.reject)
        self.button = self.add_action("Export", self.export, "primary")
        self.button.setDefault(True)
        self.button.setFocus()
        self._choose(0)

    @property
    def kind(self) -> str:
        return self._kinds[self._group.checkedId()]

    def choose(self, kind: str) -> None:
        """Choose what is written."""
        self._group.button(self._kinds.index(kind)).click()

    def export(self) -> None:
        """Write it, if the path can be meant."""
        if (path := self.file.path()) is not None:
            self.accept()
            self._write(self.kind, path)

    def _add_choice(self, index: int, name: str, words: str) -> None:
        button = QRadioButton(name, self)
        button.setChecked(index == 0)
        self._group.addButton(button, index)
        self.body.addWidget(button)
        about = label(words, "small", "secondary")
        about.setWordWrap(True)
        about.setContentsMargins(metrics().space.xl, 0, 0, metrics().space.xs)
        self.body.addWidget(about)

    def _choose(self, _: int) -> None:
        self.file.set_path(self._path_for(self.kind))
