"""The order in which one reads what is on screen: row by row, from the left, each part before the next."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget


def in_reading_order(top: QWidget) -> Iterator[QWidget]:
    """What takes the focus by Tab within a widget. Qt's own order is that in which widgets were made."""
    for row in _rows([child for child in top.children() if isinstance(child, QWidget)]):
        for child in row:
            if child.isVisible() and not child.isWindow():
                if _takes_tab(child):
                    yield child
                yield from in_reading_order(child)


def step_focus(top: QWidget, forward: bool) -> bool:
    """Move the focus to what is read next within a window, or before. Returns: whether there is anything."""
    order = list(in_reading_order(top))
    if not order:
        return False
    reason = Qt.FocusReason.TabFocusReason if forward else Qt.FocusReason.BacktabFocusReason
    here = _place(QApplication.focusWidget(), order)
    order[(here + (1 if forward else -1)) % len(order) if here >= 0 else 0].setFocus(reason)
    return True


def _place(focus: QWidget | None, order: list[QWidget]) -> int:
    """Where in the order one is: at what has the focus, or at what stands around it."""
    while focus is not None and focus not in order:
        focus = focus.parentWidget()
    return order.index(focus) if focus is not None else -1


def _takes_tab(widget: QWidget) -> bool:
    takes = bool(widget.focusPolicy() & Qt.FocusPolicy.TabFocus)
    return takes and widget.isEnabled() and widget.focusProxy() is None


def _rows(widgets: list[QWidget]) -> list[list[QWidget]]:
    """Widgets that stand beside one another, from the left; the rows from above."""
    rows: list[list[QWidget]] = []
    low = 0
    for widget in sorted(widgets, key=lambda w: w.y()):
        if rows and widget.y() + widget.height() // 4 < low:
            rows[-1].append(widget)
            low = min(low, widget.geometry().bottom())
        else:
            rows.append([widget])
            low = widget.geometry().bottom()
    return [sorted(row, key=lambda w: w.x()) for row in rows]
