"""The status bar: facts of the model at the left, of the machine and the file at the right, never sentences."""

from __future__ import annotations

import os
from datetime import datetime

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLabel, QPushButton, QStatusBar, QWidget

from engine.training.history import History
from gui.figures import count, flops, magnification, percent, plural, size
from gui.glyphs import Status
from gui.panels.facts_of import memory_parts
from gui.panels.findings import Findings
from gui.preferences import Preferences
from gui.project_file import ProjectFile
from gui.session import Session
from gui.style import restyle
from gui.theme import metrics, theme_changed
from gui.widgets import StatusMark, SteadyLabel, hairline
from gui.window.following import Following

SHORTER = (
    ("memory", "short"),
    ("device", "short"),
    ("flops", "short"),
    ("measuring", ""),
    ("memory", ""),
    ("flops", ""),
    ("device", ""),
    ("parameters", ""),
)
"""What gives way first in a narrow window; where the work is kept, the zoom and the problems never do."""


class StatusBar(QStatusBar):
    """problems_wanted(): the number of problems was pressed. queue_wanted(): that of the runs that wait."""

    problems_wanted = Signal()
    queue_wanted = Signal()

    def __init__(self, session: Session, preferences: Preferences, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._preferences, self._following = session, preferences, Following()
        self.setSizeGripEnabled(False)
        self.mark, self.problems = StatusMark("info", metrics().control.icon - metrics().line.selection), _Problems()
        self.problems.clicked.connect(self.problems_wanted)
        names = ("parameters", "flops", "memory", "unknown", "activity", "measuring", "device", "saved", "zoom")
        self.facts = {name: SteadyLabel("caption", "secondary") for name in names}
        self.welcome = QCheckBox("Show this page at start")
        self.welcome.setChecked(preferences.welcome)
        self.welcome.toggled.connect(self._keep_welcome)
        left = ("parameters", "flops", "memory", "unknown", "activity")
        self._left = self._row(self.mark, self.problems, *(self.facts[n] for n in left))
        self.addWidget(self._left, 1)
        self.queue = QPushButton()
        self.queue.setProperty("kind", "status")
        self.queue.setToolTip("Show what is trained and what waits")
        self.queue.clicked.connect(self.queue_wanted)
        self.queue.hide()
        self._right = self._row(self.queue, *(self.facts[n] for n in names[5:]), self.welcome)
        self.addPermanentWidget(self._right)
        self._is_fitting = False
        for row in (self._left, self._right):
            row.setMinimumWidth(1)  # what has no room gives way; the window does not grow for it
        self._ways: dict[str, tuple[str, ...]] = dict.fromkeys(names, ("",))
        theme_changed.connect(self.show_analysis)
        self._is_desk = True
        self.follow(session)

    def follow(self, session: Session, findings: Findings | None = None) -> None:
        """Another project is in front. findings: what ails its run, which counts among the warnings."""
        self._session, self._findings = session, findings
        runner = session.runner
        self._following.follow(
            (session.changed, self._follow),
            (session.analysed, self.show_analysis),
            (runner.events, self.show_run),
            (runner.changed, self.show_run),
            (session.file.changed, self.show_saved),
            *([(findings.changed, self.show_analysis)] if findings else []),
        )
        self.show_desk(self._is_desk)

    def show_desk(self, is_desk: bool) -> None:
        """The facts of the project, or on the welcome page only its own choice."""
        self._is_desk = is_desk
        self.welcome.setVisible(not is_desk)
        self.problems.setVisible(is_desk)
        self.mark.setVisible(is_desk)
        self.show_analysis()
        self.show_run()
        self.show_saved()
        self._fit()

    def show_activity(self, words: str) -> None:
        """What goes on in the background; "" for nothing."""
        self._say("activity", words)

    def show_queue(self, words: str) -> None:
        """How many runs wait; "" for none."""
        self.queue.setText(words)
        self.queue.setVisible(bool(words))
        self._fit()

    def show_zoom(self, zoom: float) -> None:
        self._say("zoom", magnification(zoom))

    def show_analysis(self) -> None:
        """Problems, size and cost of the model."""
        analysis, recipe = self._session.analysis, self._session.project.recipe
        if analysis is None:
            self.mark.set_status(self.problems.show_counts(None, 0))
            for name in ("parameters", "flops", "memory", "unknown"):
                self._say(name, "")
            return
        errors = sum(p.severity == "error" for p in analysis.problems)
        found = self._findings.found if self._findings else ()
        errors += sum(p.severity == "error" for p in found)
        warnings = sum(p.severity == "warning" for p in (*analysis.problems, *found))
        is_empty = not self._session.project.block().graph.nodes
        self.mark.set_status(self.problems.show_empty() if is_empty else self.problems.show_counts(errors, warnings))
        unknown = analysis.main.unknown
        many, ending = analysis.parameters, " so far" if unknown else ""
        learned = f"{count(many)} parameters" if many >= 1_000_000 else plural(many, "parameter")
        self._say("parameters", f"{learned}{ending}")
        self._say("unknown", f"{plural(unknown, 'shape')} unknown" if unknown else "")
        cost, needed = flops(analysis.flops), size(analysis.training_bytes)
        self._say("flops", "" if unknown else f"{cost} per sample", cost)
        memory = f"{needed} to train at batch {recipe.batch_size}"
        self._say("memory", memory if analysis.training_bytes and not unknown else "", f"{needed} to train")
        self.facts["memory"].setToolTip(memory_parts(analysis, recipe))

    def show_run(self) -> None:
        """What measuring costs, and where it runs."""
        runner = self._session.runner
        history, recipe = runner.history, self._session.project.recipe
        share = history.measuring_share
        self._say("measuring", f"measuring costs {percent(share, 1)}" if runner.active and share else "")
        self.facts["measuring"].setToolTip(how_often(history))
        device = history.started.device if history.started and runner.active else recipe.device
        self._say("device", f"{device} · {plural(os.cpu_count() or 1, 'core')}" if device != "cuda" else device, device)

    def show_saved(self) -> None:
        """Whether the file holds what is on screen, and if not, whether a crash would lose anything."""
        words, more, tone = saved_words(self._session.file)
        self._say("saved", words)
        self.facts["saved"].setToolTip(more)
        if self.facts["saved"].property("tone") != tone:
            self.facts["saved"].setProperty("tone", tone)
            restyle(self.facts["saved"])

    def _follow(self, change: object) -> None:
        if getattr(change, "recipe", True):
            self.show_analysis()
            self.show_run()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _say(self, name: str, *ways: str) -> None:
        """A fact, and ways to say it in less room, "" among them for those that can be left out."""
        if self._ways.get(name) != ways:
            self._ways[name] = ways
            self._fit()

    def _fit(self) -> None:
        """Say all as long as there is room, else of those that matter less for now the short way, or nothing."""
        if self._is_fitting:
            return
        self._is_fitting = True
        for name, ways in self._ways.items():
            self._show(name, ways[0])
        for name, way in SHORTER:
            if not self._is_too_long():
                break
            ways = self._ways.get(name, ("",))
            if ways[0]:
                self._show(name, ways[-1] if way else "")
        self._is_fitting = False

    def _is_too_long(self) -> bool:
        rows = [part.layout() for part in (self._left, self._right)]
        wide = sum(row.minimumSize().width() for row in rows if row is not None)
        return wide + metrics().space.l > self.width()

    def _show(self, name: str, words: str) -> None:
        fact = self.facts[name]
        fact.set_text(words)
        shown = bool(words) and (self._is_desk or name == "activity")
        fact.setVisible(shown)
        line = fact.property("line_before")
        if isinstance(line, QWidget):
            line.setVisible(shown and self._is_desk)

    def _keep_welcome(self, shown: bool) -> None:
        self._preferences.welcome = shown

    def _row(self, *parts: QWidget) -> QWidget:
        row = QWidget()
        line = QHBoxLayout(row)
        line.setContentsMargins(metrics().space.m, 0, metrics().space.m, 0)
        line.setSpacing(metrics().space.xs if parts[0] is self.mark else metrics().space.m)
        for index, part in enumerate(parts):
            if index and parts[0] is self.mark and isinstance(part, QLabel):
                edge = hairline(vertical=True)
                edge.setFixedHeight(metrics().space.m)
                part.setProperty("line_before", edge)
                line.addWidget(edge)
            line.addWidget(part)
        if parts[0] is self.mark:
            line.addStretch(1)
        return row


class _Problems(QPushButton):
    """How many there are."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("kind", "status")
        self.setToolTip("Show the problems")
        self.show_counts(None, 0)

    def show_counts(self, errors: int | None, warnings: int) -> Status:
        """None errors: not known yet. Returns: how it stands."""
        counts = ((errors, "problem"), (warnings, "warning"))
        words = ", ".join(plural(count, noun) for count, noun in counts if count) or "No problems"
        self.setText("Checking" if errors is None else words)
        tone = "danger" if errors else "warn" if warnings else "secondary"
        if self.property("tone") != tone:
            self.setProperty("tone", tone)
            restyle(self)
        return "info" if errors is None else "danger" if errors else "warn" if warnings else "ok"

    def show_empty(self) -> Status:
        """Nothing was built yet, which is no trouble. Returns: how it stands."""
        self.show_counts(0, 0)
        self.setText("No layers yet")
        return "info"


def how_often(history: History) -> str:
    """Which steps of a run are measured; what is cheap enough, of every step."""
    log = history.norm_log
    every = {name: log.stride(name) for name in ("gradient", "ratio") if name in log.quantities}
    named = {"gradient": "gradient norms", "ratio": "weight norms and updates"}
    often = [f"{named[name]} of {'each' if n == 1 else f'every {n:,}{_ending(n)}'}" for name, n in every.items()]
    return f"The loss is kept of each step, {', '.join(often)}." if often else ""


def _ending(number: int) -> str:
    """Of the number as a place in a row; it is a power of two."""
    return "nd" if number % 10 == 2 and number % 100 != 12 else "th"


def saved_words(file: ProjectFile) -> tuple[str, str, str]:
    """Where the work is kept: in few words, in more, and in which tone."""
    name, quiet = file.path.name if file.path else "", "secondary"
    if file.trouble:
        return "Not saved", file.trouble, "danger"
    if not file.dirty and not name:
        return "New", "There is nothing to save yet.", quiet
    if not file.dirty:
        return f"Saved {_clock(file.saved_at)}" if file.saved_at else "Saved", f"{name} holds everything.", quiet
    where = f"{name} does not hold the last changes" if name else "It has no file yet"
    if (kept := file.kept_at) is None:
        return "Not saved", f"{where}; a safety copy is written in a moment.", quiet
    return f"All changes kept {_clock(kept)}", f"{where}; a safety copy does, and is offered after a crash.", quiet


def _clock(moment: datetime) -> str:
    return f"{moment:%H:%M}"
