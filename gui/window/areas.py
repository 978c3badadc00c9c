"""From one area of the window to the next with the keyboard."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget


def step_area(window: Any, step: int) -> None:
    """Tabs, toolbar, rail, palette, canvas, right dock, bottom dock, status."""
    if window.pages.currentWidget() is not window.desk:
        return
    tabs = [window.tabs] if window.tabs.count() > 1 else []
    areas: list[QWidget] = [*tabs, window.toolbar.search, *window.desk.areas(), window.status.problems]
    focus = QApplication.focusWidget()
    here = next((i for i, area in enumerate(areas) if focus and (focus is area or area.isAncestorOf(focus))), 0)
    areas[(here + step) % len(areas)].setFocus(Qt.FocusReason.ShortcutFocusReason)
