"""Finding a learning rate: a fresh network trains while its rate grows, and the curve says which one to take."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QWidget

from engine.document.block_edits import SetRecipe
from engine.document.edits import Batch
from engine.document.project import Project
from engine.errors import EngineError
from engine.recipe.base import Schedule
from engine.training.range_curve import Suggestion
from engine.training.range_test import HIGH, LOW, STEPS, RangeTest
from gui.dialogs.base import Dialog
from gui.editors.choices import QuietComboBox
from gui.plots.axis import scientific
from gui.plots.rate import RatePlot
from gui.session import Session
from gui.widgets import label

DRAIN_MS = 50
WORDS = (
    "A fresh network is trained for a moment while its learning rate grows from step to step. Where the loss falls "
    "steeply is a good rate; where it runs away the rate is too large (Smith 2015)."
)


class RateRangeDialog(Dialog):
    """The window stays free meanwhile. What is found can be set in the recipe."""

    def __init__(self, session: Session, parent: QWidget) -> None:
        super().__init__("Find a learning rate", WORDS, parent)
        self.setModal(False)
        self._session, self.project = session, session.project
        self.test: RangeTest | None = None
        self.found: Suggestion | None = None
        self.plot = RatePlot(LOW, HIGH)
        self.says = label("", "body", "secondary")
        self.says.setWordWrap(True)
        self.phase = QuietComboBox()
        self.phase.setAccessibleName("Part of the step")
        self.phase.addItems([part.name for part in self.project.recipe.parts()])
        self.phase.setVisible(self.phase.count() > 1)
        self.phase.currentIndexChanged.connect(self.begin)
        for part in (self.phase, self.plot, self.says):
            self.body.addWidget(part)
        self.stop = self.add_action("Stop", self.end)
        self.leave_button()
        self.apply = self.add_action("Set the rate", self.set_rate, "primary")
        self._timer = QTimer(self, interval=DRAIN_MS)
        self._timer.timeout.connect(self.follow)
        self.finished.connect(self.end)
        self.begin()

    def begin(self) -> None:
        """Make the test, anew for another part of the step."""
        if self.test is not None:
            self.test.stop()
        session, self.found = self._session, None
        analysis = session.analysis if session.is_current and session.project is self.project else None
        known = None if self.project.user_code() else analysis
        try:
            self.test = RangeTest(self.project, known, phase=self.phase.currentText(), trusted=session.trusted)
        except EngineError as error:
            self.says.setText(str(error))
            return
        self.apply.setEnabled(False)
        self.stop.setEnabled(True)
        self.says.setText("Making the network …")
        self.test.start()
        self._timer.start()

    def end(self, *_: object) -> None:
        """Make no further step; what was found stays."""
        if self.test is not None:
            self.test.stop()

    def follow(self) -> None:
        """Show what is new. Called by the timer."""
        test = self.test
        if test is None or not test.drain():
            return
        self.found = test.curve.suggestion()
        self.plot.show_curve(test.curve, self.found)
        if test.is_over:
            self._timer.stop()
            self.stop.setEnabled(False)
        self._say()
        if test.is_over and self.found is not None:
            self.apply.setText(f"Set the rate to {self.found.rate:g}")
            self.apply.setEnabled(True)
            self.apply.setFocus()

    def set_rate(self) -> None:
        """Set it in the recipe, as one step to undo."""
        if self.found is not None and self._session.apply(edit_of(self._session.project, self.found.rate, self._part)):
            self.accept()

    @property
    def _part(self) -> str:
        return self.phase.currentText() if self.phase.count() else ""

    def _say(self) -> None:
        test, found = self.test, self.found
        assert test is not None
        over = test.over
        if over is not None and over.message:
            self.says.setText(f"{over.message} {over.hint}".strip())
        elif found is not None:
            steepest, least = scientific(found.steepest, 2), scientific(found.least, 2)
            words = f"The loss falls most steeply at {steepest} and is least at {least}. Suggested is"
            self.says.setText(f"{words} the smaller of the first and a tenth of the second.")
        elif over is not None:
            self.says.setText("The loss falls at no rate. Look at the network and its data, or try again.")
        else:
            self.says.setText(f"Step {len(test.curve.rates)} of {STEPS}")


def edit_of(project: Project, rate: float, phase: str = "") -> Callable[[Project], Project]:
    """An edit that sets the learning rate, and the highest one of a schedule that has its own."""
    names = [getattr(part, "name", "") for part in project.recipe.phases]
    where = f"phases.{names.index(phase)}." if phase in names else ""
    schedule: Schedule = project.recipe.parts()[names.index(phase)].schedule if where else project.recipe.schedule
    edits: list[Callable[[Project], Project]] = [SetRecipe(f"{where}optimizer.lr", rate)]
    if "max_lr" in schedule.params:
        edits.append(SetRecipe(f"{where}schedule.max_lr", rate))
    return Batch(f"Set the learning rate to {rate:g}", tuple(edits))
