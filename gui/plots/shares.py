"""What a whole is made of: a bar of coloured parts, and a line of words for each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.figures import percent
from gui.theme import font, metrics, theme, theme_changed

UNKNOWN = "–"


class SharesBar(QWidget):
    """Parts of a whole as a bar with a legend under it: name, size, share. The rows stand still."""

    def __init__(self, names: Sequence[str], title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._names = tuple(names)
        self._sizes: dict[str, float] = {}
        self._words: dict[str, str] = {}
        self.setAccessibleName(title)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMinimumWidth(metrics().widget.shares)
        theme_changed.connect(self.update)

    def show_sizes(self, sizes: Mapping[str, float], words: Mapping[str, str]) -> None:
        """Show how large every part is, with how that is written. A part that is missing has no room."""
        self._sizes, self._words = dict(sizes), dict(words)
        said = (f"{name} {self._words.get(name, UNKNOWN)}, {percent(self._share(name))}" for name in self._names)
        self.setAccessibleDescription("; ".join(said) if sizes else "")
        self.update()

    def sizeHint(self) -> QSize:
        m = metrics()
        height = m.plot.share_bar + m.space.s + len(self._names) * m.plot.share_row
        return QSize(m.widget.shares, height)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_bar(painter)
        painter.setFont(font("small"))
        for row, name in enumerate(self._names):
            self._paint_row(painter, row, name)

    def _paint_bar(self, painter: QPainter) -> None:
        whole, left = QRectF(0, 0, self.width(), metrics().plot.share_bar), 0.0
        rounded = QPainterPath()
        rounded.addRoundedRect(whole, metrics().radius.field, metrics().radius.field)
        painter.setClipPath(rounded)
        painter.fillRect(whole, theme().bg.field)
        for index, name in enumerate(self._names):
            width = self._share(name) * self.width()
            painter.fillRect(QRectF(left, 0, width, whole.height()), self._ink(index))
            left += width
        painter.setClipping(False)

    def _paint_row(self, painter: QPainter, row: int, name: str) -> None:
        m, pitch = metrics(), metrics().plot.share_row
        top = m.plot.share_bar + m.space.s + row * pitch
        side = m.plot.share_mark
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._ink(row))
        painter.drawRoundedRect(QRectF(0, top + (pitch - side) / 2, side, side), 2, 2)
        text = QRectF(side + m.space.s, top, self.width() - side - m.space.s, pitch)
        painter.setPen(theme().text.secondary)
        painter.drawText(text, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, name)
        widest = QFontMetricsF(painter.font()).horizontalAdvance("100 %") + m.space.s
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        if name in self._sizes:
            painter.drawText(text, right, percent(self._share(name)))
        painter.setPen(theme().text.primary)
        painter.drawText(text.adjusted(0, 0, -widest, 0), right, self._words.get(name, UNKNOWN))

    def _ink(self, index: int):  # type: ignore[no-untyped-def]
        colours = theme().plot.series
        return colours[index % len(colours)]

    def _share(self, name: str) -> float:
        total = sum(self._sizes.values())
        return self._sizes.get(name, 0.0) / total if total > 0 else 0.0
