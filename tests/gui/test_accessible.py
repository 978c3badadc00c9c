"""Everything in the window that can have the focus has a name for those who hear it."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractScrollArea, QMenu, QScrollArea, QScrollBar, QTabBar, QWidget

from tests.gui.window_fixture import hands, open_example  # noqa: F401

CARRIERS = (QScrollArea, QScrollBar, QTabBar, QMenu)
"""They hand the focus on, or speak for what is in them."""


def is_silent(widget: QWidget) -> bool:
    parent = widget.parentWidget()
    if isinstance(parent, QAbstractScrollArea) and parent.viewport() is widget:
        return False  # it hands its focus to what it is the inside of
    words = widget.text() if hasattr(widget, "text") and callable(widget.text) else ""
    return widget.focusPolicy() != Qt.FocusPolicy.NoFocus and not (widget.accessibleName() or words)


def test_whatever_can_have_the_focus_has_a_name(hands):  # noqa: F811
    open_example(hands, "digits-cnn")
    desk, session = hands.window.desk, hands.session
    desk.show_part("palette")
    silent = set()
    for name in ("stem", "stage", "images"):
        session.select([session.block.graph.by_name(name).id])
        for tabs in (desk.tabs, desk.bottom.tabs):
            for index in range(tabs.count()):
                tabs.setCurrentIndex(index)
                hands.settle()
                shown = [w for w in hands.window.findChildren(QWidget) if w.isVisible()]
                silent |= {type(w).__name__ for w in shown if not isinstance(w, CARRIERS) and is_silent(w)}
    assert silent == set()
