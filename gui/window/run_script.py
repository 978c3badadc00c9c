"""The script of a run, to read and to copy; another program can open it, too."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from gui.dialogs.base import Dialog
from gui.outside import open_outside
from gui.panels.code_view import CodeView
from gui.panels.find_bar import FindBar
from gui.theme import metrics


class RunScript(Dialog):
    """Read-only: what was executed stays as it was."""

    def __init__(self, name: str, path: Path, text: str, parent: QWidget) -> None:
        super().__init__(f"The script of {name}", "", parent)
        wide, high = metrics().widget.run_script
        self.setMinimumWidth(0)
        self.setMaximumWidth(parent.width())
        self.resize(min(wide, parent.width()), min(high, parent.height()))
        self.code = CodeView("Script of the run")
        self.code.show_text(text)
        self.finder = FindBar(self.code, self)
        self.body.addWidget(self.finder)
        self.body.addWidget(self.code, 1)
        self.add_action("Copy", partial(QGuiApplication.clipboard().setText, text))
        self.add_action("Open in the editor", partial(open_outside, path))
        self.leave_button()
