"""What small plots that paint themselves have in common: a title, something beside it, and the room that is left."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter
from PySide6.QtWidgets import QToolTip, QWidget

from gui.plots.axis import scientific
from gui.plots.surround import V_CENTRE, paint_title
from gui.theme import font, metrics, theme, theme_changed


class TitledPlot(QWidget):
    """A plot under its title. `refresh` is called once before it is painted whenever it is stale and can be seen."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title, self._aside = title, ""
        self._stale = True
        self.setAccessibleName(title)
        self.setMouseTracking(True)
        self.setMinimumSize(metrics().plot.side_least, metrics().plot.header + metrics().plot.footer)
        theme_changed.connect(self.renew)

    def set_title(self, title: str, aside: str = "") -> None:
        """What is shown, and how much of it."""
        self._title, self._aside = title, aside
        self.setAccessibleName(f"{title}, {aside}" if aside else title)
        self.update()

    @property
    def title(self) -> str:
        return self._title

    @property
    def aside(self) -> str:
        return self._aside

    def renew(self) -> None:
        """What is painted is out of date."""
        self._stale = True
        self.update()

    def fresh(self) -> None:
        """Bring what is painted up to date; called while painting."""
        if self._stale:
            self._stale = False
            self.refresh()

    def refresh(self) -> None:
        """Make what `paintEvent` needs."""

    def room(self, left: int = 0, footer: bool = True) -> QRectF:
        """Where the plot itself is."""
        m = metrics().plot
        bottom = m.footer if footer else metrics().space.xs
        return QRectF(left, m.header, max(self.width() - left - m.right, 1), max(self.height() - m.header - bottom, 1))

    def paint_head(self, painter: QPainter) -> None:
        """The title, and what stands beside it."""
        end = paint_title(painter, QRect(0, 0, self.width(), self.height()), self._title) + metrics().space.s
        painter.setFont(font("caption"))
        painter.setPen(theme().text.muted)
        place = QRectF(end, 0, max(self.width() - end, 1), metrics().plot.header - metrics().space.xs)
        words = QFontMetricsF(painter.font()).elidedText(self._aside, Qt.TextElideMode.ElideRight, place.width())
        painter.drawText(place, Qt.AlignmentFlag.AlignLeft | V_CENTRE, words)

    def paint_foot(self, painter: QPainter, area: QRectF, left: str, right: str) -> None:
        """Words under both ends of the plot."""
        painter.setFont(font("caption"))
        painter.setPen(theme().plot.axis)
        below = QRectF(area.left(), area.bottom(), area.width(), metrics().plot.footer)
        painter.drawText(below, Qt.AlignmentFlag.AlignLeft | V_CENTRE, left)
        painter.drawText(below, Qt.AlignmentFlag.AlignRight | V_CENTRE, right)

    def sizeHint(self) -> QSize:
        return QSize(2 * metrics().plot.side_least, metrics().plot.side_least)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip:
            return True  # our own follows the pointer
        return super().event(event)

    def leaveEvent(self, event: QEvent) -> None:
        QToolTip.hideText()
        super().leaveEvent(event)


def number(value: float, figures: int = 3) -> str:
    """A number in few figures: 0.312, 1.2e-5, NaN."""
    if value != value:
        return "NaN"
    if abs(value) == float("inf"):
        return "−∞" if value < 0 else "∞"
    is_plain = value == 0 or 10.0 ** (1 - figures) / 10 <= abs(value) < 1e5
    text = f"{value:.{figures}g}" if is_plain and "e" not in f"{value:.{figures}g}" else scientific(value)
    return text.replace("-", "−", 1) if value < 0 else text
