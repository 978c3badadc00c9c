"""The dialog in which project files are chosen."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QWidget

from engine.document.files import SUFFIX

FILTER = f"Netsmith projects (*{SUFFIX});;All files (*)"


def file_dialog(title: str, beside: Path | None, mode: QFileDialog.FileMode, parent: QWidget) -> QFileDialog:
    """Choose project files, at first in the folder of one; `FileMode.AnyFile` asks where to save."""
    dialog = QFileDialog(parent, title, str(beside.parent if beside else Path.cwd()), FILTER)
    saves = mode == QFileDialog.FileMode.AnyFile
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave if saves else QFileDialog.AcceptMode.AcceptOpen)
    dialog.setFileMode(mode)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    if saves:
        dialog.setDefaultSuffix(SUFFIX.removeprefix("."))
    return dialog
