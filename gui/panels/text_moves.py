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


def _onwards(lines: Lines, place: int, mode: QTextLayout.CursorMode) -> int:
    number = lines.of(place)
    start, text = lines.start(number), lines.line(number)
    if place == start + len(text):
        return min(place + 1, len(lines.text))
    there = QTextLayout(text).nextCursorPosition(units(text[: place - start]), mode)
    return start + letters(text, there)


def _back(lines: Lines, place: int, mode: QTextLayout.CursorMode) -> int:
    number = lines.of(place)
    start, text = lines.start(number), lines.line(number)
    if place == start:
        return max(place - 1, 0)
    there = QTextLayout(text).previousCursorPosition(units(text[: place - start]), mode)
    return start + letters(text, there)


_LETTERS, _WORDS = QTextLayout.CursorMode.SkipCharacters, QTextLayout.CursorMode.SkipWords
_PLAIN: tuple[tuple[Key, Move], ...] = (
    (Key.MoveToNextChar, lambda lines, place, page: _onwards(lines, place, _LETTERS)),
    (Key.MoveToPreviousChar, lambda lines, place, page: _back(lines, place, _LETTERS)),
    (Key.MoveToNextWord, lambda lines, place, page: _onwards(lines, place, _WORDS)),
    (Key.MoveToPreviousWord, lambda lines, place, page: _back(lines, place, _WORDS)),
    (Key.MoveToNextLine, lambda lines, place, page: _by_lines(lines, place, 1)),
    (Key.MoveToPreviousLine, lambda lines, place, page: _by_lines(lines, place, -1)),
    (Key.MoveToNextPage, lambda lines, place, page: _by_lines(lines, place, page)),
    (Key.MoveToPreviousPage, lambda lines, place, page: _by_lines(lines, place, -page)),
    (Key.MoveToStartOfLine, lambda lines, place, page: lines.start(lines.of(place))),
    (Key.MoveToEndOfLine, lambda lines, place, page: lines.end(lines.of(place))),
    (Key.MoveToStartOfDocument, lambda lines, place, page: 0),
    (Key.MoveToEndOfDocument, lambda lines, place, page: len(lines.text)),
)
_SELECTING: tuple[tuple[Key, Move], ...] = (
    (Key.SelectNextChar, lambda lines, place, page: _onwards(lines, place, _LETTERS)),
    (Key.SelectPreviousChar, lambda lines, place, page: _back(lines, place, _LETTERS)),
    (Key.SelectNextWord, lambda lines, place, page: _onwards(lines, place, _WORDS)),
    (Key.SelectPreviousWord, lambda lines, place, page: _back(lines, place, _WORDS)),
    (Key.SelectNextLine, lambda lines, place, page: _beyond(lines, place, 1)),
    (Key.SelectPreviousLine, lambda lines, place, page: _beyond(lines, place, -1)),
    (Key.SelectNextPage, lambda lines, place, page: _by_lines(lines, place, page)),
    (Key.SelectPreviousPage, lambda lines, place, page: _by_lines(lines, place, -page)),
    (Key.SelectStartOfLine, lambda lines, place, page: lines.start(lines.of(place))),
    (Key.SelectEndOfLine, lambda lines, place, page: lines.end(lines.of(place))),
    (Key.SelectStartOfDocument, lambda lines, place, page: 0),
    (Key.SelectEndOfDocument, lambda lines, place, page: len(lines.text)),
)


def move_of(event: QKeyEvent) -> tuple[Move, bool] | None:
    """Where a key leads, and whether what lies between is selected; None for a key that leads nowhere."""
    for moves, selects in ((_PLAIN, False), (_SELECTING, True)):
        for key, move in moves:
            if event.matches(key):
                return move, selects
    return None
