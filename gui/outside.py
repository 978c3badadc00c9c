"""What is shown by the programs that the system has for it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices


def open_outside(path: Path) -> None:
    """Show a folder in the system's own browser of files, a file in the program that it is opened with."""
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))
