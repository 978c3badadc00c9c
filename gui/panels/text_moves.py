"""Where the keys lead in a text that is read: by letters, words, lines and pages."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtGui import QKeyEvent, QKeySequence, QTextLayout

from gui.panels.text_lines import Lines, letters, units

Key = QKeySequence.StandardKey
Move = Callable[[Lines, int, int], int]
"""From the text, a place in it and the lines of a page to another place."""


def _by_lines(lines: Lines, place: int, count: int) -> int:
    number = lines.of(place)
    there = min(max(0, number + count), len(lines) - 1)
    return min(lines.start(there) + place - lines.start(number), lines.end(there))


def _beyond(lines: Lines, place: int, count: int) -> int:
    """Selecting goes on to the very end where there is no further line."""
    there = _by_lines(lines, place, count)
    return there if lines.of(there) != lines.of(place) else 0 if count < 0 else len(lines.text)


def _within(lines: Lines, place: int, mode: QTextLayout.CursorMode, count: int) -> int:
    """One letter or word on (count 1) or back (-1); at the rim of a line to the line beyond."""
    number = lines.of(place)
    start, text = lines.start(number), lines.line(number)
    if place == (start if count < 0 else start + len(text)):
        return min(max(0, place + count), len(lines.text))
    layout = QTextLayout(text)
    step = layout.previousCursorPosition if count < 0 else layout.nextCursorPosition
    return start + letters(text, step(units(text[: place - start]), mode))


_LETTERS, _WORDS = QTextLayout.CursorMode.SkipCharacters, QTextLayout.CursorMode.SkipWords
_MOVES: tuple[tuple[Key, Key, Move], ...] = (
    (Key.MoveToNextChar, Key.SelectNextChar, lambda lines, place, page: _within(lines, place, _LETTERS, 1)),
    (Key.MoveToPreviousChar, Key.SelectPreviousChar, lambda lines, place, page: _within(lines, place, _LETTERS, -1)),
    (Key.MoveToNextWord, Key.SelectNextWord, lambda lines, place, page: _within(lines, place, _WORDS, 1)),
    (Key.MoveToPreviousWord, Key.SelectPreviousWord, lambda lines, place, page: _within(lines, place, _WORDS, -1)),
    (Key.MoveToNextLine, Key.SelectNextLine, lambda lines, place, page: _by_lines(lines, place, 1)),
    (Key.MoveToPreviousLine, Key.SelectPreviousLine, lambda lines, place, page: _by_lines(lines, place, -1)),
    (Key.MoveToNextPage, Key.SelectNextPage, lambda lines, place, page: _by_lines(lines, place, page)),
    (Key.MoveToPreviousPage, Key.SelectPreviousPage, lambda lines, place, page: _by_lines(lines, place, -page)),
    (Key.MoveToStartOfLine, Key.SelectStartOfLine, lambda lines, place, page: lines.start(lines.of(place))),
    (Key.MoveToEndOfLine, Key.SelectEndOfLine, lambda lines, place, page: lines.end(lines.of(place))),
    (Key.MoveToStartOfDocument, Key.SelectStartOfDocument, lambda lines, place, page: 0),
    (Key.MoveToEndOfDocument, Key.SelectEndOfDocument, lambda lines, place, page: len(lines.text)),
)
"""The key that leads to a place, the key that selects up to it as well, and where that is."""
_BEYOND: dict[Key, Move] = {
    Key.SelectNextLine: lambda lines, place, page: _beyond(lines, place, 1),
    Key.SelectPreviousLine: lambda lines, place, page: _beyond(lines, place, -1),
}


def move_of(event: QKeyEvent) -> tuple[Move, bool] | None:
    """Where a key leads, and whether what lies between is selected; None for a key that leads nowhere."""
    for plain, selecting, move in _MOVES:
        if event.matches(plain):
            return move, False
        if event.matches(selecting):
            return _BEYOND.get(selecting, move), True
    return None
