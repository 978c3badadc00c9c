"""The runs that wait, as a window shows them: a list over it, a number in the status bar, a question before it goes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, Signal

from gui.dialogs.base import Dialog, ask
from gui.figures import plural
from gui.panels.queue import QueuePanel, waiting_words
from gui.run_line import RunLine
from gui.window.bottom import TRAINING


class Waiting(QObject):
    """Between the line of all runs and a window. changed(): other commands can be used, or the list came or went."""

    changed = Signal()

    def __init__(self, line: RunLine, window: Any) -> None:
        super().__init__(window)
        self.line, self._window = line, window
        self.panel = QueuePanel(line, window)
        self.panel.show_wanted.connect(self._show_run)
        self.panel.closed.connect(self.changed)
        line.changed.connect(self._follow)
        line.message.connect(window.say)

    def show(self) -> None:
        """What is trained and what waits; asked for again, put it away."""
        if self.panel.isVisible():
            self.panel.close_panel()
        else:
            self.panel.open_at(self._window.desk.canvas.surface)

    @property
    def is_shown(self) -> bool:
        return self.panel.isVisible()

    def ask(self, then: Callable[[], object]) -> Dialog:
        """Before runs that wait are never begun, and before those end that belong to no tab. Returns: the question."""
        alone = [going.run.title for going in self.line.going() if going.is_alone]
        names = ", ".join(order.name for order in self.line.waiting)
        parts = (f"Waiting: {names}." if names else "", f"Training that stops: {', '.join(alone)}." if alone else "")
        return ask(
            f"Leaving gives up {plural(self.line.would_lose, 'run')}",
            " ".join(part for part in parts if part),
            [("Give up and leave", "danger", then), ("Stay", "", None)],
            self._window,
        )

    def _follow(self) -> None:
        self._window.status.show_queue(waiting_words(self.line))
        self.changed.emit()

    def _show_run(self, runner: object) -> None:
        """The tab that a run belongs to, or the table of all runs for one that belongs to none."""
        window = self._window
        if (place := next((w for w in window.projects.workplaces() if w.session.runner is runner), None)) is not None:
            window.projects.bring_workplace(place)
            window.desk.bottom.show_tab(TRAINING)
        else:
            window.desk.runs.show()
