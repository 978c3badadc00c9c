"""The welcome page: begin with nothing, with a file, or with an example that is seen as a picture."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from PySide6.QtCore import QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QGridLayout,
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from engine.document import recent
from engine.document.files import load
from engine.graph.graph import Graph
from gui.dialogs.manual import pages
from gui.figures import when
from gui.glyphs import bind_icon, icon, paint_logo
from gui.sketch import paint_sketch, unfolded
from gui.theme import font, metrics, theme, theme_changed
from gui.widgets import hairline, label
from gui.window.files import examples

TITLES = {
    "digits-cnn": ("Residual CNN on digits", "Convolutions beside a short cut"),
    "mlp-moons": ("Two moons", "First network: two layers, one curve"),
    "digits-lstm": ("Digits as a sequence", "LSTM reads the rows one by one"),
    "digits-transformer": ("Tiny transformer", "Attention over the rows of an image"),
    "digits-autoencoder": ("Autoencoder", "A few numbers for a whole digit"),
    "signs-scan": ("Sequences of any length", "A cell drawn by hand, step by step"),
    "gan-digits": ("Digits out of noise", "One network draws, another judges"),
    "two-input": ("Same digit or not", "Two inputs, one shared encoder"),
    "wine-mlp": ("Wine", "Thirteen measurements, three vineyards"),
    "regression-diabetes": ("Diabetes", "Regression: one number from ten"),
    "multi-output": ("Two answers at once", "One network, two heads"),
}
CARD = QSize(256, 168)
PICTURE = QSize(240, 100)
MOST_RECENT = 6
NARROWEST_GRID = 2


class Welcome(QWidget):
    """Emits what was chosen: new_wanted, open_wanted, back_wanted, example_chosen(Path), file_chosen, page_chosen.

    reopen_wanted(list of Path, Path or None): the files of the last session, and the one that was in front.
    """

    new_wanted = Signal()
    back_wanted = Signal()
    open_wanted = Signal()
    example_chosen = Signal(object)
    file_chosen = Signal(object)
    page_chosen = Signal(str)
    reopen_wanted = Signal(list, object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Welcome")
        space = metrics().space
        self.empty, self.open = QPushButton("Empty model"), QPushButton("Open…")
        self.empty.setProperty("kind", "primary")
        bind_icon(self.empty, "plus", "on_accent")
        bind_icon(self.open, "folder", "primary")
        self.back = QPushButton("")
        self.back.clicked.connect(self.back_wanted)
        self.back.setVisible(False)
        self.last = QPushButton("")
        self.last.clicked.connect(self._reopen)
        self.last.setVisible(False)
        self._last_time: tuple[list[Path], Path | None] = ([], None)
        self.empty.clicked.connect(self.new_wanted)
        self.open.clicked.connect(self.open_wanted)
        self.cards = [_Card(path) for path in examples()]
        for card in self.cards:
            card.clicked.connect(lambda _=False, card=card: self.example_chosen.emit(card.path))
        self._grid, self._recent = QGridLayout(), QVBoxLayout()
        self._grid.setSpacing(space.l)
        self._recent.setSpacing(space.s)
        inside = QWidget()
        line = QHBoxLayout(inside)
        line.setContentsMargins(space.xxl, space.xxl, space.xxl, space.xxl)
        line.addStretch(1)
        line.addLayout(self._left())
        line.addSpacing(3 * space.l)
        line.addLayout(self._right())
        line.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setWidget(inside)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(scroll)
        self.setProperty("ground", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._columns = 0
        self._arrange(3)

    def _left(self) -> QVBoxLayout:
        space = metrics().space
        head, words, buttons, left = QHBoxLayout(), QVBoxLayout(), QHBoxLayout(), QVBoxLayout()
        head.addWidget(_Logo())
        head.addSpacing(space.l)
        words.setSpacing(0)
        words.addWidget(label("Netsmith", "display"))
        words.addWidget(label("Draw a network, watch it learn, take the PyTorch code with you.", "body", "secondary"))
        head.addLayout(words)
        head.addStretch(1)
        buttons.setSpacing(space.s)
        for button in (self.empty, self.open, self.last, self.back):
            buttons.addWidget(button)
        buttons.addStretch(1)
        title = QHBoxLayout()
        title.setSpacing(space.s)
        title.addWidget(label("Examples", "heading"))
        title.addWidget(label("each trains in a minute or two on data that comes with Netsmith", "small", "muted"))
        title.addStretch(1)
        for part in (head, buttons, title):
            left.addLayout(part)
            left.addSpacing(space.xl if part is not title else space.s)
        left.addLayout(self._grid)
        left.addStretch(1)
        return left

    def _right(self) -> QVBoxLayout:
        space, right = metrics().space, QVBoxLayout()
        right.addSpacing(self._top())
        right.addWidget(label("Recent", "heading"))
        right.addSpacing(space.xs)
        right.addLayout(self._recent)
        if pages():
            right.addSpacing(space.m)
            right.addWidget(hairline())
            right.addSpacing(space.m)
            right.addWidget(label("Learn", "heading"))
        for title, path in pages():
            link = QPushButton(title)
            link.setProperty("kind", "link")
            link.setCursor(Qt.CursorShape.PointingHandCursor)
            bind_icon(link, "caret-right", "accent")
            link.clicked.connect(lambda _=False, name=path.stem: self.page_chosen.emit(name))
            right.addWidget(link, 0, Qt.AlignmentFlag.AlignLeft)
        right.addStretch(1)
        return right

    def _top(self) -> int:
        """So that Recent stands beside Examples."""
        space, control = metrics().space, metrics().control
        return 2 * space.xl + 2 * metrics().widget.inspector_tile + control.height - space.xs

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.show_recent()
        if self.cards:
            self.cards[0].setFocus(Qt.FocusReason.OtherFocusReason)
        for card in self.cards:
            card.load_soon()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        space = metrics().space
        room = self.width() - 2 * space.xxl - 3 * space.l - metrics().layout.large.palette
        self._arrange(max(NARROWEST_GRID, min(3, (room + space.l) // (CARD.width() + space.l))))

    def offer_back(self, name: str) -> None:
        """A way back to the open project, "" where none is open."""
        self.back.setText(f"Back to {name}")
        bind_icon(self.back, "arrow-left", "primary")  # now that there are words for it to stand before
        self.back.setVisible(bool(name))

    def offer_last(self, paths: list[Path], front: Path | None, others: Sequence[Path] = ()) -> None:
        """A way back to the files of the last session, none for an empty list. front: the one that was seen.

        others: files of further windows, which open in windows of their own.
        """
        self._last_time, files = (paths, front), [*paths, *others]
        self.last.setText(f"Reopen {files[0].name}" if len(files) == 1 else f"Reopen {len(files)} projects")
        self.last.setToolTip("\n".join(str(path) for path in files))
        bind_icon(self.last, "clock-counter-clockwise", "primary")
        self.last.setVisible(bool(paths))

    def _reopen(self) -> None:
        paths, front = self._last_time
        self.last.setVisible(False)
        self.reopen_wanted.emit(paths, front)

    def show_recent(self) -> None:
        """The files opened last, those that are still there."""
        while (item := self._recent.takeAt(0)) is not None:
            if widget := item.widget():
                widget.hide()
                widget.deleteLater()
        found = [path for path in recent.recent() if path.exists()][:MOST_RECENT]
        for path in found:
            button = _Recent(path)
            button.clicked.connect(lambda _=False, path=path: self.file_chosen.emit(path))
            self._recent.addWidget(button)
        if not found:
            none = label("Files appear here once they are saved.", "small", "muted")
            none.setWordWrap(True)
            none.setFixedWidth(metrics().layout.large.palette - metrics().space.xxl)
            self._recent.addWidget(none)

    def _arrange(self, columns: int) -> None:
        if columns != self._columns:
            self._columns = columns
            for index, card in enumerate(self.cards):
                self._grid.addWidget(card, index // columns, index % columns)


class _Card(QAbstractButton):
    """An example: its network as a picture, its name and what it is about."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path
        self._graph: Graph | None = None
        self._title, self._about = TITLES.get(path.stem, (path.stem.replace("-", " ").capitalize(), ""))
        self.setAccessibleName(f"{self._title}: {self._about}")
        self.setFixedSize(CARD)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        theme_changed.connect(self.update)

    def load_soon(self) -> None:
        """Read the file after the first frame."""
        if self._graph is None:
            QTimer.singleShot(0, self, self._load)

    def _load(self) -> None:
        if self._graph is None:
            self._graph = unfolded(load(self.path))
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        t, m = theme(), metrics()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(t.border.strong if self.underMouse() else t.border.default)
        painter.setBrush(t.bg.pressed if self.isDown() else t.bg.hover if self.underMouse() else t.bg.raised)
        half = m.line.border / 2
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(half, half, -half, -half), m.radius.node, m.radius.node)
        inset = m.space.s
        picture = QRectF(inset, inset, PICTURE.width(), PICTURE.height())
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(t.bg.canvas)
        painter.drawRoundedRect(picture, m.radius.button, m.radius.button)
        if self._graph is not None:
            paint_sketch(painter, picture.adjusted(inset, inset, -inset, -inset), self._graph)
        line = m.space.l + m.space.xs
        words = QRectF(m.space.l - 2, picture.bottom() + m.space.s, self.width() - 2 * m.space.m, line)
        painter.setFont(font("heading"))
        painter.setPen(t.text.primary)
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter, self._title)
        painter.setFont(font("small"))
        painter.setPen(t.text.secondary)
        painter.drawText(words.translated(0, line), Qt.AlignmentFlag.AlignVCenter, self._about)


