"""What the inspector's pages are made of: the head, facts in two columns, problem cards, folded sections."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QLineEdit, QSizePolicy, QVBoxLayout, QWidget

from engine.errors import Problem
from engine.graph.block import BlockParam
from engine.spec import Param
from gui.editors import Form
from gui.glyphs import Status, paint_tile
from gui.session import Session
from gui.theme import metrics, theme_changed
from gui.widgets import Card, ElidedLabel, SectionHeader, hairline, label

STATUS: dict[str, Status] = {"error": "danger", "warning": "warn", "info": "info"}


class Tile(QWidget):
    """The colour and glyph of a kind of layer."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._category = "io"
        self.setFixedSize(self.sizeHint())
        theme_changed.connect(self.update)

    def set_category(self, category: str) -> None:
        """Show this kind."""
        self._category = category
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(metrics().widget.inspector_tile, metrics().widget.inspector_tile)

    def paintEvent(self, event: QPaintEvent) -> None:
        paint_tile(QPainter(self), QRectF(self.rect()), self._category)


class Head(QWidget):
    """Tile, name and kind. renamed(str): the person wrote another name."""

    renamed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown = ""
        self.tile, self.name, self.kind = Tile(), QLineEdit(), ElidedLabel("", "caption", "secondary")
        self.name.setProperty("flat", True)
        self.name.setProperty("title", True)
        self.name.setAccessibleName("Name")
        self.name.setToolTip("The name in the code")
        self.name.editingFinished.connect(self._tell)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(self.name)
        words.addWidget(self.kind)
        self.kind.setContentsMargins(metrics().space.xs // 2, 0, 0, 0)  # a field sets its text in as far
        space = metrics().space
        line = QHBoxLayout(self)
        line.setContentsMargins(space.m, space.s, space.m, space.s)
        line.setSpacing(space.s)
        line.addWidget(self.tile)
        line.addLayout(words, 1)

    def show_node(self, category: str, name: str, kind: str) -> None:
        """Show these; a name that is being written stays."""
        self.tile.set_category(category)
        if name != self._shown:
            self.name.setText(name)
            self.name.setCursorPosition(0)
        self._shown = name
        self.kind.set_text(kind)

    def take_back(self) -> None:
        """Show the name as it was: another one was refused."""
        self.name.setText(self._shown)

    def _tell(self) -> None:
        if self.name.text() != self._shown:
            self.renamed.emit(self.name.text())


class Facts(QWidget):
    """Names and values in two columns."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(metrics().space.l, 0, 0, 0)
        self._grid.setVerticalSpacing(metrics().space.xs // 2)
        self._grid.setColumnStretch(0, 1)
        self._grid.setColumnMinimumWidth(1, metrics().widget.inspector_value)
        self._rows: list[tuple[ElidedLabel, QLabel]] = []

    def show_facts(self, facts: list[tuple[str, str]]) -> None:
        """Show these rows, reusing those that are there."""
        while len(self._rows) < len(facts):
            self._rows.append(self._row(len(self._rows)))
        for index, (name, value) in enumerate(self._rows):
            is_shown = index < len(facts)
            name.setVisible(is_shown)
            value.setVisible(is_shown)
            if is_shown:
                name.set_text(facts[index][0])
                value.setText(facts[index][1])
                value.setFixedWidth(metrics().widget.inspector_value)

    def texts(self) -> list[tuple[str, str]]:
        """What is shown."""
        return [(name.whole_text(), value.text()) for name, value in self._rows if not name.isHidden()]

    def _row(self, place: int) -> tuple[ElidedLabel, QLabel]:
        name, value = ElidedLabel("", "small", "secondary"), label("", "small")
        value.setProperty("strong", True)
        value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        value.setWordWrap(True)
        name.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._grid.addWidget(name, place, 0, Qt.AlignmentFlag.AlignTop)
        self._grid.addWidget(value, place, 1)
        return name, value


def problem_card(problem: Problem, session: Session) -> Card:
    """A card that mends the problem when a repair is chosen."""
    titles = [repair.title for repair in problem.repairs]
    card = Card(STATUS[problem.severity], problem.message, problem.hint, titles)
    card.setToolTip(problem.detail)
    card.repair_chosen.connect(lambda index: session.apply(problem.repairs[index].edit))
    return card


def param_of(declared: BlockParam) -> Param:
    """A block's parameter as an option, for forms."""
    return Param(declared.name, declared.value_kind, declared.default, declared.default, declared.help)


class Section(QWidget):
    """A part of a page: a hairline, a header, and what the header folds."""

    def __init__(self, title: str, *bodies: QWidget, open_at_first: bool = True) -> None:
        super().__init__()
        space = metrics().space
        self.header, self.inside = SectionHeader(title, open_at_first=open_at_first), QWidget()
        inner, box = QVBoxLayout(self.inside), QVBoxLayout(self)
        inner.setContentsMargins(space.s, 0, space.m, space.s)
        inner.setSpacing(space.xs)
        self._forms = [body for body in bodies if isinstance(body, Form)]
        for body in bodies:
            inner.addWidget(body)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        for part in (hairline(), self.header, self.inside):
            box.addWidget(part)
        self.header.toggled.connect(self._fold)
        self._fold(open_at_first)

    def _fold(self, is_open: bool) -> None:
        for form in self._forms:
            form.hold(not is_open)  # before it is seen: rows that came later would push down what is there
        self.inside.setVisible(is_open)

    def set_note(self, note: str) -> None:
        """What stands at the right of the header."""
        self.header.set_note(note)
