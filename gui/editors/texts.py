"""Editors for longer text: files and code."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtGui import QFontMetricsF, QTextCursor, QTextFormat
from PySide6.QtWidgets import QFileDialog, QPlainTextEdit, QTextEdit, QToolButton, QWidget

from engine.errors import EngineError
from engine.layers.code_text import problems_of
from engine.spec import Param
from gui.editors.base import MIXED, Editor, FieldEditor
from gui.editors.highlighter import PythonHighlighter, begin_at_the_left
from gui.glyphs import bind_icon
from gui.style import restyle
from gui.theme import font, theme, theme_changed

LINES = 8
PAUSE_MS = 500  # after the last key, before what was typed is checked


class PathEditor(FieldEditor):
    """The name of a file or folder, typed or looked for."""

    is_wide = True

    def __init__(
        self, declared: Param, owner: str, scope: Mapping[str, Any] | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(declared, owner, scope, parent)
        self.button = QToolButton()
        self.button.setAccessibleName(f"Look for {declared.name}")
        self.button.setToolTip("Browse…")
        bind_icon(self.button, "folder-open")
        self.put_button(self.button)
        self.button.clicked.connect(self._browse)

    def _browse(self) -> None:
        if "folder" in self.declared.name or "root" in self.declared.name:
            found = QFileDialog.getExistingDirectory(self, "Choose a folder", self.value)
        else:
            found, _ = QFileDialog.getOpenFileName(self, "Choose a file", self.value)
        if found:
            self.field.setText(found)
            self.take()


class CodeEditor(Editor):
    """Python over several lines. It is checked when typing pauses; what is wrong is said and nothing is lost."""

    is_wide = True

    def __init__(
        self, declared: Param, owner: str, scope: Mapping[str, Any] | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(declared, owner, scope, parent)
        self.text = QPlainTextEdit()
        self.text.setProperty("field", True)
        self.text.setAccessibleName(declared.name)
        self.text.setFont(font("mono"))
        self.text.setTabStopDistance(QFontMetricsF(font("mono")).horizontalAdvance("    "))
        self.text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.text.setMinimumHeight(round(QFontMetricsF(font("mono")).lineSpacing() * LINES))
        self.highlighter = PythonHighlighter(self.text.document())
        begin_at_the_left(self.text.document())
        self._pause = QTimer(self, singleShot=True, interval=PAUSE_MS)
        self._pause.timeout.connect(self.take)
        self.text.textChanged.connect(self._pause.start)
        self.text.installEventFilter(self)
        self.place(self.text)
        self._failing: dict[int, str] = {}
        theme_changed.connect(self._paint_lines)
        self.show_value()

    def show_failures(self, failures: Mapping[int, str]) -> None:
        """Mark lines that failed when the code was run, each with what went wrong; they go once one types."""
        self._failing = dict(failures)
        self._look()

    def problems(self) -> dict[int, str]:
        """What is wrong, by line: with the text as it stands, or as it was run."""
        return {p.line: p.message for p in reversed(problems_of(self.text.toPlainText()))} or self._failing

    def _look(self) -> None:
        """Say what is wrong and mark where."""
        found = {} if self.mixed else self.problems()
        line = min(found, default=0)
        said = found.get(line, "")
        self.show_error(said if not said or "on line" in said else f"Line {line}: {said}")
        self._paint_lines()

    def _paint_lines(self) -> None:
        marked = []
        for line, message in {} if self.mixed else self.problems().items():
            mark = QTextEdit.ExtraSelection()
            mark.format.setBackground(theme().status.danger_soft)
            mark.format.setProperty(QTextFormat.Property.FullWidthSelection, True)
            mark.format.setToolTip(message)
            mark.cursor = QTextCursor(self.text.document().findBlockByNumber(line - 1))
            marked.append(mark)
        self.text.setExtraSelections(marked)

    def show_value(self) -> None:
        if self.text.toPlainText() != self.value:
            self.text.setPlainText(self.value)
            self._failing = {}
        self._pause.stop()
        if hasattr(self, "_failing"):
            self._look()

    def show_mixed(self) -> None:
        self.text.setPlainText("")
        self.text.setPlaceholderText(MIXED)
        self._pause.stop()

    def take(self) -> None:
        """Read what was typed."""
        self._pause.stop()
        typed = self.text.toPlainText()
        if typed == ("" if self.mixed else self.value):
            self._look()
            return
        self._failing = {}
        try:
            value = self.declared.check(typed, self.owner)
        except EngineError as error:
            self.show_error(error.message)
            return
        self.choose(value)
        if self.problems():
            self._look()
        else:
            self._paint_lines()

    def finish(self) -> None:
        if self._pause.isActive():
            self.take()

    def show_error(self, words: str) -> None:
        super().show_error(words)
        if hasattr(self, "text") and bool(self.text.property("wrong")) != bool(words):
            self.text.setProperty("wrong", bool(words))
            restyle(self.text)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.FocusOut:
            self.take()
        return super().eventFilter(watched, event)
