"""What ails the run of now, brought up to date every few seconds while it goes on."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal

from engine.training.case import Finding
from engine.training.diagnosis import diagnose
from gui.session import Session

PACE_MS = 2000


class Findings(QObject):
    """changed(): others were found. The first of each kind is said once, as a message that leads to it."""

    changed = Signal()
    wanted = Signal()

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._run: object = None
        self._said: set[str] = set()
        self.found: tuple[Finding, ...] = ()
        self._soon = QTimer(self, singleShot=True, interval=PACE_MS)
        self._soon.timeout.connect(self.look)
        session.runner.events.connect(self._wake)
        session.runner.changed.connect(self._follow)

    def look(self) -> None:
        """Judge the run by what it has told so far."""
        runner = self._session.runner
        found = diagnose(runner.run.project, runner.history) if runner.run else ()
        fresh = [finding for finding in found if finding.rule not in self._said]
        if [(f.rule, f.message) for f in found] != [(f.rule, f.message) for f in self.found]:
            self.found = found
            self.changed.emit()
        if fresh:
            self._said.update(finding.rule for finding in fresh)
            self._session.message.emit(fresh[0].message, "Show", self.wanted.emit)

    def _follow(self) -> None:
        runner = self._session.runner
        if runner.run is not self._run:
            self._run, self._said = runner.run, set()
            self.found = ()
            self.changed.emit()
        if not runner.active:
            self.look()

    def _wake(self, _: object = None) -> None:
        if not self._soon.isActive():
            self._soon.start()
