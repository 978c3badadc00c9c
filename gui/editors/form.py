"""The options of one spec as rows: a dot that resets, the name, and the editor of its kind."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, Mapping
from functools import partial
from typing import Any

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QGridLayout, QVBoxLayout, QWidget

from engine.spec import Param, Spec
from gui.editors.base import Editor
from gui.theme import metrics, theme, theme_changed
from gui.widgets import ElidedLabel

DOT = 6
KEPT = 8  # kinds of things whose rows are kept


class ResetDot(QAbstractButton):
    """Says by being there that a value is not the default; a click brings the default back."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedSize(self.sizeHint())
        self.setProperty("focusRing", "inside")
        theme_changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(metrics().space.m, metrics().control.height_small)

    def show_default(self, name: str, is_changed: bool, default: str) -> None:
        """Appear for a changed value, with its default as the tooltip."""
        self.setVisible(is_changed)
        self.setToolTip(f"Reset to {default}")
        self.setAccessibleName(f"Reset {name} to {default}")

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(theme().accent.base)
        painter.setBrush(theme().accent.base)
        painter.drawEllipse(QRectF((self.width() - DOT) / 2, (self.height() - DOT) / 2, DOT, DOT))


class Form(QWidget):
    """Rows for the options of a spec. edited(name, value): the person chose another value.

    It shows what it is given and changes nothing by itself: whoever listens applies the edit and shows the new spec.
    """

    edited = Signal(str, object)

    def __init__(
        self, scope: Mapping[str, Any] | None = None, value_width: int = 0, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.scope: Mapping[str, Any] = scope or {}
        self.value_width = value_width or metrics().widget.inspector_value
        self._editors: dict[str, Editor] = {}
        self._dots: dict[str, ResetDot] = {}
        self._shape: tuple[Any, ...] = ()
        self._subject: Hashable = None
        self._is_other = self._is_held = False
        self._unseen: Callable[[], None] | None = None
        self._pages: dict[tuple[Any, ...], _Page] = {}
        self._box = QVBoxLayout(self)
        self._box.setContentsMargins(0, 0, 0, 0)

    def set_value_width(self, width: int) -> None:
        """How wide values are beside their names."""
        self.value_width = width
        for page in self._pages.values():
            page.set_value_width(width)

    @property
    def editors(self) -> dict[str, Editor]:
        """The editors of what is shown, by the names of the options."""
        self._catch_up()
        return self._editors

    def hold(self, held: bool) -> None:
        """While it is held nobody sees it, and it has rows only if they are asked for; let go, it shows what it has."""
        self._is_held = held
        if not held:
            self._catch_up()

    def finish(self) -> None:
        """Take what is still being written, while what it is written for is shown."""
        for editor in tuple(self._editors.values()):
            editor.finish()

    def show_spec(self, spec: Spec, params: Iterable[Param] | None = None, subject: Hashable = None) -> None:
        """Show these options of a spec, all of them by default. `subject`: whose they are."""
        shown = tuple(params if params is not None else spec.params.values())
        self.show_values(spec.title, shown, {p.name: getattr(spec, p.name) for p in shown}, subject=subject)
        if not shown or self.parentWidget() is not None:  # shown before it has a parent, it would be a window
            self.setVisible(bool(shown))

    def show_values(
        self,
        owner: str,
        params: Iterable[Param],
        values: Mapping[str, Any],
        scope: Mapping[str, Any] | None = None,
        subject: Hashable = None,
        mixed: Collection[str] = (),
    ) -> None:
        """Show options by name, at their defaults where there is no value, as mixed where they are named so.

        What a person is writing, or wrote and could not be read, stays while it is the same subject's same value.
        """
        self.scope = self.scope if scope is None else scope
        self._is_other |= subject != self._subject
        self._subject = subject
        self._unseen = partial(self._show, owner, tuple(params), values, mixed)
        if not self._is_held:
            self._catch_up()

    def _catch_up(self) -> None:
        """Show what was not shown while it was held."""
        if (show := self._unseen) is not None:
            self._unseen = None
            show()

    def _show(self, owner: str, shown: tuple[Param, ...], values: Mapping[str, Any], mixed: Collection[str]) -> None:
        is_other, self._is_other = self._is_other, False
        if (owner, shown) != self._shape:
            self._shape, is_other = (owner, shown), True
            self._turn_to(shown, owner)
        for declared in shown:
            value = values.get(declared.name, declared.default)
            editor, differs = self._editors[declared.name], declared.name in mixed
            editor.scope = self.scope
            if editor.mixed != differs or editor.value != value or type(editor.value) is not type(value) or is_other:
                (editor.set_mixed if differs else editor.set_value)(value)
            self._mark(declared, declared.default if differs else value)

    def _mark(self, declared: Param, value: Any) -> None:
        self._dots[declared.name].show_default(
            declared.name, value != declared.default, declared.show(declared.default) or "empty"
        )

    def _turn_to(self, params: tuple[Param, ...], owner: str) -> None:
        """Show the rows for these options: rows made once are kept, since people go back and forth between layers."""
        for page in self._pages.values():
            page.hide()
        if (owner, params) not in self._pages:
            while len(self._pages) >= KEPT:
                oldest = self._pages.pop(next(iter(self._pages)))
                self._box.removeWidget(oldest)
                oldest.deleteLater()
            self._pages[owner, params] = self._make(params, owner)
        page = self._pages[owner, params] = self._pages.pop((owner, params))  # now the newest
        self._editors, self._dots = page.editors, page.dots
        page.show()

    def _make(self, params: tuple[Param, ...], owner: str) -> _Page:
        page = _Page(self)
        for declared in params:
            editor = make_editor(declared, owner, self.scope)
            editor.value_edited.connect(lambda value, declared=declared: self._tell(declared, value))
            page.add(declared, editor).clicked.connect(lambda _=False, declared=declared: self._reset(declared))
        page.set_value_width(self.value_width)
        self._box.addWidget(page)
        return page

    def _tell(self, declared: Param, value: Any) -> None:
        self._mark(declared, value)
        self.edited.emit(declared.name, value)

    def _reset(self, declared: Param) -> None:
        self.editors[declared.name].set_value(declared.default)
        self._tell(declared, declared.default)


class _Page(QWidget):
    """Rows for one kind of thing."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.editors: dict[str, Editor] = {}
        self.dots: dict[str, ResetDot] = {}
        self.grid = QGridLayout(self)
        self.grid.setContentsMargins(0, 0, 0, 0)
        self.grid.setHorizontalSpacing(metrics().space.xs)
        self.grid.setVerticalSpacing(metrics().space.xs)
        self.grid.setColumnStretch(1, 1)
        self.grid.setColumnMinimumWidth(0, metrics().space.m)

    def set_value_width(self, width: int) -> None:
        self.grid.setColumnMinimumWidth(2, width)
        for editor in self.editors.values():
            editor.set_value_width(width)

    def add(self, declared: Param, editor: Editor) -> ResetDot:
        """Another row. Returns: the dot that resets it."""
        dot, name = ResetDot(), ElidedLabel(declared.name, "mono", "secondary")
        name.setToolTip(declared.help)
        name.setMinimumHeight(metrics().control.height_small)
        name.setBuddy(editor.spoken())
        row = self.grid.rowCount()
        self.grid.addWidget(dot, row, 0, Qt.AlignmentFlag.AlignTop)
        self.grid.addWidget(name, row, 1, Qt.AlignmentFlag.AlignTop)
        if editor.is_wide:
            self.grid.addWidget(editor, row + 1, 1, 1, 2)
        else:
            self.grid.addWidget(editor, row, 2)
        if editor.tail is not None:
            self.grid.addWidget(editor.tail, row + (2 if editor.is_wide else 1), 1, 1, 2)
        self.editors[declared.name], self.dots[declared.name] = editor, dot
        return dot


MakeEditor = Callable[[Param, str, Mapping[str, Any]], Editor]
_makers: list[MakeEditor] = []


def make_editor(declared: Param, owner: str, scope: Mapping[str, Any] | None = None) -> Editor:
    """The editor for an option's kind."""
    return _makers[0](declared, owner, scope or {})


def use(maker: MakeEditor) -> None:
    """Tell forms where editors come from; `gui.editors` does so once, since editors hold forms and forms editors."""
    _makers[:] = [maker]
