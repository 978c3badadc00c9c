"""Every key on one sheet."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from gui.dialogs.base import Dialog
from gui.theme import metrics
from gui.widgets import KeyCap, label

Rows = Mapping[str, Sequence[tuple[str, Sequence[str]]]]
ON_THE_CANVAS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Add a layer where the pointer is", ("Tab",)),
    ("Walk along the wires", ("Left", "Right", "Up", "Down")),
    ("Move the selected layers", ("Ctrl+Left", "Ctrl+Right", "Ctrl+Up", "Ctrl+Down")),
    ("Resize the marked frame or note", ("Alt+Left", "Alt+Right", "Alt+Up", "Alt+Down")),
    ("Edit the first option", ("Return",)),
    ("Give up what is being dragged", ("Esc",)),
    ("Move the canvas", ("Space",)),
)
IN_THE_CODE: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Find in the code", ("Ctrl+F",)),
    ("The next place", ("F3", "Return")),
    ("The place before", ("Shift+F3", "Shift+Return")),
    ("Close the search", ("Esc",)),
)


class ShortcutsDialog(Dialog):
    """Menu by menu, in two columns. change(): the keys are to be others."""

    def __init__(self, rows: Rows, change: Callable[[], object], parent: QWidget) -> None:
        super().__init__("Keyboard shortcuts", "", parent)
        self.setFixedWidth(metrics().popup.dialog_w * 2)
        columns = QHBoxLayout()
        columns.setSpacing(metrics().space.xxl)
        groups = {name: keys for name, keys in rows.items() if keys} | {
            "On the canvas": ON_THE_CANVAS,
            "In the code": IN_THE_CODE,
        }
        high = [len(keys) + 2 for keys in groups.values()]
        cut = min(range(len(high)), key=lambda i: max(sum(high[:i]), sum(high[i:])))  # as level as they can be
        boxes = QVBoxLayout(), QVBoxLayout()
        for i, (name, keys) in enumerate(groups.items()):
            boxes[i >= cut].addLayout(_group(name, keys))
        for box in boxes:
            box.setSpacing(metrics().space.l)
            box.addStretch(1)
            columns.addLayout(box, 1)
        inside = QWidget()
        inside.setLayout(columns)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setAccessibleName("All keys")
        scroll.setWidget(inside)
        scroll.setMinimumHeight(metrics().popup.dialog_w)
        self.body.addWidget(scroll)
        self.add_button("Change keys…", change)
        self.leave_button()
        scroll.setFocus(Qt.FocusReason.OtherFocusReason)


def _group(name: str, keys: Sequence[tuple[str, Sequence[str]]]) -> QVBoxLayout:
    box, grid = QVBoxLayout(), QGridLayout()
    box.addWidget(label(name, "heading"))
    grid.setVerticalSpacing(metrics().space.xs)
    grid.setColumnStretch(0, 1)
    for row, (what, sequences) in enumerate(keys):
        grid.addWidget(label(what, "body", "secondary"), row, 0)
        caps = QHBoxLayout()
        caps.addStretch(1)
        for keys_of_one in sequences:
            caps.addWidget(KeyCap(key_text(keys_of_one)))
        grid.addLayout(caps, row, 1)
    box.addLayout(grid)
    return box


def key_text(keys: str) -> str:
    """A shortcut as this system's keyboards name it."""
    return QKeySequence(keys).toString(QKeySequence.SequenceFormat.NativeText)
