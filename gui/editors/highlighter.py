"""Colours for Python, from the theme's syntax tokens."""

from __future__ import annotations

import builtins
import keyword
import re

from PySide6.QtCore import Qt
from PySide6.QtGui import QSyntaxHighlighter, QTextCharFormat, QTextDocument

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


Piece = tuple[int, int, str]
"""From and to of a part of a line, and the name of its colour."""


def coloured(text: str, state: int) -> tuple[list[Piece], int]:
    """What is coloured of a line. state: which quotes the line before left open, -1 for none.

    Returns: its pieces, and the state after it.
    """
    found: list[Piece] = []
    start, after = 0, -1
    if state >= 0:
        end = text.find(_QUOTES[state])
        if end < 0:
            return [(0, len(text), "string")], state
        start = end + 3
        found.append((0, start, "string"))
    for match in _TOKEN.finditer(text, start):
        kind = _kind(match)
        if kind:
            found.append((match.start(), match.end(), kind))
        if kind == "string":
            after = max(after, _left_open(match.group()))
    return found, after


def _kind(match: re.Match[str]) -> str:
    word = match.group("word")
    if word is None:
        return str(match.lastgroup)
    if word in _KEYWORDS:
        return "keyword"
    if word == "self":
        return "self"
    return "call" if match.group("call") is not None or word in _BUILTINS else ""


def _left_open(string: str) -> int:
    body = string.lstrip("rbfRBF")
    for state, quote in enumerate(_QUOTES):
        if body.startswith(quote) and (len(body) < 6 or not body.endswith(quote)):
            return state
    return -1


class PythonHighlighter(QSyntaxHighlighter):
    """Highlights keywords, calls, numbers, strings, comments and self; strings may run over several lines."""

    def __init__(self, document: QTextDocument) -> None:
        super().__init__(document)
        theme_changed.connect(self.rehighlight)

    def highlightBlock(self, text: str) -> None:
        pieces, state = coloured(text, self.previousBlockState())
        self.setCurrentBlockState(state)
        for start, end, kind in pieces:
            look = QTextCharFormat()
            look.setForeground(getattr(theme().syntax, kind))
            self.setFormat(start, end - start, look)


def begin_at_the_left(document: QTextDocument) -> None:
    """Lines of code begin at the left, also where their first letters are of a script that is written the other way."""
    option = document.defaultTextOption()
    option.setTextDirection(Qt.LayoutDirection.LeftToRight)
    document.setDefaultTextOption(option)
