"""A problem, in words, with the ways out beside it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from gui.glyphs import Status, bind_icon
from gui.theme import metrics, theme, theme_changed
from gui.widgets.flow import FlowLayout
from gui.widgets.labels import GivingButton, StatusMark, label, unbroken

Repairs = Sequence[str]


class Card(QWidget):
    """What is needed and what comes, why, and what to do: the first repair is the primary button.

    `soft` fills it with the status colour's ground, as the inspector does; else it stands on the overlay, as the card
    under a node does.
    """

    repair_chosen = Signal(int)

    def __init__(
        self,
        status: Status,
        message: str,
        reason: str = "",
        repairs: Repairs = (),
        soft: bool = True,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._soft = soft
        self._mark = StatusMark(status, parent=self)
        self._message = _wrapped(label(message, "heading"))
        self._reason = _wrapped(label(reason, "small", "secondary"))
        self._row = QWidget(self)
        self._buttons = FlowLayout(metrics().space.s, self._row)
        self._choices = QButtonGroup(self)
        self._choices.idClicked.connect(self.repair_chosen)
        room = metrics().space
        self._buttons.setContentsMargins(0, room.xs, 0, 0)
        words = QVBoxLayout()
        words.setSpacing(room.xs)
        words.addWidget(self._message)
        words.addWidget(self._reason)
        words.addWidget(self._row)
        whole = QHBoxLayout(self)
        whole.setContentsMargins(room.m, room.s, room.m, room.s)
        whole.setSpacing(room.s)
        whole.addWidget(self._mark, 0, Qt.AlignmentFlag.AlignTop)
        whole.addLayout(words, 1)
        self.show_problem(status, message, reason, repairs)
        theme_changed.connect(self.update)

    def show_problem(self, status: Status, message: str, reason: str = "", repairs: Repairs = ()) -> None:
        """Say this instead."""
        self._mark.set_status(status)
        self._message.setText(unbroken(message))
        self._reason.setText(unbroken(reason))
        self._reason.setVisible(bool(reason))
        self.setAccessibleName(f"{self._mark.accessibleName()}: {message} {reason}".strip())
        self._show_repairs(repairs)
        self.update()

    def buttons(self) -> list[QPushButton]:
        """The repairs, in their order."""
        return [button for button in self._choices.buttons() if isinstance(button, QPushButton)]

    def paintEvent(self, event: QPaintEvent) -> None:
        edge, ground = self._colours()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(edge)
        painter.setBrush(ground if self._soft else theme().bg.overlay)
        half = metrics().line.border / 2
        radius = metrics().radius.button
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(half, half, -half, -half), radius, radius)

    def _colours(self) -> tuple[QColor, QColor]:
        colours = theme().status
        return {
            "danger": (colours.danger, colours.danger_soft),
            "warn": (colours.warn, colours.warn_soft),
            "ok": (colours.ok, colours.ok_soft),
            "info": (colours.info, colours.info_soft),
        }[self._mark.status]

    def _show_repairs(self, repairs: Repairs) -> None:
        for button in self.buttons():
            self._choices.removeButton(button)
            button.hide()
            button.deleteLater()
        while self._buttons.count():
            self._buttons.takeAt(0)
        for index, words in enumerate(repairs):
            self._buttons.addWidget(self._button(index, words))
        self._row.setVisible(bool(repairs))

    def _button(self, index: int, words: str) -> QPushButton:
        button = GivingButton(words, self)
        button.setProperty("dense", True)
        if index == 0:
            button.setProperty("kind", "primary")
            bind_icon(button, "wrench", "on_accent")
        self._choices.addButton(button, index)
        return button


def _wrapped(words: QLabel) -> QLabel:
    words.setWordWrap(True)
    return words
