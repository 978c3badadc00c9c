"""Panels that are made when they are first seen, one between two frames: what is looked at first is there at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

P = TypeVar("P", bound=QWidget)


class Making(QObject):
    """Makes what waits to be made, one at a time, so that the window lives between two of them."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._waiting: list[Later[QWidget]] = []
        self._next = QTimer(self, singleShot=True, interval=0)
        self._next.timeout.connect(self._make_one)

    def ask(self, place: Later[P]) -> None:
        """Make the panel of a place soon, after those that were asked for before it."""
        self._waiting.append(place)  # type: ignore[arg-type]  # a panel is a widget
        self._next.start()

    def _make_one(self) -> None:
        self._waiting.pop(0).make_if_wanted()
        if self._waiting:
            self._next.start()


class Later(QWidget, Generic[P]):
    """A place for a panel. The panel is made behind the frame that shows its place, or when somebody asks for it."""

    def __init__(self, maker: Callable[[], P], making: Making) -> None:
        super().__init__()
        self._maker, self._making = maker, making
        self.panel: P | None = None
        self.is_held = False
        self._box = QVBoxLayout(self)
        self._box.setContentsMargins(0, 0, 0, 0)

    def made(self) -> P:
        """The panel, made now if it is not there yet."""
        if self.panel is None:
            self.panel = self._maker()
            self._box.addWidget(self.panel)
            self.panel.show()  # the layout would do so, but later
        return self.panel

    def make_if_wanted(self) -> None:
        """Make the panel, if its place is seen and nothing holds it."""
        if self.isVisible() and not self.is_held:
            self.made()

    def showEvent(self, event: QShowEvent) -> None:
        if self.panel is None:
            self._making.ask(self)
        super().showEvent(event)