class _Recent(QAbstractButton):
    """A file, and when it was last changed."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path
        moment = datetime.fromtimestamp(path.stat().st_mtime).astimezone()
        self._age = when(moment, datetime.now().astimezone())
        self.setAccessibleName(f"{path.name}, {self._age}")
        self.setToolTip(str(path))
        self.setFixedSize(metrics().layout.large.palette - metrics().space.xxl, metrics().space.xxl + metrics().space.s)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        theme_changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:
        t, m = theme(), metrics()
        painter = QPainter(self)
        if self.underMouse():
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(t.bg.hover)
            painter.drawRoundedRect(self.rect(), m.radius.button, m.radius.button)
        side = m.control.icon
        icon("stack").paint(painter, QRectF(m.space.xs, (self.height() - side) / 2, side, side).toRect())
        words = QRectF(self.rect()).adjusted(m.space.xl + m.space.xs, 0, 0, -self.height() / 2)
        painter.setFont(font("body_strong"))
        painter.setPen(t.text.primary)
        name = painter.fontMetrics().elidedText(self._path.name, Qt.TextElideMode.ElideMiddle, int(words.width()))
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter, name)
        painter.setFont(font("caption"))
        painter.setPen(t.text.secondary)
        painter.drawText(words.translated(0, self.height() / 2), Qt.AlignmentFlag.AlignVCenter, self._age)


class _Logo(QWidget):
    def __init__(self) -> None:
        super().__init__()
        side = metrics().widget.inspector_tile + metrics().space.s
        self.setFixedSize(side, side)
        theme_changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:
        paint_logo(QPainter(self), QRectF(self.rect()))
