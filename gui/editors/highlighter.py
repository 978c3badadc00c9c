"""Colours for Python, from the theme's syntax tokens."""

from __future__ import annotations

import builtins
import keyword
import re

from PySide6.QtGui import QColor, QSyntaxHighlighter, QTextCharFormat, QTextDocument

from gui.theme import theme, theme_changed

_TOKEN = re.compile(
    r"(?P<comment>#.*)"
    r"|(?P<string>[rbfRBF]{0,2}(?:\"\"\".*?(?:\"\"\"|$)|'''.*?(?:'''|$)|\"(?:\\.|[^\"\\])*\"?|'(?:\\.|[^'\\])*'?))"
    r"|(?P<number>\b(?:0[xXbBoO][\da-fA-F_]+|\d[\d_]*\.?\d*(?:[eE][+-]?\d+)?)\b)"
    r"|(?P<word>[A-Za-z_]\w*)(?P<call>(?=\())?"
)
_KEYWORDS = frozenset(keyword.kwlist)
_BUILTINS = frozenset(dir(builtins))
_QUOTES = ('"""', "'''")


class PythonHighlighter(QSyntaxHighlighter):
    """Highlights keywords, calls, numbers, strings, comments and self; strings may run over several lines."""

    def __init__(self, document: QTextDocument) -> None:
        super().__init__(document)
        theme_changed.connect(self.rehighlight)

    def highlightBlock(self, text: str) -> None:
        colours = theme().syntax
        start = self._finish_string(text)
        for match in _TOKEN.finditer(text, start):
            group = match.lastgroup or "word"
            if group == "string":
                self._paint(match.start(), match.end(), colours.string)
                self._leave_open(match.group())
            elif group in ("comment", "number"):
                self._paint(match.start(), match.end(), getattr(colours, group))
            else:
                self._paint_word(match)

    def _paint_word(self, match: re.Match[str]) -> None:
        colours, word = theme().syntax, match.group("word")
        if word in _KEYWORDS:
            self._paint(match.start(), match.end(), colours.keyword)
        elif word == "self":
            self._paint(match.start(), match.end(), colours.self)
        elif match.group("call") is not None or word in _BUILTINS:
            self._paint(match.start(), match.end(), colours.call)

    def _finish_string(self, text: str) -> int:
        """Colour the rest of a string that began in an earlier line. Returns: where it ends."""
        self.setCurrentBlockState(-1)
        state = self.previousBlockState()
        if state < 0:
            return 0
        end = text.find(_QUOTES[state])
        if end < 0:
            self.setCurrentBlockState(state)
            end = len(text)
        else:
            end += 3
        self._paint(0, end, theme().syntax.string)
        return end

    def _leave_open(self, string: str) -> None:
        for state, quote in enumerate(_QUOTES):
            body = string.lstrip("rbfRBF")
            if body.startswith(quote) and (len(body) < 6 or not body.endswith(quote)):
                self.setCurrentBlockState(state)

    def _paint(self, start: int, end: int, colour: QColor) -> None:
        look = QTextCharFormat()
        look.setForeground(colour)
        self.setFormat(start, end - start, look)
