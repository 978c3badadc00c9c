"""A window in which everything is at its place before it is painted."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QMainWindow

ROUNDS = 8  # what is laid out asks what it lies in to be laid out anew: this far up


class LaidOutWindow(QMainWindow):
    """Qt paints as soon as it was asked to, and what was to be laid out after that, or shown, is painted again: of an
    edit most of the panels. Here that comes first."""

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.UpdateRequest:
            for _ in range(ROUNDS):
                QCoreApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest)
            QCoreApplication.sendPostedEvents(None, QEvent.Type.UpdateLater)
        return super().event(event)
