"""Editors for specs inside specs: an optimizer with its own options, a list of losses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QMenu, QPushButton, QToolButton, QVBoxLayout, QWidget

from engine.errors import SpecError
from engine.recipe.base import Loss, MaybeMember, Member, Members
from engine.spec import Param, Spec
from gui.editors.base import MIXED, Editor, clear
from gui.editors.choices import QuietComboBox
from gui.editors.form import Form
from gui.glyphs import bind_icon
from gui.theme import metrics

TIP = 3  # Qt's role of an entry's tooltip


class MemberEditor(Editor):
    """One of a family, and below it, as its tail, the options of the chosen one."""

    def __init__(
        self, declared: Param, owner: str, scope: Mapping[str, Any] | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(declared, owner, scope, parent)
        self.family = cast(Member, declared.kind).family
        self.combo = QuietComboBox()
        self.combo.setAccessibleName(declared.name)
        self.kinds: list[type[Spec] | None] = list(self.family.registry.values())
        if isinstance(declared.kind, MaybeMember):
            self.kinds.insert(0, None)
        for kind in self.kinds:
            self.combo.addItem(kind.title if kind else declared.kind.show(None))
            self.combo.setItemData(self.combo.count() - 1, kind.summary() if kind else "", TIP)
        self.is_wide = self.combo.longest() > metrics().widget.recipe_value
        self.combo.activated.connect(self._choose_kind)
        self.tail = self.form = Form(self.scope)
        self.form.edited.connect(self._set)
        self.place(self.combo)
        self.show_value()

    def set_value_width(self, width: int) -> None:
        super().set_value_width(width)
        self.form.set_value_width(width)

    def show_value(self) -> None:
        self.combo.setCurrentIndex(self.kinds.index(None if self.value is None else type(self.value)))
        self.combo.setToolTip("" if self.value is None else type(self.value).summary())
        self._show_options()

    def show_mixed(self) -> None:
        self.combo.setPlaceholderText(MIXED)
        self.combo.setCurrentIndex(-1)
        self.form.hide()

    def _show_options(self) -> None:
        """The options of the chosen one, the rarely needed ones last."""
        self.form.scope = self.scope
        if self.value is None:
            self.form.hide()
            return
        idle = self.value.idle() if isinstance(self.value, Loss) else ()
        shown = [p for p in self.value.params.values() if p.name not in idle]
        self.form.show_spec(self.value, sorted(shown, key=lambda p: p.advanced))

    def _choose_kind(self, index: int) -> None:
        kind = self.kinds[index]
        if kind is None or self.value is None:
            self.gesture = 0
            self.choose(kind() if kind else None)
            self.show_value()
            return
        if type(self.value) is kind and not self.mixed:
            return
        kept = {n: v for n, v in self.value.changed().items() if n in kind.params}
        try:
            chosen = kind(**kept)
        except SpecError:
            chosen = kind()
        self.gesture = 0
        self.choose(chosen)
        self.show_value()

    def _set(self, name: str, value: Any) -> None:
        self.gesture = self.form.editors[name].gesture
        try:
            chosen = self.value.with_(**{name: value})
        except SpecError as error:
            self.show_error(error.message)
            return
        self.choose(chosen)
        self._show_options()


class MembersEditor(Editor):
    """Several of a family, in order: each can be removed, and more can be added."""

    is_wide = True

    def __init__(
        self, declared: Param, owner: str, scope: Mapping[str, Any] | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(declared, owner, scope, parent)
        self.family = cast(Members, declared.kind).family
        rows = QWidget()
        self.rows = QVBoxLayout(rows)
        self.rows.setContentsMargins(0, 0, 0, 0)
        self.rows.setSpacing(metrics().space.s)
        self.add = QPushButton(f"Add {self.family.__name__.lower()}")
        self.add.setProperty("dense", True)
        menu = QMenu(self.add)
        for kind in self.family.registry.values():
            menu.addAction(kind.title).triggered.connect(lambda _=False, kind=kind: self._append(kind()))
        self.add.setMenu(menu)
        self.place(rows, self.add)
        self.setFocusProxy(self.add)
        self.editors: list[MemberEditor] = []
        self._value_width = metrics().widget.inspector_value
        self.show_value()

    def set_value_width(self, width: int) -> None:
        self._value_width = width
        for editor in self.editors:
            editor.form.set_value_width(width)

    def show_value(self) -> None:
        values = self.value
        if [type(e.value) for e in self.editors] == [type(v) for v in values]:
            for editor, value in zip(self.editors, values, strict=True):
                editor.set_value(value)
            return
        clear(self.rows)
        self.editors = [self._row(index, value) for index, value in enumerate(values)]

    def _row(self, index: int, value: Spec) -> MemberEditor:
        one = Param(**{**vars(self.declared), "kind": Member(self.family), "default": value})
        editor = MemberEditor(one, self.owner, self.scope)
        editor.form.set_value_width(self._value_width)
        editor.value_edited.connect(lambda changed: self._replace(index, changed))
        remove = QToolButton()
        remove.setProperty("dense", True)
        remove.setToolTip(f"Remove {value.title}")
        remove.setAccessibleName(f"Remove {value.title}")
        bind_icon(remove, "x")
        remove.clicked.connect(lambda: self._remove(index))
        row = QWidget()
        whole, line = QVBoxLayout(row), QHBoxLayout()
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(metrics().space.xs)
        line.setSpacing(metrics().space.xs)
        line.addWidget(editor, 1)
        line.addWidget(remove, 0, Qt.AlignmentFlag.AlignTop)
        whole.addLayout(line)
        whole.addWidget(editor.form)
        self.rows.addWidget(row)
        return editor

    def _append(self, value: Spec) -> None:
        self.choose((*self.value, value))
        self.show_value()

    def _replace(self, index: int, value: Spec) -> None:
        self.gesture = self.editors[index].gesture
        self.choose((*self.value[:index], value, *self.value[index + 1 :]))

    def _remove(self, index: int) -> None:
        self.choose((*self.value[:index], *self.value[index + 1 :]))
        self.show_value()
