"""What the demo does, step by step, as a person would, and what each step must have reached."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QLineEdit

from engine.document.files import load
from engine.document.project import Project
from engine.training.events import Evaluated, Paused, Steered
from gui.demo_hands import Hands, wait_until
from gui.dialogs.export import ExportDialog
from gui.preferences import Preferences
from gui.theme import metrics
from gui.window.bottom import PROBLEMS

EXAMPLE = "digits-cnn"
RATE = 1e-4
ALONE = """
import sys
class Nothing:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("engine", "gui"):
            raise ImportError(name + " is not to be had here")
sys.meta_path.insert(0, Nothing())
import runpy
sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name="__main__")
"""


class StepError(Exception):
    """A step did not reach what it should."""


def need(condition: object, words: str) -> None:
    """Raises: StepError, saying what is so instead."""
    if not condition:
        raise StepError(words)


@dataclass
class Play:
    """The demo on one window; every step returns its figures in words."""

    hands: Hands
    preferences: Preferences
    out: Path
    opened: Project | None = None
    lines: list[str] = field(default_factory=list)

    def steps(self) -> list[tuple[str, Callable[[], str]]]:
        """Name and deed, in order."""
        return [
            ("show the welcome page", self.welcome),
            ("open the example with a click", self.open_example),
            ("add and wire a layer", self.add_layer),
            ("break it, read the problem, mend it", self.make_a_problem),
            ("train, pause, step, go on", self.train),
            ("export the Python", self.export),
            ("run it without Netsmith", self.run_alone),
            ("steer the learning rate and stop", self.steer),
            ("save and open again", self.save),
            ("undo everything", self.undo),
        ]

    def welcome(self) -> str:
        window = self.hands.window
        wait_until(lambda: window.isVisible() and window.welcome.isVisible(), "the welcome page is seen")
        self.hands.take()
        self._both("welcome")
        return f"{len(window.welcome.cards)} examples"

    def open_example(self) -> str:
        hands, window = self.hands, self.hands.window
        card = next(card for card in window.welcome.cards if card.path.stem == EXAMPLE)
        hands.click(card)
        need(window.desk.isVisible(), "the desk is not shown")
        hands.settle()
        self.opened = hands.session.project
        analysis = hands.session.analysis
        assert analysis is not None
        need(analysis.is_valid, f"the example has problems: {analysis.problems}")
        self._make_room()
        self._both("editing")
        layers = len(hands.session.block.graph.nodes)
        return f"{layers} layers, {analysis.parameters:,} parameters"

    def add_layer(self) -> str:
        hands, session = self.hands, self.hands.session
        flatten, drop = hands.node("flatten"), hands.node("drop")
        between = (hands.canvas.node_point(flatten) + hands.canvas.node_point(drop)) / 2
        new = hands.add_layer("gelu", between)
        hands.connect(flatten, "out", new, "x")
        hands.connect(new, "out", drop, "x")
        graph = session.block.graph
        ends = [(e.source, e.target) for e in graph.edges if new in (e.source, e.target)]
        need(sorted(ends) == sorted([(flatten, new), (new, drop)]), f"the wires are {ends}")
        hands.settle()
        analysis = session.analysis
        assert analysis is not None
        need(analysis.is_valid, f"there are problems: {[p.message for p in analysis.problems]}")
        shape = analysis.main.nodes[new].outputs["out"]
        self._save_picture("wired")
        return f"{graph.nodes[new].name} between flatten and drop, {shape}"

    def make_a_problem(self) -> str:
        hands, session = self.hands, self.hands.session
        before = session.project
        hands.select("proj")
        field = self._field("stride")
        field.setFocus(Qt.FocusReason.OtherFocusReason)
        field.selectAll()
        QTest.keyClicks(field, "1")
        QTest.keyClick(field, Qt.Key.Key_Return)
        need(session.project is not before, "the option did not change")
        hands.settle()
        analysis = session.analysis
        assert analysis is not None
        errors = [p for p in analysis.problems if p.severity == "error"]
        need(errors, "no problem is seen")
        hands.window.desk.bottom.show_tab(PROBLEMS)
        session.reveal(errors[0].block, errors[0].node)
        self._both("problem")
        hands.shortcut("Ctrl+Z")
        hands.settle()
        need(session.project is before, "undo does not bring the very project back")
        analysis = session.analysis
        need(analysis is not None and analysis.is_valid, "the problem stays")
        self._make_room()
        return errors[0].message

    def train(self) -> str:
        hands, runner = self.hands, self.hands.session.runner
        self._make_room("bottom")
        canvas = hands.canvas
        canvas.surface.look_at(canvas.drawing.bounds().center(), max(canvas.zoom, metrics().lod.full))
        hands.select("stem")
        hands.click(hands.window.toolbar.idle.train)
        need(runner.run is not None, "no run began")
        bar = hands.window.toolbar.busy
        wait_until(lambda: len(runner.history.evaluations) >= 2, "two epochs are trained", 300)
        hands.click(bar.pause)
        wait_until(lambda: runner.state == "paused", "the run pauses")
        self._both("training")
        step = runner.history.step  # not before: the last steps may be told a moment after the run has paused
        hands.click(bar.step)
        wait_until(lambda: runner.history.step == step + 1 and runner.state == "paused", "one step is made")
        hands.click(bar.pause)
        wait_until(lambda: not runner.active, "the run ends", 600)
        wait_until(lambda: runner.history.over is not None, "the end is told")
        need(runner.state == "ended", f"the run {runner.state}: {runner.history.over}")
        history = runner.history
        need(any(isinstance(e, Paused) for e in history.events), "no pause is in the history")
        self.lines = [e.line for e in history.events if isinstance(e, Evaluated)]
        rate = history.samples_per_second
        return f"{history.step} steps, {rate:,.0f} samples/s, {self.lines[-1]}"

    def export(self) -> str:
        hands, path = self.hands, self._file("digits_cnn.py")
        hands.shortcut("Ctrl+E")
        dialog = hands.dialog(ExportDialog)
        dialog.file.line.selectAll()
        QTest.keyClicks(dialog.file.line, str(path))
        hands.click(dialog.button)
        wait_until(path.exists, "the file is written")
        shown = hands.session.result.script if hands.session.result else None
        text = path.read_text(encoding="utf-8")
        need(shown is not None and text == shown.text, "the file is not what the panel shows")
        return f"{path.name}, {len(text.splitlines())} lines, the very text that trained"

    def run_alone(self) -> str:
        with tempfile.TemporaryDirectory() as folder:
            command = [sys.executable, "-I", "-c", ALONE, str(self._file("digits_cnn.py").resolve())]
            process = subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            wait_until(lambda: process.poll() is not None, "the script ends", 600)
            said, complaint = process.communicate()
        need(process.returncode == 0, f"the script failed: {complaint[-400:]}")
        lines = said.splitlines()
        need(lines == self.lines, f"the losses differ: {lines} and {self.lines}")
        return f"{len(lines)} epochs, every digit the same as in the window"

    def steer(self) -> str:
        hands, runner = self.hands, self.hands.session.runner
        hands.click(hands.window.toolbar.idle.train)
        wait_until(lambda: runner.state == "running" and runner.history.step > 0, "a second run goes on", 300)
        wait_until(hands.window.actions_["train.steer"].isEnabled, "the run can be steered")
        hands.shortcut("Ctrl+Alt+R")
        rate = hands.window.projects.front.steering.panel.rows["lr"].editor.field
        rate.selectAll()
        QTest.keyClicks(rate, f"{RATE:g}")
        QTest.keyClick(rate, Qt.Key.Key_Return)
        told = runner.history.events
        wait_until(lambda: any(isinstance(e, Steered) for e in told), "the rate changes")
        change = next(e for e in told if isinstance(e, Steered))
        need(change.after == RATE, f"the rate is {change.after}")
        hands.click(hands.window.toolbar.busy.stop)
        wait_until(lambda: not runner.active and runner.history.over is not None, "the run stops", 60)
        change_words = f"{change.name} {change.before:g} → {change.after:g} at step {change.step}"
        return f"{change_words}, stopped at {runner.history.step}"

    def save(self) -> str:
        hands, path = self.hands, self._file("digits-cnn.netsmith")
        hands.shortcut("Ctrl+Shift+S")
        dialog = hands.dialog(QFileDialog)
        field = dialog.findChild(QLineEdit, "fileNameEdit")
        if field is None:  # the desktop's own dialog, which no one can type into from here
            dialog.close()
            hands.session.file.save(path)
        else:
            field.setText(str(path.resolve()))  # typed, it would open the list of completions over the dialog
            QTest.keyClick(field, Qt.Key.Key_Return)
        wait_until(lambda: path.exists() and not hands.session.file.dirty, "the project is saved")
        need(load(path) == hands.session.project, "the file holds another project")
        return f"{path.name}, {path.stat().st_size:,} bytes"

    def undo(self) -> str:
        hands, document = self.hands, self.hands.session.document
        count = 0
        while document.undo_label:
            hands.shortcut("Ctrl+Z")
            count += 1
            need(count < 100, "undo never ends")
        need(hands.session.project is self.opened, "it is not the very project that was opened")
        return f"{count} steps back to the very project that was opened"

    def _field(self, option: str) -> QLineEdit:
        """The inspector's field of an option."""
        found = [
            f
            for f in self.hands.window.desk.inspector.findChildren(QLineEdit)
            if f.isVisible() and option in f.accessibleName()
        ]
        need(found, f"the inspector shows no {option}")
        return found[0]

    def _make_room(self, dock: str = "") -> None:
        """So much canvas that ports can be seen, or less with a dock under it."""
        desk, canvas = self.hands.window.desk, self.hands.canvas
        desk.show_part("bottom", bool(dock))
        wait_until(lambda: (canvas.height() == desk.middle.height()) != bool(dock), "the canvas has its size")
        canvas.fit(animate=False)
        need(dock or canvas.zoom >= metrics().lod.full, "the canvas is too small to wire on")

    def _file(self, name: str) -> Path:
        return self.out / name

    def _save_picture(self, name: str) -> None:
        self.hands.picture(self.out / f"{name}.png")

    def _both(self, name: str) -> None:
        """The window in both themes."""
        for scheme in ("light", "dark"):
            self.preferences.scheme = scheme  # type: ignore[assignment]
            self._save_picture(f"{name}-{scheme}")
