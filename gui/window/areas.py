"""From one area of the window to the next with the keyboard, and with Tab from one thing to the next as one reads."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget

from gui.widgets.focus_order import in_reading_order, step_focus
from gui.window.painted import LaidOutWindow


class ReadWindow(LaidOutWindow):
    """A window in which Tab goes on as one reads, whenever its parts were made."""

    def focusNextPrevChild(self, next: bool) -> bool:
        return step_focus(self, next) or super().focusNextPrevChild(next)


def step_area(window: Any, step: int) -> None:
    """Tabs, toolbar, rail, palette, canvas, bottom dock, right dock, status: as Tab goes."""
    if window.pages.currentWidget() is not window.desk:
        return
    tabs = [window.tabs] if window.tabs.count() > 1 else []
    areas: list[QWidget] = [*tabs, window.toolbar.search, *window.desk.areas(), window.status.problems]
    focus = QApplication.focusWidget()
    here = next((i for i, area in enumerate(areas) if focus and (focus is area or area.isAncestorOf(focus))), 0)
    area = areas[(here + step) % len(areas)]
    if area.focusPolicy() == Qt.FocusPolicy.NoFocus and area.focusProxy() is None:
        area = next(in_reading_order(area), area)  # a panel takes the keys with the first thing in it
    area.setFocus(Qt.FocusReason.ShortcutFocusReason)
